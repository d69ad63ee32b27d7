import assert from "node:assert/strict";
import { createApp } from "../notification-mail/app.ts";
import { composeMessage, type Message } from "../notification-mail/message.ts";

const TOKEN = "a-token-for-this-test";
const mail = {
  id: "0198f2a0-0000-4000-8000-000000000001",
  to: "reader@people.example.test",
  name: "Dana <b>Levi</b>",
  locale: "en",
  school: "School & Sons",
  counts: [
    { text: "new announcements", count: 2 },
    { text: "absences recorded", count: 1 },
  ],
};

function setUp(refuses: (message: Message) => boolean = () => false) {
  Deno.env.set("NOTIFICATION_MAIL_TOKEN", TOKEN);
  Deno.env.set("SITE_URL", "https://hub.example.test/?a=1&b=2");
  const sent: Message[] = [];
  const state = { closed: 0 };
  const app = createApp(() => ({
    send: (message) =>
      refuses(message) ? Promise.reject(new Error("mailbox full")) : Promise.resolve(void sent.push(message)),
    close: () => void state.closed++,
  }));
  const post = (body: unknown, token = TOKEN) =>
    app.request("/notification-mail", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  return { app, post, sent, state };
}

Deno.test("mails say how many of what, in the reader's language and direction", () => {
  const english = composeMessage(mail, "https://hub.example.test/");
  assert.equal(english.subject, "3 notifications from School & Sons");
  assert.match(
    english.text,
    /Hello Dana.*• 2 new announcements\n• 1 absences recorded.*https:\/\/hub\.example\.test\//s,
  );
  assert.match(english.html, /<html lang="en" dir="ltr">/);
  assert.equal(english.messageId, `<${mail.id}@hub.example.test>`);
  const hebrew = composeMessage(
    { ...mail, locale: "he-IL", name: null, counts: [{ text: "הודעות חדשות", count: 1 }] },
    "https://hub.example.test/",
  );
  assert.equal(hebrew.subject, "התראה אחת מSchool & Sons");
  assert.match(hebrew.html, /<html lang="he" dir="rtl">.*שלום,.*1 הודעות חדשות/s);
});

Deno.test("what people are called is no markup", () => {
  const { html } = composeMessage(mail, 'https://hub.example.test/?x="><script>');
  assert.doesNotMatch(html, /<b>|<script>/);
  assert.match(html, /Dana &lt;b&gt;Levi/);
});

Deno.test("sent and failed mails are told apart, and the connection ends", async () => {
  const other = { ...mail, id: "0198f2a0-0000-4000-8000-000000000002", to: "full@people.example.test" };
  const { post, sent, state } = setUp(({ to }) => to === other.to);
  const response = await post({ mails: [mail, other] });
  assert.deepEqual([response.status, await response.json()], [200, { sent: [mail.id], failed: [other.id] }]);
  assert.deepEqual(
    sent.map(({ to }) => to),
    [mail.to],
  );
  assert.equal(state.closed, 1);
});

Deno.test("a mail that is none fails by itself, and an address is what mail servers take for one", async () => {
  const ids = [2, 3, 4, 5].map((n) => `0198f2a0-0000-4000-8000-00000000000${n}`);
  const to = "tom&anna@people.example.test";
  const broken = [{ to: "nobody" }, { counts: [] }, { to: "a,b@people.example.test" }, { to }];
  const { post, sent } = setUp();
  const response = await post({ mails: [...broken.map((more, at) => ({ ...mail, ...more, id: ids[at] })), mail] });
  assert.deepEqual(await response.json(), { sent: [ids[3], mail.id], failed: ids.slice(0, 3) });
  assert.deepEqual(
    sent.map((message) => message.to),
    [to, mail.to],
  );
});

Deno.test("wrong tokens, methods and bodies are refused before anything is sent", async () => {
  const { app, post, sent } = setUp();
  const code = async (response: Response) => [response.status, (await response.json()).code];
  assert.deepEqual(await code(await post({ mails: [mail] }, "wrong")), [401, "unauthorized"]);
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.deepEqual(await code(await app.request("/notification-mail", { headers })), [405, "method_not_allowed"]);
  for (const body of [
    "{",
    {},
    { mails: [] },
    { mails: [{ ...mail, id: "1" }] },
    { mails: Array(101).fill(mail) },
    { mails: [mail], extra: 1 },
  ]) {
    assert.deepEqual(await code(await post(body)), [400, "invalid_request"]);
  }
  assert.deepEqual(await code(await post(" ".repeat(2 * 1024 * 1024))), [413, "payload_too_large"]);
  assert.equal(sent.length, 0);
});
