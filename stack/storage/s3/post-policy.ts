import { z } from "zod";
import { StorageError } from "../errors.ts";

const policy = z.object({
  expiration: z.iso.datetime({ offset: true }),
  conditions: z.array(
    z.union([
      z.tuple([z.enum(["eq", "starts-with"]), z.string().startsWith("$"), z.union([z.string(), z.number()])]),
      z.tuple([z.literal("content-length-range"), z.coerce.number().int(), z.coerce.number().int()]),
      z.record(z.string(), z.union([z.string(), z.number()])),
    ]),
  ),
});

/** Fields that hold the signature, and those that a client may add to be ignored. */
const FREE = /^(policy|x-amz-signature|x-amz-algorithm|x-amz-credential|x-amz-date|x-amz-security-token|x-ignore-.*)$/;

interface Range {
  min: number;
  max: number;
}

function failed(field: string): StorageError {
  return new StorageError("AccessDenied", `Policy condition failed: '${field.slice(0, 100)}'`);
}

function decode(encoded: string): z.infer<typeof policy> {
  try {
    return policy.parse(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")));
  } catch (error) {
    throw new StorageError("InvalidSignature", "Invalid POST policy", { cause: error });
  }
}

/**
 * Holds a form against the policy that was signed for it: each condition must hold and each field be named by one, or
 * whoever was given the form could say more with it than was meant. Answers how long the file may be.
 */
export function requirePolicy(encoded: string, fields: ReadonlyMap<string, string>): Range {
  const { expiration, conditions } = decode(encoded);
  if (Date.parse(expiration) < Date.now()) throw new StorageError("ExpiredToken");
  const named = new Set<string>();
  const range = { min: 0, max: Number.POSITIVE_INFINITY };
  const require = (field: string, holds: (value: string) => boolean) => {
    const name = field.toLowerCase();
    named.add(name);
    if (!holds(fields.get(name) ?? "")) throw failed(name);
  };
  for (const condition of conditions) {
    if (!Array.isArray(condition)) {
      for (const [name, value] of Object.entries(condition)) require(name, (given) => given === String(value));
    } else if (condition[0] === "content-length-range") {
      range.min = Math.max(range.min, condition[1]);
      range.max = Math.min(range.max, condition[2]);
    } else {
      const [operator, field, value] = condition;
      const wanted = String(value);
      require(field.slice(1), (given) => (operator === "eq" ? given === wanted : given.startsWith(wanted)));
    }
  }
  const open = [...fields.keys()].find((name) => !FREE.test(name) && !named.has(name));
  if (open !== undefined) throw failed(open);
  return range;
}
