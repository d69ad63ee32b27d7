/** An answer other than success, in the shape that PostgREST's clients read. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly hint: string | null;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: unknown = null,
    hint: string | null = null,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.hint = hint;
    this.headers = headers;
  }

  body(): string {
    return JSON.stringify({ code: this.code, details: this.details, hint: this.hint, message: this.message });
  }
}

export function parseError(what: string, text: string, position: number, expecting: string): RestError {
  const rest = text.slice(position);
  const found = rest === "" ? "unexpected end of input" : `unexpected ${JSON.stringify(rest[0])}`;
  return new RestError(
    400,
    "PGRST100",
    `"failed to parse ${what} (${text})" (line 1, column ${position + 1})`,
    `${found} expecting ${expecting}`,
  );
}

export function invalidToken(code: "PGRST301" | "PGRST303", message: string): RestError {
  return new RestError(401, code, message, null, null, {
    "WWW-Authenticate": `Bearer error="invalid_token", error_description="${message}"`,
  });
}

export function unknownColumn(column: string, relation: string): RestError {
  return new RestError(400, "PGRST204", `Could not find the '${column}' column of '${relation}' in the schema cache`);
}

export function unknownTable(schema: string, name: string, near: string | null): RestError {
  return new RestError(
    404,
    "PGRST205",
    `Could not find the table '${schema}.${name}' in the schema cache`,
    null,
    near === null ? null : `Perhaps you meant the table '${schema}.${near}'`,
  );
}

export function notSingular(rows: number): RestError {
  return new RestError(
    406,
    "PGRST116",
    "Cannot coerce the result to a single JSON object",
    `The result contains ${rows} rows`,
  );
}

export function unavailable(): RestError {
  return new RestError(503, "PGRST001", "Database client error. Retrying the connection.");
}

export function cacheUnavailable(): RestError {
  return new RestError(503, "PGRST002", "Could not query the database for the schema cache. Retrying.");
}
