import { Readable } from "node:stream";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { Context } from "hono";
import type { GatewayEnv } from "../context.ts";
import { StorageError } from "./errors.ts";
import { bodyChunks } from "./request.ts";

/** A form up to its file: the fields count that stand before it, and behind a small one that arrives in one go. */
export interface Form {
  fields: Map<string, string>;
  file: Readable;
  /** What the form says about the file. */
  mimeType: string;
  /** Rejects when the form does not end as it should; to be awaited once the file is read. */
  complete(): Promise<void>;
  abandon(): void;
}

/** How long fields behind the file are waited for, in milliseconds. */
const READ_AHEAD = 100;

interface FormLimits {
  fields: number;
  fieldSize: number;
}

function parserFor(contentType: string, limits: FormLimits): BusboyInstance {
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits: { ...limits, files: 1 } });
  } catch (error) {
    throw new StorageError("InvalidRequest", "Form has no boundary", { cause: error });
  }
}

/** Reads a form as far as its file. */
export async function openForm(c: Context<GatewayEnv>, contentType: string, limits: FormLimits): Promise<Form> {
  const form = parserFor(contentType, limits);
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
  source.pipe(form);
  const arrived = new Promise<{ file: BusboyFileStream; mimeType: string }>((resolve) => {
    form.once("file", (_field, file, _fileName, _encoding, mimeType) => {
      // It may fail before it has a reader; `complete` and the reader report it.
      file.on("error", () => {});
      const proceed = () => resolve({ file, mimeType });
      setTimeout(proceed, READ_AHEAD).unref();
      // Both come after the parser has seen what there is.
      source.on("data", () => file.readableLength >= file.readableHighWaterMark && proceed());
      source.on("end", proceed);
    });
  });

  try {
    const part = await Promise.race([arrived, finished.then(() => null)]);
    if (!part) throw new StorageError("InvalidRequest", "No content provided");
    finished.catch((error: Error) => part.file.destroy(error));
    return { fields, file: part.file, mimeType: part.mimeType, complete: () => finished, abandon };
  } catch (error) {
    abandon();
    if (error instanceof StorageError) throw error;
    throw new StorageError("InvalidRequest", "Form is not complete", { cause: error });
  }
}
