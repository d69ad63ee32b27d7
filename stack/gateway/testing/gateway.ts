import { pino } from "pino";
import type { Service } from "../../context.ts";
import { testContext } from "../../testing/context.ts";
import { freePort } from "../../testing/free-port.ts";
import { createGateway, type Patience, type Services } from "../server.ts";

/** As patient as the real one, where a test does not wait for it. */
const PATIENCE: Patience = { headers: 15_000, request: 60_000, body: 60_000, closing: 5000 };

/** A gateway alone, over a socket, before services that a test makes up; there is no database. */
export async function startTestGateway(services: Services, patience: Partial<Patience> = {}) {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(line) });
  const { ctx, closePools } = testContext({ dir: "", port: 1, log }, { ports: { api: await freePort() } });
  const gateway = await createGateway(ctx, services, { ...PATIENCE, ...patience });
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= gateway.close().then(closePools);
    return closing;
  };
  return { ctx, url: ctx.apiUrl, port: ctx.ports.api, lines, close };
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;

export function serviceOf(app: Service["app"], upgrade?: Service["upgrade"]): Service {
  return { app, ...(upgrade === undefined ? {} : { upgrade }), close: async () => undefined };
}
