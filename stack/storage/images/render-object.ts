import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import type { StoredObject } from "../objects.ts";
import { type Delivery, headersOf, withObject } from "../send-object.ts";
import { MAX_SOURCE_BYTES, type OutputFormat, transformImage } from "./transform-image.ts";
import { type Transformation, transformationsHeader } from "./transformation.ts";
import { Turns } from "./turns.ts";

// Two cores' worth of work, and no more sources in memory than that.
const turns = new Turns(2, 100);

function preferredFormat(c: Context<GatewayEnv>): OutputFormat | undefined {
  const accepted = c.req.header("accept") ?? "";
  if (accepted.includes("image/webp")) return "webp";
  return accepted.includes("image/avif") ? "avif" : undefined;
}

/** Another for each result of the same object, since one address may answer in several formats. */
function tagOf(object: StoredObject, options: Transformation, preferred = ""): string {
  const what = [object.metadata?.eTag, object.version, JSON.stringify(options), preferred].join("\n");
  return `"${createHash("md5").update(what).digest("hex")}"`;
}

/** Sends the object as an image made from it. */
export function renderObject(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  find: () => Promise<StoredObject | undefined>,
  options: Transformation,
  delivery: Delivery,
): Promise<Response> {
  const preferred = options.format === "origin" ? undefined : preferredFormat(c);
  const transformations = transformationsHeader(options);
  return withObject(find, async (object) => {
    const headers = headersOf(object, delivery);
    headers.delete("accept-ranges");
    headers.delete("content-encoding");
    headers.set("etag", tagOf(object, options, preferred));
    headers.set("vary", "Accept");
    if (transformations) headers.set("x-transformations", transformations);
    if (isKnown(c, headers)) return new Response(null, { status: 304, headers });

    const image = await turns.take(() => transformed(deps, object, options, preferred));
    headers.set("content-type", image.type);
    headers.set("content-length", String(image.data.byteLength));
    return new Response(new Uint8Array(image.data), { headers });
  });
}

async function transformed(
  deps: StorageDeps,
  object: StoredObject,
  options: Transformation,
  preferred?: OutputFormat,
): Promise<{ data: Buffer; type: string }> {
  const file = await deps.store.openVersion(object.version ?? "");
  if (file.size > MAX_SOURCE_BYTES) {
    await file.close();
    throw new StorageError("InvalidRequest", "The source image file is too large to process");
  }
  const source = await buffer(file.stream({ start: 0, end: file.size - 1 }));
  const image = await transformImage(source, options, preferred);
  return image ?? { data: source, type: "image/svg+xml" };
}

function isKnown(c: Context<GatewayEnv>, headers: Headers): boolean {
  const known = c.req.header("if-none-match")?.split(",") ?? [];
  return known.some((tag) => tag.trim().replace(/^W\//, "") === headers.get("etag"));
}
