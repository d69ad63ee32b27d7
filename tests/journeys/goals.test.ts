import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Who = "admin" | "principal" | "leader" | "teacher" | "colleague" | "third" | "parent";

let school: FreshSchool;
let members: Record<Who, Membership>;
let clients: Record<Who, Client>;
const whole = randomUUID();
const own = randomUUID();
const part = randomUUID();
const here = () => ({ school_id: school.id });
const goal = (id: string) => ({ ...here(), goal_id: id });
const add = (
  who: Who,
  row: { id: string; title: string; parent_id?: string; progress_method?: string; stated_progress?: number },
) => {
  const teacher_id = members[who].role === "teacher" ? members[who].id : null;
  return clients[who].from("goals").insert({ ...here(), teacher_id, ...row });
};
const progress = async (who: Who, id: string) =>
  unwrap(await clients[who].rpc("goal_progress", { ...here(), goal_ids: [id] }))[0]?.progress;

beforeAll(async () => {
  school = await FreshSchool.create();
  const team = { department_id: await school.department("MATH") };
  const people = {
    admin: await school.join("goals-admin", "admin"),
    principal: await school.join("goals-principal", "leader"),
    leader: await school.join("goals-leader", "leader", { team_scope: "department", ...team }),
    teacher: await school.join("goals-teacher", "teacher", team),
    colleague: await school.join("goals-colleague", "teacher", team),
    third: await school.join("goals-third", "teacher"),
    parent: await school.join("goals-parent", "parent"),
  };
  const entries = Object.entries(people);
  members = Object.fromEntries(entries.map(([name, { membership }]) => [name, membership])) as typeof members;
  clients = Object.fromEntries(
    await Promise.all(entries.map(async ([name, { email }]) => [name, await signIn(email)] as const)),
  ) as typeof clients;
}, 60_000);

describe("goals of a school and of its teachers", () => {
  test("the principal sets the school's, teachers their own under it, nobody another's", async () => {
    const first = { id: whole, title: "כל תלמיד מדבר", progress_method: "children" };
    expect((await add("principal", first)).error).toBeNull();
    expect((await add("leader", { ...first, id: randomUUID() })).error?.code).toBe("42501");
    expect((await add("teacher", { id: own, title: "Open questions", parent_id: whole })).error).toBeNull();
    expect((await add("teacher", { id: part, title: "Three a day", parent_id: own })).error).toBeNull();
    const forged = { ...here(), teacher_id: members.colleague.id, title: "Forged" };
    for (const who of ["teacher", "leader", "admin", "parent"] as const)
      expect((await clients[who].from("goals").insert(forged)).error?.code, who).toBe("42501");
    const seen = async (who: Who) => unwrap(await clients[who].from("goals").select("id")).length;
    expect([await seen("leader"), await seen("colleague"), await seen("parent")]).toEqual([3, 1, 0]);
  });

  test("a goal is never its own ancestor, also when two would close the ring together", async () => {
    const align = (id: string, parent_id: string | null) =>
      clients.teacher.from("goals").update({ parent_id }).eq("id", id);
    expect((await align(own, part)).error).toMatchObject({ code: "PT422", hint: "A goal cannot be its own ancestor." });
    for (let round = 0; round < 8; round += 1) {
      const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of [a, b, c]) unwrap(await add("teacher", { id, title: "Ring" }).select("id"));
      const outcomes = await Promise.all([align(a, b), align(b, c), align(c, a)]);
      expect(outcomes.map(({ error }) => error?.code ?? "aligned").sort()).toEqual(["PT422", "aligned", "aligned"]);
    }
  });

  test("progress is derived or stated, never both, and keeps its history", async () => {
    const record = (who: Who, id: string, percent: number, update_id = randomUUID()) =>
      clients[who].rpc("record_goal_progress", { ...goal(id), progress: percent, update_id });
    expect((await record("principal", whole, 50)).error).toMatchObject({ code: "PT422" });
    for (const row of [
      { progress_method: "children", stated_progress: 10 },
      { progress_method: "updates", stated_progress: 10 },
      { progress_method: "stated" },
    ])
      expect((await add("teacher", { id: randomUUID(), title: "Both", ...row })).error?.code).toBe("23514");
    const again = randomUUID();
    const outcomes = await Promise.all([1, 2, 3].map(() => record("teacher", own, 30, again)));
    expect(outcomes.map(({ error }) => error)).toEqual([null, null, null]);
    unwrap(await record("teacher", own, 45));
    const history = clients.leader.from("goal_updates").select("progress").eq("goal_id", own).order("created_at");
    expect(unwrap(await history)).toEqual([{ progress: 30 }, { progress: 45 }]);
    unwrap(
      await add("colleague", {
        id: randomUUID(),
        title: "Pairs",
        parent_id: whole,
        progress_method: "stated",
        stated_progress: 80,
      }).select(),
    );
    expect(await progress("principal", whole)).toBe((45 + 80) / 2);
    expect(await progress("teacher", whole)).toBeNull();
    unwrap(await add("third", { id: randomUUID(), title: "Waiting", parent_id: whole }).select());
    const mean = Math.round(((45 + 80 + 0) / 3) * 10) / 10;
    for (const who of ["principal", "teacher", "leader"] as const) expect(await progress(who, whole), who).toBe(mean);
    expect(await progress("colleague", own)).toBeUndefined();
  });

  test("a leader approves and comments, never their own; a change of the text asks anew", async () => {
    for (const who of ["teacher", "colleague", "admin", "parent"] as const)
      expect((await clients[who].rpc("approve_goal", goal(own))).error?.code, who).toBe("PT404");
    const outcomes = await Promise.all(
      (["leader", "principal"] as const).map((who) =>
        clients[who].rpc("approve_goal", { ...goal(own), comment: "Good" }),
      ),
    );
    expect(outcomes.map(({ error }) => error?.code ?? "approved").sort()).toEqual(["PT404", "approved"]);
    expect((await clients.teacher.from("goals").update({ title: "Fewer questions" }).eq("id", own)).error).toBeNull();
    const [changed] = unwrap(await clients.teacher.from("goals").select("approved_at, approved_by").eq("id", own));
    expect(changed).toEqual({ approved_at: null, approved_by: null });
    expect((await clients.principal.rpc("approve_goal", goal(own))).error).toBeNull();
    expect(
      (await clients.leader.rpc("comment_on_goal", { ...goal(own), note: "ומה עם התלמידים השקטים?" })).error,
    ).toBeNull();
    const kinds = unwrap(await clients.teacher.from("notifications").select("kind").eq("row_id", own));
    expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(["goal_approved", "goal_commented"]));
    const closed = await clients.teacher.rpc("set_goal_status", { ...goal(own), status: "achieved" });
    expect(unwrap(closed)).toMatchObject({ status: "achieved" });
    expect(unwrap(await clients.teacher.from("goals").update({ title: "Other" }).eq("id", own).select())).toEqual([]);
  });
});
