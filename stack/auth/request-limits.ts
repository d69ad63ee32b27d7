import type { MiddlewareHandler } from "hono";
import type { GatewayEnv } from "../context.ts";
import { AuthError } from "./errors.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import type { AuthContext } from "./request.ts";
import type { AuthSettings } from "./settings.ts";

const FIVE_MINUTES_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

/** The limits of config.toml that count requests of one address; each is in force only where it is named. */
export type RequestLimits = AuthSettings["requestLimits"];
type LimitName = keyof RequestLimits;

/** Every one of these counts for itself. */
const groups = {
  signup: "sign_in_sign_ups",
  recover: "sign_in_sign_ups",
  resend: "sign_in_sign_ups",
  magiclink: "sign_in_sign_ups",
  otp: "sign_in_sign_ups",
  user: "sign_in_sign_ups",
  token: "token_refresh",
  verify: "token_verifications",
  web3: "web3",
  anonymous: "anonymous_users",
} as const satisfies Record<string, LimitName>;
export type RequestGroup = keyof typeof groups;

export interface RequestCounter {
  /** Refuses the request when its address has made too many of the group. */
  count(c: AuthContext, group: RequestGroup): void;
}

export function createRequestCounter(limits: RequestLimits): RequestCounter {
  const counters = new Map<RequestGroup, RateLimit>();
  return {
    count(c, group) {
      const limit = limits[groups[group]];
      if (limit === undefined) return;
      const counter = counters.get(group) ?? createRateLimit(limit, group === "anonymous" ? HOUR_MS : FIVE_MINUTES_MS);
      counters.set(group, counter);
      if (!counter.take(c.get("ip"))) throw new AuthError("over_request_rate_limit");
    },
  };
}

/** For the routes of which one method on one path is one group. */
export function countRequests(counter: RequestCounter): MiddlewareHandler<GatewayEnv> {
  const whole: Partial<Record<string, RequestGroup>> = {
    "POST /recover": "recover",
    "POST /resend": "resend",
    "POST /magiclink": "magiclink",
    "POST /otp": "otp",
    "PUT /user": "user",
    "GET /verify": "verify",
    "POST /verify": "verify",
  };
  return async (c, next) => {
    const group = whole[`${c.req.method} ${c.req.path}`];
    if (group !== undefined) counter.count(c, group);
    await next();
  };
}
