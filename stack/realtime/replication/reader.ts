import { setTimeout as sleep } from "node:timers/promises";
import type { StackContext } from "../../context.ts";
import type { MessageRow, Replication } from "../types.ts";
import type { RowChange } from "./row-change.ts";
import { streamOnce } from "./session.ts";

export interface ReplicationHandlers {
  onMessageRow(row: MessageRow): void;
  /** Rows of all other tables, in commit order; the next ones come when it has resolved. */
  onChanges(changes: RowChange[]): Promise<void>;
  /** The stream stands, or no longer does. */
  onReady?(ready: boolean): void;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

/**
 * Streams committed rows of the two publications from a temporary slot, which ends with its connection and so can never hold
 * back the write-ahead log. It also means that what is committed while there is no connection is not replayed: the new slot
 * starts where the log stands by then, as with Supabase.
 */
export function startReplication(ctx: StackContext, handlers: ReplicationHandlers): Replication {
  const log = ctx.log.child({ service: "realtime" });
  const stopping = new AbortController();
  const { signal } = stopping;
  let ready = false;
  const onReady = (now: boolean) => {
    if (ready === now) return;
    ready = now;
    handlers.onReady?.(now);
  };

  async function run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      const since = Date.now();
      try {
        const { onMessageRow, onChanges } = handlers;
        await streamOnce({ ctx, log, onMessageRow, onChanges, onReady, signal });
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, "The replication stream ended; starting another");
      }
      if (Date.now() - since > LONGEST_PAUSE) pause = FIRST_PAUSE;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  const running = run();
  return {
    get ready() {
      return ready;
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
