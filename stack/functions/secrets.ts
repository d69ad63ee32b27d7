import type { StackContext } from "../context.ts";
import { functionEnvironment } from "./environment.ts";

/** What the database needs to call `audit-heads`, named as in Vault: a token that the project sets wins over the generated one. */
export function functionSecrets(ctx: StackContext): { audit_heads_token: string; audit_heads_url: string } {
  return {
    audit_heads_token: functionEnvironment(ctx, "audit-heads").AUDIT_HEADS_TOKEN ?? "",
    audit_heads_url: `${ctx.apiUrl}/functions/v1/audit-heads`,
  };
}
