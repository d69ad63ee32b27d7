import type { StackContext } from "./context.ts";

/** Writes named secrets to Vault; those that are the same already are left alone. */
export async function ensureVaultSecrets(
  { pool }: Pick<StackContext, "pool">,
  secrets: Record<string, string>,
): Promise<void> {
  for (const [name, value] of Object.entries(secrets)) {
    await pool("postgres").query(
      `select case when s.id is null then vault.create_secret($2, $1)::text
                   else vault.update_secret(s.id, $2)::text end
         from (select) one left join vault.decrypted_secrets s on s.name = $1
        where s.decrypted_secret is distinct from $2`,
      [name, value],
    );
  }
}
