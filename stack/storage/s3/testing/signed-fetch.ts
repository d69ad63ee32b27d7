import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { TestStack } from "../../testing/stack.ts";
import { s3Keys } from "../credentials.ts";

interface Signing {
  method?: string;
  /** Below the endpoint. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** The body in signed chunks. */
  chunks?: string[];
  trailer?: Record<string, string>;
  /** The decoded length that is announced. */
  length?: number;
  payload?: string;
  date?: Date;
  /** What is sent instead of what was signed. */
  sentMethod?: string;
  sentPath?: string;
  sentQuery?: string;
  sentHeaders?: Record<string, string>;
  forge?(body: string): string;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === "string" || secret === undefined ? secret : bytesOf(secret);
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function payloadOf({ payload, chunks, trailer, body = "" }: Signing): string {
  if (payload !== undefined) return payload;
  if (!chunks) return hash(body);
  return `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? "-TRAILER" : ""}`;
}

function encode({ chunks = [], trailer }: Signing, seed: string, date: string): string {
  const { secretAccessKey, region } = s3Keys;
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), "s3"), "aws4_request");
  let previous = seed;
  const sign = (kind: string, ...rest: string[]) => {
    const text = [`AWS4-HMAC-SHA256-${kind}`, date, scope, previous, ...rest].join("\n");
    previous = hmac(key, text).toString("hex");
    return previous;
  };
  const parts = [...chunks, ""].map((chunk) => {
    const head = `${chunk.length.toString(16)};chunk-signature=${sign("PAYLOAD", hash(""), hash(chunk))}`;
    return chunk === "" ? `${head}\r\n` : `${head}\r\n${chunk}\r\n`;
  });
  const lines = Object.entries(trailer ?? {}).map(([name, value]) => `${name}:${value}\n`);
  const signed = lines.length > 0 ? [`x-amz-trailer-signature:${sign("TRAILER", hash(lines.join("")))}\r\n`] : [];
  return [...parts, ...lines.map((line) => line.replace("\n", "\r\n")), ...signed, "\r\n"].join("");
}

/** Sends a request that the SDK would not: signed as it should be, and then changed. */
export async function signedFetch(stack: TestStack, signing: Signing): Promise<Response> {
  const { method = "GET", path, headers = {}, chunks, trailer, date = new Date() } = signing;
  const { accessKeyId, secretAccessKey, region } = s3Keys;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service: "s3",
    sha256: Sha256,
    uriEscapePath: false,
  });
  const { host, hostname } = new URL(stack.url);
  const base = "/storage/v1/s3";
  const at = new URL(`${base}${path}`, stack.url);
  const announced = Object.keys(trailer ?? {}).join(",");
  const signed = await signer.sign(
    {
      method,
      protocol: "http:",
      hostname,
      path: at.pathname,
      query: Object.fromEntries(at.searchParams),
      headers: {
        host,
        "x-amz-content-sha256": payloadOf(signing),
        ...(chunks && {
          "content-encoding": "aws-chunked",
          "x-amz-decoded-content-length": String(signing.length ?? chunks.join("").length),
        }),
        ...(announced && { "x-amz-trailer": announced }),
        ...headers,
      },
    },
    { signingDate: date },
  );
  const time = signed.headers["x-amz-date"] ?? "";
  const seed = /Signature=(\w+)/.exec(signed.headers.authorization ?? "")?.[1] ?? "";
  const body = chunks ? encode(signing, seed, time) : signing.body;
  return fetch(`${stack.url}${base}${signing.sentPath ?? path}${signing.sentQuery ?? ""}`, {
    method: signing.sentMethod ?? method,
    headers: { ...signed.headers, ...signing.sentHeaders },
    body: body !== undefined && signing.forge ? signing.forge(body) : body,
  });
}
