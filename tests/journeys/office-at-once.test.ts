import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { type Call, Overlap } from "../support/overlap.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Joined = Awaited<ReturnType<FreshSchool["join"]>>;

let overlap: Overlap;
let school: FreshSchool;
let people: Record<"office" | "registry" | "teacher", Joined>;

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  overlap = await Overlap.open();
});
afterAll(() => overlap.close());

/** A school with a class in each of two years. */
async function twoYears() {
  school = await FreshSchool.create();
  people = {
    office: await school.join("office", "admin"),
    registry: await school.join("registry", "admin"),
    teacher: await school.join("teacher", "teacher"),
  };
  const years = {
    now: await school.year("NOW", day(-50), day(50)),
    next: await school.year("NEXT", day(51), day(300)),
  };
  const level = unwrap(
    await service.from("grade_levels").select("id").eq("school_id", school.id).eq("code", "P2").single(),
  );
  const now = await school.homeroom(years.now, "P1-1");
  const next = await school.homeroom(years.next, "P2-1", { grade_level_id: level.id });
  return { years, now, next };
}

const enroll = (who: Joined, class_id: string, student: { id: string }, on: string): Call => [
  who,
  "select public.enroll_students($1, $2, $3, $4)",
  school.id,
  class_id,
  [student.id],
  on,
];
const moveEnd = (who: Joined, year: string, to: string): Call => [
  who,
  "update public.academic_years set ends_on = $2 where id = $1",
  year,
  to,
];

describe("enrolling", () => {
  test("finds the year's end moved, and is found by who moves it", async () => {
    const { years, now, next } = await twoYears();
    const [first, second] = [await school.student(), await school.student()];
    const ends = async (class_id: string) =>
      unwrap(await service.from("enrollments").select("ends_on").eq("class_id", class_id));
    const shorter = moveEnd(people.registry, years.now, day(40));
    expect(await overlap.of(enroll(people.office, now, first, day(-50)), shorter)).toEqual(["done", "done"]);
    expect(await ends(now)).toEqual([{ ends_on: day(40) }]);
    const other = enroll(people.registry, next, second, day(51));
    expect(await overlap.of(moveEnd(people.office, years.next, day(200)), other)).toEqual(["done", "done"]);
    expect(await ends(next)).toEqual([{ ends_on: day(200) }]);
  });

  test("does not pass a student by who is being removed", async () => {
    const { now } = await twoYears();
    const student = await school.student();
    const remove: Call = [people.office, "select public.remove('students', $1, $2)", school.id, student.id];
    expect(await overlap.of(remove, enroll(people.registry, now, student, day(0)))).toEqual(["done", "PT404"]);
    const other = await school.student();
    const removeOther: Call = [people.registry, "select public.remove('students', $1, $2)", school.id, other.id];
    expect(await overlap.of(enroll(people.office, now, other, day(0)), removeOther)).toEqual(["done", "23503"]);
  });

  test("counts a student who is named twice once", async () => {
    const { years } = await twoYears();
    const class_id = await school.homeroom(years.now, "SMALL", { capacity: 1 });
    const student = await school.student();
    const twice: Call = [
      people.office,
      "select public.enroll_students($1, $2, array[$3, $3]::uuid[], $4)",
      school.id,
      class_id,
      student.id,
      day(0),
    ];
    const another = enroll(people.registry, class_id, await school.student(), day(0));
    expect(await overlap.of(twice, another)).toEqual(["done", "PT409"]);
  });
});

describe("promotion", () => {
  const promote = (who: Joined, years: { now: string; next: string }): Call => [
    who,
    "select public.promote_students($1, $2, $3)",
    school.id,
    years.now,
    years.next,
  ];
  const reasons = async (class_id: string) =>
    unwrap(await service.from("enrollments").select("end_reason").eq("class_id", class_id).order("roll_number"));

  test("takes along who is being enrolled, and leaves who is leaving", async () => {
    const { years, now, next } = await twoYears();
    const [stays, comes, leaves] = [await school.student(), await school.student(), await school.student()];
    const [first, , third] = [stays, comes, leaves];
    await overlap.of(enroll(people.office, now, first, day(-50)), enroll(people.registry, now, third, day(-50)));
    const { id } = unwrap(await service.from("enrollments").select("id").eq("student_id", leaves.id).single());
    const end: Call = [people.office, "select public.end_enrollment($1, $2, $3, 'left')", school.id, id, day(0)];
    expect(await overlap.of(end, promote(people.registry, years))).toEqual(["done", "done"]);
    expect(await reasons(now)).toEqual([{ end_reason: "promoted" }, { end_reason: "left" }]);
    expect(unwrap(await service.from("enrollments").select("student_id").eq("class_id", next))).toEqual([
      { student_id: stays.id },
    ]);
    const [promotion] = unwrap(await service.from("promotions").select("id").eq("school_id", school.id));
    const undo: Call = [people.office, "select public.undo_promotion($1, $2)", school.id, promotion?.id];
    expect(await overlap.of(undo, undo)).toEqual(["done", "PT404"]);
    expect(await overlap.of(enroll(people.office, now, comes, day(-50)), promote(people.registry, years))).toEqual([
      "done",
      "done",
    ]);
    expect(await reasons(now)).toEqual([
      { end_reason: "promoted" },
      { end_reason: "left" },
      { end_reason: "promoted" },
    ]);
  });

  test("has who is enrolled beside it wait, and stay behind", async () => {
    const { years, now } = await twoYears();
    const [first, late] = [await school.student(), await school.student()];
    await overlap.of(enroll(people.office, now, first, day(-50)), moveEnd(people.registry, years.next, day(290)));
    const answers = await overlap.of(promote(people.office, years), enroll(people.registry, now, late, day(-50)));
    expect(answers).toEqual(["done", "done"]);
    expect(await reasons(now)).toEqual([{ end_reason: "promoted" }, { end_reason: null }]);
  });
});

describe("a register", () => {
  async function held() {
    const { now } = await twoYears();
    const student = await school.student();
    const hours = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString();
    const times = { day: hours(-1).slice(0, 10), starts_at: hours(-1), ends_at: hours(-0.5) };
    const session = { school_id: school.id, class_id: now, teacher_id: people.teacher.membership.id, ...times };
    const { id } = unwrap(await service.from("class_sessions").insert(session).select("id").single());
    await overlap.of(enroll(people.office, now, student, day(-50)), enroll(people.registry, now, student, day(-50)));
    const entries = (status: string) => JSON.stringify([{ student_id: student.id, status }]);
    const mark = (status: string): Call => [
      people.teacher,
      "select public.mark_attendance($1, $2, $3)",
      school.id,
      id,
      entries(status),
    ];
    const override: Call = [
      people.office,
      "select public.override_attendance($1, $2, $3, 'excused', 'At the doctor''s')",
      school.id,
      id,
      student.id,
    ];
    const cancel: Call = [people.registry, "select public.change_session($1, $2, 'cancelled')", school.id, id];
    const entry = async () =>
      unwrap(await service.from("attendance_entries").select("status").eq("session_id", id).maybeSingle());
    return { mark, override, cancel, entry };
  }

  test("does not undo an override that is being made", async () => {
    const { mark, override, entry } = await held();
    expect(await overlap.of(mark("present"), mark("unexcused"))).toEqual(["done", "done"]);
    expect(await overlap.of(override, mark("late"))).toEqual(["done", "done"]);
    expect(await entry()).toEqual({ status: "excused" });
  });

  test("does not go on under a session that is being cancelled, nor is that cancelled under an override", async () => {
    const one = await held();
    expect(await overlap.of(one.override, one.cancel)).toEqual(["done", "PT404"]);
    const other = await held();
    expect(await overlap.of(other.cancel, other.override)).toEqual(["done", "PT404"]);
    const third = await held();
    expect(await overlap.of(third.mark("late"), third.cancel)).toEqual(["done", "PT404"]);
  });
});

test("an announcement that is sent twice at once is one, and both are told so", async () => {
  await twoYears();
  const audiences = JSON.stringify([{ scope: "school" }]);
  const values = [school.id, audiences, randomUUID()];
  const announce: Call = [
    people.office,
    "select public.announce($1, 'Trip', 'Bring a hat', $2, null, null, $3)",
    ...values,
  ];
  expect(await overlap.of(announce, announce)).toEqual(["done", "done"]);
  expect(unwrap(await service.from("announcements").select("id").eq("school_id", school.id))).toHaveLength(1);
});

test("a name to sign in with goes to one of two students", async () => {
  await twoYears();
  const [first, second] = [await school.student(), await school.student()];
  const name = (who: Joined, { id }: { id: string }): Call => [
    who,
    "select public.prepare_sign_in($1, $2, 'dana.l')",
    school.id,
    id,
  ];
  expect(await overlap.of(name(people.office, first), name(people.registry, second))).toEqual(["done", "PT409"]);
  expect(await overlap.of(name(people.office, first), name(people.registry, first))).toEqual(["done", "done"]);
});
