import { createServer } from "node:net";
import type { Config } from "./config/config.ts";
import type { Ports } from "./context.ts";

/** The ports of config.toml, or five in a row from `base`. */
export function portsFrom(config: Config, base?: number): Ports {
  if (base !== undefined) return { api: base, db: base + 1, studio: base + 2, mail: base + 3, smtp: base + 4 };
  const mail = config.local_smtp.port;
  return {
    api: config.api.port,
    db: config.db.port,
    studio: config.studio.port,
    mail,
    smtp: config.local_smtp.smtp_port ?? mail + 1,
  };
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

const purposes: Record<keyof Ports, string> = {
  api: "the API",
  db: "the database",
  studio: "Studio",
  mail: "the mail inbox",
  smtp: "SMTP",
};

/** Names a port that is taken, and the option that moves all of them. */
export async function assertPortsFree(ports: Ports, names: readonly (keyof Ports)[]): Promise<void> {
  for (const name of names) {
    if (await isPortFree(ports[name])) continue;
    const other = await findFreeBase(ports.api + 1000);
    throw new Error(
      `Cannot start: port ${ports[name]} for ${purposes[name]} is already taken; ` +
        `move all ports with: npm start -- --port ${other}`,
    );
  }
}

/** The first port at or after `from` that begins five free ones. */
export async function findFreeBase(from: number): Promise<number> {
  for (let base = from; base < 65_000; base += 10) {
    const free = await Promise.all([0, 1, 2, 3, 4].map((offset) => isPortFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`Cannot find five free ports in a row from ${from}`);
}
