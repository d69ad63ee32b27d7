import type pg from "pg";
import { z } from "zod";
import { FOREIGN_KEYS, FUNCTIONS, RELATIONS, VIEWS } from "./catalog-sql.ts";
import { deriveRelationships, type Relationship } from "./relationships.ts";
import { viewOrigins } from "./view-columns.ts";

const column = z.object({
  name: z.string(),
  number: z.number(),
  type: z.string(),
  base: z.string(),
  nullable: z.boolean(),
  comment: z.string().nullable(),
  default: z.string().nullable(),
});

const relation = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  comment: z.string().nullable(),
  columns: z.array(column),
  keys: z.array(z.object({ primary: z.boolean(), columns: z.array(z.string()).nullable() })).nullable(),
});

const foreignKey = z.object({
  constraint: z.string(),
  from: z.string(),
  to: z.string(),
  columns: z.array(z.tuple([z.string(), z.string()])),
});

const fn = z.object({
  schema: z.string(),
  name: z.string(),
  volatility: z.enum(["i", "s", "v"]),
  returnsSet: z.boolean(),
  returnsVoid: z.boolean(),
  rows: z.number(),
  comment: z.string().nullable(),
  returnsComposite: z.boolean(),
  returnsRelation: z.string().nullable(),
  returnsColumns: z.array(z.string()).nullable(),
  variadic: z.boolean(),
  timeout: z.string().nullable(),
  args: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      mode: z.enum(["i", "o", "b", "v", "t"]),
      relation: z.string().nullable(),
    }),
  ),
  defaults: z.number(),
});

export type Column = z.infer<typeof column>;
export type ForeignKey = z.infer<typeof foreignKey>;
export type FunctionRow = z.infer<typeof fn>;

/** A table or view. */
export interface Relation {
  oid: string;
  schema: string;
  name: string;
  kind: string;
  comment: string | null;
  columns: Map<string, Column>;
  primaryKey: string[];
  /** Column lists that are unique, the primary key included. */
  unique: string[][];
}

export interface Parameter {
  name: string;
  type: string;
  required: boolean;
  variadic: boolean;
}

export interface Fn extends Omit<FunctionRow, "args"> {
  parameters: Parameter[];
  /** The row type of the only argument, for computed fields and relationships. */
  rowArgument: string | null;
}

/** What the engine knows of the database: PostgREST's schema cache. */
export interface Catalog {
  relations: Map<string, Relation>;
  byOid: Map<string, Relation>;
  functions: Map<string, Fn[]>;
  /** By the oid of the table they start from. */
  relationships: Map<string, Relationship[]>;
}

export function qualified(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function toRelation(row: z.infer<typeof relation>): Relation {
  const keys = (row.keys ?? []).flatMap((key) => (key.columns === null ? [] : [{ ...key, columns: key.columns }]));
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: row.kind,
    comment: row.comment,
    columns: new Map(row.columns.map((each) => [each.name, each])),
    primaryKey: keys.find((key) => key.primary)?.columns ?? [],
    unique: keys.map((key) => key.columns),
  };
}

function toFunction(row: FunctionRow): Fn {
  const inputs = row.args.filter((arg) => arg.mode !== "o" && arg.mode !== "t");
  const required = inputs.length - row.defaults;
  return {
    ...row,
    parameters: inputs.map((arg, i) => ({
      name: arg.name,
      type: arg.type,
      required: i < required && arg.mode !== "v",
      variadic: arg.mode === "v",
    })),
    rowArgument: inputs.length === 1 ? (inputs[0]?.relation ?? null) : null,
  };
}

/** Reads the catalog inside one snapshot; `schemas` are those exposed. */
export async function loadCatalog(client: pg.ClientBase, schemas: string[]): Promise<Catalog> {
  await client.query("begin isolation level repeatable read read only; set local search_path = ''");
  try {
    const relations = z
      .array(relation)
      .parse((await client.query(RELATIONS)).rows)
      .map(toRelation);
    const keys = z.array(foreignKey).parse((await client.query(FOREIGN_KEYS)).rows);
    const views = z
      .array(z.object({ oid: z.string(), action: z.string() }))
      .parse((await client.query(VIEWS, [schemas])).rows);
    const functions = z
      .array(fn)
      .parse((await client.query(FUNCTIONS, [schemas])).rows)
      .map(toFunction);
    const byOid = new Map(relations.map((each) => [each.oid, each]));
    const origins = viewOrigins(views, byOid);
    const named = new Map<string, Fn[]>();
    for (const each of functions) {
      const key = qualified(each.schema, each.name);
      named.set(key, [...(named.get(key) ?? []), each]);
    }
    const exposed = relations.filter((each) => schemas.includes(each.schema));
    return {
      relations: new Map(exposed.map((each) => [qualified(each.schema, each.name), each])),
      byOid,
      functions: named,
      relationships: deriveRelationships(exposed, keys, origins, functions),
    };
  } finally {
    await client.query("rollback");
  }
}
