import { z } from "zod";
import type { Progress } from "../../stack/progress.ts";
import { connectionOf } from "../../stack/status.ts";
import { temporaryStack } from "../with-stack.ts";

/** The deployment that the suites run against. */
export interface Target {
  env: NodeJS.Dict<string>;
  dbUrl: string | undefined;
  /** Whether it was made from the files as they are now. */
  own: boolean;
  close(): Promise<void>;
}

const given = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1),
  SUPABASE_DB_URL: z.string().optional(),
});

/** Another deployment when the environment names one; it must come with its keys. */
export function givenTarget(env: NodeJS.Dict<string>): Target | null {
  if (!env.SUPABASE_URL) return null;
  const read = given.safeParse(env);
  if (!read.success) {
    const names = [...new Set(read.error.issues.map(({ path }) => path.join(".")))].join(", ");
    throw new Error(`Cannot test ${env.SUPABASE_URL}: set ${names} as well`);
  }
  return { env: {}, own: false, dbUrl: read.data.SUPABASE_DB_URL, close: async () => {} };
}

export async function ownTarget(state: string, progress: Progress): Promise<Target> {
  const stack = await temporaryStack(state, progress);
  const { ctx } = stack;
  return { env: { ...connectionOf(ctx) }, dbUrl: ctx.dbUrl, own: true, close: () => stack.close() };
}
