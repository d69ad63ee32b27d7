import { z } from "zod";
import { StorageError } from "../errors.ts";

const MAX_SIDE = 2500;

const resize = z.enum(["cover", "contain", "fill"]);
const format = z.enum(["origin", "avif", "webp"]);
const gravity = z.enum(["no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "ce", "sm", "fp"]);

/** A side of 0 is none; one beyond the largest is the largest. */
const side = z.number().int().min(0);
const clamp = (value: number) => Math.min(value, MAX_SIDE);
const offset = z.number();

function schema(number: (shape: z.ZodNumber) => z.ZodType<number>) {
  return z
    .object({
      width: number(side).transform(clamp).optional(),
      height: number(side).transform(clamp).optional(),
      resize: resize.optional(),
      format: format.optional(),
      quality: number(z.number().int().min(20).max(100)).optional(),
      gravity: gravity.optional(),
      x_offset: number(offset).optional(),
      y_offset: number(offset).optional(),
    })
    .superRefine(({ gravity, x_offset, y_offset }, ctx) => {
      if (gravity !== "fp") return;
      for (const [path, value] of Object.entries({ x_offset, y_offset })) {
        if (value !== undefined && value >= 0 && value <= 1) continue;
        ctx.addIssue({ code: "custom", path: [path], message: "must be between 0 and 1 for a focal point" });
      }
    });
}

export type Transformation = z.infer<ReturnType<typeof schema>>;

/** As it comes in JSON. */
export const transformation = schema((shape) => shape);

/** As it comes in a query. */
export const transformationQuery = schema((shape) =>
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(shape),
);

/** In the words that Supabase's tokens and its X-Transformations header share, but for the way of resizing. */
function words(options: Transformation, resizing: (way: Transformation["resize"]) => string): string[] {
  const { width, height, quality } = options;
  return [
    ...(height ? [`height:${height}`] : []),
    ...(width ? [`width:${width}`] : []),
    ...(width || height ? [resizing(options.resize)] : []),
    ...(quality ? [`quality:${quality}`] : []),
    ...(options.format && options.format !== "origin" ? [`format:${options.format}`] : []),
    ...gravityWords(options),
  ];
}

function gravityWords({ gravity, x_offset, y_offset }: Transformation): string[] {
  if (!gravity) return [];
  if (gravity === "sm" || (x_offset === undefined && y_offset === undefined)) return [`gravity:${gravity}`];
  return [`gravity:${gravity}:${x_offset ?? 0}:${y_offset ?? 0}`];
}

const resizingTypes = { cover: "fill", contain: "fit", fill: "force" };

export function transformationsHeader(options: Transformation): string {
  return words(options, (way = "cover") => `resizing_type:${resizingTypes[way]}`).join(",");
}

/** Empty when nothing is to be done. */
export function transformationsClaim(options: Transformation): string {
  const claim = words(options, (way = "cover") => `resize:${way}`);
  if (claim.length > 0 && options.format === "origin") claim.push("format:origin");
  return claim.join(",");
}

export function readTransformationsClaim(claim: string): Transformation {
  const entries = claim.split(",").flatMap((word) => {
    const [name = "", value = "", x, y] = word.split(":");
    const offsets =
      x === undefined
        ? []
        : [
            ["x_offset", x],
            ["y_offset", y],
          ];
    return [[name, value], ...offsets];
  });
  const result = transformationQuery.safeParse(Object.fromEntries(claim === "" ? [] : entries));
  if (!result.success) throw new StorageError("InvalidSignature");
  return result.data;
}
