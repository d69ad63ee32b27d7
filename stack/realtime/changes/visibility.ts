import pg from "pg";
import type { Logger } from "pino";
import { z } from "zod";
import type { Claims } from "../../context.ts";
import { arrayLiteral } from "./array-literal.ts";
import type { Table } from "./tables.ts";
import { transaction } from "./transaction.ts";

/** Values of the primary key, in the order of its columns. */
export type Key = string[];

export interface Asker {
  claims: Claims;
  keys: Key[];
}

interface Deps {
  /** Logged in as authenticator, which may become the roles of tokens and nothing more. */
  pool: pg.Pool;
  log: Logger;
}

const VISIBLE = "select asker, seen, failure from realtime.visible_rows($1, $2, $3::text[], $4::int[], $5::text[])";
const TIMEOUT = 20_000;
const QUERY_CANCELED = "57014";
/** Of one statement: askers times keys. */
const CHECKS = 20_000;

const results = z.array(z.object({ asker: z.number(), seen: z.array(z.number()), failure: z.string().nullable() }));

/** One look-up by primary key for each key, as a scalar: a join could read the whole table under its policies instead. */
function probe(table: Table): string {
  const columns = table.columns.filter((column) => column.isPrimaryKey);
  const names = columns.map((_, at) => `k${at}`);
  const inputs = columns.map((column, at) => `$${at + 1}::${column.sqlType}[]`);
  const same = columns.map((column, at) => `t.${pg.escapeIdentifier(column.name)} = k.k${at}`);
  return `select array_agg(k.n) from unnest(${inputs.join(", ")}) with ordinality as k(${names.join(", ")}, n)
    where (select true from ${table.sqlName} t where ${same.join(" and ")} limit 1)`;
}

/** Arguments of the probe; askers with the same keys share them. */
function argumentsFor(keys: Key[]): string {
  const width = keys[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, at) => arrayLiteral(keys.map((key) => key[at] ?? null)));
  return columns.map((column) => pg.escapeLiteral(column)).join(", ");
}

async function ask({ pool, log }: Deps, table: Table, role: string, askers: Asker[]): Promise<Set<number>[]> {
  const sets = new Map<string, number>();
  const setOf = askers.map(({ keys }) => {
    const text = argumentsFor(keys);
    const known = sets.get(text) ?? sets.size + 1;
    sets.set(text, known);
    return known;
  });
  const claims = askers.map((asker) => JSON.stringify(asker.claims));
  const begin = `begin; set local statement_timeout = ${TIMEOUT}`;
  const values = [probe(table), role, claims, setOf, [...sets.keys()]];
  const { rows } = await transaction(pool, { begin, end: "rollback" }, (client) => client.query(VISIBLE, values));
  const seen = askers.map(() => new Set<number>());
  for (const row of results.parse(rows)) {
    if (row.failure !== null) log.warn({ table: table.sqlName, role }, `Cannot check a policy: ${row.failure}`);
    seen[row.asker - 1] = new Set(row.seen.map((n) => n - 1));
  }
  return seen;
}

/**
 * Which of its keys each asker may see now, by the table's policies, under the role and claims of the asker. An asker whose
 * policy fails sees nothing.
 */
export async function visibleKeys(deps: Deps, table: Table, role: string, askers: Asker[]): Promise<Set<number>[]> {
  const seen: Set<number>[] = [];
  let chunk: Asker[] = [];
  let checks = 0;
  const flush = async () => {
    const asked = chunk;
    if (asked.length > 0) {
      seen.push(
        ...(await ask(deps, table, role, asked).catch((error: unknown) => {
          // Policies that take too long hide the rows; they must not hide those of other tables as well.
          if (!(error instanceof pg.DatabaseError) || error.code !== QUERY_CANCELED) throw error;
          deps.log.warn({ err: error, table: table.sqlName, role }, "Cannot check policies in time");
          return asked.map(() => new Set<number>());
        })),
      );
    }
    chunk = [];
    checks = 0;
  };
  for (const asker of askers) {
    if (checks + asker.keys.length > CHECKS) await flush();
    chunk.push(asker);
    checks += asker.keys.length;
  }
  await flush();
  return seen;
}
