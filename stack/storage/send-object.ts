import type { Context } from "hono";
import type { GatewayEnv } from "../context.ts";
import { type ByteRange, parseRange } from "./byte-range.ts";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./errors.ts";
import type { StoredObject } from "./objects.ts";

export interface Delivery {
  /** The value of `?download`: empty for an attachment under the object's own name. */
  download?: string;
  /** When a signed URL stops working. */
  expires?: Date;
  /** Changes the headers before they go out. */
  adjust?(headers: Headers, object: StoredObject): void;
}

// What a person uploads must never run in the origin of the API: a document opened directly gets no scripts, no
// plugins and an origin of its own. A PDF is left out because browsers refuse to show a sandboxed one.
const DOCUMENT_POLICY =
  "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox";

// And nothing but a PDF: of a list of types browsers take the last.
const PDF = /^application\/pdf[ \t]*(;[^,]*)?$/i;

/** `find` is asked twice when the bytes go away between row and file, as they do when an object is replaced. */
export async function withObject(
  find: () => Promise<StoredObject | undefined>,
  use: (object: StoredObject) => Promise<Response>,
): Promise<Response> {
  for (const lastTry of [false, true]) {
    const object = await find();
    if (!object) throw new StorageError("NoSuchKey");
    try {
      return await use(object);
    } catch (error) {
      const gone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!gone) throw error;
      if (lastTry) throw new StorageError("NoSuchKey", undefined, { cause: error });
    }
  }
  throw new StorageError("NoSuchKey");
}

export async function sendObject(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  find: () => Promise<StoredObject | undefined>,
  delivery: Delivery,
): Promise<Response> {
  return withObject(find, (object) => respond(c, deps, object, delivery));
}

async function respond(
  c: Context<GatewayEnv>,
  deps: StorageDeps,
  object: StoredObject,
  delivery: Delivery,
): Promise<Response> {
  const file = await deps.store.openVersion(object.version ?? "");
  let handedOver = false;
  try {
    const headers = headersOf(object, delivery);
    delivery.adjust?.(headers, object);
    // Who asks for another type is not given a way round it.
    confine(headers);
    requirePreconditions(c, headers);
    if (isUnchanged(c, object, headers)) return new Response(null, { status: 304, headers });
    const range = rangeOf(c, headers, file.size);
    const { start, end } = range ?? { start: 0, end: file.size - 1 };
    if (range) headers.set("content-range", `bytes ${start}-${end}/${file.size}`);
    headers.set("content-length", String(end - start + 1));
    const status = range ? 206 : 200;
    if (c.req.method === "HEAD") return new Response(null, { status, headers });
    handedOver = true;
    return new Response(file.stream({ start, end }), { status, headers });
  } finally {
    if (!handedOver) await file.close();
  }
}

export function headersOf(object: StoredObject, { download, expires }: Delivery): Headers {
  const { mimetype, eTag, cacheControl, contentEncoding, lastModified } = object.metadata ?? {};
  const type = mimetype ?? "application/octet-stream";
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": /text\/html/i.test(type) ? "text/plain" : type,
    "x-content-type-options": "nosniff",
    "x-robots-tag": "none",
  });
  if (eTag) headers.set("etag", eTag);
  const modified = new Date(lastModified ?? object.updated_at);
  if (!Number.isNaN(modified.getTime())) headers.set("last-modified", modified.toUTCString());
  if (contentEncoding) headers.set("content-encoding", contentEncoding);
  if (expires) headers.set("expires", expires.toUTCString());
  else headers.set("cache-control", cacheControl ?? "no-cache");
  if (download !== undefined) headers.set("content-disposition", disposition(download));
  confine(headers);
  return headers;
}

function confine(headers: Headers): void {
  if (!PDF.test(headers.get("content-type") ?? "")) headers.set("content-security-policy", DOCUMENT_POLICY);
}

function disposition(fileName: string): string {
  if (fileName === "") return "attachment;";
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename=${encoded}; filename*=UTF-8''${encoded}`;
}

function names(list: string, eTag: string | null | undefined): boolean {
  const tags = list.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(eTag ?? "");
}

function requirePreconditions(c: Context<GatewayEnv>, headers: Headers): void {
  const wanted = c.req.header("if-match");
  const failed =
    wanted !== undefined
      ? !names(wanted, headers.get("etag"))
      : Date.parse(headers.get("last-modified") ?? "") > Date.parse(c.req.header("if-unmodified-since") ?? "");
  if (failed) throw new StorageError("PreconditionFailed");
}

function isUnchanged(c: Context<GatewayEnv>, object: StoredObject, headers: Headers): boolean {
  const known = c.req.header("if-none-match");
  if (known !== undefined) return names(known, object.metadata?.eTag);
  const since = Date.parse(c.req.header("if-modified-since") ?? "");
  return Date.parse(headers.get("last-modified") ?? "") <= since;
}

function rangeOf(c: Context<GatewayEnv>, headers: Headers, size: number): ByteRange | null {
  const header = c.req.header("range");
  const condition = c.req.header("if-range");
  const stale = condition !== undefined && condition !== headers.get("etag");
  return header === undefined || stale ? null : parseRange(header, size);
}
