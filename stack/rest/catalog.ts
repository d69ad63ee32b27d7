import { z } from "zod";

const column = z.object({
  name: z.string(),
  number: z.number(),
  type: z.string(),
  base: z.string(),
  nullable: z.boolean(),
  comment: z.string().nullable(),
  default: z.string().nullable(),
});

export const relationRow = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  writes: z.number(),
  comment: z.string().nullable(),
  columns: z.array(column),
  keys: z.array(z.object({ primary: z.boolean(), columns: z.array(z.string()).nullable() })).nullable(),
});

export const foreignKeyRow = z.object({
  constraint: z.string(),
  from: z.string(),
  to: z.string(),
  columns: z.array(z.tuple([z.string(), z.string()])),
});

export const functionRow = z.object({
  oid: z.string(),
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
export type ForeignKey = z.infer<typeof foreignKeyRow>;
export type FunctionRow = z.infer<typeof functionRow>;

/** A table or view. */
export interface Relation {
  oid: string;
  schema: string;
  name: string;
  kind: string;
  /** What can be done to it at all, whoever asks: Postgres' bits for update (4), insert (8) and delete (16). */
  writes: number;
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

export type Cardinality = "many-to-one" | "one-to-many" | "one-to-one" | "many-to-many";

export interface Junction {
  relation: Relation;
  own: { constraint: string; columns: [string, string][] };
  far: { constraint: string; columns: [string, string][] };
}

/** One way from a table to another. `columns` pairs the own column with the foreign one. */
export interface Relationship {
  from: Relation;
  to: Relation;
  cardinality: Cardinality;
  constraint: string;
  columns: [string, string][];
  /** True at the side that holds the foreign key. */
  holdsKey: boolean;
  junction: Junction | null;
  /** A function of the row that returns the related rows, in place of a key. */
  computed: Fn | null;
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
