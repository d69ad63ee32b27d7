import type { MiddlewareHandler } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { Hub } from "../hub.ts";

/** Tells every caller how much of the rate is left, and refuses those who come when none is. */
export function rateHeaders({ rates, limits }: Hub): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const rolling = Math.trunc(rates.events.perSecond());
    c.header("x-rate-rolling", String(rolling));
    c.header("x-rate-limit", String(limits.eventsPerSecond));
    c.header("x-rate-limit-remaining", String(limits.eventsPerSecond - rolling));
    if (rolling >= limits.eventsPerSecond) return c.json({ message: "Too many requests" }, 429);
    return next();
  };
}
