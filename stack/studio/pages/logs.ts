import { open } from "node:fs/promises";
import path from "node:path";
import { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import type { StackContext } from "../../context.ts";
import { page, table } from "../layout.ts";

const TAIL = 128 * 1024;
const SHOWN = 200;
const LEVELS: Record<number, string> = { 30: "info", 40: "warning", 50: "error", 60: "fatal" };

const line = z.looseObject({
  time: z.string(),
  level: z.number(),
  msg: z.string().default(""),
  service: z.string().default(""),
  method: z.string().default(""),
  path: z.string().default(""),
  status: z.number().optional(),
  ms: z.number().optional(),
  err: z.looseObject({ message: z.string().default("") }).optional(),
});

function parse(text: string): z.infer<typeof line>[] {
  try {
    const { success, data } = line.safeParse(JSON.parse(text));
    return success ? [data] : [];
  } catch {
    return [];
  }
}

async function tail(file: string): Promise<string> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return "";
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, TAIL)), 0, Math.min(size, TAIL), start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The end of the stack's log, newest first: what came in, what was answered, what went wrong. */
export function logsPage(ctx: StackContext, logFile = path.join(ctx.stateDir, "stack.log")): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const lines = (await tail(logFile)).split("\n").flatMap(parse).reverse().slice(0, SHOWN);
    const rows = lines.map((each) => [
      each.time,
      LEVELS[each.level] ?? String(each.level),
      each.service,
      each.status === undefined ? `${each.msg} ${each.err?.message ?? ""}`.trim() : `${each.method} ${each.path}`,
      each.status ?? null,
      each.ms ?? null,
    ]);
    const body = html`<p class="note">The newest ${SHOWN} lines; all of them are in stack.log in the state folder</p>
      ${table(["Time", "Level", "Service", "What", "Status", "ms"], rows)}`;
    return page(c, "/logs", "Logs", body);
  });
  return app;
}
