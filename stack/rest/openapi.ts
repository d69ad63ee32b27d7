import type { Answer } from "./answer.ts";
import type { Column, Fn, Relation } from "./catalog.ts";
import type { Engine, RestRequest } from "./engine.ts";
import { RestError } from "./errors.ts";

const NUMBERS = ["smallint", "integer", "bigint"];
const REALS = ["real", "double precision", "numeric"];

function jsonType(type: string): Record<string, unknown> {
  if (type.endsWith("[]")) return { type: "array", items: jsonType(type.slice(0, -2)) };
  if (NUMBERS.includes(type)) return { type: "integer" };
  if (REALS.includes(type)) return { type: "number" };
  if (type === "boolean") return { type: "boolean" };
  if (type === "json" || type === "jsonb") return {};
  return { type: "string" };
}

function property(column: Column): Record<string, unknown> {
  return { ...jsonType(column.base), format: column.type, ...(column.comment && { description: column.comment }) };
}

function definition(relation: Relation): Record<string, unknown> {
  const columns = [...relation.columns.values()];
  return {
    type: "object",
    ...(relation.comment && { description: relation.comment }),
    required: columns.filter((column) => !column.nullable).map((column) => column.name),
    properties: Object.fromEntries(columns.map((column) => [column.name, property(column)])),
  };
}

function callPath(fn: Fn): Record<string, unknown> {
  const properties = Object.fromEntries(
    fn.parameters.map((each) => [each.name, { ...jsonType(each.type), format: each.type }]),
  );
  const required = fn.parameters.filter((each) => each.required).map((each) => each.name);
  return {
    post: {
      tags: [`(rpc) ${fn.name}`],
      ...(fn.comment && { summary: fn.comment }),
      produces: ["application/json"],
      parameters: [
        { name: "args", in: "body", required: required.length > 0, schema: { type: "object", properties, required } },
      ],
      responses: { "200": { description: "OK" } },
    },
  };
}

function tablePath(name: string): Record<string, unknown> {
  const verb = (description: string) => ({
    tags: [name],
    responses: { [description === "Created" ? "201" : "200"]: { description } },
  });
  return { get: verb("OK"), post: verb("Created"), patch: verb("OK"), delete: verb("OK") };
}

/** The description at the root. As on the platform, only a secret key may read it: it names every table. */
export function openApi(engine: Engine, request: RestRequest): Answer {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new RestError(405, "PGRST117", `Unsupported HTTP method: ${request.method}`);
  }
  if (request.context.role !== "service_role") {
    throw new RestError(
      401,
      "42501",
      "Access to the schema is forbidden",
      null,
      "Only a secret API key can be used for this endpoint",
    );
  }
  const tables = [...engine.catalog.relations.values()].filter((each) => each.schema === request.schema);
  const functions = [...engine.catalog.functions.values()].flat().filter((each) => each.schema === request.schema);
  const document = {
    swagger: "2.0",
    info: { title: "PostgREST API", version: "14" },
    basePath: "/",
    consumes: ["application/json", "application/vnd.pgrst.object+json", "text/csv"],
    produces: ["application/json", "application/vnd.pgrst.object+json", "text/csv"],
    paths: Object.fromEntries([
      ...tables.map((each) => [`/${each.name}`, tablePath(each.name)]),
      ...functions.map((each) => [`/rpc/${each.name}`, callPath(each)]),
    ]),
    definitions: Object.fromEntries(tables.map((each) => [each.name, definition(each)])),
  };
  return {
    status: 200,
    headers: [["Content-Type", "application/openapi+json; charset=utf-8"]],
    body: request.method === "HEAD" ? null : JSON.stringify(document),
  };
}
