import { z } from "zod";

export const mailSchema = z.strictObject({
  id: z.guid(),
  // As Auth and mail servers take them: z.email() alone knows fewer, e.g. none with &.
  to: z.email({ pattern: z.regexes.html5Email }),
  name: z.string().nullable(),
  locale: z.string(),
  school: z.string(),
  counts: z.array(z.strictObject({ text: z.string(), count: z.int().min(1) })).min(1),
});
export type Mail = z.infer<typeof mailSchema>;

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
  messageId: string;
  headers: Record<string, string>;
}

const words = {
  en: {
    subject: (count: number, school: string) =>
      `${count === 1 ? "One notification" : `${count} notifications`} from ${school}`,
    greeting: (name: string | null) => (name === null ? "Hello," : `Hello ${name},`),
    open: "Sign in to read them:",
    why: "You get this mail because you asked for notifications by mail. Your profile ends it.",
  },
  he: {
    subject: (count: number, school: string) => `${count === 1 ? "התראה אחת" : `${count} התראות`} מ${school}`,
    greeting: (name: string | null) => (name === null ? "שלום," : `שלום ${name},`),
    open: "לקריאה יש להתחבר:",
    why: "הודעה זו נשלחה כי ביקשת לקבל התראות בדואר אלקטרוני. אפשר להפסיק זאת בפרופיל.",
  },
};

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);

/** The mail in its reader's language and direction. It says how many of what, and of nobody: reading needs a sign-in. */
export function composeMessage({ id, to, name, locale, school, counts }: Mail, siteUrl: string): Message {
  const hebrew = locale.startsWith("he");
  const { subject, greeting, open, why } = hebrew ? words.he : words.en;
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const lines = counts.map(({ text, count }) => `${count} ${text}`);
  const items = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("");
  const site = escapeHtml(siteUrl);
  return {
    to,
    subject: subject(total, school),
    messageId: `<${id}@${new URL(siteUrl).hostname}>`,
    headers: { "auto-submitted": "auto-generated" },
    text: [greeting(name), "", ...lines.map((line) => `• ${line}`), "", open, siteUrl, "", why].join("\n"),
    html: `<!doctype html><html lang="${hebrew ? "he" : "en"}" dir="${hebrew ? "rtl" : "ltr"}"><meta charset="utf-8"><body><p>${escapeHtml(greeting(name))}</p><ul>${items}</ul><p>${open} <a href="${site}">${site}</a></p><p><small>${why}</small></p></body></html>`,
  };
}
