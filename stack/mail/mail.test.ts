import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import nodemailer, { type SendMailOptions } from "nodemailer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../testing/free-port.ts";
import { scratchDir } from "../testing/scratch-dir.ts";
import { createMailApp } from "./app.ts";
import { openMailbox } from "./mailbox.ts";
import { createSmtpServer } from "./smtp.ts";

let folder: string;
beforeEach(() => {
  folder = scratchDir("mail");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function inbox(maxMessages?: number) {
  const mailbox = await openMailbox(folder, maxMessages);
  const app = createMailApp(mailbox);
  const get = (path: string, init?: RequestInit) => app.request(`http://127.0.0.1${path}`, init);
  const json = async (path: string) => (await get(path)).json();
  return { mailbox, get, json };
}

async function deliver(mailbox: Awaited<ReturnType<typeof openMailbox>>, messages: SendMailOptions[]) {
  const smtp = createSmtpServer(mailbox);
  const port = await freePort();
  await new Promise<void>((resolve) => smtp.listen(port, "127.0.0.1", resolve));
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port, secure: false, ignoreTLS: true });
  try {
    for (const message of messages) await transport.sendMail(message);
  } finally {
    transport.close();
    await new Promise<void>((resolve) => smtp.close(resolve));
  }
}

const invitation = {
  from: "School <hub@example.test>",
  to: "מיכל לוי <michal@hrz-01.example.test>",
  bcc: "quiet@example.test",
  subject: "שלום and <b>welcome</b>",
  text: "Your code is 123456",
  html: '<p>Your code is <b>123456</b></p><script>alert(1)</script><a href="http://127.0.0.1/verify">Open</a>',
  attachments: [{ filename: "תעודה.txt", content: "attached" }],
};

describe("inbox API", () => {
  test("message sent by SMTP is listed and read in Mailpit's shape", async () => {
    const { mailbox, json } = await inbox();
    await deliver(mailbox, [invitation]);
    const list = await json("/api/v1/messages");
    expect(list).toMatchObject({ total: 1, unread: 1, count: 1, messages_count: 1, start: 0, tags: [] });
    const [summary] = list.messages;
    expect(summary).toMatchObject({
      Read: false,
      From: { Name: "School", Address: "hub@example.test" },
      To: [{ Name: "מיכל לוי", Address: "michal@hrz-01.example.test" }],
      Bcc: [{ Name: "", Address: "quiet@example.test" }],
      Subject: "שלום and <b>welcome</b>",
      Attachments: 1,
      Snippet: "Your code is 123456",
    });
    const message = await json(`/api/v1/message/${summary.ID}`);
    expect(message).toMatchObject({ ID: summary.ID, ReturnPath: "hub@example.test", Text: "Your code is 123456\n" });
    expect(message.HTML).toContain("<b>123456</b>");
    expect(message.Attachments).toMatchObject([{ PartID: "1", FileName: "תעודה.txt", Size: 8 }]);
    expect(await json("/api/v1/messages")).toMatchObject({ unread: 0 });
    expect((await json("/api/v1/message/latest/headers")).Subject).toHaveLength(1);
  });

  test("search finds by recipient, subject and text, and negation excludes", async () => {
    const { mailbox, json, get } = await inbox();
    await deliver(mailbox, [
      invitation,
      { ...invitation, to: "other@example.test", bcc: "", subject: "Reset password" },
    ]);
    const subjects = async (query: string) =>
      (await json(`/api/v1/search?query=${encodeURIComponent(query)}`)).messages.map(
        ({ Subject }: { Subject: string }) => Subject,
      );
    expect(await subjects("to:MICHAL@hrz-01.example.test")).toEqual([invitation.subject]);
    expect(await subjects('to:"other@example.test" subject:"reset password"')).toEqual(["Reset password"]);
    expect(await subjects("addressed:quiet@example.test")).toEqual([invitation.subject]);
    expect(await subjects("123456 -to:michal")).toEqual(["Reset password"]);
    expect(await subjects("is:read")).toEqual([]);
    expect(await subjects("nowhere")).toEqual([]);
    expect((await get("/api/v1/search?query=")).status).toBe(400);
  });

  test("deleting takes the named messages, or all", async () => {
    const { mailbox, json, get } = await inbox();
    await deliver(mailbox, [invitation, invitation, invitation]);
    const [first] = (await json("/api/v1/messages")).messages;
    const answer = await get("/api/v1/messages", { method: "DELETE", body: JSON.stringify({ IDs: [first.ID] }) });
    expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
    expect((await get(`/api/v1/message/${first.ID}`)).status).toBe(404);
    expect(await json("/api/v1/messages")).toMatchObject({ total: 2 });
    await get("/api/v1/messages", { method: "DELETE" });
    expect(await json("/api/v1/messages")).toMatchObject({ total: 0 });
    expect((await get("/api/v1/message/latest")).status).toBe(404);
  });

  test("mailbox keeps the newest messages and survives a restart", async () => {
    const { mailbox } = await inbox(2);
    await deliver(
      mailbox,
      ["one", "two", "three"].map((subject) => ({ ...invitation, subject })),
    );
    await writeFile(join(folder, "half.eml"), "Subject: never accepted");
    await writeFile(join(folder, "half.json.new"), "{");
    const reopened = await inbox(2);
    expect((await readdir(folder)).length).toBe(4);
    const { messages } = await reopened.json("/api/v1/messages");
    expect(messages.map(({ Subject }: { Subject: string }) => Subject)).toEqual(["three", "two"]);
  });

  test("message over the size limit is refused and not kept", async () => {
    const { mailbox, json } = await inbox();
    const huge = { ...invitation, text: "x".repeat(70).concat("\n").repeat(400_000) };
    await expect(deliver(mailbox, [huge])).rejects.toThrow(/552|size/i);
    expect(await json("/api/v1/messages")).toMatchObject({ total: 0 });
  });
});

describe("inbox pages", () => {
  test("subject and text are shown as text", async () => {
    const { mailbox, get } = await inbox();
    await deliver(mailbox, [{ ...invitation, text: "<img src=x onerror=alert(1)>" }]);
    for (const path of ["/", "/view/latest"]) {
      const page = await get(path);
      const markup = await page.text();
      expect(markup).toContain("&lt;b&gt;welcome&lt;/b&gt;");
      expect(markup).not.toContain("<b>welcome</b>");
      expect(markup).not.toContain("<img");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  test("mail's own HTML is served without scripts, foreign loads or the inbox's origin", async () => {
    const { mailbox, get } = await inbox();
    await deliver(mailbox, [invitation]);
    expect(await (await get("/view/latest")).text()).toMatch(/<iframe[^>]+sandbox="allow-popups/);
    const policy = (await get("/view/latest.html")).headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox /);
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin/);
    expect(policy).toContain("default-src 'none'");
    expect(await (await get("/view/latest.txt")).text()).toContain("123456");
  });

  test("attachment is only ever a download", async () => {
    const { mailbox, get } = await inbox();
    await deliver(mailbox, [{ ...invitation, attachments: [{ filename: "x.html", content: "<script>1</script>" }] }]);
    const part = await get("/api/v1/message/latest/part/1");
    expect(part.headers.get("content-type")).toBe("application/octet-stream");
    expect(part.headers.get("content-disposition")).toMatch(/^attachment/);
    expect((await get("/api/v1/message/latest/part/2")).status).toBe(404);
  });

  test("host that is not this machine is refused, and ids do not reach the file system", async () => {
    const { mailbox, get } = await inbox();
    const app = createMailApp(mailbox);
    expect((await app.request("http://evil.example/api/v1/messages")).status).toBe(403);
    expect((await get("/api/v1/message/..%2f..%2fpackage/raw")).status).toBe(404);
    expect((await get("/view/..%2f..%2fpackage")).status).toBe(404);
  });
});
