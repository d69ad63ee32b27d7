/** An identifier that Postgres reads as a name and nothing else. */
export function ident(name: string): string {
  if (name.includes("\0")) throw new Error("Cannot quote an identifier: it holds a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualifiedIdent(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/** A string constant, safe whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  if (text.includes("\0")) throw new Error("Cannot quote a literal: it holds a NUL character");
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** Collects the values of one statement; each becomes a parameter. */
export class Params {
  readonly values: (string | null)[] = [];

  add(value: string | null): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A Postgres array literal. */
export function arrayLiteral(values: string[]): string {
  return `{${values.map((value) => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`).join(",")}}`;
}
