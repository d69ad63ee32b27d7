import { randomUUID } from "node:crypto";
import { LogicalReplicationService } from "pg-logical-replication";
import type { Logger } from "pino";
import type { StackContext } from "../../context.ts";
import type { MessageRow } from "../types.ts";
import { ChangeQueue } from "./change-queue.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import { isMessage, toMessageRow } from "./message-row.ts";
import { PgoutputDecoder, type PgoutputMessage } from "./pgoutput.ts";
import { existingPublications, PUBLICATIONS } from "./publications.ts";
import type { RowChange } from "./row-change.ts";

export interface SessionOptions {
  ctx: StackContext;
  log: Logger;
  onMessageRow(row: MessageRow): void;
  onChanges(changes: RowChange[]): Promise<void>;
  onReady(ready: boolean): void;
  signal: AbortSignal;
}

// Under half of wal_sender_timeout, so that a long batch is not taken for a dead reader.
const ACKNOWLEDGE_EVERY = 10_000;
const LOOK_FOR_PUBLICATIONS_EVERY = 3000;

/** What the library calls a plugin; it exports no type for it. */
type Plugin = Parameters<LogicalReplicationService["subscribe"]>[0];

/** Streams from one connection until it breaks, a publication appears, or the signal says so. */
export async function streamOnce({ ctx, log, signal, ...handlers }: SessionOptions): Promise<void> {
  const over = new AbortController();
  const decoder = new PgoutputDecoder();
  const service = new LogicalReplicationService(
    {
      host: "127.0.0.1",
      port: ctx.ports.db,
      // May read the log and nothing else.
      user: "supabase_replication_admin",
      password: "postgres",
      database: "postgres",
      application_name: "stack realtime",
      // A project may have set others for its database.
      options: "-c DateStyle=ISO -c IntervalStyle=postgres -c bytea_output=hex -c extra_float_digits=1",
      connectionTimeoutMillis: 10_000,
    },
    { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
  );
  let confirmed = 0n;
  let inTransaction = false;
  let publications: string[] = [];
  // The library adds one; a server that shuts down waits for exactly the position it has sent.
  const acknowledge = () => confirmed > 0n && void service.acknowledge(formatLsn(confirmed - 1n));
  const end = (error: unknown) => {
    if (!over.signal.aborted) log.debug({ err: error }, "The replication stream broke");
    over.abort();
  };
  const queue = new ChangeQueue({
    handle: handlers.onChanges,
    handled(endLsn) {
      confirmed = endLsn;
      acknowledge();
    },
    failed: (error) => log.error({ err: error }, "Cannot deliver changes"),
  });

  const plugin: Plugin = {
    options: {},
    name: "pgoutput",
    parse(buffer): PgoutputMessage {
      try {
        return decoder.decode(buffer);
      } catch (error) {
        end(error);
        return { kind: "other" };
      }
    },
    async start(client, slot) {
      publications = await existingPublications(client);
      if (publications.length === 0) throw new Error("Cannot stream changes: there is no publication");
      await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
      const names = publications.map((name) => `"${name}"`).join(",");
      return client.query(
        `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '${names}')`,
      );
    },
  };
  service.on("data", async (_lsn: string, message: PgoutputMessage) => {
    if (over.signal.aborted) return;
    if (message.kind === "begin") inTransaction = true;
    if (message.kind === "commit") {
      inTransaction = false;
      queue.end(message.endLsn);
    }
    if (message.kind !== "row") return;
    const { change } = message;
    if (!isMessage(change)) await queue.push(change);
    else if (change.type === "INSERT") handlers.onMessageRow(toMessageRow(change));
  });
  service.on("heartbeat", (lsn) => {
    if (queue.empty && !inTransaction) confirmed = parseLsn(lsn);
    acknowledge();
  });
  service.on("start", () => handlers.onReady(true));
  service.on("error", end);

  const keepAlive = setInterval(acknowledge, ACKNOWLEDGE_EVERY);
  const watch = setInterval(() => {
    if (publications.length === PUBLICATIONS.length) return;
    existingPublications(ctx.pool("postgres"))
      .then((now) => now.join() !== publications.join() && over.abort())
      .catch((error: unknown) => log.debug({ err: error }, "Cannot look for publications"));
  }, LOOK_FOR_PUBLICATIONS_EVERY);
  const ended = new Promise<void>((resolve) => {
    AbortSignal.any([signal, over.signal]).addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  try {
    await Promise.race([service.subscribe(plugin, `realtime_${randomUUID().replaceAll("-", "")}`), ended]);
  } finally {
    over.abort();
    clearInterval(keepAlive);
    clearInterval(watch);
    handlers.onReady(false);
    await service.destroy();
    // Before the next connection begins, since its rows must not overtake these.
    await queue.clear();
  }
}
