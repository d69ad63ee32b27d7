export const mailKinds = [
  "confirmation",
  "invite",
  "recovery",
  "magic_link",
  "email_change",
  "reauthentication",
] as const;
export type MailKind = (typeof mailKinds)[number];

export interface MailSource {
  subject: string;
  content: string;
}

function page(title: string, ...paragraphs: string[]): string {
  const body = paragraphs.map((paragraph) => `    <p>${paragraph}</p>\n`).join("");
  return `<!doctype html>
<html lang="en">
  <body style="font-family: sans-serif; line-height: 1.5; max-width: 36rem; margin: 2rem auto; padding: 0 1rem">
    <h2>${title}</h2>
${body}  </body>
</html>
`;
}

const link = (label: string) => `<a href="{{ .ConfirmationURL }}">${label}</a>`;
const code = "Or enter this code: <strong>{{ .Token }}</strong>";
const unasked = "If you did not ask for this, you can ignore this message.";

export const defaultMails: Record<MailKind, MailSource> = {
  confirmation: {
    subject: "Confirm your email address",
    content: page(
      "Confirm your email address",
      `Welcome. ${link("Confirm {{ .Email }}")} to finish signing up.`,
      code,
      unasked,
    ),
  },
  invite: {
    subject: "You have been invited",
    content: page(
      "You have been invited",
      `You are invited to create an account at {{ .SiteURL }}. ${link("Accept the invitation")}.`,
      code,
    ),
  },
  recovery: {
    subject: "Reset your password",
    content: page("Reset your password", `${link("Choose a new password")} for {{ .Email }}.`, code, unasked),
  },
  magic_link: {
    subject: "Your sign-in link",
    content: page("Sign in", `${link("Sign in as {{ .Email }}")}. The link works once.`, code, unasked),
  },
  email_change: {
    subject: "Confirm your new email address",
    content: page(
      "Confirm the change of address",
      `${link("Change your address")} from {{ .Email }} to {{ .NewEmail }}.`,
      code,
      unasked,
    ),
  },
  reauthentication: {
    subject: "Confirm that it is you",
    content: page("Confirm that it is you", "Enter this code: <strong>{{ .Token }}</strong>", unasked),
  },
};
