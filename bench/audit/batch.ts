import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

/** A submitted row's values are kept in the log; of a draft, which is walled, only names and a digest. */
export const KINDS = ["submitted", "draft"] as const;
export type Kind = (typeof KINDS)[number];

export const LARGEST = 10_000;

const COLUMNS =
  "school_id, id, teacher_id, observer_id, framework_id, kind, status, observed_at, focus, notes, submitted_at, created_at";

/** Rows ready to be inserted, so that making them is no part of what is measured. Row 0 is for warming up. */
export async function makeBatch(db: Kysely<Database>): Promise<void> {
  await sql`drop table if exists bench.batch`.execute(db);
  await sql`
    create table bench.batch as
    select row_number() over (partition by k.status order by o.id) - 1 as n, o.school_id, bench.id(k.status || o.id) as id, o.teacher_id, o.observer_id,
      o.framework_id, o.kind, k.status, o.observed_at, o.focus, o.notes, case when k.status <> 'draft' then o.observed_at end as submitted_at, o.created_at
    from (select * from public.observations where kind <> 'coaching' order by id limit ${sql.lit(LARGEST + 1)}) o,
      unnest(${[...KINDS]}::text[]) k (status)`.execute(db);
  await sql`create unique index on bench.batch (status, n)`.execute(db);
  await sql`grant usage on schema bench to postgres`.execute(db);
  await sql`grant select on bench.batch to postgres`.execute(db);
  await sql`vacuum (analyze) bench.batch`.execute(db);
}

const rowsOf = (kind: Kind, from: number, to: number) => `b.status = '${kind}' and b.n between ${from} and ${to}`;

export function insertSql(kind: Kind, from: number, to: number): string {
  const select = COLUMNS.split(", ").map((column) => `b.${column}`);
  return `insert into public.observations (${COLUMNS}) select ${select.join(", ")} from bench.batch b where ${rowsOf(kind, from, to)}`;
}

export function updateSql(kind: Kind, from: number, to: number): string {
  return `update public.observations o set notes = o.notes || '.' from bench.batch b
    where ${rowsOf(kind, from, to)} and o.school_id = b.school_id and o.id = b.id`;
}
