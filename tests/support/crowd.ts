import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import type { Database } from "../../supabase/database.types.ts";
import type { Client } from "./clients.ts";
import { ownerConnection } from "./database.ts";
import { env } from "./env.ts";

export interface CrowdMember {
  userId: string;
  membershipId: string;
  client: Client;
}

/** A token as the sign-in would give; only who holds the signing secret can make one. */
async function tokenFor(userId: string): Promise<string> {
  if (!env.SUPABASE_JWT_SECRET) throw new Error("This test signs tokens of its own: set SUPABASE_JWT_SECRET");
  return await new SignJWT({ role: "authenticated", aal: "aal1", session_id: randomUUID() })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(userId)
    .setAudience("authenticated")
    .setIssuer(`${env.SUPABASE_URL}/auth/v1`)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(env.SUPABASE_JWT_SECRET));
}

/** Many teachers of a school at once, each with a client of their own: made by the database's owner, since hashing hundreds of passwords would be the test. */
export async function teachers(schoolId: string, count: number): Promise<CrowdMember[]> {
  const database = await ownerConnection();
  try {
    const { rows } = await database.query<{ user_id: string; id: string }>(
      `with people as (
         insert into auth.users (id, email, aud, role, raw_app_meta_data, raw_user_meta_data)
         select u, 'crowd.' || u || '@people.example.test', 'authenticated', 'authenticated', '{}', '{}'
         from (select gen_random_uuid() as u from generate_series(1, $2)) n returning id
       )
       insert into public.memberships (school_id, user_id, role, starts_on)
       select $1, p.id, 'teacher', '2025-09-01' from people p returning user_id, id`,
      [schoolId, count],
    );
    return await Promise.all(
      rows.map(async ({ user_id, id }) => {
        const token = await tokenFor(user_id);
        const client = createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, {
          accessToken: async () => token,
        });
        return { userId: user_id, membershipId: id, client };
      }),
    );
  } finally {
    await database.end();
  }
}
