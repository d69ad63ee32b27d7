import { open } from "node:fs/promises";
import type { ByteRange } from "./byte-range.ts";

const CHUNK = 64 * 1024;

/** An open file of the object store: it stays readable after its name is gone. */
export interface StoredFile {
  size: number;
  /** Closes the file when it is read or no longer wanted. */
  stream(range: ByteRange): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

export async function openStoredFile(path: string): Promise<StoredFile> {
  const handle = await open(path);
  const { size } = await handle.stat();
  return {
    size,
    close: () => handle.close(),
    stream({ start, end }) {
      let position = start;
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          try {
            const buffer = new Uint8Array(Math.min(CHUNK, end - position + 1));
            const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
            position += bytesRead;
            if (bytesRead > 0) controller.enqueue(buffer.subarray(0, bytesRead));
            if (bytesRead > 0 && position <= end) return;
            await handle.close();
            controller.close();
          } catch (error) {
            await handle.close();
            throw error;
          }
        },
        cancel: () => handle.close(),
      });
    },
  };
}
