import { once } from "node:events";
import { createServer } from "node:net";

// Below what systems give to outgoing connections, one of which could take the port before it is used.
const FIRST = 10_000;
const COUNT = 20_000;
const PER_PROCESS = 100;
let asked = 0;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await new Promise((done) => server.close(done));
  return true;
}

/** A port that nobody uses, and that no other process that asks here is given meanwhile. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + ((process.pid * PER_PROCESS + asked++) % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error("Cannot find a free port");
}
