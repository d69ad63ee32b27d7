import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { styleText } from "node:util";

const folder = path.join(import.meta.dirname, "..", "results");

/** What was found for one line of a benchmark. */
export interface Line {
  cells: string[];
  /** Null where the line is shown for information and bound by nothing. */
  within: boolean | null;
}

export function milliseconds(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}

const VERDICTS = { within: styleText("green", "within"), over: styleText("red", "over"), none: "" };

export function printTable(title: string, head: string[], lines: Line[]): void {
  const rows = [head, ...lines.map(({ cells }) => cells)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number) => lines.some(({ cells }) => /[a-z]/.test(cells[column] ?? ""));
  const print = (cells: string[], verdict: string) =>
    console.log(
      `  ${cells.map((cell, i) => (isText(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")}  ${verdict}`,
    );
  console.log(`\n${title}\n`);
  print(head, "");
  for (const { cells, within } of lines) print(cells, VERDICTS[within === null ? "none" : within ? "within" : "over"]);
}

/** Writes the figures with what they depend on, and whatever texts belong to them, under bench/results/. */
export function saveResults(name: string, figures: object, texts: Record<string, string> = {}): void {
  const target = path.join(folder, name);
  mkdirSync(target, { recursive: true });
  const machine = { processors: cpus().length, model: cpus()[0]?.model, memory: totalmem() };
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ taken_at: new Date().toISOString(), machine, ...figures }, null, 2)}\n`);
  for (const [title, text] of Object.entries(texts)) writeFileSync(path.join(target, `${title}.txt`), `${text}\n`);
  console.log(
    `\nFigures: bench/results/${name}.json${Object.keys(texts).length > 0 ? `, plans: bench/results/${name}/` : ""}`,
  );
}
