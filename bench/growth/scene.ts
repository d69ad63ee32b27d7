import { type Kysely, sql } from "kysely";
import type { Database } from "../support/database.ts";

export interface Leader {
  user: string;
  /** Null for the principal, who leads the school. */
  department: string | null;
}

/** The school that is measured, its current year with the bounds of it as moments, and who asks. */
export interface Scene {
  school: string;
  year: string;
  since: string;
  until: string;
  startsOn: string;
  endsOn: string;
  district: string;
  principal: Leader;
  leader: Leader;
  /** Reads every school of the district. */
  chief: string;
  teacher: { user: string; id: string };
  counts: { teachers: number; observations: number; ratings: number };
}

export async function findScene(db: Kysely<Database>): Promise<Scene> {
  const { rows } = await sql<{ scene: Scene }>`
    select jsonb_build_object('school', y.school_id, 'year', y.id, 'since', y.starts_on::timestamp at time zone s.timezone, 'until', (y.ends_on + 1)::timestamp at time zone s.timezone,
      'startsOn', y.starts_on, 'endsOn', y.ends_on, 'district', s.district_id, 'chief', bench.id('chief'),
      'teacher', jsonb_build_object('user', bench.id(bench.id('teacher 1 1') || ' user'), 'id', bench.id('teacher 1 1')),
      'principal', jsonb_build_object('user', bench.id(bench.id('principal 1 1') || ' user'), 'department', null),
      'leader', jsonb_build_object('user', bench.id(bench.id('leader 1 1') || ' user'), 'department', bench.id('department 1 1')),
      'counts', jsonb_build_object('teachers', (select teachers from bench.schools where rank = 1),
        'observations', (select count(*) from public.observations o where o.school_id = s.id),
        'ratings', (select count(*) from public.observation_ratings r where r.school_id = s.id))) as scene
    from public.academic_years y join public.schools s on s.id = y.school_id where y.id = bench.id('year 1 1') and current_date between y.starts_on and y.ends_on`.execute(
    db,
  );
  const [found] = rows;
  if (found === undefined) throw new Error("Cannot find the school in this year: with --fresh it is made again");
  return found.scene;
}
