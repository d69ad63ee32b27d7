import { beforeAll, expect, test } from "vitest";
import { type Client, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

let school: FreshSchool;
let office: Client;
let secondOffice: Client;
let teacher: { email: string; membership: Membership };
let mother: { email: string; membership: Membership };
let students: string[];
let years: { now: string; next: string };
let classes: { first: string; second: string; above: string };

beforeAll(async () => {
  school = await FreshSchool.create();
  office = await signIn((await school.join("office", "admin")).email);
  secondOffice = await signIn((await school.join("second-office", "admin")).email);
  teacher = await school.join("teacher", "teacher");
  mother = await school.join("mother", "parent");
});

test("an office sets a year up, and only once", async () => {
  const year = (code: string, from: number, to: number) => ({
    school_id: school.id,
    code,
    name: code,
    starts_on: day(from),
    ends_on: day(to),
  });
  const made = unwrap(
    await office
      .from("academic_years")
      .insert([year("NOW", -30, 200), year("NEXT", 201, 500)])
      .select("id, code")
      .order("code"),
  );
  years = { now: String(made[1]?.id), next: String(made[0]?.id) };
  expect((await office.from("academic_years").insert(year("AGAIN", 100, 300))).error?.code).toBe("PT409");
  unwrap(await office.rpc("set_current_year", { school_id: school.id, academic_year_id: years.now }));

  const levels = unwrap(
    await office.from("grade_levels").select("id, code").eq("school_id", school.id).order("position"),
  );
  expect(levels.map(({ code }) => code).slice(0, 2)).toEqual(["P1", "P2"]);
  const homeroom = (code: string, academic_year_id: string, level: number, capacity: number) => ({
    school_id: school.id,
    academic_year_id,
    grade_level_id: String(levels[level]?.id),
    code,
    name: code,
    capacity,
  });
  const rooms = unwrap(
    await office
      .from("classes")
      .insert([
        homeroom("P1-1", years.now, 0, 4),
        homeroom("P1-2", years.now, 0, 1),
        homeroom("P2-1", years.next, 1, 40),
      ])
      .select("id, code")
      .order("code"),
  );
  classes = { first: String(rooms[0]?.id), second: String(rooms[1]?.id), above: String(rooms[2]?.id) };
  const teaching = { school_id: school.id, class_id: classes.first, teacher_id: teacher.membership.id, lead: true };
  unwrap(
    await office
      .from("class_teachers")
      .insert({ ...teaching, starts_on: day(-30) })
      .select("id"),
  );
});

test("students are enrolled, and the last place is given once", async () => {
  students = [];
  for (const given_name of ["Adi", "Ben", "Gal", "Dor", "Hila"]) {
    const row = { school_id: school.id, given_name, family_name: "Levi" };
    students.push(unwrap(await office.from("students").insert(row).select("id").single()).id);
  }
  const enroll = (client: Client, class_id: string, student_ids: string[]) =>
    client.rpc("enroll_students", { school_id: school.id, class_id, student_ids, starts_on: day(-30) });
  expect(unwrap(await enroll(office, classes.first, students.slice(0, 3)))).toHaveLength(3);
  const both = await Promise.all([
    enroll(office, classes.second, [String(students[3])]),
    enroll(secondOffice, classes.second, [String(students[4])]),
  ]);
  expect(both.map(({ error }) => error?.code ?? "enrolled").sort()).toEqual(["PT409", "enrolled"]);
  const bond = { school_id: school.id, student_id: String(students[0]), guardian_id: mother.membership.id };
  unwrap(await office.from("guardianships").insert(bond).select("id"));

  const seen = unwrap(await (await signIn(teacher.email)).from("students").select("given_name").order("given_name"));
  expect(seen.map(({ given_name }) => given_name)).toEqual(["Adi", "Ben", "Gal"]);
});

test("the timetable becomes sessions, the register is taken, and the family sees its own child", async () => {
  const term = { school_id: school.id, academic_year_id: years.now, code: "T1", name: "First term" };
  const { id: term_id } = unwrap(
    await office
      .from("terms")
      .insert({ ...term, starts_on: day(-7), ends_on: day(7) })
      .select("id")
      .single(),
  );
  const weekday = ((new Date().getUTCDay() + 6) % 7) + 1;
  const slot = { school_id: school.id, term_id, class_id: classes.first, teacher_id: teacher.membership.id, weekday };
  unwrap(
    await office
      .from("timetable_slots")
      .insert({ ...slot, start_time: "00:00", end_time: "00:30" })
      .select("id"),
  );
  const clash = await office.from("timetable_slots").insert({ ...slot, start_time: "00:15", end_time: "00:45" });
  expect(clash.error?.code).toBe("PT409");
  const generate = () => office.rpc("generate_sessions", { school_id: school.id, term_id });
  expect([unwrap(await generate()), (await generate()).data]).toEqual([3, 0]);

  const staff = await signIn(teacher.email);
  const session = unwrap(await staff.from("class_sessions").select("id").eq("day", day(0)).single());
  const entries = [
    { student_id: String(students[0]), status: "unexcused" },
    { student_id: String(students[1]), status: "present" },
    { student_id: String(students[2]), status: "late" },
  ];
  const mark = () => staff.rpc("mark_attendance", { school_id: school.id, session_id: session.id, entries });
  expect((await Promise.all([mark(), mark(), mark()])).map(({ data }) => data)).toEqual([3, 3, 3]);

  const parent = await signIn(mother.email);
  expect(unwrap(await parent.from("attendance_entries").select("status"))).toEqual([{ status: "unexcused" }]);
  const override = { school_id: school.id, session_id: session.id, student_id: String(students[0]) };
  unwrap(await office.rpc("override_attendance", { ...override, status: "excused", reason: "A note came" }));
  expect(unwrap(await parent.from("attendance_entries").select("status"))).toEqual([{ status: "excused" }]);
  const range = { school_id: school.id, from_day: day(-30), to_day: day(0) };
  expect(unwrap(await staff.rpc("attendance_summary", range))).toHaveLength(3);
  expect(unwrap(await parent.rpc("attendance_summary", range))).toMatchObject([{ days: 1, absent_days: 1, rate: 0 }]);
});

test("of two offices that promote the same year at once, one does; and it is undone", async () => {
  const move = (client: Client) =>
    client.rpc("promote_students", { school_id: school.id, from_year_id: years.now, to_year_id: years.next });
  const both = await Promise.all([move(office), move(secondOffice)]);
  const done = both.filter(({ error }) => error === null);
  expect(done).toHaveLength(1);
  expect(done[0]?.data).toMatchObject({ promoted: 4, repeated: 0, graduated: 0 });
  const next = () => office.from("enrollments").select("student_id").eq("class_id", classes.above);
  expect(unwrap(await next())).toHaveLength(4);
  unwrap(await office.rpc("undo_promotion", { school_id: school.id, promotion_id: String(done[0]?.data?.id) }));
  expect(unwrap(await next())).toEqual([]);
});
