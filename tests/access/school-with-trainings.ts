import { service } from "../support/clients.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { hoursFromNow } from "../support/training.ts";
import { unwrap } from "../support/unwrap.ts";
import type { Persona } from "./scopes.ts";

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** A school with trainings in every state, of organisers whose team comes to them or does not, and hours in every state. */
export async function schoolWithTrainings(): Promise<Persona[]> {
  const school = await FreshSchool.create();
  const [math, lang] = [await school.department("MATH"), await school.department("LANG")];
  const admin = await school.join("training-admin", "admin");
  const principal = await school.join("training-principal", "leader");
  const organiser = await school.join("training-organiser", "leader", { team_scope: "named" });
  const head = await school.join("training-head", "leader", { team_scope: "department", department_id: math });
  const t1 = await school.join("training-t1", "teacher", { department_id: math });
  const t2 = await school.join("training-t2", "teacher", { department_id: lang });
  const left = await school.join("training-left", "teacher", { department_id: math, ends_on: day(-2) });
  const family = await school.join("training-parent", "parent");
  // A head of department who teaches there too: never their own leader.
  const own = await school.member(head, "teacher", { department_id: math });

  const category = unwrap(
    await service.from("pd_categories").select("id").eq("school_id", school.id).eq("code", "SUBJECT").single(),
  );
  const year = await school.year("NOW", day(-200), day(150));
  const asked = { school_id: school.id, academic_year_id: year, role: "teacher", hours: 30 };
  unwrap(await service.from("pd_requirements").insert(asked).select("id"));
  const [shown] = unwrap(
    await service
      .from("training_series")
      .insert([
        { school_id: school.id, organiser_id: organiser.membership.id, title: "Shown", published_at: day(-9) },
        { school_id: school.id, organiser_id: head.membership.id, title: "Not yet", published_at: null },
      ])
      .select("id"),
  );
  const training = (title: string, by: Membership, status: string, more: object = {}) => ({
    school_id: school.id,
    organiser_id: by.id,
    title,
    status,
    starts_at: hoursFromNow(status === "held" ? -48 : 48),
    ends_at: hoursFromNow(status === "held" ? -46 : 50),
    hours: 2,
    series_id: null as string | null,
    published_at: status === "draft" ? null : day(-9),
    held_at: status === "held" ? day(-1) : null,
    cancelled_at: status === "cancelled" ? day(-1) : null,
    deleted_at: null as string | null,
    ...more,
  });
  const events = unwrap(
    await service
      .from("training_events")
      .insert([
        training("Published", organiser.membership, "published", { series_id: shown?.id }),
        training("Held", organiser.membership, "held"),
        training("Cancelled", head.membership, "cancelled"),
        training("Draft of the organiser", organiser.membership, "draft"),
        training("Draft of the head", head.membership, "draft"),
        training("Draft of the office", admin.membership, "draft"),
        training("Published by the office", admin.membership, "published"),
        training("Removed", organiser.membership, "draft", { deleted_at: day(-1) }),
      ])
      .select("id, title, organiser_id"),
  );
  const event = (title: string) => {
    const found = events.find((row) => row.title === title);
    if (!found) throw new Error(`No training ${title}`);
    return { training_event_id: found.id, organiser_id: found.organiser_id };
  };
  const registration = (title: string, who: Membership, number: number, status = "registered") => ({
    school_id: school.id,
    ...event(title),
    membership_id: who.id,
    queue_number: number,
    status,
    attended_at: status === "attended" ? day(-2) : null,
    attendance_source: status === "attended" ? "organiser" : null,
  });
  const registrations = unwrap(
    await service
      .from("training_registrations")
      .insert([
        registration("Published", t1.membership, 1),
        registration("Published", t2.membership, 2, "waiting"),
        registration("Published", left.membership, 3, "withdrawn"),
        registration("Published by the office", t1.membership, 1),
        registration("Held", t1.membership, 1, "attended"),
        registration("Held", own, 2, "attended"),
        registration("Held", t2.membership, 3, "absent"),
      ])
      .select("id, membership_id, status"),
  );
  const attended = registrations.filter(({ status }) => status === "attended");
  const printed = {
    title: "Held",
    hours: 2,
    held_on: day(-2),
    school_name: "School",
    locale: "en",
    holder_name: "One",
  };
  const claim = (who: Membership, status: string, n: number, more: object = {}) => ({
    school_id: school.id,
    membership_id: who.id,
    category_id: category.id,
    activity: `Activity ${n}`,
    done_on: day(-n),
    hours: 1,
    status,
    approver_id: status === "approved" ? principal.membership.id : null,
    approved_at: status === "approved" ? day(-1) : null,
    endorser_id: status === "endorsed" ? head.membership.id : null,
    return_reason: status === "returned" ? "Which?" : null,
    registration_id: null as string | null,
    deleted_at: null as string | null,
    ...more,
  });
  unwrap(
    await service
      .from("pd_hours")
      .insert([
        claim(t1.membership, "pending", 3),
        claim(t1.membership, "endorsed", 4),
        claim(t1.membership, "approved", 5),
        claim(t1.membership, "returned", 6),
        claim(t1.membership, "pending", 7, { deleted_at: day(-1) }),
        claim(t2.membership, "pending", 8),
        claim(left.membership, "approved", 9),
        claim(own, "pending", 10),
        claim(t1.membership, "approved", 11, { registration_id: attended[0]?.id, approver_id: null }),
      ])
      .select("id"),
  );
  for (const [index, { id, membership_id }] of attended.entries()) {
    const row = { school_id: school.id, ...event("Held"), registration_id: id, membership_id };
    const verification_code = `TEST${index}${id.slice(0, 8).toUpperCase()}`;
    unwrap(
      await service
        .from("certificates")
        .insert({ ...row, ...printed, verification_code })
        .select("id"),
    );
  }
  const people = { admin, principal, organiser, head, t1, t2, left, family };
  return Object.entries(people).map(([name, { email, userId }]) => ({
    name: `${name} of a school with trainings`,
    email,
    userId,
  }));
}
