/** A worker that dies sooner than this after its start has not shown that its function can run. */
const YOUNG_MS = 10_000;
/** So many such deaths in a row are taken for accidents. */
const FORGIVEN = 2;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export interface Backoff {
  /** How long the function's next start has to wait. */
  delay(slug: string, now: number): number;
  /** A worker of the function died unasked, or never came to life. */
  died(slug: string, livedMs: number, now: number): void;
  /** The code changed: what was is no sign of what will be. */
  forget(): void;
}

/** Keeps a function whose workers die again and again from taking the machine with it. */
export function createBackoff(): Backoff {
  const records = new Map<string, { deaths: number; notBefore: number }>();
  return {
    delay: (slug, now) => Math.max(0, (records.get(slug)?.notBefore ?? 0) - now),
    died(slug, livedMs, now) {
      const deaths = livedMs < YOUNG_MS ? (records.get(slug)?.deaths ?? 0) + 1 : 1;
      const delay = deaths > FORGIVEN ? Math.min(FIRST_DELAY_MS * 2 ** (deaths - FORGIVEN - 1), LONGEST_DELAY_MS) : 0;
      records.set(slug, { deaths, notBefore: now + delay });
    },
    forget() {
      records.clear();
    },
  };
}
