import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { AppError } from "./errors.ts";

const keysSchema = z.object({ default: z.string().min(1) });

/** The client of whoever calls: the database decides by their token what they see and may do. */
export function callerClient(request: Request): SupabaseClient {
  const authorization = request.headers.get("authorization");
  if (!authorization?.startsWith("Bearer ")) throw new AppError("unauthorized", "Check access token");
  const url = z.url().parse(Deno.env.get("SUPABASE_URL"));
  const key = keysSchema.parse(JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS") ?? "{}")).default;
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization } },
  });
}

/** What the database refused, as a problem of this function: PT404 stays "not found", everything else is the database's. */
export function databaseProblem(action: string, error: { code?: string; message: string }): AppError {
  if (error.code === "PT404") return new AppError("not_found", action);
  if (error.code === "PT422") return new AppError("invalid_request", action);
  if (error.code === "42501" || error.code?.startsWith("PGRST3")) return new AppError("unauthorized", action);
  return new AppError("database_failed", action, error);
}
