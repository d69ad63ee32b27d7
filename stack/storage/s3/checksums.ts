import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { StorageError } from "../errors.ts";

interface Digest {
  update(data: Uint8Array): void;
  /** In base64. */
  digest(): Promise<string>;
}

const PREFIX = "x-amz-checksum-";

function hashing(algorithm: string, encoding: "base64" | "hex" = "base64"): Digest {
  const hash = createHash(algorithm);
  return { update: (data) => void hash.update(data), digest: async () => hash.digest(encoding) };
}

function plainCrc32(): Digest {
  let value = 0;
  return {
    update(data) {
      value = crc32(data, value);
    },
    async digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString("base64");
    },
  };
}

function awsDigest(checksum: Crc32c | Crc64Nvme): Digest {
  return {
    update: (data) => checksum.update(data),
    digest: async () => Buffer.from(await checksum.digest()).toString("base64"),
  };
}

const algorithms: Record<string, () => Digest> = {
  crc32: plainCrc32,
  crc32c: () => awsDigest(new Crc32c()),
  crc64nvme: () => awsDigest(new Crc64Nvme()),
  sha1: () => hashing("sha1"),
  sha256: () => hashing("sha256"),
};

interface Expectation {
  digest: Digest;
  expected(): string | undefined;
}

function expectations(headers: Record<string, string>, payload: string, trailers: Map<string, string>): Expectation[] {
  const found: Expectation[] = [];
  const md5 = headers["content-md5"];
  if (md5 !== undefined) found.push({ digest: hashing("md5"), expected: () => md5 });
  if (/^[0-9a-f]{64}$/i.test(payload)) {
    found.push({ digest: hashing("sha256", "hex"), expected: () => payload.toLowerCase() });
  }
  const announced = headers["x-amz-trailer"]?.split(",").map((name) => name.trim().toLowerCase()) ?? [];
  for (const name of new Set([...Object.keys(headers), ...announced])) {
    const create = name.startsWith(PREFIX) ? algorithms[name.slice(PREFIX.length)] : undefined;
    if (create) found.push({ digest: create(), expected: () => headers[name] ?? trailers.get(name) });
  }
  return found;
}

/** Passes the bytes on and fails at their end when a checksum that came with them does not hold. */
export async function* checked(
  source: AsyncIterable<Uint8Array>,
  headers: Record<string, string>,
  payload: string,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const all = expectations(headers, payload, trailers);
  for await (const chunk of source) {
    for (const { digest } of all) digest.update(chunk);
    yield chunk;
  }
  for (const { digest, expected } of all) {
    if ((await digest.digest()) !== expected()) throw new StorageError("BadDigest");
  }
}
