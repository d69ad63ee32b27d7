import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthError } from "./errors.ts";

const TIMEOUT_MS = 5000;
const ATTEMPTS = 3;
const BACKOFF_MS = 2000;
const RESPONSE_LIMIT = 200 * 1024;

/** Standard Webhooks: the secret reads `v1,whsec_<base64>`. */
export function signWebhook(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^v1,/, "").replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Config files name this machine as containers see it. */
function reachable(uri: string): string {
  const url = new URL(uri);
  if (url.hostname === "host.docker.internal") url.hostname = "127.0.0.1";
  return url.href;
}

async function readJson(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type");
  if (!type) throw new AuthError("hook_payload_invalid_content_type");
  if (type.split(";")[0]?.trim().toLowerCase() !== "application/json") {
    throw new AuthError("hook_payload_invalid_content_type", {
      message: `Invalid JSON response. Received content-type: ${type}`,
    });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > RESPONSE_LIMIT) throw new AuthError("hook_payload_over_size_limit");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new AuthError("unexpected_failure", { message: "Error unmarshaling JSON output.", cause });
  }
}

function answerOf(response: Response): Promise<unknown> | null {
  switch (response.status) {
    case 200:
    case 202:
      return readJson(response);
    case 204:
      return Promise.resolve({});
    case 400:
      throw new AuthError("unexpected_failure", { message: "Invalid payload sent to hook" });
    case 401:
      throw new AuthError("unexpected_failure", { message: "Hook requires authorization token" });
    case 429:
    case 503:
      if (response.headers.has("retry-after")) return null;
      throw new AuthError("unexpected_failure", { message: "Service currently unavailable due to hook" });
    default:
      throw new AuthError("unexpected_failure", {
        message: `Unexpected status code returned from hook: ${response.status}`,
      });
  }
}

/** Posts the payload, signed; tries again while the hook asks for it or cannot be reached, within five seconds in all. */
export async function callHttpHook(target: { uri: string; secrets: string[] }, payload: unknown): Promise<unknown> {
  const body = JSON.stringify(payload);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const id = randomUUID();
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": target.secrets.map((secret) => signWebhook(secret, id, timestamp, body)).join(", "),
    };
    try {
      const response = await fetch(reachable(target.uri), { method: "POST", headers, body, signal, redirect: "error" });
      const answer = answerOf(response);
      if (answer !== null) return await answer;
      await response.body?.cancel();
    } catch (error) {
      if (error instanceof AuthError) throw error;
      if (signal.aborted) throw new AuthError("hook_timeout", { cause: error });
      if (attempt === ATTEMPTS) throw new AuthError("hook_timeout_after_retry", { cause: error });
      await sleep(BACKOFF_MS, undefined, { signal }).catch((cause: unknown) => {
        throw new AuthError("hook_timeout", { cause });
      });
    }
  }
  throw new AuthError("unexpected_failure", { message: "Service currently unavailable due to hook" });
}
