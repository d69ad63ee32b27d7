import { StorageError } from "../errors.ts";

/** Reads lines and counted bytes in turn from a stream, of which no more than a piece is held. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** A line without its end; undefined when the stream is over. */
  async line(limit: number): Promise<string | undefined> {
    let line = Buffer.alloc(0);
    for (;;) {
      const end = this.#rest.indexOf(10);
      line = Buffer.concat([line, this.#rest.subarray(0, end === -1 ? undefined : end)]);
      if (line.length > limit + 1) throw new StorageError("InvalidRequest", "A line of the body is too long");
      if (end !== -1) {
        this.#rest = this.#rest.subarray(end + 1);
        return line.toString("latin1").replace(/\r$/, "");
      }
      if (!(await this.#more())) return line.length > 0 ? line.toString("latin1") : undefined;
    }
  }

  async *take(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new Error("The body ended within a chunk");
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Replaces the rest, which must be used up. */
  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    this.#rest = next.done ? new Uint8Array() : next.value;
    return !next.done;
  }
}
