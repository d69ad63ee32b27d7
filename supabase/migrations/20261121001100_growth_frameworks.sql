-- Growth: observation frameworks. A framework is versioned, its levels are data, and a published version never changes.

create table public.frameworks (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  origin_id uuid,
  code private.code_text not null,
  version integer not null default 1 constraint frameworks_version check (version between 1 and 1000),
  name private.name_text collate private.hebrew not null,
  status text not null default 'draft' constraint frameworks_status check (status in ('draft', 'published', 'retired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint frameworks_code_key unique nulls not distinct (school_id, code, version, deleted_at)
);
create index frameworks_id_idx on public.frameworks (id);
alter table public.frameworks enable row level security;
call private.equip('public.frameworks', p_nfc => '{name}');
grant select, insert (school_id, id, code, version, name), update (code, version, name), delete on public.frameworks to authenticated;
comment on table public.frameworks is 'A rubric for observing teaching, in one version. What the product ships is copied into each school, with its origin_id.';

create table public.framework_levels (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  framework_id uuid not null,
  level smallint not null constraint framework_levels_level check (level between 1 and 20),
  code private.code_text not null,
  name private.name_text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint framework_levels_level_key unique (school_id, framework_id, level),
  constraint framework_levels_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete cascade
);
create index framework_levels_id_idx on public.framework_levels (id);
create index framework_levels_framework_id_idx on public.framework_levels (framework_id, level);
alter table public.framework_levels enable row level security;
call private.equip('public.framework_levels', p_nfc => '{name}');
create trigger _150_hold_parent before insert or update or delete on public.framework_levels for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('frameworks', 'framework_id', '{draft}');
grant select, insert (school_id, id, framework_id, level, code, name), update (level, code, name), delete on public.framework_levels to authenticated;
comment on table public.framework_levels is 'The levels that a framework rates by, ascending; "not observed" is no level. A draft''s level is removed for good: ratings refer to levels by number.';

create table public.framework_domains (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  framework_id uuid not null,
  position smallint not null default 1,
  code private.code_text not null,
  name private.name_text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint framework_domains_version_key unique (school_id, framework_id, id),
  constraint framework_domains_code_key unique nulls not distinct (school_id, framework_id, code, deleted_at),
  constraint framework_domains_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete cascade
);
create index framework_domains_id_idx on public.framework_domains (id);
create index framework_domains_framework_id_idx on public.framework_domains (framework_id, position);
alter table public.framework_domains enable row level security;
call private.equip('public.framework_domains', p_nfc => '{name}');
create trigger _150_hold_parent before insert or update or delete on public.framework_domains for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('frameworks', 'framework_id', '{draft}');
grant select, insert (school_id, id, framework_id, position, code, name), update (position, code, name), delete on public.framework_domains to authenticated;
comment on table public.framework_domains is 'What a framework looks at.';

create policy "staff read frameworks" on public.frameworks for select to authenticated
  using (deleted_at is null and (school_id = any (array(select private.schools_with('frameworks.manage')))
    or status <> 'draft' and school_id = any (array(select private.my_schools('{admin,leader,teacher}')))));
create policy "admins write frameworks" on public.frameworks for insert to authenticated
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins change drafts of frameworks" on public.frameworks for update to authenticated
  using (deleted_at is null and status = 'draft' and school_id = any (array(select private.schools_with('frameworks.manage'))))
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins remove drafts of frameworks" on public.frameworks for delete to authenticated
  using (deleted_at is null and status = 'draft' and school_id = any (array(select private.schools_with('frameworks.manage'))));

create policy "as the framework" on public.framework_levels for select to authenticated
  using (exists (select from public.frameworks f where (f.school_id, f.id) = (framework_levels.school_id, framework_id)));
create policy "admins add levels to drafts" on public.framework_levels for insert to authenticated
  with check (exists (select from public.frameworks f where (f.school_id, f.id) = (framework_levels.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins change levels of drafts" on public.framework_levels for update to authenticated
  using (exists (select from public.frameworks f where (f.school_id, f.id) = (framework_levels.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))))
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins remove levels of drafts" on public.framework_levels for delete to authenticated
  using (exists (select from public.frameworks f where (f.school_id, f.id) = (framework_levels.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))));

create policy "as the framework" on public.framework_domains for select to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_domains.school_id, framework_id)));
create policy "admins add domains to drafts" on public.framework_domains for insert to authenticated
  with check (exists (select from public.frameworks f where (f.school_id, f.id) = (framework_domains.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins change domains of drafts" on public.framework_domains for update to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_domains.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))))
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins remove domains of drafts" on public.framework_domains for delete to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_domains.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))));

insert into private.restorable_tables (table_name, permission) values ('frameworks', 'frameworks.manage');

-- definer: because status has no grant; published versions never change, so publishing is one way.
create function private.set_framework_status(p_school_id uuid, p_framework_id uuid, p_from text, p_to text) returns public.frameworks
language plpgsql security definer set search_path = ''
as $$
declare
  v_framework public.frameworks;
begin
  -- One at a time in a school, or two versions published at once would not see each other.
  perform from public.schools s where s.id = p_school_id and s.id = any (array(select private.schools_with('frameworks.manage'))) for no key update;
  update public.frameworks f set status = p_to
  where f.school_id = p_school_id and f.id = p_framework_id and f.status = p_from and f.deleted_at is null
    and f.school_id = any (array(select private.schools_with('frameworks.manage')))
    and (p_to <> 'published' or exists (select from public.framework_domains d where d.school_id = f.school_id and d.framework_id = f.id and d.deleted_at is null)
      and (select count(*) from public.framework_levels l where l.school_id = f.school_id and l.framework_id = f.id) >= 2)
  returning f.* into v_framework;
  if v_framework.id is null then
    perform private.refuse(format('make the framework %s', p_to), 'It is not yours, is not a draft, or has no domain or fewer than two levels.');
  end if;
  if p_to = 'published' then
    update public.frameworks f set status = 'retired'
    where f.school_id = p_school_id and f.code = v_framework.code and f.version < v_framework.version and f.status = 'published' and f.deleted_at is null;
  end if;
  return v_framework;
end
$$;
grant execute on function private.set_framework_status to authenticated;

create function public.publish_framework(school_id uuid, framework_id uuid) returns public.frameworks
language sql set search_path = ''
as $$ select private.set_framework_status(publish_framework.school_id, publish_framework.framework_id, 'draft', 'published') $$;
comment on function public.publish_framework is 'Publishes a draft that has a domain and at least two levels; it never changes again (admins). Older versions of its code are retired: new observations go by the new one, those begun go on as they are. PT404.';
grant execute on function public.publish_framework to authenticated;

create function public.retire_framework(school_id uuid, framework_id uuid) returns public.frameworks
language sql set search_path = ''
as $$ select private.set_framework_status(retire_framework.school_id, retire_framework.framework_id, 'published', 'retired') $$;
comment on function public.retire_framework is 'Takes a published framework out of use for new observations (admins). PT404.';
grant execute on function public.retire_framework to authenticated;

-- What the product ships, in words of our own ----------------------------------------------------------------------------

create table private.shipped_frameworks (
  id uuid primary key,
  code private.code_text not null unique,
  name private.name_text not null,
  levels jsonb not null,
  domains jsonb not null
);
comment on table private.shipped_frameworks is 'Copied into every new school. levels: ascending [code, name]; domains: in order [code, name, look-for, …].';
insert into private.shipped_frameworks (id, code, name, levels, domains) values
  ('f0000000-0000-4000-8000-000000000004', 'GROWTH-4', 'Growth framework, four levels',
    '[["BEGINNING", "Beginning"], ["DEVELOPING", "Developing"], ["SKILLED", "Skilled"], ["LEADING", "Leading"]]',
    '[["PLANNING", "Planning and preparation", "The aim of the lesson can be seen or heard", "What is needed is at hand before it is needed"],
      ["CLIMATE", "Classroom climate", "Students speak to each other with respect", "A mistake is taken as a step"],
      ["INSTRUCTION", "Instruction", "Questions are open, and time is left to think", "Students explain their reasoning"],
      ["ASSESSMENT", "Assessment for learning", "Understanding is checked before going on", "Students know what would make their work better"],
      ["PROFESSION", "Professional conduct", "The lesson follows what was agreed on", "Colleagues'' work is built on"]]'),
  ('f0000000-0000-4000-8000-000000000005', 'GROWTH-5', 'Growth framework, five levels',
    '[["NOT-YET", "Not yet"], ["EMERGING", "Emerging"], ["SECURE", "Secure"], ["STRONG", "Strong"], ["EXEMPLARY", "Exemplary"]]',
    '[["PURPOSE", "Clarity of purpose", "Students can say what they are learning, and why", "Each task serves the aim"],
      ["ENGAGEMENT", "Student engagement", "Every student has something to do and does it", "Students ask questions of their own"],
      ["RIGOUR", "Rigour of tasks", "The task asks for thinking, not for recall alone", "There is more for whoever is done"],
      ["FEEDBACK", "Feedback to students", "Feedback names the next step", "Students act on feedback within the lesson"]]');

-- definer: because who makes a school may not read what the product ships.
create function private.tg_schools__ship_frameworks() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  with copied as (
    insert into public.frameworks (school_id, origin_id, code, name, status)
    select new.id, s.id, s.code, s.name, 'published' from private.shipped_frameworks s
    returning school_id, id, origin_id
  ), levels as (
    insert into public.framework_levels (school_id, framework_id, level, code, name)
    select c.school_id, c.id, l.place, l.value ->> 0, l.value ->> 1
    from copied c join private.shipped_frameworks s on s.id = c.origin_id, jsonb_array_elements(s.levels) with ordinality l (value, place)
  ), domains as (
    insert into public.framework_domains (school_id, framework_id, position, code, name)
    select c.school_id, c.id, d.place, d.value ->> 0, d.value ->> 1
    from copied c join private.shipped_frameworks s on s.id = c.origin_id, jsonb_array_elements(s.domains) with ordinality d (value, place)
    returning school_id, framework_id, id, position
  )
  insert into public.framework_look_fors (school_id, framework_id, domain_id, position, description)
  select d.school_id, d.framework_id, d.id, l.place - 2, l.value
  from domains d join copied c on c.id = d.framework_id join private.shipped_frameworks s on s.id = c.origin_id,
    jsonb_array_elements_text(s.domains -> (d.position - 1)) with ordinality l (value, place)
  where l.place > 2;
  return null;
end
$$;
create trigger _500_ship_frameworks after insert on public.schools for each row execute function private.tg_schools__ship_frameworks();
