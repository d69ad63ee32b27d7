import type { Auth } from "../auth.ts";
import { type Tx, withConnection } from "../database.ts";
import { AuthError, OAuthError } from "../errors.ts";
import { codeRedirect, sessionRedirect } from "../link-results.ts";
import { notify } from "../notifications.ts";
import type { RequestInfo } from "../request.ts";
import { issueSession } from "../tokens.ts";
import { type Exchanged, exchangeCode } from "./exchange.ts";
import { type From, type Outcome, signInExternally } from "./external-sign-in.ts";
import { failureRedirect, stateFailureRedirect } from "./failure-redirect.ts";
import { deleteOAuthFlow, findOAuthFlow, grantAuthCode, lockOAuthFlow, type OAuthFlow } from "./flows.ts";
import { linkIdentity } from "./identity-linking.ts";
import { signInInvited } from "./invited-sign-in.ts";
import type { Provider } from "./provider.ts";
import { providerTokens } from "./provider-tokens.ts";
import { inRacingTransaction } from "./race.ts";

function providerOf(auth: Auth, flow: OAuthFlow): Provider {
  try {
    return auth.providers.usable(flow.provider_type);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it is not enabled";
    throw new AuthError("oauth_provider_not_supported", { message: `Unsupported provider: ${reason}`, cause });
  }
}

async function exchange(auth: Auth, provider: Provider, callback: URLSearchParams): Promise<Exchanged> {
  const refusal = callback.get("error");
  if (refusal) throw new OAuthError(refusal, callback.get("error_description") ?? "");
  if (!callback.get("code")) throw new AuthError("bad_oauth_callback");
  const exchanged = await exchangeCode(auth.providers, provider, callback);
  if (exchanged.user.email === "" && !provider.settings.emailOptional) {
    throw new AuthError("unexpected_failure", { message: "Error getting user email from external provider" });
  }
  return exchanged;
}

async function identify(auth: Auth, tx: Tx, request: RequestInfo, flow: OAuthFlow, from: From): Promise<Outcome> {
  if (flow.linking_target_id !== null) return linkIdentity(auth, tx, request, flow.linking_target_id, from);
  if (flow.invite_token === null) return signInExternally(auth, tx, request, from);
  return { kind: "user", user: await signInInvited(tx, request, flow.invite_token, from) };
}

/** Answers where the person goes: with a session, with a code for one, or with what went wrong. */
async function finish(
  auth: Auth,
  request: RequestInfo,
  flow: OAuthFlow,
  target: string,
  callback: URLSearchParams,
): Promise<string> {
  const provider = providerOf(auth, flow);
  const exchanged = await exchange(auth, provider, callback);
  const { emailOptional } = provider.settings;
  const from = { provider: provider.name, external: exchanged.user, emailOptional };
  const { location, linked } = await inRacingTransaction(auth.pool, async (tx) => {
    const locked = await lockOAuthFlow(tx, flow);
    const outcome = await identify(auth, tx, request, locked, from);
    if (outcome.kind === "refused") {
      await deleteOAuthFlow(tx, locked);
      return { location: failureRedirect(target, outcome.error), linked: null };
    }
    const { user } = outcome;
    const linked = locked.linking_target_id === null ? null : user;
    if (locked.code_challenge) {
      return { location: codeRedirect(target, await grantAuthCode(tx, locked, user.row.id, exchanged)), linked };
    }
    await deleteOAuthFlow(tx, locked);
    const session = await issueSession(auth, tx, request, user, "oauth");
    const tokens = providerTokens(exchanged.accessToken, exchanged.refreshToken);
    return { location: sessionRedirect(target, session, tokens), linked };
  });
  if (linked) await notify(auth, request, linked, { kind: "identity_linked", provider: provider.name });
  return location;
}

/** What the browser of a person who comes back from a provider is told to do. */
export async function answerCallback(
  auth: Auth,
  request: RequestInfo,
  callback: URLSearchParams,
): Promise<{ location: string; status: 302 | 303 }> {
  let flow: OAuthFlow;
  try {
    flow = await withConnection(auth.pool, (db) => findOAuthFlow(db, callback.get("state") ?? ""));
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return { location: stateFailureRedirect(auth.settings.siteUrl, error), status: 303 };
  }
  const target = flow.referrer || auth.settings.siteUrl;
  try {
    return { location: await finish(auth, request, flow, target, callback), status: 302 };
  } catch (error) {
    const known = error instanceof AuthError || error instanceof OAuthError;
    const failure = known ? error : new AuthError("unexpected_failure", { cause: error });
    if (!known || (failure instanceof AuthError && failure.status >= 500)) {
      auth.log.error({ err: error, provider: flow.provider_type }, "sign-in with a provider failed");
    }
    return { location: failureRedirect(target, failure), status: 302 };
  }
}
