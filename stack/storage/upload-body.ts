import { Readable } from "node:stream";
import type { Context } from "hono";
import type { GatewayEnv } from "../context.ts";
import { StorageError } from "./errors.ts";
import { openForm } from "./form-body.ts";
import type { UserMetadata } from "./objects.ts";
import { bodyChunks } from "./request.ts";

/** A file on its way in: what is said about it, and its bytes, not yet read. */
export interface Upload {
  file: Readable;
  /** Rejects when the request does not end as it should; to be awaited once the file is read. */
  complete(): Promise<void>;
  /** Lets go of a body that nobody is going to read. */
  abandon(): void;
  mimeType: string;
  cacheControl: string;
  contentEncoding?: string;
  userMetadata: UserMetadata;
  /** What the Content-Length header says; of a form, it counts the form's own bytes too. */
  declaredLength?: number;
  /** Whether the declared length is the file's own. */
  exact: boolean;
}

const MAX_USER_METADATA = 1024 * 1024;
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(;.*)?$/;
const HEADER_VALUE = /^[\x20-\x7e]{1,255}$/;

/** A value that will be sent back in a header. */
export function checkedHeader(value: string): string {
  if (!HEADER_VALUE.test(value)) throw new StorageError("InvalidHeader");
  return value;
}

function parseMetadata(text: string | undefined): UserMetadata {
  if (!text) return {};
  if (Buffer.byteLength(text) > MAX_USER_METADATA) {
    throw new StorageError("EntityTooLarge", "The user_metadata exceeded the maximum allowed size");
  }
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new StorageError("InvalidRequest", "Metadata is not valid JSON", { cause: error });
  }
  throw new StorageError("InvalidRequest", "Metadata is not a JSON object");
}

function declaredLength(c: Context<GatewayEnv>): number | undefined {
  const header = c.req.header("content-length");
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}

/** The user's own metadata in a header: JSON in base64. */
export function metadataHeader(c: Context<GatewayEnv>): UserMetadata {
  const header = c.req.header("x-metadata");
  return parseMetadata(header && Buffer.from(header, "base64").toString("utf8"));
}

export async function receiveUpload(c: Context<GatewayEnv>): Promise<Upload> {
  const contentType = c.req.header("content-type") ?? "application/octet-stream";
  if (!MEDIA_TYPE.test(contentType)) throw new StorageError("InvalidMimeType", "Invalid Content-Type header");
  return /^multipart\/form-data\b/i.test(contentType) ? receiveForm(c, contentType) : receiveRaw(c, contentType);
}

function receiveRaw(c: Context<GatewayEnv>, contentType: string): Upload {
  const contentEncoding = c.req.header("content-encoding");
  const upload = {
    mimeType: checkedHeader(contentType),
    cacheControl: checkedHeader(c.req.header("cache-control") ?? "no-cache"),
    contentEncoding: contentEncoding && checkedHeader(contentEncoding),
    userMetadata: metadataHeader(c),
    declaredLength: declaredLength(c),
    exact: true,
  };
  const file = Readable.from(bodyChunks(c), { objectMode: false });
  return { ...upload, file, complete: async () => {}, abandon: () => file.destroy() };
}

async function receiveForm(c: Context<GatewayEnv>, contentType: string): Promise<Upload> {
  const form = await openForm(c, contentType, { fields: 10, fieldSize: MAX_USER_METADATA + 1 });
  const { fields, file, complete, abandon } = form;
  try {
    const cacheControl = fields.get("cacheControl");
    const contentEncoding = fields.get("contentEncoding");
    return {
      file,
      complete,
      abandon,
      mimeType: checkedHeader(fields.get("contentType") ?? form.mimeType),
      cacheControl: cacheControl ? checkedHeader(`max-age=${cacheControl}`) : "no-cache",
      contentEncoding: contentEncoding && checkedHeader(contentEncoding),
      userMetadata: parseMetadata(fields.get("metadata") ?? fields.get("userMetadata")),
      declaredLength: declaredLength(c),
      exact: false,
    };
  } catch (error) {
    abandon();
    throw error;
  }
}
