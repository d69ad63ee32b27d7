import path from "node:path";
import { clientSurface } from "./surface.ts";

/** One declared proof: the test's name begins with the method. */
export interface Proof {
  /** Relative to the project's folder. */
  file: string;
  name: string;
}

export const page = "docs/embedded-stack.md";

const markers = ["<!-- methods: begin -->", "<!-- methods: end -->"] as const;

/** The proofs of each method, in the order of the library's own objects; a method without one has an empty list. */
export function proofsByMethod(proofs: Proof[]): Map<string, Proof[]> {
  const all = [...clientSurface().values()].flat();
  const byFile = proofs.toSorted((a, b) => a.file.localeCompare(b.file, "en"));
  return new Map(all.map((method) => [method, byFile.filter(({ name }) => name.startsWith(`${method}: `))]));
}

function row(method: string, proofs: Proof[]): string[] {
  const says = proofs.map(({ name }) => name.slice(method.length + 2).replace(/^missing\b/, "**missing**"));
  const files = new Set(proofs.map(({ file }) => `\`${path.posix.basename(file)}\``));
  return [`\`${method}\``, says.join("; ").replaceAll("|", "\\|"), [...files].join(", ")];
}

function markdown(rows: string[][]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** One table per namespace of the library. */
export function methodTables(proofs: Proof[]): string {
  const proved = proofsByMethod(proofs);
  const tables = [...clientSurface()].map(([namespace, methods]) => {
    const rows = methods.map((method) => row(method, proved.get(method) ?? []));
    return `### \`${namespace}\`\n\n${markdown([["method", "what it does here", "test"], ...rows])}`;
  });
  return tables.join("\n\n");
}

/** The page with the tables between its two markers; all other text stays as it is. */
export function withTables(text: string, tables: string): string {
  const [begin, end] = markers;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`Cannot write ${page}: it needs ${markers.join(" and ")}`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
}
