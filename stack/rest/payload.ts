import { z } from "zod";
import { RestError } from "./errors.ts";

/** A request body: its text is handed to Postgres as it came, so that no number loses a digit on the way. */
export interface Payload {
  json: string;
  keys: string[];
  rows: number;
  parsed: Record<string, unknown>[];
}

const rowsOf = z.union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown())]);

function invalid(message: string): RestError {
  return new RestError(400, "PGRST102", message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Empty or invalid json");
  }
}

/** One line of RFC 4180 at a time; a bare NULL is null. */
function parseCsv(text: string): Record<string, string | null>[] {
  const cells = text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g);
  const lines: (string | null)[][] = [[]];
  for (const [whole, cell = "", end = ""] of cells) {
    if (whole === "" && lines.at(-1)?.length === 0) break;
    const quoted = cell.startsWith('"');
    lines.at(-1)?.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell === "NULL" ? null : cell);
    if (end === "") break;
    if (end !== ",") lines.push([]);
  }
  const [header, ...rows] = lines.filter((line) => line.length > 0);
  if (header === undefined) throw invalid("Empty or invalid csv");
  return rows.map((row) => {
    if (row.length !== header.length) throw invalid("All lines must have same number of fields");
    return Object.fromEntries(header.map((name, i) => [name ?? "NULL", row[i] ?? null]));
  });
}

function sameKeys(a: Record<string, unknown>, keys: Set<string>): boolean {
  const own = Object.keys(a);
  return own.length === keys.size && own.every((key) => keys.has(key));
}

/** `loose` when the columns are given apart: then rows may differ in keys. */
export function parsePayload(contentType: string | undefined, text: string, loose: boolean): Payload {
  const type = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  let json = text;
  let value: unknown;
  if (type === "application/json" || type === "") value = parseJson(text);
  else if (type === "text/csv") value = parseCsv(text);
  else if (type === "application/x-www-form-urlencoded") value = Object.fromEntries(new URLSearchParams(text));
  else throw invalid(`Content-Type not acceptable: ${type}`);
  if (type === "text/csv" || type === "application/x-www-form-urlencoded") json = JSON.stringify(value);
  const parsed = rowsOf.safeParse(value);
  if (!parsed.success) throw invalid("All object keys must match");
  const single = !Array.isArray(parsed.data);
  const rows = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
  const keys = new Set(Object.keys(rows[0] ?? {}));
  if (!loose && !rows.every((row) => sameKeys(row, keys))) throw invalid("All object keys must match");
  if ([...keys].some((key) => key.includes("\0"))) throw invalid("Empty or invalid json");
  return { json: single ? `[${json}]` : json, keys: [...keys], rows: rows.length, parsed: rows };
}

const object = z.record(z.string(), z.unknown());

/** A function's arguments by name; null when the body is no object and can only be meant as a whole. */
export function parseArguments(contentType: string, text: string): { json: string; keys: string[] } | null {
  if (contentType === "application/x-www-form-urlencoded") {
    const values = Object.fromEntries(new URLSearchParams(text));
    return { json: JSON.stringify(values), keys: Object.keys(values) };
  }
  if (contentType !== "application/json") throw invalid(`Content-Type not acceptable: ${contentType}`);
  if (text === "") return { json: "{}", keys: [] };
  const parsed = object.safeParse(parseJson(text));
  return parsed.success ? { json: text, keys: Object.keys(parsed.data) } : null;
}
