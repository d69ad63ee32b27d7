import { expect, test } from "vitest";
import { createRate } from "./rate.ts";

test("a rate is the mean of the last minute", () => {
  let now = 0;
  const rate = createRate(() => now);
  expect(rate.perSecond()).toBe(0);
  rate.add(10);
  expect(rate.perSecond()).toBe(2);
  now = 30_000;
  rate.add(20);
  expect(rate.perSecond()).toBe(1);
  now = 60_000;
  expect(rate.perSecond()).toBeCloseTo(20 / 60);
  now = 90_000;
  expect(rate.perSecond()).toBe(0);
  now = 10_000_000;
  rate.add(60);
  expect(rate.perSecond()).toBe(1);
});
