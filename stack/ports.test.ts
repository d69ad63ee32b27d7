import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { readConfig } from "./config/config.ts";
import { assertPortsFree, findFreeBase, portsFrom } from "./ports.ts";

async function occupy(port: number) {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return { [Symbol.asyncDispose]: async () => void server.close() };
}

test("portsFrom takes the CLI's ports, or five in a row", () => {
  const { config } = readConfig({});
  expect(portsFrom(config)).toEqual({ api: 54321, db: 54322, studio: 54323, mail: 54324, smtp: 54325 });
  expect(portsFrom(config, 55160)).toEqual({ api: 55160, db: 55161, studio: 55162, mail: 55163, smtp: 55164 });
});

test("assertPortsFree names the port that is taken and the option that moves it", async () => {
  const ports = portsFrom(readConfig({}).config, await findFreeBase(55160));
  await assertPortsFree(ports, ["api", "db", "mail", "smtp"]);
  await using _taken = await occupy(ports.mail);
  const refused = assertPortsFree(ports, ["api", "mail"]);
  await expect(refused).rejects.toThrow(`port ${ports.mail} for the mail inbox is already taken`);
  await expect(refused).rejects.toThrow("npm start -- --port ");
});

test("findFreeBase passes over a block with one port taken", async () => {
  const base = await findFreeBase(55160);
  await using _taken = await occupy(base + 3);
  expect(await findFreeBase(base)).toBeGreaterThan(base);
});
