import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { ERRORS, Server, type Upload } from "@tus/server";
import type { StorageDeps } from "../deps.ts";
import { StorageError, toStorageError } from "../errors.ts";
import { checkMimeType, isFolderPlaceholder } from "../limits.ts";
import { checkedBucketName, checkedObjectName } from "../names.ts";
import { assertMayUpload } from "../upload.ts";
import type { Caller, FindCaller } from "./caller.ts";
import { completeUpload } from "./complete-upload.ts";
import { describe, type TusMetadata } from "./description.ts";
import { uploadLocation } from "./location.ts";
import { requireBucket, sizeLimit } from "./rules.ts";
import { decodeUploadId, formatUploadId, parseUploadId, type UploadId } from "./upload-id.ts";
import { UploadLocks } from "./upload-locks.ts";
import type { UploadRecords } from "./upload-records.ts";
import { UploadStore } from "./upload-store.ts";

/** One request, on its way through the server's hooks. */
interface Scope {
  /** The path of the endpoint, without the service's prefix. */
  endpoint: string;
  findCaller: FindCaller;
  caller?: Caller;
  /** The upload that this request made. */
  created?: string;
}

export interface TusServer {
  handle(request: Request, endpoint: string, findCaller: FindCaller): Promise<Response>;
  deleteExpired(): Promise<number>;
}

/** The TUS protocol over our store, under the policies and limits that hold for any upload. */
export function createTusServer(deps: StorageDeps, records: UploadRecords): TusServer {
  const scopes = new AsyncLocalStorage<Scope>();
  const locks = new UploadLocks();
  const scope = () => {
    const found = scopes.getStore();
    if (!found) throw new Error("Cannot handle an upload outside a request");
    return found;
  };
  const callerOf = async (object: UploadId) => {
    const at = scope();
    at.caller ??= await at.findCaller(object);
    return at.caller;
  };
  const store = new UploadStore(records, locks, (id) => {
    scope().created = id;
    return scope().caller?.identity ?? "";
  });

  const server = new Server({
    path: "/upload/resumable",
    datastore: store,
    locker: locks,
    disableTerminationForFinishedUploads: true,
    respectForwardedHeaders: true,
    allowedHeaders: ["Authorization", "X-Upsert", "Upload-Expires", "ApiKey", "x-signature"],
    exposedHeaders: ["Upload-Expires", "Tus-Complete"],
    getFileIdFromRequest: (_request, segment) => segment && decodeUploadId(segment),
    generateUrl: ({ headers }, { proto, host, id }) => uploadLocation(headers, { proto, host }, scope().endpoint, id),

    async namingFunction(_request, metadata) {
      if (!metadata) throw new StorageError("InvalidRequest", "Metadata header is required");
      const object = {
        bucketId: checkedBucketName(metadata.bucketName ?? ""),
        name: checkedObjectName(metadata.objectName ?? ""),
        version: randomUUID(),
      };
      await callerOf(object);
      return formatUploadId(object);
    },

    async maxSize(_request, id) {
      if (!id) return deps.fileSizeLimit;
      const object = parseUploadId(id);
      const { facts } = await callerOf(object);
      return sizeLimit(deps, await requireBucket(deps, facts, object.bucketId), object.name);
    },

    async onIncomingRequest(request, id) {
      const object = parseUploadId(id);
      const caller = await callerOf(object);
      if (request.method === "POST") return;
      const upload = await store.require(id);
      if (upload.creator !== caller.identity) throw new StorageError("AccessDenied");
      if (request.method === "PATCH") await assertWanted(caller, object, upload.metadata, upload.size);
    },

    async onUploadCreate(_request, upload) {
      const object = parseUploadId(upload.id);
      const caller = await callerOf(object);
      const metadata = upload.metadata ?? {};
      const { mimeType, cacheControl } = describe(metadata);
      const bucket = await requireBucket(deps, caller.facts, object.bucketId);
      // The server takes a limit of 0 for none.
      if (sizeLimit(deps, bucket, object.name) === 0 && upload.size !== 0) throw new StorageError("EntityTooLarge");
      if (!isFolderPlaceholder(object.name)) checkMimeType(mimeType, bucket.allowed_mime_types);
      await assertWanted(caller, object, metadata, upload.size);
      return { metadata: { ...metadata, cacheControl } };
    },

    onUploadFinish: async (_request, { id }) => {
      await locks.hold(id, () => finish(id));
      return { headers: { "Tus-Complete": "1" } };
    },

    onResponseError: (_request, failure) => ("status_code" in failure ? undefined : answer(failure)),
  });

  async function assertWanted(caller: Caller, object: UploadId, metadata: TusMetadata, size?: number) {
    const { mimeType, userMetadata } = describe(metadata);
    const known = { metadata: { mimetype: mimeType, contentLength: size }, userMetadata };
    await assertMayUpload(deps, { ...caller, bucketId: object.bucketId, name: object.name }, known);
  }

  /** The lock was free for a moment: another request may have finished or removed the upload, or written to it. */
  async function finish(id: Upload["id"]) {
    const upload = await store.require(id);
    if (upload.finished) return;
    if ((await records.received(upload.version)) !== upload.size) throw ERRORS.INVALID_OFFSET;
    await completeUpload(deps, records, await callerOf(upload), upload);
  }

  /** As Supabase Storage answers here: the status itself, and the message as text. */
  function answer(failure: Error) {
    const error = toStorageError(failure);
    const { status } = error;
    if (status >= 500) deps.log.error({ err: error.cause ?? error }, "Resumable upload failed");
    return { status_code: status, body: error.message };
  }

  return {
    handle: (request, endpoint, findCaller) => {
      const started: Scope = { endpoint, findCaller };
      return scopes.run(started, async () => {
        const response = await server.handleWeb(request);
        // Nobody has learned its address.
        if (response.status >= 400 && started.created) await store.remove(started.created);
        return response;
      });
    },
    deleteExpired: () => server.cleanUpExpiredUploads(),
  };
}
