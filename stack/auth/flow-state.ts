import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { Tx } from "./database.ts";
import { AuthError } from "./errors.ts";

const EXPIRY_MS = 5 * 60_000;

export interface Challenge {
  code_challenge: string;
  code_challenge_method: string;
}

interface FlowStateRow {
  id: string;
  user_id: string | null;
  auth_code: string | null;
  code_challenge_method: "s256" | "plain" | null;
  code_challenge: string | null;
  authentication_method: string;
  provider_type: string;
  provider_access_token: string | null;
  provider_refresh_token: string | null;
  auth_code_issued_at: string | null;
  created_at: string;
}

/** True when the request starts a PKCE flow; refuses a malformed one. */
export function isPkce({ code_challenge, code_challenge_method }: Challenge): boolean {
  if ((code_challenge === "") !== (code_challenge_method === "")) {
    throw new AuthError("validation_failed", {
      message: "PKCE flow requires code_challenge_method and code_challenge",
    });
  }
  if (code_challenge === "") return false;
  if (code_challenge.length < 43 || code_challenge.length > 128) {
    throw new AuthError("validation_failed", {
      message: "code challenge has to be between 43 and 128 characters",
    });
  }
  if (!/^[a-zA-Z._~0-9-]+$/.test(code_challenge)) {
    throw new AuthError("validation_failed", {
      message: "code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes",
    });
  }
  if (!["s256", "plain"].includes(code_challenge_method.toLowerCase())) {
    throw new AuthError("validation_failed", {
      message: `unsupported code_challenge method ${JSON.stringify(code_challenge_method)}`,
    });
  }
  return true;
}

export async function startFlow(
  tx: Tx,
  userId: string,
  challenge: Challenge,
  method: string,
  providerType: string = method,
): Promise<void> {
  await tx.run(
    `insert into auth.flow_state (id, user_id, auth_code, code_challenge, code_challenge_method, provider_type,
       provider_access_token, provider_refresh_token, authentication_method, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, '', '', $7, now(), now())`,
    [
      randomUUID(),
      userId,
      randomUUID(),
      challenge.code_challenge,
      challenge.code_challenge_method.toLowerCase(),
      providerType,
      method,
    ],
  );
}

/** The code that the newest flow of the user and method exchanges for a session. */
export async function issueAuthCode(tx: Tx, userId: string, method: string): Promise<string> {
  const row = await tx.first<{ auth_code: string }>(
    `update auth.flow_state set auth_code_issued_at = now(), updated_at = now()
      where id = (select id from auth.flow_state
                   where user_id = $1 and authentication_method = $2 and code_challenge is not null
                   order by created_at desc limit 1)
      returning auth_code`,
    [userId, method],
  );
  if (!row) {
    throw new AuthError("flow_state_not_found", {
      status: 400,
      message: "No associated flow state found. No valid flow state found for user.",
    });
  }
  return row.auth_code;
}

function verifierFits(verifier: string, flow: FlowStateRow): boolean {
  const hashed =
    flow.code_challenge_method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url");
  const a = Buffer.from(hashed);
  const b = Buffer.from(flow.code_challenge ?? "");
  return a.length === b.length && timingSafeEqual(a, b);
}

function hasExpired(flow: FlowStateRow): boolean {
  const fromIssue = flow.authentication_method === "magiclink" && flow.auth_code_issued_at !== null;
  return Date.now() > Date.parse(fromIssue ? (flow.auth_code_issued_at ?? "") : flow.created_at) + EXPIRY_MS;
}

/** Takes the flow out of the database: a code works once. */
export async function redeemAuthCode(
  tx: Tx,
  code: string,
  verifier: string,
): Promise<FlowStateRow & { user_id: string }> {
  const flow = await tx.first<FlowStateRow>(
    "select * from auth.flow_state where auth_code = $1 and code_challenge is not null for update",
    [code],
  );
  if (!flow?.user_id) throw new AuthError("flow_state_not_found");
  if (hasExpired(flow)) throw new AuthError("flow_state_expired");
  if (!verifierFits(verifier, flow)) throw new AuthError("bad_code_verifier");
  await tx.run("delete from auth.flow_state where id = $1", [flow.id]);
  return { ...flow, user_id: flow.user_id };
}
