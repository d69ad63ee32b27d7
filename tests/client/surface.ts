import { createClient } from "@supabase/supabase-js";

/** Private in the library's type declarations, though JavaScript shows them. Names that begin with "_" are too. */
const internal = new Set([
  "auth.fetchJwk",
  "auth.linkIdentityIdToken",
  "auth.linkIdentityOAuth",
  "auth.signInWithEthereum",
  "auth.signInWithSolana",
  "from.cloneRequestState",
  "from.processResponse",
  "schema.decorateFetch",
  "storage.handleOperation",
  "storage.bucketLifecycleUrl",
  "storage.listBucketOptionsToQueryString",
  "storage.from.applyTransformOptsToQuery",
  "storage.from.encodeMetadata",
  "storage.from.prepareUploadFormData",
  "storage.from.uploadOrUpdate",
]);

/** What all of storage-js inherits from one class, proved once as `storage`'s. */
const inherited = ["handleOperation", "setHeader", "throwOnError"];

/** Functions that whoever made the client handed in. */
const given = new Set(["accessToken", "baseFetch", "fetch", "functionsFetch", "lock", "logger", "wrapFetch"]);

/** The own and inherited methods of a live object. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let level = object; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === "function") names.add(name);
    }
  }
  return [...names].filter((name) => name !== "constructor" && !name.startsWith("_") && !given.has(name));
}

/** Every public method of supabase-js by namespace, read off its live objects, so that a new one cannot go unseen. */
export function clientSurface(): Map<string, string[]> {
  const client = createClient("http://127.0.0.1:1", "key", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { auth, storage, functions, realtime } = client;
  const { admin, mfa } = auth;
  const rows = client.from("rows");
  const vectors = storage.vectors.from("bucket");
  const namespaces: [name: string, ...objects: object[]][] = [
    ["", client],
    ["schema", client.schema("public")],
    ["from", rows, rows.select()],
    ["auth", auth],
    ["auth.mfa", mfa],
    ["auth.mfa.webauthn", mfa.webauthn],
    ["auth.mfa.recoveryCodes", mfa.recoveryCodes],
    ["auth.passkey", auth.passkey],
    ["auth.oauth", auth.oauth],
    ["auth.admin", admin],
    ["auth.admin.mfa", admin.mfa],
    ["auth.admin.oauth", admin.oauth],
    ["auth.admin.customProviders", admin.customProviders],
    ["auth.admin.passkey", admin.passkey],
    ["storage", storage],
    ["storage.from", storage.from("bucket")],
    ["storage.analytics", storage.analytics],
    ["storage.analytics.from", storage.analytics.from("bucket")],
    ["storage.vectors", storage.vectors],
    ["storage.vectors.from", vectors],
    ["storage.vectors.from.index", vectors.index("index")],
    ["channel", client.channel("topic")],
    ["realtime", realtime],
    ["functions", functions],
  ];
  return new Map(
    namespaces.map(([namespace, ...objects]) => {
      const below = namespace.startsWith("storage.") ? inherited : [];
      const names = objects.flatMap(methodsOf).filter((name) => !below.includes(name));
      const full = names.map((name) => (namespace ? `${namespace}.${name}` : name));
      return [namespace || "client", [...new Set(full)].filter((name) => !internal.has(name))];
    }),
  );
}
