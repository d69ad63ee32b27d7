import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";

const keysSchema = z.object({ default: z.string().min(1) });

/**
 * The client with the secret key, which passes every policy: this file is the only place that reads the key. Its uses:
 * - audit-heads: writes to the private bucket `audit-heads`, where no user, of whatever role, may write or read.
 * - people: invites an address and sets the password of one that the school gave out, once the database has let the caller do so;
 *   only an admin of Auth makes accounts for others.
 * - certificates: writes a certificate's file, which nobody else may, so that what is downloaded is what was issued.
 * - certificate-verification: asks `verify_certificate` for somebody who has no sign-in; it answers for one code at a time.
 */
export function adminClient(): SupabaseClient {
  const url = z.url().parse(Deno.env.get("SUPABASE_URL"));
  const key = keysSchema.parse(JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS") ?? "{}")).default;
  return createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
}
