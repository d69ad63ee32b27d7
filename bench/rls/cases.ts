import { asRequest, type Query } from "../support/query.ts";
import type { Persona, Personas } from "./personas.ts";

export interface Case {
  persona: string;
  filter: string;
  user: Persona;
  asUser: Query;
  /** The same page without row-level security, as a careful engineer would write it for this very person. */
  byHand: Query;
  /** Milliseconds that hold whatever the query by hand takes; absent where the ratio decides. */
  limit?: number;
  /** Shown, and bound by no budget: the client should have filtered. */
  informative?: boolean;
}

const PAGE = 50;
const LIVE = "o.deleted_at is null";
const OPEN = "o.status <> 'draft' and o.kind <> 'coaching'";
const TEAM = `(o.teacher_id in (select t.id from public.memberships t
    where t.school_id = $1 and t.department_id = $2 and t.role = 'teacher' and t.deleted_at is null)
  or o.teacher_id in (select s.teacher_id from public.supervisions s where s.supervisor_id = $3 and s.deleted_at is null))`;

/** A page of 50, newest first, as PostgREST words it. */
function page(where: string, values: string[]): Query {
  const condition = where === "" ? "" : ` where ${where}`;
  return asRequest(
    `select o.* from public.observations o${condition} order by o.observed_at desc limit ${PAGE} offset 0`,
    values,
  );
}

function schoolPages(name: string, user: Persona, isObserver: boolean): Case[] {
  const own = isObserver ? `(o.observer_id = $2 or ${OPEN})` : OPEN;
  const values = isObserver ? [user.school_id, user.membership_id] : [user.school_id];
  const byHand = page(`o.school_id = $1 and ${LIVE} and ${own}`, values);
  return [
    { persona: name, filter: "school_id", user, asUser: page("o.school_id = $1", [user.school_id]), byHand },
    { persona: name, filter: "none", user, asUser: page("", []), byHand, limit: 25 },
  ];
}

function teacherPages(name: string, user: Persona): Case[] {
  const submitted = `${LIVE} and o.status <> 'draft'`;
  const mine = "array(select m.id from public.memberships m where m.user_id = $1 and m.active)";
  return [
    {
      persona: name,
      filter: "teacher_id",
      user,
      asUser: page("o.teacher_id = $1", [user.membership_id]),
      byHand: page(`o.teacher_id = $1 and ${submitted}`, [user.membership_id]),
    },
    {
      persona: name,
      filter: "none",
      user,
      asUser: page("", []),
      byHand: page(`o.teacher_id = any (${mine}) and ${submitted}`, [user.user_id]),
      limit: 25,
    },
  ];
}

function leaderPages({ leader }: Personas): Case[] {
  const { school_id, membership_id, department_id, teacher_id } = leader;
  const ofTeam = page(`o.school_id = $1 and ${LIVE} and (o.observer_id = $3 or ${OPEN} and ${TEAM})`, [
    school_id,
    department_id,
    membership_id,
  ]);
  return [
    {
      persona: "leader",
      filter: "observer_id",
      user: leader,
      asUser: page("o.observer_id = $1", [membership_id]),
      byHand: page(`o.observer_id = $1 and ${LIVE}`, [membership_id]),
    },
    {
      persona: "leader",
      filter: "teacher_id",
      user: leader,
      asUser: page("o.teacher_id = $1", [teacher_id]),
      byHand: page(`o.teacher_id = $1 and ${LIVE} and (o.observer_id = $2 or ${OPEN})`, [teacher_id, membership_id]),
    },
    {
      persona: "leader",
      filter: "school_id",
      user: leader,
      asUser: page("o.school_id = $1", [school_id]),
      byHand: ofTeam,
    },
    { persona: "leader", filter: "none", user: leader, asUser: page("", []), byHand: ofTeam, limit: 25 },
  ];
}

function districtPages({ districtLeader }: Personas): Case[] {
  const own = "o.observer_id in (select m.id from public.memberships m where m.user_id = $2)";
  const byHand = page(
    `o.school_id = any (array(select s.id from public.schools s where s.district_id = $1)) and ${LIVE} and (${own} or ${OPEN})`,
    [districtLeader.district_id, districtLeader.user_id],
  );
  const [ofSchool] = schoolPages("district leader", districtLeader, true);
  return [
    ...(ofSchool ? [ofSchool] : []),
    {
      persona: "district leader",
      filter: "none",
      user: districtLeader,
      asUser: page("", []),
      byHand,
      informative: true,
    },
    {
      persona: "district leader",
      filter: "rpc, school by school",
      user: districtLeader,
      asUser: {
        text: `select coalesce(json_agg(t.*)::text, '[]') as body from public.district_observations($1, null, ${PAGE}) t`,
        values: [districtLeader.district_id],
      },
      byHand,
      limit: 25,
    },
  ];
}

export function casesFor(personas: Personas): Case[] {
  return [
    ...teacherPages("teacher", personas.teacher),
    ...teacherPages("teacher of two schools", personas.teacherOfTwo),
    ...leaderPages(personas),
    ...schoolPages("principal", personas.principal, true),
    ...schoolPages("admin", personas.admin, false),
    ...districtPages(personas),
    ...schoolPages("principal, largest school", personas.largestPrincipal, true),
    ...schoolPages("admin, largest school", personas.largestAdmin, false),
  ];
}
