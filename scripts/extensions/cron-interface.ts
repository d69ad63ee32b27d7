import pg from "pg";

/** What callers of pg_cron depend on, one line each. */
export async function cronInterface(client: pg.ClientBase): Promise<Set<string>> {
  // Since 1.6 a job's name is text where it was name.
  const { rows } = await client.query<{ line: string }>(`
    select format('function %s(%s) returns %s%s',
      p.proname, regexp_replace(pg_get_function_identity_arguments(p.oid), '\\mname\\M(?=,|$)', 'text', 'g'),
      pg_get_function_result(p.oid), case when p.proisstrict then ' strict' end) as line
    from pg_proc p where p.pronamespace = 'cron'::regnamespace and p.proname !~ '^_'
    union all
    select format('column %s.%s %s %s %s', c.relname, a.attname,
      regexp_replace(format_type(a.atttypid, a.atttypmod), '^name$', 'text'),
      case when a.attnotnull then 'not null' else 'null' end, case when a.atthasdef then 'default' else '' end)
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'cron'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union all
    select format('privilege %s %s %s', c.relname, p.privilege, has_table_privilege('postgres', c.oid, p.privilege))
    from pg_class c, unnest(array['select', 'insert', 'update', 'delete']) as p(privilege)
    where c.relnamespace = 'cron'::regnamespace and c.relkind = 'r'
    union all
    select format('execute %s %s %s', p.oid::regprocedure::text ~ '^cron.(schedule|unschedule|alter)', p.proname,
      has_function_privilege('postgres', p.oid, 'execute'))
    from pg_proc p where p.pronamespace = 'cron'::regnamespace and p.proname !~ '^_'`);
  return new Set(rows.map(({ line }) => line));
}

/** Calls of which both must say the same. */
export const sameAnswers = [
  "select cron.schedule('every now and then', 'select 1')",
  "select cron.schedule('* * * *', 'select 1')",
  "select cron.schedule('60 * * * *', 'select 1')",
  "select cron.schedule('* * * * *', 'select 1') > 0",
  "select cron.schedule('a', '*/5 * * * mon-fri', 'select 1') = cron.schedule('a', '0 1 * * *', 'select 2')",
  "select cron.unschedule('no such job')",
  "select cron.unschedule(987654)",
  "select count(*) from (select cron.unschedule(cron.schedule('b', '* * * * *', 'select 1'))) as gone",
  "insert into cron.job (schedule, command) values ('* * * * *', 'select 1')",
  "set local role anon; select cron.schedule('* * * * *', 'select 1')",
  "select cron.schedule(null, 'select 1')",
  "select cron.schedule('a', null, 'select 1')",
  "select cron.schedule('a', '* * * * *', null)",
  "select cron.schedule(null, '* * * * *', 'select 1')",
  "select cron.schedule_in_database('a', '* * * * *', 'select 1', 'postgres', 'supabase_admin')",
  "select cron.alter_job(cron.schedule('* * * * *', 'select 1'))",
  "select cron.alter_job(987654, active := false)",
  "select cron.alter_job(cron.schedule('* * * * *', 'select 1'), username := 'supabase_admin')",
];

/** What a call came to: its value, or the error's code and text. */
export async function answer(client: pg.ClientBase, sql: string): Promise<string> {
  await client.query("begin");
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return JSON.stringify(last?.rows);
  } catch (error) {
    return error instanceof pg.DatabaseError ? `${error.code} ${error.message}` : String(error);
  } finally {
    await client.query("rollback");
  }
}
