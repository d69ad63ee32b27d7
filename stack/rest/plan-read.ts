import type { Catalog, Column, Relation, Relationship } from "./catalog.ts";
import { RestError } from "./errors.ts";
import { outputName } from "./field.ts";
import { findRelationship } from "./find-relationship.ts";
import type { Filter } from "./parse-filter.ts";
import type { OrderTerm } from "./parse-order.ts";
import type { SelectField, SelectItem, SelectRelation } from "./parse-select.ts";
import type { At, Query } from "./query-params.ts";
import { capped, type Range } from "./range.ts";

/** One resource of the request's tree: the root, or an embedded one. */
export interface ReadNode {
  /** Null when rows come from a function that returns no known table. */
  relation: Relation | null;
  /** The name under which its columns are written in the statement. */
  alias: string;
  fields: SelectField[];
  children: Embed[];
  filters: Filter[];
  order: OrderTerm[];
  range: Range;
  /** Columns known of a row that is no table's. */
  columns: Map<string, Column> | null;
}

export interface Embed {
  node: ReadNode;
  relationship: Relationship;
  /** Its key in the answer, and its name in filters, orders and limits. */
  name: string;
  /** What the request embeds, whatever it calls it. */
  target: string;
  /** The lateral subquery's alias. */
  lateral: string;
  toMany: boolean;
  inner: boolean;
  spread: boolean;
  /** Selected for filtering only: `clients()`. */
  hidden: boolean;
}

export interface ReadOptions {
  maxRows: number | null;
  aggregates: boolean;
}

class Planner {
  readonly #catalog: Catalog;
  readonly #root: string;
  readonly #options: ReadOptions;
  #count = 0;

  constructor(catalog: Catalog, root: string, options: ReadOptions) {
    this.#catalog = catalog;
    this.#root = root;
    this.#options = options;
  }

  node(relation: Relation | null, alias: string, items: SelectItem[]): ReadNode {
    const fields = items.filter((item) => item.kind === "field");
    if (!this.#options.aggregates && fields.some((field) => field.aggregate !== null)) {
      throw new RestError(400, "PGRST123", "Use of aggregate functions is not allowed");
    }
    const children = items.flatMap((item) => (item.kind === "relation" ? [this.#embed(relation, alias, item)] : []));
    return {
      relation,
      alias,
      fields,
      children,
      filters: [],
      order: [],
      range: { offset: 0, limit: this.#options.maxRows },
      columns: relation?.columns ?? null,
    };
  }

  #embed(origin: Relation | null, originName: string, item: SelectRelation): Embed {
    if (origin === null) {
      throw new RestError(
        400,
        "PGRST200",
        `Could not find a relationship between '${originName}' and '${item.target}' in the schema cache`,
      );
    }
    const relationship = findRelationship(this.#catalog, origin, item);
    const toMany = relationship.cardinality === "one-to-many" || relationship.cardinality === "many-to-many";
    const alias = this.#alias(item.target);
    return {
      node: this.node(relationship.to, alias, item.items),
      relationship,
      name: item.alias ?? item.target,
      target: item.target,
      lateral: `pgrst_${this.#count}`,
      toMany,
      inner: item.inner,
      spread: item.spread,
      hidden: item.items.length === 0,
    };
  }

  /** Unlike any other alias, within the 63 bytes of a name, and never the root's own name. */
  #alias(name: string): string {
    do this.#count += 1;
    while (`${name}_${this.#count}` === this.#root);
    return name.length > 24 ? `pgrst_t${this.#count}` : `${name}_${this.#count}`;
  }
}

function find(root: ReadNode, path: string[]): ReadNode {
  let node = root;
  for (const name of path) {
    // What is embedded under another name still answers to its own.
    const named = node.children.find((each) => each.name === name);
    const child = named ?? node.children.find((each) => each.target === name);
    if (child === undefined) {
      throw new RestError(
        400,
        "PGRST108",
        `'${name}' is not an embedded resource in this request`,
        null,
        `Verify that '${name}' is included in the 'select' query parameter.`,
      );
    }
    node = child.node;
  }
  return node;
}

function last<T>(root: ReadNode, entries: At<T>[], apply: (node: ReadNode, value: T) => void): void {
  for (const { path, value } of entries) if (path.length > 0) apply(find(root, path), value);
}

/** Resolves names and relationships into a tree that can be written as SQL. `rootRange` already holds header and query. */
export function planRead(
  catalog: Catalog,
  target: { relation: Relation | null; name: string },
  query: Query,
  rootRange: Range,
  options: ReadOptions,
): ReadNode {
  const root = new Planner(catalog, target.name, options).node(target.relation, target.name, query.select);
  root.range = { offset: rootRange.offset, limit: capped(rootRange.limit, options.maxRows) };
  for (const { path, value } of query.filters) find(root, path).filters.push(value);
  for (const { path, value } of query.orders) find(root, path).order = value;
  last(root, query.limits, (node, limit) => {
    node.range.limit = capped(Math.max(limit, 0), options.maxRows);
  });
  last(root, query.offsets, (node, offset) => {
    node.range.offset = Math.max(offset, 0);
  });
  return root;
}

/** The key under which a selected field appears. */
export function fieldName(item: SelectField): string {
  if (item.alias !== null) return item.alias;
  if (item.aggregate !== null) return item.aggregate;
  return item.field === null ? "count" : outputName(item.field);
}
