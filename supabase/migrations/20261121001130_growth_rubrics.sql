-- Growth: what to look for in a domain, the next version of a framework, and growth across versions.

create table public.framework_look_fors (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  framework_id uuid not null,
  domain_id uuid not null,
  level smallint,
  position smallint not null default 1,
  description private.note_text not null constraint framework_look_fors_description check (description !~ '^\s*$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint framework_look_fors_version_key unique (school_id, framework_id, id),
  constraint framework_look_fors_domain_fkey foreign key (school_id, framework_id, domain_id) references public.framework_domains (school_id, framework_id, id) on delete cascade,
  constraint framework_look_fors_level_fkey foreign key (school_id, framework_id, level) references public.framework_levels (school_id, framework_id, level) on delete cascade
);
create index framework_look_fors_id_idx on public.framework_look_fors (id);
create index framework_look_fors_domain_idx on public.framework_look_fors (school_id, framework_id, domain_id);
create index framework_look_fors_level_idx on public.framework_look_fors (school_id, framework_id, level);
alter table public.framework_look_fors enable row level security;
call private.equip('public.framework_look_fors', p_nfc => '{description}');
create trigger _150_hold_parent before insert or update or delete on public.framework_look_fors for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('frameworks', 'framework_id', '{draft}');
grant select, insert (school_id, id, framework_id, domain_id, level, position, description), update (position, description), delete on public.framework_look_fors to authenticated;
create policy "as the framework" on public.framework_look_fors for select to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_look_fors.school_id, framework_id)));
create policy "admins add look-fors to drafts" on public.framework_look_fors for insert to authenticated
  with check (exists (select from public.frameworks f join public.framework_domains d on (d.school_id, d.framework_id) = (f.school_id, f.id)
      where (f.school_id, f.id, d.id) = (framework_look_fors.school_id, framework_look_fors.framework_id, domain_id) and f.status = 'draft')
    and (level is null or exists (select from public.framework_levels l where (l.school_id, l.framework_id, l.level) = (framework_look_fors.school_id, framework_look_fors.framework_id, framework_look_fors.level)))
    and school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins change look-fors of drafts" on public.framework_look_fors for update to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_look_fors.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))))
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins remove look-fors of drafts" on public.framework_look_fors for delete to authenticated
  using (deleted_at is null and exists (select from public.frameworks f where (f.school_id, f.id) = (framework_look_fors.school_id, framework_id) and f.status = 'draft')
    and school_id = any (array(select private.schools_with('frameworks.manage'))));
comment on table public.framework_look_fors is 'What an observer can tick as seen in a domain, as a part of its version.';
comment on column public.framework_look_fors.level is 'the level that it speaks for; null for the domain as a whole';

create table public.observation_look_fors (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  framework_id uuid not null,
  look_for_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint observation_look_fors_key unique nulls not distinct (school_id, observation_id, look_for_id, deleted_at),
  constraint observation_look_fors_observation_fkey foreign key (school_id, observation_id, framework_id)
    references public.observations (school_id, id, framework_id) on delete cascade,
  constraint observation_look_fors_look_for_fkey foreign key (school_id, framework_id, look_for_id)
    references public.framework_look_fors (school_id, framework_id, id) on delete restrict
);
create index observation_look_fors_id_idx on public.observation_look_fors (id);
create index observation_look_fors_observation_idx on public.observation_look_fors (observation_id);
create index observation_look_fors_observation_fkey_idx on public.observation_look_fors (school_id, observation_id, framework_id);
create index observation_look_fors_look_for_idx on public.observation_look_fors (school_id, framework_id, look_for_id);
alter table public.observation_look_fors enable row level security;
call private.equip('public.observation_look_fors', p_wall => 'true');
create trigger _150_hold_parent before insert or delete on public.observation_look_fors for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('observations', 'observation_id', '{draft}');
grant select, insert (school_id, id, observation_id, framework_id, look_for_id), delete on public.observation_look_fors to authenticated;
create policy "as the observation" on public.observation_look_fors for select to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_look_fors.school_id, observation_id)));
create policy "observers tick in their drafts" on public.observation_look_fors for insert to authenticated
  with check (exists (select from public.observations o where (o.school_id, o.id, o.framework_id) = (observation_look_fors.school_id, observation_id, observation_look_fors.framework_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
    and exists (select from public.framework_look_fors l where (l.school_id, l.framework_id, l.id) = (observation_look_fors.school_id, observation_look_fors.framework_id, look_for_id)));
create policy "observers untick in their drafts" on public.observation_look_fors for delete to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_look_fors.school_id, observation_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
comment on table public.observation_look_fors is 'A look-for that was seen in an observation.';

-- The next version ---------------------------------------------------------------------------------------------------------

-- definer: because a version number and its parts are taken in one step, beside which nobody else takes it.
create function private.copy_framework(p_school_id uuid, p_framework_id uuid) returns public.frameworks
language plpgsql security definer set search_path = ''
as $$
declare
  v_source public.frameworks;
  v_copy public.frameworks;
begin
  perform from public.schools s where s.id = p_school_id and s.id = any (array(select private.schools_with('frameworks.manage'))) for no key update;
  select f.* into v_source from public.frameworks f
  where (f.school_id, f.id) = (p_school_id, p_framework_id) and f.status <> 'draft' and f.deleted_at is null and f.school_id = any (array(select private.schools_with('frameworks.manage')));
  if v_source.id is null then
    perform private.refuse('copy the framework');
  end if;
  if exists (select from public.frameworks f where (f.school_id, f.code) = (p_school_id, v_source.code) and f.status = 'draft' and f.deleted_at is null) then
    raise exception using errcode = 'PT409', message = 'Cannot copy the framework', hint = 'A draft of its next version is there already; publish or remove it first.';
  end if;
  insert into public.frameworks (school_id, origin_id, code, version, name)
  select p_school_id, v_source.origin_id, v_source.code, max(f.version) + 1, v_source.name
  from public.frameworks f where (f.school_id, f.code) = (p_school_id, v_source.code) and f.deleted_at is null
  returning * into v_copy;
  insert into public.framework_levels (school_id, framework_id, level, code, name)
  select p_school_id, v_copy.id, l.level, l.code, l.name from public.framework_levels l where (l.school_id, l.framework_id) = (p_school_id, v_source.id);
  insert into public.framework_domains (school_id, framework_id, position, code, name)
  select p_school_id, v_copy.id, d.position, d.code, d.name from public.framework_domains d where (d.school_id, d.framework_id) = (p_school_id, v_source.id) and d.deleted_at is null;
  insert into public.framework_look_fors (school_id, framework_id, domain_id, level, position, description)
  select p_school_id, v_copy.id, n.id, l.level, l.position, l.description
  from public.framework_look_fors l
  join public.framework_domains d on (d.school_id, d.id) = (l.school_id, l.domain_id)
  join public.framework_domains n on (n.school_id, n.framework_id, n.code) = (p_school_id, v_copy.id, d.code)
  where (l.school_id, l.framework_id) = (p_school_id, v_source.id) and l.deleted_at is null and d.deleted_at is null;
  insert into public.pre_observation_questions (school_id, framework_id, position, question)
  select p_school_id, v_copy.id, q.position, q.question from public.pre_observation_questions q where (q.school_id, q.framework_id) = (p_school_id, v_source.id) and q.deleted_at is null;
  return v_copy;
end
$$;
grant execute on function private.copy_framework to authenticated;

create function public.copy_framework(school_id uuid, framework_id uuid) returns public.frameworks
language sql set search_path = ''
as $$ select private.copy_framework(copy_framework.school_id, copy_framework.framework_id) $$;
comment on function public.copy_framework is
  'Makes the draft of the next version of a published or retired framework, with its levels, domains, look-fors and questions (admins). Returns the draft. PT404; PT409 while a draft of its code is there.';
grant execute on function public.copy_framework to authenticated;

-- Growth over time ---------------------------------------------------------------------------------------------------------

create view public.domain_growth with (security_invoker = true) as
select o.school_id, o.teacher_id, f.code as framework_code, d.code as domain_code, date_trunc('month', o.observed_at at time zone s.timezone)::date as month,
  count(distinct o.id) as observations, count(r.level) as ratings, round(avg(r.level), 2) as average_level,
  round(avg((r.level - k.lowest)::numeric / nullif(k.highest - k.lowest, 0)), 4) as average_position
from public.observations o
join public.schools s on s.id = o.school_id
join public.frameworks f on (f.school_id, f.id) = (o.school_id, o.framework_id)
join public.observation_ratings r on (r.school_id, r.observation_id, r.version) = (o.school_id, o.id, o.version) and r.level is not null and r.deleted_at is null
join public.framework_domains d on (d.school_id, d.id) = (r.school_id, r.domain_id)
cross join lateral (select min(l.level) as lowest, max(l.level) as highest from public.framework_levels l where (l.school_id, l.framework_id) = (f.school_id, f.id)) k
where o.status <> 'draft' and o.kind <> 'coaching' and o.deleted_at is null
group by o.school_id, o.teacher_id, f.code, d.code, month;
grant select on public.domain_growth to authenticated;
comment on view public.domain_growth is
  'A teacher''s growth by month and domain, over submitted evaluations and walkthroughs in their version in force; coaching is in none. Versions of a framework are joined by the codes of framework and domain. average_level: unweighted mean of the levels given; average_position: mean of (level - lowest) / (highest - lowest) of the version''s own scale, 0 to 1, which compares versions of different scales. "Not observed" counts in neither.';
