import type { Context } from "hono";
import type { z } from "zod";
import type { GatewayEnv } from "../context.ts";
import { JwtError } from "../gateway/jwt.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { checkedObjectName } from "./names.ts";
import type { Actor, RequestFacts } from "./session.ts";

const MAX_JSON_BODY = 1024 * 1024;

/** The messages that Supabase's services give, which clients compare. */
const tokenMessages: Record<JwtError["code"], string> = {
  expired: '"exp" claim timestamp check failed',
  malformed: "Invalid Compact JWS",
  signature: "signature verification failed",
  algorithm: '"alg" (Algorithm) Header Parameter value not allowed',
  claims: "invalid claims",
};

const API_ROLES = ["anon", "authenticated", "service_role"];

/** Only these can be taken on, whatever a signed token says: the service's own role owns its tables. */
function requireApiRole(role: string): void {
  if (!API_ROLES.includes(role)) throw new StorageError("AccessDenied", `permission denied to set role "${role}"`);
}

export async function actorOf(c: Context<GatewayEnv>, deps: StorageDeps): Promise<Actor> {
  const token = c.get("token");
  if (!token) throw new StorageError("InvalidShape", "headers must have required property 'authorization'");
  return actorOfToken(token, deps);
}

/** Whoever the token names. */
export async function actorOfToken(token: string, deps: StorageDeps): Promise<Actor> {
  try {
    const claims = await deps.verify(token);
    requireApiRole(claims.role);
    return { claims, token };
  } catch (error) {
    if (error instanceof JwtError) throw new StorageError("AccessDenied", tokenMessages[error.code], { cause: error });
    throw error;
  }
}

/** For routes that are the service's alone. */
export async function serviceActorOf(c: Context<GatewayEnv>, deps: StorageDeps): Promise<Actor> {
  const actor = await actorOf(c, deps);
  if (actor.claims.role !== "service_role") throw new StorageError("InvalidRole");
  return actor;
}

/** For routes that also serve public buckets: null when there is no token that holds. */
export async function actorIfAny(c: Context<GatewayEnv>, deps: StorageDeps): Promise<Actor | null> {
  try {
    return await actorOf(c, deps);
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
}

/** Address and id are the gateway's, whatever the client claims: audit triggers read them. */
export function factsOf(c: Context<GatewayEnv>, operation: string): RequestFacts {
  const headers = { ...c.req.header(), "x-request-id": c.get("requestId"), "x-forwarded-for": c.get("ip") };
  return { method: c.req.method, path: c.req.path, headers, operation };
}

/** The bucket and the checked name of routes ending in `/:bucket/:name{[^]+}`. */
export function objectOf(c: Context<GatewayEnv>): { bucketId: string; name: string } {
  return { bucketId: c.req.param("bucket") ?? "", name: checkedObjectName(c.req.param("name") ?? "") };
}

function parse<T>(schema: z.ZodType<T>, value: unknown, part: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = [part, ...(issue?.path ?? [])].map(String).join("/");
  throw new StorageError("InvalidShape", `${where}: ${issue?.message ?? "invalid"}`);
}

export async function jsonBody<T>(c: Context<GatewayEnv>, schema: z.ZodType<T>): Promise<T> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(c)) {
    size += chunk.byteLength;
    if (size > MAX_JSON_BODY) throw new StorageError("EntityTooLarge", "Request body is too large");
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (error) {
    throw new StorageError("InvalidRequest", "Body is not valid JSON", { cause: error });
  }
  return parse(schema, value, "body");
}

export function queryOf<T>(c: Context<GatewayEnv>, schema: z.ZodType<T>): T {
  return parse(schema, c.req.query(), "querystring");
}

/** The body as it arrives; stops reading when the consumer does. */
export async function* bodyChunks(c: Context<GatewayEnv>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = c.req.raw.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
