import type { Keys } from "../../context.ts";

// Every local Supabase stack has this same, published pair. It guards nothing.
export const s3Keys = {
  accessKeyId: "625729a08b95bf1b7ff351a663f3a23c",
  secretAccessKey: "850181e4652dd023b7a98c58ae0d2d34bd487ee0cc3254aed6eda37307425907",
  region: "local",
};

/** The name under which local stacks know their only tenant. */
const TENANT = "stub";

/** The secret that belongs to an access key. With a session token the anon key signs, and the token says who it is. */
export function secretOf(keys: Keys, accessKeyId: string, sessionToken: string | undefined): string | null {
  if (sessionToken === undefined) return accessKeyId === s3Keys.accessKeyId ? s3Keys.secretAccessKey : null;
  return accessKeyId === TENANT ? keys.anon : null;
}
