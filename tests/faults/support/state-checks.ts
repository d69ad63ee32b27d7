import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import type { StatePaths } from "../../../stack/state.ts";
import type { Connection } from "../../../stack/status.ts";
import { query } from "./database.ts";
import { hashOf, type Ledger } from "./load.ts";

/** What was acknowledged is there, and nothing that nobody asked for. */
export async function expectNothingLost(connection: Connection, ledger: Ledger): Promise<void> {
  const rows = await query<{ id: string; owner_id: string }>(connection, "select id, owner_id from public.notes");
  const notes = new Map(rows.map(({ id, owner_id }) => [id, owner_id]));
  const lost = [...ledger.notes].filter(([id, person]) => notes.get(id) !== person.id);
  expect(lost).toEqual([]);
  expect([...notes.keys()].filter((id) => !ledger.triedNotes.has(id))).toEqual([]);

  for (const [name, { person, hash }] of ledger.files) {
    const { data, error } = await person.client.storage.from("files").download(name);
    expect([name, error]).toEqual([name, null]);
    expect([name, data && hashOf(Buffer.from(await data.arrayBuffer()))]).toEqual([name, hash]);
  }
}

interface StoredObject {
  name: string;
  version: string;
  metadata: { eTag: string; size: number };
}

/** Each object's row has its bytes, whole, and there are no others. */
export async function expectNoHalfObjects(connection: Connection, paths: StatePaths, ledger: Ledger): Promise<void> {
  const storage = path.join(paths.stateDir, "storage");
  const objects = await query<StoredObject>(connection, "select name, version, metadata from storage.objects");
  const files = readdirSync(path.join(storage, "objects"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  expect(files.map((file) => path.basename(file)).sort()).toEqual(objects.map(({ version }) => version).sort());
  expect(objects.map(({ name }) => name).filter((name) => !ledger.triedFiles.has(name))).toEqual([]);
  const bytesOf = new Map(files.map((file) => [path.basename(file), readFileSync(file)]));
  for (const { name, version, metadata } of objects) {
    const bytes = bytesOf.get(version) ?? Buffer.alloc(0);
    const eTag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    expect([name, metadata.size, metadata.eTag]).toEqual([name, bytes.length, eTag]);
  }
  expect(readdirSync(path.join(storage, "unsettled"))).toEqual([]);
  // An upload that was broken off may go on for a day; nothing else may lie there.
  const resumable = readdirSync(path.join(storage, "resumable"));
  expect(resumable.filter((file) => !/^[0-9a-f-]{36}\.(json|bytes)$/.test(file))).toEqual([]);
}

/** Neither replication slots that nobody reads, nor files that only a query was to have. */
export async function expectNothingLeftBehind(connection: Connection, { dataDir }: StatePaths): Promise<void> {
  expect(await query(connection, "select slot_name from pg_replication_slots where not active")).toEqual([]);
  const temporary = path.join(dataDir, "base", "pgsql_tmp");
  expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
}
