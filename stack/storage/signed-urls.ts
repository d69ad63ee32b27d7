import { hkdfSync } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { StorageError } from "./errors.ts";

const downloadClaims = z.object({
  scope: z.literal("download"),
  url: z.string(),
  exp: z.number(),
  /** What is to be done to the image before it goes out. */
  transformations: z.string().optional(),
});
const uploadClaims = z.object({
  scope: z.literal("upload"),
  url: z.string(),
  exp: z.number(),
  upsert: z.boolean(),
  owner: z.string().optional(),
});

/** Seconds; bounded so that the expiry stays a date that JavaScript and JWT libraries can hold. */
export const expiresIn = z
  .int()
  .min(1)
  .max(100 * 365 * 24 * 60 * 60);

export type DownloadGrant = Omit<z.infer<typeof downloadClaims>, "scope" | "exp">;
export type UploadGrant = Omit<z.infer<typeof uploadClaims>, "scope" | "exp">;

/** Tokens inside URLs. Their key is derived, so that one is never taken for a user's token, nor the reverse. */
export class UrlSigner {
  readonly #key: Uint8Array;

  constructor(secret: string) {
    this.#key = new Uint8Array(hkdfSync("sha256", secret, "", "storage url signing", 32));
  }

  signDownload(grant: DownloadGrant, seconds: number): Promise<string> {
    return this.#sign({ ...grant, scope: "download" }, seconds);
  }

  signUpload(grant: UploadGrant, seconds: number): Promise<string> {
    return this.#sign({ ...grant, scope: "upload" }, seconds);
  }

  verifyDownload(token: string, url: string) {
    return this.#verify(token, url, downloadClaims);
  }

  verifyUpload(token: string, url: string) {
    return this.#verify(token, url, uploadClaims);
  }

  #sign(claims: Record<string, unknown>, seconds: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(this.#key);
  }

  async #verify<T extends { url: string }>(token: string, url: string, schema: z.ZodType<T>): Promise<T> {
    const payload = await this.#payload(token);
    const claims = schema.safeParse(payload);
    if (!claims.success || claims.data.url !== url) throw new StorageError("InvalidSignature");
    return claims.data;
  }

  async #payload(token: string): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ["HS256"] });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new StorageError("InvalidJWT", error.message, { cause: error });
      throw error;
    }
  }
}
