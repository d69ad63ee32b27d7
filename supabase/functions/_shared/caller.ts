import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../database.types.ts";
import { AppError, type ErrorCode } from "./errors.ts";

const keysSchema = z.object({ default: z.string().min(1) });

function client(headers: Record<string, string>) {
  const url = z.url().parse(Deno.env.get("SUPABASE_URL"));
  const key = keysSchema.parse(JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS") ?? "{}")).default;
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers },
  });
}

/** The client of whoever calls: the database sees their token and nothing more. */
export function callerClient(request: Request) {
  const authorization = request.headers.get("authorization");
  if (!authorization) throw new AppError("unauthorized", "Read the caller's token");
  return client({ authorization });
}

/** What anybody may do without a sign-in. */
export const anonymousClient = () => client({});

const codes: Record<string, ErrorCode> = {
  PT404: "refused",
  PT409: "taken",
  PT422: "rejected",
  PT429: "too_many",
  "42501": "refused",
  PGRST301: "unauthorized",
  PGRST302: "unauthorized",
  PGRST303: "unauthorized",
};

interface DatabaseAnswer<T> {
  data: T | null;
  error: { code: string; message: string; hint: string | null } | null;
}

/** The data of a call to the database; its refusal keeps the words that the database chose for the caller. */
export function answerOf<T>({ data, error }: DatabaseAnswer<T>): T {
  if (error) {
    const code = codes[error.code];
    if (code === undefined) throw new AppError("internal", "Ask the database", error);
    throw new AppError(code, error.hint ? `${error.message}. ${error.hint}` : error.message, error);
  }
  if (data === null) throw new AppError("internal", "Ask the database: it answered nothing");
  return data;
}
