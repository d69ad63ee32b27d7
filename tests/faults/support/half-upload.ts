import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { Upload } from "tus-js-client";
import { expect } from "vitest";
import type { StatePaths } from "../../../stack/state.ts";
import type { Connection } from "../../../stack/status.ts";
import { hashOf, type Ledger } from "./load.ts";
import type { Person } from "./people.ts";

const SENT = 100_003;

async function tokenOf(person: Person): Promise<string> {
  const { data } = await person.client.auth.getSession();
  return data.session?.access_token ?? "";
}

/** Sends a part of a file and never its end; returns when the part lies on disk. */
export async function leaveUploadOpen(
  connection: Connection,
  { stateDir }: StatePaths,
  person: Person,
  ledger: Ledger,
): Promise<void> {
  const name = `${person.id}/${randomUUID()}.bin`;
  ledger.triedFiles.add(name);
  const upload = request(`${connection.SUPABASE_URL}/storage/v1/object/files/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${await tokenOf(person)}`, "content-length": 2 * SENT },
  });
  upload.on("error", () => {});
  upload.write(randomBytes(SENT));
  const storage = path.join(stateDir, "storage");
  const lies = (version: string) => {
    const file = path.join(storage, "objects", version.slice(0, 2), version);
    return existsSync(file) && statSync(file).size === SENT;
  };
  await expect
    .poll(() => readdirSync(path.join(storage, "unsettled")).some(lies), { timeout: 20_000, interval: 20 })
    .toBe(true);
}

/** Sends the first half of a resumable upload; the function returned sends the rest. */
export async function beginResumableUpload(
  connection: Connection,
  person: Person,
  ledger: Ledger,
): Promise<() => Promise<void>> {
  const name = `${person.id}/${randomUUID()}.bin`;
  const bytes = randomBytes(2 * SENT);
  ledger.triedFiles.add(name);
  const options = {
    headers: { authorization: `Bearer ${await tokenOf(person)}` },
    metadata: { bucketName: "files", objectName: name },
    chunkSize: SENT,
    retryDelays: null,
  };
  const uploadUrl = await new Promise<string>((resolve, reject) => {
    const upload = new Upload(bytes, {
      ...options,
      endpoint: `${connection.SUPABASE_URL}/storage/v1/upload/resumable`,
      onChunkComplete: () => void upload.abort().then(() => resolve(upload.url ?? ""), reject),
      onError: reject,
    });
    upload.start();
  });
  return async () => {
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(bytes, { ...options, uploadUrl, onSuccess: () => resolve(), onError: reject });
      upload.start();
    });
    ledger.files.set(name, { person, hash: hashOf(bytes) });
  };
}
