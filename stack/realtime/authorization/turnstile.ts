/** Lets so many through at a time; the others wait their turn, but not for ever. */
export interface Turnstile {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export class NoTurn extends Error {
  override readonly name = "NoTurn";
}

export function createTurnstile(concurrent: number, waitMs: number): Turnstile {
  const waiting = new Set<() => void>();
  let inside = 0;

  async function enter(): Promise<void> {
    if (inside < concurrent) {
      inside++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(turn);
        reject(new NoTurn(`Waited ${waitMs} ms for a turn`));
      }, waitMs);
      waiting.add(turn);
    });
  }

  /** The place is handed on rather than given up, so that nobody overtakes those who wait. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      inside--;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
