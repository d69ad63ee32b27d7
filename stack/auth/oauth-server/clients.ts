import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import type { Json } from "../users.ts";
import {
  authMethods,
  type ClientBody,
  grantTypes,
  invalid,
  requireGrantTypes,
  requireRedirects,
  requireTexts,
  typeAndMethod,
  typeOfMethod,
} from "./client-rules.ts";

interface ClientRow {
  id: string;
  client_secret_hash: string | null;
  registration_type: string;
  redirect_uris: string;
  grant_types: string;
  client_name: string | null;
  client_uri: string | null;
  logo_uri: string | null;
  created_at: string;
  updated_at: string;
  client_type: "public" | "confidential";
  token_endpoint_auth_method: string;
}

function createSecret(): { secret: string; hash: string } {
  const secret = randomBytes(32).toString("base64url");
  return { secret, hash: createHash("sha256").update(secret).digest("base64url") };
}

export interface ShownClient {
  row: ClientRow;
  /** Shown once, when it is made. */
  secret?: string;
}

export function clientJson({ row, secret }: ShownClient): Json {
  const optional = { client_name: row.client_name, client_uri: row.client_uri, logo_uri: row.logo_uri };
  return {
    client_id: row.id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_type: row.client_type,
    redirect_uris: row.redirect_uris.split(","),
    token_endpoint_auth_method: row.token_endpoint_auth_method,
    grant_types: row.grant_types.split(","),
    response_types: ["code"],
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value)),
    registration_type: row.registration_type,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

function required(row: ClientRow | null): ClientRow {
  if (!row) throw new AuthError("oauth_client_not_found");
  return row;
}

export async function registerClient(tx: Tx, body: ClientBody): Promise<ShownClient> {
  const redirects = body.redirect_uris ?? [];
  const grants = body.grant_types?.length ? body.grant_types : grantTypes;
  const texts = {
    client_name: body.client_name ?? "",
    client_uri: body.client_uri ?? "",
    logo_uri: body.logo_uri ?? "",
  };
  requireRedirects(redirects);
  requireGrantTypes(grants);
  requireTexts(texts);
  const { type, method } = typeAndMethod(body);
  const made = type === "confidential" ? createSecret() : undefined;
  const row = await tx.first<ClientRow>(
    `insert into auth.oauth_clients (id, client_secret_hash, registration_type, redirect_uris, grant_types, client_name,
       client_uri, logo_uri, client_type, token_endpoint_auth_method)
     values ($1, $2, 'manual', $3, $4, $5, $6, $7, $8, $9) returning *`,
    [
      randomUUID(),
      made?.hash ?? "",
      redirects.join(","),
      grants.join(","),
      texts.client_name,
      texts.client_uri,
      texts.logo_uri,
      type,
      method,
    ],
  );
  return { row: required(row), ...(made ? { secret: made.secret } : {}) };
}

export async function findClient(db: Tx, id: string): Promise<ClientRow> {
  if (!z.guid().safeParse(id).success) throw invalid("invalid client_id format");
  return required(
    await db.first<ClientRow>("select * from auth.oauth_clients where id = $1 and deleted_at is null", [id]),
  );
}

export async function listClients(db: Tx): Promise<ClientRow[]> {
  return db.rows<ClientRow>("select * from auth.oauth_clients where deleted_at is null order by created_at desc, id");
}

export async function updateClient(tx: Tx, id: string, body: ClientBody): Promise<ClientRow> {
  const client = await findClient(tx, id);
  const { redirect_uris, grant_types, client_name, client_uri, logo_uri, token_endpoint_auth_method: method } = body;
  if ([redirect_uris, grant_types, client_name, client_uri, logo_uri, method].every((field) => field == null)) {
    throw invalid("No fields provided for update");
  }
  if (redirect_uris) requireRedirects(redirect_uris);
  if (grant_types) requireGrantTypes(grant_types);
  requireTexts({ client_name: client_name ?? "", client_uri: client_uri ?? "", logo_uri: logo_uri ?? "" });
  if (method != null && (!authMethods.includes(method) || typeOfMethod(method) !== client.client_type)) {
    throw invalid(`token_endpoint_auth_method '${method}' is not valid for client_type '${client.client_type}'`);
  }
  return required(
    await tx.first<ClientRow>(
      `update auth.oauth_clients set redirect_uris = coalesce($2, redirect_uris), grant_types = coalesce($3, grant_types),
         client_name = coalesce($4, client_name), client_uri = coalesce($5, client_uri),
         logo_uri = coalesce($6, logo_uri), token_endpoint_auth_method = coalesce($7, token_endpoint_auth_method),
         updated_at = now()
        where id = $1 and deleted_at is null returning *`,
      [id, redirect_uris?.join(","), grant_types?.join(","), client_name, client_uri, logo_uri, method],
    ),
  );
}

export async function deleteClient(tx: Tx, id: string): Promise<void> {
  await findClient(tx, id);
  await tx.run("update auth.oauth_clients set deleted_at = now(), updated_at = now() where id = $1", [id]);
}

export async function renewSecret(tx: Tx, id: string): Promise<ShownClient> {
  const client = await findClient(tx, id);
  if (client.client_type === "public") throw invalid("Cannot regenerate secret for public client");
  const { secret, hash } = createSecret();
  const row = await tx.first<ClientRow>(
    `update auth.oauth_clients set client_secret_hash = $2, updated_at = now()
      where id = $1 and deleted_at is null returning *`,
    [id, hash],
  );
  return { row: required(row), secret };
}
