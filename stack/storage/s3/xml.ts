import { XMLBuilder, XMLParser } from "fast-xml-parser";
import type { z } from "zod";
import { StorageError } from "../errors.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const LISTS = ["Object", "Part"];

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name: string) => LISTS.includes(name),
});
const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: true });

function malformed(reason: string, cause?: unknown): StorageError {
  return new StorageError("MalformedXML", `Invalid XML payload: ${reason}`, { cause });
}

/** Documents with types of their own are refused: entities have no place here. */
export function parseXml<T>(text: string, schema: z.ZodType<T>): T {
  if (/<!DOCTYPE/i.test(text)) throw malformed("it must have no document type");
  let value: unknown;
  try {
    value = parser.parse(text, true);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : "not well-formed", error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StorageError("InvalidRequest", `${issue?.path.join(", ")} ${issue?.message}`);
}

/** An answer with one root element; members without a value are left out. */
export function xmlResponse(root: string, content: object, status = 200, headers: Record<string, string> = {}) {
  const body = builder.build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    [root]: { "@_xmlns": NAMESPACE, ...content },
  });
  // In text an apostrophe needs no escape, and Supabase gives it none.
  return new Response(body.replaceAll("&apos;", "'"), {
    status,
    headers: { "content-type": "application/xml; charset=utf-8", ...headers },
  });
}
