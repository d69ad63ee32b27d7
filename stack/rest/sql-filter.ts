import { RestError } from "./errors.ts";
import type { Field } from "./field.ts";
import type { Condition, Filter, Operation } from "./parse-filter.ts";
import type { Embed, ReadNode } from "./plan-read.ts";
import { arrayLiteral, ident, literal, type Params } from "./sql-writer.ts";

const OPERATORS = {
  eq: "=",
  gte: ">=",
  gt: ">",
  lte: "<=",
  lt: "<",
  neq: "<>",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
  isdistinct: "is distinct from",
  cs: "@>",
  cd: "<@",
  ov: "&&",
  sl: "<<",
  sr: ">>",
  nxr: "&<",
  nxl: "&>",
  adj: "-|-",
} as const;

const SEARCHES = {
  fts: "to_tsquery",
  plfts: "plainto_tsquery",
  phfts: "phraseto_tsquery",
  wfts: "websearch_to_tsquery",
} as const;

const IS = {
  null: "is null",
  not_null: "is not null",
  true: "is true",
  false: "is false",
  unknown: "is unknown",
} as const;

/** A column or a path into it. A path on anything but JSON goes through `to_jsonb`. */
export function fieldSql(node: ReadNode, field: Field): string {
  const column = `${ident(node.alias)}.${ident(field.name)}`;
  if (field.path.length === 0) return column;
  const type = node.columns?.get(field.name)?.base;
  const base = type === undefined || type === "json" || type === "jsonb" ? column : `to_jsonb(${column})`;
  const steps = field.path.map(({ text, key }) => {
    const arrow = text ? "->>" : "->";
    return `${arrow}${typeof key === "number" ? (key < 0 ? `(${key})` : key) : literal(key)}`;
  });
  return `(${base}${steps.join("")})`;
}

function operationSql(node: ReadNode, field: Field, operation: Operation, params: Params): string {
  const left = fieldSql(node, field);
  switch (operation.op) {
    case "is":
      return `${left} ${IS[operation.value]}`;
    case "in":
      return `${left} = any (${params.add(arrayLiteral(operation.values))})`;
    case "fts":
    case "plfts":
    case "phfts":
    case "wfts": {
      const language = operation.language === null ? "" : `${literal(operation.language)}, `;
      const type = field.path.length === 0 ? node.columns?.get(field.name)?.base : "text";
      const vector = type === undefined || type === "tsvector" ? left : `to_tsvector(${language}${left})`;
      return `${vector} @@ ${SEARCHES[operation.op]}(${language}${params.add(operation.value)})`;
    }
    case "eq":
    case "gte":
    case "gt":
    case "lte":
    case "lt":
    case "like":
    case "ilike":
    case "match":
    case "imatch": {
      const pattern = operation.op === "like" || operation.op === "ilike";
      const value = params.add(pattern ? operation.value.replaceAll("*", "%") : operation.value);
      const right = operation.quantifier === null ? value : `${operation.quantifier} (${value})`;
      return `${left} ${OPERATORS[operation.op]} ${right}`;
    }
    default:
      return `${left} ${OPERATORS[operation.op]} ${params.add(operation.value)}`;
  }
}

/** `clients=is.null` asks whether anything was embedded at all. */
function embedPresence(condition: Condition, embed: Embed): string {
  const { operation } = condition;
  if (operation.op !== "is" || (operation.value !== "null" && operation.value !== "not_null")) {
    throw new RestError(
      400,
      "PGRST120",
      `Bad operator on the '${embed.name}' embedded resource`,
      "Only is null or not is null filters are allowed on embedded resources",
    );
  }
  const absent = (operation.value === "null") !== condition.negated;
  if (embed.toMany) return `${ident(embed.lateral)}."pgrst_rows" ${absent ? "=" : "<>"} 0`;
  return `${ident(embed.lateral)} is ${absent ? "not " : ""}distinct from null`;
}

export function filterSql(node: ReadNode, filter: Filter, params: Params): string {
  if (filter.kind === "condition") {
    const embed =
      filter.field.path.length === 0 ? node.children.find((each) => each.name === filter.field.name) : undefined;
    if (embed !== undefined) return embedPresence(filter, embed);
    const sql = operationSql(node, filter.field, filter.operation, params);
    return filter.negated ? `not (${sql})` : sql;
  }
  const terms = filter.terms.map((term) => filterSql(node, term, params)).join(` ${filter.kind} `);
  return `${filter.negated ? "not " : ""}(${terms})`;
}

/** Filters on embedded resources need the join; the others stand on the row alone. */
export function usesEmbed(node: ReadNode, filter: Filter): boolean {
  if (filter.kind !== "condition") return filter.terms.some((term) => usesEmbed(node, term));
  return filter.field.path.length === 0 && node.children.some((each) => each.name === filter.field.name);
}
