import { z } from "zod";
import { RestError } from "./errors.ts";
import type { Result } from "./execute.ts";
import type { Preferences } from "./preferences.ts";

export interface Answer {
  status: number;
  headers: [string, string][];
  body: string | Uint8Array<ArrayBuffer> | null;
}

const gucHeaders = z.array(
  z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string().regex(/^[^\r\n\0]*$/)),
);

function headersOf(result: Result): [string, string][] {
  if (result.headers === null) return [];
  try {
    return gucHeaders.parse(JSON.parse(result.headers)).flatMap((each) => Object.entries(each));
  } catch {
    throw new RestError(
      500,
      "PGRST111",
      "response.headers guc must be a JSON array composed of objects with a single key and a string value",
    );
  }
}

function statusOf(result: Result, status: number): number {
  if (result.status === null) return status;
  const set = Number(result.status);
  if (Number.isInteger(set) && set >= 200 && set <= 599) return set;
  throw new RestError(500, "PGRST112", "response.status guc must be a valid status code");
}

/** Lets the request's own functions have the last word on headers and status. */
export function answer(result: Result, status: number, headers: [string, string][], body: Answer["body"]): Answer {
  const own = headersOf(result);
  const taken = new Set(own.map(([name]) => name.toLowerCase()));
  return {
    status: statusOf(result, status),
    headers: [...headers.filter(([name]) => !taken.has(name.toLowerCase())), ...own],
    body,
  };
}

export function appliedHeader(prefer: Preferences, names: string[]): [string, string][] {
  const applied = prefer.applied.filter((each) => names.includes(each.split("=")[0] ?? ""));
  return applied.length === 0 ? [] : [["Preference-Applied", applied.join(", ")]];
}
