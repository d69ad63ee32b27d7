import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

export interface Persona {
  user_id: string;
  membership_id: string;
  school_id: string;
}

export interface Personas {
  teacher: Persona;
  /** Teaches in two schools under one sign-in; the membership is the one with more observations. */
  teacherOfTwo: Persona;
  /** Leads a department. */
  leader: Persona & { department_id: string; teacher_id: string };
  principal: Persona;
  admin: Persona;
  districtLeader: Persona & { district_id: string };
  /** Admin and principal of the school with the most observations. */
  largestAdmin: Persona;
  largestPrincipal: Persona;
}

async function one<T>(query: Promise<{ rows: T[] }>, what: string): Promise<T> {
  const [row] = (await query).rows;
  if (row === undefined) throw new Error(`Cannot find ${what} in the generated data`);
  return row;
}

/** People of the school of median size, and of the largest one, chosen the same way in every run. */
export async function findPersonas(db: Kysely<Database>): Promise<Personas> {
  const sized = sql`select rank, id, district from bench.schools`;
  const typical = (await one(sql<{ rank: string }>`${sized} order by rank offset 99 limit 1`.execute(db), "a school"))
    .rank;
  const holder = (where: ReturnType<typeof sql>, what: string) =>
    one(
      sql<Persona>`
        select m.user_id, m.id as membership_id, m.school_id from public.memberships m join bench.schools s on s.id = m.school_id
        where m.active and ${where} order by m.id limit 1`.execute(db),
      what,
    );
  const teacher = await one(
    sql<Persona>`
      select m.user_id, m.id as membership_id, m.school_id
      from public.memberships m join bench.schools s on s.id = m.school_id
      join public.observations o on o.school_id = m.school_id and o.teacher_id = m.id
      where s.rank = ${typical} and m.role = 'teacher' and m.active
        and not exists (select from public.memberships x where x.user_id = m.user_id and x.id <> m.id)
      group by 1, 2, 3 order by abs(count(*) - (select count(*) from public.observations) / (select count(*) from public.memberships where role = 'teacher')), 2
      limit 1`.execute(db),
    "a teacher",
  );
  const teacherOfTwo = await one(
    sql<Persona>`
      select m.user_id, m.id as membership_id, m.school_id from public.memberships m
      where m.role = 'teacher' and m.active
        and exists (select from public.memberships x where x.user_id = m.user_id and x.id <> m.id and x.active)
      order by m.id limit 1`.execute(db),
    "a teacher of two schools",
  );
  const leader = await one(
    sql<Persona & { department_id: string; teacher_id: string }>`
      select m.user_id, m.id as membership_id, m.school_id, m.department_id, t.id as teacher_id
      from public.memberships m join bench.schools s on s.id = m.school_id
      join public.memberships t on t.school_id = m.school_id and t.department_id = m.department_id and t.role = 'teacher' and t.active
      where s.rank = ${typical} and m.team_scope = 'department' order by m.id, t.id limit 1`.execute(db),
    "a leader",
  );
  const districtLeader = await one(
    sql<Persona & { district_id: string }>`
      select m.user_id, m.id as membership_id, m.school_id, d.district_id
      from public.memberships m join public.district_memberships d on d.id = m.via_district_membership_id join bench.schools s on s.id = m.school_id
      where s.rank = ${typical} and m.role = 'leader'`.execute(db),
    "a district leader",
  );
  return {
    teacher,
    teacherOfTwo,
    leader,
    principal: await holder(
      sql`s.rank = ${typical} and m.team_scope = 'school' and m.via_district_membership_id is null`,
      "a principal",
    ),
    admin: await holder(
      sql`s.rank = ${typical} and m.role = 'admin' and m.via_district_membership_id is null`,
      "an admin",
    ),
    districtLeader,
    largestAdmin: await holder(
      sql`s.rank = 1 and m.role = 'admin' and m.via_district_membership_id is null`,
      "an admin",
    ),
    largestPrincipal: await holder(
      sql`s.rank = 1 and m.team_scope = 'school' and m.via_district_membership_id is null`,
      "a principal",
    ),
  };
}
