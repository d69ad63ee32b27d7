import type { Memory } from "./processes.ts";

const MB = 1024 * 1024;
const MINUTE = 60;

/** The memory of some seconds. Of the heap it is the least that counts: above it is what was not collected yet. */
export function summary(samples: Memory[]): Memory {
  return {
    rss: Math.max(...samples.map(({ rss }) => rss)) / MB,
    heap: Math.min(...samples.map(({ heap }) => heap)) / MB,
  };
}

/** The second minute and the last one; of a run too short for three, two thirds of it that say nothing for certain. */
export function compareEnds(samples: Memory[]): { early: Memory; late: Memory; span: number; telling: boolean } {
  const telling = samples.length >= 3 * MINUTE;
  const span = telling ? MINUTE : Math.floor(samples.length / 3);
  return { early: summary(samples.slice(span, 2 * span)), late: summary(samples.slice(-span)), span, telling };
}
