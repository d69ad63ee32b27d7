import { type Fact, type Facts, key } from "./facts.ts";
import { type Cell, matrix } from "./matrix.ts";
import { type Persona, Scopes } from "./scopes.ts";

const STUDENT_TABLES: Record<string, string> = {
  students: "id",
  student_internal: "student_id",
  enrollments: "student_id",
  attendance_entries: "student_id",
  attendance_marks: "student_id",
  guardianships: "student_id",
  guardianship_blocks: "student_id",
};

const MEMBERSHIP_TABLES: Record<string, string> = {
  memberships: "id",
  directory_cards: "membership_id",
  user_sessions: "membership_id",
  invitations: "membership_id",
  announcement_receipts: "membership_id",
};

/** What the matrix says of a person, computed from the rows alone. */
export class Expected {
  private readonly scopes: Scopes;
  private readonly facts: Facts;

  constructor(facts: Facts) {
    this.facts = facts;
    this.scopes = new Scopes(facts);
  }

  allows(operation: keyof Cell, table: string, row: Fact, persona: Persona): boolean {
    if (row.deleted_at) return false;
    const blockable = STUDENT_TABLES[table];
    if (blockable && this.scopes.blockedStudents(persona.userId).has(row[blockable])) return false;
    const member = MEMBERSHIP_TABLES[table];
    if (member && this.scopes.blockedMemberships(persona.userId).has(row[member])) return false;
    const personal = matrix[table]?.person?.[operation];
    if (personal) return row.user_id === persona.userId;
    return this.scopes
      .memberships(persona.userId)
      .filter((membership) => this.scopes.inForce(membership))
      .some((membership) => {
        const scope = matrix[table]?.[membership.role]?.[operation];
        return scope !== undefined && this.scopes.covers(scope, table, row, membership);
      });
  }

  /** Keys of the rows of a table that a person sees, sorted. */
  visible(table: string, persona: Persona): string[] {
    const rows = (this.facts[table] ?? []).filter((row) => this.allows("read", table, row, persona));
    return rows.map((row) => key(table, row)).sort();
  }
}
