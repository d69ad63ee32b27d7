import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import type { Signer } from "./detached-jws.ts";
import { AppError } from "./errors.ts";

const instant = z.iso.datetime({ offset: true });

/** The head of each school's audit chain at one moment, as the database's daily job sends them. */
export const auditHeadsSchema = z.strictObject({
  taken_at: instant,
  heads: z.array(
    z.strictObject({
      school_id: z.guid(),
      epoch: z.int().min(0),
      seq: z.int().min(0),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      sealed_at: instant,
    }),
  ),
});
export type AuditHeads = z.infer<typeof auditHeadsSchema>;

const storedSchema = z.object({ payload: auditHeadsSchema, signature: z.string(), key_id: z.string() });

/** Where the files lie. `create` answers false when the path is taken: what was once written is never written over. */
export interface HeadsStore {
  create(path: string, content: string): Promise<boolean>;
  read(path: string): Promise<string>;
}

/** One folder per day, in UTC. */
export function headsPath(takenAt: string): string {
  const utc = new Date(takenAt).toISOString();
  return `${utc.slice(0, 10).replaceAll("-", "/")}/${utc}.json`;
}

export interface Recorded {
  path: string;
  key_id: string;
  count: number;
}

/** Signs the heads and keeps them outside of the database. The same heads again answer as they did the first time. */
export async function recordHeads(payload: AuditHeads, signer: Signer, store: HeadsStore): Promise<Recorded> {
  const path = headsPath(payload.taken_at);
  const count = payload.heads.length;
  const canonical = canonicalJson(payload);
  const content = { payload, signature: await signer.sign(canonical), key_id: signer.keyId };
  if (await store.create(path, canonicalJson(content))) {
    return { path, key_id: signer.keyId, count };
  }
  const stored = storedSchema.parse(JSON.parse(await store.read(path)));
  if (canonicalJson(stored.payload) !== canonical) {
    throw new AppError("conflict", "Record audit heads: other heads were recorded for this moment");
  }
  return { path, key_id: stored.key_id, count };
}
