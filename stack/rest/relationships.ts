import type { Fn, ForeignKey, Relation, Relationship } from "./catalog.ts";
import type { Origins } from "./view-columns.ts";

type Derived = Map<string, Relationship[]>;

function add(all: Derived, relationship: Relationship): void {
  const list = all.get(relationship.from.oid);
  if (list === undefined) all.set(relationship.from.oid, [relationship]);
  else list.push(relationship);
}

/** The names under which a relation shows the given columns of a table: itself, or through a view. */
function shown(relation: Relation, oid: string, columns: string[], origins: Origins): string[] | null {
  if (relation.oid === oid) return columns;
  const map = origins.get(relation.oid);
  if (map === undefined) return null;
  const names = columns.map((column) => [...map].find(([, o]) => o.oid === oid && o.column === column)?.[0]);
  return names.every((name) => name !== undefined) ? names.filter((name) => name !== undefined) : null;
}

function zip(a: string[], b: string[]): [string, string][] {
  return a.map((each, i) => [each, b[i] ?? ""]);
}

function isUnique(table: Relation | undefined, columns: string[]): boolean {
  return table?.unique.some((key) => key.length > 0 && key.every((column) => columns.includes(column))) ?? false;
}

function keyRelationships(exposed: Relation[], keys: ForeignKey[], origins: Origins, all: Derived): void {
  const tables = new Map(exposed.map((each) => [each.oid, each]));
  const faces = (oid: string, columns: string[]) =>
    exposed.flatMap((relation) => {
      if (relation.oid !== oid && !origins.has(relation.oid)) return [];
      const names = shown(relation, oid, columns, origins);
      return names === null ? [] : [{ relation, names }];
    });
  for (const key of keys) {
    const own = key.columns.map(([column]) => column);
    const foreign = key.columns.map(([, column]) => column);
    const single = isUnique(tables.get(key.from), own);
    for (const from of faces(key.from, own)) {
      for (const to of faces(key.to, foreign)) {
        const common = { constraint: key.constraint, junction: null, computed: null };
        add(all, {
          ...common,
          from: from.relation,
          to: to.relation,
          columns: zip(from.names, to.names),
          cardinality: single ? "one-to-one" : "many-to-one",
          holdsKey: true,
        });
        add(all, {
          ...common,
          from: to.relation,
          to: from.relation,
          columns: zip(to.names, from.names),
          cardinality: single ? "one-to-one" : "one-to-many",
          holdsKey: false,
        });
      }
    }
  }
}

/** Two foreign keys of a table that are both part of its primary key join the two tables they point at. */
function junctionRelationships(exposed: Relation[], all: Derived): void {
  for (const junction of exposed) {
    if (junction.primaryKey.length === 0) continue;
    const keys = (all.get(junction.oid) ?? []).filter(
      (each) => each.holdsKey && each.columns.every(([column]) => junction.primaryKey.includes(column)),
    );
    for (const own of keys) {
      for (const far of keys) {
        if (own.constraint === far.constraint) continue;
        add(all, {
          from: own.to,
          to: far.to,
          cardinality: "many-to-many",
          constraint: own.constraint,
          columns: [],
          holdsKey: false,
          computed: null,
          junction: {
            relation: junction,
            own: { constraint: own.constraint, columns: own.columns },
            far: { constraint: far.constraint, columns: far.columns },
          },
        });
      }
    }
  }
}

function computedRelationships(exposed: Relation[], functions: Fn[], all: Derived): void {
  const tables = new Map(exposed.map((each) => [each.oid, each]));
  for (const fn of functions) {
    const from = tables.get(fn.rowArgument ?? "");
    const to = tables.get(fn.returnsRelation ?? "");
    if (from === undefined || to === undefined) continue;
    add(all, {
      from,
      to,
      cardinality: !fn.returnsSet || fn.rows === 1 ? "many-to-one" : "one-to-many",
      constraint: fn.name,
      columns: [],
      holdsKey: false,
      junction: null,
      computed: fn,
    });
  }
}

export function deriveRelationships(
  exposed: Relation[],
  keys: ForeignKey[],
  origins: Origins,
  functions: Fn[],
): Derived {
  const all: Derived = new Map();
  keyRelationships(exposed, keys, origins, all);
  junctionRelationships(exposed, all);
  computedRelationships(exposed, functions, all);
  return all;
}
