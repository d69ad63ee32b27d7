import type { Fact, Facts, Membership } from "./facts.ts";

const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** New rows of professional learning, as samples.ts makes those of other tables. */
export function learningSample(
  table: string,
  base: { school_id: string; id: string },
  mine: Membership[],
  facts: Facts,
): Fact | null {
  const inSchool = (name: string) =>
    (facts[name] ?? []).filter((row) => row.school_id === base.school_id && !row.deleted_at);
  const members = inSchool("memberships") as Membership[];
  const self = mine.find((membership) => membership.role !== "parent") ?? members[0];
  const organiser = mine.find(({ role }) => role === "leader") ?? mine.find(({ role }) => role === "admin") ?? self;
  const event = inSchool("training_events")[0];
  switch (table) {
    case "training_series":
      return organiser ? { ...base, organiser_id: organiser.id, title: "New" } : null;
    case "training_events": {
      const times = { starts_at: "2051-10-01T08:00:00Z", ends_at: "2051-10-01T10:00:00Z" };
      return organiser ? { ...base, organiser_id: organiser.id, title: "New", ...times } : null;
    }
    case "training_registrations":
      return event && self
        ? {
            ...base,
            training_event_id: event.id,
            organiser_id: event.organiser_id,
            membership_id: self.id,
            status: "registered",
            queue_number: 999,
          }
        : null;
    case "certificates": {
      const registration = inSchool("training_registrations")[0];
      const printed = {
        holder_name: "New",
        title: "New",
        hours: 1,
        held_on: yesterday(),
        school_name: "New",
        locale: "en",
      };
      return registration && self
        ? {
            ...base,
            training_event_id: registration.training_event_id,
            organiser_id: registration.organiser_id,
            registration_id: registration.id,
            membership_id: self.id,
            verification_code: "F0RGED",
            ...printed,
          }
        : null;
    }
    case "pd_requirements": {
      const year = inSchool("academic_years").at(-1);
      const category = inSchool("pd_categories").at(-1);
      return year && category
        ? { ...base, academic_year_id: year.id, role: "admin", category_id: category.id, hours: 1 }
        : null;
    }
    default: {
      const teacher = mine.find(({ role }) => role === "teacher") ?? self;
      return teacher
        ? { ...base, membership_id: teacher.id, activity: `New ${base.id}`, done_on: yesterday(), hours: 0.01 }
        : null;
    }
  }
}
