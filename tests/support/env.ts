import { z } from "zod";

const environment = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1),
  /** Only what looks behind the API needs these two; suites that do say so when they are absent. */
  SUPABASE_DB_URL: z.string().optional(),
  MAIL_URL: z.url().optional(),
  STUDIO_URL: z.url().optional(),
  SUPABASE_JWT_SECRET: z.string().optional(),
});

/** The deployment under test: whatever SUPABASE_URL names. */
export const env = environment.parse(process.env);
