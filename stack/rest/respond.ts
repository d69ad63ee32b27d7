import type { Context } from "hono";
import type { Logger } from "pino";
import type { Claims, GatewayEnv } from "../context.ts";
import type { Answer } from "./answer.ts";
import { callFunction } from "./call-function.ts";
import type { Engine, RestRequest } from "./engine.ts";
import { RestError } from "./errors.ts";
import { openApi } from "./openapi.ts";
import { allowed } from "./options.ts";
import { parsePreferences } from "./preferences.ts";
import { readTable } from "./read-table.ts";
import type { RestConfig, SessionRole } from "./rest-config.ts";
import { writeTable } from "./write-table.ts";

/** As whom a request runs. */
export interface Caller {
  engine: Engine;
  role: SessionRole;
  claims: Claims;
}

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
  if (method === "OPTIONS" && more.length === 0) return allowed(engine, request.schema, first, second);
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
    default:
      throw new RestError(405, "PGRST117", `Unsupported HTTP method: ${method}`);
  }
}

/** What a cache has to tell apart, unless the request's own functions know better. */
const VARY = "Accept, Prefer, Range";

function render(result: Answer): Response {
  const headers = new Headers(result.headers);
  if (!headers.has("vary")) headers.set("Vary", VARY);
  return new Response(result.body, { status: result.status, headers });
}

function renderError(error: RestError): Response {
  const headers = new Headers({ "Content-Type": "application/json; charset=utf-8", Vary: VARY, ...error.headers });
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

/** Answers one request of PostgREST's API; who the caller is may be refused in its shape as well. */
export async function respond(
  c: Context<GatewayEnv>,
  log: Logger,
  identify: () => Promise<Caller>,
  prefix = "",
): Promise<Response> {
  try {
    const { engine, role, claims } = await identify();
    const { method } = c.req;
    const url = new URL(c.req.url);
    const headers = visibleHeaders(c);
    const request: RestRequest = {
      method,
      params: url.searchParams,
      schema: chooseSchema(engine.config, method, headers),
      prefer: parsePreferences(headers.prefer),
      accept: headers.accept,
      contentType: headers["content-type"],
      range: headers.range,
      context: { role, claims, method, path: decodePath(url.pathname.slice(prefix.length)), headers },
      body: () => c.req.text(),
    };
    const answer = await dispatch(engine, request);
    if (engine.config.schemas.length > 1) answer.headers.push(["Content-Profile", request.schema]);
    return render(answer);
  } catch (error) {
    if (error instanceof RestError) return renderError(error);
    log.error({ err: error, requestId: c.var.requestId }, "Cannot answer a REST request");
    return renderError(new RestError(500, "PGRSTX00", "Internal server error"));
  }
}
