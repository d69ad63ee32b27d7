import type { Fact, Facts, Membership } from "./facts.ts";

export const isOpenTraining = (row: Fact) => row.status === "draft" || row.status === "published";
export const isOpenClaim = (row: Fact) =>
  row.status === undefined || row.status === "pending" || row.status === "returned";

/** What follows from organising a training: its own row, who registered for it, and their certificates. */
export class LearningScopes {
  private readonly facts: Facts;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  organised(table: string, row: Fact, { id }: Membership): boolean {
    if (table === "training_events" || table === "training_series") return row.organiser_id === id;
    const event = this.facts.training_events?.find((candidate) => candidate.id === row.training_event_id);
    return event?.deleted_at === null && event.organiser_id === id;
  }
}
