import { beforeAll, describe, expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { queued, type Statement } from "../support/queued.ts";
import { FreshSchool } from "../support/school.ts";
import { hoursFromNow } from "../support/training.ts";
import { unwrap } from "../support/unwrap.ts";

type Joined = Awaited<ReturnType<FreshSchool["join"]>>;

let school: FreshSchool;
let people: Record<"leader" | "teacher", Joined>;

beforeAll(async () => {
  school = await FreshSchool.create();
  people = {
    leader: await school.join("queue-leader", "leader"),
    teacher: await school.join("queue-teacher", "teacher"),
  };
}, 60_000);

describe("of steps that queue for the same rows none ends in a deadlock", () => {
  test("a claim that is changed while the training that it is for is completed", async () => {
    const base = { school_id: school.id };
    const { leader, teacher } = people;
    const organiser_id = leader.membership.id;
    const membership_id = teacher.membership.id;
    const times = { starts_at: hoursFromNow(-5), ends_at: hoursFromNow(-3), published_at: hoursFromNow(-50) };
    const training = { ...base, organiser_id, title: "Reading", status: "published", hours: 2, ...times };
    const event = unwrap(await service.from("training_events").insert(training).select("id, starts_at").single());
    const done_on = event.starts_at.slice(0, 10);
    const claim = { ...base, membership_id, done_on, hours: 1, activity: "Reading" };
    const { id } = unwrap(await service.from("pd_hours").insert(claim).select("id").single());
    const seat = { ...base, training_event_id: event.id, organiser_id, membership_id, queue_number: 1 };
    const there = { status: "attended", attended_at: event.starts_at, attendance_source: "organiser" };
    unwrap(
      await service
        .from("training_registrations")
        .insert({ ...seat, ...there })
        .select("id"),
    );
    const other =
      "insert into public.pd_hours (school_id, membership_id, activity, done_on, hours) values ($1, $2, 'A walk', $3, 1)";
    const outcomes = await queued(
      [teacher, other, school.id, membership_id, done_on],
      [leader, "select public.complete_training($1, $2)", school.id, event.id],
      [teacher, "update public.pd_hours set hours = 2 where id = $1", id],
    );
    expect(outcomes).toEqual(["done", "done", "done"]);
    const rows = service.from("pd_hours").select("status, hours").eq("membership_id", membership_id);
    expect(unwrap(await rows.eq("activity", "Reading").order("status"))).toEqual([
      { status: "approved", hours: 2 },
      { status: "returned", hours: 2 },
    ]);
  });

  test("a rating that is changed by hand on one device while the other saves it", async () => {
    const { leader, teacher } = people;
    const { id: framework_id, domains } = await school.framework();
    const { id } = await school.observation(teacher.membership, leader.membership);
    const rating = { school_id: school.id, observation_id: id, framework_id, domain_id: domains[0] ?? "", level: 2 };
    unwrap(await service.from("observation_ratings").insert(rating).select("id"));
    const save = (field: string, value: unknown): Statement => {
      const fields = JSON.stringify({ [field]: { value, at: new Date().toISOString() } });
      return [leader, "select public.save_observation_draft($1, $2, $3)", school.id, id, fields];
    };
    const byHand = "update public.observation_ratings set evidence = 'By hand' where observation_id = $1";
    const outcomes = await queued(save("notes", "Held"), save(`rating:${domains[0]}:level`, 3), [leader, byHand, id]);
    expect(outcomes).toEqual(["done", "done", "done"]);
    const stored = service.from("observation_ratings").select("level, evidence").eq("observation_id", id);
    expect(unwrap(await stored)).toEqual([{ level: 3, evidence: "By hand" }]);
  });
});
