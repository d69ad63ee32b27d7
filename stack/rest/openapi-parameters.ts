function prefer(values: string[]): object {
  return {
    name: "Prefer",
    description: "Preference",
    in: "header",
    required: false,
    type: "string",
    ...(values.length > 0 && { enum: values }),
  };
}

const given = (name: string, where: "query" | "header", description: string, more: object = {}): object => ({
  name,
  description,
  in: where,
  required: false,
  type: "string",
  ...more,
});

const RETURN = ["return=representation", "return=minimal", "return=none"];
const PAGES = "Limiting and Pagination";

/** What every table's operations share. */
export const COMMON_PARAMETERS: Record<string, object> = {
  preferParams: prefer([]),
  preferReturn: prefer(RETURN),
  preferCount: prefer(["count=none"]),
  preferPost: prefer([...RETURN, "resolution=ignore-duplicates", "resolution=merge-duplicates"]),
  select: given("select", "query", "Filtering Columns"),
  on_conflict: given("on_conflict", "query", "On Conflict"),
  order: given("order", "query", "Ordering"),
  range: given("Range", "header", PAGES),
  rangeUnit: given("Range-Unit", "header", PAGES, { default: "items" }),
  offset: given("offset", "query", PAGES),
  limit: given("limit", "query", PAGES),
};
