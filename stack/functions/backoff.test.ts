import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

test("delay begins with the third early death in a row, doubles, and has an end", () => {
  const backoff = createBackoff();
  const delays = Array.from({ length: 10 }, (_, death) => {
    backoff.died("a", 10, death);
    return backoff.delay("a", death);
  });
  expect(delays).toEqual([0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(backoff.delay("a", 9 + 4000)).toBe(1000);
  expect(backoff.delay("a", 9 + 6000)).toBe(0);
  expect(backoff.delay("b", 9)).toBe(0);
});

test("a long life and a change of the code begin the count anew", () => {
  const backoff = createBackoff();
  for (let death = 0; death < 3; death++) backoff.died("a", 60_000, 0);
  expect(backoff.delay("a", 0)).toBe(0);
  for (let death = 0; death < 3; death++) backoff.died("a", 10, 0);
  expect(backoff.delay("a", 0)).toBe(200);
  backoff.forget();
  expect(backoff.delay("a", 0)).toBe(0);
});
