import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";

export const colours = { red: [255, 0, 0], green: [0, 128, 0], blue: [0, 0, 255], white: [255, 255, 255] };

/** Left half red, right half blue. */
export function halves(width: number, height: number): Sharp {
  const half = Math.round(width / 2);
  const right = { create: { width: width - half, height, channels: 3 as const, background: "blue" } };
  return sharp({ create: { width, height, channels: 3, background: "red" } }).composite([
    { input: right, left: half, top: 0 },
  ]);
}

/** A GIF of one colour after another. */
export async function moving(width: number, height: number, frames: (keyof typeof colours)[]): Promise<Buffer> {
  const images = frames.map((background) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(images), { join: { animated: true } })
    .gif()
    .toBuffer();
}

/** A PNG whose header promises what its few bytes do not hold. */
export async function pngOf(width: number, height: number): Promise<Buffer> {
  const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const forged = Buffer.from(png);
  forged.writeUInt32BE(width, 16);
  forged.writeUInt32BE(height, 20);
  forged.writeUInt32BE(crc32(forged.subarray(12, 29)), 29);
  return forged;
}

export async function pixel(image: Buffer, left: number, top: number): Promise<number[]> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (top * info.width + left) * info.channels;
  return [...data.subarray(at, at + 3)];
}
