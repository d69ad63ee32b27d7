import { RestError } from "./errors.ts";
import { parseField } from "./field.ts";
import { type Filter, looksLikeOperation, parseLogic, parseOperation } from "./parse-filter.ts";
import { type OrderTerm, parseOrder } from "./parse-order.ts";
import { parseSelect, type SelectItem } from "./parse-select.ts";
import { Scanner } from "./scanner.ts";

/** Something said about the resource at a path of embedded resources; the root's path is empty. */
export interface At<T> {
  path: string[];
  value: T;
}

export interface Query {
  select: SelectItem[];
  filters: At<Filter>[];
  orders: At<OrderTerm[]>[];
  limits: At<number>[];
  offsets: At<number>[];
  columns: string[] | null;
  onConflict: string[] | null;
  /** Arguments of a function called by GET: parameters whose value is no operation. */
  args: [string, string][];
}

function integer(name: string, value: string): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new RestError(400, "PGRST100", `"failed to parse ${name} parameter (${value})"`, "Expected an integer");
  }
  return number;
}

function names(what: string, text: string): string[] | null {
  if (text.trim() === "") return null;
  const scan = new Scanner(text, `${what} parameter`);
  const out: string[] = [];
  do out.push(scan.name());
  while (scan.take(","));
  if (!scan.done) throw scan.fail('"," or end of input');
  return out;
}

/** Splits `a.b.limit` into the path and the last word; quoted parts keep their dots. */
function splitKey(key: string): { path: string[]; last: string } {
  if (!key.includes(".")) return { path: [], last: key };
  const parts = key.match(/(?:"(?:[^"\\]|\\.)*"|[^."])+/g) ?? [key];
  const last = parts.pop() ?? key;
  return { path: parts.map((part) => part.replace(/^"(.*)"$/, "$1")), last };
}

function logicOf(path: string[], last: string): { path: string[]; negated: boolean } {
  const negated = path.at(-1) === "not";
  return last === "and" || last === "or"
    ? { path: negated ? path.slice(0, -1) : path, negated }
    : { path, negated: false };
}

/** A field's key: `tasks.name`, `data->>a`. Everything but the last name is the path. */
function fieldKey(key: string): { path: string[]; field: ReturnType<typeof parseField> } {
  const scan = new Scanner(key, "tree path");
  const path: string[] = [];
  let field = parseField(scan);
  while (field.path.length === 0 && scan.take(".")) {
    path.push(field.name);
    field = parseField(scan);
  }
  if (!scan.done) throw scan.fail("end of input");
  return { path, field };
}

/** Reads the whole query string. `call` is true for a function called by GET. */
export function parseQuery(params: URLSearchParams, call: boolean): Query {
  const query: Query = {
    select: [],
    filters: [],
    orders: [],
    limits: [],
    offsets: [],
    columns: null,
    onConflict: null,
    args: [],
  };
  let select: string | null = null;
  for (const [key, value] of params) {
    // A statement's text ends at a NUL on the wire; nothing that can reach it may hold one.
    if (key.includes("\0") || value.includes("\0")) {
      throw new RestError(400, "PGRST100", '"failed to parse the query string"', "Unexpected NUL character");
    }
    const { path, last } = splitKey(key);
    if (key === "select") select = value;
    else if (key === "columns") query.columns = names(key, value);
    else if (key === "on_conflict") query.onConflict = names(key, value);
    else if (last === "order") query.orders.push({ path, value: parseOrder(value) });
    else if (last === "limit") query.limits.push({ path, value: integer(last, value) });
    else if (last === "offset") query.offsets.push({ path, value: integer(last, value) });
    else if (last === "and" || last === "or") {
      const at = logicOf(path, last);
      query.filters.push({ path: at.path, value: parseLogic(last, at.negated, value) });
    } else if (call && !looksLikeOperation(value)) query.args.push([key, value]);
    else {
      const at = fieldKey(key);
      query.filters.push({ path: at.path, value: parseOperation(value, at.field) });
    }
  }
  query.select = parseSelect(select ?? "*");
  return query;
}
