import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../supabase/database.types.ts";
import { env } from "./env.ts";

export type Client = SupabaseClient<Database>;

export const PASSWORD = "Growth-Hub-2026!";

const options = { auth: { persistSession: false, autoRefreshToken: false } };

/** Sets fixtures up and looks at what is really there; never the subject of a test. */
export const service: Client = createClient<Database>(env.SUPABASE_URL, env.SUPABASE_SECRET_KEY, options);

export const anonymous = (): Client => createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, options);

const signedIn = new Map<string, Promise<Client>>();

/** A client with its own sign-in. */
export async function freshSignIn(email: string, password = PASSWORD): Promise<Client> {
  const client = anonymous();
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw new Error(`Cannot sign in as ${email}: ${error.message}`);
  return client;
}

/** A client signed in as this person; one sign-in per person and test file. */
export function signIn(email: string): Promise<Client> {
  const known = signedIn.get(email);
  if (known) return known;
  const fresh = freshSignIn(email);
  signedIn.set(email, fresh);
  return fresh;
}
