import { Readable } from "node:stream";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { Context } from "hono";
import type { GatewayEnv } from "../context.ts";
import { StorageError } from "./errors.ts";
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

function parserFor(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      limits: { fields: 10, files: 1, fieldSize: MAX_USER_METADATA + 1 },
    });
  } catch (error) {
    throw new StorageError("InvalidRequest", "Form has no boundary", { cause: error });
  }
}

/** The fields count that stand before the file, which is where clients put them. */
async function receiveForm(c: Context<GatewayEnv>, contentType: string): Promise<Upload> {
  const form = parserFor(contentType);
  const source = Readable.from(bodyChunks(c), { objectMode: false });
  const fields = new Map<string, string>();
  form.on("field", (name, value) => fields.set(name, value));

  const finished = new Promise<void>((resolve, reject) => {
    form.once("finish", resolve);
    form.on("error", reject);
    source.on("error", reject);
  });
  const abandon = () => {
    source.unpipe(form);
    source.destroy();
    form.destroy();
  };
  const arrived = new Promise<{ file: BusboyFileStream; mimeType: string }>((resolve) => {
    form.once("file", (_field, file, _fileName, _encoding, mimeType) => {
      // It may fail before it has a reader; `complete` and the reader report it.
      file.on("error", () => {});
      resolve({ file, mimeType });
    });
  });
  source.pipe(form);

  try {
    const part = await Promise.race([arrived, finished.then(() => null)]);
    if (!part) throw new StorageError("InvalidRequest", "No content provided");
    finished.catch((error: Error) => part.file.destroy(error));
    const cacheControl = fields.get("cacheControl");
    const contentEncoding = fields.get("contentEncoding");
    return {
      file: part.file,
      complete: () => finished,
      abandon,
      mimeType: checkedHeader(fields.get("contentType") ?? part.mimeType),
      cacheControl: cacheControl ? checkedHeader(`max-age=${cacheControl}`) : "no-cache",
      contentEncoding: contentEncoding && checkedHeader(contentEncoding),
      userMetadata: parseMetadata(fields.get("metadata") ?? fields.get("userMetadata")),
      declaredLength: declaredLength(c),
      exact: false,
    };
  } catch (error) {
    abandon();
    if (error instanceof StorageError) throw error;
    throw new StorageError("InvalidRequest", "Form is not complete", { cause: error });
  }
}
