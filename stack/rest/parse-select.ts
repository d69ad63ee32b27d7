import { type Field, parseJsonPath } from "./field.ts";
import { Scanner } from "./scanner.ts";

export const AGGREGATES = ["sum", "avg", "min", "max", "count"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface SelectField {
  kind: "field";
  /** Null for `count()`; the name `*` stands for every column. */
  field: Field | null;
  alias: string | null;
  cast: string | null;
  aggregate: Aggregate | null;
  aggregateCast: string | null;
}

export interface SelectRelation {
  kind: "relation";
  target: string;
  alias: string | null;
  hint: string | null;
  inner: boolean;
  spread: boolean;
  items: SelectItem[];
}

export type SelectItem = SelectField | SelectRelation;

const MAX_DEPTH = 32;

const TYPE_NAME =
  /(?:double precision|(?:bit|character) varying|time(?:stamp)? with(?:out)? time zone|[A-Za-z_][A-Za-z0-9_]*)(?:\[\])?/;

export function parseSelect(text: string): SelectItem[] {
  if (text.trim() === "") return parseSelect("*");
  const scan = new Scanner(text, "select parameter");
  const items = parseItems(scan, 0);
  if (!scan.done) throw scan.fail('"," or end of input');
  return items;
}

function parseItems(scan: Scanner, depth: number): SelectItem[] {
  if (depth > MAX_DEPTH) throw scan.fail("fewer levels of embedding");
  const items: SelectItem[] = [];
  do items.push(parseItem(scan, depth));
  while (scan.take(","));
  return items;
}

function parseItem(scan: Scanner, depth: number): SelectItem {
  scan.skipSpaces();
  if (scan.take("...")) return parseRelation(scan, scan.name(), null, true, depth);
  if (scan.take("*")) {
    scan.skipSpaces();
    return { ...plain({ name: "*", path: [] }) };
  }
  let name = scan.name();
  let alias: string | null = null;
  if (scan.peek(":") && !scan.peek("::")) {
    scan.expect(":");
    alias = name;
    scan.skipSpaces();
    name = scan.name();
  }
  if (name === "count" && scan.take("()")) {
    return { ...plain(null), alias, aggregate: "count", aggregateCast: parseCast(scan) };
  }
  if (scan.peek("!") || scan.peek("(")) return parseRelation(scan, name, alias, false, depth);
  const field: Field = { name, path: parseJsonPath(scan) };
  const cast = parseCast(scan);
  const aggregate = parseAggregate(scan);
  const aggregateCast = aggregate === null ? null : parseCast(scan);
  scan.skipSpaces();
  return { kind: "field", field, alias, cast, aggregate, aggregateCast };
}

function plain(field: Field | null): SelectField {
  return { kind: "field", field, alias: null, cast: null, aggregate: null, aggregateCast: null };
}

function parseCast(scan: Scanner): string | null {
  if (!scan.take("::")) return null;
  // Type names only: no quote, bracket or operator, so that a cast cannot leave its place in the statement.
  const cast = scan.match(TYPE_NAME);
  if (cast === null) throw scan.fail("a type name");
  scan.skipSpaces();
  return cast;
}

function parseAggregate(scan: Scanner): Aggregate | null {
  if (!scan.take(".")) return null;
  const found = AGGREGATES.find((aggregate) => scan.take(`${aggregate}()`));
  if (found === undefined) throw scan.fail("an aggregate function such as sum()");
  return found;
}

function parseRelation(
  scan: Scanner,
  target: string,
  alias: string | null,
  spread: boolean,
  depth: number,
): SelectRelation {
  let hint: string | null = null;
  let inner = false;
  while (scan.take("!")) {
    const word = scan.name();
    if (word === "inner") inner = true;
    else if (word !== "left") hint = word;
  }
  scan.expect("(");
  scan.skipSpaces();
  const items = scan.peek(")") ? [] : parseItems(scan, depth + 1);
  scan.expect(")");
  scan.skipSpaces();
  return { kind: "relation", target, alias, hint, inner, spread, items };
}
