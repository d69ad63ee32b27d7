import sharp, { type Metadata, type Sharp } from "sharp";
import { StorageError } from "../errors.ts";
import { drawVectors } from "./draw-vectors.ts";
import { type Plan, planResize, position } from "./geometry.ts";
import type { Transformation } from "./transformation.ts";

export const MAX_SOURCE_BYTES = 25_000_000;
const MAX_PIXELS = 50_000_000;
const MAX_FRAMES = 60;
const MAX_SECONDS = 15;
const QUALITY = { jpeg: 80, webp: 80, avif: 62 };

// Pictures come from anybody: no decoder runs that nobody needs, one thread each, and nothing is kept between them.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff", "Svg"].map((format) => `VipsForeignLoad${format}`),
});
sharp.concurrency(1);
sharp.cache(false);

export type OutputFormat = "jpeg" | "png" | "webp" | "gif" | "avif";

export interface Image {
  data: Buffer;
  type: string;
}

function refused(message: string, cause?: unknown): StorageError {
  return new StorageError("InvalidRequest", message, { cause });
}

/** Reads the header alone: nothing is decoded before its size is known. */
async function inspect(source: Buffer): Promise<Metadata> {
  let found: Metadata;
  try {
    found = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw refused("The source image is invalid or unsupported for rendering", error);
  }
  if (found.width * found.height > MAX_PIXELS) throw refused("The source image resolution is too large to process");
  return found;
}

function sourceFormat({ format, compression }: Metadata): OutputFormat | undefined {
  if (format === "heif" && compression === "av1") return "avif";
  return format === "jpeg" || format === "png" || format === "webp" || format === "gif" ? format : undefined;
}

function outputFormat(found: Metadata, options: Transformation, preferred?: OutputFormat): OutputFormat {
  if (options.format === "avif" || options.format === "webp") return options.format;
  if (options.format !== "origin" && preferred) return preferred;
  return sourceFormat(found) ?? (found.hasAlpha ? "png" : "jpeg");
}

/** Frames beyond what is processed are left out; their sum counts as one large image. */
function framesOf(found: Metadata, output: OutputFormat): number {
  const frames = Math.min(found.pages ?? 1, MAX_FRAMES);
  const moves = frames > 1 && (found.format === "gif" || found.format === "webp");
  if (!moves || (output !== "gif" && output !== "webp")) return 1;
  if (found.width * found.height * frames > MAX_PIXELS) {
    throw refused("The source image frame resolution is too large to process");
  }
  return frames;
}

function uprightSize({ width, height, orientation = 1 }: Metadata) {
  return orientation > 4 ? { width: height, height: width } : { width, height };
}

function resize(image: Sharp, { scaled, kept }: Plan, options: Transformation, frames: number): Sharp {
  const cropped = kept.width < scaled.width || kept.height < scaled.height;
  if (cropped && options.gravity === "sm" && frames === 1) {
    return image.resize(kept.width, kept.height, { fit: "cover", position: sharp.strategy.attention });
  }
  const whole = image.resize(scaled.width, scaled.height, { fit: "fill" });
  return cropped ? whole.extract({ ...position({ scaled, kept }, options), ...kept }) : whole;
}

function encode(image: Sharp, output: OutputFormat, quality: number | undefined): Sharp {
  switch (output) {
    case "jpeg":
      return image.flatten({ background: "white" }).jpeg({ quality: quality ?? QUALITY.jpeg });
    case "webp":
      return image.webp({ quality: quality ?? QUALITY.webp });
    case "avif":
      return image.avif({ quality: quality ?? QUALITY.avif, effort: 2 });
    case "png":
      return image.png();
    case "gif":
      return image.gif();
  }
}

/** Answers null for an image that goes out as it is: vectors are drawn only where a format of pixels is asked for. */
export async function transformImage(
  source: Buffer,
  options: Transformation,
  preferred?: OutputFormat,
): Promise<Image | null> {
  const found = await inspect(source);
  const vectors = found.format === "svg";
  if (vectors && (options.format === undefined || options.format === "origin")) return null;
  const output = outputFormat(found, options, preferred);
  const frames = framesOf(found, output);
  const plan = planResize(uprightSize(found), options, vectors);
  try {
    const pixels = vectors ? await drawVectors(source, plan.scaled, MAX_SECONDS * 1000) : source;
    const image = sharp(pixels, { limitInputPixels: MAX_PIXELS, failOn: "truncated", pages: frames }).autoOrient();
    const { data } = await encode(resize(image, plan, options, frames), output, options.quality)
      .timeout({ seconds: MAX_SECONDS })
      .toBuffer({ resolveWithObject: true });
    return { data, type: `image/${output}` };
  } catch (error) {
    if (error instanceof Error && /timeout/i.test(error.message)) {
      throw new StorageError("ImageTimedOut", undefined, { cause: error });
    }
    throw refused("The source image is invalid or unsupported for rendering", error);
  }
}
