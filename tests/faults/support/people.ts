import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Connection } from "../../../stack/status.ts";

export interface Note {
  id: string;
  owner_id: string;
  body: string;
}

interface Database {
  public: {
    Tables: {
      notes: {
        Row: { [Column in keyof Note]: Note[Column] };
        Insert: { id: string; body: string };
        Update: { body?: string };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
}

export type Client = SupabaseClient<Database>;

/** Somebody who is signed in. */
export interface Person {
  id: string;
  client: Client;
}

const options = { auth: { persistSession: false, autoRefreshToken: false } };

export async function createPerson(connection: Connection, name: string): Promise<Person> {
  const { SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_PUBLISHABLE_KEY } = connection;
  const account = { email: `${name}@people.example.test`, password: "Growth-Hub-2026!" };
  const service = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, options);
  const made = await service.auth.admin.createUser({ ...account, email_confirm: true });
  if (made.error) throw made.error;
  const client = createClient<Database>(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, options);
  const { error } = await client.auth.signInWithPassword(account);
  if (error) throw error;
  return { id: made.data.user.id, client };
}
