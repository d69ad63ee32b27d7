import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestStack, type TestStack } from "./testing/stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.service.createBucket("files", { public: false });
  for (const name of ["a/b/c.tar.gz", "top"]) await stack.service.from("files").upload(name, "12345");
});

afterAll(() => stack?.stop());

async function value(expression: string) {
  const { rows } = await stack.admin.query(`select ${expression} as value`);
  return rows[0]?.value;
}

describe("schema.sql", () => {
  test("runs again without a change", async () => {
    const state = () =>
      value(`(select jsonb_agg(jsonb_build_array(c.oid, c.relowner::regrole, c.relacl, c.relrowsecurity) order by c.oid)
        from pg_class c where c.relnamespace = 'storage'::regnamespace)`);
    const before = await state();
    const client = await stack.ctx.connect("supabase_admin");
    await client.query("set search_path = pg_catalog");
    await client.query(readFileSync(join(import.meta.dirname, "schema.sql"), "utf8"));
    await client.end();
    expect(await state()).toEqual(before);
  });

  test("leaves schema, owners and row-level security as Supabase has them", async () => {
    expect(await value("(select nspowner::regrole::text from pg_namespace where nspname = 'storage')")).toBe(
      "supabase_admin",
    );
    expect(
      await value(`(select jsonb_object_agg(relname, relrowsecurity order by relname) from pg_class
        where relnamespace = 'storage'::regnamespace and relkind = 'r'
          and relowner = 'supabase_storage_admin'::regrole)`),
    ).toEqual({
      buckets: true,
      migrations: true,
      objects: true,
      s3_multipart_uploads: true,
      s3_multipart_uploads_parts: true,
    });
  });

  test("gives multipart uploads to be read only", async () => {
    for (const role of ["anon", "authenticated"]) {
      for (const table of ["s3_multipart_uploads", "s3_multipart_uploads_parts"]) {
        expect(await value(`has_table_privilege('${role}', 'storage.${table}', 'select')`)).toBe(true);
        expect(await value(`has_table_privilege('${role}', 'storage.${table}', 'insert, update, delete')`)).toBe(false);
      }
    }
  });
});

describe("helpers", () => {
  test.each([
    ["storage.foldername('a/b/c.tar.gz')", ["a", "b"]],
    ["storage.foldername('top')", []],
    ["storage.filename('a/b/c.tar.gz')", "c.tar.gz"],
    ["storage.extension('a/b.x/c.tar.gz')", "gz"],
    ["storage.get_common_prefix('a/b/c', 'a/', '/')", "a/b/"],
    ["storage.get_common_prefix('a/b', 'a/', '/')", null],
  ])("%s", async (expression, result) => {
    expect(await value(expression)).toEqual(result);
  });

  test("operations are compared in either spelling, and to nothing outside a request", async () => {
    const within = (operation: string, expression: string) =>
      value(`(select ${expression} from (select set_config('storage.operation', '${operation}', false)) s)`);
    expect(await within("storage.object.list", "storage.allow_only_operation('object.list')")).toBe(true);
    expect(await within("object.list", "storage.allow_only_operation('storage.object.list')")).toBe(true);
    expect(await within("storage.object.list", "storage.allow_any_operation(array['x', 'object.list'])")).toBe(true);
    expect(await within("storage.object.list", "storage.allow_only_operation('object.get')")).toBe(false);
    expect(await within("", "storage.allow_only_operation('')")).toBe(false);
    expect(await within("storage.object.list", "storage.allow_any_operation(null)")).toBe(false);
  });

  test("get_size_by_bucket adds up", async () => {
    const { rows } = await stack.admin.query("select * from storage.get_size_by_bucket()");
    expect(rows).toEqual([{ size: "10", bucket_id: "files" }]);
  });

  test("can_insert_object answers by an error and keeps nothing", async () => {
    const ask = stack.admin.query("select storage.can_insert_object('files', 'new', null, '{}')");
    await expect(ask).rejects.toMatchObject({ code: "PT200", message: "ROLLBACK" });
    expect(await value("(select count(*)::int from storage.objects)")).toBe(2);
  });

  test("multipart uploads are listed by folder", async () => {
    await stack.admin.query(`
      insert into storage.s3_multipart_uploads (id, upload_signature, bucket_id, key, version)
      select 'id-' || key, 's', 'files', key, 'v' from unnest(array['a', 'f/1', 'f/2', 'g/1', 'z']) key;
    `);
    const list = async (...args: string[]) => {
      const { rows } = await stack.admin.query<{ key: string }>(
        `select key from storage.list_multipart_uploads_with_delimiter('files', '', '/', 100, ${args.join(", ") || "''"})`,
      );
      return rows.map(({ key }) => key);
    };
    expect(await list()).toEqual(["a", "f/", "g/", "z"]);
    expect(await list("'f/'")).toEqual(["g/", "z"]);
  });
});

describe("by SQL alone", () => {
  test.each(["objects", "buckets"])("nothing is deleted from storage.%s", async (table) => {
    for (const role of ["supabase_admin", "supabase_storage_admin", "service_role", "postgres"]) {
      const client = await stack.admin.connect();
      try {
        await client.query(`begin; set local role ${role}`);
        await expect(client.query(`delete from storage.${table} where id is null`)).rejects.toMatchObject({
          code: "42501",
          message: "Direct deletion from storage tables is not allowed. Use the Storage API instead.",
        });
      } finally {
        await client.query("rollback");
        client.release();
      }
    }
  });

  test("a bucket's name has at most a hundred characters", async () => {
    const insert = stack.admin.query("insert into storage.buckets (id, name) values ('x', repeat('x', 101))");
    await expect(insert).rejects.toThrow("is too long");
  });

  test("updated_at follows each change", async () => {
    const { rows } = await stack.admin.query(
      "update storage.objects set updated_at = 'epoch' where name = 'top' returning updated_at > created_at as later",
    );
    expect(rows).toEqual([{ later: true }]);
  });

  test("postgres makes policies, but changes no table", async () => {
    const client = await stack.ctx.connect("postgres");
    try {
      await client.query(`create policy "by a migration" on storage.objects for select to authenticated using (true)`);
      await client.query(`drop policy "by a migration" on storage.objects`);
      await expect(client.query("alter table storage.objects add column extra text")).rejects.toMatchObject({
        code: "42501",
      });
    } finally {
      await client.end();
    }
  });
});
