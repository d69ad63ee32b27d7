import { setTimeout as sleep } from "node:timers/promises";
import type { RowChange } from "./row-change.ts";

interface Limits {
  rows: number;
  bytes: number;
}

// One batch costs its users one check each, so that waiting rows are taken together.
const BATCH: Limits = { rows: 1000, bytes: 4 * 1024 * 1024 };
// Whoever writes a row should have the answer before being told of the row: clients match the two. Supabase's own pause is longer.
const LEAST_AGE = 50;
const WAITING: Limits = { rows: 10_000, bytes: 32 * 1024 * 1024 };

interface Entry {
  change: RowChange | null;
  arrived: number;
  /** Set on the last entry of a transaction. */
  endLsn: bigint | null;
}

export interface ChangeQueueOptions {
  /** Takes rows in commit order; the next batch comes when it has resolved. */
  handle(changes: RowChange[]): Promise<void>;
  /** Every transaction that ends at or before this position has been handed over. */
  handled(endLsn: bigint): void;
  failed(error: unknown): void;
}

/** Rows between the stream and who takes them: bounded, in order, and taken in batches that grow with the load. */
export class ChangeQueue {
  private readonly options: ChangeQueueOptions;
  private entries: Entry[] = [];
  private rows = 0;
  private bytes = 0;
  private work: Promise<void> | null = null;
  private wake: (() => void) | null = null;

  constructor(options: ChangeQueueOptions) {
    this.options = options;
  }

  get empty(): boolean {
    return this.work === null && this.entries.length === 0;
  }

  /** Resolves when there is room for more. */
  async push(change: RowChange): Promise<void> {
    this.entries.push({ change, arrived: Date.now(), endLsn: null });
    this.rows += 1;
    this.bytes += change.bytes;
    this.start();
    while (this.rows >= WAITING.rows || this.bytes >= WAITING.bytes) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  end(endLsn: bigint): void {
    this.entries.push({ change: null, arrived: Date.now(), endLsn });
    this.start();
  }

  /** Forgets what has not been handed over, and resolves when what has been is done. */
  async clear(): Promise<void> {
    this.entries = [];
    this.rows = 0;
    this.bytes = 0;
    this.release();
    await this.work;
  }

  private release(): void {
    this.wake?.();
    this.wake = null;
  }

  private take(): { changes: RowChange[]; endLsn: bigint | null } {
    const changes: RowChange[] = [];
    let endLsn: bigint | null = null;
    let bytes = 0;
    let taken = 0;
    const newest = Date.now() - LEAST_AGE;
    for (const entry of this.entries) {
      if (changes.length >= BATCH.rows || bytes >= BATCH.bytes || entry.arrived > newest) break;
      taken += 1;
      if (entry.change) {
        changes.push(entry.change);
        bytes += entry.change.bytes;
      }
      endLsn = entry.endLsn ?? endLsn;
    }
    this.entries.splice(0, taken);
    this.rows -= changes.length;
    this.bytes -= bytes;
    return { changes, endLsn };
  }

  private start(): void {
    this.work ??= this.run();
  }

  private async run(): Promise<void> {
    for (let [oldest] = this.entries; oldest; [oldest] = this.entries) {
      await sleep(Math.max(0, oldest.arrived + LEAST_AGE - Date.now()));
      const { changes, endLsn } = this.take();
      this.release();
      try {
        if (changes.length > 0) await this.options.handle(changes);
      } catch (error) {
        this.options.failed(error);
      }
      if (endLsn !== null) this.options.handled(endLsn);
    }
    // In the same turn as the last look at the entries, so that none can come in between.
    this.work = null;
  }
}
