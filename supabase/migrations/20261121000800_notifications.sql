-- Notifications: what a member should look at, by ids alone. Told to open clients on a private channel of each member, and by mail
-- to whoever asks for it.

create table public.notification_kinds (
  kind text primary key constraint notification_kinds_kind check (kind ~ '^[a-z]+(_[a-z]+)*$'),
  name_en text not null,
  name_he text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.notification_kinds enable row level security;
grant select on public.notification_kinds to authenticated, service_role;
create policy "members read kinds of notifications" on public.notification_kinds for select to authenticated
  using (exists (select private.my_schools()));
comment on table public.notification_kinds is 'What a notification can be about, as a mail words it. Only migrations write it.';

insert into public.notification_kinds (kind, name_en, name_he) values
  ('announcement_published', 'new announcements', 'הודעות חדשות'),
  ('membership_added', 'new roles at the school', 'תפקידים חדשים בבית הספר'),
  ('session_covered', 'sessions to cover', 'שיעורים למילוי מקום'),
  ('attendance_absent', 'absences recorded', 'היעדרויות שנרשמו');

create table public.notifications (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  kind text not null references public.notification_kinds on delete restrict,
  table_name text not null,
  row_id uuid not null,
  day date,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint notifications_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create index notifications_id_idx on public.notifications (id);
create index notifications_membership_idx on public.notifications (membership_id, created_at desc);
create index notifications_membership_fkey_idx on public.notifications (school_id, membership_id);
create index notifications_kind_idx on public.notifications (kind);
-- What lies unread is not said twice, by whatever hands at once.
create unique index notifications_unread_key on public.notifications (school_id, membership_id, kind, row_id, day) nulls not distinct where read_at is null;
alter table public.notifications enable row level security;
call private.equip('public.notifications', p_subject => 'membership_id');
grant select on public.notifications to authenticated;
create policy "members read their own notifications" on public.notifications for select to authenticated
  using (membership_id = any (array(select private.my_memberships())));
create policy "blocked people see nothing of the student" on public.notifications as restrictive for all to authenticated
  using (table_name <> 'students' or row_id <> all (array(select private.blocked_students())));
comment on table public.notifications is 'One thing for one member to look at: its kind and the row it is about, which the reader opens under their own rights. Written by the database only.';
comment on column public.notifications.row_id is 'id of the row of table_name, in the same school';
comment on column public.notifications.day is 'the day that it is about, where each day of a row is news of its own';

-- Whom a message may reach -------------------------------------------------------------------------------------------------

create view private.members_in_force as
select m.school_id, m.id, m.user_id, m.role, s.timezone, s.locale, (now() at time zone s.timezone)::date as today
from public.memberships m
join public.schools s on s.id = m.school_id
where m.active and m.deleted_at is null and s.status = 'active' and s.deleted_at is null
  and m.starts_on <= (now() at time zone s.timezone)::date
  and (m.resumes_on is null or m.resumes_on <= (now() at time zone s.timezone)::date)
  and (m.ends_on is null or m.ends_on >= (now() at time zone s.timezone)::date);
comment on view private.members_in_force is 'Everybody''s memberships in force, for what the database sends by itself. It is never granted.';

create view private.leadership as
select l.school_id, l.id as leader_id, t.id as teacher_id
from public.memberships l
join public.schools s on s.id = l.school_id
join public.memberships t on t.school_id = l.school_id and t.role = 'teacher'
where l.role = 'leader' and (l.team_scope = 'school'
  or l.team_scope in ('campus', 'department') and (l.campus_id is null or t.campus_id = l.campus_id) and (l.department_id is null or t.department_id = l.department_id)
  or exists (select from public.supervisions v where (v.school_id, v.supervisor_id, v.teacher_id) = (l.school_id, l.id, t.id) and v.deleted_at is null
    and (now() at time zone s.timezone)::date between v.starts_on and coalesce(v.ends_on, 'infinity')));
comment on view private.leadership is 'Which leader''s team has which teacher, by scope or by name, whoever asks; both in force or not. It is never granted.';

create view private.blocks_in_force as
select b.school_id, b.student_id, o.id as membership_id
from public.guardianship_blocks b
join public.memberships m on (m.school_id, m.id) = (b.school_id, b.membership_id)
join public.memberships o on o.school_id = m.school_id and (o.id = m.id or o.user_id = m.user_id)
where b.deleted_at is null and b.starts_on <= (now() at time zone 'UTC')::date + 1 and (b.ends_on is null or b.ends_on >= (now() at time zone 'UTC')::date - 1);
comment on view private.blocks_in_force is 'Students and every membership of the people who must not see them; a day wide at both ends, as blocked_students.';

-- Channels -----------------------------------------------------------------------------------------------------------------

create table private.topics (
  membership_id uuid primary key,
  school_id uuid not null references public.schools on delete cascade,
  suffix uuid not null default gen_random_uuid()
);
create index topics_school_id_idx on private.topics (school_id);
comment on table private.topics is 'The channel of each member who has asked for one. When the right to it ends the row goes, and with it the name that was known.';

-- definer: because nobody may end another's channel by hand.
create function private.tg_memberships__end_topic() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.topics t where t.membership_id = new.id;
  return null;
end
$$;
create trigger _600_end_topic after update of user_id, active, ends_on, deleted_at on public.memberships for each row
  when ((old.user_id, old.active, old.ends_on, old.deleted_at) is distinct from (new.user_id, new.active, new.ends_on, new.deleted_at))
  execute function private.tg_memberships__end_topic();

-- definer: because policies read channels whatever the caller may see of them.
create function private.topics_of_mine() returns setof text
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query select 'member:' || t.membership_id || ':' || t.suffix from private.current_memberships c join private.topics t on t.membership_id = c.id;
end
$$;
comment on function private.topics_of_mine is 'Names of the channels of the caller''s memberships in force.';
grant execute on function private.topics_of_mine to authenticated;

create policy "members hear their own channels" on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) = any (array(select private.topics_of_mine())));

-- definer: because channels have no write grant; only the caller's own are made.
create function private.open_topics() returns table (school_id uuid, membership_id uuid, topic text)
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.topics (membership_id, school_id) select c.id, c.school_id from private.current_memberships c on conflict do nothing;
  return query select c.school_id, c.id, 'member:' || c.id || ':' || t.suffix from private.current_memberships c join private.topics t on t.membership_id = c.id order by c.school_id, c.id;
end
$$;
grant execute on function private.open_topics to authenticated;

create function public.my_topics() returns table (school_id uuid, membership_id uuid, topic text)
language sql set search_path = ''
as $$ select * from private.open_topics() $$;
comment on function public.my_topics is
  'The private Realtime channel of each of the caller''s memberships in force: supabase.channel(topic, { config: { private: true } }). Event "notification" carries {notification_id, school_id, kind, table_name, row_id}. Ask again after signing in: a name changes when the right to it has ended.';
grant execute on function public.my_topics to authenticated;

-- Telling ------------------------------------------------------------------------------------------------------------------

create function private.notify(p_school_id uuid, p_membership_ids uuid[], p_kind text, p_table_name text, p_row_id uuid, p_student_id uuid default null, p_day date default null) returns integer
language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  with told as (
    insert into public.notifications as n (school_id, membership_id, kind, table_name, row_id, day)
    select distinct on (m.user_id) m.school_id, m.id, p_kind, p_table_name, p_row_id, p_day from private.members_in_force m
    where m.school_id = p_school_id and m.id = any (p_membership_ids) and m.user_id is not null
      and not exists (select from private.blocks_in_force b where b.student_id = p_student_id and b.membership_id = m.id)
    order by m.user_id, array_position(array['admin', 'leader', 'teacher', 'parent', 'student'], m.role)
    on conflict (school_id, membership_id, kind, row_id, day) where read_at is null do nothing
    returning n.id, n.membership_id
  ), sent as (
    select realtime.send(jsonb_build_object('notification_id', t.id, 'school_id', p_school_id, 'kind', p_kind, 'table_name', p_table_name, 'row_id', p_row_id),
      'notification', 'member:' || c.membership_id || ':' || c.suffix, true)
    from told t join private.topics c on c.membership_id = t.membership_id
  )
  select (select count(*) from told) + 0 * (select count(*) from sent) into v_count;
  return v_count;
end
$$;
comment on function private.notify is
  'Tells members in force with a sign-in that a row is theirs to look at; returns how many were told: a person of several roles once, in the first of admin, leader, teacher, parent, student. Nobody whom a block keeps from p_student_id, and nobody twice of the same row and day while it is unread. Called by other functions and triggers of the database.';

-- definer: because the date of reading has no write grant; only one's own are marked.
create function private.read_notifications(p_school_id uuid, p_ids uuid[]) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.notifications n set read_at = now()
  where n.school_id = p_school_id and (p_ids is null or n.id = any (p_ids)) and n.read_at is null and n.membership_id = any (array(select private.my_memberships()))
    and (n.table_name <> 'students' or n.row_id <> all (array(select private.blocked_students())));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
grant execute on function private.read_notifications to authenticated;

create function public.read_notifications(school_id uuid, notification_ids uuid[] default null) returns integer
language sql set search_path = ''
as $$ select private.read_notifications(read_notifications.school_id, read_notifications.notification_ids) $$;
comment on function public.read_notifications is 'Marks the caller''s own notifications in a school as read, those named or all; returns how many were unread. What is not one''s own is passed over.';
grant execute on function public.read_notifications to authenticated;
