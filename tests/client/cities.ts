import { databaseFixture } from "./schema.ts";

/** A small table for reading: what a visitor may see of it is all but the column `secret` and the city that is hidden. */
export function citiesFixture(suffix: string) {
  const table = `client_cities_${suffix}`;
  const { sql } = databaseFixture({
    table,
    down: `drop table if exists public.${table}`,
    up: `
      create table public.${table} (
        id int primary key, name text not null, people int, coastal boolean, tags text[] not null, season int4range,
        facts jsonb not null, motto text not null, hidden boolean not null default false, secret text default 'secret',
        twin_id int references public.${table} (id)
      );
      alter table public.${table} enable row level security;
      create policy "visitors read what is not hidden" on public.${table} for select to anon using (not hidden);
      grant select (id, name, people, coastal, tags, season, facts, motto, hidden, twin_id) on public.${table} to anon;
      grant all on public.${table} to service_role;
      insert into public.${table} (id, name, people, coastal, tags, season, facts, motto, hidden, twin_id) values
        (1, 'Acre', 50, true, '{old,port}', '[1,5)', '{"mayor": "Ada", "founded": -3000}', 'the sea gives', false, null),
        (2, 'Bern', 140, false, '{old,capital}', '[5,9)', '{"mayor": "Ben"}', 'bears and bridges', false, 1),
        (3, 'Cork', 220, true, '{port}', '[9,12)', '{"mayor": "Cat"}', 'a safe harbour gives rest', false, null),
        (4, 'Doha', null, null, '{capital,port}', null, '{}', 'desert meets sea', false, null),
        (5, 'Eden', 1, false, '{}', '[1,2)', '{}', 'nobody is told', true, null)`,
  });
  return { table, sql };
}
