import { expect, test } from "vitest";
import { connectionOf } from "../status.ts";
import { testContext } from "../testing/context.ts";
import { freePort } from "../testing/free-port.ts";
import { testLog } from "../testing/log.ts";
import { createStudio } from "./service.ts";

test("config.toml turns Studio off: nothing listens, and the status names no address", async () => {
  const studio = await freePort();
  const context = (enabled: boolean) =>
    testContext({ dir: "", port: 1, log: testLog }, { config: { studio: { enabled } }, ports: { studio } }).ctx;
  const { close } = await createStudio(context(false));
  await expect(fetch(`http://127.0.0.1:${studio}/`)).rejects.toThrow();
  await close();
  expect(connectionOf(context(false)).STUDIO_URL).toBeUndefined();
  expect(connectionOf(context(true)).STUDIO_URL).toBe(`http://127.0.0.1:${studio}`);
});
