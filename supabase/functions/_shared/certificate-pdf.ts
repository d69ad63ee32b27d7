import { PdfWriter } from "./pdf-writer.ts";

export interface Certificate {
  holder_name: string;
  title: string;
  hours: number;
  held_on: string;
  school_name: string;
  locale: string;
  verification_code: string;
  issued_at: string;
}

/** What is printed around the data, in the two languages of the product. */
const words = {
  he: {
    heading: "תעודת השתתפות",
    given: "זאת לתעודה כי",
    attended: "השתתף/ה בהשתלמות",
    hours: (hours: number) => `בהיקף של ${hours} שעות`,
    held: (day: string) => `שהתקיימה ביום ${day}`,
    verify: "לאימות התעודה:",
    code: "קוד אימות",
  },
  en: {
    heading: "Certificate of attendance",
    given: "This is to certify that",
    attended: "attended the training",
    hours: (hours: number) => `of ${hours} hours`,
    held: (day: string) => `held on ${day}`,
    verify: "Verify this certificate at",
    code: "Verification code",
  },
} as const;

export const languageOf = (locale: string): "he" | "en" => (/^(he|iw)\b/.test(locale) ? "he" : "en");

/** A day as people of the language write it; days have no time zone. Among words of ours it is in their language, whatever the locale's own. */
export function writtenDay(day: string, locale: string): string {
  const english = /^en\b/.test(locale) ? locale : "en-GB";
  const language = languageOf(locale) === "he" ? "he-IL" : english;
  return new Intl.DateTimeFormat(language, { calendar: "gregory", dateStyle: "long", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** In groups of four, as it is read out. */
export const spelled = (code: string): string => code.replace(/(.{4})(?=.)/g, "$1-");

/** Smaller the longer it is: whatever the names, a certificate is one page. */
const sized = (text: string, size: number, letters: number) =>
  text.length > letters ? Math.max(size / 2, (size * letters) / text.length) : size;

export async function certificatePdf(certificate: Certificate, verificationUrl: string): Promise<Uint8Array> {
  const locale = languageOf(certificate.locale);
  const say = words[locale];
  const issued = new Date(certificate.issued_at);
  const page = await PdfWriter.open({
    title: `${say.heading} – ${certificate.title}`,
    locale,
    createdAt: issued,
    landscape: true,
  });
  const muted = { color: "#52606d", align: "center" } as const;
  page
    .frame()
    .text(certificate.school_name, {
      ...muted,
      size: sized(certificate.school_name, 16, 80),
      above: 44,
      direction: "auto",
    })
    .text(say.heading, { font: "bold", size: 34, align: "center", above: 24 })
    .text(say.given, { ...muted, size: 14, above: 24 })
    .text(certificate.holder_name, {
      font: "bold",
      size: sized(certificate.holder_name, 28, 50),
      align: "center",
      above: 6,
      direction: "auto",
    })
    .text(say.attended, { ...muted, size: 14, above: 14 })
    .text(certificate.title, {
      font: "bold",
      size: sized(certificate.title, 20, 60),
      align: "center",
      above: 6,
      direction: "auto",
    })
    .text(
      `${certificate.hours > 0 ? `${say.hours(certificate.hours)}, ` : ""}${say.held(writtenDay(certificate.held_on, certificate.locale))}`,
      {
        size: 14,
        align: "center",
        above: 12,
      },
    )
    .rule(28)
    .text(`${say.code}: ${spelled(certificate.verification_code)}`, { size: 11, align: "center", above: 6 })
    .text(say.verify, { ...muted, size: 9, above: 4 })
    .text(`${verificationUrl}?code=${certificate.verification_code}`, { ...muted, size: 9, direction: "ltr" });
  return await page.bytes();
}
