import { Readable } from "node:stream";
import type { Context } from "hono";
import type { GatewayEnv, Keys } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import { type Form, openForm } from "../form-body.ts";
import { checkedObjectName } from "../names.ts";
import { factsOf } from "../request.ts";
import { uploadFromRequest } from "../upload.ts";
import { actorBehind, verifierOf } from "./authenticate.ts";
import { requirePolicy } from "./post-policy.ts";
import { describedBy, userMetadataOf } from "./request.ts";
import { type Signed, scopeOf } from "./signed-request.ts";

const FORM_LIMITS = { fields: 30, fieldSize: 64 * 1024 };

function fieldsOf(form: Form, bucketId: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of form.fields) {
    const key = name.toLowerCase();
    if (fields.has(key)) throw new StorageError("InvalidSignature", "A field of the form is given twice");
    fields.set(key, value);
  }
  // The address says it, whatever the form does.
  return fields.set("bucket", bucketId);
}

function signatureOf(fields: Map<string, string>): { signed: Signed; policy: string } {
  const credential = fields.get("x-amz-credential");
  const time = fields.get("x-amz-date");
  const signature = fields.get("x-amz-signature");
  const policy = fields.get("policy");
  if (!credential || !time || !signature || !policy) throw new StorageError("AccessDenied", "Missing signature");
  const sessionToken = fields.get("x-amz-security-token");
  return {
    signed: { ...scopeOf(credential, time), sessionToken, signature, signedHeaders: [], payload: "UNSIGNED-PAYLOAD" },
    policy,
  };
}

async function* within(source: AsyncIterable<Uint8Array>, { min, max }: { min: number; max: number }) {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > max) throw new StorageError("EntityTooLarge");
    yield chunk;
  }
  if (size < min) throw new StorageError("InvalidRequest", "The file is smaller than the policy allows");
}

/** An upload by a form of a web page, which bears a signed policy instead of a signed request. */
export async function postObject(c: Context<GatewayEnv>, keys: Keys, deps: StorageDeps, bucketId: string) {
  const form = await openForm(c, c.req.header("content-type") ?? "", FORM_LIMITS);
  try {
    const fields = fieldsOf(form, bucketId);
    const { signed, policy } = signatureOf(fields);
    verifierOf(signed, keys).requirePolicy(policy);
    const range = requirePolicy(policy, fields);
    const actor = await actorBehind(signed, keys, deps);
    const name = checkedObjectName(fields.get("key") ?? "");
    const said = Object.fromEntries(fields);
    const { mimetype, cacheControl, contentEncoding } = describedBy(said);
    const target = { actor, facts: factsOf(c, "storage.s3.upload"), bucketId, name, owner: actor.claims.sub };
    const { metadata } = await uploadFromRequest(c, deps, { ...target, upsert: true }, async () => ({
      file: Readable.from(within(form.file, range), { objectMode: false }),
      complete: form.complete,
      abandon: form.abandon,
      mimeType: mimetype ?? form.mimeType,
      cacheControl: cacheControl ?? "no-cache",
      contentEncoding,
      userMetadata: userMetadataOf(said),
      exact: false,
    }));
    return new Response(null, { headers: { etag: metadata.eTag, location: `/${bucketId}/${name}` } });
  } finally {
    form.abandon();
  }
}
