export interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, unknown> | null;
  body: Buffer | null;
  timeout_milliseconds: number;
}

export interface RecordedResponse {
  status: number | null;
  contentType: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timedOut: boolean;
  error: string | null;
}

const empty = { status: null, contentType: null, headers: null, content: null };

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}

/** Sends one request as pg_net does: no redirect is followed, and any failure becomes a recorded response. */
export async function sendRequest(request: QueuedRequest, closing: AbortSignal): Promise<RecordedResponse> {
  const began = performance.now();
  const timeout = AbortSignal.timeout(Math.max(1, request.timeout_milliseconds));
  try {
    // fetch also knows data: and blob:, which the real extension does not.
    if (!/^https?:$/.test(new URL(request.url).protocol)) throw new Error("Unsupported protocol");
    const headers = new Headers({ "User-Agent": "pg_net/0.20.0" });
    for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, String(value));
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers,
      body: request.body ? new Uint8Array(request.body) : undefined,
      redirect: "manual",
      signal: AbortSignal.any([timeout, closing]),
    });
    const text = await response.text();
    return {
      status: response.status,
      contentType: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      // Postgres text cannot hold the zero character.
      content: text.replaceAll("\0", ""),
      timedOut: false,
      error: null,
    };
  } catch (error) {
    if (!timeout.aborted) return { ...empty, timedOut: false, error: reason(error) };
    const elapsed = (performance.now() - began).toFixed(3);
    const message = `Timeout of ${request.timeout_milliseconds} ms reached. Total time: ${elapsed} ms`;
    return { ...empty, timedOut: true, error: message };
  }
}
