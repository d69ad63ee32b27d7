const TYPES: Record<string, string | null> = {
  boolean: "boolean",
  smallint: "integer",
  integer: "integer",
  bigint: "integer",
  numeric: "number",
  real: "number",
  "double precision": "number",
  json: null,
  jsonb: null,
};

const FORMATS: Record<string, string> = { smallint: "int32", integer: "int32", bigint: "int64" };

/** OpenAPI's name for a type of Postgres; null where any JSON will do. */
export function openApiType(type: string): string | null {
  const known = TYPES[type];
  if (known !== undefined) return known;
  return type.endsWith("[]") ? "array" : "string";
}

export function openApiFormat(type: string): string {
  return FORMATS[type] ?? type;
}

/** The keys of a column or of an argument in a body. */
export function typeKeys(type: string): Record<string, unknown> {
  const kind = openApiType(type);
  const format = openApiFormat(type);
  if (kind === null) return { format };
  if (kind !== "array") return { type: kind, format };
  const inner = openApiType(type.slice(0, -2));
  return { type: kind, format, items: inner === null ? {} : { type: inner } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A default as JSON, where it can be said in JSON. */
export function defaultOf(type: string, expression: string | null): unknown {
  if (expression === null) return undefined;
  if (openApiType(type) !== "string") return parsed(expression);
  const cast = `::${type}`;
  const plain = expression.endsWith(cast) ? expression.slice(0, -cast.length).replace(/^'+|'+$/g, "") : expression;
  return parsed(`"${plain}"`);
}
