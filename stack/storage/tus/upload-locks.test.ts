import { expect, test, vi } from "vitest";
import { UploadLocks } from "./upload-locks.ts";

const unending = () => new AbortController().signal;

test("one holds an upload at a time, and who waits asks the holder to leave", async () => {
  const locks = new UploadLocks();
  const first = locks.newLock("a");
  const leave = vi.fn();
  await first.lock(unending(), leave);
  const order: string[] = [];
  const waiting = ["b", "c"].map(async (name) => {
    const lock = locks.newLock("a");
    await lock.lock(unending(), () => {});
    order.push(name);
    await lock.unlock();
  });
  await vi.waitFor(() => expect(leave).toHaveBeenCalledTimes(2));
  expect(order).toEqual([]);
  await first.unlock();
  await Promise.all(waiting);
  expect(order.sort()).toEqual(["b", "c"]);
  expect(locks.isHeld("a")).toBe(false);
});

test("a holder that leaves when asked lets the next one in", async () => {
  const locks = new UploadLocks();
  const first = locks.newLock("a");
  await first.lock(unending(), () => first.unlock());
  await locks.newLock("a").lock(unending(), () => {});
  expect(locks.isHeld("a")).toBe(true);
});

test("who gives up waiting gets nothing, and holds nobody up", async () => {
  const locks = new UploadLocks();
  const first = locks.newLock("a");
  await first.lock(unending(), () => {});
  const giveUp = new AbortController();
  const waiting = locks.newLock("a").lock(giveUp.signal, () => {});
  giveUp.abort();
  await expect(waiting).rejects.toThrow("acquiring lock timeout");
  await first.unlock();
  await expect(locks.hold("a", async () => "work")).resolves.toBe("work");
});
