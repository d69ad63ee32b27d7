import { type Context, Hono } from "hono";
import type { GatewayEnv, Keys } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError, toStorageError } from "../errors.ts";
import { factsOf } from "../request.ts";
import type { Route } from "../routes/route.ts";
import { authenticate } from "./authenticate.ts";
import { findOperation, type Scope } from "./operations.ts";
import { postObject } from "./post-object.ts";
import { textOf } from "./request.ts";
import { xmlResponse } from "./xml.ts";

function scopeOf(bucketId: string, key: string): Scope {
  if (bucketId === "") return "service";
  return key === "" ? "bucket" : "object";
}

/** What Supabase says of a body in JSON; the media type of an upload to come is another matter. */
function complaint(json: string): string {
  const type = "content-type is set to 'application/json'";
  if (json === "") return `Body cannot be empty when ${type}`;
  try {
    JSON.parse(json);
    return `Body must be XML, but ${type}`;
  } catch {
    return `Body is not valid JSON but ${type}`;
  }
}

async function serve(c: Context<GatewayEnv>, keys: Keys, deps: StorageDeps, bucketId: string, key: string) {
  const scope = scopeOf(bucketId, key);
  const form = c.req.method === "POST" && /^multipart\/form-data\b/i.test(c.req.header("content-type") ?? "");
  if (scope === "bucket" && form) return postObject(c, keys, deps, bucketId);
  const { actor, payload, verifier, request } = await authenticate(c, keys, deps);
  const { query, headers } = request;
  const json = c.req.method === "POST" && /^application\/json\b/i.test(headers["content-type"] ?? "");
  if (json && !query.has("uploads")) {
    throw new StorageError("InvalidRequest", complaint(await textOf({ c, headers, payload, verifier })));
  }
  const operation = findOperation(c.req.method, scope, query, headers);
  const facts = factsOf(c, operation.name);
  return operation.run({ c, deps, actor, facts, bucketId, key, query, headers, payload, verifier });
}

/** The S3 protocol over the same buckets, objects and policies as the REST API. */
export function s3Routes(keys: Keys): Route {
  return (app, deps) => {
    const answer = async (c: Context<GatewayEnv>, bucketId = "", key = "") => {
      try {
        return await serve(c, keys, deps, bucketId, key);
      } catch (failure) {
        return refuse(c, deps, toStorageError(failure), [bucketId, key].filter((part) => part !== "").join("/"));
      }
    };
    const s3 = new Hono<GatewayEnv>();
    s3.all("/", (c) => answer(c));
    s3.all("/:bucket/", (c) => answer(c, c.req.param("bucket")));
    s3.all("/:bucket", (c) => answer(c, c.req.param("bucket")));
    s3.all("/:bucket/:key{[^]+}", (c) => answer(c, c.req.param("bucket"), c.req.param("key")));
    app.route("/s3", s3);
    app.all("/s3/", (c) => answer(c));
  };
}

function refuse(c: Context<GatewayEnv>, deps: StorageDeps, error: StorageError, resource: string): Response {
  const at = { requestId: c.get("requestId"), method: c.req.method, path: c.req.path };
  if (error.status >= 500 && error.code !== "NotImplemented") {
    deps.log.error({ ...at, err: error.cause ?? error }, "S3 request failed");
  } else deps.log.debug({ ...at, err: error }, "S3 request refused");
  const { code, message } = error.body;
  return xmlResponse("Error", { Resource: resource, Code: code, Message: message }, error.status);
}
