import type { Catalog, Relation, Relationship } from "./catalog.ts";
import { RestError } from "./errors.ts";
import type { SelectRelation } from "./parse-select.ts";

/** The single column of a key, for `client_id(*)` and `clients!client_id(*)`. */
function ownColumn(rel: Relationship): string | null {
  return rel.columns.length === 1 ? (rel.columns[0]?.[0] ?? null) : null;
}

function foreignColumn(rel: Relationship): string | null {
  return rel.columns.length === 1 ? (rel.columns[0]?.[1] ?? null) : null;
}

function matches(rel: Relationship, target: string, hint: string | null): boolean {
  if (rel.computed !== null) return hint === null ? rel.computed.name === target : false;
  const self = rel.from.oid === rel.to.oid;
  const named = rel.to.name === target;
  if (rel.junction !== null) {
    if (!named) return false;
    const { relation, own, far } = rel.junction;
    return hint === null || hint === relation.name || hint === own.constraint || hint === far.constraint;
  }
  if (hint === null) {
    // By name, a self-reference means the children; by its key, the parent. A view of the other table has no key of its own.
    const isTable = rel.to.kind !== "v" && rel.to.kind !== "m";
    const byConstraint = rel.constraint === target && (rel.holdsKey || !self);
    const byColumn = rel.holdsKey && ownColumn(rel) === target;
    return (self ? named && !rel.holdsKey : named) || (isTable && (byConstraint || byColumn));
  }
  if (!named) return false;
  if (self) return !rel.holdsKey && foreignColumn(rel) === hint;
  const column = rel.holdsKey ? ownColumn(rel) : foreignColumn(rel);
  return rel.constraint === hint || column === hint;
}

function list(columns: string[]): string {
  return `(${columns.join(", ")})`;
}

function describe(rel: Relationship): Record<string, string> {
  const embedding = `${rel.from.name} with ${rel.to.name}`;
  if (rel.junction !== null) {
    const { relation, own, far } = rel.junction;
    const part = (side: typeof own) => `${side.constraint}${list(side.columns.map(([column]) => column))}`;
    return {
      cardinality: rel.cardinality,
      embedding,
      relationship: `${relation.name} using ${part(own)} and ${part(far)}`,
    };
  }
  const own = `${rel.from.name}${list(rel.columns.map(([column]) => column))}`;
  const foreign = `${rel.to.name}${list(rel.columns.map(([, column]) => column))}`;
  return { cardinality: rel.cardinality, embedding, relationship: `${rel.constraint} using ${own} and ${foreign}` };
}

function ambiguous(origin: Relation, item: SelectRelation, found: Relationship[]): RestError {
  const options = found.map((rel) => `'${item.target}!${rel.junction?.relation.name ?? rel.constraint}'`).join(", ");
  return new RestError(
    300,
    "PGRST201",
    `Could not embed because more than one relationship was found for '${origin.name}' and '${item.target}'`,
    found.map(describe),
    `Try changing '${item.target}' to one of the following: ${options}. Find the desired relationship in the 'details' key.`,
  );
}

function absent(origin: Relation, item: SelectRelation): RestError {
  const hint = item.hint === null ? "" : ` using the hint '${item.hint}'`;
  return new RestError(
    400,
    "PGRST200",
    `Could not find a relationship between '${origin.name}' and '${item.target}' in the schema cache`,
    `Searched for a foreign key relationship between '${origin.name}' and '${item.target}'${hint} in the schema '${origin.schema}', but no matches were found.`,
  );
}

export function findRelationship(catalog: Catalog, origin: Relation, item: SelectRelation): Relationship {
  const all = (catalog.relationships.get(origin.oid) ?? []).filter((rel) => rel.to.schema === origin.schema);
  const found = all.filter((rel) => matches(rel, item.target, item.hint));
  // A function that computes the relationship replaces the keys of that name.
  const computed = found.find((rel) => rel.computed !== null);
  if (computed !== undefined) return computed;
  const [first] = found;
  if (first === undefined) throw absent(origin, item);
  if (found.length > 1) throw ambiguous(origin, item, found);
  return first;
}
