import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { env } from "../support/env.ts";

async function signUp(body: string) {
  const headers = { apikey: env.SUPABASE_PUBLISHABLE_KEY, "content-type": "application/json" };
  const answer = await fetch(`${env.SUPABASE_URL}/auth/v1/signup`, { method: "POST", headers, body });
  const { id = "" } = (await answer.json()) as { id?: string };
  return { status: answer.status, id };
}

const body = (fullName: unknown, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    email: `n.${randomUUID()}@people.example.test`,
    password: "Growth-Hub-2026!",
    data: { full_name: fullName },
    ...more,
  });

test.each([
  ["a no-break space", "\u00A0", null],
  ["an ideographic space", "\u3000", null],
  ["letters that grow when composed", "\uFB1D".repeat(200), "\u05D9\u05B4".repeat(100)],
  ["an override and markup", "\u202E<b>Dana</b>", "<b>Dana</b>"],
  ["100,000 characters", "n".repeat(100_000), "n".repeat(200)],
  ["an object", { a: 1 }, '{"a": 1}'],
])("a person can sign up under %s, which becomes a name or none", async (_, fullName, stored) => {
  const { status, id } = await signUp(body(fullName));
  expect(status).toBe(200);
  const { data } = await service.from("profiles").select("full_name").eq("user_id", id).single();
  expect(data?.full_name).toBe(stored);
});

test("half a surrogate pair is bad JSON, not a fault of the server", async () => {
  expect((await signUp(body("\uD800"))).status).toBe(400);
});

test("neither role nor application metadata can be brought along", async () => {
  const { status, id } = await signUp(
    body("Dana", { role: "service_role", app_metadata: { role: "service_role", school_id: randomUUID() } }),
  );
  expect(status).toBe(200);
  const { data } = await service.auth.admin.getUserById(id);
  expect(data.user).toMatchObject({ role: "authenticated", app_metadata: { provider: "email", providers: ["email"] } });
  expect((await service.from("memberships").select("id").eq("user_id", id)).data).toEqual([]);
});
