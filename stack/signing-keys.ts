import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { SigningKey, VerifyingKey } from "./context.ts";

const MIN_RSA_BITS = 2048;

const keyFile = z.array(z.looseObject({ kty: z.string(), kid: z.string().min(1), d: z.string().optional() })).min(1);

function algorithmOf(key: KeyObject): SigningKey["alg"] | null {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ec" && details?.namedCurve === "prime256v1") return "ES256";
  if (type === "rsa" && (details?.modulusLength ?? 0) >= MIN_RSA_BITS) return "RS256";
  return null;
}

function publicHalf(key: z.output<typeof keyFile>[number]): VerifyingKey | null {
  try {
    const object = createPublicKey({ key, format: "jwk" });
    const alg = algorithmOf(object);
    return (
      alg && { ...object.export({ format: "jwk" }), kid: key.kid, alg, use: "sig", key_ops: ["verify"], ext: true }
    );
  } catch {
    return null;
  }
}

/** Null when it does not fit the public half: a key file put together by hand may hold halves of two keys. */
function privateHalf(key: z.output<typeof keyFile>[number], half: VerifyingKey): SigningKey | null {
  const probe = Buffer.from(half.kid);
  try {
    const object = createPrivateKey({ key, format: "jwk" });
    const own = createPublicKey({ key: { ...half }, format: "jwk" });
    if (!verify("sha256", probe, own, sign("sha256", probe, object))) return null;
    return { ...object.export({ format: "jwk" }), kid: half.kid, alg: half.alg, use: "sig" };
  } catch {
    return null;
  }
}

/** The keys of the project, as `supabase gen signing-key` writes them: the first one signs, all of them verify. */
export function readSigningKeys(file: string): { signing: SigningKey; verifying: VerifyingKey[] } {
  const refuse = (reason: string) => new Error(`Cannot use ${file}: ${reason}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Cannot read ${file}, which auth.signing_keys_path names`, { cause });
  }
  const read = keyFile.safeParse(content);
  if (!read.success) throw refuse("it is no list of JSON web keys, each with a kid");
  const verifying = read.data.map((key) => {
    const half = publicHalf(key);
    if (!half) throw refuse(`the key ${key.kid} is neither ES256 nor RS256 of ${MIN_RSA_BITS} bits or more`);
    return half;
  });
  if (new Set(verifying.map(({ kid }) => kid)).size < verifying.length) throw refuse("two of its keys share a kid");
  const [first] = read.data;
  const [half] = verifying;
  if (!first?.d || !half) throw refuse("its first key, which signs, is not a private one");
  const signing = privateHalf(first, half);
  if (!signing) throw refuse("the halves of its first key do not belong together");
  return { signing, verifying };
}
