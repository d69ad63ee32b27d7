import { DetailedError, Upload, type UploadOptions } from "tus-js-client";

export interface Asked {
  method: string;
  status: number;
}

export interface Outcome {
  url: string | null;
  asked: Asked[];
  /** What the server answered when the upload failed. */
  refused?: { status: number; body: string };
}

/** Uploads with the real client; resolves when it says that it is done or that it gives up. */
export function upload(content: Buffer, options: UploadOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const asked: Asked[] = [];
    const client: Upload = new Upload(content, {
      onShouldRetry: () => false,
      onAfterResponse: (request, response) => {
        asked.push({ method: request.getMethod(), status: response.getStatus() });
      },
      ...options,
      onSuccess: () => resolve({ url: client.url, asked }),
      onError: (error) => {
        const response = error instanceof DetailedError ? error.originalResponse : null;
        if (!response) return reject(error);
        resolve({ url: client.url, asked, refused: { status: response.getStatus(), body: response.getBody() } });
      },
    });
    client.start();
  });
}

/** Sends the first chunk and breaks off; resolves to the upload's address. */
export function uploadFirstChunk(content: Buffer, options: UploadOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new Upload(content, {
      ...options,
      onChunkComplete: () => {
        client.abort().then(() => resolve(client.url ?? ""), reject);
      },
      onSuccess: () => reject(new Error("The upload should not have come to its end")),
      onError: reject,
    });
    client.start();
  });
}

export function encodeMetadata(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
}
