import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "../support/clients.ts";
import { ownerConnection } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FreshSchool } from "../support/school.ts";
import { unwrap } from "../support/unwrap.ts";

let owner: pg.Client;
let slow: pg.Client;

beforeAll(async () => {
  owner = await ownerConnection();
  slow = await ownerConnection();
});
afterAll(async () => {
  await slow.end();
  await owner.end();
});

const verify = async (school: FreshSchool) => {
  const { rows } = await owner.query("select * from audit.verify($1)", [school.id]);
  return rows[0] as {
    valid: boolean;
    entries_checked: string;
    first_bad_entry: string | null;
    problem: string | null;
    head: string;
  };
};
const addDepartment = (connection: pg.Client, school: FreshSchool, code: string) =>
  connection.query("insert into public.departments (school_id, code, name) values ($1, $2, $3)", [
    school.id,
    code,
    `Department ${code}`,
  ]);

describe("sealing", () => {
  test("waits for a transaction in flight and loses none of its entries", async () => {
    const school = await FreshSchool.create();
    await owner.query("select audit.seal()");
    const before = Number((await verify(school)).entries_checked);
    await slow.query("begin");
    await addDepartment(slow, school, "SLOW");
    await addDepartment(owner, school, "FAST");
    await owner.query("select audit.seal()");
    expect(await verify(school)).toMatchObject({ valid: true, entries_checked: String(before) });
    await slow.query("commit");
    await eventually(
      async () => {
        await owner.query("select audit.seal()");
        return Number((await verify(school)).entries_checked) === before + 2 ? true : undefined;
      },
      60,
      "both entries to be sealed",
    );
    expect(await verify(school)).toMatchObject({ valid: true });
  }, 70_000);

  test("beside many writers seals each entry once", async () => {
    const school = await FreshSchool.create();
    const writers = await Promise.all(Array.from({ length: 4 }, ownerConnection));
    const writing = Promise.all(
      writers.map(async (writer, w) => {
        for (let n = 0; n < 25; n++) await addDepartment(writer, school, `W${w}-${n}`);
        await writer.end();
      }),
    );
    let done = false;
    writing.finally(() => {
      done = true;
    });
    while (!done) await owner.query("select audit.seal()");
    await writing;
    const written = Number(
      (await owner.query("select count(*) from audit.entries where school_id = $1", [school.id])).rows[0].count,
    );
    await eventually(
      async () => {
        await owner.query("select audit.seal()");
        return Number((await verify(school)).entries_checked) >= written ? true : undefined;
      },
      60,
      "every entry to be sealed",
    );
    const { rows } = await owner.query(
      "select count(*) as sealed, count(distinct id) as once from audit.seals s, unnest(s.entry_ids) id where s.school_id = $1",
      [school.id],
    );
    expect(rows[0]).toEqual({ sealed: String(written), once: String(written) });
    expect(await verify(school)).toMatchObject({ valid: true });
  }, 90_000);
});

describe("what the owner of the database does to the log", () => {
  test.each([
    ["changing an entry", "update audit.entries set role = 'nobody' where id = $1", "the entry was changed"],
    ["deleting an entry", "delete from audit.entries where id = $1", "the entry is missing"],
    [
      "changing values",
      `update audit.entry_values set after = '{"name": "Other"}' where entry_id = $1`,
      "its values were changed",
    ],
    ["deleting values", "delete from audit.entry_values where entry_id = $1", "its values are missing"],
  ])(
    "%s shows, and names the entry",
    async (_, statement, problem) => {
      const school = await FreshSchool.create();
      await addDepartment(owner, school, "KEPT");
      await eventually(
        async () => {
          await owner.query("select audit.seal()");
          const { rows } = await owner.query("select count(*) from audit.entries where school_id = $1", [school.id]);
          return (await verify(school)).entries_checked === rows[0].count ? true : undefined;
        },
        60,
        "the entries to be sealed",
      );
      const { rows } = await owner.query(
        "select id from audit.entries where school_id = $1 and table_name = 'departments'",
        [school.id],
      );
      await owner.query("begin");
      try {
        await owner.query("alter table audit.entries disable trigger _100_append_only");
        const changed = await owner.query(statement, [rows[0].id]);
        expect(changed.rowCount).toBe(1);
        expect(await verify(school)).toMatchObject({ valid: false, first_bad_entry: rows[0].id, problem });
      } finally {
        await owner.query("rollback");
      }
      expect(await verify(school)).toMatchObject({ valid: true });
    },
    70_000,
  );

  test.each([
    "update audit.entries set role = 'nobody'",
    "delete from audit.entries",
    "truncate audit.entries",
    "truncate audit.seals",
    "delete from audit.seals",
  ])("%s is refused while the triggers stand", async (statement) => {
    await expect(owner.query(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("the heads of the chains", () => {
  test("leave the database signed, once a day, and are confirmed", async () => {
    const school = await FreshSchool.create();
    await eventually(
      async () => {
        await owner.query("select audit.seal()");
        return Number((await verify(school)).entries_checked) > 0 ? true : undefined;
      },
      60,
      "the school's first seal",
    );
    const head = (await verify(school)).head;
    await owner.query("update audit.published_heads set taken_at = taken_at - interval '2 days'");
    await owner.query("select private.audit_publish_heads()");
    const { rows } = await owner.query("select id, taken_at from audit.published_heads order by id desc limit 1");
    await eventually(
      async () => {
        await owner.query("select private.audit_publish_heads()");
        const { rows: sent } = await owner.query("select confirmed_at from audit.published_heads where id = $1", [
          rows[0].id,
        ]);
        return sent[0].confirmed_at ?? undefined;
      },
      60,
      "the receiver's confirmation",
    );
    const taken: Date = rows[0].taken_at;
    const folder = taken.toISOString().slice(0, 10).replaceAll("-", "/");
    const files = unwrap(await service.storage.from("audit-heads").list(folder));
    const contents = await Promise.all(
      files.map(async (file) =>
        unwrap(await service.storage.from("audit-heads").download(`${folder}/${file.name}`)).text(),
      ),
    );
    const filed = contents.find((content) => content.includes(head));
    expect(filed, "a file with the school's head").toBeDefined();
    expect(JSON.parse(String(filed))).toHaveProperty("signature");
  }, 90_000);
});
