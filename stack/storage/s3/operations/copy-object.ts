import { copyObject as copy } from "../../copy-object.ts";
import { checkedObjectName } from "../../names.ts";
import { copySourceOf, requireCopyConditions } from "../copy-source.ts";
import { describedBy, type Operation, userMetadataOf } from "../request.ts";
import { xmlResponse } from "../xml.ts";

/** What S3 says of an object of which nothing was said. */
const UNDESCRIBED = { mimetype: "binary/octet-stream", cacheControl: "no-cache", contentEncoding: undefined };

export const copyObject: Operation = async ({ deps, actor, facts, bucketId, key, headers }) => {
  const replace = headers["x-amz-metadata-directive"] === "REPLACE";
  const lastModified = new Date().toISOString();
  const { metadata } = await copy(deps, {
    source: copySourceOf(headers),
    target: { actor, facts, bucketId, name: checkedObjectName(key), owner: actor.claims.sub, upsert: true },
    describe(source) {
      requireCopyConditions(headers, source);
      return {
        metadata: { ...source.metadata, ...(replace && { ...UNDESCRIBED, ...describedBy(headers) }), lastModified },
        userMetadata: replace ? userMetadataOf(headers) : (source.user_metadata ?? {}),
      };
    },
  });
  return xmlResponse("CopyObjectResult", { ETag: metadata.eTag, LastModified: lastModified });
};
