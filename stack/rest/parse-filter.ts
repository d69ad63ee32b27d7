import { type Field, parseField } from "./field.ts";
import { Scanner } from "./scanner.ts";

export const COMPARISONS = ["eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch"] as const;
const PLAIN = ["neq", "isdistinct", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"] as const;
const SEARCHES = ["fts", "plfts", "phfts", "wfts"] as const;
const IS_VALUES = ["null", "not_null", "true", "false", "unknown"] as const;

export type Comparison = (typeof COMPARISONS)[number];
export type PlainOperator = (typeof PLAIN)[number];
export type Search = (typeof SEARCHES)[number];
export type IsValue = (typeof IS_VALUES)[number];

export type Operation =
  | { op: Comparison; quantifier: "any" | "all" | null; value: string }
  | { op: PlainOperator; value: string }
  | { op: "in"; values: string[] }
  | { op: "is"; value: IsValue }
  | { op: Search; language: string | null; value: string };

export interface Condition {
  kind: "condition";
  field: Field;
  negated: boolean;
  operation: Operation;
}

export interface Logic {
  kind: "and" | "or";
  negated: boolean;
  terms: Filter[];
}

export type Filter = Condition | Logic;

const MAX_DEPTH = 64;

/** `eq.1`, `not.in.(1,2)`: the right side of `column=…`. Null when the text does not begin like an operation. */
export function parseOperation(text: string, field: Field): Condition {
  const scan = new Scanner(text, "filter");
  const negated = scan.take("not.");
  const operation = operationOf(scan, () => scan.rest());
  if (!scan.done) throw scan.fail("end of input");
  return { kind: "condition", field, negated, operation };
}

export function looksLikeOperation(text: string): boolean {
  try {
    parseOperation(text, { name: "", path: [] });
    return true;
  } catch {
    return false;
  }
}

/** `(a.eq.1,or(b.eq.2,c.is.null))`: the right side of `and=` and `or=`. */
export function parseLogic(kind: "and" | "or", negated: boolean, text: string): Logic {
  const scan = new Scanner(text, "logic tree");
  const logic = group(scan, kind, negated, 0);
  if (!scan.done) throw scan.fail("end of input");
  return logic;
}

function group(scan: Scanner, kind: "and" | "or", negated: boolean, depth: number): Logic {
  if (depth > MAX_DEPTH) throw scan.fail("fewer nested groups");
  scan.skipSpaces();
  scan.expect("(");
  const terms: Filter[] = [];
  do {
    scan.skipSpaces();
    const start = scan.at;
    const not = scan.take("not.");
    const inner = scan.match(/(?:and|or)(?=\s*\()/);
    if (inner === "and" || inner === "or") terms.push(group(scan, inner, not, depth + 1));
    else {
      scan.at = start;
      terms.push(condition(scan));
    }
    scan.skipSpaces();
  } while (scan.take(","));
  scan.expect(")");
  return { kind, negated, terms };
}

function condition(scan: Scanner): Condition {
  const field = parseField(scan);
  scan.expect(".");
  const negated = scan.take("not.");
  return { kind: "condition", field, negated, operation: operationOf(scan, () => listedValue(scan)) };
}

function operationOf(scan: Scanner, value: () => string): Operation {
  const word = scan.match(/[a-z]+/);
  const comparison = COMPARISONS.find((op) => op === word);
  if (comparison !== undefined) {
    const quantifier = scan.take("(any)") ? "any" : scan.take("(all)") ? "all" : null;
    scan.expect(".");
    return { op: comparison, quantifier, value: value() };
  }
  const plain = PLAIN.find((op) => op === word);
  if (plain !== undefined) {
    scan.expect(".");
    return { op: plain, value: value() };
  }
  if (word === "in") {
    scan.expect(".");
    return { op: "in", values: list(scan) };
  }
  if (word === "is") {
    scan.expect(".");
    const found = scan.match(/[A-Za-z_]+/)?.toLowerCase();
    const is = IS_VALUES.find((each) => each === found);
    if (is === undefined) throw scan.fail("isVal: (null, not_null, true, false, unknown)");
    return { op: "is", value: is };
  }
  const search = SEARCHES.find((op) => op === word);
  if (search !== undefined) {
    let language: string | null = null;
    if (scan.take("(")) {
      language = scan.name();
      scan.expect(")");
    }
    scan.expect(".");
    return { op: search, language, value: value() };
  }
  scan.at -= word?.length ?? 0;
  throw scan.fail("operator (eq, gt, ...)");
}

function list(scan: Scanner): string[] {
  scan.expect("(");
  const values: string[] = [];
  if (scan.take(")")) return values;
  do values.push(quotedAlone(scan) ?? scan.match(/[^,)]*/) ?? "");
  while (scan.take(","));
  scan.expect(")");
  return values;
}

/** A value inside a group ends at a comma or bracket, unless quoted or an array literal. */
function listedValue(scan: Scanner): string {
  const quoted = quotedAlone(scan);
  if (quoted !== null) return quoted;
  const array = scan.match(/\{[^{}]*\}(?=[,)]|$)/);
  return array ?? scan.match(/[^,)]*/) ?? "";
}

/** A quoted value, when nothing but a separator follows it; otherwise the quotes belong to the value. */
function quotedAlone(scan: Scanner): string | null {
  if (!scan.peek('"')) return null;
  const start = scan.at;
  const value = scan.quoted();
  if (scan.done || scan.peek(",") || scan.peek(")")) return value;
  scan.at = start;
  return null;
}
