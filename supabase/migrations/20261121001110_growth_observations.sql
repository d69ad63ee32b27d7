-- Growth: observations with their ratings, feedback and amendments. draft (its observer's alone) -> submitted -> acknowledged -> locked.
-- A coaching observation is seen by its two participants and nobody else, in any state, unless the teacher shares one item of it.

-- definer: because policies read shares whatever the caller may see of them. The table comes later; plpgsql looks it up when it is called.
create function private.coaching_shared(p_item text) returns setof uuid
language plpgsql stable security definer rows 1 set search_path = ''
as $$
declare
  v_schools uuid[];
  v_reader record;
begin
  for v_reader in
    select s.school_id, s.reader_id, array_agg(distinct s.teacher_id) as teachers
    from private.current_memberships c
    join public.coaching_shares s on s.school_id = c.school_id and s.reader_id = c.id and s.item = p_item and s.revoked_at is null
    where c.role = 'leader'
    group by s.school_id, s.reader_id
  loop
    v_schools := coalesce(v_schools, array(select c.school_id from private.current_memberships c where c.role = 'leader'));
    -- Who leads whom is asked once for all that is shared, and not at all where nothing is: fourteen tables are planned for it.
    v_reader.teachers := array(select t.teacher_id from private.teams t
      where (t.school_id, t.leader_id) = (v_reader.school_id, v_reader.reader_id) and t.teacher_id = any (v_reader.teachers));
    return query select case p_item when 'observation' then s.observation_id when 'feedback' then s.feedback_id else s.action_step_id end
    from public.coaching_shares s
    where (s.school_id, s.reader_id) = (v_reader.school_id, v_reader.reader_id) and s.teacher_id = any (v_reader.teachers) and s.item = p_item and s.revoked_at is null
      -- Clients choose ids, and a policy compares id and school apart: what another school that the caller leads has by the same id is opened in neither.
      and (cardinality(v_schools) = 1 or not exists (select from public.observations o where o.id = s.observation_id and o.school_id = any (v_schools) and o.school_id <> s.school_id)
        and not exists (select from public.action_steps a where a.id = s.action_step_id and a.school_id = any (v_schools) and a.school_id <> s.school_id));
  end loop;
end
$$;
comment on function private.coaching_shared is 'Items of coaching (observation, feedback or action_step) that their teacher shares with the caller, who still leads them.';
grant execute on function private.coaching_shared to authenticated;

create table public.observations (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  teacher_id uuid not null,
  observer_id uuid not null,
  framework_id uuid not null,
  planned_observation_id uuid,
  kind text not null default 'evaluation' constraint observations_kind check (kind in ('evaluation', 'walkthrough', 'coaching')),
  status text not null default 'draft' constraint observations_status check (status in ('draft', 'submitted', 'acknowledged')),
  version integer not null default 1 constraint observations_version check (version >= 1),
  observed_at timestamptz not null default now(),
  focus private.name_text,
  notes private.note_text,
  submitted_at timestamptz,
  acknowledged_at timestamptz,
  locked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  -- Lets ratings be bound to domains and levels of the very version that is rated by.
  constraint observations_framework_key unique (school_id, id, framework_id),
  constraint observations_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint observations_observer_fkey foreign key (school_id, observer_id) references public.memberships (school_id, id) on delete restrict,
  constraint observations_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete restrict,
  constraint observations_planned_fkey foreign key (school_id, planned_observation_id) references public.planned_observations (school_id, id) on delete restrict,
  constraint observations_not_self check (teacher_id <> observer_id),
  constraint observations_submitted check ((status = 'draft') = (submitted_at is null)),
  constraint observations_acknowledged check ((status = 'acknowledged') = (acknowledged_at is not null)),
  constraint observations_locked check (locked_at is null or status = 'acknowledged'),
  constraint observations_not_ahead check (observed_at < created_at + interval '1 year'),
  constraint observations_observed_at check (observed_at >= '1900-01-01Z')
);
create index observations_id_idx on public.observations (id);
create index observations_school_idx on public.observations (school_id, observed_at desc);
create index observations_teacher_idx on public.observations (teacher_id, observed_at desc);
create index observations_observer_idx on public.observations (observer_id, observed_at desc);
create index observations_framework_idx on public.observations (school_id, framework_id);
-- The visit first: one that led with the school would tempt the planner from the page by date.
create index observations_planned_idx on public.observations (planned_observation_id, school_id);
create unique index observations_planned_key on public.observations (school_id, planned_observation_id) where planned_observation_id is not null and deleted_at is null;
create index observations_unacknowledged_idx on public.observations (school_id, submitted_at) where status = 'submitted' and deleted_at is null;
create index observations_unlocked_idx on public.observations (school_id, acknowledged_at) where status = 'acknowledged' and locked_at is null and deleted_at is null;
alter table public.observations enable row level security;
call private.equip('public.observations', p_nfc => '{focus,notes}', p_wall => '{"status": ["draft"], "kind": ["coaching"]}', p_subject => 'teacher_id');
grant select, insert (school_id, id, teacher_id, observer_id, framework_id, planned_observation_id, kind, observed_at, focus, notes), update (observed_at, focus, notes), delete
  on public.observations to authenticated;
comment on table public.observations is 'One visit of an observer to a teacher''s lesson. Its state changes by submit_observation, acknowledge_observation, amend_observation and lock_observation only.';
comment on column public.observations.version is 'the version in force; amendments add one, and every version''s ratings stay';
comment on column public.observations.kind is 'evaluation and walkthrough reach leaders and admins once submitted; coaching never does';
comment on column public.observations.planned_observation_id is 'the planned visit that this is, of the same people and kind; one observation fulfils it';
comment on column public.observations.locked_at is 'from when it is no longer amended: by its observer, or after the setting observation_lock_days';

create policy "observers theirs, teachers what was submitted, team and school without coaching" on public.observations for select to authenticated
  using (deleted_at is null and (
    observer_id = any (array(select private.my_memberships()))
    or status <> 'draft' and teacher_id = any (array(select private.my_record()))
    or status <> 'draft' and kind <> 'coaching' and teacher_id = any (array(select private.team_with('observations.read')))
    or status <> 'draft' and kind <> 'coaching' and school_id = any (array(select private.schools_with('observations.read')))
    or status <> 'draft' and id = any (array(select private.coaching_shared('observation'))) and school_id = any (array(select private.my_schools('{leader}')))));
create policy "leaders observe their team" on public.observations for insert to authenticated
  with check (observer_id = any (array(select private.my_memberships('{admin,leader}')))
    and teacher_id = any (array(select private.team_in_force('observations.create')))
    and exists (select from public.frameworks f where (f.school_id, f.id) = (observations.school_id, framework_id) and f.status = 'published')
    and (planned_observation_id is null or exists (select from public.planned_observations p where p.status <> 'cancelled'
      and (p.school_id, p.id, p.observer_id, p.teacher_id, p.kind) = (observations.school_id, planned_observation_id, observations.observer_id, observations.teacher_id, observations.kind))));
create policy "observers change their drafts" on public.observations for update to authenticated
  using (deleted_at is null and status = 'draft' and observer_id = any (array(select private.my_memberships())))
  with check (observer_id = any (array(select private.my_memberships())));
create policy "observers remove their drafts" on public.observations for delete to authenticated
  using (deleted_at is null and status = 'draft' and observer_id = any (array(select private.my_memberships())));

-- A district spans schools, and no index serves its newest rows at once: each school's newest are asked for, then merged.
create function public.district_observations(district_id uuid, observed_before timestamptz default null, page_size integer default 50, before_id uuid default null) returns setof public.observations
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select o.* from public.schools s
  cross join lateral (
    select x.* from public.observations x
    where x.school_id = s.id and (observed_before is null or x.observed_at <= observed_before and (x.observed_at < observed_before or x.id < before_id))
    order by x.observed_at desc, x.id desc
    limit least(greatest(page_size, 1), 200)
  ) o
  where s.district_id = district_observations.district_id
  order by o.observed_at desc, o.id desc
  limit least(greatest(page_size, 1), 200);
end
$$;
comment on function public.district_observations is 'The newest observations of a district''s schools that the caller may read, by pages of at most 200; observed_before and before_id: observed_at and id of the last row of the page before, of which several may have been at one time.';
grant execute on function public.district_observations to authenticated;

-- Ratings ------------------------------------------------------------------------------------------------------------

create table public.observation_ratings (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  framework_id uuid not null,
  domain_id uuid not null,
  version integer not null default 1,
  level smallint,
  evidence private.note_text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint observation_ratings_domain_key unique nulls not distinct (school_id, observation_id, domain_id, version, deleted_at),
  constraint observation_ratings_observation_fkey foreign key (school_id, observation_id, framework_id)
    references public.observations (school_id, id, framework_id) on delete cascade,
  constraint observation_ratings_domain_fkey foreign key (school_id, framework_id, domain_id)
    references public.framework_domains (school_id, framework_id, id) on delete restrict,
  constraint observation_ratings_level_fkey foreign key (school_id, framework_id, level)
    references public.framework_levels (school_id, framework_id, level) on delete restrict
);
create index observation_ratings_id_idx on public.observation_ratings (id);
create index observation_ratings_observation_idx on public.observation_ratings (observation_id, version);
create index observation_ratings_observation_fkey_idx on public.observation_ratings (school_id, observation_id, framework_id);
create index observation_ratings_domain_idx on public.observation_ratings (school_id, framework_id, domain_id);
create index observation_ratings_level_idx on public.observation_ratings (school_id, framework_id, level);
alter table public.observation_ratings enable row level security;
call private.equip('public.observation_ratings', p_nfc => '{evidence}', p_wall => 'true');
create trigger _150_hold_parent before insert or update or delete on public.observation_ratings for each row
  when (current_user = 'authenticated') execute function private.tg__hold_parent('observations', 'observation_id', '{draft}');
grant select, insert (school_id, id, observation_id, framework_id, domain_id, level, evidence), update (level, evidence), delete on public.observation_ratings to authenticated;
comment on table public.observation_ratings is 'The level of one domain in one version of an observation, with its evidence. A submitted rating never changes; an amendment adds the next version.';
comment on column public.observation_ratings.level is 'null means not observed, and counts in no average';

create policy "as the observation" on public.observation_ratings for select to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_ratings.school_id, observation_id)));
create policy "observers rate in their drafts" on public.observation_ratings for insert to authenticated
  with check (exists (select from public.observations o where (o.school_id, o.id, o.framework_id) = (observation_ratings.school_id, observation_id, observation_ratings.framework_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
    and exists (select from public.framework_domains d where (d.school_id, d.framework_id, d.id) = (observation_ratings.school_id, observation_ratings.framework_id, domain_id)));
create policy "observers change ratings in their drafts" on public.observation_ratings for update to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_ratings.school_id, observation_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))))
  with check (exists (select from public.observations o where (o.school_id, o.id) = (observation_ratings.school_id, observation_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
create policy "observers remove ratings in their drafts" on public.observation_ratings for delete to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_ratings.school_id, observation_id)
    and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));

-- Feedback -----------------------------------------------------------------------------------------------------------

create table public.observation_feedback (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  teacher_reflection private.note_text,
  discussion_met_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint observation_feedback_observation_key unique nulls not distinct (school_id, observation_id, deleted_at),
  constraint observation_feedback_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete cascade
);
create index observation_feedback_id_idx on public.observation_feedback (id);
create index observation_feedback_observation_idx on public.observation_feedback (observation_id);
alter table public.observation_feedback enable row level security;
call private.equip('public.observation_feedback', p_nfc => '{teacher_reflection}', p_wall => 'true');
grant select on public.observation_feedback to authenticated;
comment on table public.observation_feedback is 'What follows a visit: the teacher''s reflection, and the day they met to discuss. Written by functions; the steps agreed on are in action_steps.';

create policy "as the observation, and of coaching what is shared" on public.observation_feedback for select to authenticated
  using (deleted_at is null and (
    exists (select from public.observations o where (o.school_id, o.id) = (observation_feedback.school_id, observation_id) and (o.kind <> 'coaching'
      or o.observer_id = any (array(select private.my_memberships())) or o.teacher_id = any (array(select private.my_record()))))
    or id = any (array(select private.coaching_shared('feedback'))) and school_id = any (array(select private.my_schools('{leader}')))));

-- Amendments ---------------------------------------------------------------------------------------------------------

create table public.observation_amendments (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  version integer not null constraint observation_amendments_version check (version >= 2),
  reason private.note_text not null,
  notes private.note_text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint observation_amendments_version_key unique (school_id, observation_id, version),
  constraint observation_amendments_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete cascade
);
create index observation_amendments_id_idx on public.observation_amendments (id);
create index observation_amendments_observation_idx on public.observation_amendments (observation_id);
alter table public.observation_amendments enable row level security;
call private.equip('public.observation_amendments', p_nfc => '{reason,notes}', p_wall => 'true');
grant select on public.observation_amendments to authenticated;
comment on table public.observation_amendments is 'Why a submitted observation was amended, and its notes in that version; the ratings of the version are in observation_ratings. Made by amend_observation.';

create policy "as the observation" on public.observation_amendments for select to authenticated
  using (deleted_at is null and exists (select from public.observations o where (o.school_id, o.id) = (observation_amendments.school_id, observation_id)));

-- Summaries are derived, never stored ------------------------------------------------------------------------------------

create view public.observation_summaries with (security_invoker = true) as
select o.school_id, o.id as observation_id, o.framework_id, o.kind, o.version,
  count(r.level) as domains_rated, count(r.id) - count(r.level) as domains_not_observed, round(avg(r.level), 2) as average_level
from public.observations o
left join public.observation_ratings r on r.school_id = o.school_id and r.observation_id = o.id and r.version = o.version and r.deleted_at is null
where o.deleted_at is null
group by o.school_id, o.id, o.framework_id, o.kind, o.version;
grant select on public.observation_summaries to authenticated;
comment on view public.observation_summaries is 'Per observation, in its version in force: domains rated and not observed, and the mean of the levels given, unweighted, to two decimals, over the domains that were observed; null when none was.';
