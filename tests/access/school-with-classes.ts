import { service } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";
import type { Persona } from "./scopes.ts";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** A school with classes of this year, of one just ended and of one long past; teachers who teach, taught and will teach. */
export async function schoolWithClasses(): Promise<Persona[]> {
  const school = await FreshSchool.create();
  const math = await school.department("MATH");
  const admin = await school.join("classes-admin", "admin");
  const head = await school.join("classes-head", "leader", { team_scope: "department", department_id: math });
  const now = await school.join("teaches-now", "teacher", { department_id: math });
  const before = await school.join("taught-before", "teacher", { department_id: math });
  const later = await school.join("will-teach", "teacher", { department_id: math });
  const last = await school.join("taught-last-year", "teacher");
  const long = await school.join("taught-long-ago", "teacher");
  const apart = await school.join("teaches-apart", "teacher");
  const blocked = await school.join("blocked-teacher", "teacher");
  const pupil = await school.join("classes-pupil", "student");
  const mother = await school.join("classes-mother", "parent");
  const father = await school.join("classes-father", "parent");
  // An admin who also teaches: may not put themselves into a class.
  await school.member(admin, "teacher");

  const year = (code: string, starts_on: string, ends_on: string) => school.year(code, starts_on, ends_on);
  const current = await year("NOW", day(-100), day(200));
  const ended = await year("LAST", day(-400), day(-110));
  const past = await year("PAST", day(-900), day(-600));
  const a = await school.homeroom(current, "A");
  const b = await school.homeroom(current, "B");
  const c = await school.homeroom(ended, "A");
  const d = await school.homeroom(past, "A");
  const gone = await school.homeroom(current, "GONE", { deleted_at: "2026-01-01T00:00:00Z" });

  const teaches = (class_id: string, { id }: Membership, from: number, to: number | null = null) => ({
    school_id: school.id,
    class_id,
    teacher_id: id,
    starts_on: day(from),
    ends_on: to === null ? null : day(to),
  });
  unwrap(
    await service
      .from("class_teachers")
      .insert([
        teaches(a, now.membership, -100),
        teaches(a, before.membership, -100, -5),
        teaches(a, later.membership, 5),
        teaches(a, blocked.membership, -100),
        teaches(b, apart.membership, -100),
        teaches(c, last.membership, -400),
        teaches(d, long.membership, -900),
        teaches(gone, before.membership, -100),
      ])
      .select("id"),
  );

  const first = await school.student({ membership_id: pupil.membership.id });
  const [left, coming, elsewhere, former] = [
    await school.student({ given_name: "Left" }),
    await school.student({ given_name: "Coming" }),
    await school.student({ given_name: "Elsewhere" }),
    await school.student({ given_name: "Former" }),
  ];
  const enrolled = (student: { id: string }, class_id: string, from: number, to: number) => ({
    school_id: school.id,
    student_id: student.id,
    class_id,
    kind: "homeroom",
    starts_on: day(from),
    ends_on: day(to),
  });
  unwrap(
    await service
      .from("enrollments")
      .insert([
        enrolled(first, a, -100, 200),
        enrolled(left, a, -100, -10),
        enrolled(left, b, -9, 200),
        enrolled(coming, a, 4, 200),
        enrolled(elsewhere, b, -100, 200),
        enrolled(former, c, -400, -110),
        enrolled(former, d, -900, -600),
        enrolled(coming, gone, -100, 3),
      ])
      .select("id"),
  );
  const held = (class_id: string, teacher_id: string, from: number, more: { cover_teacher_id?: string } = {}) => {
    const begins = Date.now() + from * 3_600_000;
    const day = new Date(begins).toISOString().slice(0, 10);
    const [starts_at, ends_at] = [new Date(begins).toISOString(), new Date(begins + 1_800_000).toISOString()];
    return { school_id: school.id, class_id, teacher_id, day, starts_at, ends_at, ...more };
  };
  const sessions = unwrap(
    await service
      .from("class_sessions")
      .insert([
        held(a, now.membership.id, -50),
        held(a, now.membership.id, -2, { cover_teacher_id: later.membership.id }),
        held(b, apart.membership.id, -3),
        held(b, apart.membership.id, -60, { cover_teacher_id: last.membership.id }),
        held(c, last.membership.id, -24 * 120),
      ])
      .select("id, class_id, day"),
  );
  for (const session of sessions) {
    const of = { school_id: school.id, session_id: session.id };
    const student_id = session.class_id === c ? former.id : session.class_id === a ? first.id : elsewhere.id;
    const entry = { ...of, class_id: session.class_id, day: session.day, student_id, status: "late" };
    unwrap(await service.from("attendance_entries").insert(entry).select("id"));
    const mark = { ...of, student_id, status: "late", marked_at: new Date().toISOString() };
    unwrap(await service.from("attendance_marks").insert(mark).select("id"));
  }
  const promotion = { school_id: school.id, from_year_id: ended, to_year_id: current };
  const counts = { promoted: 1, repeated: 0, graduated: 0 };
  unwrap(
    await service
      .from("promotions")
      .insert({ ...promotion, ...counts })
      .select("id"),
  );
  const bond = { school_id: school.id, starts_on: "2025-09-01" };
  unwrap(
    await service
      .from("guardianships")
      .insert([
        { ...bond, student_id: first.id, guardian_id: mother.membership.id },
        { ...bond, student_id: former.id, guardian_id: mother.membership.id },
        { ...bond, student_id: first.id, guardian_id: father.membership.id },
      ])
      .select("id"),
  );
  for (const { membership } of [father, blocked]) {
    const block = { school_id: school.id, student_id: first.id, membership_id: membership.id, reason: "Court order" };
    unwrap(await service.from("guardianship_blocks").insert(block).select("id"));
  }
  for (const { membership } of [now, apart]) {
    const card = { school_id: school.id, membership_id: membership.id, display_name: "A teacher" };
    unwrap(await service.from("directory_cards").insert(card).select("id"));
  }
  const note = { school_id: school.id, student_id: first.id, support_note: "Glasses" };
  unwrap(await service.from("student_internal").insert(note).select("id"));

  await announced(school, { office: admin.membership, head: head.membership, teacher: now.membership }, a, mother);

  const people = { admin, head, now, before, later, last, long, apart, blocked, pupil, mother, father };
  return Object.entries(people).map(([name, { email, userId }]) => ({
    name: `${name} of a school with classes`,
    email,
    userId,
  }));
}

/** Something said to everyone, to parents, to a class, to a level, to a team; later, no longer, and taken back. */
async function announced(
  school: FreshSchool,
  authors: { office: Membership; head: Membership; teacher: Membership },
  class_id: string,
  reader: { membership: Membership },
): Promise<void> {
  const { office, head, teacher } = authors;
  const level = unwrap(
    await service.from("grade_levels").select("id").eq("school_id", school.id).eq("code", "P1").single(),
  );
  const words = {
    school_id: school.id,
    title: "Said",
    body: "To whom it may concern",
    publish_at: "2026-01-01T00:00:00Z",
    // Nobody is notified of it.
    published_at: "2026-01-01T00:00:00Z",
  };
  const of = (author: Membership, audience: object, more: object = {}) => ({ author, audience, more });
  for (const { author, audience, more } of [
    of(office, { scope: "school" }),
    of(office, { scope: "school", role: "parent" }),
    of(office, { scope: "grade", grade_level_id: level.id, role: "student" }),
    of(office, { scope: "grade", grade_level_id: level.id }),
    of(head, { scope: "team", leader_id: head.id }),
    of(teacher, { scope: "class", class_id }),
    of(teacher, { scope: "class", class_id, role: "parent" }),
    of(teacher, { scope: "class", class_id }, { publish_at: "2099-01-01T00:00:00Z" }),
    of(office, { scope: "school" }, { expires_at: "2026-02-01T00:00:00Z" }),
    of(office, { scope: "school" }, { deleted_at: "2026-02-01T00:00:00Z" }),
  ]) {
    const row = { ...words, author_id: author.id, ...more };
    const { id } = unwrap(await service.from("announcements").insert(row).select("id").single());
    const child = { school_id: school.id, announcement_id: id };
    unwrap(
      await service
        .from("announcement_audiences")
        .insert({ ...child, scope: "school", ...audience })
        .select("id"),
    );
    const receipt = { ...child, membership_id: reader.membership.id };
    unwrap(await service.from("announcement_receipts").insert(receipt).select("id"));
  }
  for (const { id } of [teacher, reader.membership]) {
    const about = { school_id: school.id, kind: "membership_added", table_name: "memberships", row_id: id };
    unwrap(
      await service
        .from("notifications")
        .insert({ ...about, membership_id: id })
        .select("id"),
    );
    const invited = {
      school_id: school.id,
      membership_id: id,
      email: `${id}@people.example.test`,
      full_name: "Invited",
    };
    unwrap(await service.from("invitations").insert(invited).select("id"));
  }
  const work = { school_id: school.id, membership_id: teacher.id };
  unwrap(
    await service
      .from("employments")
      .insert({ ...work, hired_on: "2020-09-01" })
      .select("id"),
  );
  unwrap(
    await service
      .from("credentials")
      .insert({ ...work, kind: "degree", title: "M.Ed." })
      .select("id"),
  );
}
