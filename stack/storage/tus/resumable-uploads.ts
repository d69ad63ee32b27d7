import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import { versionsAmong } from "../objects.ts";
import type { Route } from "../routes/route.ts";
import { serviceActor, transaction } from "../session.ts";
import { callerWithSignature, callerWithToken, type FindCaller } from "./caller.ts";
import { createTusServer } from "./tus-server.ts";
import { UploadRecords } from "./upload-records.ts";

const HOUR = 60 * 60 * 1000;
const PLAIN = "/upload/resumable";
const SIGNED = `${PLAIN}/sign`;
const methods = ["POST", "PATCH", "PUT", "HEAD", "DELETE", "OPTIONS"];

export interface ResumableUploads {
  route: Route;
  close(): void;
}

/** Uploads that survive a broken connection, a restart and a crash; what nobody finishes within a day is removed. */
export async function startResumableUploads(deps: StorageDeps, directory: string): Promise<ResumableUploads> {
  const records = new UploadRecords(directory);
  await records.open();
  await settle(deps, records);
  const server = createTusServer(deps, records);

  async function clear(): Promise<void> {
    try {
      const removed = await server.deleteExpired();
      if (removed > 0) deps.log.info({ removed }, "Removed resumable uploads that were not finished in time");
    } catch (error) {
      deps.log.error({ err: error }, "Cannot remove expired resumable uploads");
    }
  }
  await clear();
  const clearing = setInterval(clear, HOUR);
  clearing.unref();

  const handle = (c: Context<GatewayEnv>, endpoint: string, findCaller: FindCaller) => {
    if (methods.includes(c.req.method)) return server.handle(c.req.raw, endpoint, findCaller);
    throw new StorageError("RouteNotFound", `Route ${c.req.method}:${c.req.path} not found`);
  };
  return {
    route(app) {
      for (const path of [SIGNED, `${SIGNED}/:id?`]) {
        app.all(path, (c) => handle(c, SIGNED, callerWithSignature(c, deps)));
      }
      for (const path of [PLAIN, `${PLAIN}/:id?`]) {
        app.all(path, async (c) => {
          const nobody: FindCaller = () => Promise.reject(new StorageError("AccessDenied"));
          return handle(c, PLAIN, c.req.method === "OPTIONS" ? nobody : await callerWithToken(c, deps));
        });
      }
    },
    close: () => clearInterval(clearing),
  };
}

/** A crash between the row and the note that it is there must not leave the upload open. */
async function settle(deps: StorageDeps, records: UploadRecords): Promise<void> {
  const open = (await Promise.all((await records.versions()).map((version) => records.find(version)))).flatMap(
    (upload) => (upload && !upload.finished ? upload : []),
  );
  const facts = { method: "", path: "", headers: {}, operation: "" };
  const versions = open.map((upload) => upload.version);
  const stored = await transaction(deps.pool, serviceActor, facts, (tx) => versionsAmong(tx, versions));
  await Promise.all(open.filter(({ version }) => stored.has(version)).map((upload) => records.finish(upload)));
}
