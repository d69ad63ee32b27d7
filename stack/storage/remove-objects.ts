import type { StorageDeps } from "./deps.ts";
import { deleteObjects, type StoredObject } from "./objects.ts";
import { type Actor, type RequestFacts, transaction } from "./session.ts";

/** Deletes the rows that the actor may delete, then their bytes; answers those rows. */
export async function removeObjects(
  deps: StorageDeps,
  actor: Actor,
  facts: RequestFacts,
  bucketId: string,
  names: string[],
): Promise<StoredObject[]> {
  let versions: string[] = [];
  try {
    const removed = await transaction(deps.pool, actor, facts, async (tx) => {
      const rows = await deleteObjects(tx, bucketId, names);
      versions = rows.flatMap((row) => row.version ?? []);
      await deps.store.mark(versions);
      return rows;
    });
    await deps.store.discard(versions);
    return removed;
  } catch (error) {
    await deps.store.settle(versions);
    throw error;
  }
}
