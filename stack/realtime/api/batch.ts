import type { Context } from "hono";
import { z } from "zod";
import type { Hub } from "../hub.ts";
import { isJsonObject, type JsonObject } from "../json-object.ts";
import { jsonMessage } from "../messages.ts";
import { broadcast } from "../rooms.ts";
import { type ApiEnv, askerOf } from "./caller.ts";

const text = z.string().min(1);
const flag = z
  .union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")])
  .nullish()
  .transform((value) => value ?? false);
const messageShape = z.object({
  topic: text,
  event: text,
  payload: z.custom<JsonObject>(isJsonObject),
  private: flag,
  id: text.optional(),
});
type Message = z.output<typeof messageShape>;

type FieldErrors = Record<string, string[]>;

function fieldErrors(issues: z.core.$ZodIssue[], given: Record<string, unknown>): FieldErrors {
  return Object.fromEntries(
    issues.map(({ path: [field] }) => {
      const value = given[String(field)];
      const blank = value === undefined || value === null || value === "";
      return [String(field), [blank ? "can't be blank" : "is invalid"]];
    }),
  );
}

/** Reads the messages, or says for each of them what is wrong with it. */
function readMessages(body: unknown, payloadBytes: number): { messages: Message[] } | { errors: unknown } {
  const list = isJsonObject(body) ? body.messages : undefined;
  if (list === undefined || list === null) return { errors: { messages: ["can't be blank"] } };
  if (!Array.isArray(list)) return { errors: { messages: ["is invalid"] } };
  const messages: Message[] = [];
  const errors = list.map((each: unknown): FieldErrors => {
    const given = isJsonObject(each) ? each : {};
    const parsed = messageShape.safeParse(given);
    if (!parsed.success) return fieldErrors(parsed.error.issues, given);
    if (Buffer.byteLength(JSON.stringify(parsed.data.payload)) > payloadBytes) {
      return { payload: ["Payload size exceeds tenant limit"] };
    }
    messages.push(parsed.data);
    return {};
  });
  return messages.length === list.length ? { messages } : { errors: { messages: errors } };
}

function send({ rooms, rates }: Hub, { topic, event, payload, private: isPrivate, id }: Message): void {
  const room = rooms.find(topic, isPrivate);
  const content = { event, payload, type: "broadcast", ...(id === undefined ? {} : { meta: { id } }) };
  const receivers = room === undefined ? 0 : broadcast(room, jsonMessage(room.topic, "broadcast", content, id ?? null));
  rates.events.add(1 + receivers);
}

/** POST /api/broadcast: public messages go out, private ones where the caller may write. */
export function broadcastBatch(hub: Hub) {
  return async (c: Context<ApiEnv>): Promise<Response> => {
    const { rates, limits, authorizer, log } = hub;
    const body: unknown = await c.req.json().catch(() => undefined);
    const read = readMessages(body, limits.payloadBytes);
    if ("errors" in read) return c.json({ errors: read.errors }, 422);
    const { messages } = read;
    const rate = rates.events.perSecond();
    if (rate > limits.eventsPerSecond) return c.json({ message: "You have exceeded your rate limit" }, 429);
    if (messages.length + rate > limits.eventsPerSecond) {
      return c.json({ message: "Too many messages to broadcast, please reduce the batch size" }, 429);
    }
    for (const message of messages) if (!message.private) send(hub, message);
    const secret = messages.filter((message) => message.private);
    for (const topic of new Set(secret.map((message) => message.topic))) {
      const allowed = await authorizer.write(askerOf(c, topic)).catch((error: unknown) => {
        log.error({ err: error, topic }, "Cannot ask who may send to a channel");
        return null;
      });
      if (allowed?.broadcast !== true) continue;
      for (const message of secret) if (message.topic === topic) send(hub, message);
    }
    return c.body(null, 202);
  };
}
