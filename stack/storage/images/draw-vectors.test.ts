import sharp from "sharp";
import { expect, test } from "vitest";
import { drawVectors } from "./draw-vectors.ts";

const size = { width: 100, height: 100 };
const vectors = (content: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="2400" height="2400">${content}</svg>`);

test("vectors are drawn in the size that is asked for", async () => {
  const drawn = await drawVectors(vectors('<rect width="2400" height="2400" fill="red"/>'), size, 30_000);
  expect(await sharp(drawn).metadata()).toMatchObject({ format: "png", ...size });
  expect([...(await sharp(drawn).removeAlpha().raw().toBuffer()).subarray(0, 3)]).toEqual([255, 0, 0]);
});

test("work without end is ended", async () => {
  const filter = `<filter id="f" x="-1000%" y="-1000%" width="9000%" height="9000%">
    <feGaussianBlur stdDeviation="5000"/><feMorphology radius="500"/></filter>`;
  const endless = vectors(filter + '<rect width="2400" height="2400" filter="url(#f)"/>'.repeat(50));
  await expect(drawVectors(endless, { width: 2400, height: 2400 }, 1500)).rejects.toThrow("timeout");
}, 30_000);

test("what cannot be drawn is said", async () => {
  await expect(drawVectors(Buffer.from("<svg"), size, 30_000)).rejects.toThrow("cannot be drawn");
});
