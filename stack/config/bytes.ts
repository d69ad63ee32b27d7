import { z } from "zod";

const powers: Record<string, number> = { "": 0, k: 1, m: 2, g: 3, t: 4 };

/** A size such as "50MiB" or "500KB"; as in the official CLI both spellings count in powers of 1024. */
export const byteSize = z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
  if (typeof value === "number") return value;
  const [, amount, prefix] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(value) ?? [];
  if (amount === undefined || prefix === undefined) {
    context.addIssue({ code: "custom", message: `"${value}" is not a size such as "50MiB"` });
    return z.NEVER;
  }
  return Math.floor(Number(amount) * 1024 ** (powers[prefix.toLowerCase()] ?? 0));
});
