import type pg from "pg";
import type { Logger } from "pino";
import type { Claims } from "../context.ts";
import type { ObjectStore } from "./object-store.ts";
import type { UrlSigner } from "./signed-urls.ts";

/** What the routes are built from. */
export interface StorageDeps {
  pool: pg.Pool;
  store: ObjectStore;
  signer: UrlSigner;
  /** Checks a user's or a key's token; throws when it does not hold. */
  verify(token: string): Promise<Claims>;
  /** The largest file of the whole stack, in bytes. */
  fileSizeLimit: number;
  /** Whether images are transformed on their way out. */
  transformImages: boolean;
  log: Logger;
}
