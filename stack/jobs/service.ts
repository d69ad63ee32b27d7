import { createCronWorker } from "./cron-worker.ts";
import type { JobsContext } from "./jobs-context.ts";
import { createNetWorker } from "./net-worker.ts";

const HOUR = 3_600_000;

/** The background work of the database: scheduled jobs, queued HTTP requests, Realtime's daily partitions. */
export function createJobs(ctx: JobsContext): { close(): Promise<void> } {
  const cron = createCronWorker(ctx);
  const net = createNetWorker(ctx);
  const partitions = setInterval(() => {
    ctx
      .pool("supabase_admin")
      .query("select _stack.maintain_message_partitions()")
      .catch((error: unknown) => ctx.log.warn({ err: error }, "could not make the partitions of realtime.messages"));
  }, HOUR);
  return {
    async close() {
      clearInterval(partitions);
      await Promise.all([cron.close(), net.close()]);
    },
  };
}
