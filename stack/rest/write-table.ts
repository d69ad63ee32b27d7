import { type Answer, answer, appliedHeader } from "./answer.ts";
import type { Relation } from "./catalog.ts";
import { type Engine, findTable, type Needs, type RestRequest, readNeeds, run } from "./engine.ts";
import { notSingular, RestError } from "./errors.ts";
import type { Result, Verdict } from "./execute.ts";
import { negotiate, type Output } from "./media-type.ts";
import type { Filter } from "./parse-filter.ts";
import { type Payload, parsePayload } from "./payload.ts";
import { planAnswer, requirePlan } from "./plan-answer.ts";
import { planRead, type ReadNode } from "./plan-read.ts";
import { parseQuery, type Query } from "./query-params.ts";
import { contentRange, rootRange } from "./range.ts";
import { bodyOf, rootLimits } from "./read-table.ts";
import { deleteSql, insertSql, type Returning, updateSql } from "./sql-mutate.ts";
import { selectSql } from "./sql-read.ts";
import { resultSql } from "./sql-result.ts";
import { ident, Params } from "./sql-writer.ts";

type Method = "POST" | "PATCH" | "PUT" | "DELETE";

const VERB = { POST: "INSERT", PATCH: "UPDATE", PUT: "INSERT, UPDATE", DELETE: "DELETE" } as const;

export function maxAffected(limit: number): Verdict {
  return (result) => {
    if (result.rows <= limit) return;
    throw new RestError(
      400,
      "PGRST124",
      "Query result exceeds max-affected preference constraint",
      `The query affects ${result.rows} rows`,
    );
  };
}

/** What would have to be undone once seen: too many rows, or not the one that was asked for. */
function verdictOf(request: RestRequest, method: Method, output: Output, returning: Returning): Verdict | null {
  const limit = method === "PATCH" || method === "DELETE" ? request.prefer.maxAffected : null;
  const single = output.kind === "object" && returning === "representation";
  if (limit === null && !single) return null;
  return (result) => {
    if (limit !== null) maxAffected(limit)(result);
    if (single && result.rows !== 1) throw notSingular(result.rows);
  };
}

/** A PUT names one row by the whole primary key, in the address and in the body alike. */
function checkPut(relation: Relation, query: Query, filters: Filter[], payload: Payload): void {
  if (query.limits.length > 0 || query.offsets.length > 0) {
    throw new RestError(400, "PGRST114", "limit/offset querystring parameters are not allowed for PUT");
  }
  const named = new Map<string, string>();
  for (const filter of filters) {
    const plain = filter.kind === "condition" && !filter.negated && filter.field.path.length === 0;
    if (plain && filter.operation.op === "eq") named.set(filter.field.name, filter.operation.value);
  }
  const complete = relation.primaryKey.length > 0 && relation.primaryKey.every((column) => named.has(column));
  if (!complete || filters.length !== relation.primaryKey.length) {
    throw new RestError(405, "PGRST105", "Filters must include all and only primary key columns with 'eq' operators");
  }
  const [row] = payload.parsed;
  const same = payload.rows === 1 && [...named].every(([column, value]) => String(row?.[column]) === value);
  if (!same) throw new RestError(400, "PGRST115", "Payload values do not match URL in primary key column(s)");
}

function returningOf(request: RestRequest, method: Method): Returning {
  if (request.prefer.returning === "representation") return "representation";
  return request.prefer.returning === "headers-only" && method === "POST" ? "keys" : "none";
}

function location(relation: Relation, result: Result): [string, string][] {
  const rows: unknown = JSON.parse(result.body ?? "[]");
  const [row] = Array.isArray(rows) && rows.length === 1 ? rows : [];
  if (relation.primaryKey.length === 0 || typeof row !== "object" || row === null) return [];
  const values = new Map(Object.entries(row));
  const query = relation.primaryKey.map(
    (key) => `${encodeURIComponent(key)}=eq.${encodeURIComponent(String(values.get(key)))}`,
  );
  return [["Location", `/${relation.name}?${query.join("&")}`]];
}

function sourceSql(
  method: Method,
  node: ReadNode,
  request: RestRequest,
  query: Query,
  parts: { relation: Relation; payload: Payload; returning: Returning; params: Params },
): string {
  const { relation, payload, returning, params } = parts;
  if (method === "DELETE") return deleteSql(node, relation, returning, params);
  const options = {
    returning,
    columns: query.columns,
    missingDefault: request.prefer.missingDefault,
    resolution: method === "PUT" ? ("merge-duplicates" as const) : method === "POST" ? request.prefer.resolution : null,
    onConflict: method === "PUT" ? null : query.onConflict,
  };
  if (method === "PATCH") return updateSql(node, relation, payload, options, params);
  return insertSql(node, relation, payload, options, params);
}

const EMPTY: Payload = { json: "[]", keys: [], rows: 0, parsed: [] };

export async function writeTable(engine: Engine, request: RestRequest, method: Method, name: string): Promise<Answer> {
  const query = parseQuery(request.params, false);
  const output = negotiate(request.accept, "rows");
  requirePlan(engine, output);
  const relation = findTable(engine, request.schema, name);
  const { limit, offset } = rootLimits(query);
  const node = planRead(engine.catalog, { relation, name }, query, rootRange(undefined, limit, offset), {
    maxRows: null,
    aggregates: engine.config.aggregates,
  });
  const payload =
    method === "DELETE" ? EMPTY : parsePayload(request.contentType, await request.body(), query.columns !== null);
  if (method === "PUT") checkPut(relation, query, node.filters, payload);
  const returning = returningOf(request, method);
  const params = new Params();
  const source = sourceSql(method, node, request, query, { relation, payload, returning, params });
  const shown = returning === "representation";
  const read = { ...node, filters: [] };
  const from = `pgrst_source as ${ident(relation.name)}`;
  const rows = shown ? selectSql(read, from, [], params) : "select * from pgrst_source";
  const counted = request.prefer.count === null ? "null::bigint" : "(select count(*) from pgrst_source)";
  const text = resultSql(output, returning === "none" ? "none" : "rows", { source, rows, count: null, total: counted });
  const needs: Needs = shown ? readNeeds(node) : new Map();
  needs.set(relation.name, { schema: relation.schema, verb: shown ? `SELECT, ${VERB[method]}` : VERB[method] });
  const verdict = verdictOf(request, method, output, returning);
  const main = { text, values: params.values };
  const options = { readOnly: false, timeout: null, explain: null, verdict, needs };
  if (output.kind === "plan") return planAnswer(engine, request, main, output, options);
  const result = await run(engine, request, main, options);
  return respond(request, method, output, relation, returning, result);
}

function respond(
  request: RestRequest,
  method: Method,
  output: Output,
  relation: Relation,
  returning: Returning,
  result: Result,
): Answer {
  const shown = returning === "representation";
  const created = method === "POST" ? (result.inserted === 0 ? 200 : 201) : shown ? 200 : 204;
  const range = method === "PATCH" ? contentRange(0, result.rows, result.total) : `*/${result.total ?? "*"}`;
  const headers: [string, string][] = [
    ["Content-Range", range],
    ...(shown ? ([["Content-Type", output.contentType]] satisfies [string, string][]) : []),
    ...(returning === "keys" ? location(relation, result) : []),
    ...appliedHeader(request.prefer, [
      "return",
      "count",
      "missing",
      "timezone",
      "handling",
      "max-affected",
      ...(method === "POST" ? ["resolution"] : []),
    ]),
  ];
  return answer(result, created, headers, shown ? bodyOf(output, result) : null);
}
