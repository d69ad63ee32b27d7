import { spawn } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const DRAWER = join(import.meta.dirname, "drawer.ts");

/**
 * Vectors as pixels, of this size. A few bytes of them can ask for hours of work that nothing interrupts, so that the work
 * is done in a process of its own, which is ended when its time is up.
 */
export async function drawVectors(
  source: Buffer,
  { width, height }: { width: number; height: number },
  milliseconds: number,
): Promise<Buffer> {
  const child = spawn(process.execPath, [DRAWER, String(width), String(height)], {
    env: {},
    stdio: ["pipe", "pipe", "ignore"],
    timeout: milliseconds,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  const [drawn, end] = await Promise.all([
    buffer(child.stdout),
    ended,
    // A process that ended early reads no further, and its end says why.
    pipeline([source], child.stdin).catch(() => {}),
  ]);
  if (end === "SIGKILL") throw new Error("Draw vectors: timeout");
  if (end !== 0) throw new Error("Draw vectors: the source cannot be drawn");
  return drawn;
}
