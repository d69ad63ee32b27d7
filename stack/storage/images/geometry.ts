import type { Transformation } from "./transformation.ts";

/** What an image may measure when nothing is asked: Supabase's own preset. */
const LARGEST = { width: 3000, height: 8192 };

export interface Size {
  width: number;
  height: number;
}

export interface Plan {
  /** What the whole image is scaled to. */
  scaled: Size;
  /** The part that is kept of it. */
  kept: Size;
}

/**
 * How imgproxy would size an image, which Supabase uses: never larger than it is, unless it consists of vectors. Where
 * one side alone is asked for, `cover` and `fill` leave the other as it is; only `contain` scales it along.
 */
export function planResize(source: Size, options: Transformation, mayEnlarge = false): Plan {
  const { width, height } = options;
  const asked = Boolean(width || height);
  const way = asked ? (options.resize ?? "cover") : "contain";
  const target = {
    width: width || (way === "contain" ? LARGEST.width : Math.min(source.width, LARGEST.width)),
    height: height || (way === "contain" ? LARGEST.height : Math.min(source.height, LARGEST.height)),
  };
  const scale = { width: target.width / source.width, height: target.height / source.height };
  const even = way === "cover" ? Math.max(scale.width, scale.height) : Math.min(scale.width, scale.height);
  const wanted = way === "fill" ? scale : { width: even, height: even };
  // Both sides shrink together, so that the shape that was asked for stays.
  const excess = mayEnlarge && asked ? 1 : Math.max(1, wanted.width, wanted.height);
  const scaled = {
    width: Math.max(1, Math.round((source.width * wanted.width) / excess)),
    height: Math.max(1, Math.round((source.height * wanted.height) / excess)),
  };
  const kept = { width: Math.min(scaled.width, target.width), height: Math.min(scaled.height, target.height) };
  return { scaled, kept: way === "cover" ? kept : scaled };
}

/** Where the kept part begins. */
export function position({ scaled, kept }: Plan, options: Transformation): { left: number; top: number } {
  const { gravity = "ce", x_offset: x = 0, y_offset: y = 0 } = options;
  const room = { width: scaled.width - kept.width, height: scaled.height - kept.height };
  if (gravity === "fp") {
    return {
      left: within(room.width, scaled.width * x - kept.width / 2),
      top: within(room.height, scaled.height * y - kept.height / 2),
    };
  }
  const right = Math.abs(x) < 1 ? scaled.width * x : x;
  const down = Math.abs(y) < 1 ? scaled.height * y : y;
  const towards = (side: string) => gravity.includes(side);
  const left = towards("we") ? right : towards("ea") ? room.width - right : room.width / 2 + right;
  const top = towards("no") ? down : towards("so") ? room.height - down : room.height / 2 + down;
  return { left: within(room.width, left), top: within(room.height, top) };
}

function within(room: number, value: number): number {
  return Math.min(room, Math.max(0, Math.round(value)));
}
