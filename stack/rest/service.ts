import type { Context } from "hono";
import { Hono } from "hono";
import type { Claims, GatewayEnv, Service, StackContext } from "../context.ts";
import { createVerifier, JwtError } from "../gateway/jwt.ts";
import type { Answer } from "./answer.ts";
import { callFunction } from "./call-function.ts";
import type { Engine, RestRequest } from "./engine.ts";
import { invalidToken, RestError } from "./errors.ts";
import { openApi } from "./openapi.ts";
import { parsePreferences } from "./preferences.ts";
import { readTable } from "./read-table.ts";
import { API_ROLES, type ApiRole, type RestConfig } from "./rest-config.ts";
import { SchemaCache } from "./schema-cache.ts";
import { writeTable } from "./write-table.ts";

function chooseSchema(config: RestConfig, method: string, headers: Record<string, string>): string {
  const reads = method === "GET" || method === "HEAD";
  const wanted = reads ? headers["accept-profile"] : headers["content-profile"];
  if (wanted === undefined) return config.schemas[0] ?? "public";
  if (config.schemas.includes(wanted)) return wanted;
  throw new RestError(
    406,
    "PGRST106",
    `Invalid schema: ${wanted}`,
    null,
    `Only the following schemas are exposed: ${config.schemas.join(", ")}`,
  );
}

/** Only these roles can be taken on, whatever a signed token says. */
function roleOf(claims: Claims): ApiRole {
  const role = API_ROLES.find((each) => each === claims.role);
  if (role === undefined) throw new RestError(403, "42501", `permission denied to set role "${claims.role}"`);
  return role;
}

/** What SQL sees of the request; the gateway's word on address and request id replaces the client's. */
function visibleHeaders(c: Context<GatewayEnv>): Record<string, string> {
  const headers: Record<string, string> = {};
  c.req.raw.headers.forEach((value, name) => {
    headers[name] = value;
  });
  delete headers.authorization;
  delete headers.apikey;
  headers["x-request-id"] = c.var.requestId;
  headers["x-forwarded-for"] = c.var.ip;
  return headers;
}

async function dispatch(engine: Engine, request: RestRequest): Promise<Answer> {
  const { method } = request;
  const [first = "", second, ...more] = request.context.path.slice(1).split("/");
  const wrongPath = () => new RestError(404, "PGRST125", "Invalid path specified in request URL");
  if (first === "" && second === undefined) return openApi(engine, request);
  if (first === "rpc" && second !== undefined && more.length === 0) {
    if (method === "GET" || method === "HEAD" || method === "POST") return callFunction(engine, request, second);
    throw new RestError(405, "PGRST101", `Cannot use the ${method} method on RPC`);
  }
  if (second !== undefined) throw wrongPath();
  switch (method) {
    case "GET":
    case "HEAD":
      return readTable(engine, request, first);
    case "POST":
    case "PATCH":
    case "PUT":
    case "DELETE":
      return writeTable(engine, request, method, first);
    case "OPTIONS":
      return { status: 200, headers: [["Allow", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"]], body: null };
    default:
      throw new RestError(405, "PGRST117", `Unsupported HTTP method: ${method}`);
  }
}

function render(result: Answer): Response {
  return new Response(result.body, { status: result.status, headers: result.headers });
}

function renderError(error: RestError): Response {
  const headers = new Headers({ "Content-Type": "application/json; charset=utf-8", ...error.headers });
  headers.set("Proxy-Status", `PostgREST; error=${error.code}`);
  return new Response(error.body(), { status: error.status, headers });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RestError(404, "PGRST125", "Invalid path specified in request URL");
  }
}

/** PostgREST's API: one statement per request, whose JSON is built by Postgres, as the caller and under RLS. */
export async function createRest(ctx: StackContext): Promise<Service> {
  const cache = new SchemaCache(ctx);
  await cache.start();
  const verifier = createVerifier(ctx.keys);
  const app = new Hono<GatewayEnv>();

  async function claimsOf(token: string | null): Promise<Claims> {
    if (token === null) return { role: "anon" };
    try {
      return await verifier.verify(token);
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      throw invalidToken(error.code === "expired" || error.code === "claims" ? "PGRST303" : "PGRST301", error.message);
    }
  }

  app.all("*", async (c) => {
    try {
      const claims = await claimsOf(c.var.token);
      const snapshot = cache.current;
      const { method } = c.req;
      const url = new URL(c.req.url);
      const headers = visibleHeaders(c);
      const request: RestRequest = {
        method,
        params: url.searchParams,
        schema: chooseSchema(snapshot.config, method, headers),
        prefer: parsePreferences(headers.prefer),
        accept: headers.accept,
        contentType: headers["content-type"],
        range: headers.range,
        context: { role: roleOf(claims), claims, method, path: decodePath(url.pathname), headers },
        body: () => c.req.text(),
      };
      const answer = await dispatch({ ...snapshot, pool: ctx.pool("authenticator") }, request);
      if (snapshot.config.schemas.length > 1) answer.headers.push(["Content-Profile", request.schema]);
      return render(answer);
    } catch (error) {
      if (error instanceof RestError) return renderError(error);
      ctx.log.error({ err: error, requestId: c.var.requestId }, "Cannot answer a REST request");
      return renderError(new RestError(500, "PGRSTX00", "Internal server error"));
    }
  });

  return { app, close: () => cache.close() };
}
