import { createHistogram } from "node:perf_hooks";

/** What a message of the benchmark carries. */
export interface Note {
  n: number;
  /** When it was sent, by the clock of the process that also receives it. */
  at: number;
}

/** Keeps account of who received what, and when. */
export class Ledger {
  readonly delays = createHistogram();
  received = 0;
  /** The longest delay since it was last asked for, in milliseconds. */
  #worst = 0;
  outOfOrder = 0;
  readonly #next: number[] = [];
  readonly #rooms: number[] = [];

  /** A subscriber of a room; the function takes what it receives. */
  subscriber(room: number): (note: Note) => void {
    const index = this.#next.push(0) - 1;
    this.#rooms.push(room);
    return ({ n, at }) => {
      const delay = performance.now() - at;
      this.#worst = Math.max(this.#worst, delay);
      this.delays.record(Math.max(1, Math.round(delay * 1000)));
      this.received++;
      if (n < (this.#next[index] ?? 0)) this.outOfOrder++;
      else this.#next[index] = n + 1;
    };
  }

  /** What each subscriber ought to have, from how many were sent to each room. */
  expected(sent: number[]): number {
    return this.#rooms.reduce((sum, room) => sum + (sent[room] ?? 0), 0);
  }

  takeWorst(): number {
    const worst = this.#worst;
    this.#worst = 0;
    return worst;
  }

  /** Milliseconds. */
  percentile(percent: number): number {
    return this.delays.percentile(percent) / 1000;
  }
}
