import type { Auth } from "./auth.ts";
import { inTransaction } from "./database.ts";
import type { NotificationKind } from "./mail-templates.ts";
import { requireMailAllowed } from "./mails.ts";
import type { RequestInfo } from "./request.ts";
import { userJson } from "./user-json.ts";
import type { Json, User } from "./users.ts";

export type Notification =
  | { kind: "password_changed" }
  | { kind: "email_changed"; oldEmail: string }
  | { kind: "phone_changed"; oldPhone: string }
  | { kind: "identity_linked"; provider: string }
  /** To the address the user had before: taking an identity away may have given him another. */
  | { kind: "identity_unlinked"; provider: string; to: string }
  | { kind: "mfa_factor_enrolled" | "mfa_factor_unenrolled"; factorType: string };

function recipient(user: User, notification: Notification): string {
  if (notification.kind === "email_changed") return notification.oldEmail;
  if (notification.kind === "identity_unlinked") return notification.to;
  return user.row.email ?? "";
}

/** What only some of them say, empty in the others. */
function details(notification: Notification) {
  return {
    oldEmail: notification.kind === "email_changed" ? notification.oldEmail : "",
    oldPhone: notification.kind === "phone_changed" ? notification.oldPhone : "",
    provider: "provider" in notification ? notification.provider : "",
    factorType: "factorType" in notification ? notification.factorType : "",
  };
}

async function send(auth: Auth, request: RequestInfo, user: User, notification: Notification): Promise<void> {
  const kind: NotificationKind = `${notification.kind}_notification`;
  const { oldEmail, oldPhone, provider, factorType } = details(notification);
  requireMailAllowed(auth);
  if (auth.hooks.enabled("send_email")) {
    const input: Json = {
      user: userJson(user),
      email_data: {
        token: "",
        token_hash: "",
        redirect_to: request.redirectTo,
        email_action_type: kind,
        site_url: auth.settings.externalUrl,
        token_new: "",
        token_hash_new: "",
        old_email: oldEmail,
        old_phone: oldPhone,
        provider,
        factor_type: factorType,
      },
    };
    await inTransaction(auth.pool, (tx) => auth.hooks.run("send_email", tx, request, input));
    return;
  }
  const to = recipient(user, notification);
  await auth.mailer.send(kind, to, {
    SiteURL: auth.settings.siteUrl,
    Email: notification.kind === "identity_unlinked" ? to : (user.row.email ?? ""),
    OldEmail: oldEmail,
    Phone: user.row.phone ?? "",
    OldPhone: oldPhone,
    Provider: provider,
    FactorType: factorType,
    Data: user.row.raw_user_meta_data ?? {},
  });
}

/**
 * Tells a user of a change that has been made, where config.toml asks for it. Called once the change is committed: that
 * the news could not be sent undoes nothing.
 */
export async function notify(auth: Auth, request: RequestInfo, user: User, notification: Notification): Promise<void> {
  if (!auth.settings.notifications.has(notification.kind) || recipient(user, notification) === "") return;
  try {
    await send(auth, request, user, notification);
  } catch (error) {
    auth.log.warn({ err: error, notification: notification.kind }, "could not send a notification");
  }
}
