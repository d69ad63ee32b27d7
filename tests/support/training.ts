import type { Database } from "../../supabase/database.types.ts";
import { type Client, service } from "./clients.ts";
import type { FreshSchool, Membership } from "./school.ts";
import { unwrap } from "./unwrap.ts";

export type Training = Database["public"]["Tables"]["training_events"]["Row"];
type TrainingInsert = Database["public"]["Tables"]["training_events"]["Insert"];

export const hoursFromNow = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** A training that its organiser made and published, to begin in two days. */
export async function publishedTraining(
  school: FreshSchool,
  organiser: Membership,
  client: Client,
  more: Partial<TrainingInsert> = {},
): Promise<Training> {
  const row = {
    school_id: school.id,
    organiser_id: organiser.id,
    title: "Reading together",
    starts_at: hoursFromNow(48),
    ends_at: hoursFromNow(51),
    hours: 3,
    ...more,
  };
  const draft = unwrap(await client.from("training_events").insert(row).select().single());
  return unwrap(await client.rpc("publish_training", { school_id: school.id, training_event_id: draft.id }));
}

/** What only time does: the training lies this many hours back or ahead. */
export async function shiftTraining(training: Training, startsIn: number, lasts = 3): Promise<void> {
  const times = { starts_at: hoursFromNow(startsIn), ends_at: hoursFromNow(startsIn + lasts) };
  unwrap(await service.from("training_events").update(times).eq("id", training.id).select("id"));
}
