/**
 * Who may do what, as data: the tables of the design's access page. A cell names the scope of each operation; what a scope
 * means for a table is in scopes.ts, written from the same page and never from the policies. An absent operation is refused.
 */
export interface Cell {
  read?: string;
  insert?: string;
  update?: string;
  delete?: string;
}

export type MemberRole = "admin" | "leader" | "teacher" | "student" | "parent";
export type Row = Partial<Record<MemberRole | "person", Cell>>;

/** Tables whose content nobody selects: rpc functions read them, and log it. */
export const byFunction = ["student_records", "guardianship_blocks"];

const readSchool: Cell = { read: "school" };
const writeSchool: Cell = { read: "school", insert: "school", update: "school", delete: "school" };
const everyone = { leader: readSchool, teacher: readSchool, student: readSchool, parent: readSchool };
const part: Row = {
  admin: { read: "submitted" },
  leader: { read: "observer or team", insert: "own draft", update: "own draft", delete: "own draft" },
  teacher: { read: "own submitted" },
};

export const matrix: Record<string, Row> = {
  districts: { admin: { read: "district" }, leader: { read: "district" }, teacher: { read: "district" } },
  schools: { admin: { read: "school", update: "school" }, ...everyone },
  campuses: { admin: writeSchool, ...everyone },
  departments: { admin: writeSchool, ...everyone },
  setting_definitions: { admin: { read: "all" }, leader: { read: "all" }, teacher: { read: "all" } },
  school_settings: { admin: readSchool, leader: readSchool, teacher: { read: "staff" } },
  district_settings: {
    admin: { read: "district setting" },
    leader: { read: "district setting" },
    teacher: { read: "district setting" },
  },
  profiles: { person: { read: "own", update: "own" } },
  directory_cards: {
    admin: writeSchool,
    leader: { read: "colleagues" },
    teacher: { read: "colleagues" },
    student: { read: "own teachers" },
    parent: { read: "own teachers" },
  },
  memberships: {
    admin: readSchool,
    leader: { read: "own or team" },
    teacher: { read: "own" },
    student: { read: "own" },
    parent: { read: "own" },
  },
  supervisions: {
    admin: readSchool,
    leader: { read: "own or team" },
    teacher: { read: "own" },
    student: { read: "own" },
    parent: { read: "own" },
  },
  invitations: { admin: readSchool },
  employments: { admin: writeSchool, leader: { read: "own or team" }, teacher: { read: "own" } },
  credentials: { admin: writeSchool, leader: { read: "own or team" }, teacher: { read: "own" } },
  district_memberships: { admin: { read: "own" }, leader: { read: "own" } },
  permissions: { admin: { read: "all" }, leader: { read: "all" } },
  permission_ceilings: { admin: { read: "all" }, leader: { read: "all" } },
  role_permissions: { admin: readSchool, leader: readSchool },
  students: {
    admin: writeSchool,
    leader: { read: "team students" },
    teacher: { read: "class students" },
    student: { read: "own" },
    parent: { read: "children" },
  },
  student_internal: {
    admin: { read: "school", insert: "school", update: "school" },
    leader: { read: "principal" },
    teacher: { read: "class students" },
  },
  student_records: {},
  guardianships: {
    admin: { read: "school", insert: "not oneself", update: "not oneself", delete: "not oneself" },
    leader: { read: "principal" },
    student: { read: "own" },
    parent: { read: "own" },
  },
  guardianship_blocks: { admin: { insert: "school", update: "school", delete: "school" } },
  academic_years: { admin: writeSchool, ...everyone },
  terms: { admin: writeSchool, ...everyone },
  grade_levels: { admin: writeSchool, ...everyone },
  core_subjects: { admin: writeSchool, ...everyone },
  subjects: { admin: writeSchool, ...everyone },
  rooms: { admin: writeSchool, leader: readSchool, teacher: readSchool },
  classes: {
    admin: writeSchool,
    leader: readSchool,
    teacher: readSchool,
    student: { read: "attended" },
    parent: { read: "attended" },
  },
  class_teachers: {
    admin: { read: "school", insert: "not oneself", update: "not oneself", delete: "not oneself" },
    leader: readSchool,
    teacher: readSchool,
    student: { read: "attended" },
    parent: { read: "attended" },
  },
  enrollments: {
    admin: readSchool,
    leader: { read: "team students" },
    teacher: { read: "class students or past class" },
    student: { read: "own" },
    parent: { read: "children" },
  },
  promotions: { admin: readSchool },
  calendar_days: { admin: writeSchool, ...everyone },
  timetable_slots: {
    admin: { read: "school", insert: "not oneself", update: "not oneself", delete: "not oneself" },
    leader: readSchool,
    teacher: readSchool,
  },
  class_sessions: {
    admin: { read: "school", update: "school" },
    leader: readSchool,
    teacher: { read: "school", update: "held" },
    student: { read: "attended" },
    parent: { read: "attended" },
  },
  attendance_entries: {
    admin: readSchool,
    leader: { read: "team students" },
    teacher: { read: "taught class" },
    student: { read: "own" },
    parent: { read: "children" },
  },
  attendance_marks: { admin: readSchool, leader: { read: "team students" }, teacher: { read: "taught class" } },
  notification_kinds: {
    admin: { read: "all" },
    leader: { read: "all" },
    teacher: { read: "all" },
    student: { read: "all" },
    parent: { read: "all" },
  },
  notifications: {
    admin: { read: "own" },
    leader: { read: "own" },
    teacher: { read: "own" },
    student: { read: "own" },
    parent: { read: "own" },
  },
  announcements: {
    admin: { read: "school", delete: "school" },
    leader: { read: "author or audience", delete: "author" },
    teacher: { read: "author or audience", delete: "author" },
    student: { read: "author or audience" },
    parent: { read: "author or audience" },
  },
  announcement_audiences: {
    admin: { read: "announced" },
    leader: { read: "author or audience" },
    teacher: { read: "author or audience" },
    student: { read: "author or audience" },
    parent: { read: "author or audience" },
  },
  announcement_receipts: {
    admin: readSchool,
    leader: { read: "own or author" },
    teacher: { read: "own or author" },
    student: { read: "own or author" },
    parent: { read: "own or author" },
  },
  frameworks: {
    admin: { read: "school", insert: "school", update: "draft", delete: "draft" },
    leader: { read: "published" },
    teacher: { read: "published" },
  },
  framework_levels: {
    admin: { read: "school", insert: "draft", update: "draft", delete: "draft" },
    leader: { read: "published" },
    teacher: { read: "published" },
  },
  framework_domains: {
    admin: { read: "school", insert: "draft", update: "draft", delete: "draft" },
    leader: { read: "published" },
    teacher: { read: "published" },
  },
  framework_look_fors: {
    admin: { read: "school", insert: "draft", update: "draft", delete: "draft" },
    leader: { read: "published" },
    teacher: { read: "published" },
  },
  observation_plans: { admin: { read: "plan" }, leader: { read: "plan" }, teacher: { read: "plan" } },
  planned_observations: { admin: { read: "visit" }, leader: { read: "visit" }, teacher: { read: "visit" } },
  pre_observation_questions: { admin: writeSchool, leader: readSchool, teacher: readSchool },
  pre_observation_answers: { admin: { read: "visit" }, leader: { read: "visit" }, teacher: { read: "visit" } },
  observations: {
    admin: { read: "submitted" },
    leader: { read: "observer or team", insert: "team", update: "own draft", delete: "own draft" },
    teacher: { read: "own submitted" },
  },
  observation_ratings: part,
  observation_look_fors: {
    admin: { read: "submitted" },
    leader: { read: "observer or team", insert: "own draft", delete: "own draft" },
    teacher: { read: "own submitted" },
  },
  observation_feedback: {
    admin: { read: "submitted" },
    leader: { read: "observer or team" },
    teacher: { read: "own submitted" },
  },
  action_steps: {
    admin: { read: "submitted" },
    leader: { read: "observer or team", insert: "own open", update: "own open", delete: "own draft" },
    teacher: { read: "own submitted" },
  },
  observation_amendments: {
    admin: { read: "submitted" },
    leader: { read: "observer or team" },
    teacher: { read: "own submitted" },
  },
  pd_categories: { admin: writeSchool, leader: readSchool, teacher: readSchool },
  training_series: {
    admin: { read: "school", insert: "organised", update: "school", delete: "school" },
    leader: { read: "school", insert: "organised", update: "organised", delete: "organised" },
    teacher: { read: "published series" },
  },
  training_events: {
    admin: { read: "school", insert: "organised", update: "school until held", delete: "draft training" },
    leader: { read: "school", insert: "organised", update: "organised until held", delete: "organised draft" },
    teacher: { read: "published training" },
  },
  training_registrations: { admin: readSchool, leader: { read: "team's or organised" }, teacher: { read: "own" } },
  certificates: { admin: readSchool, leader: { read: "own or organised" }, teacher: { read: "own" } },
  pd_requirements: { admin: writeSchool, leader: readSchool, teacher: readSchool },
  pd_hours: {
    admin: readSchool,
    leader: { read: "own or team's" },
    teacher: { read: "own", insert: "own", update: "own open claim", delete: "own open claim" },
  },
  coaching_shares: { leader: { read: "share" }, teacher: { read: "share" } },
  calibrations: { admin: { read: "calibration" }, leader: { read: "calibration" } },
  calibration_raters: { admin: { read: "calibration" }, leader: { read: "calibration" } },
  calibration_ratings: { admin: { read: "calibration" }, leader: { read: "calibration" } },
  goals: {
    admin: { read: "goal", insert: "own goals", update: "own goals", delete: "own goals" },
    leader: { read: "goal", insert: "own goals", update: "own goals", delete: "own goals" },
    teacher: { read: "goal", insert: "own goals", update: "own goals", delete: "own goals" },
  },
  goal_updates: { admin: { read: "goal" }, leader: { read: "goal" }, teacher: { read: "goal" } },
  break_glass_grants: { admin: { read: "own" }, leader: { read: "about own" }, teacher: { read: "about own" } },
  user_sessions: { admin: readSchool, teacher: { read: "own" }, student: { read: "own" } },
};
