import { randomUUID } from "node:crypto";
import type { Fact, Facts, Membership } from "./facts.ts";
import { growthSample } from "./growth-samples.ts";
import { learningSample } from "./learning-samples.ts";
import type { Persona } from "./scopes.ts";

/** A change that would be harmless, in a column that a client might try. */
export const patches: Record<string, Record<string, unknown>> = {
  districts: { name: "Changed" },
  schools: { name: "Changed" },
  campuses: { name: "Changed" },
  departments: { name: "Changed" },
  setting_definitions: { description: "Changed" },
  school_settings: { value: 99 },
  district_settings: { value: 99 },
  invitations: { full_name: "Changed" },
  employments: { employee_number: "CHANGED" },
  credentials: { title: "Changed" },
  notification_kinds: { name_en: "Changed" },
  notifications: { read_at: "2099-01-01T00:00:00Z" },
  announcements: { title: "Changed" },
  announcement_audiences: { role: "admin" },
  announcement_receipts: { read_at: "2099-01-01T00:00:00Z" },
  profiles: { full_name: "Changed" },
  directory_cards: { display_name: "Changed" },
  memberships: { ends_on: "2099-01-01" },
  supervisions: { ends_on: "2099-01-01" },
  district_memberships: { active: false },
  permissions: { description: "Changed" },
  permission_ceilings: { max_scope: "school" },
  role_permissions: { scope: "school" },
  students: { preferred_name: "Changed" },
  student_internal: { support_note: "Changed" },
  guardianships: { may_collect: true },
  academic_years: { name: "Changed" },
  terms: { name: "Changed" },
  grade_levels: { name: "Changed" },
  core_subjects: { name: "Changed" },
  subjects: { name: "Changed" },
  rooms: { name: "Changed" },
  classes: { name: "Changed" },
  class_teachers: { ends_on: "2099-01-01" },
  enrollments: { roll_number: 99 },
  promotions: { promoted: 99 },
  calendar_days: { name: "Changed" },
  timetable_slots: { end_time: "23:59" },
  class_sessions: { note: "Changed" },
  attendance_entries: { status: "late" },
  attendance_marks: { note: "Changed" },
  guardianship_blocks: { reason: "Changed" },
  frameworks: { name: "Changed" },
  framework_levels: { name: "Changed" },
  framework_domains: { name: "Changed" },
  observations: { notes: "Changed" },
  observation_ratings: { evidence: "Changed" },
  observation_feedback: { teacher_reflection: "Changed" },
  framework_look_fors: { description: "Changed" },
  observation_plans: { name: "Changed" },
  planned_observations: { due_on: "2099-01-01" },
  pre_observation_questions: { question: "Changed" },
  pre_observation_answers: { answer: "Changed" },
  observation_look_fors: { deleted_at: "2026-01-01T00:00:00Z" },
  action_steps: { description: "Changed" },
  coaching_shares: { revoked_at: "2026-01-01T00:00:00Z" },
  calibrations: { title: "Changed" },
  calibration_raters: { submitted_at: "2026-01-01T00:00:00Z" },
  calibration_ratings: { level: 1 },
  goals: { title: "Changed" },
  goal_updates: { note: "Changed" },
  observation_amendments: { reason: "Changed" },
  pd_categories: { name: "Changed" },
  training_series: { title: "Changed" },
  training_events: { topic: "Changed" },
  training_registrations: { promoted_at: "2026-01-01T00:00:00Z" },
  certificates: { holder_name: "Changed" },
  pd_requirements: { hours: 99 },
  pd_hours: { note: "Changed" },
  break_glass_grants: { reason: "Changed for good" },
  user_sessions: { ended_at: "2099-01-01T00:00:00Z", end_reason: "ended" },
};

/** A new row of a table in a school that only rights could stop, or null where the school has nothing to hang it on. */
export function sample(table: string, schoolId: string, persona: Persona, facts: Facts): Fact | null {
  const inSchool = (name: string) => (facts[name] ?? []).filter((row) => row.school_id === schoolId && !row.deleted_at);
  const members = inSchool("memberships") as Membership[];
  const mine = members.filter((membership) => membership.user_id === persona.userId);
  const others = members.filter((membership) => membership.user_id !== persona.userId);
  const base = { school_id: schoolId, id: randomUUID() };
  const code = `S${randomUUID().slice(0, 8).toUpperCase()}`;
  const student = inSchool("students").at(-1);
  const draft = inSchool("frameworks").find((row) => row.status === "draft");
  const published = inSchool("frameworks").find((row) => row.status === "published");
  const teacher = others.find((membership) => membership.role === "teacher" && membership.active);
  const parent = others.find((membership) => membership.role === "parent");
  const year = inSchool("academic_years")[0];
  const level = inSchool("grade_levels").at(-1);
  const lastDay = { starts_on: year?.ends_on, ends_on: year?.ends_on };
  const withPupil = (row: Fact) => (student ? { ...base, student_id: student.id, ...row } : null);
  const observation =
    inSchool("observations").find(
      (row) => row.status === "draft" && mine.some((membership) => membership.id === row.observer_id),
    ) ?? inSchool("observations")[0];
  switch (table) {
    case "districts":
      return { id: base.id, code, name: "New" };
    case "schools":
      return { id: base.id, code, name: "New", status: "active" };
    case "campuses":
    case "departments":
    case "frameworks":
    case "core_subjects":
    case "subjects":
    case "rooms":
    case "pd_categories":
      return { ...base, code, name: "New" };
    case "school_settings":
      return { ...base, key: "break_glass_minutes", value: 5 };
    case "setting_definitions":
      return {
        key: `k_${code.toLowerCase().replace(/[0-9]/g, "x")}`,
        audience: "staff",
        type: "boolean",
        default_value: true,
        description: "New",
      };
    case "district_settings":
      return facts.districts?.[0]
        ? { id: base.id, district_id: facts.districts[0].id, key: "digest_hour", value: 7 }
        : null;
    case "invitations": {
      const invited = new Set(inSchool("invitations").map((row) => row.membership_id));
      const free = members.find((membership) => !invited.has(membership.id));
      const address = `${code.toLowerCase()}@people.example.test`;
      return free ? { ...base, membership_id: free.id, email: address, full_name: "New" } : null;
    }
    case "employments":
      return teacher ? { ...base, membership_id: teacher.id, hired_on: "2010-01-01", left_on: "2010-02-01" } : null;
    case "credentials":
      return teacher ? { ...base, membership_id: teacher.id, kind: "degree", title: "New" } : null;
    case "notification_kinds":
      return { kind: `k_${code.toLowerCase().replace(/[0-9]/g, "x")}`, name_en: "New", name_he: "New" };
    case "notifications": {
      const [kind] = facts.notification_kinds ?? [];
      const about = { kind: kind?.kind, table_name: "schools", row_id: base.id };
      return mine[0] ? { ...base, membership_id: mine[0].id, ...about } : null;
    }
    case "announcements":
      return mine[0] ? { ...base, author_id: mine[0].id, title: "New", body: "New" } : null;
    case "announcement_audiences": {
      const announcement = inSchool("announcements")[0];
      return announcement ? { ...base, announcement_id: announcement.id, scope: "school" } : null;
    }
    case "announcement_receipts": {
      const announcement = inSchool("announcements")[0];
      return announcement && mine[0] ? { ...base, announcement_id: announcement.id, membership_id: mine[0].id } : null;
    }
    case "profiles":
      return { id: base.id, user_id: persona.userId, full_name: "New" };
    case "directory_cards": {
      const carded = new Set(inSchool("directory_cards").map((row) => row.membership_id));
      const bare = members.find((membership) => !carded.has(membership.id));
      return bare ? { ...base, membership_id: bare.id, display_name: "New" } : null;
    }
    case "memberships":
      return { ...base, user_id: persona.userId, role: "admin" };
    case "supervisions":
      return teacher && mine[0]
        ? { ...base, supervisor_id: mine[0].id, teacher_id: teacher.id, starts_on: "2031-01-01" }
        : null;
    case "district_memberships":
      return facts.districts?.[0]
        ? { id: base.id, district_id: facts.districts[0].id, user_id: persona.userId, role: "admin" }
        : null;
    case "permissions":
      return { code: `x.${code.toLowerCase().replace(/[0-9]/g, "x")}`, description: "New" };
    case "permission_ceilings":
      return { role: "student", permission: "students.read", default_scope: "school", max_scope: "school" };
    case "role_permissions":
      return { ...base, role: "admin", permission: "directory.manage", scope: "none" };
    case "students":
      return { school_id: schoolId, student_number: code, given_name: "New", family_name: "Student" };
    case "student_internal": {
      const noted = new Set((facts.student_internal ?? []).map((row) => row.student_id));
      const free = inSchool("students").find((row) => !noted.has(row.id));
      return free ? { ...base, student_id: free.id, support_note: "New" } : null;
    }
    case "student_records":
      return withPupil({ kind: "staff_note", content: {} });
    case "guardianships": {
      const guarded = new Set(inSchool("guardianships").map((row) => row.student_id));
      const free = inSchool("students").find((row) => !guarded.has(row.id));
      return parent && free ? { ...base, student_id: free.id, guardian_id: parent.id, starts_on: "2031-01-01" } : null;
    }
    case "guardianship_blocks":
      return others[0] ? withPupil({ membership_id: others[0].id, reason: "New", starts_on: "2031-01-01" }) : null;
    case "academic_years":
      return { ...base, code, name: "New", starts_on: "2051-09-01", ends_on: "2052-06-30" };
    case "terms":
      return year ? { ...base, academic_year_id: year.id, code, name: "New", ...lastDay } : null;
    case "grade_levels":
      return { ...base, code, name: "New", position: 50 };
    case "classes":
      return year && level
        ? { school_id: schoolId, academic_year_id: year.id, grade_level_id: level.id, code, name: "New" }
        : null;
    case "class_teachers": {
      const group = inSchool("classes")[0];
      return teacher && group
        ? { ...base, class_id: group.id, teacher_id: teacher.id, starts_on: "2020-01-01", ends_on: "2020-01-02" }
        : null;
    }
    case "enrollments": {
      const group = inSchool("classes")[0];
      return group
        ? withPupil({ class_id: group.id, kind: group.kind, starts_on: "2031-01-01", ends_on: "2031-01-02" })
        : null;
    }
    case "promotions":
      return year
        ? { ...base, from_year_id: year.id, to_year_id: year.id, promoted: 1, repeated: 0, graduated: 0 }
        : null;
    case "calendar_days":
      return { ...base, day: "2051-10-01", kind: "holiday", name: "New" };
    case "timetable_slots": {
      const term = inSchool("terms")[0];
      const group = inSchool("classes").find((row) => row.academic_year_id === term?.academic_year_id);
      const times = { weekday: 7, start_time: "22:00", end_time: "22:30" };
      return term && group && teacher
        ? { ...base, term_id: term.id, class_id: group.id, teacher_id: teacher.id, ...times }
        : null;
    }
    case "class_sessions": {
      const group = inSchool("classes")[0];
      const times = { day: "2051-10-01", starts_at: "2051-10-01T08:00:00Z", ends_at: "2051-10-01T09:00:00Z" };
      return group && teacher ? { ...base, class_id: group.id, teacher_id: teacher.id, ...times } : null;
    }
    case "attendance_entries": {
      const session = inSchool("class_sessions")[0];
      return session
        ? withPupil({ session_id: session.id, class_id: session.class_id, day: session.day, status: "present" })
        : null;
    }
    case "attendance_marks": {
      const session = inSchool("class_sessions")[0];
      return session ? withPupil({ session_id: session.id, status: "present", marked_at: session.ends_at }) : null;
    }
    case "framework_levels":
      return draft ? { ...base, framework_id: draft.id, level: 19, code: "NEW", name: "New" } : null;
    case "framework_domains":
      return draft ? { ...base, framework_id: draft.id, code, name: "New" } : null;
    case "observations":
      return teacher && published
        ? {
            ...base,
            teacher_id: teacher.id,
            observer_id: (mine.find((m) => m.role === "leader") ?? mine[0] ?? others[0])?.id,
            framework_id: published.id,
          }
        : null;
    case "observation_ratings": {
      const rated = new Set(
        (facts.observation_ratings ?? [])
          .filter((row) => row.observation_id === observation?.id)
          .map((row) => row.domain_id),
      );
      const domain = inSchool("framework_domains").find(
        (row) => row.framework_id === observation?.framework_id && !rated.has(row.id),
      );
      return observation && domain
        ? {
            ...base,
            observation_id: observation.id,
            framework_id: observation.framework_id,
            domain_id: domain.id,
            level: 1,
          }
        : null;
    }
    case "observation_feedback": {
      const done = new Set((facts.observation_feedback ?? []).map((row) => row.observation_id));
      const bare = inSchool("observations").find((row) => !done.has(row.id));
      return bare ? { ...base, observation_id: bare.id, teacher_reflection: "New" } : null;
    }
    case "observation_amendments":
      return observation ? { ...base, observation_id: observation.id, version: 9, reason: "New" } : null;
    case "training_series":
    case "training_events":
    case "training_registrations":
    case "certificates":
    case "pd_requirements":
    case "pd_hours":
      return learningSample(table, base, mine, facts);
    case "break_glass_grants":
      return observation && mine[0]
        ? {
            ...base,
            admin_id: mine[0].id,
            observation_id: observation.id,
            teacher_id: observation.teacher_id,
            observer_id: observation.observer_id,
            reason: "Because I say so",
            expires_at: new Date(Date.now() + 60_000).toISOString(),
          }
        : null;
    case "user_sessions":
      return mine[0] ? { ...base, membership_id: mine[0].id, session_id: randomUUID() } : null;
    default:
      return growthSample(table, { base, facts, inSchool, mine, teacher, published, draft, observation });
  }
}
