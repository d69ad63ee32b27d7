import type { RealtimeChannel, RealtimeClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll } from "vitest";
import { ownerConnection } from "../support/database.ts";
import type { visitor } from "./clients.ts";

type Client = ReturnType<typeof visitor>;

/** Signed-in users read and write the private topics below this one, and read those below `<room>:quiet`. */
export function privateRooms(room: string): void {
  const policies = [
    ["insert", "with check", `realtime.topic() like '${room}:%' and realtime.topic() not like '${room}:quiet:%'`],
    ["select", "using", `realtime.topic() like '${room}:%'`],
  ];
  const names = policies.map(([command]) => `"client suite: ${room}, ${command}"`);
  const down = names.map((name) => `drop policy if exists ${name} on realtime.messages`).join(";");
  const up = policies.map(
    ([command, clause, rule], at) =>
      `create policy ${names[at]} on realtime.messages for ${command} to authenticated ${clause} ((select ${rule}))`,
  );
  const asOwner = async (query: string) => {
    const owner = await ownerConnection();
    await owner.query(query);
    await owner.end();
  };
  beforeAll(() => asOwner([down, ...up].join(";")));
  afterAll(() => asOwner(down));
}

const open = new Set<RealtimeClient>();

/** Closes after each test what it opened. */
export function closeSockets(): void {
  afterEach(async () => {
    for (const realtime of open) await realtime.disconnect();
    open.clear();
  });
}

/** The client, remembered so that its socket ends with the test. */
export function listening(client: Client): Client {
  open.add(client.realtime);
  return client;
}

/** Waits until a channel is joined; its refusal is thrown. */
export function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve(channel);
      else reject(error ?? new Error(status));
    });
  });
}
