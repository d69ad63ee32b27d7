import { randomUUID } from "node:crypto";
import { recordAudit } from "./audit-log.ts";
import type { Auth } from "./auth.ts";
import { inTransaction, isUniqueViolation, type Tx } from "./database.ts";
import { AuthError } from "./errors.ts";
import { type Challenge, isPkce, startFlow } from "./flow-state.ts";
import { sendSingleMail } from "./mails.ts";
import { hashPassword, matchesPassword } from "./passwords.ts";
import type { RequestInfo } from "./request.ts";
import { type IssuedSession, issueSession } from "./tokens.ts";
import { userJson } from "./user-json.ts";
import {
  AUDIENCE,
  emailTakenBy,
  insertIdentity,
  insertUser,
  type Json,
  lockUser,
  mergeUserMetadata,
  type NewUser,
  syncProviders,
  type User,
} from "./users.ts";
import { confirmEmail } from "./verification.ts";

export interface SignUp extends Challenge {
  email: string;
  password: string;
  data: Json;
}

export type SignUpOutcome =
  | { kind: "session"; session: IssuedSession }
  | { kind: "user"; user: User }
  | { kind: "exists" };

/** What a project's trigger on auth.users refuses is not this service's failure to explain. */
function savingError(cause: unknown): AuthError {
  return new AuthError("unexpected_failure", { message: "Database error saving new user", cause });
}

export async function saveNewUser(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  fresh: NewUser,
  { hook }: { hook: boolean },
): Promise<User> {
  const id = fresh.id ?? randomUUID();
  if (hook && auth.hooks.enabled("before_user_created")) {
    const now = new Date().toISOString();
    await auth.hooks.run("before_user_created", tx, request, {
      user: {
        id,
        aud: AUDIENCE,
        role: "",
        email: fresh.email ?? "",
        phone: fresh.phone ?? "",
        app_metadata: fresh.appMetadata,
        user_metadata: fresh.userMetadata,
        identities: [],
        created_at: now,
        updated_at: now,
        is_anonymous: fresh.isAnonymous ?? false,
      },
    });
  }
  const user = await insertUser(tx, { ...fresh, id }).catch((cause: unknown) => {
    throw isUniqueViolation(cause) ? cause : savingError(cause);
  });
  if (hook) await auth.hooks.run("after_user_created", tx, request, { user: userJson(user) });
  return user;
}

/** Gives the user an email identity; until the address is proven, user_metadata is what that identity says. */
async function ensureEmailIdentity(tx: Tx, user: User, email: string, data: Json): Promise<void> {
  if (user.identities.some(({ provider }) => provider === "email")) return;
  const identityData = { ...data, sub: user.row.id, email, email_verified: false, phone_verified: false };
  await insertIdentity(tx, user, "email", identityData);
  await mergeUserMetadata(tx, user, identityData);
  await syncProviders(tx, user);
}

async function signUpIn(
  auth: Auth,
  tx: Tx,
  request: RequestInfo,
  params: SignUp,
  passwordHash: string,
  options: { session: boolean },
): Promise<SignUpOutcome> {
  const pkce = isPkce(params);
  const existing = await emailTakenBy(tx, params.email, null);
  const known = existing ? await lockUser(tx, existing) : null;
  if (known?.row.email_confirmed_at) {
    await recordAudit(tx, request, known, "user_repeated_signup", { provider: "email" });
    return { kind: "exists" };
  }
  const user =
    known ??
    (await saveNewUser(
      auth,
      tx,
      request,
      {
        email: params.email,
        passwordHash,
        appMetadata: { provider: "email", providers: ["email"] },
        userMetadata: params.data,
      },
      { hook: true },
    ));
  await ensureEmailIdentity(tx, user, params.email, params.data);
  if (!auth.settings.email.autoconfirm) {
    await recordAudit(tx, request, user, "user_confirmation_requested", { provider: "email" });
    if (pkce) await startFlow(tx, user.row.id, params, "email/signup", "email");
    await sendSingleMail(auth, tx, request, user, "signup", pkce);
    return { kind: "user", user };
  }
  // An unproven account belongs to whoever knows its password; anyone else has to prove the address.
  if (known && !(await matchesPassword(params.password, known.row.encrypted_password))) return { kind: "exists" };
  await recordAudit(tx, request, user, "user_signedup", { provider: "email" });
  await confirmEmail(tx, user);
  if (!options.session) return { kind: "user", user };
  await recordAudit(tx, request, user, "login", { provider: "email" });
  return { kind: "session", session: await issueSession(auth, tx, request, user, "password") };
}

/** All in one transaction: a hook or a mail that fails leaves neither user nor session. */
export async function signUp(
  auth: Auth,
  request: RequestInfo,
  params: SignUp,
  options: { session: boolean },
): Promise<SignUpOutcome> {
  // Before the look-up, so that an address in use takes as long to answer as a new one.
  const passwordHash = await hashPassword(params.password);
  try {
    return await inTransaction(auth.pool, (tx) => signUpIn(auth, tx, request, params, passwordHash, options));
  } catch (error) {
    // Someone else signed up with the address between the look-up and the insert.
    if (isUniqueViolation(error)) return { kind: "exists" };
    throw error;
  }
}

/** A user who is known by nothing but this session, until he adds an address. */
export async function signUpAnonymously(auth: Auth, request: RequestInfo, data: Json): Promise<IssuedSession> {
  const fresh = { email: null, passwordHash: "", appMetadata: {}, userMetadata: data, isAnonymous: true };
  return inTransaction(auth.pool, async (tx) => {
    const user = await saveNewUser(auth, tx, request, fresh, { hook: true });
    return issueSession(auth, tx, request, user, "anonymous");
  });
}

/** What a sign-up with an address in use answers: nothing in it says whether the account exists. */
export function obfuscatedUser(email: string, data: Json): Json {
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    aud: AUDIENCE,
    role: "",
    email,
    phone: "",
    confirmation_sent_at: now,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: data,
    identities: [],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  };
}

/** An invited person's metadata and identities are not for whoever signs up with the address. */
export function signedUpUserJson(user: User): Json {
  return userJson(
    user.row.invited_at ? { ...user, row: { ...user.row, raw_user_meta_data: {} }, identities: [] } : user,
  );
}
