import { type Answer, answer, appliedHeader } from "./answer.ts";
import { type Engine, type Needs, type RestRequest, readNeeds, run } from "./engine.ts";
import { notSingular, RestError } from "./errors.ts";
import type { Verdict } from "./execute.ts";
import { type Call, findFunction } from "./find-function.ts";
import { negotiate, type Output } from "./media-type.ts";
import { parseArguments } from "./payload.ts";
import { planAnswer, requirePlan } from "./plan-answer.ts";
import { planRead } from "./plan-read.ts";
import { parseQuery, type Query } from "./query-params.ts";
import { rootRange } from "./range.ts";
import { counting, readAnswer, rootLimits } from "./read-table.ts";
import { type Arguments, callSql } from "./sql-call.ts";
import { countSql, selectSql } from "./sql-read.ts";
import { resultSql, type Shape } from "./sql-result.ts";
import { ident, Params } from "./sql-writer.ts";
import { maxAffected } from "./write-table.ts";

/** Stands for a body without names, so that no function is chosen by them. */
const NO_NAMES = ["*"];

const WHOLE = ["text/plain", "text/xml", "application/octet-stream"];

/** Chooses the function and says where its arguments are: in the query, in a JSON object, or the body as a whole. */
async function bind(
  engine: Engine,
  request: RestRequest,
  name: string,
  query: Query,
): Promise<{ call: Call; args: Arguments }> {
  const { catalog } = engine;
  if (request.method !== "POST") {
    const keys = [...new Set(query.args.map(([key]) => key))];
    const call = findFunction(catalog, request.schema, name, keys, null);
    return { call, args: { kind: "query", values: query.args } };
  }
  const type = request.contentType?.split(";")[0]?.trim().toLowerCase() || "application/json";
  const text = await request.body();
  if (WHOLE.includes(type)) {
    return { call: findFunction(catalog, request.schema, name, [], type), args: { kind: "whole", text } };
  }
  const named = parseArguments(type, text);
  const call = findFunction(catalog, request.schema, name, named?.keys ?? NO_NAMES, type);
  if (named === null || call.unnamed) return { call, args: { kind: "whole", text } };
  return { call, args: { kind: "json", text: named.json, keys: named.keys } };
}

function verdictOf(request: RestRequest, call: Call, output: Output, readOnly: boolean): Verdict | null {
  const limit = request.prefer.maxAffected;
  if (limit !== null && !call.fn.returnsSet) {
    throw new RestError(
      400,
      "PGRST128",
      "Function must return SETOF or TABLE when max-affected preference is used with handling=strict",
    );
  }
  const single = output.kind === "object" && !readOnly;
  if (limit === null && !single) return null;
  return (result) => {
    if (limit !== null) maxAffected(limit)(result);
    if (single && result.rows !== 1) throw notSingular(result.rows);
  };
}

export async function callFunction(engine: Engine, request: RestRequest, name: string): Promise<Answer> {
  const query = parseQuery(request.params, request.method !== "POST");
  const { call, args } = await bind(engine, request, name, query);
  const { fn } = call;
  const output = negotiate(request.accept, fn.returnsComposite ? "rows" : "scalar");
  requirePlan(engine, output);
  const readOnly = request.method !== "POST" || fn.volatility !== "v";
  const relation = fn.returnsComposite ? (engine.catalog.byOid.get(fn.returnsRelation ?? "") ?? null) : null;
  const exposed = relation !== null && engine.config.schemas.includes(relation.schema) ? relation : null;
  const { limit, offset } = rootLimits(query);
  const { maxRows, aggregates } = engine.config;
  const node = planRead(
    engine.catalog,
    { relation: exposed, name: fn.name },
    query,
    rootRange(request.method === "POST" ? undefined : request.range, limit, offset),
    { maxRows: fn.returnsSet ? maxRows : null, aggregates },
  );
  const params = new Params();
  const source = callSql(fn, args, params);
  const from = `pgrst_source as ${ident(fn.name)}`;
  const needs: Needs = readNeeds(node);
  if (!fn.returnsComposite)
    node.fields = [
      {
        kind: "field",
        field: { name: "pgrst_scalar", path: [] },
        alias: null,
        cast: null,
        aggregate: null,
        aggregateCast: null,
      },
    ];
  const counted = fn.returnsSet ? request : { ...request, prefer: { ...request.prefer, count: null } };
  const one = request.prefer.count === null || fn.returnsSet ? null : 1;
  const count = counting(counted, maxRows, (own) =>
    own === params ? countSql(node, from, own) : `select 1 from (${callSql(fn, args, own)}) as pgrst_planned`,
  );
  const rows = selectSql(node, from, [], params);
  const scalar: Shape = fn.returnsSet ? "scalars" : "scalar";
  const composite: Shape = fn.returnsSet ? "rows" : "row";
  const shape: Shape = fn.returnsVoid || request.method === "HEAD" ? "none" : fn.returnsComposite ? composite : scalar;
  const text = resultSql(output, shape, { source, rows, count: count.cte(params), total: count.total });
  const verdict = verdictOf(request, call, output, readOnly);
  const main = { text, values: params.values };
  const timeout = fn.timeout?.split("=")[1] ?? null;
  const options = { readOnly, timeout, explain: count.explain, verdict, needs };
  if (output.kind === "plan") return planAnswer(engine, request, main, output, options);
  const result = await run(engine, request, main, options);
  if (fn.returnsVoid) {
    const headers: [string, string][] = [
      ["Content-Range", "*/*"],
      ...appliedHeader(request.prefer, ["timezone", "handling"]),
    ];
    return answer(result, 204, headers, null);
  }
  return readAnswer(request, output, result, node, one ?? count.of(result));
}
