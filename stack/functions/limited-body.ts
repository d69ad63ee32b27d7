/** As much as the gateway lets through to a function. */
export const BODY_BYTES = 50 * 1024 * 1024;

export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
}

/** Passes each part on as it comes, until there are too many of them. */
export async function* limited(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.byteLength;
    if (bytes > BODY_BYTES) throw new BodyTooLarge();
    yield part;
  }
}
