import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import { Ledger } from "./ledger.ts";
import { everySecond, type Figures, type ToLoad, tell } from "./processes.ts";
import { openRawClient, type RawClient } from "./raw-client.ts";

/** All the clients: in each room one that is supabase-js itself, the others raw sockets, and one socket that sends. */

const AT_ONCE = 25;
const PATIENCE_MS = 20_000;
const PADDING = "x".repeat(120);

// The benchmark has what it wants, or has been stopped.
process.once("disconnect", () => process.exit(0));

const [given]: ToLoad[] = await once(process, "message");
if (given === undefined) throw new Error("Cannot start: there is no plan");
const target = given;
const { url, key, plan } = target;
const ledger = new Ledger();
const topics = Array.from({ length: plan.rooms }, (_, room) => `room:${room}`);
/** Half of the rooms ask the database who may read and write. */
const isPrivate = (room: number) => room % 2 === 1;

async function openRealClient(topic: string, room: number): Promise<void> {
  const record = ledger.subscriber(room);
  const channel = createClient(url, key).channel(topic, { config: { private: isPrivate(room) } });
  channel.on("broadcast", { event: "note" }, ({ payload }) => record(payload));
  await new Promise<void>((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve();
      else reject(error ?? new Error(`Cannot join ${topic}: ${status}`));
    });
  });
}

async function openSubscriber(topic: string, room: number): Promise<void> {
  const record = ledger.subscriber(room);
  await openRawClient(target, topic, isPrivate(room), (payload) => record(JSON.parse(payload)));
}

const openings = topics.flatMap((topic, room) => [
  () => openRealClient(topic, room),
  ...Array.from({ length: plan.perRoom - 1 }, () => () => openSubscriber(topic, room)),
]);
for (let i = 0; i < openings.length; i += AT_ONCE) {
  await Promise.all(openings.slice(i, i + AT_ONCE).map((open) => open()));
}
const senders: RawClient[] = [];
for (const [room, topic] of topics.entries()) {
  senders.push(await openRawClient(target, topic, isPrivate(room), () => undefined));
}
tell({ kind: "joined" });

everySecond((stall) => tell({ kind: "second", worst: ledger.takeWorst(), stall }));
const sent = topics.map(() => 0);
const total = plan.seconds * plan.rate;
const started = performance.now();
for (let i = 0; i < total; ) {
  const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * plan.rate));
  for (; i < due; i++) {
    const room = i % plan.rooms;
    senders[room]?.send({ n: sent[room], at: performance.now(), text: PADDING });
    sent[room] = (sent[room] ?? 0) + 1;
  }
  await delay(1);
}
const expected = ledger.expected(sent);
const end = performance.now() + PATIENCE_MS;
while (ledger.received < expected && performance.now() < end) await delay(50);
const figures: Figures = {
  realClients: plan.rooms,
  rawClients: plan.rooms * (plan.perRoom - 1),
  sent: total,
  expected,
  received: ledger.received,
  lost: expected - ledger.received,
  outOfOrder: ledger.outOfOrder,
  p50: ledger.percentile(50),
  p99: ledger.percentile(99),
  worst: ledger.delays.max / 1000,
};
tell({ kind: "figures", figures });
