import type { Incoming } from "../frames.ts";

/** What a channel is sent, handled one after the other: at once, unless one before it still waits for the database. */
export interface Mailbox {
  put(message: Incoming): void;
  /** Nothing is handled until this is done. */
  hold(work: Promise<void>): void;
}

interface MailboxOptions {
  handle(message: Incoming): undefined | Promise<void>;
  /** Bytes that began (or, negative, ended) to wait. */
  waiting(bytes: number): void;
  failed(error: unknown): void;
}

/** What a message takes up besides its payload, which may be empty: its strings, and itself. */
const OVERHEAD = 1000;

function bytesOf({ payload }: Incoming): number {
  return OVERHEAD + (payload.kind === "json" ? payload.bytes : payload.bytes.length);
}

export function createMailbox({ handle, waiting, failed }: MailboxOptions): Mailbox {
  const queue: Incoming[] = [];
  let busy = false;

  function run(message: Incoming): void {
    try {
      const work = handle(message);
      if (work !== undefined) hold(work);
    } catch (error) {
      failed(error);
    }
  }

  function hold(work: Promise<void>): void {
    busy = true;
    void work.catch(failed).then(() => {
      busy = false;
      while (!busy) {
        const next = queue.shift();
        if (next === undefined) return;
        waiting(-bytesOf(next));
        run(next);
      }
    });
  }

  return {
    put(message) {
      if (!busy) {
        run(message);
        return;
      }
      queue.push(message);
      waiting(bytesOf(message));
    },
    hold,
  };
}
