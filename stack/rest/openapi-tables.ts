import type { Relationship } from "./catalog.ts";
import type { OpenApiColumn, OpenApiTable } from "./openapi-source.ts";
import { defaultOf, typeKeys } from "./openapi-types.ts";

/** What is known of a table beside its own columns. */
export interface TableContext {
  primaryKey: string[];
  writable: boolean;
  relationships: Relationship[];
}

const ref = (name: string) => ({ $ref: `#/parameters/${name}` });
const filterName = (table: string, column: string) => `rowFilter.${table}.${column}`;

/** A comment's first line is the summary, what follows is the description. */
export function comment(text: string | null): { summary?: string; description?: string } {
  if (text === null) return {};
  const end = text.indexOf("\n");
  if (end === -1) return { summary: text };
  const description = text.slice(end).replace(/^\n+/, "");
  return { summary: text.slice(0, end), ...(description !== "" && { description }) };
}

/** Where a column alone points, tables before views; tools read it from between the tags. */
function foreignKey(column: string, { relationships }: TableContext): string | null {
  const found = relationships
    .filter((each) => each.computed === null)
    .filter((each) => each.cardinality === "many-to-one" || (each.cardinality === "one-to-one" && each.holdsKey))
    .filter(({ columns }) => columns.length === 1 && columns[0]?.[0] === column)
    .toSorted((a, b) => Number(a.to.kind === "v") - Number(b.to.kind === "v"))[0];
  const target = found?.columns[0]?.[1];
  if (found === undefined || target === undefined) return null;
  return `This is a Foreign Key to \`${found.to.name}.${target}\`.<fk table='${found.to.name}' column='${target}'/>`;
}

function describe(column: OpenApiColumn, context: TableContext): string | null {
  const key = context.primaryKey.includes(column.name) ? "This is a Primary Key.<pk/>" : null;
  const notes = [key, foreignKey(column.name, context)].filter((note) => note !== null);
  if (notes.length === 0) return column.description;
  const own = column.description === null ? "" : `${column.description}\n\n`;
  return `${own}${["Note:", ...notes].join("\n")}`;
}

function property(column: OpenApiColumn, context: TableContext): object {
  const description = describe(column, context);
  return {
    ...typeKeys(column.type),
    default: defaultOf(column.type, column.default),
    ...(description !== null && { description }),
    ...(column.labels !== null && { enum: column.labels }),
    ...(column.length !== null && { maxLength: column.length }),
  };
}

export function tableDefinition(table: OpenApiTable, context: TableContext): object {
  const required = table.columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
  return {
    type: "object",
    ...(table.description !== null && { description: table.description }),
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(table.columns.map((column) => [column.name, property(column, context)])),
  };
}

export function tablePath(table: OpenApiTable, { writable }: TableContext): object {
  const { name } = table;
  const common = { tags: [name], ...comment(table.description) };
  const filters = table.columns.map((column) => ref(filterName(name, column.name)));
  const body = ref(`body.${name}`);
  const page = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"].map(ref);
  const rows = { type: "array", items: { $ref: `#/definitions/${name}` } };
  const changed = { "204": { description: "No Content" } };
  const get = {
    ...common,
    parameters: [...filters, ...page],
    responses: { "200": { description: "OK", schema: rows }, "206": { description: "Partial Content" } },
  };
  if (!writable) return { get };
  return {
    get,
    post: {
      ...common,
      parameters: [body, ref("select"), ref("preferPost")],
      responses: { "201": { description: "Created" } },
    },
    patch: { ...common, parameters: [...filters, body, ref("preferReturn")], responses: changed },
    delete: { ...common, parameters: [...filters, ref("preferReturn")], responses: changed },
  };
}

export function tableParameters(table: OpenApiTable): [string, object][] {
  const body = {
    name: table.name,
    description: table.name,
    in: "body",
    required: false,
    schema: { $ref: `#/definitions/${table.name}` },
  };
  return [
    [`body.${table.name}`, body],
    ...table.columns.map(({ name, description }): [string, object] => [
      filterName(table.name, name),
      { name, ...(description !== null && { description }), in: "query", required: false, type: "string" },
    ]),
  ];
}
