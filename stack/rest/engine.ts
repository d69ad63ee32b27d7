import type pg from "pg";
import { qualified, type Relation } from "./catalog.ts";
import { type ErrorContext, fromDatabase } from "./database-error.ts";
import { unknownTable } from "./errors.ts";
import { execute, type Result, type Verdict } from "./execute.ts";
import { nearest } from "./nearest.ts";
import type { Statement } from "./pipeline.ts";
import type { ReadNode } from "./plan-read.ts";
import type { Preferences } from "./preferences.ts";
import type { Snapshot } from "./schema-cache.ts";
import { preRequestStatement, type RequestContext, sessionStatement } from "./session.ts";

/** A request as the handlers see it. */
export interface RestRequest {
  method: string;
  params: URLSearchParams;
  schema: string;
  prefer: Preferences;
  accept: string | undefined;
  contentType: string | undefined;
  range: string | undefined;
  context: RequestContext;
  body(): Promise<string>;
}

export interface Engine extends Snapshot {
  pool: pg.Pool;
}

export function findTable(engine: Engine, schema: string, name: string): Relation {
  const relation = engine.catalog.relations.get(qualified(schema, name));
  if (relation !== undefined) return relation;
  const names = [...engine.catalog.relations.values()]
    .filter((each) => each.schema === schema)
    .map((each) => each.name);
  throw unknownTable(schema, name, nearest(name, names));
}

/** The rights that the request's tables call for, for the hint of a refusal. */
export type Needs = Map<string, { schema: string; verb: string }>;

export function readNeeds(node: ReadNode, needs: Needs = new Map()): Needs {
  if (node.relation !== null) needs.set(node.relation.name, { schema: node.relation.schema, verb: "SELECT" });
  for (const child of node.children) readNeeds(child.node, needs);
  return needs;
}

export interface Run {
  readOnly: boolean;
  timeout: string | null;
  /** Runs just before the main statement; its first value comes back as `before`. */
  explain: Statement | null;
  verdict: Verdict | null;
  needs: Needs;
}

/** Runs a request's statement as its caller and turns what Postgres refuses into an answer. */
export async function run(engine: Engine, request: RestRequest, main: Statement, options: Run): Promise<Result> {
  const { role } = request.context;
  const context: ErrorContext = {
    authenticated: role !== "anon",
    grantFor: (table) => {
      const need = options.needs.get(table);
      if (need === undefined) return null;
      return `Grant the required privileges to the current role with: GRANT ${need.verb} ON ${need.schema}.${table} TO ${role};`;
    },
  };
  const { config } = engine;
  const setup = [
    sessionStatement(config, request.schema, request.context, {
      readOnly: options.readOnly,
      timezone: request.prefer.timezone,
      timeout: options.timeout,
    }),
    ...(config.preRequest === null ? [] : [preRequestStatement(config.preRequest)]),
    ...(options.explain === null ? [] : [options.explain]),
  ];
  const chosen = request.prefer.applied.find((each) => each.startsWith("tx="));
  const rollback = config.txOverride && chosen !== undefined ? request.prefer.rollback : config.rollbackByDefault;
  try {
    return await execute(engine.pool, engine.generation, setup, main, { verdict: options.verdict, rollback });
  } catch (error) {
    throw fromDatabase(error, context);
  }
}
