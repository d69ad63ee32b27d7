import { randomBytes } from "node:crypto";
import { z } from "zod";
import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import { isUniqueViolation, type Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import {
  clearTokens,
  fitsToken,
  hashToken,
  isExpired,
  lockUserByEmailChange,
  lockUserByTokenHash,
  type OneTimeTokenType,
  PKCE_PREFIX,
} from "./one-time-tokens.ts";
import { hashPassword } from "./passwords.ts";
import type { RequestInfo } from "./request.ts";
import {
  findUserByEmail,
  insertIdentity,
  isBanned,
  lockUser,
  mergeIdentityData,
  mergeUserMetadata,
  type User,
  updateUser,
} from "./users.ts";

const tokenTypes = {
  signup: ["confirmation_token"],
  invite: ["confirmation_token"],
  recovery: ["recovery_token"],
  magiclink: ["recovery_token"],
  email: ["confirmation_token", "recovery_token"],
  email_change: ["email_change_token_current", "email_change_token_new"],
} as const satisfies Record<string, OneTimeTokenType[]>;

type AskedType = keyof typeof tokenTypes;
export type VerifiedType = Exclude<AskedType, "email">;

export interface Proof {
  user: User;
  type: VerifiedType;
  hash: string;
}

const knownTypes = z.enum(["signup", "invite", "recovery", "magiclink", "email", "email_change"]);

function askedType(type: string): AskedType {
  const known = knownTypes.safeParse(type);
  if (!known.success) throw new AuthError("validation_failed", { message: "Invalid email verification type" });
  return known.data;
}

const sentAtColumns = {
  confirmation_token: "confirmation_sent_at",
  recovery_token: "recovery_sent_at",
  email_change_token_current: "email_change_sent_at",
  email_change_token_new: "email_change_sent_at",
} as const;

/** Finds which of the user's tokens was presented, when it has not run out. */
function provenBy(auth: Auth, user: User, asked: AskedType, hash: string): VerifiedType | null {
  if (isBanned(user)) throw new AuthError("user_banned", { status: 403 });
  const bare = hash.replace(PKCE_PREFIX, "");
  for (const type of tokenTypes[asked]) {
    const expired = isExpired(user.row[sentAtColumns[type]], auth.settings.email.otpExpirySeconds);
    if (expired || !fitsToken(bare, user.row[type])) continue;
    if (asked !== "email") return asked;
    return type === "confirmation_token" ? "signup" : "magiclink";
  }
  return null;
}

/** By the hash in a link. The user stays locked: of two requests with one token the second finds it used. */
export async function proveByHash(auth: Auth, tx: Tx, type: string, hash: string): Promise<Proof> {
  const asked = askedType(type);
  const user = await lockUserByTokenHash(tx, hash, [...tokenTypes[asked]]);
  const proven = user && provenBy(auth, user, asked, hash);
  if (!proven) throw new AuthError("otp_expired", { message: "Email link is invalid or has expired" });
  return { user, type: proven, hash };
}

/** By the code a person types, with the address it was sent to. */
export async function proveByCode(auth: Auth, tx: Tx, type: string, email: string, otp: string): Promise<Proof> {
  const asked = askedType(type);
  const hash = hashToken(email, otp);
  let user: User | null;
  if (asked === "email_change") {
    user = await lockUserByEmailChange(tx, email, hash);
  } else {
    const found = await findUserByEmail(tx, email);
    user = found && (await lockUser(tx, found.row.id));
  }
  const proven = user && provenBy(auth, user, asked, hash);
  if (!user || !proven) throw new AuthError("otp_expired");
  return { user, type: proven, hash };
}

export async function confirmEmail(tx: Tx, user: User): Promise<void> {
  await updateUser(tx, user, { confirmation_token: "", email_confirmed_at: new Date() });
  await mergeUserMetadata(tx, user, { email_verified: true });
  await clearTokens(tx, user);
}

async function acceptSignUp(tx: Tx, request: RequestInfo, user: User): Promise<void> {
  if (!user.row.encrypted_password && user.row.invited_at) {
    // An invited person chooses a password later; until then nobody knows this one.
    await updateUser(tx, user, { encrypted_password: await hashPassword(randomBytes(32).toString("base64url")) });
  }
  await recordAudit(tx, request, user, "user_signedup", { provider: "email" });
  await confirmEmail(tx, user);
  for (const identity of user.identities) {
    if (identity.email === user.row.email) await mergeIdentityData(tx, user, identity, { email_verified: true });
  }
}

async function acceptLink(tx: Tx, request: RequestInfo, user: User): Promise<void> {
  await updateUser(tx, user, { recovery_token: "" });
  await clearTokens(tx, user);
  if (user.row.email_confirmed_at) {
    await recordAudit(tx, request, user, "login");
  } else {
    await recordAudit(tx, request, user, "user_signedup", { provider: "email" });
    await confirmEmail(tx, user);
  }
}

async function acceptFirstAddress(tx: Tx, user: User, hash: string): Promise<void> {
  const bare = hash.replace(PKCE_PREFIX, "");
  const column = fitsToken(bare, user.row.email_change_token_current)
    ? "email_change_token_current"
    : "email_change_token_new";
  await updateUser(tx, user, { email_change_confirm_status: 1, [column]: "" });
  await clearTokens(tx, user, column);
}

/** Makes the address that the user has asked for his own. */
export async function changeEmail(tx: Tx, request: RequestInfo, user: User): Promise<void> {
  const email = user.row.email_change ?? "";
  await recordAudit(tx, request, user, "user_modified");
  const identity = user.identities.find(({ provider }) => provider === "email");
  const verified = { email, email_verified: true };
  if (identity) await mergeIdentityData(tx, user, identity, verified);
  else await insertIdentity(tx, user, "email", { sub: user.row.id, phone_verified: false, ...verified });
  try {
    await updateUser(tx, user, {
      email,
      email_change: "",
      email_change_token_current: "",
      email_change_token_new: "",
      email_change_confirm_status: 0,
      is_anonymous: false,
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new AuthError("email_exists", { cause: error });
    throw error;
  }
  await clearTokens(tx, user);
  if (!user.row.email_confirmed_at) await confirmEmail(tx, user);
}

/** Where sign-ups need no confirmation, one of the two mails is enough for a change as well, as in the official service. */
function needsBothAddresses(auth: Auth, user: User): boolean {
  const { autoconfirm, doubleConfirmChanges } = auth.settings.email;
  return !autoconfirm && doubleConfirmChanges && Boolean(user.row.email);
}

/** Uses the token up and does what it was sent for. False: the other address of an email change has yet to agree. */
export async function accept(auth: Auth, tx: Tx, request: RequestInfo, { user, type, hash }: Proof): Promise<boolean> {
  switch (type) {
    case "signup":
    case "invite":
      await acceptSignUp(tx, request, user);
      return true;
    case "recovery":
    case "magiclink":
      await acceptLink(tx, request, user);
      return true;
    case "email_change":
      if (needsBothAddresses(auth, user) && user.row.email_change_confirm_status === 0) {
        await acceptFirstAddress(tx, user, hash);
        return false;
      }
      await changeEmail(tx, request, user);
      return true;
  }
}
