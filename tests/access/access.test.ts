import { beforeAll, describe, expect, test } from "vitest";
import { anonymous, type Client, service, signIn } from "../support/clients.ts";
import { env } from "../support/env.ts";
import { Expected } from "./expected.ts";
import { type Fact, type Facts, key, readFacts } from "./facts.ts";
import { byFunction, matrix } from "./matrix.ts";
import { patches, sample } from "./samples.ts";
import type { Persona } from "./scopes.ts";
import { createWorld } from "./world.ts";

const tables = Object.keys(matrix);
const from = (client: Client, table: string) => client.from(table as "schools");

let personas: Persona[];
let facts: Facts;
let expected: Expected;
let schoolIds: string[];

beforeAll(async () => {
  personas = await createWorld();
  schoolIds = await schoolsOf(personas);
  facts = await readFacts(schoolIds);
  expected = new Expected(facts);
}, 120_000);

/** Schools in which one of these people is or was a member. */
async function schoolsOf(people: Persona[]): Promise<string[]> {
  const ids = people.map(({ userId }) => userId);
  const { data } = await service.from("memberships").select("school_id").in("user_id", ids);
  return [...new Set((data ?? []).map((row) => row.school_id))];
}

/** The row as it is now, by the columns that tell it apart. */
async function stored(table: string, row: Fact): Promise<Fact | null> {
  const query = from(service, table).select("*");
  if (table === "permission_ceilings") {
    return (
      await query
        .eq("role" as "id", String(row.role))
        .eq("permission" as "id", String(row.permission))
        .maybeSingle()
    ).data;
  }
  const [column, value] =
    Object.entries({
      id: row.id,
      code: row.code,
      key: row.key,
      kind: row.kind,
      student_number: row.student_number,
    }).find(([, v]) => v !== undefined) ?? [];
  const found = query.eq(column as "id", String(value));
  return (await (row.school_id ? found.eq("school_id" as "id", row.school_id) : found).maybeSingle()).data;
}

const target = (client: Client, table: string, row: Fact, act: "update" | "delete") => {
  const query = act === "update" ? from(client, table).update(patches[table] as never) : from(client, table).delete();
  if (table === "permission_ceilings")
    return query.eq("role" as "id", String(row.role)).eq("permission" as "id", String(row.permission));
  if (row.id === undefined) {
    const natural = row.code ? "code" : row.key ? "key" : "kind";
    return query.eq(natural as "id", String(row[natural]));
  }
  return row.school_id ? query.eq("id", row.id).eq("school_id" as "id", row.school_id) : query.eq("id", row.id);
};

/** Rows on which a write is tried: the first the person may write, the first they only see, the first of another school. */
function targets(table: string, operation: "update" | "delete", persona: Persona): Fact[] {
  const rows = (facts[table] ?? []).filter((row) => !row.deleted_at);
  const may = rows.find((row) => expected.allows(operation, table, row, persona));
  const sees = rows.find(
    (row) => !expected.allows(operation, table, row, persona) && expected.allows("read", table, row, persona),
  );
  const hidden = rows.find((row) => !expected.allows("read", table, row, persona));
  return [may, sees, hidden].filter((row) => row !== undefined);
}

async function tryUpdate(client: Client, table: string, row: Fact, allowed: boolean): Promise<string | null> {
  const before = await stored(table, row);
  const { error } = await target(client, table, row, "update");
  const after = await stored(table, row);
  const { updated_at: _, ...old } = before ?? {};
  const changed = Object.keys(old).some(
    (column) => JSON.stringify(before?.[column]) !== JSON.stringify(after?.[column]),
  );
  if (changed) {
    const columns = Object.fromEntries(Object.keys(patches[table] ?? {}).map((column) => [column, before?.[column]]));
    await from(service, table)
      .update(columns as never)
      .eq("id", String(row.id));
  }
  return changed === allowed
    ? null
    : `update of ${table} ${key(table, row)}: expected ${allowed ? "allowed" : "refused"}, got ${error?.code ?? "no error"}`;
}

async function tryDelete(client: Client, table: string, row: Fact, allowed: boolean): Promise<string | null> {
  const { error } = await target(client, table, row, "delete");
  const after = await stored(table, row);
  const gone = after === null || Boolean(after.deleted_at);
  // A row that live rows refer to stays, and says so: the right was there.
  const kept = error?.code === "23503";
  if (gone && after)
    await from(service, table)
      .update({ deleted_at: null } as never)
      .eq("id", String(row.id));
  if (allowed ? gone || kept : !gone && !kept) return null;
  return `delete of ${table} ${key(table, row)}: expected ${allowed ? "allowed" : "refused"}, got ${error?.code ?? "no error"}`;
}

async function tryInsert(client: Client, table: string, schoolId: string, persona: Persona): Promise<string | null> {
  const row = sample(table, schoolId, persona, facts);
  if (!row) return null;
  const allowed = expected.allows("insert", table, row, persona);
  const { error } = await from(client, table).insert(row as never);
  const made = await stored(table, row);
  const there = made !== null && table !== "permission_ceilings";
  if (there) await from(service, table).delete().eq("id", String(made.id));
  return there === allowed
    ? null
    : `insert into ${table} of ${schoolId}: expected ${allowed ? "allowed" : "refused"}, got ${error?.code ?? "no error"} ${error?.message ?? ""}`;
}

test("the matrix names every table of the API and no other", async () => {
  const answer = await fetch(`${env.SUPABASE_URL}/rest/v1/`, { headers: { apikey: env.SUPABASE_SECRET_KEY } });
  const description = (await answer.json()) as { definitions: Record<string, unknown> };
  const views = ["observation_summaries", "observation_coverage", "domain_growth", "calibration_pairs"];
  const named = Object.keys(description.definitions).filter((name) => !views.includes(name));
  expect(named.filter((name) => name !== "student_records").sort()).toEqual(
    tables.filter((name) => name !== "student_records").sort(),
  );
});

describe.each(tables)("%s", (table) => {
  /** What a person sees too much or misses, or null. */
  async function misread(persona: Persona): Promise<string | null> {
    const { data, error } = await from(await signIn(persona.email), table).select("*");
    if (byFunction.includes(table)) return error?.code === "42501" ? null : `${persona.name}: was not refused`;
    if (error) return `${persona.name}: ${error.code} ${error.message}`;
    const rows = data.map((row) => key(table, row as Fact)).sort();
    const want = expected.visible(table, persona);
    if (JSON.stringify(rows) === JSON.stringify(want)) return null;
    const extra = rows.filter((id) => !want.includes(id));
    const missing = want.filter((id) => !rows.includes(id));
    return `${persona.name}: sees ${extra.length} too many (${extra[0]}), misses ${missing.length} (${missing[0]})`;
  }

  test("each person reads exactly the rows that the matrix gives them", async () => {
    const wrong: (string | null)[] = [];
    for (const persona of personas) {
      if ((await misread(persona)) === null) continue;
      // A job may have written rows since the facts were read: of a fault, a second look finds the same.
      Object.assign(facts, table === "student_records" ? {} : await readFacts(schoolIds, [table]));
      wrong.push(await misread(persona));
    }
    expect(wrong.filter(Boolean)).toEqual([]);
  }, 120_000);

  test("each write happens where the matrix allows it, and elsewhere changes nothing", async () => {
    const wrong: (string | null)[] = [];
    const schools = (facts.schools ?? []).map((row) => String(row.id));
    for (const persona of personas) {
      const client = await signIn(persona.email);
      const own = (facts.memberships ?? []).find((row) => row.user_id === persona.userId)?.school_id;
      const foreign = schools.find(
        (id) =>
          id !== own &&
          !(facts.memberships ?? []).some((row) => row.user_id === persona.userId && row.school_id === id),
      );
      for (const schoolId of [own, foreign]) {
        const outcome = schoolId ? await tryInsert(client, table, String(schoolId), persona) : null;
        wrong.push(outcome && `${persona.name}: ${outcome}`);
      }
      if (table === "student_records") continue;
      for (const row of targets(table, "update", persona)) {
        const outcome = await tryUpdate(client, table, row, expected.allows("update", table, row, persona));
        wrong.push(outcome && `${persona.name}: ${outcome}`);
      }
      for (const row of targets(table, "delete", persona)) {
        const outcome = await tryDelete(client, table, row, expected.allows("delete", table, row, persona));
        wrong.push(outcome && `${persona.name}: ${outcome}`);
      }
    }
    expect(wrong.filter(Boolean)).toEqual([]);
  }, 300_000);

  test("nobody without a sign-in reads or writes", async () => {
    const client = anonymous();
    expect((await from(client, table).select("*")).error?.code).toBe("42501");
    const row = (facts[table] ?? [])[0];
    if (!row) return;
    expect((await target(client, table, row, "update")).error?.code).toBe("42501");
    expect((await target(client, table, row, "delete")).error?.code).toBe("42501");
  });
});
