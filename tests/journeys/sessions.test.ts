import { describe, expect, test } from "vitest";
import { freshSignIn, service, signIn } from "../support/clients.ts";
import { eventually } from "../support/eventually.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

describe("a session", () => {
  test("is one row for two tabs, beats, and ends once", async () => {
    const school = await FreshSchool.create();
    const teacher = await school.join("teacher", "teacher");
    const client = await freshSignIn(teacher.email);
    const tabs = await Promise.all([1, 2].map(() => client.rpc("session_start", { school_id: school.id })));
    const [first, second] = tabs.map((tab) => unwrap(tab));
    expect(first?.id).toBe(second?.id);
    expect(first).toMatchObject({ membership_id: teacher.membership.id, ended_at: null });
    expect(first?.ip).toBeTruthy();
    const mine = { school_id: school.id, user_session_id: String(first?.id) };
    expect((await client.rpc("session_ping", mine)).error).toBeNull();

    const elsewhere = await freshSignIn(teacher.email);
    expect((await elsewhere.rpc("session_ping", mine)).error?.code).toBe("PT404");
    expect((await elsewhere.rpc("session_end", mine)).error?.code).toBe("PT404");

    const [one, two] = await Promise.all([1, 2].map(() => client.rpc("session_end", mine)));
    expect([one?.error, two?.error].filter((error) => error === null)).toHaveLength(1);
    expect((await client.rpc("session_ping", mine)).error?.code).toBe("PT404");
    const row = unwrap(await client.from("user_sessions").select("*").eq("id", mine.user_session_id).single());
    expect(row).toMatchObject({ end_reason: "ended" });
    expect(row.duration_seconds).toBeGreaterThanOrEqual(0);
  });

  test("is refused to people of another school", async () => {
    const school = await FreshSchool.create();
    const stranger = await (await FreshSchool.create()).join("stranger", "admin");
    const { error } = await (await signIn(stranger.email)).rpc("session_start", { school_id: school.id });
    expect(error?.code).toBe("PT404");
  });

  test("without a heartbeat is closed by the job at its last one, and the sign-in with it where the school says so", async () => {
    const school = await FreshSchool.create();
    const teacher = await school.join("teacher", "teacher");
    const admin = await school.join("admin", "admin");
    const office = await signIn(admin.email);
    unwrap(
      await office.rpc("set_school_setting", { school_id: school.id, key: "session_expiry_revokes", value: true }),
    );
    const refused = await office.rpc("set_school_setting", {
      school_id: school.id,
      key: "session_idle_minutes",
      value: 0,
    });
    expect(refused.error?.code).toBe("PT422");
    const client = await freshSignIn(teacher.email);
    const session = unwrap(await client.rpc("session_start", { school_id: school.id }));
    const past = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const idle = { started_at: past(25), last_seen_at: past(15) };
    unwrap(await service.from("user_sessions").update(idle).eq("id", session.id).select("id"));
    const closed = await eventually(
      async () => {
        const row = unwrap(await office.from("user_sessions").select("*").eq("id", session.id).single());
        return row.ended_at === null ? undefined : row;
      },
      130,
      "the expiry job",
    );
    expect(closed).toMatchObject({ end_reason: "expired", duration_seconds: 600 });
    expect(Date.parse(String(closed.ended_at))).toBe(Date.parse(idle.last_seen_at));
    expect(unwrap(await client.from("user_sessions").select("id"))).toEqual([]);
    const refresh = await client.auth.refreshSession();
    expect(refresh.error?.message).toContain("expired");
    const trail = unwrap(
      await office.rpc("audit_trail", {
        school_id: school.id,
        actor_id: undefined,
        table_name: "user_sessions",
        row_id: session.id,
      }),
    );
    expect(trail.map((entry) => entry.action)).toContain("LOGOUT");
  }, 150_000);

  test("writes LOGIN into the audit of the person's school", async () => {
    const school = await FreshSchool.create();
    const teacher = await school.join("teacher", "teacher");
    const admin = await school.join("admin", "admin");
    await freshSignIn(teacher.email);
    const entries = unwrap(
      await (await signIn(admin.email)).rpc("audit_trail", { school_id: school.id, table_name: "auth.sessions" }),
    );
    expect(entries.find((entry) => entry.actor === teacher.userId)).toMatchObject({
      action: "LOGIN",
      role: "teacher",
      membership: teacher.membership.id,
    });
  });
});
