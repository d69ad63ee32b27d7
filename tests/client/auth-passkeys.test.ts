import { afterEach, beforeAll, beforeEach, vi } from "vitest";
import { newcomer, server, visitor } from "./clients.ts";
import { missing } from "./proof.ts";

const id = "00000000-0000-4000-8000-000000000000";
const guest = visitor();
const { admin } = server().auth;
let user: ReturnType<typeof visitor>;

const empty = new ArrayBuffer(0);
const unused = () => {
  throw new Error("An authenticator was asked");
};
const credential = {
  id: "AAAA",
  rawId: empty,
  type: "public-key" as const,
  authenticatorAttachment: null,
  getClientExtensionResults: () => ({}),
  response: {
    clientDataJSON: empty,
    attestationObject: empty,
    getAuthenticatorData: () => empty,
    getPublicKey: () => null,
    getPublicKeyAlgorithm: () => -7,
    getTransports: () => [],
  },
  parseCreationOptionsFromJSON: unused,
  parseRequestOptionsFromJSON: unused,
  toJSON: () => attestation,
};
const attestation = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key" as const,
  clientExtensionResults: {},
  response: { clientDataJSON: "AAAA", attestationObject: "AAAA" },
};
const assertion = {
  ...attestation,
  response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
};

/** What makes auth-js believe in a browser with authenticators; it never comes to asking one. */
const browser = {
  document: {},
  window: { PublicKeyCredential: class {}, location: new URL("http://127.0.0.1:3000") },
  navigator: { credentials: { create: () => null, get: () => null } },
};

beforeAll(async () => {
  user = (await newcomer("passkeys")).client;
});
beforeEach(() => {
  for (const [name, value] of Object.entries(browser)) vi.stubGlobal(name, value);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const why = "no passkeys";
const off = "passkey_disabled";
const ofGuest = () => guest.auth.passkey;
const ofUser = () => user.auth.passkey;
const signature = { challengeId: id, credential: assertion };
const registration = { challengeId: id, credential: attestation };
missing("auth.signInWithPasskey", why, off, () => guest.auth.signInWithPasskey());
missing("auth.registerPasskey", why, off, () => user.auth.registerPasskey());
missing("auth.passkey.startAuthentication", why, off, () => ofGuest().startAuthentication());
missing("auth.passkey.verifyAuthentication", why, off, () => ofGuest().verifyAuthentication(signature));
missing("auth.passkey.startRegistration", why, off, () => ofUser().startRegistration());
missing("auth.passkey.verifyRegistration", why, off, () => ofUser().verifyRegistration(registration));
missing("auth.passkey.list", why, off, () => ofUser().list());
missing("auth.passkey.update", why, off, () => ofUser().update({ passkeyId: id, friendlyName: "key" }));
missing("auth.passkey.delete", why, off, () => ofUser().delete({ passkeyId: id }));

const ofKey = { userId: id, passkeyId: id };
missing("auth.admin.passkey.listPasskeys", why, off, () => admin.passkey.listPasskeys({ userId: id }));
missing("auth.admin.passkey.deletePasskey", why, off, () => admin.passkey.deletePasskey(ofKey));

const notEnrolled = "mfa_webauthn_enroll_not_enabled";
const unknown = "mfa_factor_not_found";
const ofFactor = () => user.auth.mfa.webauthn;
const webauthn = { rpId: "127.0.0.1" };
const challenge = { factorId: id, webauthn };
const answer = {
  ...challenge,
  challengeId: id,
  webauthn: { ...webauthn, type: "create" as const, credential_response: credential },
};
missing("auth.mfa.webauthn.enroll", why, notEnrolled, () => ofFactor().enroll({ friendlyName: "key" }));
missing("auth.mfa.webauthn.register", why, notEnrolled, () => ofFactor().register({ friendlyName: "key", webauthn }));
missing("auth.mfa.webauthn.challenge", why, unknown, () => ofFactor().challenge(challenge));
missing("auth.mfa.webauthn.verify", why, unknown, () => ofFactor().verify(answer));
missing("auth.mfa.webauthn.authenticate", why, unknown, () => ofFactor().authenticate(challenge));
