export interface Query {
  text: string;
  values: string[];
}

/** A select as PostgREST wraps it: the rows as one body. */
export function asRequest(select: string, values: string[]): Query {
  return {
    text: `with pgrst_source as (
      ${select}
    ) select null::bigint as total_result_set, count(*) as page_total, coalesce(json_agg(t.*)::text, '[]') as body,
      nullif(current_setting('response.headers', true), '') as response_headers, nullif(current_setting('response.status', true), '') as response_status
    from (select * from pgrst_source) t`,
    values,
  };
}

export const EMPTY: Query = { text: "select null", values: [] };
