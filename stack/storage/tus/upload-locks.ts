import type { Lock, Locker, RequestRelease } from "@tus/server";
import { StorageError } from "../errors.ts";

const PATIENCE = 5000;

interface Holder {
  askToLeave: RequestRelease;
  waiting: Set<() => void>;
}

/** One request at a time works on an upload. Who comes asks who is there to leave, since it may be a dead connection's. */
export class UploadLocks implements Locker {
  readonly #holders = new Map<string, Holder>();

  isHeld(id: string): boolean {
    return this.#holders.has(id);
  }

  newLock(id: string): Lock {
    return {
      lock: (signal, askToLeave) => this.#acquire(id, signal, askToLeave),
      unlock: async () => this.#release(id),
    };
  }

  /** Waits for whoever is there, and does not leave before the work is done. */
  async hold<T>(id: string, work: () => Promise<T>): Promise<T> {
    await this.#acquire(id, new AbortController().signal, () => {});
    try {
      return await work();
    } finally {
      this.#release(id);
    }
  }

  async #acquire(id: string, signal: AbortSignal, askToLeave: RequestRelease): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    for (let holder = this.#holders.get(id); holder; holder = this.#holders.get(id)) {
      if (deadline.aborted) throw new StorageError("LockTimeout");
      const turn = this.#nextTurn(holder, deadline);
      await holder.askToLeave();
      await turn;
    }
    this.#holders.set(id, { askToLeave, waiting: new Set() });
  }

  #nextTurn({ waiting }: Holder, deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const turn = () => {
        waiting.delete(turn);
        deadline.removeEventListener("abort", turn);
        resolve();
      };
      waiting.add(turn);
      deadline.addEventListener("abort", turn);
    });
  }

  #release(id: string): void {
    const holder = this.#holders.get(id);
    this.#holders.delete(id);
    for (const turn of holder?.waiting ?? []) turn();
  }
}
