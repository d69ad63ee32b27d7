// A program of its own, which draws the vectors of its input in the size that its arguments say.
import { buffer } from "node:stream/consumers";
import sharp from "sharp";

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadSvg"] });
sharp.concurrency(1);

const [width, height] = process.argv.slice(2).map(Number);
const source = await buffer(process.stdin);
process.stdout.write(
  await sharp(source).resize(width, height, { fit: "fill" }).png({ compressionLevel: 1 }).toBuffer(),
);
