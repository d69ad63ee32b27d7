import { randomUUID } from "node:crypto";
import { FunctionsFetchError, FunctionsHttpError } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect } from "vitest";
import { z } from "zod";
import { ownerConnection } from "../support/database.ts";
import { server, visitor } from "./clients.ts";
import { proves } from "./proof.ts";

/** The function that the project has; it lets in whoever holds a token of its own. */
const name = "audit-heads";
const recorded = z.object({ path: z.string(), count: z.number() });
const written: string[] = [];
let token: string;

beforeAll(async () => {
  const owner = await ownerConnection();
  const { rows } = await owner.query(
    "select decrypted_secret from vault.decrypted_secrets where name = 'audit_heads_token'",
  );
  token = z.object({ decrypted_secret: z.string() }).parse(rows[0]).decrypted_secret;
  await owner.end();
});

afterAll(async () => {
  await server().storage.from(name).remove(written);
});

/** A moment that no other test has taken. */
const heads = () => ({ taken_at: new Date(Math.floor(Math.random() * 1e12)).toISOString(), heads: [] });

async function statusOf(answer: { error: unknown }): Promise<{ status: number; code: unknown }> {
  if (!(answer.error instanceof FunctionsHttpError)) throw answer.error;
  const { status } = answer.error.context;
  return { status, code: (await answer.error.context.json()).code };
}

proves("functions.invoke", "sends JSON, headers and method to a function and reads its answer", async () => {
  const headers = { Authorization: `Bearer ${token}` };
  const { data, error } = await visitor().functions.invoke(name, { body: heads(), headers });
  expect(error).toBeNull();
  const { path, count } = recorded.parse(data);
  written.push(path);
  expect(count).toBe(0);
  expect((await server().storage.from(name).exists(path)).data).toBe(true);
  const get = await visitor().functions.invoke(name, { method: "GET", headers });
  expect(await statusOf(get)).toEqual({ status: 405, code: "method_not_allowed" });
  const text = await visitor().functions.invoke(name, { body: "no JSON", headers });
  expect(await statusOf(text)).toEqual({ status: 400, code: "invalid_request" });
});

proves("functions.invoke", "answers a function's refusal as it is; an unknown function is 404", async () => {
  const refused = await visitor().functions.invoke(name, { body: heads() });
  expect(await statusOf(refused)).toEqual({ status: 401, code: "unauthorized" });
  const { error } = await visitor().functions.invoke(`client-${randomUUID()}`);
  expect(error).toMatchObject({ name: "FunctionsHttpError", context: { status: 404 } });
});

proves("functions.invoke", "ends when it is aborted", async () => {
  const aborted = await visitor().functions.invoke(name, { body: heads(), signal: AbortSignal.abort() });
  expect(aborted).toMatchObject({ data: null, error: expect.any(FunctionsFetchError) });
});

proves("functions.setAuth", "sends another token from then on", async () => {
  const { functions } = visitor();
  functions.setAuth(token);
  const { data, error } = await functions.invoke(name, { body: heads() });
  expect(error).toBeNull();
  written.push(recorded.parse(data).path);
  functions.setAuth("another");
  expect(await statusOf(await functions.invoke(name, { body: heads() }))).toMatchObject({ status: 401 });
});
