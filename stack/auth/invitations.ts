import { saveNewUser } from "./accounts.ts";
import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import { actionLink, grantToken, type LinkType, type SingleMailName, sendSingleMail } from "./mails.ts";
import { createToken, hashToken, storeToken } from "./one-time-tokens.ts";
import { type RequestInfo, requireEmail } from "./request.ts";
import {
  emailTakenBy,
  findUserByEmail,
  insertIdentity,
  type Json,
  lockUser,
  mergeUserMetadata,
  type User,
  updateUser,
} from "./users.ts";

type Admin = { role: string };

async function lockUserByEmail(tx: Tx, email: string): Promise<User | null> {
  const found = await findUserByEmail(tx, email);
  return found && lockUser(tx, found.row.id);
}

async function createUnconfirmed(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  email: string,
  passwordHash: string,
  data: Json,
): Promise<User> {
  const appMetadata = { provider: "email", providers: ["email"] };
  const fresh = { email, passwordHash, appMetadata, userMetadata: data };
  const user = await saveNewUser(auth, tx, request, fresh, { hook: true });
  const identityData = { sub: user.row.id, email, email_verified: false, phone_verified: false };
  await insertIdentity(tx, user, "email", identityData);
  return user;
}

function traits(user: User): Json {
  return { user_id: user.row.id, user_email: user.row.email ?? "" };
}

export async function invite(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  admin: Admin,
  email: string,
  data: Json,
): Promise<User> {
  const known = await lockUserByEmail(tx, email);
  if (known?.row.email_confirmed_at) throw new AuthError("email_exists");
  const user = known ?? (await createUnconfirmed(auth, tx, request, email, "", data));
  await recordAudit(tx, request, admin, "user_invited", traits(user));
  await sendSingleMail(auth, tx, request, user, "invite");
  return user;
}

export const generatedTypes = [
  "signup",
  "invite",
  "magiclink",
  "recovery",
  "email_change_current",
  "email_change_new",
] as const;
export type GeneratedType = (typeof generatedTypes)[number];

export interface LinkOrder {
  type: GeneratedType;
  email: string;
  newEmail: string;
  /** Of a user whom the link creates. */
  passwordHash: string;
  data: Json;
}

export interface GeneratedLink {
  user: User;
  link: string;
  otp: string;
  hash: string;
  type: GeneratedType;
}

async function grantEmailChange(auth: Auth, tx: Tx, user: User, order: LinkOrder, otp: string): Promise<string> {
  const ofCurrent = order.type === "email_change_current";
  if (ofCurrent && !auth.settings.email.doubleConfirmChanges) {
    throw new AuthError("validation_failed", {
      message: "Enable secure email change to generate link for current email",
    });
  }
  const newEmail = requireEmail(order.newEmail);
  if (await emailTakenBy(tx, newEmail, user.row.id)) throw new AuthError("email_exists");
  const column = ofCurrent ? "email_change_token_current" : "email_change_token_new";
  const address = ofCurrent ? order.email : newEmail;
  const hash = hashToken(address, otp);
  await updateUser(tx, user, {
    email_change: newEmail,
    email_change_sent_at: new Date(),
    email_change_confirm_status: 0,
    [column]: hash,
  });
  await storeToken(tx, user, column, address, hash);
  return hash;
}

/** The user the link is for, made when the type of link allows it, and the type it then has. */
async function userForLink(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  order: LinkOrder,
): Promise<{ user: User; type: GeneratedType }> {
  const known = await lockUserByEmail(tx, order.email);
  const creates = order.type === "signup" || order.type === "invite";
  if (known) {
    if (creates && known.row.email_confirmed_at) throw new AuthError("email_exists");
    if (order.type === "signup") await mergeUserMetadata(tx, known, order.data);
    return { user: known, type: order.type };
  }
  if (!creates && order.type !== "magiclink") {
    throw new AuthError("user_not_found", { message: "User with this email not found" });
  }
  const passwordHash = order.type === "invite" ? "" : order.passwordHash;
  const user = await createUnconfirmed(auth, tx, request, order.email, passwordHash, order.data);
  return { user, type: order.type === "magiclink" ? "signup" : order.type };
}

const singleNames: Partial<Record<GeneratedType, SingleMailName & LinkType>> = {
  signup: "signup",
  invite: "invite",
  magiclink: "magiclink",
  recovery: "recovery",
};

/** What a mail would have carried, for the service to send by itself. */
export async function generateLink(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  admin: Admin,
  order: LinkOrder,
): Promise<GeneratedLink> {
  const { user, type } = await userForLink(auth, tx, request, order);
  const token = createToken(order.email, auth.settings.email.otpLength, false);
  const name = singleNames[type];
  if (type === "invite") await recordAudit(tx, request, admin, "user_invited", traits(user));
  if (type === "recovery" || type === "magiclink") await recordAudit(tx, request, user, "user_recovery_requested");
  const hash = name ? token.hash : await grantEmailChange(auth, tx, user, order, token.otp);
  if (name) await grantToken(tx, user, name, hash);
  const link = actionLink(auth, hash, name ?? "email_change", request.redirectTo);
  return { user, link, otp: token.otp, hash, type };
}
