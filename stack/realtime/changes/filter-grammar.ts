import { inspect } from "./inspect.ts";

export const OPERATORS = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "in",
  "like",
  "ilike",
  "is",
  "match",
  "imatch",
  "isdistinct",
] as const;
/** Conditions of one filter. */
const MOST = 100;

export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  column: string;
  operator: Operator;
  /** Of `in`: an array literal of Postgres. */
  value: string;
  negate: boolean;
}

/** The client's subscription cannot be understood; the message is the one it is told. */
export class ParamsError extends Error {
  override readonly name = "ParamsError";
}

function isOperator(word: string): word is Operator {
  return OPERATORS.some((each) => each === word);
}

/** Cuts at commas that stand neither in quotes nor in parentheses. A quote counts only where a value can begin. */
function splitConditions(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let quoted = false;
  let previous = "";
  const add = (piece: string) => parts.push((parts.pop() ?? "") + piece);
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (quoted && char === "\\" && next !== "") {
      add(char + next);
      at += 1;
    } else if (quoted) {
      quoted = char !== '"';
      add(char);
    } else if (char === "," && depth === 0) {
      parts.push("");
      previous = "";
      continue;
    } else {
      if (char === "(") depth += 1;
      if (char === ")") depth = Math.max(0, depth - 1);
      quoted = char === '"' && [".", "(", ","].includes(previous);
      add(char);
    }
    previous = char;
  }
  return parts;
}

/** Takes the quotes off a wholly quoted value; any other stays as it is. */
function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(value)?.[1];
  return quoted === undefined ? value : quoted.replace(/\\([\s\S])/g, "$1");
}

function cut(text: string, separator: string): [string, string] | [string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function unreadable(reason: string): ParamsError {
  return new ParamsError(`Error parsing \`filter\` params: ${reason}`);
}

function parseCondition(text: string): Filter {
  const condition = text.trim();
  if (condition === "") throw unreadable("filter must not contain empty segments (check for extra commas)");
  const [column, rest] = cut(condition, "=");
  if (rest === undefined) throw unreadable(inspect([column]));
  const negate = rest.startsWith("not.");
  const [operator, value] = cut(negate ? rest.slice("not.".length) : rest, ".");
  if (value === undefined) throw unreadable(inspect([operator]));
  if (!isOperator(operator)) throw unreadable(inspect([operator, value]));
  if (operator !== "in") return { column, operator, value: unquote(value), negate };
  if (!/^\([\s\S]*\)$/.test(value)) throw unreadable("`in` filter value must be wrapped by parentheses");
  return { column, operator, value: `{${value.slice(1, -1)}}`, negate };
}

/** Reads `column=operator.value`, several joined by commas, all of which must hold; a blank filter has none. */
export function parseFilters(filter: string): Filter[] {
  if (filter.trim() === "") return [];
  const conditions = splitConditions(filter.trim());
  if (conditions.length > MOST) throw unreadable(`filter must not have more than ${MOST} conditions`);
  return conditions.map(parseCondition);
}
