import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuthServer, startTestStack, type TestStack } from "./testing/test-stack.ts";

let stack: TestStack;
const password = "correct horse battery";

beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

/** A client that notes what it asks for. */
function watchedClient(server: AuthServer) {
  const asked: string[] = [];
  const watched: typeof fetch = (input, init) => {
    asked.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  };
  const client = createClient(server.url, server.keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: watched },
  });
  return { client, asked };
}

function keyFile(name: string, keys: Record<string, KeyObject>): string {
  const list = Object.entries(keys).map(([kid, key]) => ({ ...key.export({ format: "jwk" }), kid }));
  const folder = path.join(stack.dir, "supabase");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), JSON.stringify(list));
  return `./${name}`;
}

async function claimsOf({ client, asked }: ReturnType<typeof watchedClient>) {
  asked.length = 0;
  const { data, error } = await client.auth.getClaims();
  return { claims: data?.claims, alg: data?.header.alg, error, asked };
}

test("getClaims verifies by itself: it asks for the keys, once, and never for the user", async () => {
  const watched = watchedClient(await stack.serve());
  await watched.client.auth.signUp({ email: "claims@example.test", password });
  const first = await claimsOf(watched);
  expect(first).toMatchObject({ alg: "ES256", claims: { role: "authenticated", aal: "aal1" }, error: null });
  expect(first.asked).toEqual(["/auth/v1/.well-known/jwks.json"]);
  expect((await claimsOf(watched)).asked).toEqual([]);
});

test("with keys of the project's own the first signs, and what an older one signed is still good", async () => {
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const before = watchedClient(await stack.serve({ signing_keys_path: keyFile("before.json", { old: ec }) }));
  const { data } = await before.client.auth.signUp({ email: "rotation@example.test", password });
  const session = data.session;
  if (!session) throw new Error("no session");
  expect(decodeProtectedHeader(session.access_token)).toEqual({ alg: "ES256", kid: "old", typ: "JWT" });

  const rotated = await stack.serve({ signing_keys_path: keyFile("after.json", { new: rsa, old: ec }) });
  const { keys } = await (await rotated.request("/.well-known/jwks.json")).json();
  expect(keys).toMatchObject([
    { kid: "new", alg: "RS256" },
    { kid: "old", alg: "ES256" },
  ]);
  expect(JSON.stringify(keys)).not.toContain('"d"');
  const after = watchedClient(rotated);
  await after.client.auth.setSession(session);
  expect(await claimsOf(after)).toMatchObject({ alg: "ES256", error: null, asked: ["/auth/v1/.well-known/jwks.json"] });
  const refreshed = await after.client.auth.refreshSession();
  expect(decodeProtectedHeader(refreshed.data.session?.access_token ?? "")).toEqual({
    alg: "RS256",
    kid: "new",
    typ: "JWT",
  });
  expect(await claimsOf(after)).toMatchObject({ alg: "RS256", error: null, asked: [] });
  expect((await after.client.auth.getUser()).error).toBeNull();

  // A key that was taken out of the file takes its tokens with it.
  const dropped = await stack.serve({ signing_keys_path: keyFile("dropped.json", { new: rsa }) });
  const answer = await dropped.request("/user", { headers: { authorization: `Bearer ${session.access_token}` } });
  expect([answer.status, (await answer.json()).error_code]).toEqual([403, "bad_jwt"]);
});
