import type pg from "pg";

/** One statement of a pipeline. Rows come back as text, in column order. */
export interface Statement {
  text: string;
  values: (string | null)[];
}

export type Row = (string | null)[];

const MAX_PREPARED = 200;

/**
 * The statements that one connection has prepared, least recently used first. Names are slots: a slot is closed
 * before it is filled anew, so a parse that failed half-way leaves nothing to clean up.
 */
class Prepared {
  readonly #slots = new Map<string, string>();
  readonly #free = Array.from({ length: MAX_PREPARED }, (_, i) => `rest_${i}`);
  generation = 0;

  find(text: string): string | undefined {
    const name = this.#slots.get(text);
    if (name === undefined) return undefined;
    this.#slots.delete(text);
    this.#slots.set(text, name);
    return name;
  }

  reserve(text: string): string {
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#slots.set(text, free);
      return free;
    }
    const [oldest] = this.#slots;
    if (oldest === undefined) throw new Error("Cannot prepare a statement: no slot is left");
    this.#slots.delete(oldest[0]);
    this.#slots.set(text, oldest[1]);
    return oldest[1];
  }

  forget(text: string): void {
    const name = this.#slots.get(text);
    if (name === undefined) return;
    this.#slots.delete(text);
    this.#free.push(name);
  }

  reset(generation: number): void {
    for (const text of [...this.#slots.keys()]) this.forget(text);
    this.generation = generation;
  }
}

const preparedOf = new WeakMap<pg.ClientBase, Prepared>();

/**
 * Sends several statements and one Sync in a single write. Up to the Sync they are one implicit transaction: the first
 * error undoes all of them, and settings made with `set_config(…, true)` end with it. One round trip per request.
 */
class Pipeline implements pg.Submittable {
  readonly #statements: Statement[];
  readonly #prepared: Prepared;
  readonly #fresh: string[] = [];
  readonly #results: Row[][];
  readonly #resolve: (results: Row[][]) => void;
  readonly #reject: (error: unknown) => void;
  #current = 0;

  constructor(
    statements: Statement[],
    prepared: Prepared,
    resolve: (results: Row[][]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#results = statements.map(() => []);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork();
    try {
      for (const statement of this.#statements) {
        let name = this.#prepared.find(statement.text);
        if (name === undefined) {
          name = this.#prepared.reserve(statement.text);
          this.#fresh.push(statement.text);
          connection.close({ type: "S", name }, true);
          connection.parse({ name, text: statement.text, types: [] }, true);
        }
        connection.bind({ statement: name, portal: "", values: statement.values, binary: "" }, true);
        connection.execute({ portal: "", rows: "0" }, true);
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleDataRow(message: { fields: Row }): void {
    this.#results[this.#current]?.push(message.fields);
  }

  handleCommandComplete(): void {
    this.#current += 1;
  }

  handleEmptyQuery(): void {
    this.#current += 1;
  }

  handleRowDescription(): void {}

  handlePortalSuspended(): void {}

  handleReadyForQuery(): void {
    this.#resolve(this.#results);
  }

  handleError(error: unknown): void {
    for (const text of this.#fresh) this.#prepared.forget(text);
    this.#reject(error);
  }
}

/** Runs the statements as one transaction in one round trip; a result is the rows of the statement at its place. */
export function runPipeline(client: pg.ClientBase, statements: Statement[], generation: number): Promise<Row[][]> {
  let prepared = preparedOf.get(client);
  if (prepared === undefined) {
    prepared = new Prepared();
    preparedOf.set(client, prepared);
  }
  if (prepared.generation !== generation) prepared.reset(generation);
  const known = prepared;
  return new Promise((resolve, reject) => {
    client.query(new Pipeline(statements, known, resolve, reject));
  });
}
