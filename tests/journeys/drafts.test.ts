import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Client, freshSignIn, service, signIn } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let framework: { id: string; domains: string[] };
let teacher: Membership;
let phone: Client;
let tablet: Client;
let other: Client;
const from = Date.now() - 3_600_000;
/** An edit of a field, in seconds of the afternoon on which it was made. */
const edit = (value: unknown, second: number) => ({ value, at: new Date(from + second * 1000).toISOString() });

interface Saved {
  saved: string[];
  fields: Record<string, { value: unknown; at: string }>;
}

const save = async (client: Client, id: string, fields: Record<string, unknown>) => {
  const begin = { teacher_id: teacher.id, framework_id: framework.id, kind: "evaluation" };
  const answer = await client.rpc("save_observation_draft", {
    school_id: school.id,
    observation_id: id,
    fields: fields as never,
    ...begin,
  });
  return answer as { data: Saved | null; error: (typeof answer)["error"] };
};
const level = (index: number) => `rating:${framework.domains[index]}:level`;

beforeAll(async () => {
  school = await FreshSchool.create();
  framework = await school.framework();
  const observer = await school.join("draft-principal", "leader");
  teacher = (await school.join("draft-teacher", "teacher")).membership;
  other = await signIn((await school.join("draft-admin", "admin")).email);
  [phone, tablet] = [await freshSignIn(observer.email), await freshSignIn(observer.email)];
}, 60_000);

describe("one draft on two devices", () => {
  test("both make it at once, and it is one", async () => {
    const id = randomUUID();
    const outcomes = await Promise.all([
      save(phone, id, { notes: edit("From the phone", 1) }),
      save(tablet, id, { focus: edit("From the tablet", 2) }),
    ]);
    expect(outcomes.map(({ error }) => error)).toEqual([null, null]);
    const rows = unwrap(await phone.from("observations").select("notes, focus, status").eq("id", id));
    expect(rows).toEqual([{ notes: "From the phone", focus: "From the tablet", status: "draft" }]);
  });

  test("whatever the order of arrival, the latest edit of each field stands and none is lost", async () => {
    const id = randomUUID();
    const saves = Array.from({ length: 24 }, (_, n) => ({
      client: n % 2 ? phone : tablet,
      fields: {
        notes: edit(`notes ${n}`, (n * 7) % 24),
        [n % 3 ? level(0) : level(1)]: edit(1 + (n % 4), (n * 5) % 24),
        ...(n % 4 ? {} : { focus: edit(`focus ${n}`, n) }),
      } as Record<string, ReturnType<typeof edit>>,
    }));
    const outcomes = await Promise.all(saves.map(({ client, fields }) => save(client, id, fields)));
    expect(outcomes.map(({ error }) => error).filter(Boolean)).toEqual([]);
    // What should stand, by the devices' own account.
    const latest: Record<string, ReturnType<typeof edit>> = {};
    for (const { fields } of saves)
      for (const [name, one] of Object.entries(fields))
        if (!latest[name] || latest[name].at < one.at) latest[name] = one;
    const answer = unwrap(await save(phone, id, {}));
    expect(Object.fromEntries(Object.entries(answer.fields).map(([name, one]) => [name, one.value]))).toEqual(
      Object.fromEntries(Object.entries(latest).map(([name, one]) => [name, one.value])),
    );
    const [row] = unwrap(
      await tablet.from("observations").select("notes, focus, observation_ratings(domain_id, level)").eq("id", id),
    );
    expect(row).toMatchObject({ notes: latest.notes?.value, focus: latest.focus?.value });
    const rated = new Map(row?.observation_ratings.map((rating) => [rating.domain_id, rating.level]));
    expect([0, 1].map((n) => rated.get(String(framework.domains[n])))).toEqual([
      latest[level(0)]?.value,
      latest[level(1)]?.value,
    ]);
  });

  test("a save whose answer was lost is sent again without harm, and a queue from before comes too late", async () => {
    const id = randomUUID();
    const fields = { notes: edit("Kept", 50), [level(2)]: edit(3, 50) };
    expect(unwrap(await save(phone, id, fields)).saved.toSorted()).toEqual(Object.keys(fields).toSorted());
    expect(unwrap(await save(phone, id, fields)).saved).toEqual([]);
    const late = unwrap(await save(tablet, id, { notes: edit("Old", 10), [level(2)]: edit(1, 60) }));
    expect(late.saved).toEqual([level(2)]);
    expect(late.fields.notes?.value).toBe("Kept");
  });

  test("a save beside the submission is in it or refused, never half of it", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = randomUUID();
      await save(phone, id, { notes: edit("Before", 1), [level(0)]: edit(2, 1) });
      const [saved, submitted] = await Promise.all([
        save(tablet, id, { notes: edit("After", 2), [level(0)]: edit(4, 2) }),
        phone.rpc("submit_observation", { school_id: school.id, observation_id: id }),
      ]);
      expect(submitted.error).toBeNull();
      const [row] = unwrap(
        await service.from("observations").select("notes, status, observation_ratings(level)").eq("id", id),
      );
      const after = saved.error === null;
      if (!after) expect(saved.error?.code).toBe("PT404");
      expect(row).toEqual({
        notes: after ? "After" : "Before",
        status: "submitted",
        observation_ratings: [{ level: after ? 4 : 2 }],
      });
    }
  });

  test("bad input is refused with a code and a hint, and leaves the draft as it was", async () => {
    const id = randomUUID();
    await save(phone, id, { notes: edit("As it was", 1) });
    const { domains } = await school.framework("GROWTH-5");
    for (const fields of [
      { [level(0)]: edit(5, 2) },
      { [level(0)]: edit("high", 2) },
      { [`rating:${domains[0]}:level`]: edit(1, 2) },
      { notes: edit("x".repeat(20_001), 2) },
      { status: edit("submitted", 2) },
      { notes: { value: "No moment" } },
    ]) {
      const { error } = await save(phone, id, { ...fields, focus: edit("Not kept", 3) });
      expect(error, JSON.stringify(fields).slice(0, 80)).toMatchObject({ code: "PT422" });
      expect(error?.hint).toBeTruthy();
    }
    expect((await save(other, id, { notes: edit("Mine", 9) })).error?.code).toBe("PT404");
    const [row] = unwrap(await service.from("observations").select("notes, focus").eq("id", id));
    expect(row).toEqual({ notes: "As it was", focus: null });
  });
});

describe("a walkthrough in two taps", () => {
  test("is one call, sent twice at once it is one, and its teacher is told", async () => {
    const id = randomUUID();
    const call = {
      school_id: school.id,
      observation_id: id,
      teacher_id: teacher.id,
      framework_id: framework.id,
      ratings: [{ domain_id: framework.domains[1], level: 3 }],
    };
    const outcomes = await Promise.all([phone, tablet, phone].map((client) => client.rpc("submit_walkthrough", call)));
    expect(outcomes.map(({ data, error }) => error ?? data?.status)).toEqual(["submitted", "submitted", "submitted"]);
    const rows = unwrap(await service.from("observations").select("kind, observation_ratings(level)").eq("id", id));
    expect(rows).toEqual([{ kind: "walkthrough", observation_ratings: [{ level: 3 }] }]);
    const sent = service.from("notifications").select("kind").eq("row_id", id).eq("membership_id", teacher.id);
    expect(unwrap(await sent)).toEqual([{ kind: "observation_submitted" }]);
    const wrong = { ...call, observation_id: randomUUID(), ratings: [{ domain_id: framework.domains[1], level: 9 }] };
    expect((await phone.rpc("submit_walkthrough", wrong)).error).toMatchObject({ code: "PT422" });
    expect((await other.rpc("submit_walkthrough", { ...call, observation_id: randomUUID() })).error?.code).toBe(
      "PT404",
    );
  });
});
