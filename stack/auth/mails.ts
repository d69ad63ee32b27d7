import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import type { MailKind } from "./mail-templates.ts";
import { clearTokens, createToken, type OneTimeToken, type OneTimeTokenType, storeToken } from "./one-time-tokens.ts";
import type { RequestInfo } from "./request.ts";
import { userJson } from "./user-json.ts";
import { type User, type UserPatch, updateUser } from "./users.ts";

/** The type that links carry and /verify reads. */
export type LinkType = "signup" | "invite" | "recovery" | "magiclink" | "email_change";
type EmailAction = LinkType | "reauthentication";

interface Message {
  kind: MailKind;
  action: EmailAction;
  to: string;
  token: OneTimeToken;
}

function requireNotTooSoon(auth: Auth, sentAt: string | null): void {
  if (sentAt === null) return;
  const left = Date.parse(sentAt) + auth.settings.email.maxFrequencyMs - Date.now();
  if (left <= 0) return;
  throw new AuthError("over_email_send_rate_limit", {
    message: `For security purposes, you can only request this after ${Math.floor(left / 1000)} seconds.`,
  });
}

/** Counts a mail that is about to be sent. */
export function requireMailAllowed(auth: Auth): void {
  const { autoconfirm, sentPerHour } = auth.settings.email;
  if (sentPerHour === 0 || (!autoconfirm && !auth.mailAllowed())) throw new AuthError("over_email_send_rate_limit");
}

export function actionLink(auth: Auth, hash: string, type: LinkType, redirectTo: string): string {
  // An address without these characters is left readable, as the official service does.
  const target = /[^\w\-.~:/?@!$'()*+,;[\]%]/.test(redirectTo) ? encodeURIComponent(redirectTo) : redirectTo;
  return `${auth.settings.externalUrl}/verify?token=${encodeURIComponent(hash)}&type=${type}&redirect_to=${target}`;
}

/** By the send_email hook when there is one, else by mail. A failure undoes the transaction. */
async function deliver(auth: Auth, tx: Tx, request: RequestInfo, user: User, messages: Message[]): Promise<void> {
  const [first, second] = messages;
  if (!first) return;
  requireMailAllowed(auth);
  if (auth.hooks.enabled("send_email")) {
    // With two messages the first goes to the new address, the second to the current one; the hook's fields cross them.
    await auth.hooks.run("send_email", tx, request, {
      user: userJson(user),
      email_data: {
        token: second?.token.otp ?? first.token.otp,
        token_hash: first.token.hash,
        redirect_to: request.redirectTo,
        email_action_type: first.action,
        site_url: auth.settings.externalUrl,
        token_new: second ? first.token.otp : "",
        token_hash_new: second?.token.hash ?? "",
        old_email: "",
        old_phone: "",
        provider: "",
        factor_type: "",
      },
    });
    return;
  }
  for (const { kind, action, to, token } of messages) {
    const data = {
      SiteURL: auth.settings.siteUrl,
      Email: user.row.email ?? "",
      NewEmail: user.row.email_change ?? "",
      SendingTo: to,
      Token: token.otp,
      TokenHash: token.hash,
      RedirectTo: request.redirectTo,
      Data: user.row.raw_user_meta_data ?? {},
      ConfirmationURL: action === "reauthentication" ? "" : actionLink(auth, token.hash, action, request.redirectTo),
    };
    try {
      await auth.mailer.send(kind, to, data);
    } catch (cause) {
      throw new AuthError("unexpected_failure", { message: `Error sending ${kind.replace("_", " ")} email`, cause });
    }
  }
}

type TokenColumn = Exclude<OneTimeTokenType, "email_change_token_new" | "email_change_token_current">;

interface SingleMail {
  kind: MailKind;
  action: EmailAction;
  column: TokenColumn;
  sentAt: "confirmation_sent_at" | "recovery_sent_at" | "reauthentication_sent_at";
}

const singleMails = {
  signup: { kind: "confirmation", action: "signup", column: "confirmation_token", sentAt: "confirmation_sent_at" },
  invite: { kind: "invite", action: "invite", column: "confirmation_token", sentAt: "confirmation_sent_at" },
  recovery: { kind: "recovery", action: "recovery", column: "recovery_token", sentAt: "recovery_sent_at" },
  magiclink: { kind: "magic_link", action: "magiclink", column: "recovery_token", sentAt: "recovery_sent_at" },
  reauthentication: {
    kind: "reauthentication",
    action: "reauthentication",
    column: "reauthentication_token",
    sentAt: "reauthentication_sent_at",
  },
} as const satisfies Record<string, SingleMail>;

export type SingleMailName = keyof typeof singleMails;

/** Notes a token on the user's row and among the one-time tokens, where /verify looks. */
export async function grantToken(tx: Tx, user: User, name: SingleMailName, hash: string): Promise<void> {
  const { column, sentAt } = singleMails[name];
  const now = new Date();
  const patch: UserPatch = { [column]: hash, [sentAt]: now, ...(name === "invite" ? { invited_at: now } : {}) };
  await updateUser(tx, user, patch);
  await storeToken(tx, user, column, user.row.email ?? "", hash);
}

/** Sends the user a code and a link, not more often than the settings allow. */
export async function sendSingleMail(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  user: User,
  name: SingleMailName,
  pkce = false,
): Promise<void> {
  const { kind, action, sentAt } = singleMails[name];
  if (name !== "invite") requireNotTooSoon(auth, user.row[sentAt]);
  const to = user.row.email ?? "";
  const token = createToken(to, auth.settings.email.otpLength, pkce);
  await deliver(auth, tx, request, user, [{ kind, action, to, token }]);
  await grantToken(tx, user, name, token.hash);
}

/** To the new address, and to the current one too when both have to agree. */
export async function sendEmailChange(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  user: User,
  newEmail: string,
  pkce: boolean,
): Promise<void> {
  requireNotTooSoon(auth, user.row.email_change_sent_at);
  const { otpLength, doubleConfirmChanges } = auth.settings.email;
  const current = user.row.email ?? "";
  const forNew = createToken(newEmail, otpLength, pkce);
  const forCurrent = doubleConfirmChanges && current !== "" ? createToken(current, otpLength, pkce) : null;
  await updateUser(tx, user, {
    email_change: newEmail,
    email_change_token_new: forNew.hash,
    email_change_token_current: forCurrent?.hash ?? "",
    email_change_confirm_status: 0,
    email_change_sent_at: new Date(),
  });
  await storeToken(tx, user, "email_change_token_new", newEmail, forNew.hash);
  if (forCurrent) await storeToken(tx, user, "email_change_token_current", current, forCurrent.hash);
  else await clearTokens(tx, user, "email_change_token_current");
  const message = { kind: "email_change", action: "email_change" } as const;
  await deliver(auth, tx, request, user, [
    { ...message, to: newEmail, token: forNew },
    ...(forCurrent ? [{ ...message, to: current, token: forCurrent }] : []),
  ]);
}

export async function sendReauthentication(auth: Auth, tx: Tx, request: RequestInfo, user: User): Promise<void> {
  await recordAudit(tx, request, user, "user_reauthenticate_requested");
  await sendSingleMail(auth, tx, request, user, "reauthentication");
}
