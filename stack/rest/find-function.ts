import { type Catalog, type Fn, qualified } from "./catalog.ts";
import { RestError } from "./errors.ts";
import { nearest } from "./nearest.ts";

const UNNAMED: Record<string, string[]> = {
  "application/json": ["json", "jsonb"],
  "text/plain": ["text"],
  "text/xml": ["xml"],
  "application/octet-stream": ["bytea"],
};

export interface Call {
  fn: Fn;
  /** The whole body is the one argument. */
  unnamed: boolean;
}

/** One parameter without a name can be called, if it takes a body as it comes. */
function isUnnamed(fn: Fn): boolean {
  const [only, ...more] = fn.parameters;
  return only?.name === "" && more.length === 0 && Object.values(UNNAMED).flat().includes(only.type);
}

function accepts(fn: Fn, keys: Set<string>): boolean {
  const names = new Set(fn.parameters.map((each) => each.name));
  const required = fn.parameters.filter((each) => each.required);
  return [...keys].every((key) => names.has(key)) && required.every((each) => keys.has(each.name));
}

function absent(schema: string, name: string, keys: string[], single: boolean, near: string | null): RestError {
  const list = [...keys].sort().join(", ");
  const called = keys.length === 0 ? `${schema}.${name} without parameters` : `${schema}.${name}(${list})`;
  const searched =
    keys.length === 0
      ? `${schema}.${name} without parameters`
      : `${schema}.${name} with parameter${keys.length > 1 ? "s" : ""} ${list}`;
  const or = single ? " or with a single unnamed json/jsonb parameter" : "";
  return new RestError(
    404,
    "PGRST202",
    `Could not find the function ${called} in the schema cache`,
    `Searched for the function ${searched}${or}, but no matches were found in the schema cache.`,
    near === null ? null : `Perhaps you meant to call the function ${schema}.${near}`,
  );
}

/** Chooses among overloads by the names of the arguments; a body's type can choose a single unnamed parameter. */
export function findFunction(
  catalog: Catalog,
  schema: string,
  name: string,
  keys: string[],
  contentType: string | null,
): Call {
  const all = catalog.functions.get(qualified(schema, name)) ?? [];
  const types = contentType === null ? [] : (UNNAMED[contentType] ?? []);
  const raw = contentType !== null && contentType !== "application/json" && types.length > 0;
  const callable = all.filter((fn) => fn.parameters.every((each) => each.name !== "") || isUnnamed(fn));
  const named = raw ? [] : callable.filter((fn) => accepts(fn, new Set(keys)));
  const unnamed = callable.filter((fn) => isUnnamed(fn) && types.includes(fn.parameters[0]?.type ?? ""));
  const candidates = named.length > 0 ? named : unnamed;
  const [first] = candidates;
  if (first === undefined) {
    const others = [...catalog.functions.values()].flatMap(([fn]) =>
      fn !== undefined && fn.schema === schema && fn.name !== name ? [fn.name] : [],
    );
    throw absent(schema, name, keys, contentType === "application/json", nearest(name, others));
  }
  if (candidates.length > 1) {
    const lists = candidates.map((fn) => fn.parameters.map((each) => `${each.name} => ${each.type}`).join(", "));
    const signatures = lists.sort().map((list) => `${schema}.${name}(${list})`);
    throw new RestError(
      300,
      "PGRST203",
      `Could not choose the best candidate function between: ${signatures.join(", ")}`,
      null,
      "Try renaming the parameters or the function itself in the database so function overloading can be resolved",
    );
  }
  return { fn: first, unnamed: isUnnamed(first) && (named.length === 0 || keys.length > 0) };
}
