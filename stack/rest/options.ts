import type { Answer } from "./answer.ts";
import { qualified, type Relation } from "./catalog.ts";
import { type Engine, findTable } from "./engine.ts";

const READS = ["OPTIONS", "GET", "HEAD"];

function ofTable({ writes, primaryKey }: Relation): string[] {
  const [updates, inserts, deletes] = [4, 8, 16].map((bit) => (writes & bit) !== 0);
  return [
    ...READS,
    ...(inserts ? ["POST"] : []),
    ...(inserts && updates && primaryKey.length > 0 ? ["PUT"] : []),
    ...(updates ? ["PATCH"] : []),
    ...(deletes ? ["DELETE"] : []),
  ];
}

function ofFunction(engine: Engine, schema: string, name: string): string[] {
  const functions = engine.catalog.functions.get(qualified(schema, name)) ?? [];
  return functions.every((fn) => fn.volatility === "v") ? ["OPTIONS", "POST"] : [...READS, "POST"];
}

/** Which methods make sense at an address, whoever asks. */
export function allowed(engine: Engine, schema: string, first: string, second: string | undefined): Answer {
  const methods =
    first === "rpc" && second !== undefined
      ? ofFunction(engine, schema, second)
      : first === ""
        ? READS
        : ofTable(findTable(engine, schema, first));
  return { status: 200, headers: [["Allow", methods.join(",")]], body: null };
}
