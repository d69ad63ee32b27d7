import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { type CrowdMember, teachers } from "../support/crowd.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { publishedTraining, shiftTraining, type Training } from "../support/training.ts";
import { unwrap } from "../support/unwrap.ts";

const PEOPLE = 500;
const SEATS = 30;

let school: FreshSchool;
let organiser: Membership;
let office: Client;
let crowd: CrowdMember[];
let training: Training;

const at = (event: Training = training) => ({ school_id: school.id, training_event_id: event.id });

async function registrations(event: Training = training) {
  const query = service.from("training_registrations").select("membership_id, status, queue_number, promoted_at");
  return unwrap(await query.eq("training_event_id", event.id).order("queue_number").limit(1000));
}
const withStatus = async (status: string, event: Training = training) =>
  (await registrations(event)).filter((row) => row.status === status).map((row) => row.membership_id);
const clientOf = (membershipId: string | undefined): Client => {
  const member = crowd.find((person) => person.membershipId === membershipId);
  if (!member) throw new Error("Nobody of the crowd");
  return member.client;
};
const told = async (kind: string, event: Training) =>
  unwrap(await service.from("notifications").select("membership_id").eq("kind", kind).eq("row_id", event.id)).map(
    (row) => row.membership_id,
  );

beforeAll(async () => {
  school = await FreshSchool.create();
  const leader = await school.join("organiser", "leader", { team_scope: "named" });
  organiser = leader.membership;
  office = await signIn(leader.email);
  crowd = await teachers(school.id, PEOPLE);
  training = await publishedTraining(school, organiser, office, { capacity: SEATS });
}, 120_000);

describe("500 people register at once for a training with 30 seats", () => {
  test("30 are in and 470 wait, in one order without gaps", async () => {
    const answers = await Promise.all(crowd.map(({ client }) => client.rpc("register_for_training", at())));
    expect(answers.filter(({ error }) => error).map(({ error }) => error)).toEqual([]);
    const rows = await registrations();
    expect(rows.map((row) => row.queue_number)).toEqual(Array.from({ length: PEOPLE }, (_, index) => index + 1));
    expect(rows.slice(0, SEATS).every((row) => row.status === "registered")).toBe(true);
    expect(rows.slice(SEATS).every((row) => row.status === "waiting")).toBe(true);
    expect(new Set(rows.map((row) => row.membership_id)).size).toBe(PEOPLE);
    // What each was told is what stands.
    const stored = new Map(rows.map((row) => [row.membership_id, row.status]));
    for (const { data } of answers) expect(data?.status).toBe(stored.get(String(data?.membership_id)));
  }, 60_000);

  test("each sees the numbers and the own place, and nobody else's registration", async () => {
    const waiting = await withStatus("waiting");
    const seats = async (client: Client) =>
      unwrap(await client.rpc("training_seats", { school_id: school.id, training_event_ids: [training.id] }));
    const numbers = { training_event_id: training.id, capacity: SEATS, registered: SEATS, waiting: PEOPLE - SEATS };
    expect(await seats(clientOf(waiting[0]))).toEqual([{ ...numbers, place: 1 }]);
    expect(await seats(clientOf(waiting[99]))).toEqual([{ ...numbers, place: 100 }]);
    expect(await seats(clientOf((await withStatus("registered"))[0]))).toEqual([{ ...numbers, place: null }]);
    const own = unwrap(await clientOf(waiting[0]).from("training_registrations").select("membership_id"));
    expect(own).toEqual([{ membership_id: waiting[0] }]);
  });

  test("a withdrawal moves one up, who is told", async () => {
    const [before, waiting] = [await withStatus("registered"), await withStatus("waiting")];
    expect((await clientOf(before[4]).rpc("withdraw_from_training", at())).data?.status).toBe("withdrawn");
    const after = await withStatus("registered");
    expect(after).toHaveLength(SEATS);
    expect(after).toContain(waiting[0]);
    expect(after).not.toContain(before[4]);
    expect(await told("training_promoted", training)).toEqual([waiting[0]]);
    const [notice] = unwrap(await clientOf(waiting[0]).from("notifications").select("kind, row_id"));
    expect(notice).toEqual({ kind: "training_promoted", row_id: training.id });
  });

  test("withdrawals, late-comers and more seats at once promote each exactly once, those who waited longest", async () => {
    const leaving = (await withStatus("registered")).slice(0, 10);
    const waiting = await withStatus("waiting");
    // Two of the waiting leave too; a withdrawn one asks again; the organiser adds five seats.
    const gone = [waiting[1], waiting[3]];
    const back = (await withStatus("withdrawn"))[0];
    const outcomes = await Promise.all([
      ...leaving.map((id) => clientOf(id).rpc("withdraw_from_training", at())),
      ...leaving.map((id) => clientOf(id).rpc("withdraw_from_training", at())),
      ...gone.map((id) => clientOf(id).rpc("withdraw_from_training", at())),
      clientOf(back).rpc("register_for_training", at()),
      office
        .from("training_events")
        .update({ capacity: SEATS + 5 })
        .eq("id", training.id),
    ]);
    const refused = outcomes.filter(({ error }) => error).map(({ error }) => error?.code);
    expect(refused).toEqual(Array.from({ length: leaving.length }, () => "PT404"));
    const rows = await registrations();
    const seated = rows.filter((row) => row.status === "registered");
    expect(seated).toHaveLength(SEATS + 5);
    const numbers = rows.filter((row) => row.status === "waiting").map((row) => row.queue_number);
    const promoted = seated.filter((row) => row.promoted_at !== null).map((row) => row.queue_number);
    expect(Math.max(...promoted)).toBeLessThan(Math.min(...numbers));
    expect(rows.at(-1)).toMatchObject({ membership_id: back, status: "waiting", queue_number: PEOPLE + 1 });
    const notices = await told("training_promoted", training);
    expect(new Set(notices).size).toBe(notices.length);
    expect(notices.length).toBeGreaterThanOrEqual(1 + 10 + 5);
  }, 60_000);

  test("a cancellation tells everybody who has a seat or waits, and closes it", async () => {
    const [seated, waiting] = [await withStatus("registered"), await withStatus("waiting")];
    const cancelled = await office.rpc("cancel_training", { ...at(), reason: "The hall is flooded" });
    expect(cancelled.data).toMatchObject({ status: "cancelled", cancel_reason: "The hall is flooded" });
    expect((await told("training_cancelled", training)).sort()).toEqual([...seated, ...waiting].sort());
    const late = await clientOf((await withStatus("withdrawn"))[0]).rpc("register_for_training", at());
    expect(late.error).toMatchObject({ code: "PT422", hint: "It was cancelled." });
    expect((await clientOf(seated[0]).rpc("withdraw_from_training", at())).error?.code).toBe("PT404");
  });
});

describe("two trainings of one day, each of fourteen hours, that the same 200 people attended", () => {
  test("are completed at once: they wait for each other in one order, and nobody is credited more than 24 hours", async () => {
    const people = crowd.slice(0, 200);
    const attended = async (title: string) => {
      const event = await publishedTraining(school, organiser, office, { title, hours: 14 });
      await shiftTraining(event, -48);
      const of = { school_id: school.id, training_event_id: event.id, organiser_id: organiser.id };
      const marked = { status: "attended", attended_at: new Date().toISOString(), attendance_source: "organiser" };
      const rows = people.map(({ membershipId }, index) => ({
        ...of,
        ...marked,
        membership_id: membershipId,
        queue_number: title === "Morning" ? index : people.length - index,
      }));
      unwrap(await service.from("training_registrations").insert(rows).select("id"));
      return at(event);
    };
    const [morning, evening] = [await attended("Morning"), await attended("Evening")];
    const outcomes = await Promise.all([morning, evening].map((event) => office.rpc("complete_training", event)));
    expect(outcomes.map(({ error }) => error)).toEqual([null, null]);
    const rows = unwrap(
      await service.from("pd_hours").select("membership_id, hours").eq("school_id", school.id).limit(1000),
    );
    const hours = Map.groupBy(rows, (row) => row.membership_id);
    expect(hours.size).toBe(people.length);
    const sums = [...hours.values()].map((own) => own.map((row) => row.hours).sort());
    expect(new Set(sums.map((own) => own.join("+")))).toEqual(new Set(["10+14"]));
  }, 60_000);
});
