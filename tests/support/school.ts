import { randomUUID } from "node:crypto";
import type { Database } from "../../supabase/database.types.ts";
import { PASSWORD, service } from "./clients.ts";
import { unwrap } from "./unwrap.ts";

type Tables = Database["public"]["Tables"];
export type Membership = Tables["memberships"]["Row"];
export type Role = "admin" | "leader" | "teacher" | "student" | "parent";

export interface Person {
  email: string;
  userId: string;
}

/** A new user with a confirmed address and the demonstration password. */
export async function createPerson(name: string): Promise<Person> {
  const email = `${name}.${randomUUID().slice(0, 8)}@people.example.test`;
  const { data, error } = await service.auth.admin.createUser({ email, password: PASSWORD, email_confirm: true });
  if (error) throw new Error(`Cannot create ${email}: ${error.message}`);
  return { email, userId: data.user.id };
}

/** A school of its own for one test, so that tests neither meet nor depend on the demonstration data. */
export class FreshSchool {
  readonly id: string;
  readonly code: string;

  private constructor(id: string, code: string) {
    this.id = id;
    this.code = code;
  }

  static async create(settings: Partial<Tables["schools"]["Insert"]> = {}): Promise<FreshSchool> {
    const code = `T-${randomUUID().slice(0, 8).toUpperCase()}`;
    const school = unwrap(
      await service
        .from("schools")
        .insert({ code, name: `School ${code}`, status: "active", timezone: "UTC", locale: "en", ...settings })
        .select("id")
        .single(),
    );
    return new FreshSchool(school.id, code);
  }

  async campus(code: string): Promise<string> {
    const row = { school_id: this.id, code, name: `Campus ${code}` };
    return unwrap(await service.from("campuses").insert(row).select("id").single()).id;
  }

  async department(code: string): Promise<string> {
    const row = { school_id: this.id, code, name: `Department ${code}` };
    return unwrap(await service.from("departments").insert(row).select("id").single()).id;
  }

  async member(person: Person, role: Role, more: Partial<Tables["memberships"]["Insert"]> = {}): Promise<Membership> {
    const team = role === "leader" ? { team_scope: "school" } : {};
    const row = { school_id: this.id, user_id: person.userId, role, starts_on: "2025-09-01", ...team, ...more };
    return unwrap(await service.from("memberships").insert(row).select().single());
  }

  /** A new person with a membership here. */
  async join(name: string, role: Role, more: Partial<Tables["memberships"]["Insert"]> = {}) {
    const person = await createPerson(name);
    return { ...person, membership: await this.member(person, role, more) };
  }

  async framework(code = "GROWTH-4"): Promise<{ id: string; domains: string[] }> {
    const query = service.from("frameworks").select("id, framework_domains(id, position)");
    const row = unwrap(await query.eq("school_id", this.id).eq("code", code).single());
    const domains = row.framework_domains.toSorted((a, b) => a.position - b.position).map((domain) => domain.id);
    return { id: row.id, domains };
  }

  async observation(teacher: Membership, observer: Membership, more: Partial<Tables["observations"]["Insert"]> = {}) {
    const status = more.status ?? "draft";
    const row = {
      school_id: this.id,
      teacher_id: teacher.id,
      observer_id: observer.id,
      framework_id: (await this.framework()).id,
      observed_at: "2026-03-02T08:00:00Z",
      submitted_at: status === "draft" ? null : "2026-03-03T08:00:00Z",
      acknowledged_at: status === "acknowledged" ? "2026-03-04T08:00:00Z" : null,
      ...more,
    };
    return unwrap(await service.from("observations").insert(row).select().single());
  }

  async student(more: Partial<Tables["students"]["Insert"]> = {}) {
    const row = { school_id: this.id, given_name: "Dana", family_name: "Levi", ...more };
    return unwrap(await service.from("students").insert(row).select().single());
  }

  async year(code: string, starts_on: string, ends_on: string): Promise<string> {
    const row = { school_id: this.id, code, name: code, starts_on, ends_on };
    return unwrap(await service.from("academic_years").insert(row).select("id").single()).id;
  }

  async homeroom(yearId: string, code: string, more: Partial<Tables["classes"]["Insert"]> = {}): Promise<string> {
    const level = unwrap(
      await service.from("grade_levels").select("id").eq("school_id", this.id).eq("code", "P1").single(),
    );
    const row = { school_id: this.id, academic_year_id: yearId, grade_level_id: level.id, code, name: code, ...more };
    return unwrap(await service.from("classes").insert(row).select("id").single()).id;
  }
}
