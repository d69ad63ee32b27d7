import { beforeAll, describe, expect, test } from "vitest";
import { type Client, freshSignIn } from "../../support/clients.ts";
import { followMail } from "../../support/follow-mail.ts";
import { unwrap } from "../../support/unwrap.ts";
import { between, weekdayOf } from "./days.ts";
import { Ledger } from "./ledger.ts";
import { takeRegisters } from "./registers.ts";
import { CLASSES, PER_CLASS, SchoolOfSixHundred, TEACHERS } from "./school.ts";
import { daysOfTerm, makeTimetable } from "./timetable.ts";

// One school through one year, by supabase-js alone, as the people concerned. Each test goes on where the last one ended.
let year: SchoolOfSixHundred;
let of: { school_id: string };
const ledger = new Ledger();
const moved = new Map<number, { from: number; to: number; on: string }>();
let father: { membershipId: string; client: Client };

beforeAll(async () => {
  year = await SchoolOfSixHundred.open();
  of = { school_id: year.school.id };
});

const MONTH = 29;
let holiday: string;
let makeUp: string;

/** Who sat in a class on a day, by the moves that the test made. */
const roll = (classId: string, day: string) =>
  year.students
    .map((_, student) => student)
    .filter((student) => {
      const move = moved.get(student);
      const at = move === undefined ? Math.floor(student / PER_CLASS) : day < move.on ? move.from : move.to;
      return year.classes[at] === classId;
    });

const count = async (client: Client, table: "attendance_entries" | "enrollments" | "students") => {
  const answer = await client.from(table).select("id", { count: "exact", head: true }).eq("school_id", of.school_id);
  return answer.count;
};

const summary = async (client: Client, more: object = {}) => {
  const range = { ...of, from_day: year.day(-60), to_day: year.today, ...more };
  return unwrap(await client.rpc("attendance_summary", range));
};

test("the office sets up years, classes, thirty invited teachers and six hundred students", async () => {
  await year.setUpYears();
  await year.inviteTeachers();
  await year.enrollStudents();
  expect(new Set(year.teachers.map(({ membershipId }) => membershipId)).size).toBe(TEACHERS);
  expect(await count(year.office, "students")).toBe(CLASSES * PER_CLASS);
  expect(await count(year.office, "enrollments")).toBe(CLASSES * PER_CLASS);
  const rolls = await year.office.from("enrollments").select("roll_number").eq("class_id", String(year.classes[0]));
  const numbers = unwrap(rolls).map(({ roll_number }) => Number(roll_number));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: PER_CLASS }, (_, n) => n + 1));
}, 120_000);

test("a term of timetable becomes the sessions of the days on which there is school", async () => {
  const past = between(year.day(-25), year.day(-3));
  holiday = String(past.find((day) => weekdayOf(day) === 2));
  makeUp = String(past.find((day) => weekdayOf(day) === 5));
  const days = daysOfTerm(year, holiday, makeUp);
  expect(await makeTimetable(year, holiday, makeUp)).toBe(days.length * CLASSES * 2);
  expect(unwrap(await year.office.rpc("generate_sessions", { ...of, term_id: year.term }))).toBe(0);
  const first = year.office.from("class_sessions").select("starts_at").eq("class_id", String(year.classes[0]));
  for (const { starts_at } of unwrap(await first)) {
    const hour = new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone: "Asia/Jerusalem" });
    expect([8, 9]).toContain(Number(hour.format(new Date(starts_at))));
  }
}, 60_000);

test("thirty teachers take half a month of registers at once; pupils move; they take the other half", async () => {
  const middle = -15;
  const halves = [await takeRegisters(year, ledger, roll, year.day(-MONTH), year.day(middle - 1))];
  const current = await year.office.from("enrollments").select("id, student_id").eq("school_id", of.school_id);
  const enrollments = new Map(unwrap(current).map(({ id, student_id }) => [student_id, id]));
  for (const [student, to] of [
    [3, 1],
    [77, 2],
    [130, 4],
    [401, 17],
  ] as const) {
    const on = year.day(middle);
    const enrollment_id = String(enrollments.get(String(year.students[student])));
    const move = { ...of, enrollment_id, class_id: String(year.classes[to]), on_date: on };
    unwrap(await year.office.rpc("transfer_student", move));
    moved.set(student, { from: Math.floor(student / PER_CLASS), to, on });
  }
  halves.push(await takeRegisters(year, ledger, roll, year.day(middle), year.day(-1)));
  const days = daysOfTerm(year, holiday, makeUp).filter((day) => day >= year.day(-MONTH) && day < year.today);
  expect(halves.reduce((sum, half) => sum + half)).toBe(days.length * CLASSES * 2);
  expect(await count(year.office, "attendance_entries")).toBe(ledger.entries);
}, 240_000);

describe("every total agrees with the test's own", () => {
  test("of the whole school, for its office", async () => {
    const rows = await summary(year.office);
    const expected = year.students.map((id) => ledger.total(id));
    const sort = (totals: { student_id: string }[]) =>
      totals.toSorted((a, b) => (a.student_id < b.student_id ? -1 : 1));
    expect(sort(rows).map((row) => ({ ...row, rate: null }))).toEqual(
      sort(expected).map((row) => ({ ...row, rate: null })),
    );
    const rates = new Map(rows.map(({ student_id, rate }) => [student_id, rate]));
    for (const { student_id, rate } of expected) expect(rates.get(student_id)).toBeCloseTo(Number(rate), 12);
    expect(rows.filter(({ chronic }) => chronic).length).toBeGreaterThanOrEqual((CLASSES * PER_CLASS) / 40);
    expect(rows.some(({ chronic }) => !chronic)).toBe(true);
  }, 60_000);

  test("of a class, for its teacher, who sees no other", async () => {
    const rows = await summary(year.teacher(1).client);
    const seats = new Set(roll(String(year.classes[1]), year.today).map((student) => year.students[student]));
    expect(new Set(rows.map(({ student_id }) => student_id))).toEqual(seats);
    const joined = rows.find(({ student_id }) => student_id === year.students[3]);
    // Of who came in the middle of the month, the class's teacher counts the days in the class.
    expect(joined?.days).toBeLessThan(ledger.total(String(year.students[3])).days);
  }, 60_000);
});

test("a guardian sees own children, until a legal block; the office reads what had been seen", async () => {
  const people = ["mother", "father"].map((name) => ({
    email: `${name}.${year.school.code.toLowerCase()}@people.example.test`,
    full_name: name,
    role: "parent",
  }));
  const invited = unwrap(await year.office.rpc("invite_people", { ...of, people }));
  for (const { membership_id } of invited) {
    const bonds = [5, 6].map((n) => ({ ...of, student_id: String(year.students[n]), guardian_id: membership_id }));
    unwrap(await year.office.from("guardianships").insert(bonds).select("id"));
  }
  const membershipId = String(invited.find(({ email }) => email.startsWith("father"))?.membership_id);
  const { data } = await year.office.functions.invoke("people/invitations", { body: { ...of, people } });
  expect(data).toMatchObject([{ mail: "sent" }, { mail: "sent" }]);
  const client = await followMail(String(people[1]?.email));
  father = { membershipId, client };
  unwrap(await client.rpc("session_start", of));
  const family = unwrap(await client.rpc("family_overview"));
  expect(family).toHaveLength(2);
  for (const { student_id, days, absent_days } of family) {
    expect(ledger.total(student_id)).toMatchObject({ days, absent_days });
  }
  const block = { ...of, student_id: String(year.students[5]), membership_id: membershipId, reason: "צו" };
  unwrap(await year.office.from("guardianship_blocks").insert(block).select("id"));
  expect(unwrap(await client.rpc("family_overview")).map(({ student_id }) => student_id)).toEqual([year.students[6]]);
  const entries = await client.from("attendance_entries").select("student_id").eq("student_id", block.student_id);
  expect(unwrap(entries)).toEqual([]);
  const report = { ...of, student_id: block.student_id, membership_id: membershipId };
  const seen = unwrap(await year.office.rpc("guardian_access_report", report));
  expect(seen).toMatchObject({ guardianships: [{ sees_attendance: true }], blocks: [{}], sessions: [{}] });
}, 60_000);

test("two offices promote the year at once and one does; everybody is where the plan said; it is undone", async () => {
  const repeater = String(year.students[30]);
  const choices = { [repeater]: { action: "repeat" } };
  const years = { ...of, from_year_id: year.years.now, to_year_id: year.years.next, choices };
  const plan = unwrap(await year.office.rpc("preview_promotion", years));
  expect(plan).toHaveLength(CLASSES * PER_CLASS);
  expect(plan.filter(({ problem }) => problem !== null)).toEqual([]);
  const both = await Promise.all(
    [year.office, year.secondOffice].map((office) => office.rpc("promote_students", years)),
  );
  const [done] = both.filter(({ error }) => error === null);
  expect(both.map(({ error }) => error?.code ?? "done").sort()).toEqual(["PT409", "done"]);
  const leaving = 2 * PER_CLASS;
  expect(done?.data).toMatchObject({ graduated: leaving, repeated: 1, promoted: CLASSES * PER_CLASS - leaving - 1 });
  const sizes = year.nextClasses.map(async (class_id) => {
    const rows = year.office.from("enrollments").select("id", { count: "exact", head: true }).eq("class_id", class_id);
    return (await rows).count;
  });
  const planned = year.nextClasses.map((id) => plan.filter(({ to_class_id }) => to_class_id === id).length);
  expect(await Promise.all(sizes)).toEqual(planned);
  const graduates = year.office.from("students").select("id", { count: "exact", head: true }).eq("status", "graduated");
  expect((await graduates).count).toBe(leaving);

  unwrap(await year.office.rpc("undo_promotion", { ...of, promotion_id: String(done?.data?.id) }));
  expect(await count(year.office, "enrollments")).toBe(CLASSES * PER_CLASS + moved.size);
  const enrolled = year.office.from("students").select("id", { count: "exact", head: true }).eq("status", "enrolled");
  expect((await enrolled).count).toBe(CLASSES * PER_CLASS);
  expect(await count(year.office, "attendance_entries")).toBe(ledger.entries);
}, 120_000);

test("what the office has ended is over for whoever was signed in", async () => {
  unwrap(await year.office.rpc("end_membership", { ...of, membership_id: father.membershipId }));
  expect(unwrap(await father.client.from("students").select("id"))).toEqual([]);
  const teacher = year.teacher(29);
  const again = await freshSignIn(String((await year.office.auth.getUser()).data.user?.email));
  unwrap(await again.rpc("end_membership", { ...of, membership_id: teacher.membershipId }));
  expect(unwrap(await teacher.client.from("class_sessions").select("id").limit(1))).toEqual([]);
});
