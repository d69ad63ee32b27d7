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

/** Every row of every table of the matrix, whatever its state: what the expected sets are computed from. */
export async function readFacts(): Promise<Facts> {
  const facts: Facts = {};
  for (const table of Object.keys(matrix)) {
    if (table === "student_records") continue;
    const rows: Fact[] = [];
    for (;;) {
      const page: Fact[] = unwrap(
        await service
          .from(table as "schools")
          .select("*")
          .range(rows.length, rows.length + PAGE - 1),
      );
      rows.push(...page);
      if (page.length < PAGE) break;
    }
    facts[table] = rows;
  }
  return facts;
}
