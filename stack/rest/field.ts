import type { Scanner } from "./scanner.ts";

export interface JsonStep {
  text: boolean;
  key: string | number;
}

/** A column, or a value inside one. */
export interface Field {
  name: string;
  path: JsonStep[];
}

export function parseJsonPath(scan: Scanner): JsonStep[] {
  const path: JsonStep[] = [];
  while (scan.peek("->")) {
    const text = scan.take("->>");
    if (!text) scan.expect("->");
    const index = scan.match(/-?\d+(?=$|->|::|[.,)])/);
    path.push({ text, key: index === null ? jsonKey(scan) : Number(index) });
  }
  return path;
}

function jsonKey(scan: Scanner): string {
  const quoted = scan.quoted();
  if (quoted !== null) return quoted;
  const key = scan.match(/(?:(?!->|::)[^.,():])+/u);
  if (key === null) throw scan.fail("a JSON key");
  return key.trim();
}

export function parseField(scan: Scanner): Field {
  return { name: scan.name(), path: parseJsonPath(scan) };
}

/** The name a field has in the answer when no alias is given: the last key, else the column. */
export function outputName(field: Field): string {
  for (let i = field.path.length - 1; i >= 0; i -= 1) {
    const key = field.path[i]?.key;
    if (typeof key === "string") return key;
  }
  return field.name;
}
