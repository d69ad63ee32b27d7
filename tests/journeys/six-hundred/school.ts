import { type Client, freshSignIn } from "../../support/clients.ts";
import { followMail } from "../../support/follow-mail.ts";
import { FreshSchool } from "../../support/school.ts";
import { unwrap } from "../../support/unwrap.ts";
import { plus, today } from "./days.ts";

export const TIMEZONE = "Asia/Jerusalem";
export const LEVELS = 12;
export const CLASSES = 24;
export const PER_CLASS = 25;
export const TEACHERS = 30;

export interface Teacher {
  email: string;
  membershipId: string;
  client: Client;
}

const GIVEN = ["נועה", "איתי", "מאיה", "David", "יעל", "Lena", "עומר", "Sam", "תמר", "Amir"];
const FAMILY = ["לוי", "כהן", "מזרחי", "O'Brien", "בן-ציון", "Østergård", "פרץ", "Nair"];

/** The school's own words for its first weeks: who they are, and what they made by supabase-js. */
export class SchoolOfSixHundred {
  readonly today = today(TIMEZONE);
  readonly school: FreshSchool;
  readonly office: Client;
  readonly secondOffice: Client;
  years = { now: "", next: "" };
  classes: string[] = [];
  nextClasses: string[] = [];
  rooms: string[] = [];
  teachers: Teacher[] = [];
  students: string[] = [];
  term = "";

  private constructor(school: FreshSchool, office: Client, secondOffice: Client) {
    this.school = school;
    this.office = office;
    this.secondOffice = secondOffice;
  }

  /** A school as the platform hands it over: two people of its office, and nothing else. */
  static async open(): Promise<SchoolOfSixHundred> {
    const school = await FreshSchool.create({ timezone: TIMEZONE, locale: "he" });
    const office = await freshSignIn((await school.join("office", "admin")).email);
    const second = await freshSignIn((await school.join("second-office", "admin")).email);
    return new SchoolOfSixHundred(school, office, second);
  }

  day(offset: number): string {
    return plus(this.today, offset);
  }

  teacher(n: number): Teacher {
    const found = this.teachers[n];
    if (!found) throw new Error(`There is no teacher ${n}`);
    return found;
  }

  async setUpYears(): Promise<void> {
    const school_id = this.school.id;
    const year = (code: string, from: number, to: number) => ({
      school_id,
      code,
      name: code,
      starts_on: this.day(from),
      ends_on: this.day(to),
    });
    const { office } = this;
    const years = unwrap(
      await office
        .from("academic_years")
        .insert([year("A-NOW", -60, 200), year("B-NEXT", 201, 500)])
        .select("id")
        .order("code"),
    );
    this.years = { now: String(years[0]?.id), next: String(years[1]?.id) };
    unwrap(await office.rpc("set_current_year", { school_id, academic_year_id: this.years.now }));
    unwrap(await office.rpc("set_school_setting", { school_id, key: "register_hours", value: 720 }));
    const rooms = Array.from({ length: CLASSES }, (_, n) => ({ school_id, code: `R${n + 101}`, name: `R${n + 101}` }));
    this.rooms = unwrap(await office.from("rooms").insert(rooms).select("id").order("code")).map(({ id }) => id);
    this.classes = await this.makeClasses(this.years.now);
    this.nextClasses = await this.makeClasses(this.years.next);
  }

  private async makeClasses(academic_year_id: string): Promise<string[]> {
    const school_id = this.school.id;
    const levels = unwrap(
      await this.office.from("grade_levels").select("id, code").eq("school_id", school_id).order("position"),
    );
    const rows = Array.from({ length: CLASSES }, (_, n) => {
      const level = levels[Math.floor(n / 2)];
      const code = `${level?.code}-${(n % 2) + 1}`;
      const room_id = String(this.rooms[n]);
      const size = { capacity: PER_CLASS + 5 };
      return { school_id, academic_year_id, grade_level_id: String(level?.id), code, name: code, room_id, ...size };
    });
    const made = unwrap(await this.office.from("classes").insert(rows).select("id, code"));
    return rows.map(({ code }) => String(made.find((row) => row.code === code)?.id));
  }

  /** Thirty teachers, invited in one call, each of whom follows the mail's link. */
  async inviteTeachers(): Promise<void> {
    const people = Array.from({ length: TEACHERS }, (_, n) => ({
      email: `t${n}.${this.school.code.toLowerCase()}@people.example.test`,
      full_name: `מורה ${n}`,
      role: "teacher",
      teacher_code: `T-${1000 + n}`,
      starts_on: this.day(-60),
    }));
    const { data, error } = await this.office.functions.invoke("people/invitations", {
      body: { school_id: this.school.id, people },
    });
    if (error) throw error;
    const invited = data as { email: string; membership_id: string; mail: string }[];
    this.teachers = await Promise.all(
      people.map(async ({ email }) => ({
        email,
        membershipId: String(invited.find((each) => each.email === email)?.membership_id),
        client: await followMail(email),
      })),
    );
  }

  async enrollStudents(): Promise<void> {
    const school_id = this.school.id;
    const rows = Array.from({ length: CLASSES * PER_CLASS }, (_, n) => ({
      school_id,
      student_number: `S-${10_000 + n}`,
      given_name: String(GIVEN[n % GIVEN.length]),
      family_name: `${FAMILY[n % FAMILY.length]} ${String.fromCharCode(0x5d0 + (n % 22))}`,
    }));
    const made = unwrap(await this.office.from("students").insert(rows).select("id, student_number"));
    const byNumber = new Map(made.map(({ id, student_number }) => [student_number, id]));
    this.students = rows.map(({ student_number }) => String(byNumber.get(student_number)));
    for (const [n, class_id] of this.classes.entries()) {
      const student_ids = this.students.slice(n * PER_CLASS, (n + 1) * PER_CLASS);
      unwrap(await this.office.rpc("enroll_students", { school_id, class_id, student_ids, starts_on: this.day(-60) }));
    }
  }
}
