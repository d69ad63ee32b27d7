import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until the answer is there; for what a job does in its own time. */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds: number, what: string): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > until) throw new Error(`Waited ${seconds} s for ${what}`);
    await sleep(500);
  }
}
