/** Answers whether one more event of the key fits, and counts it when it does. */
export interface RateLimit {
  take(key: string): boolean;
  /** As if the key had not been seen. */
  forget(key: string): void;
}

interface Bucket {
  available: number;
  filledAt: number;
}

// The keys are addresses and ids that requests bring, so their number has to end somewhere.
const REMEMBERED = 10_000;

/** A token bucket for each key: it holds the events of one interval, and fills evenly. */
export function createRateLimit(events: number, intervalMs: number, now: () => number = Date.now): RateLimit {
  const buckets = new Map<string, Bucket>();
  return {
    take(key) {
      const time = now();
      const bucket = buckets.get(key) ?? { available: events, filledAt: time };
      const filled = bucket.available + ((time - bucket.filledAt) / intervalMs) * events;
      const available = Math.min(events, filled);
      const fits = available >= 1;
      // Set anew, so that the map's order is that of use.
      buckets.delete(key);
      if (buckets.size >= REMEMBERED) buckets.delete(buckets.keys().next().value ?? "");
      buckets.set(key, { available: fits ? available - 1 : available, filledAt: time });
      return fits;
    },
    forget: (key) => {
      buckets.delete(key);
    },
  };
}
