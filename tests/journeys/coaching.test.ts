import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, signIn } from "../support/clients.ts";
import { eventually } from "../support/eventually.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

type Who = "admin" | "principal" | "coach" | "teacher" | "colleague" | "stranger";
type Item = "observation" | "feedback" | "action_step";

const SECRET = "בין שנינו: the class was lost for ten minutes";
const coaching = randomUUID();
const step = randomUUID();
let school: FreshSchool;
let members: Record<Who, Membership>;
let clients: Record<Who, Client>;
let feedback: string;
const heard: Record<string, Record<string, unknown>[]> = { principal: [], admin: [] };
const outsiders = ["admin", "principal", "colleague", "stranger"] as const;
const here = () => ({ school_id: school.id });
const path = () => `${school.id}/${coaching}/board.txt`;

beforeAll(async () => {
  school = await FreshSchool.create();
  const team = { department_id: await school.department("MATH") };
  const people = {
    admin: await school.join("wall-admin", "admin"),
    principal: await school.join("wall-principal", "leader"),
    coach: await school.join("wall-coach", "leader", { team_scope: "department", ...team }),
    teacher: await school.join("wall-teacher", "teacher", team),
    colleague: await school.join("wall-colleague", "teacher", team),
    stranger: await (await FreshSchool.create()).join("wall-stranger", "admin"),
  };
  const entries = Object.entries(people);
  members = Object.fromEntries(entries.map(([name, { membership }]) => [name, membership])) as typeof members;
  clients = Object.fromEntries(
    await Promise.all(entries.map(async ([name, { email }]) => [name, await signIn(email)] as const)),
  ) as typeof clients;
  for (const who of ["principal", "admin"] as const) {
    const [own] = unwrap(await clients[who].rpc("my_topics"));
    const channel = clients[who].channel(String(own?.topic), { config: { private: true } });
    channel.on("broadcast", { event: "notification" }, ({ payload }) => heard[who]?.push(payload));
    await new Promise<void>((resolve, reject) => {
      channel.subscribe((status, error) => {
        if (status === "SUBSCRIBED") resolve();
        else if (status !== "CLOSED") reject(error ?? new Error(status));
      });
    });
  }
}, 60_000);

afterAll(async () => {
  for (const who of ["principal", "admin"] as const) await clients[who].removeAllChannels();
});

/** All that somebody gets of the coaching, by every way of asking that the API has. */
async function reaches(who: Who): Promise<string[]> {
  const client = clients[who];
  const found: string[] = [];
  const see = async (what: string, rows: Promise<number>) => {
    if ((await rows) > 0) found.push(what);
  };
  const rows = async (query: PromiseLike<{ data: unknown[] | null; error: unknown }>) => unwrap(await query).length;
  await see("observation", rows(client.from("observations").select("id, notes").eq("id", coaching)));
  await see(
    "count",
    (async () =>
      (await client.from("observations").select("*", { count: "exact", head: true }).eq("kind", "coaching")).count ??
      0)(),
  );
  await see("rating", rows(client.from("observation_ratings").select("level").eq("observation_id", coaching)));
  await see("feedback", rows(client.from("observation_feedback").select("*").eq("observation_id", coaching)));
  await see("step", rows(client.from("action_steps").select("*").eq("observation_id", coaching)));
  await see("summary", rows(client.from("observation_summaries").select("*").eq("observation_id", coaching)));
  await see("growth", rows(client.from("domain_growth").select("*").eq("teacher_id", members.teacher.id)));
  await see("plan", rows(client.from("observation_plans").select("id").eq("school_id", school.id)));
  await see("visit", rows(client.from("planned_observations").select("id").eq("kind", "coaching")));
  await see("coverage", rows(client.from("observation_coverage").select("planned").eq("school_id", school.id)));
  await see(
    "embedded",
    rows(
      client
        .from("memberships")
        .select("id, observations!observations_teacher_fkey!inner(id, observation_ratings(level), action_steps(id))")
        .eq("id", members.teacher.id)
        .eq("observations.id", coaching),
    ),
  );
  await see("search", rows(client.rpc("search_people", { ...here(), query: "lost minutes" })));
  await see("file", (async () => ((await client.storage.from("evidence").download(path())).data === null ? 0 : 1))());
  await see(
    "audit",
    (async () => {
      const trail = await client.rpc("audit_trail", { ...here(), page_size: 200 });
      return JSON.stringify(trail.data).includes("ten minutes") || JSON.stringify(trail.data).includes(SECRET) ? 1 : 0;
    })(),
  );
  await see("notification", rows(client.from("notifications").select("id").eq("row_id", coaching)));
  await see("share", rows(client.from("coaching_shares").select("id")));
  return found;
}

const share = (who: Who, item: Item, id: string, reader: Membership = members.principal) =>
  clients[who].rpc("share_coaching_item", { ...here(), item, item_id: id, reader_id: reader.id });

describe("a coaching cycle behind its wall", () => {
  test("the coach plans, drafts, adds a file and a step, and submits; the teacher reflects", async () => {
    const year = await school.year("Y", "2026-09-01", "2027-07-31");
    const due_on = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    const visit = { observer_id: members.coach.id, teacher_id: members.teacher.id, kind: "coaching", due_on };
    const plan = { ...here(), academic_year_id: year, name: "Coaching", visits: [visit] };
    expect((await clients.principal.rpc("plan_observations", plan)).error?.code).toBe("PT404");
    expect((await clients.coach.rpc("plan_observations", plan)).error).toBeNull();
    const planned = unwrap(await clients.coach.from("planned_observations").select("id").eq("kind", "coaching"));
    const { id: framework_id, domains } = await school.framework();
    const at = new Date().toISOString();
    const fields = { notes: { value: SECRET, at }, [`rating:${domains[0]}:level`]: { value: 1, at } };
    const begin = {
      teacher_id: members.teacher.id,
      framework_id,
      kind: "coaching",
      planned_observation_id: planned[0]?.id,
    };
    const draft = { ...here(), observation_id: coaching, fields, ...begin };
    expect((await clients.coach.rpc("save_observation_draft", draft)).error).toBeNull();
    const file = new Blob(["what was said"], { type: "text/plain" });
    expect((await clients.coach.storage.from("evidence").upload(path(), file)).error).toBeNull();
    const row = { ...here(), id: step, observation_id: coaching, description: "Three questions, prepared" };
    expect((await clients.coach.from("action_steps").insert(row)).error).toBeNull();
    const own = { ...here(), observation_id: coaching };
    expect((await clients.coach.rpc("submit_observation", own)).error).toBeNull();
    const reflected = await clients.teacher.rpc("reflect_on_observation", { ...own, reflection: "ten minutes, yes" });
    feedback = unwrap(reflected).id;
  });

  test("no list, count, embed, search, file, coverage, audit value or notification tells anybody else", async () => {
    for (const who of outsiders) expect(await reaches(who), who).toEqual([]);
    expect(await reaches("teacher")).toEqual(
      expect.arrayContaining(["observation", "count", "rating", "feedback", "step", "embedded", "file", "visit"]),
    );
    expect((await reaches("coach")).length).toBeGreaterThan(8);
  });

  test("nobody but the teacher shares an item, and with a leader of theirs alone", async () => {
    for (const who of ["coach", ...outsiders] as const)
      for (const [item, id] of [
        ["observation", coaching],
        ["feedback", feedback],
        ["action_step", step],
      ] as const)
        expect((await share(who, item, id)).error?.code, `${who} ${item}`).toBe("PT404");
    for (const reader of [members.admin, members.colleague, members.stranger])
      expect((await share("teacher", "action_step", step, reader)).error?.code).toBe("PT404");
    for (const who of outsiders) expect(await reaches(who), who).toEqual([]);
  });

  test("the step that the teacher shares is read, and nothing beside it; the reader is told at once", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => share("teacher", "action_step", step)));
    expect(new Set(outcomes.map((outcome) => unwrap(outcome).id)).size).toBe(1);
    expect(await reaches("principal")).toEqual(["step", "share"]);
    for (const who of ["admin", "colleague", "stranger"] as const) expect(await reaches(who), who).toEqual([]);
    const event = await eventually(
      async () => heard.principal?.find(({ kind }) => kind === "coaching_shared"),
      10,
      "the event of the share",
    );
    expect(event).toMatchObject({ table_name: "action_steps", row_id: step, school_id: school.id });
    expect(JSON.stringify(heard.principal)).not.toContain("questions");
    expect(heard.admin).toEqual([]);
  });

  test("what is taken back is gone; the observation opens its own parts and neither feedback nor step", async () => {
    const [given] = unwrap(await clients.principal.from("coaching_shares").select("id"));
    const back = { ...here(), share_id: String(given?.id) };
    expect((await clients.principal.rpc("unshare_coaching_item", back)).error?.code).toBe("PT404");
    expect((await clients.teacher.rpc("unshare_coaching_item", back)).error).toBeNull();
    expect(await reaches("principal")).toEqual([]);
    expect((await share("teacher", "observation", coaching)).error).toBeNull();
    expect(await reaches("principal")).toEqual([
      "observation",
      "count",
      "rating",
      "summary",
      "embedded",
      "file",
      "notification",
      "share",
    ]);
    const nested = clients.principal.from("observations").select("observation_feedback(*), action_steps(*)");
    expect(unwrap(await nested.eq("id", coaching))).toEqual([{ observation_feedback: [], action_steps: [] }]);
    expect(await reaches("admin")).toEqual([]);
  });
});
