import type { Config } from "./schema.ts";

/** The settings that the embedded stack reads but cannot honour, each with what happens instead. */
export function unsupportedSettings(config: Config): string[] {
  const { api, db, storage, auth, edge_runtime } = config;
  const on = (section: Record<string, { enabled: boolean }>, prefix: string): [boolean, string][] =>
    Object.entries(section).map(([name, value]) => [value.enabled, `${prefix}.${name} is on, but not emulated`]);
  const { google: _google, azure: _azure, ...others } = auth.external;
  const checks: [boolean, string][] = [
    [api.tls.enabled, "api.tls is on, but the API is served over plain HTTP"],
    [api.schemas.includes("graphql_public"), "api.schemas names graphql_public, but GraphQL is not emulated"],
    [!api.enabled, "api.enabled is false, but the API is served all the same"],
    [!auth.enabled, "auth.enabled is false, but Auth is served all the same"],
    [!storage.enabled, "storage.enabled is false, but Storage is served all the same"],
    [!config.local_smtp.enabled, "local_smtp.enabled is false, but the inbox is served all the same"],
    [db.major_version !== 17, `db.major_version is ${db.major_version}, but the database is PostgreSQL 17`],
    [db.orioledb_version !== "", "db.orioledb_version is set, but OrioleDB is not emulated"],
    [db.pooler.enabled, "db.pooler is on, but there is no connection pooler"],
    [db.network_restrictions.enabled, "db.network_restrictions are on, but only 127.0.0.1 is listened on"],
    [db.ssl_enforcement.enabled, "db.ssl_enforcement is on, but connections are not encrypted"],
    [db.migrations.schema_paths.length > 0, "db.migrations.schema_paths are set, but only migrations are applied"],
    [config.analytics.enabled, "analytics is on, but not emulated"],
    [storage.analytics.enabled, "storage.analytics is on, but not emulated"],
    [
      Object.values(storage.buckets).some((bucket) => bucket.objects_path !== undefined),
      "storage.buckets have an objects_path, but no files are uploaded at start",
    ],
    [storage.vector.enabled, "storage.vector is on, but not emulated"],
    [auth.captcha.enabled, "auth.captcha is on, but never asked for"],
    [auth.sms.enabled, "auth.sms is on, but not emulated"],
    [auth.email.smtp?.enabled ?? false, "auth.email.smtp is on, but mail goes to the local inbox"],
    [auth.mfa.phone.enroll_enabled || auth.mfa.phone.verify_enabled, "auth.mfa.phone is on, but not emulated"],
    [
      auth.mfa.web_authn.enroll_enabled || auth.mfa.web_authn.verify_enabled,
      "auth.mfa.web_authn is on, but not emulated",
    ],
    [auth.oauth_server.enabled, "auth.oauth_server is on, but nobody is signed in with the clients that it keeps"],
    [auth.passkey.enabled, "auth.passkey is on, but not emulated"],
    [auth.hook.send_sms?.enabled ?? false, "auth.hook.send_sms is on, but no SMS is ever sent"],
    ...on(others, "auth.external"),
    ...on(auth.web3, "auth.web3"),
    ...on(auth.third_party, "auth.third_party"),
    [edge_runtime.deno_version !== 2, `edge_runtime.deno_version is ${edge_runtime.deno_version}, but Deno 2 is used`],
  ];
  return checks.filter(([applies]) => applies).map(([, text]) => text);
}
