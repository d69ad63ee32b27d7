import { z } from "zod";

const optionalId = z.guid().optional();
const day = z.iso.date().optional();

const personSchema = z.strictObject({
  email: z.email({ pattern: z.regexes.html5Email }).max(255),
  full_name: z.string().min(1).max(200),
  role: z.enum(["admin", "leader", "teacher", "student", "parent"]),
  team_scope: z.enum(["school", "campus", "department", "named"]).optional(),
  campus_id: optionalId,
  department_id: optionalId,
  teacher_code: z.string().max(40).optional(),
  starts_on: day,
  ends_on: day,
  student_id: optionalId,
});

/** Whom to invite; `redirect_to` is where the mail's link ends, one of the project's redirect addresses. */
export const invitationsSchema = z.strictObject({
  school_id: z.guid(),
  people: z.array(personSchema).min(1).max(200),
  redirect_to: z.url().optional(),
});

/** A name and a password for a student without a mailbox. */
export const signInSchema = z.strictObject({
  school_id: z.guid(),
  student_id: z.guid(),
  username: z.string().min(2).max(40),
  password: z.string().min(1).max(72),
});
