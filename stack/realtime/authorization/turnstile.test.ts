import { expect, test } from "vitest";
import { createTurnstile, NoTurn } from "./turnstile.ts";

test("only so many are inside, and the others follow in their order", async () => {
  const turnstile = createTurnstile(2, 10_000);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    [1, 2, 3, 4, 5].map((each) =>
      turnstile.run(async () => {
        most = Math.max(most, ++inside);
        order.push(each);
        await Promise.resolve();
        inside--;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test("who waits too long is turned away, and a failure gives its place back", async () => {
  const turnstile = createTurnstile(1, 5);
  let release: () => void = () => undefined;
  const first = turnstile.run(() => new Promise<void>((resolve) => (release = resolve)));
  await expect(turnstile.run(async () => 2)).rejects.toThrow(NoTurn);
  release();
  await first;
  await expect(turnstile.run(() => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  expect(await turnstile.run(async () => 4)).toBe(4);
});
