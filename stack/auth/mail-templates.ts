export const mailKinds = [
  "confirmation",
  "invite",
  "recovery",
  "magic_link",
  "email_change",
  "reauthentication",
] as const;

export const notificationNames = [
  "password_changed",
  "email_changed",
  "phone_changed",
  "identity_linked",
  "identity_unlinked",
  "mfa_factor_enrolled",
  "mfa_factor_unenrolled",
] as const;
export type NotificationName = (typeof notificationNames)[number];
export type NotificationKind = `${NotificationName}_notification`;
export type MailKind = (typeof mailKinds)[number] | NotificationKind;

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
const notYou = "If it was not you who did this, tell the people who run {{ .SiteURL }}.";
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
  password_changed_notification: {
    subject: "Your password was changed",
    content: page("Your password was changed", "The password of {{ .Email }} is a new one.", notYou),
  },
  email_changed_notification: {
    subject: "Your email address was changed",
    content: page("Your email address was changed", "It was {{ .OldEmail }}, and is {{ .Email }} now.", notYou),
  },
  phone_changed_notification: {
    subject: "Your phone number was changed",
    content: page("Your phone number was changed", "It was {{ .OldPhone }}, and is {{ .Phone }} now.", notYou),
  },
  identity_linked_notification: {
    subject: "A way to sign in was added",
    content: page("A way to sign in was added", "{{ .Email }} can be signed in with {{ .Provider }} now.", notYou),
  },
  identity_unlinked_notification: {
    subject: "A way to sign in was removed",
    content: page("A way to sign in was removed", "{{ .Provider }} no longer signs in {{ .Email }}.", notYou),
  },
  mfa_factor_enrolled_notification: {
    subject: "A second factor was added",
    content: page("A second factor was added", "{{ .Email }} has a new factor ({{ .FactorType }}).", notYou),
  },
  mfa_factor_unenrolled_notification: {
    subject: "A second factor was removed",
    content: page("A second factor was removed", "{{ .Email }} has one factor less ({{ .FactorType }}).", notYou),
  },
};
