const SECOND = 1000;
const WINDOW = 60;
/** Until so much of the window has passed, a burst counts as spread over it. */
const LEAST = 5;

/** Events a second, as the mean of the last minute. */
export interface Rate {
  add(events: number): void;
  perSecond(): number;
}

export function createRate(now: () => number = Date.now): Rate {
  const buckets = new Array<number>(WINDOW).fill(0);
  const started = Math.floor(now() / SECOND);
  let current = started;
  let sum = 0;

  function advance(): void {
    const second = Math.floor(now() / SECOND);
    for (let steps = Math.min(second - current, WINDOW); steps > 0; steps--) {
      const index = (second - steps + 1) % WINDOW;
      sum -= buckets[index] ?? 0;
      buckets[index] = 0;
    }
    current = Math.max(current, second);
  }

  return {
    add(events) {
      advance();
      const index = current % WINDOW;
      buckets[index] = (buckets[index] ?? 0) + events;
      sum += events;
    },
    perSecond() {
      advance();
      return sum / Math.min(WINDOW, Math.max(LEAST, current - started));
    },
  };
}
