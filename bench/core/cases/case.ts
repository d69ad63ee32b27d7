import { asRequest, type Query } from "../../support/query.ts";

export interface Case {
  who: string;
  what: string;
  user: string;
  asUser: Query;
  /** The same without row-level security, with the conditions that a careful engineer would write for this very person. */
  byHand: Query;
}

/** A select as a client words it, to which the query by hand adds its conditions. */
export interface Select {
  from: string;
  columns: string;
  /** Another table's row within each row, as PostgREST embeds it; `live` stands where the query by hand leaves out removed rows. */
  embed?: { as: string; table: string; columns: string; on: string };
  where: string;
  order: string;
}

const MAX_ROWS = 1000;

function wordedAs(select: Select, live: boolean, extra: string, values: string[]): Query {
  const { embed } = select;
  const join = embed
    ? `left join lateral (select ${embed.columns} from public.${embed.table} x where ${embed.on}${live ? " and x.deleted_at is null" : ""}) x on true`
    : "";
  return asRequest(
    `select ${select.columns}${embed ? `, row_to_json(x.*)::jsonb as ${embed.as}` : ""} from public.${select.from} o ${join}
      where ${select.where}${extra} order by ${select.order} limit ${MAX_ROWS} offset 0`,
    values,
  );
}

/** `scope` is what the query by hand says instead of the policies of the table itself; `values` beyond the client's are its own. */
export function selectCase(
  { who, what, user }: Pick<Case, "who" | "what" | "user">,
  select: Select,
  values: string[],
  scope?: { condition: string; values?: string[] },
): Case {
  const extra = scope ? ` and ${scope.condition}` : "";
  return {
    who,
    what,
    user,
    asUser: wordedAs(select, false, "", values),
    byHand: wordedAs(select, true, extra, [...values, ...(scope?.values ?? [])]),
  };
}
