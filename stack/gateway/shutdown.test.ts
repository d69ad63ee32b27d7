import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import type { GatewayEnv } from "../context.ts";
import { serviceOf, startTestGateway } from "./testing/gateway.ts";
import { dial } from "./testing/talk.ts";

/** A service whose answer the test sends when it likes. */
async function startHeld(closing = 5000) {
  const app = new Hono<GatewayEnv>();
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  app.get("/held", async (c) => {
    arrived.resolve();
    await release.promise;
    return c.text("done");
  });
  app.get("/quick", (c) => c.text("quick"));
  const gateway = await startTestGateway({ rest: serviceOf(app) }, { closing });
  onTestFinished(async () => {
    release.resolve();
    await gateway.close();
  });
  return {
    gateway,
    arrived: arrived.promise,
    release: release.resolve,
    at: (path: string) => `${gateway.url}/rest/v1${path}`,
  };
}

test("a request in flight is answered, and a new one finds nobody", async () => {
  const { gateway, arrived, release, at } = await startHeld();
  const running = fetch(at("/held"));
  await arrived;
  const closed = gateway.close();
  await expect
    .poll(
      () =>
        fetch(at("/quick")).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(false);
  release();
  expect(await (await running).text()).toBe("done");
  await closed;
});

test("an idle connection is let go at once", async () => {
  const { gateway } = await startHeld();
  const { socket, answer, heard } = dial(gateway.port);
  socket.write("GET /rest/v1/quick HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(heard, { timeout: 10_000 }).toContain("quick");
  await gateway.close();
  expect(await answer).toContain("quick");
});

test("a request that never ends is cut off when patience does", async () => {
  const { gateway, arrived, at } = await startHeld(300);
  const running = fetch(at("/held")).then(
    () => "answered",
    () => "cut off",
  );
  await arrived;
  await gateway.close();
  expect(await running).toBe("cut off");
});
