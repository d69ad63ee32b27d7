import { adminClient } from "../_shared/admin.ts";
import type { HeadsStore } from "../_shared/audit-heads.ts";
import { AppError } from "../_shared/errors.ts";

const BUCKET = "audit-heads";

/** The private bucket: its bytes lie outside of the database, whose owner could rewrite the chain. */
export function bucketStore(): HeadsStore {
  const bucket = adminClient().storage.from(BUCKET);
  return {
    async create(path, content) {
      const body = new Blob([content], { type: "application/json" });
      const { error } = await bucket.upload(path, body, { contentType: "application/json", upsert: false });
      if (error === null) return true;
      if ("statusCode" in error && error.statusCode === "409") return false;
      throw new AppError("storage_failed", "Write audit heads", error);
    },
    async read(path) {
      const { data, error } = await bucket.download(path);
      if (error !== null) throw new AppError("storage_failed", "Read audit heads", error);
      return await data.text();
    },
  };
}
