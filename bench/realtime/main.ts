import { command } from "../../scripts/options.ts";
import { milliseconds, printTable, saveResults } from "../support/results.ts";
import { compareEnds, summary } from "./memory.ts";
import { BARS, readPlan } from "./plan.ts";
import { type Figures, type FromLoad, type FromServer, type Memory, type Stall, start } from "./processes.ts";

const SAMPLE_SECONDS = 10;
const megabytes = (value: number) => value.toFixed(1);
const count = (value: number) => value.toLocaleString("en");

function report(server: (Memory & Stall)[], client: (Stall & { worst: number })[], seconds: number): void {
  const { rss, heap } = summary(server);
  const most = (values: number[]) => milliseconds(Math.max(0, ...values));
  console.log(
    `${String(seconds).padStart(5)} s  rss ${megabytes(rss)} MB, heap ${megabytes(heap)} MB; ` +
      `slowest delivery ${most(client.map(({ worst }) => worst))} ms; longest stall of the server ` +
      `${most(server.map(({ stall }) => stall))} ms, of the clients ${most(client.map(({ stall }) => stall))} ms`,
  );
}

await command(async () => {
  const plan = readPlan();
  const memory: (Memory & Stall)[] = [];
  const client: { worst: number; stall: number }[] = [];
  let measuring = false;
  const serving = Promise.withResolvers<{ url: string; key: string }>();
  const joined = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<Figures>();

  await using server = start<FromServer>("server.ts", (message) => {
    if (message.kind === "serving") serving.resolve(message);
    else if (measuring) {
      memory.push(message);
      if (memory.length % SAMPLE_SECONDS === 0) report(memory.slice(-SAMPLE_SECONDS), client.splice(0), memory.length);
    }
  });
  await using load = start<FromLoad>("load.ts", (message) => {
    if (message.kind === "joined") joined.resolve();
    else if (message.kind === "second") client.push(message);
    else finished.resolve(message.figures);
  });
  const failed = Promise.race([server.failed, load.failed]);
  failed.catch(() => undefined);

  const { url, key } = await Promise.race([serving.promise, failed]);
  console.log(`Joining ${count(plan.rooms * plan.perRoom)} channels in ${plan.rooms} rooms`);
  load.send({ url, key, plan });
  await Promise.race([joined.promise, failed]);
  console.log(`Sending ${plan.rate} messages a second for ${plan.seconds} seconds`);
  measuring = true;
  const figures = await Promise.race([finished.promise, failed]);
  measuring = false;

  const { early, late, span, telling } = compareEnds(memory);
  const flat = (kind: keyof Memory) => !telling || late[kind] <= early[kind] * BARS.growth;
  printTable(
    `${count(figures.received)} deliveries of ${count(figures.sent)} messages to ${figures.rawClients} raw sockets and ${figures.realClients} supabase-js clients`,
    ["what", "value", "at most"],
    [
      { cells: ["lost", count(figures.lost), "0"], within: figures.lost === 0 },
      { cells: ["out of order", count(figures.outOfOrder), "0"], within: figures.outOfOrder === 0 },
      { cells: ["p50, ms", milliseconds(figures.p50), ""], within: null },
      { cells: ["p99, ms", milliseconds(figures.p99), String(BARS.p99)], within: figures.p99 <= BARS.p99 },
      { cells: ["slowest, ms", milliseconds(figures.worst), ""], within: null },
    ],
  );
  printTable(
    `Memory of the server in MB: ${span} seconds after the first ${span}, and the last ${span}`,
    ["what", "early", "late", "at most"],
    (["rss", "heap"] as const).map((kind) => ({
      cells: [kind, megabytes(early[kind]), megabytes(late[kind]), megabytes(early[kind] * BARS.growth)],
      within: telling ? flat(kind) : null,
    })),
  );
  saveResults("realtime", { plan, ...figures, memory_mb: { early, late, span_seconds: span } });
  const kept = figures.lost === 0 && figures.outOfOrder === 0 && figures.p99 <= BARS.p99;
  return kept && flat("rss") && flat("heap") ? 0 : 1;
});
