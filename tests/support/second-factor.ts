import { createClient } from "@supabase/supabase-js";
import { decodeJwt, SignJWT } from "jose";
import type { Database } from "../../supabase/database.types.ts";
import type { Client } from "./clients.ts";
import { env } from "./env.ts";

/** The same sign-in as if a second factor had been given; only who holds the signing secret can make such a token. */
export async function withSecondFactor(client: Client): Promise<Client> {
  if (!env.SUPABASE_JWT_SECRET) throw new Error("This test signs a token of its own: set SUPABASE_JWT_SECRET");
  const { data } = await client.auth.getSession();
  const claims = decodeJwt(String(data.session?.access_token));
  const token = await new SignJWT({ ...claims, aal: "aal2" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(env.SUPABASE_JWT_SECRET));
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
}
