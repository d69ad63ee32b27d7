import { randomUUID } from "node:crypto";
import type { Tx } from "./database.ts";

export const AUDIENCE = "authenticated";
export const ZERO_ID = "00000000-0000-0000-0000-000000000000";

export type Json = Record<string, unknown>;

/** A row of auth.users; timestamps are RFC 3339 text. */
export interface UserRow {
  id: string;
  aud: string;
  role: string;
  email: string | null;
  encrypted_password: string | null;
  email_confirmed_at: string | null;
  invited_at: string | null;
  confirmation_token: string | null;
  confirmation_sent_at: string | null;
  recovery_token: string | null;
  recovery_sent_at: string | null;
  email_change: string | null;
  email_change_token_new: string | null;
  email_change_token_current: string | null;
  email_change_confirm_status: number | null;
  email_change_sent_at: string | null;
  reauthentication_token: string | null;
  reauthentication_sent_at: string | null;
  last_sign_in_at: string | null;
  raw_app_meta_data: Json | null;
  raw_user_meta_data: Json | null;
  created_at: string | null;
  updated_at: string | null;
  phone: string | null;
  phone_confirmed_at: string | null;
  phone_change: string | null;
  phone_change_sent_at: string | null;
  confirmed_at: string | null;
  banned_until: string | null;
  deleted_at: string | null;
  is_sso_user: boolean;
  is_anonymous: boolean;
}

export interface IdentityRow {
  id: string;
  provider_id: string;
  user_id: string;
  identity_data: Json;
  provider: string;
  last_sign_in_at: string | null;
  created_at: string | null;
  updated_at: string | null;
  email: string | null;
}

export interface FactorRow {
  id: string;
  created_at: string;
  updated_at: string;
  status: "unverified" | "verified";
  friendly_name: string | null;
  factor_type: "totp" | "phone" | "webauthn";
  phone: string | null;
  last_challenged_at: string | null;
}

export interface User {
  row: UserRow;
  identities: IdentityRow[];
  factors: FactorRow[];
}

async function completeAll(db: Tx, rows: UserRow[]): Promise<User[]> {
  const ids = rows.map(({ id }) => id);
  const identities = await db.rows<IdentityRow>(
    "select * from auth.identities where user_id = any($1) order by created_at, id",
    [ids],
  );
  const factors = await db.rows<FactorRow & { user_id: string }>(
    `select id, user_id, created_at, updated_at, status, friendly_name, factor_type, phone, last_challenged_at
       from auth.mfa_factors where user_id = any($1) order by created_at, id`,
    [ids],
  );
  const identitiesOf = Map.groupBy(identities, ({ user_id }) => user_id);
  const factorsOf = Map.groupBy(factors, ({ user_id }) => user_id);
  return rows.map((row) => ({
    row,
    identities: identitiesOf.get(row.id) ?? [],
    factors: factorsOf.get(row.id) ?? [],
  }));
}

async function complete(db: Tx, row: UserRow | null): Promise<User | null> {
  const [user] = row ? await completeAll(db, [row]) : [];
  return user ?? null;
}

/** In the order of the ids. */
export async function findUsers(db: Tx, ids: string[]): Promise<User[]> {
  const rows = await db.rows<UserRow>(
    "select u.* from unnest($1::uuid[]) with ordinality as i (id, place) join auth.users u using (id) order by i.place",
    [ids],
  );
  return completeAll(db, rows);
}

export async function findUser(db: Tx, id: string): Promise<User | null> {
  return complete(db, await db.first<UserRow>("select * from auth.users where id = $1", [id]));
}

/** As findUser, and no other transaction changes the user until this one ends. */
export async function lockUser(tx: Tx, id: string): Promise<User | null> {
  return complete(tx, await tx.first<UserRow>("select * from auth.users where id = $1 for update", [id]));
}

export async function findUserByEmail(db: Tx, email: string): Promise<User | null> {
  const row = await db.first<UserRow>(
    `select * from auth.users
      where instance_id = $1 and lower(email) = $2 and aud = $3 and is_sso_user = false
      limit 1`,
    [ZERO_ID, email.toLowerCase(), AUDIENCE],
  );
  return complete(db, row);
}

/** Another user who holds the address, by an identity or as the account's own. */
export async function emailTakenBy(db: Tx, email: string, exceptId: string | null): Promise<string | null> {
  const row = await db.first<{ id: string }>(
    `select u.id from auth.users u
      where u.instance_id = $1 and lower(u.email) = $2 and u.aud = $3 and u.is_sso_user = false
        and u.id is distinct from $4::uuid
     union all
     select i.user_id from auth.identities i
      where i.email = $2 and i.provider not like 'sso:%' and i.user_id is distinct from $4::uuid
     limit 1`,
    [ZERO_ID, email.toLowerCase(), AUDIENCE, exceptId],
  );
  return row?.id ?? null;
}

type TimestampColumn = Extract<keyof UserRow, `${string}_at` | "banned_until">;
type WritableColumn = Exclude<keyof UserRow, "id" | "confirmed_at" | "created_at" | "updated_at">;

export type UserPatch = {
  [Column in WritableColumn]?: Column extends TimestampColumn ? Date | string | null : UserRow[Column];
};

/** Column names come from the type above, never from a request. */
export async function updateUser(tx: Tx, user: User, patch: UserPatch): Promise<void> {
  const columns = Object.keys(patch);
  const assignments = columns.map((column, index) => `${column} = $${index + 2}`);
  const row = await tx.first<UserRow>(
    `update auth.users set ${[...assignments, "updated_at = now()"].join(", ")} where id = $1 returning *`,
    [user.row.id, ...Object.values(patch)],
  );
  if (row) user.row = row;
}

export interface NewUser {
  id?: string;
  email: string | null;
  phone?: string | null;
  passwordHash: string;
  role?: string;
  appMetadata: Json;
  userMetadata: Json;
  isAnonymous?: boolean;
}

/** Token columns are empty text: the official service cannot read null there. */
export async function insertUser(tx: Tx, fresh: NewUser): Promise<User> {
  const id = fresh.id ?? randomUUID();
  await tx.run(
    `insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, raw_app_meta_data,
       raw_user_meta_data, confirmation_token, recovery_token, email_change_token_new, email_change,
       is_super_admin, is_anonymous, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '', '', null, $10, now(), now())`,
    [
      ZERO_ID,
      id,
      AUDIENCE,
      fresh.role ?? "authenticated",
      fresh.email,
      fresh.phone ?? null,
      fresh.passwordHash,
      fresh.appMetadata,
      fresh.userMetadata,
      fresh.isAnonymous ?? false,
    ],
  );
  // Read again: triggers of the project may have changed the row.
  const user = await findUser(tx, id);
  if (!user) throw new Error("Load user after insert");
  return user;
}

/** Shallow merge; null removes a key. */
export function mergeMetadata(current: Json | null, updates: Json): Json {
  const merged: Json = { ...current, ...updates };
  for (const [key, value] of Object.entries(updates)) {
    if (value === null) delete merged[key];
  }
  return merged;
}

export async function mergeUserMetadata(tx: Tx, user: User, updates: Json): Promise<void> {
  await updateUser(tx, user, { raw_user_meta_data: mergeMetadata(user.row.raw_user_meta_data, updates) });
}

/** app_metadata.provider(s) follow the identities. */
export async function syncProviders(tx: Tx, user: User): Promise<void> {
  const providers = [...new Set(user.identities.map((identity) => identity.provider))];
  const first = providers[0];
  await updateUser(tx, user, {
    raw_app_meta_data: mergeMetadata(user.row.raw_app_meta_data, {
      providers,
      ...(first === undefined ? {} : { provider: first }),
    }),
  });
}

export async function insertIdentity(tx: Tx, user: User, provider: string, data: Json): Promise<IdentityRow> {
  const identity = await tx.first<IdentityRow>(
    `insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
     values ($1, $2, $3, $4, now(), now(), now()) returning *`,
    [String(data.sub), user.row.id, data, provider],
  );
  if (!identity) throw new Error("Insert identity");
  user.identities.push(identity);
  return identity;
}

export async function mergeIdentityData(tx: Tx, user: User, identity: IdentityRow, updates: Json): Promise<void> {
  const updated = await tx.first<IdentityRow>(
    "update auth.identities set identity_data = $2, updated_at = now() where id = $1 returning *",
    [identity.id, mergeMetadata(identity.identity_data, updates)],
  );
  user.identities = user.identities.map((each) => (each.id === identity.id && updated ? updated : each));
}

export function isBanned(user: User): boolean {
  return user.row.banned_until !== null && Date.parse(user.row.banned_until) > Date.now();
}

export function hasVerifiedFactor(user: User): boolean {
  return user.factors.some((factor) => factor.status === "verified");
}
