import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Tx } from "../database.ts";
import { AuthError } from "../errors.ts";
import type { Challenge } from "../flow-state.ts";
import type { Exchanged } from "./exchange.ts";
import type { ProviderName } from "./provider-settings.ts";

const EXPIRY_MS = 5 * 60_000;

/** What is remembered of a person while he is at the provider; its id travels as `state`. */
export interface OAuthFlow {
  id: string;
  user_id: string | null;
  auth_code: string | null;
  code_challenge: string | null;
  provider_type: ProviderName;
  created_at: string;
  invite_token: string | null;
  /** Where he goes in the end. */
  referrer: string | null;
  /** The user who asked for one more identity. */
  linking_target_id: string | null;
}

export interface FlowStart extends Challenge {
  provider: ProviderName;
  redirectTo: string;
  linkTo: string | null;
  inviteToken: string;
}

export async function startOAuthFlow(tx: Tx, start: FlowStart): Promise<string> {
  const id = randomUUID();
  const pkce = start.code_challenge !== "";
  await tx.run(
    `insert into auth.flow_state (id, auth_code, code_challenge, code_challenge_method, provider_type,
       provider_access_token, provider_refresh_token, authentication_method, invite_token, referrer, linking_target_id,
       created_at, updated_at)
     values ($1, $2, $3, $4, $5, '', '', 'oauth', $6, $7, $8, now(), now())`,
    [
      id,
      pkce ? randomUUID() : null,
      pkce ? start.code_challenge : null,
      pkce ? start.code_challenge_method.toLowerCase() : null,
      start.provider,
      start.inviteToken || null,
      start.redirectTo,
      start.linkTo,
    ],
  );
  return id;
}

async function selectFlow(tx: Tx, id: string, lock: "" | "for update"): Promise<OAuthFlow> {
  const flow = await tx.first<OAuthFlow>(
    `select id, user_id, auth_code, code_challenge, provider_type, created_at, invite_token, referrer, linking_target_id
       from auth.flow_state where id = $1 and authentication_method = 'oauth' ${lock}`,
    [id],
  );
  if (!flow) throw new AuthError("bad_oauth_state");
  if (Date.now() > Date.parse(flow.created_at) + EXPIRY_MS) {
    throw new AuthError("bad_oauth_state", { message: "OAuth state has expired" });
  }
  if (flow.user_id !== null) throw new AuthError("flow_state_already_used");
  return flow;
}

export async function findOAuthFlow(db: Tx, state: string): Promise<OAuthFlow> {
  if (state === "") throw new AuthError("bad_oauth_callback", { message: "OAuth state parameter missing" });
  if (!z.guid().safeParse(state).success) {
    throw new AuthError("bad_oauth_state", { message: "OAuth state parameter is invalid" });
  }
  return selectFlow(db, state, "");
}

/** Of two callbacks with one state the second finds it used. */
export function lockOAuthFlow(tx: Tx, flow: OAuthFlow): Promise<OAuthFlow> {
  return selectFlow(tx, flow.id, "for update");
}

export async function deleteOAuthFlow(tx: Tx, flow: OAuthFlow): Promise<void> {
  await tx.run("delete from auth.flow_state where id = $1", [flow.id]);
}

/** The code that the client exchanges for the session, and for the provider's tokens. */
export async function grantAuthCode(tx: Tx, flow: OAuthFlow, userId: string, exchanged: Exchanged): Promise<string> {
  await tx.run(
    `update auth.flow_state set user_id = $2, provider_access_token = $3, provider_refresh_token = $4,
       auth_code_issued_at = now(), updated_at = now() where id = $1`,
    [flow.id, userId, exchanged.accessToken, exchanged.refreshToken],
  );
  return flow.auth_code ?? "";
}
