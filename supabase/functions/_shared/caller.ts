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

/** The client of whoever calls: the database decides by their token what they see and may do. */
export function callerClient(request: Request) {
  const authorization = request.headers.get("authorization");
  if (!authorization?.startsWith("Bearer ")) throw new AppError("unauthorized", "Check access token");
  return client({ authorization });
}

/** What anybody may do without a sign-in. */
export const anonymousClient = () => client({});

const codes: Record<string, ErrorCode> = {
  PT404: "not_found",
  PT409: "conflict",
  PT422: "rejected",
  PT429: "rate_limited",
  "42501": "unauthorized",
  PGRST301: "unauthorized",
  PGRST302: "unauthorized",
  PGRST303: "unauthorized",
};

interface Refusal {
  code: string;
  message: string;
  hint: string | null;
}

/** The data of a call to the database; what it refuses keeps the words that it chose for the caller. */
export function answerOf<T>(answer: { data: T; error: null } | { data: null; error: Refusal }): T {
  if (answer.error === null) return answer.data;
  const { code, message, hint } = answer.error;
  const known = codes[code];
  if (known === undefined) throw new AppError("database_failed", "Ask the database", answer.error);
  throw new AppError(known, hint ? `${message}. ${hint}` : message, answer.error);
}
