import { beforeAll, describe, expect, test } from "vitest";
import { type Client, service, signIn } from "../support/clients.ts";
import { ownerConnection } from "../support/database.ts";
import { env } from "../support/env.ts";
import { FreshSchool, type Membership } from "../support/school.ts";
import { withSecondFactor } from "../support/second-factor.ts";
import { unwrap } from "../support/unwrap.ts";

const FILE = new Blob(["as it was"], { type: "text/plain" });
const OTHER = new Blob(["as it suits"], { type: "text/plain" });

let school: FreshSchool;
let clients: Record<"principal" | "teacher" | "admin" | "parent" | "pupil", Client>;
let members: Record<"principal" | "teacher" | "admin" | "parent" | "pupil", Membership>;
let userIds: Record<string, string>;
let student: { id: string };

beforeAll(async () => {
  school = await FreshSchool.create();
  const people = {
    principal: await school.join("principal", "leader"),
    teacher: await school.join("teacher", "teacher"),
    admin: await school.join("admin", "admin"),
    parent: await school.join("parent", "parent"),
    pupil: await school.join("pupil", "student"),
  };
  const entries = Object.entries(people);
  members = Object.fromEntries(entries.map(([name, person]) => [name, person.membership])) as typeof members;
  userIds = Object.fromEntries(entries.map(([name, person]) => [name, person.userId]));
  clients = Object.fromEntries(
    await Promise.all(entries.map(async ([name, { email }]) => [name, await signIn(email)] as const)),
  ) as typeof clients;
  student = await school.student({ given_name: "Hidden", membership_id: members.pupil.id });
  const bond = { school_id: school.id, student_id: student.id, guardian_id: members.parent.id };
  unwrap(await service.from("guardianships").insert(bond).select("id"));
  const cards = [members.pupil, members.teacher].map(({ id, role }) => ({
    school_id: school.id,
    membership_id: id,
    display_name: `A ${role}`,
  }));
  unwrap(await service.from("directory_cards").insert(cards).select("id"));
});

describe("evidence", () => {
  test("gets no signed address from a client: it would outlive the right, and the draft", async () => {
    const draft = await school.observation(members.teacher, members.principal);
    const path = `${school.id}/${draft.id}/a.txt`;
    const files = clients.principal.storage.from("evidence");
    expect((await files.upload(path, FILE)).error).toBeNull();
    expect((await files.createSignedUploadUrl(path, { upsert: true })).error).not.toBeNull();
    expect((await files.createSignedUploadUrl(`${school.id}/${draft.id}/b.txt`)).error).not.toBeNull();
    expect((await files.createSignedUrl(path, 31_536_000)).error).not.toBeNull();
    expect((await files.createSignedUrls([path], 60)).data?.map(({ signedUrl }) => signedUrl)).toEqual([null]);
    expect(await unwrap(await files.download(path)).text()).toBe("as it was");
  });

  test("of a submitted observation is not replaced, moved, copied over or removed", async () => {
    const submitted = await school.observation(members.teacher, members.principal, { status: "submitted" });
    const draft = await school.observation(members.teacher, members.principal);
    const path = `${school.id}/${submitted.id}/a.txt`;
    const own = `${school.id}/${draft.id}/a.txt`;
    expect((await service.storage.from("evidence").upload(path, FILE)).error).toBeNull();
    const files = clients.principal.storage.from("evidence");
    expect((await files.upload(own, OTHER)).error).toBeNull();
    expect((await files.update(path, OTHER)).error).not.toBeNull();
    expect((await files.upload(path, OTHER, { upsert: true })).error).not.toBeNull();
    expect((await files.move(own, path)).error).not.toBeNull();
    expect((await files.move(path, `${school.id}/${draft.id}/b.txt`)).error).not.toBeNull();
    expect((await files.copy(own, `${school.id}/${submitted.id}/c.txt`)).error).not.toBeNull();
    expect((await files.remove([path])).data).toEqual([]);
    expect(await unwrap(await clients.teacher.storage.from("evidence").download(path)).text()).toBe("as it was");
    expect(unwrap(await files.list(`${school.id}/${submitted.id}`)).map(({ name }) => name)).toEqual(["a.txt"]);
  });
});

describe("protected records", () => {
  const args = () => ({ school_id: school.id, student_id: student.id, reason: "A suspicion against the family" });
  const entries = async () =>
    unwrap(await clients.admin.rpc("audit_trail", { school_id: school.id, table_name: "student_records" })).filter(
      ({ action }) => action === "READ",
    );

  test("are not read by making the request fail after the read, which would undo the log", async () => {
    const record = {
      school_id: school.id,
      student_id: student.id,
      kind: "discipline",
      content: { text: "the secret" },
    };
    unwrap(await clients.admin.rpc("write_student_record", record));
    const token = (await clients.principal.auth.getSession()).data.session?.access_token;
    for (const select of [
      "content->>text::int",
      "kind::int",
      "pgrst_scalar->0->content->>text::int",
      "pgrst_scalar::int",
    ]) {
      const before = (await entries()).length;
      const answer = await fetch(
        `${env.SUPABASE_URL}/rest/v1/rpc/read_student_records?select=${encodeURIComponent(select)}`,
        {
          method: "POST",
          headers: {
            apikey: env.SUPABASE_PUBLISHABLE_KEY,
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
          },
          body: JSON.stringify(args()),
        },
      );
      const shown = (await answer.text()).includes("the secret");
      expect((await entries()).length - before, select).toBe(shown ? 1 : 0);
    }
  });

  test("the family learns that they were read, and not the reason", async () => {
    unwrap(await clients.principal.rpc("read_student_records", args()));
    const [seen] = unwrap(await clients.parent.rpc("audit_trail", { school_id: school.id })).filter(
      ({ action }) => action === "READ",
    );
    expect(seen?.details).toEqual({ student_id: student.id });
    expect((await entries())[0]?.details).toMatchObject({ reason: args().reason });
  });
});

describe("coaching behind the glass", () => {
  test("opens to an admin with a second factor, for a while, and both participants see it", async () => {
    const coaching = await school.observation(members.teacher, members.principal, {
      kind: "coaching",
      status: "submitted",
      notes: "In confidence",
    });
    const glass = {
      school_id: school.id,
      observation_id: coaching.id,
      reason: "A complaint by the family",
      minutes: 10,
    };
    expect((await clients.admin.rpc("break_glass", glass)).error?.code).toBe("PT403");
    const strong = await withSecondFactor(clients.admin);
    const grant = unwrap(await strong.rpc("break_glass", glass));
    const reading = { school_id: school.id, grant_id: grant.id };
    expect(JSON.stringify(unwrap(await strong.rpc("read_behind_glass", reading)))).toContain("In confidence");
    expect((await clients.admin.rpc("read_behind_glass", reading)).error?.code).toBe("PT404");
    expect((await strong.from("observations").select("id").eq("id", coaching.id)).data).toEqual([]);
    for (const client of [clients.teacher, clients.principal]) {
      expect(unwrap(await client.from("break_glass_grants").select("reason").eq("id", grant.id))).toEqual([
        { reason: glass.reason },
      ]);
      expect((await client.rpc("read_behind_glass", reading)).error?.code).toBe("PT404");
    }
    const owner = await ownerConnection();
    await owner.query("update public.break_glass_grants set expires_at = now() - interval '1 second' where id = $1", [
      grant.id,
    ]);
    await owner.end();
    expect((await strong.rpc("read_behind_glass", reading)).error?.code).toBe("PT404");
  });

  test("does not open a draft, nor what is no coaching", async () => {
    const strong = await withSecondFactor(clients.admin);
    for (const more of [{ kind: "coaching" }, { status: "submitted" }]) {
      const { id } = await school.observation(members.teacher, members.principal, more);
      const glass = { school_id: school.id, observation_id: id, reason: "A complaint by the family", minutes: 10 };
      expect((await strong.rpc("break_glass", glass)).error?.code).toBe("PT404");
    }
  });
});

describe("families", () => {
  test("stand in no directory that teachers read: who may not see the student does not learn the name", async () => {
    expect(unwrap(await clients.teacher.from("directory_cards").select("display_name"))).toEqual([
      { display_name: "A teacher" },
    ]);
    expect(unwrap(await clients.admin.from("directory_cards").select("display_name"))).toHaveLength(2);
  });

  test("a blocked guardian who also works in the school sees nothing of the child in that role", async () => {
    const person = { email: "", userId: String(userIds.parent) };
    await school.member(person, "admin");
    await school.member(person, "teacher");
    expect((await clients.pupil.rpc("session_start", { school_id: school.id })).error).toBeNull();
    const block = {
      school_id: school.id,
      student_id: student.id,
      membership_id: members.parent.id,
      reason: "By order of the court",
    };
    unwrap(await service.from("guardianship_blocks").insert(block).select("id"));
    const { parent } = clients;
    const pupil = members.pupil.id;
    expect(unwrap(await parent.from("students").select("id"))).toEqual([]);
    expect(unwrap(await parent.from("memberships").select("id").eq("id", pupil))).toEqual([]);
    expect(unwrap(await parent.from("directory_cards").select("id").eq("membership_id", pupil))).toEqual([]);
    expect(unwrap(await parent.from("user_sessions").select("id").eq("membership_id", pupil))).toEqual([]);
    const summary = unwrap(await parent.rpc("session_summary", { school_id: school.id, since: "2026-01-01" }));
    expect(summary.map(({ membership_id }) => membership_id)).not.toContain(pupil);
    const trail = unwrap(await parent.rpc("audit_trail", { school_id: school.id, page_size: 200 }));
    expect(trail.length).toBeGreaterThan(0);
    expect(
      trail.filter(({ row, after }) => row === student.id || row === pupil || JSON.stringify(after).includes(pupil)),
    ).toEqual([]);
    expect((await parent.rpc("end_membership", { school_id: school.id, membership_id: pupil })).error?.code).toBe(
      "PT404",
    );
    expect(
      (await parent.rpc("read_student_records", { school_id: school.id, student_id: student.id, reason: "why not" }))
        .error?.code,
    ).toBe("PT404");
  });
});
