import { expect, test } from "vitest";
import type { Incoming } from "../frames.ts";
import { createMailbox } from "./mailbox.ts";

const empty: Incoming = {
  joinRef: null,
  ref: null,
  topic: "realtime:a",
  event: "broadcast",
  payload: { kind: "bytes", bytes: Buffer.alloc(0) },
};

test("messages without a payload count as well while they wait, and no longer when they are handled", async () => {
  let waiting = 0;
  const handled: Incoming[] = [];
  const mailbox = createMailbox({
    handle: (message) => void handled.push(message),
    waiting: (bytes) => {
      waiting += bytes;
    },
    failed: (error) => {
      throw error;
    },
  });
  const work = Promise.withResolvers<void>();
  mailbox.hold(work.promise);
  for (let n = 0; n < 1000; n++) mailbox.put(empty);
  expect(waiting).toBeGreaterThanOrEqual(1_000_000);
  work.resolve();
  await expect.poll(() => handled.length).toBe(1000);
  expect(waiting).toBe(0);
});
