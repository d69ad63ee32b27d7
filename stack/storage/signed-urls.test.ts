import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { UrlSigner } from "./signed-urls.ts";

const secret = "a secret of at least thirty-two characters";
const signer = new UrlSigner(secret);

describe("UrlSigner", () => {
  test("verifies what it signed, for that path", async () => {
    const token = await signer.signDownload({ url: "b/a.txt" }, 60);
    expect(await signer.verifyDownload(token, "b/a.txt")).toMatchObject({ url: "b/a.txt" });
    await expect(signer.verifyDownload(token, "b/b.txt")).rejects.toThrow("Invalid signature");
  });

  test("keeps uploads and downloads apart", async () => {
    const download = await signer.signDownload({ url: "b/a.txt" }, 60);
    const upload = await signer.signUpload({ url: "b/a.txt", upsert: false }, 60);
    await expect(signer.verifyUpload(download, "b/a.txt")).rejects.toThrow("Invalid signature");
    await expect(signer.verifyDownload(upload, "b/a.txt")).rejects.toThrow("Invalid signature");
  });

  test("refuses an expired token", async () => {
    const token = await signer.signDownload({ url: "b/a.txt" }, -1);
    await expect(signer.verifyDownload(token, "b/a.txt")).rejects.toThrow('"exp" claim timestamp check failed');
  });

  test("refuses the JWT secret itself, another secret, no algorithm, and rubbish", async () => {
    const claims = new SignJWT({ scope: "download", url: "b/a.txt" }).setExpirationTime("1h");
    const withJwtSecret = await claims.setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
    const other = await new UrlSigner(`${secret}!`).signDownload({ url: "b/a.txt" }, 60);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${part({ alg: "none" })}.${part({ scope: "download", url: "b/a.txt", exp: 9e9 })}.`;
    for (const token of [withJwtSecret, other, none, "", "a.b.c"]) {
      await expect(signer.verifyDownload(token, "b/a.txt")).rejects.toMatchObject({ code: "InvalidJWT" });
    }
  });
});
