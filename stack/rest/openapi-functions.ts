import type { Fn, Parameter } from "./catalog.ts";
import { comment } from "./openapi-tables.ts";
import { openApiFormat, openApiType, typeKeys } from "./openapi-types.ts";

const PRODUCES = [
  "application/json",
  "application/vnd.pgrst.object+json;nulls=stripped",
  "application/vnd.pgrst.object+json",
];

/** An address can hold no array and no JSON, so those are written as text there. */
function queryParameter({ name, type, required, variadic }: Parameter): object {
  const kind = openApiType(type);
  const common = { name, in: "query", required };
  if (!variadic) {
    return { ...common, type: kind === null || kind === "array" ? "string" : kind, format: openApiFormat(type) };
  }
  const inner = type.slice(0, -2);
  const items = { type: openApiType(inner) ?? "string", format: openApiFormat(inner) };
  return { ...common, type: kind ?? "string", collectionFormat: "multi", items };
}

/** A function that nobody could call for lack of names is not described. */
export function isCallable({ parameters }: Fn): boolean {
  const unnamed = parameters.filter(({ name }) => name === "");
  return unnamed.length === 0 || (unnamed.length === 1 && parameters.length === 1);
}

export function functionPath(fn: Fn): object {
  const required = fn.parameters.filter((each) => each.required).map(({ name }) => name);
  const common = {
    tags: [`(rpc) ${fn.name}`],
    ...comment(fn.comment),
    produces: PRODUCES,
    responses: { "200": { description: "OK" } },
  };
  const schema = {
    type: "object",
    ...(fn.comment !== null && { description: fn.comment }),
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fn.parameters.map(({ name, type }) => [name, typeKeys(type)])),
  };
  const post = {
    ...common,
    parameters: [{ name: "args", in: "body", required: true, schema }, { $ref: "#/parameters/preferParams" }],
  };
  if (fn.volatility === "v") return { post };
  return { get: { ...common, parameters: fn.parameters.map(queryParameter) }, post };
}
