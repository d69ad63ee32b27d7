import type pg from "pg";
import { z } from "zod";
import {
  type Catalog,
  type Fn,
  type FunctionRow,
  foreignKeyRow,
  functionRow,
  qualified,
  type Relation,
  relationRow,
} from "./catalog.ts";
import { FOREIGN_KEYS, FUNCTIONS, RELATIONS, VIEWS } from "./catalog-sql.ts";
import { deriveRelationships } from "./relationships.ts";
import { viewOrigins } from "./view-columns.ts";

function toRelation(row: z.infer<typeof relationRow>): Relation {
  const keys = (row.keys ?? []).flatMap((key) => (key.columns === null ? [] : [{ ...key, columns: key.columns }]));
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: row.kind,
    writes: row.writes,
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
      .array(relationRow)
      .parse((await client.query(RELATIONS)).rows)
      .map(toRelation);
    const keys = z.array(foreignKeyRow).parse((await client.query(FOREIGN_KEYS)).rows);
    const views = z
      .array(z.object({ oid: z.string(), action: z.string() }))
      .parse((await client.query(VIEWS, [schemas])).rows);
    const functions = z
      .array(functionRow)
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
