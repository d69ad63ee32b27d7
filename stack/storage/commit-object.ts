import type { StorageDeps } from "./deps.ts";
import { insertObject, lockName, type NewObject, upsertObject, versionOf } from "./objects.ts";
import { type Actor, type RequestFacts, serviceActor, transaction } from "./session.ts";

interface Author {
  actor: Actor;
  facts: RequestFacts;
  upsert: boolean;
}

/**
 * Writes the row of bytes that are in place, under the author's policies, and lets the bytes go that it replaces.
 * When it throws, the new bytes are still the caller's to discard.
 */
export async function commitObject(deps: StorageDeps, author: Author, object: NewObject): Promise<string> {
  const { actor, facts, upsert } = author;
  const replaced: string[] = [];
  let id: string;
  try {
    id = await transaction(deps.pool, serviceActor, facts, async (tx) => {
      await lockName(tx, object.bucketId, object.name);
      if (upsert) {
        const version = await versionOf(tx, object.bucketId, object.name);
        if (version) replaced.push(version);
        await deps.store.mark(replaced);
      }
      await tx.become(actor);
      if (upsert) return upsertObject(tx, object);
      await insertObject(tx, object);
      return object.id;
    });
  } catch (error) {
    await deps.store.settle(replaced);
    throw error;
  }
  await deps.store.settle([object.version]);
  await deps.store.discard(replaced);
  return id;
}
