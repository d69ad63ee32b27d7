import type { Relation } from "./catalog.ts";

/** For each view: the table column that each of its columns shows, as `table oid` + `column name`. */
export type Origins = Map<string, Map<string, { oid: string; column: string }>>;

const ENTRY = /:resno (\d+) .*?:resorigtbl (\d+) :resorigcol (\d+)/;

/** The text of the outermost query's target list, found by counting brackets. */
function targetList(action: string): string {
  let depth = 0;
  for (let i = 0; i < action.length; i += 1) {
    const char = action[i];
    if (char === "\\") i += 1;
    else if (char === "{" || char === "(") depth += 1;
    else if (char === "}" || char === ")") depth -= 1;
    // The rule's list and its query are two levels; anything deeper belongs to a subquery.
    else if (depth === 2 && char === ":" && action.startsWith(":targetList (", i)) return balanced(action, i + 12);
  }
  return "";
}

function balanced(text: string, start: number): string {
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    const char = text[i];
    if (char === "\\") i += 1;
    else if (char === "{" || char === "(") depth += 1;
    else if (char === "}" || char === ")") {
      depth -= 1;
      if (depth === 0) return text.slice(start + 1, i);
    }
  }
  return "";
}

function entries(list: string): string[] {
  const out: string[] = [];
  let at = list.indexOf("{");
  while (at !== -1) {
    const entry = balanced(list, at);
    if (entry === "") break;
    out.push(entry);
    at = list.indexOf("{", at + entry.length + 2);
  }
  return out;
}

/** Follows views on views down to tables; expressions have no origin and are left out. */
export function viewOrigins(views: { oid: string; action: string }[], byOid: Map<string, Relation>): Origins {
  const direct: Origins = new Map();
  for (const view of views) {
    const columns = [...(byOid.get(view.oid)?.columns.values() ?? [])];
    const found = new Map<string, { oid: string; column: string }>();
    for (const entry of entries(targetList(view.action))) {
      // An expression's own text comes first and may hold further entries: the last three marks are the entry's own.
      const own = ENTRY.exec(entry.slice(entry.lastIndexOf(":resno ")));
      if (own === null) continue;
      const column = columns[Number(own[1]) - 1];
      const origin = byOid.get(own[2] ?? "");
      const source = [...(origin?.columns.values() ?? [])].find((each) => each.number === Number(own[3]));
      if (column && origin && source) found.set(column.name, { oid: origin.oid, column: source.name });
    }
    direct.set(view.oid, found);
  }
  const follow = (oid: string, column: string, depth: number): { oid: string; column: string } => {
    const next = depth > 16 ? undefined : direct.get(oid)?.get(column);
    return next === undefined ? { oid, column } : follow(next.oid, next.column, depth + 1);
  };
  const out: Origins = new Map();
  for (const [oid, columns] of direct) {
    out.set(oid, new Map([...columns].map(([name, origin]) => [name, follow(origin.oid, origin.column, 0)])));
  }
  return out;
}
