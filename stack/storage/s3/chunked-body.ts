import { createHash } from "node:crypto";
import { StorageError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import type { SignatureVerifier } from "./signature.ts";

const CHUNK_HEAD = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i;
const MAX_LINE = 1024;
const MAX_TRAILERS = 16;

interface Chunked {
  /** Absent where the chunks are not signed. */
  verifier?: SignatureVerifier;
  /** Names of the headers that follow the last chunk. */
  announced: string[];
  /** Takes the headers up that follow the last chunk. */
  trailers: Map<string, string>;
}

function malformed(): StorageError {
  return new StorageError("InvalidRequest", "The body is not in chunks as announced");
}

/** Takes the `aws-chunked` encoding off a body and checks the signature of each chunk. */
export async function* decodeChunks(
  source: AsyncIterable<Uint8Array>,
  chunked: Chunked,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const [, length, signature] = CHUNK_HEAD.exec((await reader.line(MAX_LINE)) ?? "") ?? [];
      if (length === undefined || (chunked.verifier && signature === undefined)) throw malformed();
      const size = Number.parseInt(length, 16);
      const hash = createHash("sha256");
      for await (const bytes of reader.take(size)) {
        if (chunked.verifier) hash.update(bytes);
        yield bytes;
      }
      if (signature !== undefined) chunked.verifier?.requireChunk(signature, hash.digest("hex"));
      if (size === 0) break;
      if ((await reader.line(0)) !== "") throw malformed();
    }
    await readTrailers(reader, chunked);
  } finally {
    await reader.close();
  }
}

async function readTrailers(reader: ByteReader, { verifier, announced, trailers }: Chunked): Promise<void> {
  let signed = "";
  let signature: string | undefined;
  for (let count = 0; ; count++) {
    const line = await reader.line(MAX_LINE);
    if (line === undefined || line === "") break;
    const [name = "", ...rest] = line.split(":");
    const value = rest.join(":").trim();
    if (count === MAX_TRAILERS) throw new StorageError("MalformedTrailerError");
    if (name === "x-amz-trailer-signature") {
      signature = value;
    } else {
      trailers.set(name.toLowerCase(), value);
      signed += `${name.toLowerCase()}:${value}\n`;
    }
  }
  if (announced.some((name) => !trailers.has(name))) throw new StorageError("MalformedTrailerError");
  if (verifier && announced.length > 0) verifier.requireTrailer(signature ?? "", signed);
}
