import { randomUUID } from "node:crypto";
import type { RealtimePostgresChangesPayload, SupabaseClient } from "@supabase/supabase-js";
import { vi } from "vitest";

export type Change = RealtimePostgresChangesPayload<Record<string, unknown>>;

export interface Wanted {
  event?: "*" | "INSERT" | "UPDATE" | "DELETE";
  schema?: string;
  table?: string;
  filter?: string;
  select?: string[];
}

interface SystemEvent {
  extension: string;
  status: string;
  message: string;
}

export const PATIENCE = { timeout: 15_000, interval: 20 };

/** Joins a channel of its own; resolves when the server has said whether the subscription stands. */
export async function listen(client: SupabaseClient, ...wanted: Wanted[]) {
  const events: Change[] = [];
  const perBinding: Change[][] = wanted.map(() => []);
  const system: SystemEvent[] = [];
  const channel = client.channel(`changes-${randomUUID()}`);
  wanted.forEach(({ event = "*", schema = "public", ...rest }, at) => {
    channel.on<Record<string, unknown>>("postgres_changes", { event, schema, ...rest }, (change: Change) => {
      if (!events.includes(change)) events.push(change);
      perBinding[at]?.push(change);
    });
  });
  channel.on("system", {}, (message: SystemEvent) => {
    if (message.extension === "postgres_changes") system.push(message);
  });
  // Otherwise the first join may be quicker than the client's token.
  await client.realtime.setAuth();
  channel.subscribe();
  await vi.waitUntil(() => system.length > 0, PATIENCE);
  return {
    channel,
    events,
    perBinding,
    system,
    /** Resolves with all events once there are as many. */
    async received(count: number): Promise<Change[]> {
      await vi.waitUntil(() => events.length >= count, PATIENCE);
      return events;
    },
  };
}
