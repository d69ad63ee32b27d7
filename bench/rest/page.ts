import { z } from "zod";

export const CONNECTIONS = 16;
export const ROWS = 20;

const COLUMNS = ["id", "teacher_id", "observer_id", "kind", "status", "observed_at", "updated_at"];

/** The page that both servers answer: a school's newest observations, for one who may see them. */
export function pagePath(schoolId: string): string {
  return `/observations?select=${COLUMNS.join(",")}&school_id=eq.${schoolId}&order=observed_at.desc&limit=${ROWS}`;
}

export const PAGE_SQL = `select coalesce(json_agg(page), '[]')::text as body from (
  select ${COLUMNS.join(", ")} from public.observations where school_id = $1 order by observed_at desc limit ${ROWS}
) page`;

/** What a server of the benchmark is told on its command line. */
export const serverOptions = z.object({
  port: z.number(),
  database: z.object({ host: z.string(), port: z.number(), database: z.string() }),
  stateDir: z.string(),
});
export type ServerOptions = z.infer<typeof serverOptions>;

/** What the load generator is told, and what it answers. */
export const loadOptions = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  seconds: z.number(),
});
export type LoadOptions = z.infer<typeof loadOptions>;

export const loadResult = z.object({
  answered: z.number(),
  failed: z.number(),
  perSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
});
export type LoadResult = z.infer<typeof loadResult>;
