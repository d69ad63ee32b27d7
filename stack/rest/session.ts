import type { Claims } from "../context.ts";
import type { Statement } from "./pipeline.ts";
import type { RestConfig, SessionRole } from "./rest-config.ts";
import { ident, literal } from "./sql-writer.ts";

/** Who is asking, and how: what SQL reads through `current_setting('request.…')`. */
export interface RequestContext {
  role: SessionRole;
  claims: Claims;
  method: string;
  path: string;
  headers: Record<string, string>;
}

function cookiesOf(header: string | undefined): string {
  const pairs = (header ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.includes("="))
    .map((each): [string, string] => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]);
  return JSON.stringify(Object.fromEntries(pairs));
}

/**
 * One statement that makes the transaction the caller's: all settings are local to it. The text depends only on which
 * settings are made, so that it is prepared once.
 */
export function sessionStatement(
  config: RestConfig,
  schema: string,
  request: RequestContext,
  extra: { readOnly: boolean; timezone: string | null; timeout: string | null },
): Statement {
  const path = [schema, ...config.searchPath].map(ident).join(", ");
  const settings: [string, string][] = [
    ["search_path", path],
    ...config.roleSettings[request.role],
    ["role", request.role],
    ["request.jwt.claims", JSON.stringify(request.claims)],
    ["request.method", request.method],
    ["request.path", request.path],
    ["request.headers", JSON.stringify(request.headers)],
    ["request.cookies", cookiesOf(request.headers.cookie)],
  ];
  if (extra.timezone !== null) settings.push(["timezone", extra.timezone]);
  if (extra.timeout !== null) settings.push(["statement_timeout", extra.timeout]);
  if (extra.readOnly) settings.push(["transaction_read_only", "on"]);
  return {
    text: `select ${settings.map(([name], i) => `set_config(${literal(name)}, $${i + 1}, true)`).join(", ")}`,
    values: settings.map(([, value]) => value),
  };
}

/** `db_pre_request` names a function that runs first, as the caller. */
export function preRequestStatement(name: string): Statement {
  const parts = (name.match(/"(?:[^"]|"")*"|[^.]+/g) ?? []).map((part) => part.replace(/^"(.*)"$/, "$1"));
  return { text: `select ${parts.map(ident).join(".")}()`, values: [] };
}
