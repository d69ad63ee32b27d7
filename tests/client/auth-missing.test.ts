import { beforeAll } from "vitest";
import { newcomer, server, visitor } from "./clients.ts";
import { missing } from "./proof.ts";

const experimental = { recoveryCodes: true };
const id = "00000000-0000-4000-8000-000000000000";
let user: ReturnType<typeof visitor>;
beforeAll(async () => {
  user = (await newcomer("curious", { auth: { experimental } })).client;
});
const guest = visitor({ auth: { experimental } });
const { admin } = server({ auth: { experimental } }).auth;

const anonymous = "anonymous users are switched off";
missing("auth.signInAnonymously", anonymous, "anonymous_provider_disabled", () => guest.auth.signInAnonymously());

missing("auth.signInWithSSO", "no SAML", "saml_provider_disabled", () =>
  guest.auth.signInWithSSO({ domain: "school.example.test" }),
);

missing("auth.signInWithWeb3", "no wallet is asked", "web3_provider_disabled", () =>
  guest.auth.signInWithWeb3({ chain: "solana", message: "m".repeat(64), signature: new Uint8Array(64) }),
);

const linking = "identities are linked by their address alone";
missing("auth.linkIdentity", linking, "manual_linking_disabled", () => user.auth.linkIdentity({ provider: "google" }));
missing("auth.unlinkIdentity", linking, "manual_linking_disabled", async () => {
  const [identity] = (await user.auth.getUserIdentities()).data?.identities ?? [];
  if (!identity) throw new Error("The user has no identity");
  return await user.auth.unlinkIdentity(identity);
});

const recovery = "newer than the Auth that is followed here";
const codes = {
  enroll: "mfa_recovery_codes_enroll_not_enabled",
  verify: "mfa_recovery_codes_verify_not_enabled",
};
const ofUser = () => user.auth.mfa.recoveryCodes;
missing("auth.mfa.recoveryCodes.getStatus", recovery, codes.enroll, () => ofUser().getStatus());
missing("auth.mfa.recoveryCodes.generate", recovery, codes.enroll, () => ofUser().generate());
missing("auth.mfa.recoveryCodes.regenerate", recovery, codes.enroll, () => ofUser().regenerate());
missing("auth.mfa.recoveryCodes.unenroll", recovery, codes.enroll, () => ofUser().unenroll());
missing("auth.mfa.recoveryCodes.verify", recovery, codes.verify, () => ofUser().verify({ code: "aaaa-bbbb" }));

const authorities = "no OAuth server: nobody signs in elsewhere with an account from here";
const disabled = "feature_disabled";
const ofOAuth = () => user.auth.oauth;
missing("auth.oauth.getAuthorizationDetails", authorities, disabled, () => ofOAuth().getAuthorizationDetails(id));
missing("auth.oauth.approveAuthorization", authorities, disabled, () => ofOAuth().approveAuthorization(id));
missing("auth.oauth.denyAuthorization", authorities, disabled, () => ofOAuth().denyAuthorization(id));
missing("auth.oauth.listGrants", authorities, disabled, () => ofOAuth().listGrants());
missing("auth.oauth.revokeGrant", authorities, disabled, () => ofOAuth().revokeGrant({ clientId: id }));

const { oauth, customProviders } = admin;
const application = { client_name: "app", redirect_uris: ["https://app.example.test"] };
missing("auth.admin.oauth.listClients", authorities, disabled, () => oauth.listClients());
missing("auth.admin.oauth.createClient", authorities, disabled, () => oauth.createClient(application));
missing("auth.admin.oauth.getClient", authorities, disabled, () => oauth.getClient(id));
missing("auth.admin.oauth.updateClient", authorities, disabled, () => oauth.updateClient(id, application));
missing("auth.admin.oauth.deleteClient", authorities, disabled, () => oauth.deleteClient(id));
missing("auth.admin.oauth.regenerateClientSecret", authorities, disabled, () => oauth.regenerateClientSecret(id));

const declared = "providers are those of `config.toml`";
const provider = {
  provider_type: "oidc" as const,
  identifier: "custom:school",
  name: "School",
  client_id: "id",
  client_secret: "secret",
};
const ofProvider = "auth.admin.customProviders";
missing(`${ofProvider}.listProviders`, declared, disabled, () => customProviders.listProviders());
missing(`${ofProvider}.createProvider`, declared, disabled, () => customProviders.createProvider(provider));
missing(`${ofProvider}.getProvider`, declared, disabled, () => customProviders.getProvider("custom:school"));
missing(`${ofProvider}.updateProvider`, declared, disabled, () =>
  customProviders.updateProvider("custom:school", { name: "Other" }),
);
missing(`${ofProvider}.deleteProvider`, declared, disabled, () => customProviders.deleteProvider("custom:school"));
