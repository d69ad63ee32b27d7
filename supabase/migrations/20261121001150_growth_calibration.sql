-- Growth: calibration. Two or more observers rate the same lesson blind, live or recorded; when all have, they see each other's
-- ratings, and how far they agree is computed: quadratically weighted kappa (Cohen 1968), over several raters the mean of the pairs.

create table public.calibrations (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  framework_id uuid not null,
  author_id uuid not null,
  title private.name_text collate private.hebrew not null,
  class_session_id uuid,
  recording_url text constraint calibrations_recording_url check (recording_url ~ '^https://\S+$' and char_length(recording_url) <= 1000),
  status text not null default 'open' constraint calibrations_status check (status in ('open', 'complete')),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint calibrations_framework_key unique (school_id, id, framework_id),
  constraint calibrations_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete restrict,
  constraint calibrations_author_fkey foreign key (school_id, author_id) references public.memberships (school_id, id) on delete restrict,
  constraint calibrations_session_fkey foreign key (school_id, class_session_id) references public.class_sessions (school_id, id) on delete restrict,
  constraint calibrations_completed check ((status = 'complete') = (completed_at is not null))
);
create index calibrations_id_idx on public.calibrations (id);
create index calibrations_school_idx on public.calibrations (school_id, created_at desc);
create index calibrations_framework_idx on public.calibrations (school_id, framework_id);
create index calibrations_author_idx on public.calibrations (author_id);
create index calibrations_session_idx on public.calibrations (school_id, class_session_id);
alter table public.calibrations enable row level security;
call private.equip('public.calibrations', p_nfc => '{title}');
grant select on public.calibrations to authenticated;
comment on table public.calibrations is 'One lesson that several observers rate apart: one of the timetable, or a recording. Made by rpc(''open_calibration'').';

create table public.calibration_raters (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  calibration_id uuid not null,
  rater_id uuid not null,
  submitted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint calibration_raters_key unique (school_id, calibration_id, rater_id),
  constraint calibration_raters_calibration_fkey foreign key (school_id, calibration_id) references public.calibrations (school_id, id) on delete cascade,
  constraint calibration_raters_rater_fkey foreign key (school_id, rater_id) references public.memberships (school_id, id) on delete restrict
);
create index calibration_raters_id_idx on public.calibration_raters (id);
create index calibration_raters_rater_idx on public.calibration_raters (rater_id, created_at desc);
alter table public.calibration_raters enable row level security;
call private.equip('public.calibration_raters', p_subject => 'rater_id');
grant select on public.calibration_raters to authenticated;
comment on table public.calibration_raters is 'Who rates in a calibration, and since when it is done. A rater sees the own row; who manages calibrations sees all.';

create table public.calibration_ratings (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  calibration_id uuid not null,
  framework_id uuid not null,
  rater_id uuid not null,
  domain_id uuid not null,
  level smallint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint calibration_ratings_key unique (school_id, calibration_id, rater_id, domain_id),
  constraint calibration_ratings_calibration_fkey foreign key (school_id, calibration_id, framework_id) references public.calibrations (school_id, id, framework_id) on delete cascade,
  constraint calibration_ratings_rater_fkey foreign key (school_id, calibration_id, rater_id) references public.calibration_raters (school_id, calibration_id, rater_id) on delete cascade,
  constraint calibration_ratings_domain_fkey foreign key (school_id, framework_id, domain_id) references public.framework_domains (school_id, framework_id, id) on delete restrict,
  constraint calibration_ratings_level_fkey foreign key (school_id, framework_id, level) references public.framework_levels (school_id, framework_id, level) on delete restrict
);
create index calibration_ratings_id_idx on public.calibration_ratings (id);
create index calibration_ratings_rater_idx on public.calibration_ratings (rater_id);
create index calibration_ratings_calibration_idx on public.calibration_ratings (school_id, calibration_id, framework_id);
create index calibration_ratings_domain_idx on public.calibration_ratings (school_id, framework_id, domain_id);
create index calibration_ratings_level_idx on public.calibration_ratings (school_id, framework_id, level);
alter table public.calibration_ratings enable row level security;
call private.equip('public.calibration_ratings', p_wall => 'true');
grant select on public.calibration_ratings to authenticated;
comment on table public.calibration_ratings is 'The level that one rater gave one domain. Hidden from everybody else, whoever they are, until the calibration is complete.';
comment on column public.calibration_ratings.level is 'null means not observed, and counts in no agreement';

create policy "raters theirs, offices the school's" on public.calibration_raters for select to authenticated
  using (rater_id = any (array(select private.my_memberships())) or school_id = any (array(select private.schools_with('calibration.manage'))));
create policy "raters theirs, offices the school's" on public.calibrations for select to authenticated
  using (school_id = any (array(select private.schools_with('calibration.manage')))
    or exists (select from public.calibration_raters r where (r.school_id, r.calibration_id) = (calibrations.school_id, calibrations.id)
      and r.rater_id = any (array(select private.my_memberships()))));
create policy "one's own, and all of a calibration once it is complete" on public.calibration_ratings for select to authenticated
  using (rater_id = any (array(select private.my_memberships()))
    or exists (select from public.calibrations c where (c.school_id, c.id) = (calibration_ratings.school_id, calibration_id) and c.status = 'complete'));

insert into public.notification_kinds (kind, name_en, name_he) values
  ('calibration_opened', 'calibrations to rate', 'כיולים לדירוג'),
  ('calibration_completed', 'calibrations completed', 'כיולים שהושלמו');

-- Steps --------------------------------------------------------------------------------------------------------------------

-- definer: because the tables have no write grant; right, framework, lesson and raters are checked here.
create function private.open_calibration(p_school_id uuid, p_framework_id uuid, p_title text, p_rater_ids uuid[], p_session_id uuid, p_recording_url text, p_calibration_id uuid) returns public.calibrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_calibration public.calibrations;
  v_author uuid;
  v_raters uuid[] := array(select distinct r from unnest(p_rater_ids) r);
begin
  select c.membership_id into v_author from private.current_permissions c
  where c.school_id = p_school_id and c.permission = 'calibration.manage' and c.school_id = any (array(select private.schools_with('calibration.manage')))
  order by private.scope_rank(c.scope) desc, c.membership_id limit 1;
  if v_author is null
    or not exists (select from public.frameworks f where (f.school_id, f.id) = (p_school_id, p_framework_id) and f.status <> 'draft' and f.deleted_at is null)
    or p_session_id is not null and not exists (select from public.class_sessions s where (s.school_id, s.id) = (p_school_id, p_session_id) and s.status = 'scheduled' and s.deleted_at is null)
    or exists (select from unnest(v_raters) r where not exists (select from private.members_in_force m where (m.school_id, m.id) = (p_school_id, r) and m.role in ('admin', 'leader'))) then
    perform private.refuse('open the calibration', 'You may not, or the framework, the session or a rater (an admin or leader in force) is not of the school.');
  end if;
  if cardinality(v_raters) not between 2 and 20 then
    perform private.reject('open the calibration', 'Two to twenty raters rate apart.');
  end if;
  if (select count(distinct m.user_id) < count(m.user_id) from public.memberships m where m.school_id = p_school_id and m.id = any (v_raters)) then
    perform private.reject('open the calibration', 'Nobody rates twice, in whatever roles: one would agree with oneself.');
  end if;
  insert into public.calibrations as c (school_id, id, framework_id, author_id, title, class_session_id, recording_url)
  values (p_school_id, coalesce(p_calibration_id, gen_random_uuid()), p_framework_id, v_author, p_title, p_session_id, p_recording_url)
  on conflict do nothing
  returning c.* into v_calibration;
  if v_calibration.id is null then
    select c.* into v_calibration from public.calibrations c where (c.school_id, c.id, c.author_id) = (p_school_id, p_calibration_id, v_author);
    if v_calibration.id is null then
      perform private.refuse('open the calibration');
    end if;
    return v_calibration;
  end if;
  insert into public.calibration_raters (school_id, calibration_id, rater_id) select p_school_id, v_calibration.id, r from unnest(v_raters) r;
  perform private.notify(p_school_id, v_raters, 'calibration_opened', 'calibrations', v_calibration.id);
  return v_calibration;
exception when check_violation or not_null_violation then
  perform private.reject('open the calibration', 'A title of 1 to 200 characters; a recording''s address begins with https://.');
end
$$;
grant execute on function private.open_calibration to authenticated;

create function public.open_calibration(school_id uuid, framework_id uuid, title text, rater_ids uuid[], class_session_id uuid default null, recording_url text default null, calibration_id uuid default null) returns public.calibrations
language sql set search_path = ''
as $$
  select private.open_calibration(open_calibration.school_id, open_calibration.framework_id, open_calibration.title, open_calibration.rater_ids, open_calibration.class_session_id,
    open_calibration.recording_url, open_calibration.calibration_id)
$$;
comment on function public.open_calibration is
  'Opens a calibration of 2 to 20 observers on one lesson, a session of the timetable or a recording (admins and principals). With a calibration_id of one''s own making it may be sent again. Returns the calibration. PT404, PT422.';
grant execute on function public.open_calibration to authenticated;

create function private.complete_calibration(p_school_id uuid, p_calibration_id uuid) returns public.calibrations
language plpgsql set search_path = ''
as $$
declare
  v_calibration public.calibrations;
begin
  update public.calibrations c set status = 'complete', completed_at = now() where (c.school_id, c.id) = (p_school_id, p_calibration_id) returning c.* into v_calibration;
  perform private.notify(p_school_id, array(select r.rater_id from public.calibration_raters r where (r.school_id, r.calibration_id) = (p_school_id, p_calibration_id) and r.submitted_at is not null),
    'calibration_completed', 'calibrations', p_calibration_id);
  return v_calibration;
end
$$;
comment on function private.complete_calibration is 'Opens the ratings of a calibration to its raters. Its callers hold its lock and have checked.';

-- definer: because nobody may write ratings; all of one rater's are written in one step, so that nobody rates knowing another's.
create function private.submit_calibration(p_school_id uuid, p_calibration_id uuid, p_ratings jsonb) returns public.calibrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_calibration public.calibrations;
  v_rater uuid;
begin
  -- The last two raters at once: the second waits, and then completes.
  select c.* into v_calibration from public.calibrations c
  where (c.school_id, c.id) = (p_school_id, p_calibration_id) and c.status = 'open'
    and exists (select from public.calibration_raters r where (r.school_id, r.calibration_id) = (c.school_id, c.id) and r.rater_id = any (array(select private.my_memberships('{admin,leader}'))))
  for no key update;
  update public.calibration_raters r set submitted_at = now()
  where (r.school_id, r.calibration_id) = (p_school_id, v_calibration.id) and r.submitted_at is null and r.rater_id = any (array(select private.my_memberships('{admin,leader}')))
  returning r.rater_id into v_rater;
  if v_rater is null then
    perform private.refuse('submit the ratings');
  end if;
  if jsonb_typeof(p_ratings) is distinct from 'array'
    or (select count(*) from jsonb_array_elements(p_ratings)) <> (select count(*) from public.framework_domains d where (d.school_id, d.framework_id) = (p_school_id, v_calibration.framework_id) and d.deleted_at is null)
    or exists (select from public.framework_domains d where (d.school_id, d.framework_id) = (p_school_id, v_calibration.framework_id) and d.deleted_at is null
      and not exists (select from jsonb_array_elements(p_ratings) x where private.uuid_or_null(x ->> 'domain_id') = d.id)) then
    perform private.reject('submit the ratings', 'Ratings are an array of {domain_id, level} of every domain of the framework''s version, once; null for not observed.');
  end if;
  insert into public.calibration_ratings (school_id, calibration_id, framework_id, rater_id, domain_id, level)
  select p_school_id, p_calibration_id, v_calibration.framework_id, v_rater, (x ->> 'domain_id')::uuid, (x ->> 'level')::smallint from jsonb_array_elements(p_ratings) x;
  if not exists (select from public.calibration_raters r where (r.school_id, r.calibration_id) = (p_school_id, p_calibration_id) and r.submitted_at is null) then
    v_calibration := private.complete_calibration(p_school_id, p_calibration_id);
  end if;
  return v_calibration;
exception when foreign_key_violation or invalid_text_representation or numeric_value_out_of_range then
  perform private.reject('submit the ratings', 'A level is one of the framework''s, or null for not observed.');
end
$$;
grant execute on function private.submit_calibration to authenticated;

create function public.submit_calibration(school_id uuid, calibration_id uuid, ratings jsonb) returns public.calibrations
language sql set search_path = ''
as $$ select private.submit_calibration(submit_calibration.school_id, submit_calibration.calibration_id, submit_calibration.ratings) $$;
comment on function public.submit_calibration is
  'Gives one''s ratings of a calibration, [{domain_id, level}] of every domain, once and for good. When all raters have, it is complete and they see each other''s. PT404, PT422.';
grant execute on function public.submit_calibration to authenticated;

-- definer: because the state has no grant.
create function private.close_calibration(p_school_id uuid, p_calibration_id uuid) returns public.calibrations
language plpgsql security definer set search_path = ''
as $$
begin
  perform from public.calibrations c
  where (c.school_id, c.id) = (p_school_id, p_calibration_id) and c.status = 'open' and c.school_id = any (array(select private.schools_with('calibration.manage'))) for no key update;
  if not found then
    perform private.refuse('close the calibration');
  end if;
  if (select count(*) from public.calibration_raters r where (r.school_id, r.calibration_id) = (p_school_id, p_calibration_id) and r.submitted_at is not null) < 2 then
    perform private.reject('close the calibration', 'Two raters at least have rated.');
  end if;
  return private.complete_calibration(p_school_id, p_calibration_id);
end
$$;
grant execute on function private.close_calibration to authenticated;

create function public.close_calibration(school_id uuid, calibration_id uuid) returns public.calibrations
language sql set search_path = ''
as $$ select private.close_calibration(close_calibration.school_id, close_calibration.calibration_id) $$;
comment on function public.close_calibration is 'Completes a calibration without those who have not rated, once two have (admins and principals). PT404, PT422.';
grant execute on function public.close_calibration to authenticated;
