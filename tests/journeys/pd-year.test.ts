import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { publishedTraining, shiftTraining, type Training } from "../support/training.ts";
import { unwrap } from "../support/unwrap.ts";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

let school: FreshSchool;
let yearId: string;
let pedagogy: string;
let subject: string;
let training: Training;
const members = {} as Record<Name, Membership>;
const clients = {} as Record<Name, Client>;
type Name = "admin" | "principal" | "leader" | "teacher" | "colleague" | "stranger" | "outsider";

const at = () => ({ school_id: school.id, training_event_id: training.id });
const claim = (name: Name, more: Record<string, unknown> = {}) => ({
  school_id: school.id,
  membership_id: members[name].id,
  activity: "A book on feedback",
  done_on: day(-3),
  hours: 2,
  ...more,
});
const summary = async (name: Name, membership?: Membership) =>
  unwrap(
    await clients[name].rpc("pd_summary", {
      school_id: school.id,
      ...(membership ? { membership_id: membership.id } : {}),
    }),
  );

beforeAll(async () => {
  school = await FreshSchool.create();
  const math = await school.department("MATH");
  const people = {
    admin: await school.join("pd-admin", "admin"),
    principal: await school.join("pd-principal", "leader"),
    leader: await school.join("pd-leader", "leader", { team_scope: "department", department_id: math }),
    teacher: await school.join("pd-teacher", "teacher", { department_id: math }),
    colleague: await school.join("pd-colleague", "teacher", { department_id: math }),
    stranger: await school.join("pd-stranger", "teacher"),
    outsider: await (await FreshSchool.create()).join("pd-outsider", "admin"),
  };
  for (const [name, { membership, email }] of Object.entries(people)) {
    members[name as Name] = membership;
    clients[name as Name] = await signIn(email);
  }
  yearId = await school.year("NOW", day(-200), day(150));
  unwrap(await service.from("academic_years").update({ is_current: true }).eq("id", yearId).select("id"));
  const categories = unwrap(await service.from("pd_categories").select("id, code").eq("school_id", school.id));
  pedagogy = String(categories.find(({ code }) => code === "PEDAGOGY")?.id);
  subject = String(categories.find(({ code }) => code === "SUBJECT")?.id);
}, 60_000);

describe("a year of professional development", () => {
  test("the office asks thirty hours of teachers, ten of them in pedagogy", async () => {
    const asked = { school_id: school.id, academic_year_id: yearId, role: "teacher" };
    const rows = [
      { ...asked, category_id: null, hours: 30 },
      { ...asked, category_id: pedagogy, hours: 10 },
    ];
    expect((await clients.admin.from("pd_requirements").insert(rows)).error).toBeNull();
    expect((await clients.admin.from("pd_requirements").insert(rows.slice(0, 1))).error?.code).toBe("23505");
    for (const name of ["leader", "teacher", "outsider"] as const) {
      const more = { ...asked, role: "leader", hours: 1 };
      expect((await clients[name].from("pd_requirements").insert(more)).error?.code, name).toBe("42501");
    }
    expect(await summary("teacher")).toEqual([
      expect.objectContaining({ membership: members.teacher.id, required: 30, approved: 0, pending: 0, missing: 30 }),
    ]);
  });

  test("a training is registered for within its window, once, and by those who may", async () => {
    training = await publishedTraining(school, members.leader, clients.leader, {
      category_id: pedagogy,
      registration_opens_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const register = (name: Name) => clients[name].rpc("register_for_training", at());
    const early = await register("teacher");
    expect(early.error).toMatchObject({ code: "PT422", message: "Cannot register for the training" });
    expect(early.error?.hint).toMatch(/^Registration opens at \d{4}-/);
    const open = { registration_opens_at: null, registration_closes_at: new Date(Date.now() - 60_000).toISOString() };
    expect((await clients.leader.from("training_events").update(open).eq("id", training.id)).error).toBeNull();
    expect((await register("teacher")).error).toMatchObject({ code: "PT422", hint: "Registration has closed." });
    await clients.leader.from("training_events").update({ registration_closes_at: null }).eq("id", training.id);
    for (const name of ["outsider", "admin", "principal"] as const) {
      expect((await register(name)).error?.code, name).toBe("PT404");
    }
    // Twice at once is once.
    const outcomes = await Promise.all([register("teacher"), register("teacher"), register("colleague")]);
    expect(outcomes.map(({ error }) => error?.code).filter(Boolean)).toEqual(["PT409"]);
    expect((await register("teacher")).error).toMatchObject({
      code: "PT409",
      hint: "This person is registered for it or waits already.",
    });
    // The organiser may seat somebody; nobody else may.
    const other = { ...at(), membership_id: members.stranger.id };
    expect((await clients.teacher.rpc("register_for_training", other)).error?.code).toBe("PT404");
    expect((await clients.leader.rpc("register_for_training", other)).data?.status).toBe("registered");
  });

  test("whoever is there checks in by the code in the room, which nobody who takes part can read", async () => {
    const check = (name: Name, code: string) => clients[name].rpc("check_in_to_training", { ...at(), code });
    const code = unwrap(await clients.leader.rpc("training_code", at()));
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/);
    for (const name of ["teacher", "principal", "outsider"] as const) {
      expect((await clients[name].rpc("training_code", at())).error?.code, name).toBe("PT404");
    }
    expect((await check("teacher", code)).error?.code).toBe("PT422");
    await shiftTraining(training, -1);
    expect((await check("teacher", "WRONG")).data).toEqual({ checked_in: false, tries_left: 4 });
    expect((await check("teacher", ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `)).data).toMatchObject({
      checked_in: true,
    });
    expect((await check("teacher", "WRONG")).data).toMatchObject({ checked_in: true });
    // Five wrong codes, however many at once, and the right one helps no more.
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, n) => check("stranger", `GUESS${n}`)));
    expect(guesses.filter(({ data }) => data).map(({ data }) => data)).toHaveLength(5);
    expect((await check("stranger", code)).error).toMatchObject({ code: "PT422" });
  });

  test("its organiser marks who was there, and completes it once it is over", async () => {
    const rows = unwrap(
      await clients.leader.from("training_registrations").select().eq("training_event_id", training.id),
    );
    const of = (name: Name) => String(rows.find((row) => row.membership_id === members[name].id)?.id);
    const marks = [
      { registration_id: of("colleague"), attended: true },
      { registration_id: of("stranger"), attended: false },
    ];
    for (const name of ["teacher", "principal", "outsider"] as const) {
      const forged = await clients[name].rpc("mark_training_attendance", { ...at(), marks });
      expect(forged.error?.code, name).toBe("PT404");
    }
    expect((await clients.leader.rpc("mark_training_attendance", { ...at(), marks })).data).toBe(2);
    expect((await clients.leader.rpc("complete_training", at())).error?.code).toBe("PT404");
    await shiftTraining(training, -4);
    const outcomes = await Promise.all([1, 2, 3].map(() => clients.leader.rpc("complete_training", at())));
    expect(outcomes.map(({ error }) => error?.code ?? "held").sort()).toEqual(["PT404", "PT404", "held"]);
    const certificates = unwrap(await clients.leader.from("certificates").select("membership_id"));
    expect(certificates.map((row) => row.membership_id).sort()).toEqual(
      [members.teacher.id, members.colleague.id].sort(),
    );
  });

  test("attending it is credited once, and no claim counts the same hours again", async () => {
    const hours = unwrap(await clients.teacher.from("pd_hours").select("activity, hours, status, category_id"));
    expect(hours).toEqual([{ activity: training.title, hours: 3, status: "approved", category_id: pedagogy }]);
    const held = unwrap(await service.from("certificates").select("held_on").eq("membership_id", members.teacher.id));
    const same = claim("teacher", { activity: " reading  TOGETHER", done_on: held[0]?.held_on, hours: 3 });
    expect((await clients.teacher.from("pd_hours").insert(same)).error).toMatchObject({
      code: "PT409",
      message: "Cannot record the hours",
      hint: "They are those of a training that was attended that day, which is credited by itself.",
    });
    expect(await summary("teacher")).toMatchObject([{ required: 30, approved: 3, pending: 0, missing: 27 }]);
  });

  test("a claim is for a day past and for at most 24 hours a day, also at once", async () => {
    const insert = (more: Record<string, unknown>) => clients.teacher.from("pd_hours").insert(claim("teacher", more));
    const refused = async (more: Record<string, unknown>, hint: string) => {
      const { error } = await insert(more);
      expect(error).toMatchObject({ code: "PT422", message: "Cannot record the hours", hint });
    };
    await refused({ done_on: day(2) }, "The day is still to come.");
    await refused({ hours: 24.5 }, "A claim is of more than 0 and at most 24 hours.");
    await refused({ hours: 0 }, "A claim is of more than 0 and at most 24 hours.");
    const parts = Array.from({ length: 8 }, (_, n) => ({ activity: `Part ${n}`, done_on: day(-40), hours: 5 }));
    const outcomes = await Promise.all(parts.map((part) => insert(part)));
    expect(outcomes.filter(({ error }) => !error)).toHaveLength(4);
    for (const { error } of outcomes.filter((outcome) => outcome.error)) {
      expect(error).toMatchObject({
        code: "PT422",
        hint: "With what is recorded for that day already it would be over 24 hours.",
      });
    }
    const grown = await clients.teacher.from("pd_hours").update({ hours: 10 }).eq("done_on", day(-40)).select();
    expect(grown.error?.code).toBe("PT422");
    await clients.teacher.from("pd_hours").delete().eq("done_on", day(-40));
    // Somebody else's hours are no oracle: not even their sum shows in how a forged claim is refused.
    for (const hours of [1, 24]) {
      const forged = await clients.colleague.from("pd_hours").insert(claim("teacher", { hours }));
      expect(forged.error?.code).toBe("42501");
    }
  });

  test("the team's leader approves, nobody their own, and many hours need two people", async () => {
    const small = unwrap(
      await clients.teacher
        .from("pd_hours")
        .insert(claim("teacher", { category_id: subject }))
        .select()
        .single(),
    );
    const path = `${school.id}/${small.id}/receipt.pdf`;
    const file = new Blob(["%PDF-1.4"], { type: "application/pdf" });
    const put = (name: Name, to = path) => clients[name].storage.from("pd-evidence").upload(to, file);
    expect((await put("colleague")).error).not.toBeNull();
    expect((await put("teacher")).error).toBeNull();
    expect((await clients.leader.storage.from("pd-evidence").download(path)).error).toBeNull();
    for (const name of ["colleague", "stranger", "outsider"] as const) {
      expect((await clients[name].storage.from("pd-evidence").download(path)).error, name).not.toBeNull();
    }
    const approve = (name: Name, id: string, as_of?: string) =>
      clients[name].rpc("approve_pd_hours", { school_id: school.id, pd_hour_id: id, ...(as_of ? { as_of } : {}) });
    for (const name of ["teacher", "colleague", "outsider"] as const) {
      expect((await approve(name, small.id)).error?.code, name).toBe("PT404");
    }
    const changed = await clients.teacher.from("pd_hours").update({ hours: 4 }).eq("id", small.id).select().single();
    expect((await approve("leader", small.id, small.updated_at)).error?.code).toBe("PT404");
    const outcomes = await Promise.all([
      approve("leader", small.id, String(changed.data?.updated_at)),
      approve("principal", small.id),
      approve("admin", small.id),
    ]);
    expect(outcomes.filter(({ error }) => !error)).toHaveLength(1);
    expect((await put("teacher", `${school.id}/${small.id}/late.pdf`)).error).not.toBeNull();
    const later = await clients.teacher.from("pd_hours").update({ hours: 20 }).eq("id", small.id).select();
    expect(later.data).toEqual([]);

    const course = claim("teacher", { activity: "Summer course", done_on: day(-60), hours: 12 });
    const large = unwrap(await clients.teacher.from("pd_hours").insert(course).select().single());
    expect((await approve("leader", large.id)).data).toMatchObject({ status: "endorsed", approver_id: null });
    expect((await approve("leader", large.id)).error?.code).toBe("PT404");
    expect((await approve("principal", large.id)).data).toMatchObject({
      status: "approved",
      endorser_id: members.leader.id,
      approver_id: members.principal.id,
    });
  });

  test("what is returned says why, counts no longer, and comes back corrected", async () => {
    const row = claim("teacher", { activity: "A talk", done_on: day(-10), hours: 6 });
    const talk = unwrap(await clients.teacher.from("pd_hours").insert(row).select().single());
    const of = { school_id: school.id, pd_hour_id: talk.id };
    expect((await clients.leader.rpc("return_pd_hours", { ...of, reason: " " })).error?.code).toBe("PT422");
    expect((await clients.colleague.rpc("return_pd_hours", { ...of, reason: "No" })).error?.code).toBe("PT404");
    const back = await clients.leader.rpc("return_pd_hours", { ...of, reason: "Which talk?" });
    expect(back.data).toMatchObject({ status: "returned", return_reason: "Which talk?" });
    const notices = unwrap(await clients.teacher.from("notifications").select("kind").eq("row_id", talk.id));
    expect(notices).toEqual([{ kind: "pd_hours_returned" }]);
    await clients.teacher.from("pd_hours").update({ note: "On feedback", hours: 5 }).eq("id", talk.id);
    expect((await clients.colleague.rpc("resubmit_pd_hours", of)).error?.code).toBe("PT404");
    expect((await clients.teacher.rpc("resubmit_pd_hours", of)).data).toMatchObject({ status: "pending", hours: 5 });
  });

  test("the summary is right for the person, the team and the school", async () => {
    const [own] = await summary("teacher");
    expect(own).toMatchObject({ role: "teacher", required: 30, approved: 3 + 4 + 12, pending: 5, missing: 11 });
    expect(own?.categories).toEqual([
      expect.objectContaining({ code: "PEDAGOGY", required: 10, approved: 3, pending: 0, missing: 7 }),
      expect.objectContaining({ code: "SUBJECT", required: 0, approved: 4, pending: 0, missing: 0 }),
      expect.objectContaining({ code: null, required: 0, approved: 12, pending: 5, missing: 0 }),
    ]);
    const seen = async (name: Name) => (await summary(name)).map((row) => row.membership).sort();
    const ids = (...names: Name[]) => names.map((name) => members[name].id).sort();
    expect(await seen("colleague")).toEqual(ids("colleague"));
    expect(await seen("leader")).toEqual(ids("leader", "teacher", "colleague"));
    const all = ids("admin", "principal", "leader", "teacher", "colleague", "stranger");
    expect(await seen("principal")).toEqual(all);
    expect(await seen("admin")).toEqual(all);
    expect(await seen("outsider")).toEqual([]);
    expect(await summary("leader", members.stranger)).toEqual([]);
  });

  test("an attendance that is corrected takes certificate and hours back", async () => {
    const [row] = unwrap(
      await clients.leader.from("training_registrations").select("id").eq("membership_id", members.colleague.id),
    );
    const marks = [{ registration_id: row?.id, attended: false }];
    expect((await clients.leader.rpc("mark_training_attendance", { ...at(), marks })).data).toBe(1);
    expect(unwrap(await clients.colleague.from("pd_hours").select("id"))).toEqual([]);
    const [certificate] = unwrap(await clients.colleague.from("certificates").select("revoked_at"));
    expect(certificate?.revoked_at).not.toBeNull();
    const again = [{ registration_id: row?.id, attended: true }];
    expect((await clients.leader.rpc("mark_training_attendance", { ...at(), marks: again })).data).toBe(1);
    expect(unwrap(await clients.colleague.from("pd_hours").select("hours"))).toEqual([{ hours: 3 }]);
    expect(unwrap(await clients.colleague.from("certificates").select("id").is("revoked_at", null))).toHaveLength(1);
  });
});
