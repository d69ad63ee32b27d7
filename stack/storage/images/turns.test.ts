import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("so many work at once, so many wait, and the rest is turned away", async () => {
  const turns = new Turns(2, 1);
  let busy = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const work = () =>
    turns.take(async () => {
      busy += 1;
      most = Math.max(most, busy);
      await gate.promise;
      busy -= 1;
    });
  const running = [work(), work(), work()];
  await expect(work()).rejects.toThrow("Too many requests");
  gate.resolve();
  await Promise.all(running);
  expect(most).toBe(2);
});

test("a turn whose work fails is free again", async () => {
  const turns = new Turns(1, 0);
  await expect(turns.take(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(turns.take(async () => "yes")).resolves.toBe("yes");
});
