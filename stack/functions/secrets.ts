import type { StackContext } from "../context.ts";
import { functionEnvironment } from "./environment.ts";

/** What the database needs to call its functions, named as in Vault: a token that the project sets wins over the generated one. */
export function functionSecrets(ctx: StackContext) {
  return {
    audit_heads_token: functionEnvironment(ctx, "audit-heads").AUDIT_HEADS_TOKEN ?? "",
    audit_heads_url: `${ctx.apiUrl}/functions/v1/audit-heads`,
    notification_mail_token: functionEnvironment(ctx, "notification-mail").NOTIFICATION_MAIL_TOKEN ?? "",
    notification_mail_url: `${ctx.apiUrl}/functions/v1/notification-mail`,
  };
}
