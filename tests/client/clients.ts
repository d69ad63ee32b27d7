import { createClient, type SupabaseClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { PASSWORD } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { createPerson, type Person } from "../support/school.ts";

type Options = SupabaseClientOptions<"public">;

function clientWith(key: string, { auth, ...others }: Options = {}): SupabaseClient {
  const options = { persistSession: false, autoRefreshToken: false, ...auth };
  return createClient(env.SUPABASE_URL, key, { ...others, auth: options });
}

/** As an application that knows nothing of the product's tables makes its client. */
export const visitor = (options?: Options) => clientWith(env.SUPABASE_PUBLISHABLE_KEY, options);

/** With the secret key, as a server would. */
export const server = (options?: Options) => clientWith(env.SUPABASE_SECRET_KEY, options);

/** A new user, signed in. */
export async function newcomer(name: string, options?: Options): Promise<Person & { client: SupabaseClient }> {
  const person = await createPerson(name);
  const client = visitor(options);
  const { error } = await client.auth.signInWithPassword({ email: person.email, password: PASSWORD });
  if (error) throw new Error(`Cannot sign in as ${person.email}: ${error.message}`);
  return { ...person, client };
}

/** A browser's storage, for what a client keeps between two visits. */
export function memoryStorage(entries = new Map<string, string>()) {
  return {
    entries,
    getItem: (name: string) => entries.get(name) ?? null,
    setItem: (name: string, value: string) => void entries.set(name, value),
    removeItem: (name: string) => void entries.delete(name),
  };
}
