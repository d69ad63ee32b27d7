import { RestError } from "./errors.ts";

export interface Range {
  offset: number;
  limit: number | null;
}

function unsatisfiable(details: string): RestError {
  return new RestError(416, "PGRST103", "Requested range not satisfiable", details);
}

/** `Range: 0-9` on a read; `limit` and `offset` in the query string win over it. */
export function rootRange(header: string | undefined, limit: number | null, offset: number | null): Range {
  if (limit !== null && limit < 0) throw unsatisfiable("Limit should be greater than or equal to zero.");
  const found = /^(?:items=)?(\d{1,15})-(\d{0,15})$/.exec(header ?? "");
  if (found === null || limit !== null || offset !== null) return { offset: Math.max(offset ?? 0, 0), limit };
  const from = Number(found[1]);
  if (found[2] === "") return { offset: from, limit: null };
  const to = Number(found[2]);
  if (to < from) {
    throw unsatisfiable("The lower boundary must be lower than or equal to the upper boundary in the Range header.");
  }
  return { offset: from, limit: to - from + 1 };
}

export function capped(limit: number | null, maxRows: number | null): number | null {
  if (maxRows === null) return limit;
  return limit === null ? maxRows : Math.min(limit, maxRows);
}

export function contentRange(offset: number, rows: number, total: number | null): string {
  const range = rows > 0 && total !== 0 ? `${offset}-${offset + rows - 1}` : "*";
  return `${range}/${total ?? "*"}`;
}

/** 200, or 206 when the total is known and more than was returned. */
export function rangeStatus(offset: number, rows: number, total: number | null): 200 | 206 {
  if (total === null) return 200;
  if (offset > total) {
    throw unsatisfiable(`An offset of ${offset} was requested, but there are only ${total} rows.`);
  }
  return rows < total ? 206 : 200;
}
