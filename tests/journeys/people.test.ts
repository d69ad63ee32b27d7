import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Client, freshSignIn, PASSWORD, service, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { followMail } from "../support/follow-mail.ts";
import { createPerson, FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let office: Client;
let secondOffice: Client;

beforeAll(async () => {
  school = await FreshSchool.create();
  office = await signIn((await school.join("office", "admin")).email);
  secondOffice = await signIn((await school.join("second-office", "admin")).email);
});

const address = (name: string) => `${name}.${randomUUID().slice(0, 8)}@people.example.test`;

/** What the function answers: its status and body. */
async function call(client: Client, route: string, body: object) {
  const { data, error, response } = await client.functions.invoke(`people/${route}`, { body });
  return { status: response?.status, body: error ? await response?.json() : data };
}

const invite = (client: Client, email: string, role = "teacher", more: object = {}) =>
  call(client, "invitations", { school_id: school.id, people: [{ email, full_name: "דנה לוי", role, ...more }] });

const roles = async (client: Client) =>
  unwrap(await client.from("memberships").select("role").order("role")).map(({ role }) => role);

const membershipsOf = async (email: string) =>
  unwrap(await office.from("invitations").select("membership_id, accepted_at").eq("email", email));

describe("an invited person", () => {
  test("stands in the school at once, and takes the membership over by the mail's link", async () => {
    const email = address("new");
    const invited = await invite(office, email, "teacher", { teacher_code: "T-1" });
    expect(invited).toMatchObject({ status: 200, body: [{ email, mail: "sent" }] });
    const cards = await office.from("directory_cards").select("display_name, memberships(role, user_id)");
    expect(unwrap(cards)).toContainEqual({ display_name: "דנה לוי", memberships: { role: "teacher", user_id: null } });
    const client = await followMail(email);
    expect(await roles(client)).toEqual(["teacher"]);
    expect(unwrap(await client.from("profiles").select("full_name").single()).full_name).toBe("דנה לוי");
    expect((await invite(office, email)).body).toMatchObject([{ email, mail: "none" }]);
  });

  test("who has an account elsewhere gets a link to sign in with, and the office the same answer", async () => {
    const person = await createPerson("elsewhere");
    await (await FreshSchool.create()).member(person, "parent");
    expect(await invite(office, person.email)).toMatchObject({ status: 200, body: [{ mail: "sent" }] });
    expect((await membershipsOf(person.email))[0]?.accepted_at).toBeNull();
    expect(await roles(await followMail(person.email))).toEqual(["parent", "teacher"]);
  });

  test("is one person, whether two offices invite and the person signs up at once, in whatever order", async () => {
    for (let round = 0; round < 3; round++) {
      const email = address("race");
      const signUp = () => anonymous().auth.signUp({ email, password: PASSWORD });
      const outcomes = await Promise.all([
        invite(office, email),
        signUp(),
        invite(secondOffice, email),
        invite(office, email),
      ]);
      expect([outcomes[0], outcomes[2], outcomes[3]].map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await membershipsOf(email)).toHaveLength(1);
      const client = await followMail(email);
      expect(await roles(client)).toEqual(["teacher"]);
      const { data } = await client.auth.getUser();
      const profiles = await service.from("profiles").select("id").eq("user_id", String(data.user?.id));
      expect(unwrap(profiles)).toHaveLength(1);
    }
  });
});

describe("a student without a mailbox", () => {
  test("signs in by a name and a password of the office, which can set it anew", async () => {
    const child = await school.student();
    const body = { school_id: school.id, student_id: child.id, username: "gal.levi", password: PASSWORD };
    expect(await call(office, "sign-ins", { ...body, password: "x" })).toMatchObject({ status: 422 });
    const given = await call(office, "sign-ins", body);
    expect(given).toMatchObject({
      status: 200,
      body: { email: `gal.levi+${school.code.toLowerCase()}@students.invalid` },
    });
    const student = await freshSignIn(given.body.email);
    expect(unwrap(await student.from("students").select("id"))).toEqual([{ id: child.id }]);
    const password = "Another-2026!";
    expect((await call(office, "sign-ins", { ...body, password })).status).toBe(200);
    await expect(freshSignIn(given.body.email)).rejects.toThrow("Invalid login credentials");
    expect(await roles(await freshSignIn(given.body.email, password))).toEqual(["student"]);
    expect(await call(office, "sign-ins", { ...body, password: "short" })).toMatchObject({ status: 422 });
  });
});

describe("the function refuses", () => {
  const cases = [
    ["a body that is none", "invitations", "nonsense", 400, "invalid_request"],
    [
      "an unknown role",
      "invitations",
      { people: [{ email: "x@y.example", full_name: "X", role: "owner" }] },
      400,
      "invalid_request",
    ],
    [
      "a leader without a team",
      "invitations",
      { people: [{ email: "x@y.example", full_name: "X", role: "leader" }] },
      422,
      "rejected",
    ],
    [
      "bidirectional controls in a name",
      "invitations",
      { people: [{ email: "x@y.example", full_name: "X\u202E", role: "teacher" }] },
      422,
      "rejected",
    ],
    [
      "a student of nobody",
      "sign-ins",
      { student_id: randomUUID(), username: "abc", password: PASSWORD },
      404,
      "not_found",
    ],
    ["a route that is none", "everything", {}, 404, "not_found"],
  ] as const;

  test.each(cases)("%s", async (_what, route, body, status, code) => {
    const sent = typeof body === "string" ? { body } : { school_id: school.id, ...body };
    expect(await call(office, route, sent)).toMatchObject({ status, body: { code } });
  });

  test("whoever is no admin of the school, and whoever has no sign-in", async () => {
    const email = address("not_found");
    const teacher = await signIn((await school.join("teacher", "teacher")).email);
    const stranger = await signIn((await (await FreshSchool.create()).join("stranger", "admin")).email);
    for (const client of [teacher, stranger]) expect(await invite(client, email)).toMatchObject({ status: 404 });
    expect(unwrap(await service.from("invitations").select("id").eq("email", email))).toEqual([]);
    const answer = await fetch(`${env.SUPABASE_URL}/functions/v1/people/invitations`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(401);
  });
});
