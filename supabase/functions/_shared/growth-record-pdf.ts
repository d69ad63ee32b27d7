import { languageOf, spelled, writtenDay } from "./certificate-pdf.ts";
import type { GrowthRecord } from "./growth-record.ts";
import { growthRecordWords, type Language, stateIn } from "./growth-record-words.ts";
import { PdfWriter } from "./pdf-writer.ts";

const MUTED = "#52606d";

/** One person's record as pages to keep, in Hebrew from right to left or in English. */
export async function growthRecordPdf(record: GrowthRecord, language: Language): Promise<Uint8Array> {
  const say = growthRecordWords[language];
  const exported = new Date(record.exported_at);
  const page = await PdfWriter.open({ title: say.title, locale: language, createdAt: exported });
  const locale = languageOf(record.school.locale) === language ? record.school.locale : language;
  const dayOf = (at: string) =>
    new Intl.DateTimeFormat("en-CA", { timeZone: record.school.timezone }).format(new Date(at));
  const day = (text: string) => writtenDay(text.length > 10 ? dayOf(text) : text, locale);
  const entry = (title: string, ...details: string[]) => {
    page.text(title, { font: "bold", above: 7, direction: "auto" });
    for (const detail of details) page.text(detail, { size: 10, color: MUTED });
  };
  const own = (text: string | null) => {
    if (text) page.text(text, { size: 10, indent: 14, direction: "auto", above: 2 });
  };
  const section = (title: string, rows: readonly unknown[]) => {
    page.text(title, { font: "bold", size: 15, above: 16 }).rule(2);
    if (rows.length === 0) page.text(say.none, { color: MUTED });
  };

  page
    .text(say.title, { font: "bold", size: 22 })
    .text(record.holder?.name ?? "", { size: 15, direction: "auto", above: 2 })
    .text(record.school.name, { color: MUTED, direction: "auto" })
    .text(`${say.exported} ${day(record.exported_at)}`, { size: 9, color: MUTED });

  section(say.observations, record.observations);
  for (const seen of record.observations) {
    entry(
      `${stateIn(language, seen.kind)}, ${day(seen.observed_at)}`,
      [seen.framework, seen.observer && `${say.observer}: ${seen.observer}`].filter(Boolean).join(" · "),
      ...(seen.average_level === null ? [] : [`${say.average}: ${seen.average_level}`]),
    );
    own(seen.focus);
    own(seen.notes);
    for (const { domain, level, level_name, evidence } of seen.ratings) {
      const given = level === null ? say.notObserved : `${level_name ?? ""} (${level})`;
      page.text(`${domain}: ${given}`, { size: 10, indent: 14, above: 2, direction: "auto" });
      own(evidence);
    }
    if (seen.feedback?.teacher_reflection) page.text(say.reflection, { size: 10, color: MUTED, above: 2 });
    own(seen.feedback?.teacher_reflection ?? null);
    if (seen.feedback?.discussion_met_on) {
      page.text(`${say.discussed} ${day(seen.feedback.discussion_met_on)}`, { size: 10, color: MUTED });
    }
    for (const { description, due_on, done_at, evidence } of seen.action_steps) {
      const when = done_at ? `${say.done} ${day(done_at)}` : due_on ? `${say.due} ${day(due_on)}` : "";
      page.text([say.step, when].filter(Boolean).join(", "), { size: 10, color: MUTED, above: 2 });
      own(description);
      own(evidence);
    }
  }

  section(say.goals, record.goals);
  for (const { title, description, due_on, status, approved, serves, progress } of record.goals) {
    const details = [progress === null ? null : `${progress}%`, stateIn(language, status)];
    if (approved) details.push(say.approved);
    if (due_on) details.push(`${say.due} ${day(due_on)}`);
    entry(title, details.filter(Boolean).join(" · "));
    own(description);
    own(serves);
  }

  section(say.trainings, record.trainings);
  for (const { title, starts_at, hours, registration_status } of record.trainings) {
    entry(title, `${day(starts_at)} · ${hours} · ${stateIn(language, registration_status)}`);
  }

  section(say.certificates, record.certificates);
  for (const { title, held_on, hours, verification_code } of record.certificates) {
    entry(title, `${day(held_on)} · ${hours} · ${spelled(verification_code)}`);
  }

  section(say.hours, record.pd_hours);
  const approved = record.pd_hours.filter(({ status }) => status === "approved");
  const total = approved.reduce((sum, { hours }) => sum + hours * 100, 0) / 100;
  if (approved.length > 0) page.text(`${say.approvedTotal}: ${total}`, { font: "bold" });
  for (const { activity, category, done_on, hours, status, credited_by_training } of record.pd_hours) {
    const details = [day(done_on), String(hours), category, stateIn(language, status)];
    if (credited_by_training) details.push(say.credited);
    entry(activity, details.filter(Boolean).join(" · "));
  }
  return await page.bytes();
}
