import { z } from "zod";
import { RestError, unavailable } from "./errors.ts";

/** What Postgres said; the fields that a client may see. */
interface DatabaseError {
  code: string;
  message: string;
  detail?: string | undefined;
  hint?: string | undefined;
}

const databaseError = z.object({
  code: z.string().regex(/^[0-9A-Z]{5}$/),
  message: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});

const raised = z.object({
  code: z.string(),
  message: z.string(),
  details: z.string().nullish(),
  hint: z.string().nullish(),
});
const raisedDetail = z.object({
  status: z.number().int().min(100).max(599),
  status_text: z.string().optional(),
  headers: z.record(z.string(), z.string()),
});

const EXACT: Record<string, number> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "57P01": 503,
  P0001: 400,
};

const CLASS: Record<string, number> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

function statusOf(error: DatabaseError, authenticated: boolean): number {
  const { code, message } = error;
  if (code === "42501") return authenticated ? 403 : 401;
  if (code === "21000") return message.endsWith("requires a WHERE clause") ? 400 : 500;
  if (code === "22023") return /^role ".*" does not exist$/.test(message) ? 401 : 400;
  if (code.startsWith("PT")) {
    const status = Number(code.slice(2));
    return status >= 200 && status <= 599 ? status : 500;
  }
  return EXACT[code] ?? CLASS[code.slice(0, 2)] ?? 400;
}

/** `raise sqlstate 'PGRST'` carries the whole answer as JSON in message and detail. */
function fromRaised(error: DatabaseError): RestError {
  try {
    const body = raised.parse(JSON.parse(error.message));
    const answer = raisedDetail.parse(JSON.parse(error.detail ?? ""));
    return new RestError(
      answer.status,
      body.code,
      body.message,
      body.details ?? null,
      body.hint ?? null,
      answer.headers,
    );
  } catch {
    return new RestError(
      500,
      "PGRST121",
      "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
      "MESSAGE and DETAIL must be JSON objects with the documented keys",
    );
  }
}

export interface ErrorContext {
  authenticated: boolean;
  /** The grant that a 42501 on one of the request's own tables calls for. */
  grantFor(table: string): string | null;
}

/** Translates whatever a database call threw. Anything that did not come from Postgres is a lost connection. */
export function fromDatabase(thrown: unknown, context: ErrorContext): RestError {
  if (thrown instanceof RestError) return thrown;
  const parsed = databaseError.safeParse(thrown);
  if (!parsed.success) return unavailable();
  const error = parsed.data;
  // What Node's sockets report (EPIPE, …) also has five capitals; Postgres' own codes have a digit or begin PGRST.
  if (!/[0-9]/.test(error.code) && error.code !== "PGRST") return unavailable();
  if (error.code === "PGRST") return fromRaised(error);
  const status = statusOf(error, context.authenticated);
  if (error.code === "57P01" || error.code === "57P02" || error.code === "57P03") return unavailable();
  const denied = error.code === "42501" && /^permission denied for (?:table|view|relation) (.+)$/.exec(error.message);
  const hint = error.hint ?? (denied ? context.grantFor(denied[1] ?? "") : null);
  return new RestError(
    status,
    error.code,
    error.message,
    error.detail ?? null,
    hint,
    status === 401 ? { "WWW-Authenticate": "Bearer" } : {},
  );
}
