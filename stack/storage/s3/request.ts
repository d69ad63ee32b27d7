import { Readable } from "node:stream";
import type { Context } from "hono";
import type { GatewayEnv } from "../../context.ts";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../errors.ts";
import type { UserMetadata } from "../objects.ts";
import { bodyChunks } from "../request.ts";
import type { Actor, RequestFacts } from "../session.ts";
import type { Upload } from "../upload-body.ts";
import { checkedHeader } from "../upload-body.ts";
import { checked } from "./checksums.ts";
import { decodeChunks } from "./chunked-body.ts";
import type { SignatureVerifier } from "./signature.ts";

/** A request whose signature holds. */
export interface S3Request {
  c: Context<GatewayEnv>;
  deps: StorageDeps;
  actor: Actor;
  facts: RequestFacts;
  bucketId: string;
  /** Empty where the request is for a bucket. */
  key: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** The hash of the body, or what stands for it. */
  payload: string;
  verifier: SignatureVerifier;
}

/** As much of a request as its body takes. */
type Signed = Pick<S3Request, "c" | "headers" | "payload" | "verifier">;

export type Operation = (request: S3Request) => Promise<Response>;

const MAX_XML = 4 * 1024 * 1024;
const META = "x-amz-meta-";
const STREAMING = ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"];
const UNSIGNED_STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/** The body without its transport: chunks decoded, signatures and checksums verified as it is read. */
export function bodyOf({ c, headers, payload, verifier }: Signed): AsyncGenerator<Uint8Array, void, undefined> {
  const trailers = new Map<string, string>();
  const source = bodyChunks(c);
  if (!payload.startsWith("STREAMING-")) return checked(source, headers, payload, trailers);
  const signed = STREAMING.includes(payload);
  if (!signed && payload !== UNSIGNED_STREAMING) throw new StorageError("NotImplemented");
  const announced = headers["x-amz-trailer"]?.split(",").map((name) => name.trim().toLowerCase()) ?? [];
  const chunks = decodeChunks(source, { verifier: signed ? verifier : undefined, announced, trailers });
  return checked(chunks, headers, payload, trailers);
}

/** The length of the decoded body, which must be known before it is read. */
export function lengthOf({ headers }: S3Request): number {
  const length = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
  if (length === undefined || !/^\d{1,15}$/.test(length)) throw new StorageError("MissingContentLength");
  return Number(length);
}

export async function textOf(request: Signed): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.byteLength;
    if (size > MAX_XML) throw new StorageError("EntityTooLarge", "Request body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function userMetadataOf(headers: Record<string, string>): UserMetadata {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(META))
      .map(([name, value]) => [name.slice(META.length), value]),
  );
}

/** What the headers say about an object, checked where it is sent back in headers. */
export function describedBy(headers: Record<string, string>) {
  const { "content-type": type, "cache-control": cacheControl, "content-encoding": encoding } = headers;
  const contentEncoding = encoding
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "aws-chunked")
    .join(", ");
  return {
    ...(type && { mimetype: checkedHeader(type) }),
    ...(cacheControl && { cacheControl: checkedHeader(cacheControl) }),
    ...(contentEncoding && { contentEncoding: checkedHeader(contentEncoding) }),
  };
}

/** The body as a file to be stored. */
export function uploadOf(request: S3Request): Upload {
  const { mimetype, cacheControl, contentEncoding } = describedBy(request.headers);
  const declaredLength = lengthOf(request);
  const file = Readable.from(bodyOf(request), { objectMode: false });
  return {
    file,
    complete: async () => {},
    abandon: () => file.destroy(),
    mimeType: mimetype ?? "application/octet-stream",
    cacheControl: cacheControl ?? "no-cache",
    contentEncoding,
    userMetadata: userMetadataOf(request.headers),
    declaredLength,
    exact: true,
  };
}

/** A whole number of the query within bounds. */
export function numberOf(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new StorageError("InvalidParameter", `Invalid Parameter ${name}`);
  }
  return value;
}
