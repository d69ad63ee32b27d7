import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import nodemailer from "nodemailer";
import { compileTemplate, type Template } from "./go-template.ts";
import { defaultMails, type MailKind, type MailSource, mailKinds, notificationNames } from "./mail-templates.ts";
import type { AuthSettings } from "./settings.ts";
import type { Json } from "./users.ts";

export interface Mailer {
  send(kind: MailKind, to: string, data: Json): Promise<void>;
  close(): void;
}

export interface TemplateConfig {
  subject?: string | undefined;
  content?: string | undefined;
  content_path?: string | undefined;
}

interface Options {
  projectDir: string;
  smtpPort: number;
  sender: AuthSettings["email"]["sender"];
  templates: Record<string, TemplateConfig | undefined>;
  notifications: Record<string, TemplateConfig | undefined>;
}

function sourceOf(kind: MailKind, config: TemplateConfig | undefined, folder: string): MailSource {
  const standard = defaultMails[kind];
  const content = config?.content_path ? readFileSync(resolve(folder, config.content_path), "utf8") : config?.content;
  return { subject: config?.subject || standard.subject, content: content || standard.content };
}

interface Source {
  kind: MailKind;
  /** The table of config.toml it is read from. */
  table: string;
  config: TemplateConfig | undefined;
  /** What its path is relative to: the CLI has these two. */
  folder: string;
}

function sources({ projectDir, templates, notifications }: Options): Source[] {
  return [
    ...mailKinds.map((name) => ({
      kind: name,
      table: `auth.email.template.${name}`,
      config: templates[name],
      folder: projectDir,
    })),
    ...notificationNames.map((name) => ({
      kind: `${name}_notification` as const,
      table: `auth.email.notification.${name}`,
      config: notifications[name],
      folder: resolve(projectDir, "supabase"),
    })),
  ];
}

/** Sends to the stack's own inbox; templates are read, and found faulty, once at the start. */
export function createMailer(options: Options): Mailer {
  const { smtpPort, sender } = options;
  const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port: smtpPort,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: 5000,
    socketTimeout: 10_000,
  });
  const compiled = new Map<MailKind, { subject: Template; content: Template }>();
  for (const { kind, table, config, folder } of sources(options)) {
    try {
      const source = sourceOf(kind, config, folder);
      compiled.set(kind, {
        subject: compileTemplate(source.subject, { html: false }),
        content: compileTemplate(source.content, { html: true }),
      });
    } catch (cause) {
      throw new Error(`Read mail template ${table}: ${String(cause)}`, { cause });
    }
  }
  return {
    async send(kind, to, data) {
      const template = compiled.get(kind);
      if (!template) throw new Error(`Send mail: there is no template "${kind}"`);
      await transport.sendMail({
        from: sender,
        to: { name: "", address: to },
        // A line break in a value must not become a header of its own.
        subject: template.subject(data).replace(/[\r\n]+/g, " "),
        html: template.content(data),
      });
    },
    close: () => transport.close(),
  };
}
