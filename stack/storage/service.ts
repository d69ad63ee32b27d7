import { join } from "node:path";
import { Hono } from "hono";
import type { GatewayEnv, Service, StackContext } from "../context.ts";
import { createVerifier } from "../gateway/jwt.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError, toStorageError } from "./errors.ts";
import { ObjectStore } from "./object-store.ts";
import { versionsAmong } from "./objects.ts";
import { copyObject } from "./routes/copy-object.ts";
import { createBucket } from "./routes/create-bucket.ts";
import { deleteBucket } from "./routes/delete-bucket.ts";
import { deleteObject } from "./routes/delete-object.ts";
import { deleteObjects } from "./routes/delete-objects.ts";
import { disabledFeatures } from "./routes/disabled-features.ts";
import { emptyBucket } from "./routes/empty-bucket.ts";
import { getBucket } from "./routes/get-bucket.ts";
import { getObject } from "./routes/get-object.ts";
import { getObjectInfo } from "./routes/get-object-info.ts";
import { getPublicObject } from "./routes/get-public-object.ts";
import { getSignedObject } from "./routes/get-signed-object.ts";
import { health } from "./routes/health.ts";
import { listBuckets } from "./routes/list-buckets.ts";
import { listObjects } from "./routes/list-objects.ts";
import { listObjectsV2 } from "./routes/list-objects-v2.ts";
import { moveObject } from "./routes/move-object.ts";
import { purgeCache } from "./routes/purge-cache.ts";
import type { Route } from "./routes/route.ts";
import { signObject } from "./routes/sign-object.ts";
import { signObjects } from "./routes/sign-objects.ts";
import { signUpload } from "./routes/sign-upload.ts";
import { updateBucket } from "./routes/update-bucket.ts";
import { updateObject } from "./routes/update-object.ts";
import { uploadObject } from "./routes/upload-object.ts";
import { uploadSigned } from "./routes/upload-signed.ts";
import { s3Routes } from "./s3/app.ts";
import { serviceActor, transaction } from "./session.ts";
import { UrlSigner } from "./signed-urls.ts";
import { startResumableUploads } from "./tus/resumable-uploads.ts";

/** Those with a fixed first segment come before /object/:bucket, which would take them for buckets. */
const routes: Route[] = [
  health,
  disabledFeatures,
  purgeCache,
  listBuckets,
  createBucket,
  getBucket,
  updateBucket,
  deleteBucket,
  emptyBucket,
  moveObject,
  copyObject,
  listObjects,
  listObjectsV2,
  signUpload,
  uploadSigned,
  signObjects,
  signObject,
  getSignedObject,
  getObjectInfo,
  getPublicObject,
  getObject,
  deleteObjects,
  deleteObject,
  uploadObject,
  updateObject,
];

export async function createStorage(ctx: StackContext): Promise<Service> {
  const log = ctx.log.child({ service: "storage" });
  const deps: StorageDeps = {
    pool: ctx.pool("supabase_storage_admin"),
    store: new ObjectStore(join(ctx.stateDir, "storage")),
    signer: new UrlSigner(ctx.keys.jwtSecret),
    verify: createVerifier(ctx.keys).verify,
    fileSizeLimit: ctx.config.storage.file_size_limit,
    transformImages: ctx.config.storage.image_transformation.enabled,
    log,
  };
  await recover(deps);
  const s3 = ctx.config.storage.s3_protocol.enabled ? [s3Routes(ctx.keys)] : [];
  const resumable = await startResumableUploads(deps, join(ctx.stateDir, "storage", "resumable"));
  const images = deps.transformImages ? [(await import("./images/routes.ts")).renderImages] : [];
  return { app: createApp(deps, [...routes, ...images, resumable.route, ...s3]), close: async () => resumable.close() };
}

function createApp(deps: StorageDeps, mounted: Route[]): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  for (const route of mounted) route(app, deps);
  app.all("*", (c) => {
    throw new StorageError("RouteNotFound", `Route ${c.req.method}:${c.req.path} not found`);
  });
  app.onError((failure, c) => {
    const error = toStorageError(failure);
    const { body, httpStatus } = error;
    const at = { requestId: c.get("requestId"), method: c.req.method, path: c.req.path };
    if (httpStatus >= 500) deps.log.error({ ...at, err: error.cause ?? error }, "Storage request failed");
    else deps.log.debug({ ...at, err: error }, "Storage request refused");
    return Response.json(body, { status: httpStatus });
  });
  return app;
}

async function recover(deps: StorageDeps): Promise<void> {
  await deps.store.open();
  const facts = { method: "", path: "", headers: {}, operation: "" };
  const orphans = await deps.store.recover((versions) =>
    transaction(deps.pool, serviceActor, facts, (tx) => versionsAmong(tx, versions)),
  );
  if (orphans > 0) deps.log.info({ orphans }, "Removed files of uploads that were not completed");
}
