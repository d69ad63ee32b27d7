import type { Context } from "hono";
import { AuthorizationFailure } from "../authorization/failure.ts";
import type { UserPayload } from "../frames.ts";
import type { Hub } from "../hub.ts";
import { isJsonObject } from "../json-object.ts";
import { userMessage } from "../messages.ts";
import { broadcast } from "../rooms.ts";
import { type ApiEnv, askerOf } from "./caller.ts";

const UNSUPPORTED = "Unsupported Media Type. Use application/json or application/octet-stream";

/** Why a private message was not sent: status and message. */
function refusal(error: AuthorizationFailure): [422 | 429, string] {
  switch (error.kind) {
    case "policy":
      return [422, "RLS policy error"];
    case "canceled":
      return [422, "Query canceled"];
    case "missing_partition":
      return [422, "Missing messages partition"];
    case "no_turn":
      return [429, "Connection pool exhausted"];
    case "unavailable":
      return [422, "Tenant database unavailable"];
  }
}

function mediaType(c: Context<ApiEnv>): string {
  return (c.req.header("content-type") ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** JSON that is no object travels under `_json`, as upstream's parser leaves it. */
function jsonBytes(body: Buffer): Buffer | null {
  if (body.length === 0) return Buffer.from("{}");
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? body : Buffer.from(`{"_json":${body.toString()}}`);
  } catch {
    return null;
  }
}

/** POST /api/broadcast/:topic/events/:event: one message, whose body is its payload. */
export function broadcastSingle(hub: Hub) {
  return async (c: Context<ApiEnv>): Promise<Response> => {
    const { rooms, rates, limits, authorizer, log } = hub;
    const type = mediaType(c);
    if (type !== "application/json" && type !== "application/octet-stream") return c.json({ error: UNSUPPORTED }, 415);
    const topic = c.req.param("topic") ?? "";
    const event = c.req.param("event") ?? "";
    const isPrivate = c.req.query("private") === "true";
    const body = Buffer.from(await c.req.arrayBuffer());
    const encoding: UserPayload["encoding"] = type === "application/json" ? "json" : "binary";
    const bytes = encoding === "json" ? jsonBytes(body) : body;
    if (bytes === null) return c.json({ message: "Bad Request" }, 400);
    if (bytes.length > limits.payloadBytes) {
      return c.json({ errors: { payload: ["Payload size exceeds tenant limit"] } }, 422);
    }
    if (rates.events.perSecond() >= limits.eventsPerSecond) {
      return c.json({ message: "You have exceeded your rate limit" }, 429);
    }
    if (isPrivate) {
      try {
        const allowed = await authorizer.write(askerOf(c, topic));
        if (!allowed.broadcast) return c.json({ message: "Unauthorized" }, 403);
      } catch (error) {
        if (!(error instanceof AuthorizationFailure)) throw error;
        log.error({ err: error, topic }, "Cannot ask who may send to a channel");
        const [status, message] = refusal(error);
        return c.json({ message }, status);
      }
    }
    const room = rooms.find(topic, isPrivate);
    const message = room && userMessage(room.topic, { event, encoding, bytes });
    rates.events.add(1 + (room && message ? broadcast(room, message) : 0));
    return c.body(null, 202);
  };
}
