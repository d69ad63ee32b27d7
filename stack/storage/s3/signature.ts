import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { getCanonicalHeaders, getCanonicalQuery } from "@smithy/signature-v4";
import { StorageError } from "../errors.ts";
import { s3Keys } from "./credentials.ts";
import type { Signed } from "./signed-request.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
const EMPTY_HASH = createHash("sha256").digest("hex");
const REGIONS = [s3Keys.region, "us-east-1", "auto"];

/** A request as its client signed it; the path is the one on the wire. */
export interface SignedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function same(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, "hex");
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Signature version 4 by one secret: of requests, of the chunks of their bodies, and of policies for forms. */
export class SignatureVerifier {
  readonly #signed: Signed;
  readonly #scope: string;
  readonly #key: Buffer;
  #previous: string;

  constructor(signed: Signed, secret: string) {
    const { day, region, service } = signed;
    if (service !== "s3" || !REGIONS.includes(region)) throw new StorageError("SignatureDoesNotMatch");
    this.#signed = signed;
    this.#scope = `${day}/${region}/${service}/aws4_request`;
    this.#key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), "aws4_request");
    this.#previous = signed.signature;
  }

  requireRequest({ method, path, query, headers }: SignedRequest): void {
    const { signedHeaders, payload, time } = this.#signed;
    const bag: Record<string, string[]> = {};
    for (const name of new Set(query.keys())) bag[name] = query.getAll(name);
    const request = { method, protocol: "http:", hostname: "", path, query: bag, headers };
    const canonical = getCanonicalHeaders(request, new Set(Object.keys(headers)), new Set(signedHeaders));
    const lines = signedHeaders.map((name) => `${name}:${canonical[name] ?? ""}\n`);
    const text = [method, path, getCanonicalQuery(request), lines.join(""), signedHeaders.join(";"), payload].join(
      "\n",
    );
    this.#require(this.#signed.signature, [ALGORITHM, time, this.#scope, sha256(text)]);
  }

  requirePolicy(policy: string): void {
    this.#require(this.#signed.signature, [policy]);
  }

  /** Chunks are signed in a row: each signature covers the one before it. */
  requireChunk(signature: string, hash: string): void {
    this.#require(signature, [
      `${ALGORITHM}-PAYLOAD`,
      this.#signed.time,
      this.#scope,
      this.#previous,
      EMPTY_HASH,
      hash,
    ]);
    this.#previous = signature;
  }

  requireTrailer(signature: string, trailer: string): void {
    this.#require(signature, [`${ALGORITHM}-TRAILER`, this.#signed.time, this.#scope, this.#previous, sha256(trailer)]);
  }

  #require(signature: string, lines: string[]): void {
    if (!same(signature, hmac(this.#key, lines.join("\n")))) throw new StorageError("SignatureDoesNotMatch");
  }
}
