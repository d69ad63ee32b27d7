import { asRequest, type Query } from "../../support/query.ts";

/** What is asked as the user and the same without row-level security and without a function, for this very person. */
export interface Pair {
  asUser: Query;
  byHand: Query;
}

export interface Case extends Pair {
  page: string;
  who: string;
  user: string;
  /** The largest of the aggregates that the page is made of, alone. */
  aggregate?: Pair;
}

/** Submitted evaluations and walkthroughs. */
export const OPEN = "o.status <> 'draft' and o.kind <> 'coaching' and o.deleted_at is null";

/** Lowest level and width of each version's scale. */
export const SCALES = `select l.framework_id, min(l.level) as lowest, max(l.level) as highest, max(l.level) - min(l.level) as width from public.framework_levels l where l.school_id = $1 group by l.framework_id`;

export const pair = (asUser: string, values: string[], byHand: string, valuesByHand: string[]): Pair => ({
  asUser: asRequest(asUser, values),
  byHand: asRequest(byHand, valuesByHand),
});
