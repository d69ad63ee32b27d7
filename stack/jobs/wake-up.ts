import type pg from "pg";
import type { JobsContext } from "./jobs-context.ts";

/** Calls `wake` on every notification of a channel, and once after each (re)connection, since some may have been missed. */
export function onNotification(ctx: JobsContext, channel: string, wake: () => void): { close(): Promise<void> } {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async () => {
    try {
      const made = await ctx.connect("supabase_admin");
      client = made;
      // Without a listener the loss of the connection would end the process.
      made.on("error", (error) => ctx.log.debug({ err: error, channel }, "lost the notification connection"));
      made.once("end", () => {
        if (client === made) client = undefined;
        later();
      });
      made.on("notification", wake);
      await made.query(`listen ${channel}`);
      wake();
    } catch (error) {
      ctx.log.debug({ err: error, channel }, "could not listen");
      later();
    }
  };
  const later = () => {
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(() => (connecting = connect()), 500);
  };
  let connecting = connect();

  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
