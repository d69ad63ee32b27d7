import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, enrollFactor, useFactor, wrongCodeOf } from "../testing/authenticator.ts";
import { type AuthServer, startTestStack, type TestStack } from "../testing/test-stack.ts";

let stack: TestStack;
const password = "correct horse battery";
const totp = { enroll_enabled: true, verify_enabled: true };

beforeAll(async () => {
  stack = await startTestStack();
}, 60_000);
afterAll(() => stack?.stop());

async function signedUp(email: string, on: AuthServer) {
  const client = on.client();
  const { data, error } = await client.auth.signUp({ email, password });
  if (error || !data.user) throw error ?? new Error("no user");
  return { client, id: data.user.id };
}

test("mfa_verification_attempt sees each attempt and can end them all; what it writes stays", async () => {
  await stack.admin.query(`create schema hooks; grant usage on schema hooks to supabase_auth_admin;
    create table hooks.attempts (attempt jsonb);
    grant select, insert on hooks.attempts to supabase_auth_admin;
    create function hooks.attempt(event jsonb) returns jsonb language plpgsql as $$
    begin
      insert into hooks.attempts values (event);
      if (select count(*) from hooks.attempts where not (attempt ->> 'valid')::boolean) >= 2 then
        return '{"decision": "reject", "message": "Too many wrong codes"}';
      end if;
      return '{"decision": "continue"}';
    end $$`);
  const uri = "pg-functions://postgres/hooks/attempt";
  const guarded = await stack.serve({ mfa: { totp }, hook: { mfa_verification_attempt: { enabled: true, uri } } });
  const { client, id } = await signedUp("hook@example.test", guarded);
  const factor = await enrollFactor(client);
  await useFactor(client, factor);
  const attempt = async (code: string) =>
    (await client.auth.mfa.challengeAndVerify({ factorId: factor.id, code })).error;
  expect(await attempt(wrongCodeOf(factor.secret))).toMatchObject({ code: "mfa_verification_failed" });
  expect(await attempt(wrongCodeOf(factor.secret))).toMatchObject({
    status: 403,
    code: "mfa_verification_rejected",
    message: "Too many wrong codes",
  });
  const { rows } = await stack.admin.query("select attempt from hooks.attempts");
  expect(rows.map(({ attempt }) => attempt.valid)).toEqual([true, false, false]);
  expect(rows[0].attempt).toMatchObject({
    user_id: id,
    factor_id: factor.id,
    factor_type: "totp",
    metadata: { name: "mfa-verification-attempt" },
  });
  expect((await client.auth.getUser()).error).not.toBeNull();
});

test("over http the attempt is signed, and what the hook answers decides", async () => {
  const secret = Buffer.from("a secret of the tests").toString("base64");
  const seen: { valid: boolean; signed: boolean }[] = [];
  let decision = "continue";
  const http = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { headers } = request;
    const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const expected = createHmac("sha256", Buffer.from(secret, "base64")).update(content).digest("base64");
    seen.push({ valid: JSON.parse(body).valid, signed: headers["webhook-signature"] === `v1,${expected}` });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ decision }));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const uri = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const hook = { mfa_verification_attempt: { enabled: true, uri, secrets: `v1,whsec_${secret}` } };
  const guarded = await stack.serve({ mfa: { totp }, hook });
  const { client } = await signedUp("http@example.test", guarded);
  const factor = await enrollFactor(client);
  await useFactor(client, factor);
  decision = "reject";
  const refused = await client.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor.secret, 1) });
  http.close();
  expect(refused.error).toMatchObject({
    status: 403,
    code: "mfa_verification_rejected",
    message: "Further MFA verification attempts will be rejected.",
  });
  expect(seen).toEqual([
    { valid: true, signed: true },
    { valid: true, signed: true },
  ]);
  expect((await client.auth.getUser()).error).not.toBeNull();
});

test("a hook that fails lets nobody in, and leaves the code unused", async () => {
  const uri = "http://127.0.0.1:1/";
  const failing = await stack.serve({ mfa: { totp }, hook: { mfa_verification_attempt: { enabled: true, uri } } });
  const working = await stack.serve({ mfa: { totp } });
  const { client } = await signedUp("failing@example.test", working);
  const factor = await enrollFactor(client);
  const token = (await client.auth.getSession()).data.session?.access_token;
  const { data } = await client.auth.mfa.challenge({ factorId: factor.id });
  const code = codeOf(factor.secret);
  const body = { challenge_id: data?.id, code };
  const refused = await failing.post(`/factors/${factor.id}/verify`, body, { authorization: `Bearer ${token}` });
  expect([refused.status, (await refused.json()).code]).toEqual([422, expect.stringMatching(/^hook_timeout/)]);
  const { error } = await client.auth.mfa.verify({ factorId: factor.id, challengeId: data?.id ?? "", code });
  expect(error).toBeNull();
}, 30_000);
