import type { JobsContext } from "./jobs-context.ts";
import { type QueuedRequest, sendRequest } from "./send-request.ts";
import { onNotification } from "./wake-up.ts";

const BATCH_SIZE = 200;
const POLL_INTERVAL = 5000;
const PURGE_INTERVAL = 60_000;
const TTL = "6 hours";

/** Sends what `net.http_*` queued, after the commit that queued it, and records the responses. */
export function createNetWorker(ctx: JobsContext): { close(): Promise<void> } {
  const sending = new Set<Promise<void>>();
  const closing = new AbortController();
  let pumping: Promise<void> | undefined;
  let wanted = false;
  let full = false;

  const hasShim = async () => {
    const { rows } = await ctx
      .pool("supabase_admin")
      .query<{ shim: boolean }>("select pg_catalog.to_regprocedure('net._wake_worker()') is not null as shim");
    return rows[0]?.shim ?? false;
  };

  const send = async (request: QueuedRequest) => {
    const response = await sendRequest(request, closing.signal);
    await ctx.pool("supabase_admin").query(
      `insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        request.id,
        response.status,
        response.contentType,
        response.headers,
        response.content,
        response.timedOut,
        response.error,
      ],
    );
  };

  const take = async () => {
    if (!(await hasShim())) return;
    const room = BATCH_SIZE - sending.size;
    full = room <= 0;
    if (full) return;
    const { rows } = await ctx.pool("supabase_admin").query<QueuedRequest>(
      `delete from net.http_request_queue where id in (
         select id from net.http_request_queue order by id limit $1 for update skip locked
       ) returning id, method::text, url, headers, body, timeout_milliseconds`,
      [room],
    );
    for (const request of rows.sort((a, b) => Number(a.id) - Number(b.id))) {
      const sent = send(request)
        .catch((error: unknown) => ctx.log.warn({ err: error, id: request.id }, "could not record a response"))
        .finally(() => {
          sending.delete(sent);
          if (full) pump();
        });
      sending.add(sent);
    }
    if (rows.length === room) full = true;
  };

  const pump = () => {
    if (closing.signal.aborted) return;
    wanted = true;
    pumping ??= (async () => {
      while (wanted && !closing.signal.aborted) {
        wanted = false;
        await take().catch((error: unknown) => ctx.log.debug({ err: error }, "could not read the request queue"));
      }
      pumping = undefined;
    })();
  };

  const purge = async () => {
    if (!(await hasShim())) return;
    await ctx
      .pool("supabase_admin")
      .query("delete from net._http_response where created < now() - $1::interval", [TTL]);
  };

  const polling = setInterval(pump, POLL_INTERVAL);
  const purging = setInterval(() => {
    purge().catch((error: unknown) => ctx.log.debug({ err: error }, "could not purge old responses"));
  }, PURGE_INTERVAL);
  const listener = onNotification(ctx, "stack_net", pump);

  return {
    async close() {
      closing.abort();
      clearInterval(polling);
      clearInterval(purging);
      await listener.close();
      await pumping;
      await Promise.all(sending);
    },
  };
}
