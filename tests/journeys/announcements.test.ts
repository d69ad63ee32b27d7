import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, freshSignIn, signIn } from "../support/clients.ts";
import { ownerConnection } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { mailTo } from "../support/inbox.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let school: FreshSchool;
let office: Client;
let teacher: { email: string; membership: Membership };
let father: { email: string; membership: Membership };

beforeAll(async () => {
  school = await FreshSchool.create({ locale: "he", name: "בית ספר אלון" });
  office = await signIn((await school.join("office", "admin")).email);
  teacher = await school.join("teacher", "teacher");
  father = await school.join("father", "parent");
});

interface Heard {
  kind: string;
  table_name: string;
  row_id: string;
}

const channels: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of channels) await close();
});

/** What a member hears on the own channel from now on. */
async function listen(client: Client): Promise<Heard[]> {
  const [own] = unwrap(await client.rpc("my_topics"));
  const heard: Heard[] = [];
  const channel = client.channel(String(own?.topic), { config: { private: true } });
  channel.on("broadcast", { event: "notification" }, ({ payload }) => heard.push(payload as Heard));
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve();
      else if (status !== "CLOSED") reject(error ?? new Error(status));
    }),
  );
  channels.push(() => client.realtime.disconnect());
  return heard;
}

const announce = (client: Client, title: string, role: string) =>
  client.rpc("announce", { school_id: school.id, title, body: "Text", audiences: [{ scope: "school", role }] });

test("an announcement reaches its audience on private channels, by ids, and leaves receipts", async () => {
  const parent = await freshSignIn(father.email);
  const staff = await freshSignIn(teacher.email);
  const [heardByParent, heardByStaff] = [await listen(parent), await listen(staff)];
  const said = unwrap(await announce(office, "Parents' evening", "parent"));
  const message = await eventually(async () => heardByParent[0], 10, "the notification");
  expect(message).toMatchObject({ kind: "announcement_published", table_name: "announcements", row_id: said.id });
  expect(JSON.stringify(message)).not.toContain("evening");
  expect(unwrap(await parent.from("announcements").select("title"))).toEqual([{ title: "Parents' evening" }]);
  unwrap(await parent.rpc("read_announcement", { school_id: school.id, announcement_id: said.id }));
  const receipts = unwrap(await office.from("announcement_receipts").select("membership_id"));
  expect(receipts).toEqual([{ membership_id: father.membership.id }]);
  expect(unwrap(await staff.from("announcements").select("id"))).toEqual([]);
  expect(heardByStaff).toEqual([]);
  expect((await announce(staff, "To all", "parent")).error?.code).toBe("PT404");
});

test("a channel of somebody else is not joined, and one's own ends with the membership", async () => {
  const parent = await freshSignIn(father.email);
  const [own] = unwrap(await parent.rpc("my_topics"));
  const curious = await freshSignIn(teacher.email);
  const channel = curious.channel(String(own?.topic), { config: { private: true } });
  channels.push(() => curious.realtime.disconnect());
  const status = await new Promise<string>((resolve) => channel.subscribe((state) => resolve(state)));
  expect(status).toBe("CHANNEL_ERROR");
  const end = { school_id: school.id, membership_id: father.membership.id };
  unwrap(await office.rpc("end_membership", end));
  expect(unwrap(await parent.rpc("my_topics"))).toEqual([]);
  const again = { school_id: school.id, user_id: String(father.membership.user_id), role: "parent" };
  unwrap(await office.rpc("add_membership", again));
  expect(unwrap(await parent.rpc("my_topics"))[0]?.topic).not.toBe(own?.topic);
});

test("notifications go out by mail to whoever asks, in their language and direction, without saying of whom", async () => {
  const parent = await freshSignIn(father.email);
  const { data } = await parent.auth.getUser();
  const own = parent.from("profiles").update({ mail_frequency: "immediate" });
  unwrap(await own.eq("user_id", String(data.user?.id)).select("id").single());
  unwrap(await announce(office, "Dana Levi is ill", "parent"));
  const owner = await ownerConnection();
  // What a job does each minute; a mail waits a quarter of a minute for transactions that may still commit.
  await sleep(16_000);
  await owner.query("select private.send_notification_mails()");
  const mail = await mailTo(father.email);
  expect(mail.subject).toContain("בית ספר אלון");
  expect(mail.html).toContain('dir="rtl"');
  expect(mail.html).toContain("הודעות חדשות");
  expect(mail.html).not.toContain("Dana");
  await eventually(
    async () => {
      await owner.query("select private.send_notification_mails()");
      const open = "select 1 from private.mail_deliveries where school_id = $1 and ended_at is null";
      return (await owner.query(open, [school.id])).rowCount === 0 ? true : undefined;
    },
    20,
    "the confirmation",
  );
  await owner.end();
});
