import { randomBytes } from "node:crypto";
import { z } from "zod";
import { saveNewUser } from "./accounts.ts";
import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import { inTransaction, isUniqueViolation, type Tx } from "./database.ts";
import { parseDuration } from "./durations.ts";
import { AuthError } from "./errors.ts";
import { clearTokens } from "./one-time-tokens.ts";
import { hashPassword, requireStrongPassword } from "./passwords.ts";
import { normalPhone } from "./phones.ts";
import { metadata, type RequestInfo, requireEmail, text } from "./request.ts";
import { deleteSessions } from "./sessions.ts";
import {
  emailTakenBy,
  insertIdentity,
  lockUser,
  mergeIdentityData,
  mergeMetadata,
  type User,
  type UserPatch,
  updateUser,
} from "./users.ts";
import { confirmEmail } from "./verification.ts";

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

export const adminUserBody = z.object({
  id: text,
  email: text,
  phone: text,
  password: z.string().nullish(),
  password_hash: text,
  email_confirm: flag,
  phone_confirm: flag,
  user_metadata: metadata,
  app_metadata: metadata,
  ban_duration: text,
  role: text,
});
export type AdminUserBody = z.output<typeof adminUserBody>;

type Admin = { role: string };

/** The end of a ban that starts now; undefined when the request says nothing of one. */
function bannedUntil(duration: string): Date | null | undefined {
  if (duration === "") return undefined;
  if (duration === "none") return null;
  const milliseconds = parseDuration(duration);
  if (milliseconds === null) {
    throw new AuthError("validation_failed", {
      message: `invalid format for ban duration: time: invalid duration ${JSON.stringify(duration)}`,
    });
  }
  return milliseconds === 0 ? null : new Date(Date.now() + milliseconds);
}

async function passwordHashOf(body: AdminUserBody): Promise<string> {
  if (body.password_hash !== "") {
    if (body.password) {
      throw new AuthError("validation_failed", { message: "Only a password or a password hash should be provided" });
    }
    if (!/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(body.password_hash)) {
      throw new AuthError("validation_failed", { message: "Create user: the password hash is not bcrypt's" });
    }
    return body.password_hash;
  }
  const password = body.password || randomBytes(48).toString("base64url");
  if (Buffer.byteLength(password) > 72) {
    throw new AuthError("validation_failed", { message: "Password cannot be longer than 72 characters" });
  }
  return hashPassword(password);
}

function duplicate(error: unknown): unknown {
  if (!isUniqueViolation(error)) return error;
  return new AuthError(error.constraint === "users_phone_key" ? "phone_exists" : "email_exists", { cause: error });
}

export async function createUser(auth: Auth, request: RequestInfo, admin: Admin, body: AdminUserBody): Promise<User> {
  if (body.email === "" && body.phone === "") {
    throw new AuthError("validation_failed", {
      message: "Cannot create a user without either an email or phone",
    });
  }
  const email = body.email === "" ? null : requireEmail(body.email);
  const phone = normalPhone(body.phone) || null;
  if (body.id !== "" && !z.guid().safeParse(body.id).success) {
    throw new AuthError("validation_failed", { message: "ID must conform to the uuid v4 format" });
  }
  const ban = bannedUntil(body.ban_duration);
  const passwordHash = await passwordHashOf(body);
  const providers = [...(email ? ["email"] : []), ...(phone ? ["phone"] : [])];
  const fresh = {
    ...(body.id === "" ? {} : { id: body.id }),
    email,
    phone,
    passwordHash,
    role: body.role || "authenticated",
    appMetadata: mergeMetadata({ provider: providers[0], providers }, body.app_metadata ?? {}),
    userMetadata: body.user_metadata ?? {},
  };
  try {
    return await inTransaction(auth.pool, async (tx) => {
      if (email && (await emailTakenBy(tx, email, null))) throw new AuthError("email_exists");
      const user = await saveNewUser(auth, tx, request, fresh, { hook: false });
      const identityData = { sub: user.row.id, email_verified: false, phone_verified: false };
      if (email) await insertIdentity(tx, user, "email", { ...identityData, email });
      if (phone) await insertIdentity(tx, user, "phone", { ...identityData, phone });
      await recordAudit(tx, request, admin, "user_signedup", traits(user));
      if (body.email_confirm) await confirmEmail(tx, user);
      if (body.phone_confirm) await updateUser(tx, user, { phone_confirmed_at: new Date() });
      if (ban !== undefined) await updateUser(tx, user, { banned_until: ban });
      return user;
    });
  } catch (error) {
    throw duplicate(error);
  }
}

function traits(user: User) {
  return { user_id: user.row.id, user_email: user.row.email ?? "", user_phone: user.row.phone ?? "" };
}

async function setAddress(tx: Tx, user: User, provider: "email" | "phone", value: string, verified: boolean) {
  const identity = user.identities.find((each) => each.provider === provider);
  const data = { [provider]: value, [`${provider}_verified`]: verified };
  if (identity) await mergeIdentityData(tx, user, identity, data);
  else await insertIdentity(tx, user, provider, { sub: user.row.id, ...data });
  await updateUser(tx, user, { [provider]: value });
}

/** A password set by an administrator ends every session and spends every link. */
async function setPassword(tx: Tx, user: User, hash: string): Promise<void> {
  await updateUser(tx, user, {
    encrypted_password: hash,
    confirmation_token: "",
    recovery_token: "",
    email_change_token_current: "",
    email_change_token_new: "",
    reauthentication_token: "",
  });
  await clearTokens(tx, user);
  await deleteSessions(tx, user.row.id, "global", null);
}

export async function updateUserAsAdmin(
  auth: Auth,
  request: RequestInfo,
  admin: Admin,
  id: string,
  body: AdminUserBody,
): Promise<User> {
  const email = body.email === "" ? "" : requireEmail(body.email);
  const phone = normalPhone(body.phone);
  const ban = bannedUntil(body.ban_duration);
  if (body.password) requireStrongPassword(body.password, auth.settings);
  const passwordHash = body.password ? await hashPassword(body.password) : null;
  try {
    return await inTransaction(auth.pool, async (tx) => {
      const user = await lockUser(tx, id);
      if (!user) throw new AuthError("user_not_found");
      const patch: UserPatch = {
        ...(body.role === "" ? {} : { role: body.role }),
        ...(ban === undefined ? {} : { banned_until: ban }),
        ...(body.phone_confirm ? { phone_confirmed_at: new Date() } : {}),
        ...(body.app_metadata
          ? { raw_app_meta_data: mergeMetadata(user.row.raw_app_meta_data, body.app_metadata) }
          : {}),
      };
      await updateUser(tx, user, patch);
      if (body.email_confirm) await confirmEmail(tx, user);
      if (passwordHash) await setPassword(tx, user, passwordHash);
      if (email !== "") {
        if (await emailTakenBy(tx, email, id)) throw new AuthError("email_exists");
        await setAddress(tx, user, "email", email, body.email_confirm);
      }
      if (phone !== "") await setAddress(tx, user, "phone", phone, body.phone_confirm);
      if (body.user_metadata) {
        await updateUser(tx, user, {
          raw_user_meta_data: mergeMetadata(user.row.raw_user_meta_data, body.user_metadata),
        });
      }
      await recordAudit(tx, request, admin, "user_modified", traits(user));
      return user;
    });
  } catch (error) {
    throw duplicate(error);
  }
}

export async function deleteUser(
  auth: Auth,
  request: RequestInfo,
  admin: Admin,
  id: string,
  erase: (tx: Tx, user: User) => Promise<void>,
): Promise<void> {
  await inTransaction(auth.pool, async (tx) => {
    const user = await lockUser(tx, id);
    if (!user) throw new AuthError("user_not_found");
    await recordAudit(tx, request, admin, "user_deleted", traits(user));
    await erase(tx, user);
  });
}
