-- Announcements: a text, whom it is for, from when to when; and who has read it.

create table public.announcements (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  author_id uuid not null,
  title private.name_text collate private.hebrew not null,
  body private.note_text not null,
  publish_at timestamptz not null default now(),
  expires_at timestamptz,
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint announcements_author_fkey foreign key (school_id, author_id) references public.memberships (school_id, id) on delete restrict,
  constraint announcements_times check (expires_at > publish_at)
);
create index announcements_id_idx on public.announcements (id);
create index announcements_school_idx on public.announcements (school_id, publish_at desc);
create index announcements_author_idx on public.announcements (author_id, publish_at desc);
create index announcements_author_fkey_idx on public.announcements (school_id, author_id);
create index announcements_due_idx on public.announcements (publish_at) where published_at is null and deleted_at is null;
alter table public.announcements enable row level security;
call private.equip('public.announcements', p_nfc => '{title,body}', p_subject => 'author_id');
grant select, delete on public.announcements to authenticated;
comment on table public.announcements is 'A text for an audience. Made by rpc(''announce''), changed by rpc(''change_announcement''), withdrawn by removing it.';
comment on column public.announcements.publish_at is 'from when the audience reads it; before that its author and the office do';
comment on column public.announcements.expires_at is 'from when the audience reads it no longer';
comment on column public.announcements.published_at is 'when the audience was notified';

create table public.announcement_audiences (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  announcement_id uuid not null,
  scope text not null constraint announcement_audiences_scope check (scope in ('school', 'grade', 'class', 'team')),
  grade_level_id uuid,
  class_id uuid,
  leader_id uuid,
  role text constraint announcement_audiences_role check (role in ('admin', 'leader', 'teacher', 'student', 'parent')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint announcement_audiences_announcement_fkey foreign key (school_id, announcement_id) references public.announcements (school_id, id) on delete cascade,
  constraint announcement_audiences_grade_level_fkey foreign key (school_id, grade_level_id) references public.grade_levels (school_id, id) on delete restrict,
  constraint announcement_audiences_class_fkey foreign key (school_id, class_id) references public.classes (school_id, id) on delete restrict,
  constraint announcement_audiences_leader_fkey foreign key (school_id, leader_id) references public.memberships (school_id, id) on delete restrict,
  constraint announcement_audiences_target check ((scope = 'grade') = (grade_level_id is not null) and (scope = 'class') = (class_id is not null) and (scope = 'team') = (leader_id is not null))
);
create index announcement_audiences_id_idx on public.announcement_audiences (id);
create index announcement_audiences_target_idx on public.announcement_audiences (school_id, (coalesce(class_id, grade_level_id, leader_id, school_id)));
create index announcement_audiences_announcement_idx on public.announcement_audiences (school_id, announcement_id);
create index announcement_audiences_grade_level_idx on public.announcement_audiences (school_id, grade_level_id);
create index announcement_audiences_class_idx on public.announcement_audiences (school_id, class_id);
create index announcement_audiences_leader_idx on public.announcement_audiences (school_id, leader_id);
alter table public.announcement_audiences enable row level security;
call private.equip('public.announcement_audiences');
grant select on public.announcement_audiences to authenticated;
comment on table public.announcement_audiences is 'For whom an announcement is; several add up. Without a role it is for everyone of the scope: the school, a level''s or a class''s students, guardians and teachers, a leader''s team.';
comment on column public.announcement_audiences.leader_id is 'the leader whose team it is for';

create view private.class_people as
select k.school_id, k.id as class_id, k.grade_level_id, k.kind, 'student' as role, s.membership_id
from public.enrollments e
join public.students s on (s.school_id, s.id) = (e.school_id, e.student_id) and s.deleted_at is null and s.membership_id is not null
join public.classes k on (k.school_id, k.id) = (e.school_id, e.class_id) and k.deleted_at is null
join public.schools z on z.id = k.school_id and (now() at time zone z.timezone)::date between e.starts_on and e.ends_on
where e.deleted_at is null
union all
select k.school_id, k.id, k.grade_level_id, k.kind, 'parent', g.guardian_id
from public.enrollments e
join public.students s on (s.school_id, s.id) = (e.school_id, e.student_id) and s.deleted_at is null
join public.guardianships g on (g.school_id, g.student_id) = (s.school_id, s.id) and g.deleted_at is null
join public.classes k on (k.school_id, k.id) = (e.school_id, e.class_id) and k.deleted_at is null
join public.schools z on z.id = k.school_id and (now() at time zone z.timezone)::date between greatest(e.starts_on, g.starts_on) and least(e.ends_on, g.ends_on)
where e.deleted_at is null and not exists (select from private.blocks_in_force b where b.student_id = g.student_id and b.membership_id = g.guardian_id)
union all
select k.school_id, k.id, k.grade_level_id, k.kind, 'teacher', t.teacher_id
from public.class_teachers t
join public.classes k on (k.school_id, k.id) = (t.school_id, t.class_id) and k.deleted_at is null
join public.academic_years y on (y.school_id, y.id) = (k.school_id, k.academic_year_id)
join public.schools z on z.id = k.school_id and (now() at time zone z.timezone)::date between greatest(t.starts_on, y.starts_on) and least(t.ends_on, y.ends_on)
where t.deleted_at is null;
comment on view private.class_people is 'Students, guardians and teachers of each class today, by membership, in force or not; a legal block respected. It is never granted.';

-- One rule for who is meant: asked by the member for what one reads, and by the audience for whom to notify. Each branch is entered
-- from either side, so that neither costs more the more has been announced.
create view private.audience_members as
select m.school_id, 'school' as scope, m.school_id as target_id, m.role, m.id as membership_id from public.memberships m
union all
select p.school_id, 'class', p.class_id, p.role, p.membership_id from private.class_people p
union all
select p.school_id, 'grade', p.grade_level_id, p.role, p.membership_id from private.class_people p where p.kind = 'homeroom' or p.role = 'teacher'
union all
select l.school_id, 'team', l.leader_id, 'teacher', l.teacher_id from private.leadership l
union all
select l.school_id, 'team', l.id, 'leader', l.id from public.memberships l where l.role = 'leader';
comment on view private.audience_members is 'Which memberships, in force or not, stand in which audience, and in what role. It is never granted.';

create function private.announcement_members(p_school_id uuid, p_announcement_id uuid) returns setof uuid
language plpgsql stable set search_path = ''
as $$
declare
  v_audience record;
begin
  for v_audience in
    select u.scope, coalesce(u.class_id, u.grade_level_id, u.leader_id, u.school_id) as target_id, u.role from public.announcement_audiences u
    where (u.school_id, u.announcement_id) = (p_school_id, p_announcement_id)
  loop
    return query select x.membership_id from private.audience_members x
    where x.school_id = p_school_id and x.scope = v_audience.scope and x.target_id = v_audience.target_id and (v_audience.role is null or x.role = v_audience.role);
  end loop;
end
$$;
comment on function private.announcement_members is 'Memberships that an announcement is for, in force or not, one perhaps twice.';

-- Its plan is kept: making one takes longer than the query, and the same suits every member.
create function private.announcements_for(p_school_id uuid, p_membership_id uuid) returns setof uuid
language plpgsql stable rows 20 set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select a.id from private.audience_members x
  join public.announcement_audiences u on u.school_id = x.school_id and coalesce(u.class_id, u.grade_level_id, u.leader_id, u.school_id) = x.target_id and u.scope = x.scope and (u.role is null or u.role = x.role)
  join public.announcements a on (a.school_id, a.id) = (u.school_id, u.announcement_id) and a.deleted_at is null and a.publish_at <= now() and (a.expires_at is null or a.expires_at > now())
  where x.school_id = p_school_id and x.membership_id = p_membership_id;
end
$$;
comment on function private.announcements_for is 'Announcements that are published, not expired, and for a membership, one perhaps twice.';

-- definer: because policies read audiences whatever the caller may see of them.
create function private.announcements_received() returns setof uuid
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select distinct a.id from private.current_memberships c cross join lateral private.announcements_for(c.school_id, c.id) a (id);
end
$$;
comment on function private.announcements_received is 'Announcements that are published, not expired, and for one of the caller''s memberships in force.';
grant execute on function private.announcements_received to authenticated;

create policy "authors theirs, offices the school's, audiences what is published for them" on public.announcements for select to authenticated
  using (deleted_at is null and (
    author_id = any (array(select private.my_memberships()))
    or id = any (array(select private.announcements_received()))
    or school_id = any (array(select private.schools_with('announcements.manage')))));
create policy "authors withdraw theirs, offices any" on public.announcements for delete to authenticated
  using (deleted_at is null and (
    author_id = any (array(select private.my_memberships('{admin,leader,teacher}')))
    or school_id = any (array(select private.schools_with('announcements.manage')))));
create policy "as the announcement" on public.announcement_audiences for select to authenticated
  using (exists (select from public.announcements a where (a.school_id, a.id) = (announcement_audiences.school_id, announcement_id)));

-- Receipts -----------------------------------------------------------------------------------------------------------------

create table public.announcement_receipts (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  announcement_id uuid not null,
  membership_id uuid not null,
  read_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint announcement_receipts_member_key unique (school_id, announcement_id, membership_id),
  constraint announcement_receipts_announcement_fkey foreign key (school_id, announcement_id) references public.announcements (school_id, id) on delete cascade,
  constraint announcement_receipts_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create index announcement_receipts_id_idx on public.announcement_receipts (id);
create index announcement_receipts_membership_idx on public.announcement_receipts (membership_id, read_at desc);
alter table public.announcement_receipts enable row level security;
call private.equip('public.announcement_receipts', p_subject => 'membership_id');
grant select on public.announcement_receipts to authenticated;
create policy "readers theirs, authors those of their announcements, offices all" on public.announcement_receipts for select to authenticated
  using (membership_id = any (array(select private.my_memberships()))
    or school_id = any (array(select private.schools_with('announcements.manage')))
    or exists (select from public.announcements a where (a.school_id, a.id) = (announcement_receipts.school_id, announcement_id) and a.author_id = any (array(select private.my_memberships()))));
create policy "blocked people see nothing of the student" on public.announcement_receipts as restrictive for all to authenticated
  using (membership_id <> all (array(select private.blocked_memberships())));
comment on table public.announcement_receipts is 'Who has read an announcement, and when first. Written by rpc(''read_announcement'').';

-- Writing ------------------------------------------------------------------------------------------------------------------

create function private.publish_announcement(p_school_id uuid, p_announcement_id uuid) returns integer
language plpgsql set search_path = ''
as $$
declare
  v_author uuid;
begin
  update public.announcements a set published_at = now()
  where (a.school_id, a.id) = (p_school_id, p_announcement_id) and a.published_at is null and a.deleted_at is null and a.publish_at <= now()
  returning a.author_id into v_author;
  return case when v_author is not null then private.notify(p_school_id,
    array(select x.id from private.announcement_members(p_school_id, p_announcement_id) x (id) where x.id <> v_author
      -- Nor in another role of theirs.
      and x.id not in (select o.id from public.memberships m join public.memberships o on (o.school_id, o.user_id) = (m.school_id, m.user_id) where (m.school_id, m.id) = (p_school_id, v_author))),
    'announcement_published', 'announcements', p_announcement_id) end;
end
$$;
comment on function private.publish_announcement is 'Notifies the audience of an announcement whose time has come, once; returns how many, or null when there was nothing to do.';

create function private.publish_announcements() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_due record;
  v_count integer := 0;
begin
  for v_due in select a.school_id, a.id from public.announcements a where a.published_at is null and a.deleted_at is null and a.publish_at <= now() order by a.publish_at limit 100 for update skip locked loop
    perform private.publish_announcement(v_due.school_id, v_due.id);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function private.publish_announcements is 'Notifies the audiences of announcements whose time has come; returns how many announcements.';
select cron.schedule('announcements_publish', '* * * * *', 'select private.publish_announcements()');

-- definer: because neither table has a write grant; every audience is checked against what the caller may address.
create function private.announce(p_school_id uuid, p_title text, p_body text, p_audiences jsonb, p_publish_at timestamptz, p_expires_at timestamptz, p_announcement_id uuid) returns public.announcements
language plpgsql security definer set search_path = ''
as $$
declare
  v_announcement public.announcements;
  v_author uuid;
  v_all boolean := p_school_id = any (array(select private.schools_with('announcements.create')));
  v_classes uuid[] := array(
    select private.classes_with('announcements.create')
    union
    select t.class_id from public.class_teachers t where t.school_id = p_school_id and t.deleted_at is null and private.today(p_school_id) between t.starts_on and coalesce(t.ends_on, 'infinity')
      and t.teacher_id = any (array(select private.team_with('announcements.create'))));
begin
  select c.membership_id into v_author from private.current_permissions c
  where c.school_id = p_school_id and c.permission = 'announcements.create' and c.scope <> 'none'
  order by private.scope_rank(c.scope) desc, c.membership_id limit 1;
  if v_author is null then
    perform private.refuse('announce');
  end if;
  if jsonb_typeof(p_audiences) is distinct from 'array' or jsonb_array_length(p_audiences) not between 1 and 50 then
    perform private.reject('announce', 'Audiences are 1 to 50 objects {scope, class_id | grade_level_id | leader_id, role}; a scope is school, grade, class or team.');
  end if;
  -- One at a time of an author, or two at once would both be the first of their id, or the last that the quota allows.
  perform from public.memberships m where (m.school_id, m.id) = (p_school_id, v_author) for no key update;
  select a.* into v_announcement from public.announcements a where (a.school_id, a.id, a.author_id) = (p_school_id, p_announcement_id, v_author);
  if v_announcement.id is not null then
    return v_announcement;
  end if;
  if (select count(*) from public.announcements a where a.author_id = v_author and a.created_at > now() - interval '1 day') >= (private.setting(p_school_id, 'announcements_per_day'))::integer then
    raise exception using errcode = 'PT429', message = 'Cannot announce', hint = 'You have announced as much in 24 hours as the setting announcements_per_day allows.';
  end if;
  if exists (
    select from jsonb_to_recordset(p_audiences) u (scope text, class_id uuid, grade_level_id uuid, leader_id uuid, role text)
    where (case u.scope
      when 'school' then v_all
      when 'grade' then v_all and exists (select from public.grade_levels l where (l.school_id, l.id) = (p_school_id, u.grade_level_id) and l.deleted_at is null)
      when 'class' then (v_all or u.class_id = any (v_classes)) and exists (select from public.classes k where (k.school_id, k.id) = (p_school_id, u.class_id) and k.deleted_at is null)
      when 'team' then (v_all or u.leader_id = any (array(select private.my_memberships('{leader}')))) and exists (
        select from public.memberships l where (l.school_id, l.id) = (p_school_id, u.leader_id) and l.role = 'leader' and l.deleted_at is null)
      else true end) is not true) then
    perform private.refuse('announce', 'An audience does not exist or is not yours to address: the office and the principal address everyone, a leader the team and its classes, a teacher own classes.');
  end if;
  insert into public.announcements as a (school_id, id, author_id, title, body, publish_at, expires_at)
  values (p_school_id, coalesce(p_announcement_id, gen_random_uuid()), v_author, p_title, p_body, coalesce(p_publish_at, now()), p_expires_at)
  returning a.* into v_announcement;
  insert into public.announcement_audiences (school_id, announcement_id, scope, class_id, grade_level_id, leader_id, role)
  select p_school_id, v_announcement.id, u.scope, u.class_id, u.grade_level_id, u.leader_id, u.role
  from jsonb_to_recordset(p_audiences) u (scope text, class_id uuid, grade_level_id uuid, leader_id uuid, role text);
  perform private.publish_announcement(p_school_id, v_announcement.id);
  select a.* into v_announcement from public.announcements a where (a.school_id, a.id) = (p_school_id, v_announcement.id);
  return v_announcement;
exception
  when check_violation or not_null_violation or invalid_text_representation or invalid_parameter_value then
    perform private.reject('announce', 'A title of 1 to 200 characters, a text, an end after the beginning, and audiences {scope, class_id | grade_level_id | leader_id, role} whose scope names its own target and no other.');
  when unique_violation then
    perform private.refuse('announce');
end
$$;
grant execute on function private.announce to authenticated;

create function public.announce(school_id uuid, title text, body text, audiences jsonb, publish_at timestamptz default null, expires_at timestamptz default null, announcement_id uuid default null) returns public.announcements
language sql set search_path = ''
as $$ select private.announce(announce.school_id, announce.title, announce.body, announce.audiences, announce.publish_at, announce.expires_at, announce.announcement_id) $$;
comment on function public.announce is
  'Announces to audiences [{scope: school | grade | class | team, grade_level_id, class_id, leader_id, role}], at once or from publish_at, to expires_at: the office and the principal to anyone, a leader to the team and its classes, a teacher to own classes. With an announcement_id of one''s own making it may be sent again. Returns the announcement. PT404; PT422; PT429 beyond announcements_per_day.';
grant execute on function public.announce to authenticated;

-- definer: as above.
create function private.change_announcement(p_school_id uuid, p_announcement_id uuid, p_title text, p_body text, p_expires_at timestamptz) returns public.announcements
language plpgsql security definer set search_path = ''
as $$
declare
  v_announcement public.announcements;
begin
  update public.announcements a set title = coalesce(p_title, a.title), body = coalesce(p_body, a.body), expires_at = nullif(coalesce(p_expires_at, a.expires_at), 'infinity')
  where (a.school_id, a.id) = (p_school_id, p_announcement_id) and a.deleted_at is null
    and (a.author_id = any (array(select private.my_memberships('{admin,leader,teacher}'))) or a.school_id = any (array(select private.schools_with('announcements.manage'))))
  returning a.* into v_announcement;
  if v_announcement.id is null then
    perform private.refuse('change the announcement');
  end if;
  return v_announcement;
exception when check_violation then
  perform private.reject('change the announcement', 'A title of 1 to 200 characters, a text, an end after the beginning.');
end
$$;
grant execute on function private.change_announcement to authenticated;

create function public.change_announcement(school_id uuid, announcement_id uuid, title text default null, body text default null, expires_at timestamptz default null) returns public.announcements
language sql set search_path = ''
as $$ select private.change_announcement(change_announcement.school_id, change_announcement.announcement_id, change_announcement.title, change_announcement.body, change_announcement.expires_at) $$;
comment on function public.change_announcement is 'Changes the title, text or end of an announcement (its author, or the office); what is not named stays, and so does the audience; expires_at infinity takes the end away. PT404, PT422.';
grant execute on function public.change_announcement to authenticated;

-- definer: because receipts have no write grant; only one's own are written.
create function private.read_announcement(p_school_id uuid, p_announcement_id uuid) returns timestamptz
language plpgsql security definer set search_path = ''
as $$
declare
  v_read_at timestamptz;
begin
  insert into public.announcement_receipts as r (school_id, announcement_id, membership_id)
  select c.school_id, p_announcement_id, c.id from private.current_memberships c
  where c.school_id = p_school_id and p_announcement_id in (select private.announcements_for(c.school_id, c.id))
  on conflict do nothing;
  update public.notifications n set read_at = now()
  where n.school_id = p_school_id and n.kind = 'announcement_published' and n.row_id = p_announcement_id and n.read_at is null and n.membership_id = any (array(select private.my_memberships()));
  select min(r.read_at) into v_read_at from public.announcement_receipts r
  where (r.school_id, r.announcement_id) = (p_school_id, p_announcement_id) and r.membership_id = any (array(select private.my_memberships()));
  if v_read_at is null then
    perform private.refuse('read the announcement');
  end if;
  return v_read_at;
end
$$;
grant execute on function private.read_announcement to authenticated;

create function public.read_announcement(school_id uuid, announcement_id uuid) returns timestamptz
language sql set search_path = ''
as $$ select private.read_announcement(read_announcement.school_id, read_announcement.announcement_id) $$;
comment on function public.read_announcement is 'Leaves a receipt that the caller, who is in the audience, has read an announcement, and returns when that was first so. PT404.';
grant execute on function public.read_announcement to authenticated;

insert into private.restorable_tables (table_name, permission) values ('announcements', 'announcements.manage');
