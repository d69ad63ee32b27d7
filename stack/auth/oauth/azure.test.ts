import { expect, test } from "vitest";
import { azure } from "./azure.ts";

const tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
const base = `https://login.microsoftonline.com/${tenant}`;
const other = "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0";

async function neverAsked(): Promise<never> {
  throw new Error("asked for a discovery document");
}

test("server names Azure's own endpoints, of any tenant or of the configured one", async () => {
  expect(await azure.server("", neverAsked)).toMatchObject({
    authorization_endpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_endpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
  });
  expect(await azure.server(base, neverAsked)).toMatchObject({ token_endpoint: `${base}/oauth2/v2.0/token` });
  const external = "https://school.ciamlogin.com/school.onmicrosoft.com";
  expect(await azure.server(external, neverAsked)).toMatchObject({ issuer: `${external}/v2.0` });
});

test("issuerOfSignIn takes the configured tenant's tokens only, and any tenant's where none is configured", () => {
  expect(azure.issuerOfSignIn(base, `${base}/v2.0`)).toBe(`${base}/v2.0`);
  expect(() => azure.issuerOfSignIn(base, other)).toThrow("is not the issuer of");
  for (const many of ["", "https://login.microsoftonline.com/organizations"]) {
    expect(azure.issuerOfSignIn(many, other)).toBe(other);
    for (const evil of ["https://evil.test/x/v2.0", "https://login.microsoftonline.com.evil.test/x/v2.0", ""]) {
      expect(() => azure.issuerOfSignIn(many, evil)).toThrow("is not the issuer of");
    }
  }
  expect(azure.issuerOfSignIn("http://127.0.0.1:9", other)).toBe("http://127.0.0.1:9");
});

test("issuerOfIdToken takes tokens of Azure, old form and new, and of a configured server elsewhere", () => {
  expect(azure.issuerOfIdToken("", other)).toBe(other);
  expect(azure.issuerOfIdToken("", `https://sts.windows.net/${tenant}/`)).toBe(`https://sts.windows.net/${tenant}/`);
  expect(azure.issuerOfIdToken("", "https://evil.test/x/v2.0")).toBeNull();
  expect(azure.issuerOfIdToken("http://127.0.0.1:9", other)).toBeNull();
  expect(azure.issuerOfIdToken("http://127.0.0.1:9", "http://127.0.0.1:9")).toBe("http://127.0.0.1:9");
});

test.each([
  [undefined, true],
  [true, true],
  ["1", true],
  ["true", true],
  [false, false],
  ["0", false],
  ["yes", false],
  [1, false],
])("xms_edov %s makes the address verified: %s", (xms_edov, verified) => {
  const claims = { iss: other, sub: "s", email: "A@Example.test", xms_edov };
  expect(azure.userOf(claims)).toMatchObject({ email: "a@example.test", emailVerified: verified });
});

test("userOf verifies no address that is not there", () => {
  expect(azure.userOf({ iss: other, sub: "s" })).toMatchObject({ email: "", emailVerified: false });
});
