import { setTimeout as sleep } from "node:timers/promises";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import { idOfVersion, insertObject, lockName, type NewObject, upsertObject, versionOf } from "./objects.ts";
import { type Actor, type RequestFacts, serviceActor, transaction } from "./session.ts";

interface Author {
  actor: Actor;
  facts: RequestFacts;
  upsert: boolean;
}

const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;
const nobody: RequestFacts = { method: "", path: "", headers: {}, operation: "" };

/** What became of a commit whose answer was lost with the connection: the row's id, null for no row, undefined while nobody can say. */
async function outcome(deps: StorageDeps, version: string): Promise<string | null | undefined> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(PAUSE_MS)) {
    const asked = transaction(deps.pool, serviceActor, nobody, (tx) => idOfVersion(tx, version));
    const answer = await asked.catch(() => undefined);
    if (answer !== undefined) return answer;
  }
  return undefined;
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
    const kept = error instanceof StorageError && error.outcomeUnknown ? await outcome(deps, object.version) : null;
    if (kept === undefined) deps.store.doubt([object.version, ...replaced]);
    if (!kept) {
      await deps.store.settle(replaced);
      throw error;
    }
    id = kept;
  }
  await deps.store.settle([object.version]);
  await deps.store.discard(replaced);
  return id;
}
