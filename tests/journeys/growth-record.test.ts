import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Client, service, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { pdfTexts } from "../support/pdf-text.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { publishedTraining, shiftTraining } from "../support/training.ts";
import { unwrap } from "../support/unwrap.ts";

const NAME = "יעל בן-ציון";
const TITLE = "קריאה משותפת (חלק 2) עם Classroom";
type Name = "admin" | "principal" | "organiser" | "teacher" | "colleague" | "outsider" | "parent";

let school: FreshSchool;
const clients = {} as Record<Name, Client>;
const members = {} as Record<Name, Membership>;
let certificateId: string;
let code: string;

const path = () => `${school.id}/${members.teacher.id}/${certificateId}.pdf`;
const makeFile = (name: Name | "nobody") =>
  (name === "nobody" ? anonymous() : clients[name]).functions.invoke("certificates", {
    body: { school_id: school.id, certificate_id: certificateId },
  });
const download = (client: Client) => client.storage.from("certificates").download(path());
const verify = (given: string) =>
  fetch(`${env.SUPABASE_URL}/functions/v1/certificate-verification?code=${encodeURIComponent(given)}`);
const exported = (client: Client, more: Record<string, string> = {}) =>
  client.functions.invoke("growth-record", { body: { school_id: school.id, ...more } });
const statusOf = (error: unknown) => (error as { context?: Response } | null)?.context?.status;

beforeAll(async () => {
  school = await FreshSchool.create({ name: "בית ספר הרצל", locale: "he" });
  const people = {
    admin: await school.join("record-admin", "admin"),
    principal: await school.join("record-principal", "leader"),
    organiser: await school.join("record-organiser", "leader", { team_scope: "named" }),
    teacher: await school.join("record-teacher", "teacher"),
    colleague: await school.join("record-colleague", "teacher"),
    parent: await school.join("record-parent", "parent"),
    outsider: await (await FreshSchool.create()).join("record-outsider", "admin"),
  };
  for (const [name, { membership, email }] of Object.entries(people)) {
    members[name as Name] = membership;
    clients[name as Name] = await signIn(email);
  }
  const card = { school_id: school.id, membership_id: members.teacher.id, display_name: NAME };
  unwrap(await service.from("directory_cards").insert(card).select("id"));
  await clients.teacher.from("profiles").update({ full_name: NAME }).eq("user_id", String(members.teacher.user_id));

  const training = await publishedTraining(school, members.organiser, clients.organiser, { title: TITLE, hours: 3.5 });
  const at = { school_id: school.id, training_event_id: training.id };
  const registration = unwrap(await clients.teacher.rpc("register_for_training", at));
  await shiftTraining(training, -5);
  const marks = [{ registration_id: registration.id, attended: true }];
  unwrap(await clients.organiser.rpc("mark_training_attendance", { ...at, marks }));
  unwrap(await clients.organiser.rpc("complete_training", at));
  const certificate = unwrap(await clients.teacher.from("certificates").select().single());
  certificateId = certificate.id;
  code = certificate.verification_code;
}, 60_000);

describe("a certificate", () => {
  test("is issued with a code nobody guesses, told to its holder, and read by organiser and office besides", async () => {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
    const notices = unwrap(await clients.teacher.from("notifications").select("kind").eq("row_id", certificateId));
    expect(notices).toEqual([{ kind: "certificate_issued" }]);
    for (const [name, count] of [
      ["teacher", 1],
      ["organiser", 1],
      ["admin", 1],
      ["principal", 0],
      ["colleague", 0],
      ["outsider", 0],
      ["parent", 0],
    ] as const) {
      expect(unwrap(await clients[name].from("certificates").select("id")), name).toHaveLength(count);
    }
  });

  test("becomes a file when those who may read it ask, once, and no hand but the function's writes it", async () => {
    for (const name of ["principal", "colleague", "outsider", "parent"] as const) {
      expect(statusOf((await makeFile(name)).error), name).toBe(404);
    }
    expect(statusOf((await makeFile("nobody")).error)).toBe(401);
    const outcomes = await Promise.all([makeFile("teacher"), makeFile("organiser"), makeFile("teacher")]);
    expect(outcomes.map(({ data }) => data.path)).toEqual([path(), path(), path()]);
    expect(outcomes.filter(({ data }) => data.created)).toHaveLength(1);
    const forged = new Blob(["%PDF-1.4 forged"], { type: "application/pdf" });
    const bucket = clients.teacher.storage.from("certificates");
    expect((await bucket.upload(path(), forged, { upsert: true })).error).not.toBeNull();
    expect((await bucket.upload(`${school.id}/${members.teacher.id}/other.pdf`, forged)).error).not.toBeNull();
    expect((await bucket.createSignedUrl(path(), 60)).error).not.toBeNull();
    for (const name of ["teacher", "organiser", "admin"] as const) {
      expect((await download(clients[name])).error, name).toBeNull();
    }
    for (const name of ["principal", "colleague", "outsider", "parent"] as const) {
      expect((await download(clients[name])).error, name).not.toBeNull();
    }
    const mine = clients.colleague.storage.from("certificates");
    expect((await mine.download(`${school.id}/${members.colleague.id}/${certificateId}.pdf`)).error).not.toBeNull();
  }, 60_000);

  test("prints Hebrew from right to left, with numbers, brackets and Latin inside", async () => {
    const texts = (await pdfTexts(unwrap(await download(clients.teacher)))).map(({ text }) => text);
    // The reader puts the glyphs of a line into order by itself, from right to left, so that a line drawn the other way round would
    // come out backwards; a mirrored bracket is the glyph of its counterpart.
    expect(texts).toContain("קריאה משותפת )חלק 2( עם Classroom");
    expect(texts).toContain(NAME);
    expect(texts).toContain("תעודת השתתפות");
    expect(texts.join(" ")).toMatch(/בהיקף של 3\.5 שעות, שהתקיימה ביום \d+ ב/);
    expect(texts.join(" ")).toContain(code.match(/.{4}/g)?.join("-"));
  });

  test("is verified by its code without a sign-in, and by nothing else", async () => {
    const answer = await verify(code);
    expect(answer.status).toBe(200);
    const [held] = unwrap(await service.from("certificates").select("held_on").eq("id", certificateId));
    expect(await answer.json()).toEqual({
      valid: true,
      holder: NAME,
      title: TITLE,
      hours: 3.5,
      held_on: held?.held_on,
      school: "בית ספר הרצל",
    });
    const spelled = `${code.slice(0, 4)}-${code.slice(4, 12).toLowerCase()} ${code.slice(12)}`;
    expect((await verify(spelled)).status).toBe(200);
    for (const wrong of ["", "x", `${code}0`, code.slice(1), "'; select 1; --", certificateId]) {
      const refused = await verify(wrong);
      expect([refused.status, (await refused.json()).code], wrong).toEqual([404, "not_found"]);
    }
    expect((await anonymous().from("certificates").select("id")).error?.code).toBe("42501");
    const direct = { code, client: "" } as never;
    expect((await anonymous().rpc("verify_certificate" as never, direct)).error).not.toBeNull();
    expect((await clients.teacher.rpc("verify_certificate" as never, direct)).error).not.toBeNull();
  });

  test("guessing is cut off", async () => {
    const guesses = Array.from({ length: 25 }, (_, n) => `0000000000000000${String(n).padStart(4, "0")}`);
    const statuses: number[] = [];
    for (const guess of guesses) statuses.push((await verify(guess)).status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("one's own growth record", () => {
  beforeAll(async () => {
    const { domains, id } = await school.framework();
    for (const [observer, kind, notes] of [
      ["principal", "evaluation", "פתיחה בהירה"],
      ["principal", "coaching", "בינינו בלבד"],
    ] as const) {
      const observation = await school.observation(members.teacher, members[observer], {
        status: "submitted",
        kind,
        notes,
      });
      const rating = {
        school_id: school.id,
        observation_id: observation.id,
        framework_id: id,
        domain_id: String(domains[0]),
        level: 3,
      };
      unwrap(await service.from("observation_ratings").insert(rating).select("id"));
    }
    await school.observation(members.teacher, members.principal, { status: "draft", notes: "טיוטה" });
    await school.observation(members.colleague, members.principal, { status: "submitted", notes: "של אחרת" });
  }, 60_000);

  test("has what was submitted, coaching marked, trainings, certificates and hours, and is logged as an export", async () => {
    const { data, error } = await exported(clients.teacher);
    expect(error).toBeNull();
    expect(data.holder).toEqual({ name: NAME, roles: ["teacher"] });
    expect(data.observations.map((o: { kind: string; coaching: boolean }) => [o.kind, o.coaching]).sort()).toEqual([
      ["coaching", true],
      ["evaluation", false],
    ]);
    const [rating] = data.observations[0].ratings;
    expect(rating).toMatchObject({ domain: "Planning and preparation", level: 3, level_name: "Skilled" });
    expect(data.trainings).toMatchObject([{ title: TITLE, hours: 3.5, registration_status: "attended" }]);
    expect(data.certificates).toMatchObject([{ verification_code: code }]);
    expect(data.pd_hours).toMatchObject([{ hours: 3.5, status: "approved", credited_by_training: true }]);
    expect(JSON.stringify(data)).not.toMatch(/טיוטה|של אחרת/);
    for (const client of [clients.teacher, clients.admin]) {
      const trail = unwrap(await client.rpc("audit_trail", { school_id: school.id, row_id: members.teacher.id }));
      const exports = trail.filter((entry) => entry.action === "EXPORT");
      expect(exports).toMatchObject([{ role: "teacher", details: { what: "growth record", format: "json" } }]);
    }
  });

  test("is a PDF in Hebrew from right to left, and in English when asked", async () => {
    const hebrew = unwrap(await exported(clients.teacher, { format: "pdf" })) as Blob;
    expect(hebrew.type).toBe("application/pdf");
    const texts = await pdfTexts(hebrew);
    const all = texts.map(({ text }) => text).join(" ");
    for (const word of ["תצפיות", "השתלמויות", "תעודות", "ליווי אישי", "פתיחה בהירה"]) expect(all).toContain(word);
    const heading = texts.find(({ text }) => text.includes("תיק התפתחות מקצועית"));
    expect(heading?.x).toBeGreaterThan(300);
    const english = await pdfTexts(unwrap(await exported(clients.teacher, { format: "pdf", language: "en" })) as Blob);
    const title = english.find(({ text }) => text.includes("Growth record"));
    expect(title?.x).toBeLessThan(60);
    expect(english.map(({ text }) => text).join(" ")).toContain("Coaching – seen by its two participants alone");
  });

  test("is nobody else's: another's school, a parent and a stranger get nothing, and nobody names a person", async () => {
    for (const name of ["outsider", "parent"] as const) {
      expect(statusOf((await exported(clients[name])).error), name).toBe(404);
    }
    expect(statusOf((await exported(anonymous())).error)).toBe(401);
    const named = await exported(clients.admin, { membership_id: members.teacher.id });
    expect(statusOf(named.error)).toBe(400);
    const office = unwrap(await exported(clients.admin));
    expect(office).toMatchObject({ observations: [], certificates: [], pd_hours: [] });
    const format = await clients.teacher.rpc("my_growth_record", { school_id: school.id, format: "xml" });
    expect(format.error).toMatchObject({ code: "PT422", hint: "A format is json or pdf." });
  });
});
