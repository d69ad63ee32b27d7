import type { Output } from "./media-type.ts";

/** How the rows of the final query become the body; all of it is built by Postgres. */
export type Shape = "rows" | "row" | "scalars" | "scalar" | "none";

const T = '"pgrst_t"';

function bodySql(output: Output, shape: Shape): string {
  if (shape === "none") return "null";
  const rows = shape === "rows" || shape === "row";
  const value = rows ? `${T}.*` : `${T}."pgrst_scalar"`;
  const one = shape === "row" || shape === "scalar";
  switch (output.kind) {
    case "csv":
      return `(select coalesce(string_agg(k, ',' order by n), '') from json_object_keys(json_agg(${T}.*)->0)
        with ordinality as keys(k, n)) || e'\\n'
        || coalesce(string_agg(substring((${T}.*)::text, 2, length((${T}.*)::text) - 2), e'\\n'), '')`;
    case "geojson":
      return `json_build_object('type', 'FeatureCollection',
        'features', coalesce(json_agg(st_asgeojson(${T}.*)::json), '[]'))::text`;
    case "text":
      return `string_agg(${value}::text, '')`;
    case "binary":
      return `encode(string_agg(${value}::bytea, ''), 'hex')`;
    case "object":
    case "json": {
      const array = output.stripNulls ? `json_strip_nulls(json_agg(${value}))` : `json_agg(${value})`;
      if (one) return `coalesce((${array}->0)::text, 'null')`;
      if (output.kind === "object") return `(${array}->0)::text`;
      return `coalesce(${array}::text, '[]')`;
    }
    default:
      return `coalesce(json_agg(${value})::text, '[]')`;
  }
}

/** One row: total, rows in the page, body, what the request's functions set as headers and status, and rows that are new. */
export function resultSql(
  output: Output,
  shape: Shape,
  parts: { source: string | null; rows: string; count: string | null; total: string },
): string {
  const ctes = [
    ...(parts.source === null ? [] : [`pgrst_source as (${parts.source})`]),
    ...(parts.count === null ? [] : [`pgrst_count as (${parts.count})`]),
  ];
  return `${ctes.length === 0 ? "" : `with ${ctes.join(", ")} `}select ${parts.total}, count(*), ${bodySql(output, shape)},
    nullif(current_setting('response.headers', true), ''), nullif(current_setting('response.status', true), ''),
    nullif(current_setting('pgrst.inserted', true), '')
    from (${parts.rows}) as ${T}`;
}

export const TOTAL_OF_COUNT = "(select count(*) from pgrst_count)";
