import { service } from "../support/clients.ts";
import { unwrap } from "../support/unwrap.ts";
import { matrix } from "./matrix.ts";

/** A row as the service key sees it. */
export type Fact = Record<string, unknown> & { id?: string; school_id?: string };

export interface Membership extends Fact {
  id: string;
  school_id: string;
  user_id: string | null;
  role: "admin" | "leader" | "teacher" | "student" | "parent";
  team_scope: string | null;
  campus_id: string | null;
  department_id: string | null;
  starts_on: string;
  ends_on: string | null;
  active: boolean;
  deleted_at: string | null;
  via_district_membership_id: string | null;
}

export type Facts = Record<string, Fact[]>;

const PAGE = 1000;

/** What tells two rows of a table apart. */
export const key = (table: string, row: Fact): string =>
  table === "permission_ceilings" ? `${row.role} ${row.permission}` : String(row.id ?? row.code ?? row.key ?? row.kind);

/** Tables that belong to no school. */
const SCHOOLLESS = new Set(
  "districts setting_definitions district_settings profiles district_memberships permissions permission_ceilings notification_kinds".split(
    " ",
  ),
);

/**
 * Every row of the tables of the matrix in some schools, whatever its state: what the expected sets are computed from. A row of another
 * school that somebody sees is one too many.
 */
export async function readFacts(schoolIds: string[], tables: string[] = Object.keys(matrix)): Promise<Facts> {
  const facts: Facts = {};
  for (const table of tables) {
    if (table === "student_records") continue;
    const rows: Fact[] = [];
    for (;;) {
      const all = service.from(table as "campuses").select("*");
      const some = SCHOOLLESS.has(table) ? all : all.in(table === "schools" ? "id" : "school_id", schoolIds);
      const page: Fact[] = unwrap(await some.range(rows.length, rows.length + PAGE - 1));
      rows.push(...page);
      if (page.length < PAGE) break;
    }
    facts[table] = rows;
  }
  return facts;
}
