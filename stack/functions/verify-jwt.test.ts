import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestProject, type TestProject } from "./testing/test-project.ts";

let project: TestProject;
beforeAll(() => {
  project = createTestProject(
    { "guarded/index.ts": `Deno.serve((request) => new Response(request.headers.get("authorization") ?? "none"));` },
    { config: 'project_id = "test"' },
  );
});
afterAll(() => project.close());

async function sign(
  options: { alg?: "ES256" | "HS256" | "HS512"; exp?: string; secret?: string } = {},
): Promise<string> {
  const { alg = "ES256", exp = "1h", secret = project.ctx.keys.jwtSecret } = options;
  const { signing } = project.ctx.keys;
  const token = new SignJWT({ role: "authenticated", sub: crypto.randomUUID() }).setExpirationTime(exp).setIssuedAt();
  return alg === "ES256"
    ? token.setProtectedHeader({ alg, kid: signing.kid }).sign(signing)
    : token.setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

async function refusal(headers: Record<string, string>) {
  const response = await project.call("/guarded", { headers });
  expect(response.status).toBe(401);
  const body = await response.json();
  expect(response.headers.get("sb-error-code")).toBe(body.code);
  expect(response.headers.get("access-control-expose-headers")).toBe("sb-error-code");
  expect(body.msg).toBe(body.message);
  return [body.code, body.message];
}

describe("verify_jwt", () => {
  test("user's ES256 token, a token by the shared secret and both kinds of key pass", async () => {
    const { publishable, secret, anon, serviceRole } = project.ctx.keys;
    const bearers = [await sign(), await sign({ alg: "HS256" }), anon, serviceRole];
    for (const bearer of bearers) {
      const response = await project.call("/guarded", { headers: { authorization: `Bearer ${bearer}` } });
      expect([response.status, await response.text()]).toEqual([200, `Bearer ${bearer}`]);
    }
    for (const apikey of [publishable, secret, anon]) {
      const response = await project.call("/guarded", { headers: { apikey } });
      expect([response.status, await response.text()]).toEqual([200, "none"]);
    }
    const echoed = await project.call("/guarded", {
      headers: { apikey: publishable, authorization: `Bearer ${publishable}` },
    });
    expect([echoed.status, await echoed.text()]).toEqual([200, `Bearer ${publishable}`]);
  });

  test("preflight passes without a token", async () => {
    expect((await project.call("/guarded", { method: "OPTIONS" })).status).toBe(200);
  });

  test("missing and malformed tokens are told apart", async () => {
    const missing = ["UNAUTHORIZED_NO_AUTH_HEADER", "Missing authorization header"];
    const malformed = ["UNAUTHORIZED_INVALID_JWT_FORMAT", "Invalid JWT format"];
    expect(await refusal({})).toEqual(missing);
    expect(await refusal({ "sb-api-key": project.ctx.keys.anon })).toEqual(missing);
    expect(await refusal({ authorization: "Bearer not-a-token" })).toEqual(malformed);
    expect(await refusal({ authorization: "Basic abc" })).toEqual(malformed);
    expect(await refusal({ authorization: `Bearer ${project.ctx.keys.secret}` })).toEqual(malformed);
    expect(await refusal({ apikey: "sb_publishable_of_another_project" })).toEqual(malformed);
  });

  test("expired and forged tokens are refused by their kind", async () => {
    const bearer = async (token: string | Promise<string>) => refusal({ authorization: `Bearer ${await token}` });
    expect(await bearer(sign({ exp: "-1m" }))).toEqual(["UNAUTHORIZED_ASYMMETRIC_JWT", "Invalid JWT"]);
    expect(await bearer(sign({ alg: "HS256", exp: "-1m" }))).toEqual(["UNAUTHORIZED_JWT", "Invalid JWT"]);
    expect(await bearer(sign({ alg: "HS256", secret: "x".repeat(40) }))).toEqual(["UNAUTHORIZED_JWT", "Invalid JWT"]);
    const [header, , signature] = (await sign()).split(".");
    const claims = Buffer.from(JSON.stringify({ role: "service_role", exp: 4_000_000_000 })).toString("base64url");
    expect(await bearer(`${header}.${claims}.${signature}`)).toEqual(["UNAUTHORIZED_ASYMMETRIC_JWT", "Invalid JWT"]);
  });

  test("unsigned tokens and other algorithms are refused by name", async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${encode({ alg: "none" })}.${encode({ role: "service_role", exp: 4_000_000_000 })}.`;
    const code = "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM";
    expect(await refusal({ authorization: `Bearer ${unsigned}` })).toEqual([code, "Unsupported JWT algorithm none"]);
    const strong = await sign({ alg: "HS512", secret: "x".repeat(64) });
    expect(await refusal({ authorization: `Bearer ${strong}` })).toEqual([code, "Unsupported JWT algorithm HS512"]);
  });
});
