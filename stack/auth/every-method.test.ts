import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, enrollFactor } from "./testing/authenticator.ts";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
let server: AuthServer;
const password = "correct horse battery";
const nobody = "11111111-2222-4333-8444-555555555555";
const redirectTo = "http://127.0.0.1:3000";

beforeAll(async () => {
  stack = await startTestStack();
  server = await stack.serve({
    email: { max_frequency: "0s" },
    mfa: { totp: { enroll_enabled: true, verify_enabled: true } },
  });
}, 60_000);
afterAll(() => stack?.stop());

function clientWith(key: string): SupabaseClient {
  return createClient(server.url, key, {
    auth: {
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
      experimental: { passkey: true, recoveryCodes: true },
    },
  });
}

interface Caller {
  /** A user who is signed in, anew for each method. */
  auth: SupabaseClient["auth"];
  admin: SupabaseClient["auth"]["admin"];
  email: string;
  id: string;
  access_token: string;
  refresh_token: string;
}

let count = 0;

async function newCaller(): Promise<Caller> {
  count += 1;
  const email = `caller-${count}@example.test`;
  const { auth } = clientWith(server.keys.publishable);
  const { data, error } = await auth.signUp({ email, password });
  if (error || !data.session) throw error ?? new Error("no session");
  const { access_token, refresh_token, user } = data.session;
  return { auth, admin: clientWith(server.keys.secret).auth.admin, email, id: user.id, access_token, refresh_token };
}

type Call = (caller: Caller) => unknown;

/** "ok", or the official code of a refusal. */
const methods: Record<string, Record<string, [string, Call]>> = {
  auth: {
    signUp: ["ok", ({ auth }) => auth.signUp({ email: `fresh-${count}@example.test`, password })],
    "signUp by phone": ["phone_provider_disabled", ({ auth }) => auth.signUp({ phone: "972501234567", password })],
    signInAnonymously: ["anonymous_provider_disabled", ({ auth }) => auth.signInAnonymously()],
    signInWithPassword: ["ok", ({ auth, email }) => auth.signInWithPassword({ email, password })],
    "signInWithPassword by phone": [
      "phone_provider_disabled",
      ({ auth }) => auth.signInWithPassword({ phone: "972501234567", password }),
    ],
    signInWithOtp: ["ok", ({ auth, email }) => auth.signInWithOtp({ email })],
    "signInWithOtp by phone": ["phone_provider_disabled", ({ auth }) => auth.signInWithOtp({ phone: "972501234567" })],
    verifyOtp: ["otp_expired", ({ auth, email }) => auth.verifyOtp({ email, token: "000000", type: "email" })],
    "verifyOtp by phone": [
      "otp_expired",
      ({ auth }) => auth.verifyOtp({ phone: "972501234567", token: "000000", type: "sms" }),
    ],
    signInWithOAuth: ["ok", ({ auth }) => auth.signInWithOAuth({ provider: "github", options: { redirectTo } })],
    signInWithIdToken: ["provider_disabled", ({ auth }) => auth.signInWithIdToken({ provider: "google", token: "x" })],
    signInWithSSO: ["saml_provider_disabled", ({ auth }) => auth.signInWithSSO({ domain: "example.test" })],
    signInWithWeb3: [
      "web3_provider_disabled",
      ({ auth }) => auth.signInWithWeb3({ chain: "ethereum", message: "m", signature: "0x00" }),
    ],
    signInWithPasskey: ["unsupported here", ({ auth }) => auth.signInWithPasskey()],
    registerPasskey: ["unsupported here", ({ auth }) => auth.registerPasskey()],
    exchangeCodeForSession: ["validation_failed", ({ auth }) => auth.exchangeCodeForSession(nobody)],
    getClaims: ["ok", ({ auth }) => auth.getClaims()],
    getSession: ["ok", ({ auth }) => auth.getSession()],
    getUser: ["ok", ({ auth }) => auth.getUser()],
    getUserIdentities: ["ok", ({ auth }) => auth.getUserIdentities()],
    linkIdentity: ["manual_linking_disabled", ({ auth }) => auth.linkIdentity({ provider: "google" })],
    unlinkIdentity: [
      "manual_linking_disabled",
      async ({ auth }) => {
        const [identity] = (await auth.getUserIdentities()).data?.identities ?? [];
        return identity && auth.unlinkIdentity(identity);
      },
    ],
    reauthenticate: ["ok", ({ auth }) => auth.reauthenticate()],
    refreshSession: ["ok", ({ auth }) => auth.refreshSession()],
    setSession: ["ok", ({ auth, access_token, refresh_token }) => auth.setSession({ access_token, refresh_token })],
    resend: ["ok", ({ auth, email }) => auth.resend({ type: "signup", email })],
    "resend by phone": ["phone_provider_disabled", ({ auth }) => auth.resend({ type: "sms", phone: "972501234567" })],
    resetPasswordForEmail: ["ok", ({ auth, email }) => auth.resetPasswordForEmail(email)],
    updateUser: ["ok", ({ auth }) => auth.updateUser({ data: { a: 1 } })],
    "updateUser with a phone": ["phone_provider_disabled", ({ auth }) => auth.updateUser({ phone: "972501234567" })],
    signOut: ["ok", ({ auth }) => auth.signOut()],
    initialize: ["ok", ({ auth }) => auth.initialize()],
    onAuthStateChange: [
      "ok",
      ({ auth }) => void auth.onAuthStateChange(() => undefined).data.subscription.unsubscribe(),
    ],
    startAutoRefresh: ["ok", ({ auth }) => auth.startAutoRefresh().then(() => auth.stopAutoRefresh())],
    stopAutoRefresh: ["ok", ({ auth }) => auth.stopAutoRefresh()],
    isThrowOnErrorEnabled: ["ok", ({ auth }) => void auth.isThrowOnErrorEnabled()],
    dispose: ["ok", ({ auth }) => void auth.dispose()],
  },
  mfa: {
    enroll: ["ok", ({ auth }) => auth.mfa.enroll({ factorType: "totp" })],
    "enroll a phone": [
      "mfa_phone_enroll_not_enabled",
      ({ auth }) => auth.mfa.enroll({ factorType: "phone", phone: "+972501234567" }),
    ],
    "enroll a key": [
      "mfa_webauthn_enroll_not_enabled",
      ({ auth }) => auth.mfa.enroll({ factorType: "webauthn", friendlyName: "key" }),
    ],
    challenge: ["ok", async ({ auth }) => auth.mfa.challenge({ factorId: (await enrolled(auth)).id })],
    verify: [
      "mfa_factor_not_found",
      async ({ auth }) => auth.mfa.verify({ factorId: (await enrolled(auth)).id, challengeId: nobody, code: "000000" }),
    ],
    challengeAndVerify: [
      "ok",
      async ({ auth }) => {
        const { id, secret } = await enrolled(auth);
        return auth.mfa.challengeAndVerify({ factorId: id, code: codeOf(secret) });
      },
    ],
    unenroll: ["ok", async ({ auth }) => auth.mfa.unenroll({ factorId: (await enrolled(auth)).id })],
    listFactors: ["ok", ({ auth }) => auth.mfa.listFactors()],
    getAuthenticatorAssuranceLevel: ["ok", ({ auth }) => auth.mfa.getAuthenticatorAssuranceLevel()],
  },
  "mfa.recoveryCodes": {
    getStatus: ["mfa_recovery_codes_enroll_not_enabled", ({ auth }) => auth.mfa.recoveryCodes.getStatus()],
    generate: ["mfa_recovery_codes_enroll_not_enabled", ({ auth }) => auth.mfa.recoveryCodes.generate()],
    verify: ["mfa_recovery_codes_verify_not_enabled", ({ auth }) => auth.mfa.recoveryCodes.verify({ code: "x" })],
    regenerate: ["mfa_recovery_codes_enroll_not_enabled", ({ auth }) => auth.mfa.recoveryCodes.regenerate()],
    unenroll: ["mfa_recovery_codes_enroll_not_enabled", ({ auth }) => auth.mfa.recoveryCodes.unenroll()],
  },
  passkey: {
    startRegistration: ["passkey_disabled", ({ auth }) => auth.passkey.startRegistration()],
    verifyRegistration: [
      "passkey_disabled",
      ({ auth }) => auth.passkey.verifyRegistration({ challengeId: nobody, credential: credential() }),
    ],
    startAuthentication: ["passkey_disabled", ({ auth }) => auth.passkey.startAuthentication()],
    verifyAuthentication: [
      "passkey_disabled",
      ({ auth }) => auth.passkey.verifyAuthentication({ challengeId: nobody, credential: assertion() }),
    ],
    list: ["passkey_disabled", ({ auth }) => auth.passkey.list()],
    update: ["passkey_disabled", ({ auth }) => auth.passkey.update({ passkeyId: nobody, friendlyName: "x" })],
    delete: ["passkey_disabled", ({ auth }) => auth.passkey.delete({ passkeyId: nobody })],
  },
  oauth: {
    getAuthorizationDetails: ["feature_disabled", ({ auth }) => auth.oauth.getAuthorizationDetails("x")],
    approveAuthorization: [
      "feature_disabled",
      ({ auth }) => auth.oauth.approveAuthorization("x", { skipBrowserRedirect: true }),
    ],
    denyAuthorization: [
      "feature_disabled",
      ({ auth }) => auth.oauth.denyAuthorization("x", { skipBrowserRedirect: true }),
    ],
    listGrants: ["feature_disabled", ({ auth }) => auth.oauth.listGrants()],
    revokeGrant: ["feature_disabled", ({ auth }) => auth.oauth.revokeGrant({ clientId: nobody })],
  },
  admin: {
    createUser: ["ok", ({ admin }) => admin.createUser({ email: `made-${count}@example.test` })],
    listUsers: ["ok", ({ admin }) => admin.listUsers()],
    getUserById: ["ok", ({ admin, id }) => admin.getUserById(id)],
    updateUserById: ["ok", ({ admin, id }) => admin.updateUserById(id, { user_metadata: { a: 1 } })],
    deleteUser: ["ok", ({ admin, id }) => admin.deleteUser(id)],
    inviteUserByEmail: ["ok", ({ admin }) => admin.inviteUserByEmail(`invited-${count}@example.test`)],
    generateLink: ["ok", ({ admin, email }) => admin.generateLink({ type: "magiclink", email })],
    signOut: ["ok", ({ admin, access_token }) => admin.signOut(access_token)],
  },
  "admin.mfa": {
    listFactors: ["ok", ({ admin, id }) => admin.mfa.listFactors({ userId: id })],
    deleteFactor: [
      "ok",
      async ({ auth, admin, id }) => admin.mfa.deleteFactor({ userId: id, id: (await enrolled(auth)).id }),
    ],
  },
  "admin.oauth": {
    listClients: ["feature_disabled", ({ admin }) => admin.oauth.listClients()],
    createClient: [
      "feature_disabled",
      ({ admin }) => admin.oauth.createClient({ client_name: "c", redirect_uris: ["https://example.test/"] }),
    ],
    getClient: ["feature_disabled", ({ admin }) => admin.oauth.getClient(nobody)],
    updateClient: ["feature_disabled", ({ admin }) => admin.oauth.updateClient(nobody, { client_name: "c" })],
    deleteClient: ["feature_disabled", ({ admin }) => admin.oauth.deleteClient(nobody)],
    regenerateClientSecret: ["feature_disabled", ({ admin }) => admin.oauth.regenerateClientSecret(nobody)],
  },
  "admin.customProviders": {
    listProviders: ["feature_disabled", ({ admin }) => admin.customProviders.listProviders()],
    createProvider: [
      "feature_disabled",
      ({ admin }) =>
        admin.customProviders.createProvider({
          provider_type: "oidc",
          identifier: "custom:x",
          name: "x",
          client_id: "x",
          client_secret: "x",
        }),
    ],
    getProvider: ["feature_disabled", ({ admin }) => admin.customProviders.getProvider("custom:x")],
    updateProvider: [
      "feature_disabled",
      ({ admin }) => admin.customProviders.updateProvider("custom:x", { name: "y" }),
    ],
    deleteProvider: ["feature_disabled", ({ admin }) => admin.customProviders.deleteProvider("custom:x")],
  },
  "admin.passkey": {
    listPasskeys: ["passkey_disabled", ({ admin, id }) => admin.passkey.listPasskeys({ userId: id })],
    deletePasskey: [
      "passkey_disabled",
      ({ admin, id }) => admin.passkey.deletePasskey({ userId: id, passkeyId: nobody }),
    ],
  },
};

const enrolled = (auth: Caller["auth"]) => enrollFactor({ auth });

type Registration = Parameters<Caller["auth"]["passkey"]["verifyRegistration"]>[0]["credential"];
type Authentication = Parameters<Caller["auth"]["passkey"]["verifyAuthentication"]>[0]["credential"];

const envelope = { id: "x", rawId: "x", type: "public-key", clientExtensionResults: {} } as const;
const credential = (): Registration => ({ ...envelope, response: { clientDataJSON: "x", attestationObject: "x" } });
const assertion = (): Authentication => ({
  ...envelope,
  response: { clientDataJSON: "x", authenticatorData: "x", signature: "x" },
});

function outcome(answer: unknown): string {
  if (typeof answer !== "object" || answer === null || !("error" in answer) || answer.error === null) return "ok";
  const { error } = answer;
  if (!(error instanceof Error)) return String(error);
  if (error.message === "Browser does not support WebAuthn") return "unsupported here";
  return "code" in error && typeof error.code === "string" ? error.code : `${error.name}: ${error.message}`;
}

/** What an object can be asked, privates and inner parts left out. */
function methodsOf(target: object): string[] {
  const names = new Set<string>();
  for (let each = target; each && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) {
      if (!name.startsWith("_") && typeof Reflect.get(target, name) === "function") names.add(name);
    }
  }
  return [...names].filter((name) => !inner.has(name));
}

/** Functions of the client's own, which no application calls. */
const inner = new Set([
  "constructor",
  "fetch",
  "fetchJwk",
  "logger",
  "linkIdentityIdToken",
  "linkIdentityOAuth",
  "signInWithEthereum",
  "signInWithSolana",
]);

test("no method of the client is missing from the list below", () => {
  const { auth } = clientWith(server.keys.publishable);
  const targets: Record<string, object> = {
    auth,
    mfa: auth.mfa,
    "mfa.recoveryCodes": auth.mfa.recoveryCodes,
    passkey: auth.passkey,
    oauth: auth.oauth,
    admin: auth.admin,
    "admin.mfa": auth.admin.mfa,
    "admin.oauth": auth.admin.oauth,
    "admin.customProviders": auth.admin.customProviders,
    "admin.passkey": auth.admin.passkey,
  };
  for (const [name, target] of Object.entries(targets)) {
    const listed = Object.keys(methods[name] ?? {}).filter((method) => !method.includes(" "));
    expect(listed.toSorted(), name).toEqual(methodsOf(target).toSorted());
  }
});

const cases = Object.entries(methods).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, [expected, call]]) => ({ method: `${group}.${name}`, expected, call })),
);

test.each(cases)("$method: $expected", async ({ expected, call }) => {
  expect(outcome(await call(await newCaller()))).toBe(expected);
});
