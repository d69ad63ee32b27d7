import { z } from "zod";
import { StorageError } from "../../errors.ts";
import { namesAmong } from "../../objects.ts";
import { removeObjects } from "../../remove-objects.ts";
import { serviceActor, transaction } from "../../session.ts";
import { requireBucket } from "../../upload.ts";
import { type Operation, type S3Request, textOf } from "../request.ts";
import { parseXml, xmlResponse } from "../xml.ts";

const body = z.object({
  Delete: z.object({
    Object: z
      .array(z.object({ Key: z.string().min(1) }))
      .min(1)
      .max(1000),
    Quiet: z.string().optional(),
  }),
});

/** Names that are still there after the removal, which the caller may not remove. */
async function remove({ deps, actor, facts, bucketId }: S3Request, names: string[]): Promise<Set<string>> {
  await requireBucket(deps, { facts, bucketId });
  const removed = await removeObjects(deps, actor, facts, bucketId, names);
  const gone = new Set(removed.map(({ name }) => name));
  const open = names.filter((name) => !gone.has(name));
  if (open.length === 0) return new Set();
  return transaction(deps.pool, serviceActor, facts, (tx) => namesAmong(tx, bucketId, open));
}

/** What is not there is as good as deleted. */
export const deleteObject: Operation = async (request) => {
  const refused = await remove(request, [request.key]);
  if (refused.size > 0) throw new StorageError("AccessDenied");
  return new Response(null, { status: 204 });
};

export const deleteObjects: Operation = async (request) => {
  const { Delete } = parseXml(await textOf(request), body);
  const names = Delete.Object.map(({ Key }) => Key);
  const refused = await remove(request, names);
  const quiet = Delete.Quiet === "true";
  return xmlResponse("DeleteResult", {
    Deleted: quiet ? [] : names.filter((name) => !refused.has(name)).map((Key) => ({ Key })),
    Error: names
      .filter((name) => refused.has(name))
      .map((Key) => ({ Key, Code: "AccessDenied", Message: "Access Denied" })),
  });
};
