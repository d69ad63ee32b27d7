import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { ownerConnection } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let owner: pg.Client;
let school: FreshSchool;
let office: Client;

beforeAll(async () => {
  owner = await ownerConnection();
  school = await FreshSchool.create();
  office = await signIn((await school.join("office", "admin")).email);
});

afterAll(() => owner.end());

test("whoever comes into a class while its year is promoted stays there, and does not graduate", async () => {
  const [from_year_id, to_year_id] = [
    await school.year("NOW", "2026-09-01", "2027-07-31"),
    await school.year("NEXT", "2027-09-01", "2028-07-31"),
  ];
  const top = { code: "TOP", name: "Top", position: 99, school_id: school.id };
  const level = unwrap(await service.from("grade_levels").insert(top).select("id").single());
  const class_id = await school.homeroom(from_year_id, "TOP-1", { grade_level_id: level.id });
  const [leaver, newcomer] = [(await school.student()).id, (await school.student()).id];
  const enroll = (student: string) =>
    office.rpc("enroll_students", {
      ...{ school_id: school.id, class_id, student_ids: [student], starts_on: "2026-09-01" },
    });
  const repeater = (await school.student()).id;
  await school.homeroom(to_year_id, "TOP-1", { grade_level_id: level.id });
  for (const student of [leaver, repeater]) unwrap(await enroll(student));

  // Something holds a student's row in the middle of the promotion, and somebody enrolls the newcomer meanwhile.
  await owner.query("begin");
  await owner.query("select from public.students where id = $1 for update", [repeater]);
  const choices = { [repeater]: { action: "repeat" } };
  const promotion = office.rpc("promote_students", { school_id: school.id, from_year_id, to_year_id, choices });
  const promoted = promotion.then(unwrap);
  const waiting = "select pid from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))";
  await eventually(async () => (await owner.query<{ pid: number }>(waiting)).rows[0]?.pid, 10, "the promotion to wait");
  unwrap(await enroll(newcomer));
  await owner.query("commit");

  expect(await promoted).toMatchObject({ promoted: 0, repeated: 1, graduated: 1 });
  const students = unwrap(await service.from("students").select("id, status").in("id", [leaver, newcomer, repeater]));
  expect(Object.fromEntries(students.map(({ id, status }) => [id, status]))).toEqual({
    [leaver]: "graduated",
    [newcomer]: "enrolled",
    [repeater]: "enrolled",
  });
  const place = unwrap(await service.from("enrollments").select("end_reason").eq("student_id", newcomer).single());
  expect(place.end_reason).toBeNull();
});
