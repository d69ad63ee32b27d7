import { type Answer, answer, appliedHeader } from "./answer.ts";
import { type Engine, findTable, type RestRequest, readNeeds, run } from "./engine.ts";
import { notSingular } from "./errors.ts";
import type { Result } from "./execute.ts";
import { negotiate, type Output } from "./media-type.ts";
import type { Statement } from "./pipeline.ts";
import { planAnswer, requirePlan } from "./plan-answer.ts";
import { planRead, type ReadNode } from "./plan-read.ts";
import { parseQuery, type Query } from "./query-params.ts";
import { contentRange, rangeStatus, rootRange } from "./range.ts";
import { countSql, selectSql } from "./sql-read.ts";
import { resultSql, type Shape, TOTAL_OF_COUNT } from "./sql-result.ts";
import { Params, qualifiedIdent } from "./sql-writer.ts";

export function rootLimits(query: Query): { limit: number | null; offset: number | null } {
  const root = <T>(entries: { path: string[]; value: T }[]) =>
    entries.filter((each) => each.path.length === 0).at(-1)?.value;
  return { limit: root(query.limits) ?? null, offset: root(query.offsets) ?? null };
}

/** The planner's guess, from `explain (format json)`. */
function planRows(explained: string | null): number {
  const found = /"Plan Rows": (\d+)/.exec(explained ?? "");
  return Number(found?.[1] ?? 0);
}

/** Everything about counting: the statement's parts, and the total once the rows are known. */
export function counting(
  request: RestRequest,
  maxRows: number | null,
  count: (params: Params) => string,
): {
  cte: (params: Params) => string | null;
  total: string;
  explain: Statement | null;
  of: (result: Result) => number | null;
} {
  const { count: kind } = request.prefer;
  if (kind === null) return { cte: () => null, total: "null::bigint", explain: null, of: () => null };
  if (kind === "exact") return { cte: count, total: TOTAL_OF_COUNT, explain: null, of: (result) => result.total };
  const params = new Params();
  const explain = { text: `explain (format json) ${count(params)}`, values: params.values };
  if (kind === "planned" || maxRows === null) {
    return { cte: () => null, total: "null::bigint", explain, of: (result) => planRows(result.before) };
  }
  return {
    cte: (own) => `${count(own)} limit ${maxRows + 1}`,
    total: TOTAL_OF_COUNT,
    explain,
    of: (result) =>
      (result.total ?? 0) > maxRows ? Math.max(result.total ?? 0, planRows(result.before)) : result.total,
  };
}

/** The answer of anything that reads: a table, or a function's rows. */
export function readAnswer(
  request: RestRequest,
  output: Output,
  result: Result,
  node: ReadNode,
  total: number | null,
): Answer {
  if (output.kind === "object" && result.rows !== 1) throw notSingular(result.rows);
  const { offset } = node.range;
  const status = rangeStatus(offset, result.rows, total);
  const headers: [string, string][] = [
    ["Content-Type", output.contentType],
    ["Content-Range", contentRange(offset, result.rows, total)],
    ...appliedHeader(request.prefer, ["count", "timezone", "handling", "max-affected", "tx"]),
  ];
  return answer(result, status, headers, request.method === "HEAD" ? null : bodyOf(output, result));
}

export function bodyOf(output: Output, result: Result): Answer["body"] {
  if (output.kind === "binary") return Uint8Array.from(Buffer.from(result.body ?? "", "hex"));
  return result.body ?? "";
}

export async function readTable(engine: Engine, request: RestRequest, name: string): Promise<Answer> {
  const query = parseQuery(request.params, false);
  const output = negotiate(request.accept, "rows");
  requirePlan(engine, output);
  const relation = findTable(engine, request.schema, name);
  const { limit, offset } = rootLimits(query);
  const { maxRows, aggregates } = engine.config;
  const range = rootRange(request.range, limit, offset);
  const node = planRead(engine.catalog, { relation, name }, query, range, { maxRows, aggregates });
  const from = qualifiedIdent(relation.schema, relation.name);
  const params = new Params();
  const count = counting(request, maxRows, (own) => countSql(node, from, own));
  const shape: Shape = request.method === "HEAD" ? "none" : "rows";
  const rows = selectSql(node, from, [], params);
  const text = resultSql(output, shape, { source: null, rows, count: count.cte(params), total: count.total });
  const main = { text, values: params.values };
  const options = { readOnly: true, timeout: null, explain: count.explain, verdict: null, needs: readNeeds(node) };
  if (output.kind === "plan") return planAnswer(engine, request, main, output, options);
  const result = await run(engine, request, main, options);
  return readAnswer(request, output, result, node, count.of(result));
}
