import type pg from "pg";
import type { StackContext } from "../context.ts";
import type { Catalog } from "./catalog.ts";
import { cacheUnavailable } from "./errors.ts";
import { loadCatalog } from "./load-catalog.ts";
import { loadRestConfig, type RestConfig } from "./rest-config.ts";

export interface Snapshot {
  config: RestConfig;
  catalog: Catalog;
  /** Grows with each reload; statements prepared under an older one are made anew. */
  generation: number;
}

/** Changes what the configuration says, for a reader of its own. */
export type Adapt = (config: RestConfig, client: pg.ClientBase) => Promise<RestConfig>;

const SETTLE_MS = 20;
const RETRY_MS = [200, 500, 1000, 2000];

/**
 * Holds what is known of the database, reads it as `postgres` over a connection of its own, and reads it again on
 * `notify pgrst`. The connection comes back by itself, and a reload follows, because notices were missed meanwhile.
 */
export class SchemaCache {
  readonly #ctx: StackContext;
  readonly #adapt: Adapt;
  #client: pg.Client | null = null;
  #snapshot: Snapshot | null = null;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;
  #loading: Promise<void> | null = null;
  #again = false;

  constructor(ctx: StackContext, adapt: Adapt = async (config) => config) {
    this.#ctx = ctx;
    this.#adapt = adapt;
  }

  get current(): Snapshot {
    if (this.#snapshot === null) throw cacheUnavailable();
    return this.#snapshot;
  }

  async start(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#ctx.log.warn({ err: error }, "Cannot read the schema cache, trying again");
      this.#later(0);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#loading?.catch(() => undefined);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = await this.#ctx.connect("postgres");
    client.on("error", (error) =>
      this.#ctx.log.warn({ err: error }, "Lost the connection that listens for schema changes"),
    );
    client.on("end", () => {
      if (this.#client !== client || this.#closed) return;
      this.#client = null;
      this.#later(0);
    });
    client.on("notification", (message) => {
      if (message.channel === "pgrst") this.#soon();
    });
    if (this.#closed) return client.end();
    try {
      await client.query("listen pgrst");
      this.#client = client;
      await this.#reload();
    } catch (error) {
      this.#client = null;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  #later(attempt: number): void {
    if (this.#closed) return;
    const delay = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    this.#timer = setTimeout(() => {
      this.#connect().catch(() => this.#later(attempt + 1));
    }, delay);
  }

  /** A migration sends a burst of notices; they make one reload. */
  #soon(): void {
    if (this.#closed) return;
    if (this.#loading !== null) {
      this.#again = true;
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reload().catch((error: unknown) => this.#ctx.log.warn({ err: error }, "Cannot reload the schema cache"));
    }, SETTLE_MS);
  }

  async #reload(): Promise<void> {
    this.#loading = this.#load();
    try {
      await this.#loading;
    } finally {
      this.#loading = null;
      if (this.#again) {
        this.#again = false;
        this.#soon();
      }
    }
  }

  async #load(): Promise<void> {
    const client = this.#client;
    if (client === null) return;
    const config = await this.#adapt(await loadRestConfig(client, this.#ctx.config.api), client);
    const catalog = await loadCatalog(client, config.schemas);
    this.#snapshot = { config, catalog, generation: (this.#snapshot?.generation ?? 0) + 1 };
  }
}
