import type pg from "pg";

const MAX_ROWS = 1000;

export interface StatementResult {
  /** As the server tags it, e.g. `INSERT 0 3`. */
  tag: string;
  columns: string[];
  /** The first of them; the tag counts all. */
  rows: (string | null)[][];
}

/** CopyFail: there is nothing to copy from. */
const NO_INPUT = Buffer.from("\x66\0\0\0\x1eNo data can be sent here\0", "latin1");
NO_INPUT.writeInt32BE(NO_INPUT.length - 1, 1);

/** Sends text as psql would, statement after statement, and keeps each one's rows as text; those past the limit are dropped. */
export class SqlText implements pg.Submittable {
  readonly #text: string;
  readonly #results: StatementResult[];
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #current: StatementResult = { tag: "", columns: [], rows: [] };

  constructor(text: string, results: StatementResult[], resolve: () => void, reject: (error: unknown) => void) {
    this.#text = text;
    this.#results = results;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text);
  }

  handleRowDescription({ fields }: { fields: { name: string }[] }): void {
    this.#current.columns = fields.map(({ name }) => name);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (this.#current.rows.length < MAX_ROWS) this.#current.rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#results.push({ ...this.#current, tag: text });
    this.#current = { tag: "", columns: [], rows: [] };
  }

  handleCopyInResponse(connection: pg.Connection): void {
    connection.stream.write(NO_INPUT);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.#current.columns = ["copy"];
    this.handleDataRow({ fields: [chunk.toString("utf8").replace(/\n$/, "")] });
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }
}
