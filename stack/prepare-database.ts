import type { StackContext } from "./context.ts";
import { functionSecrets } from "./functions/secrets.ts";
import { applyBaseline } from "./postgres/baseline.ts";
import { ensureVaultSecrets } from "./vault.ts";

/** Gives the database what it has on Supabase before the first migration: roles, schemas, extensions, secrets. */
export async function prepareDatabase(ctx: StackContext): Promise<void> {
  const { config, keys } = ctx;
  const admin = await ctx.connect("supabase_admin");
  try {
    await applyBaseline(admin, {
      exposeNewTables: config.api.auto_expose_new_tables ?? true,
      jwtSecret: keys.jwtSecret,
      jwtExpiry: config.auth.jwt_expiry,
    });
  } finally {
    await admin.end();
  }
  await ensureVaultSecrets(ctx, { ...functionSecrets(ctx), ...config.db.vault });
}
