-- Permissions: what a role may do, how far, and the helpers that turn it into sets of ids for the policies.

create table public.permissions (
  code text primary key constraint permissions_code check (code ~ '^[a-z_]+\.[a-z_]+$'),
  description text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.permissions enable row level security;
grant select on public.permissions to authenticated, service_role;
comment on table public.permissions is 'The catalog of permissions. Coaching, drafts, private notes and answer keys are no permission at all: they are conditions in the policies. Only migrations write it.';

create function private.scope_rank(p_scope text) returns integer
language sql immutable parallel safe set search_path = ''
as $$
  select array_position(array['none', 'own', 'class', 'team', 'school'], p_scope)
$$;
comment on function private.scope_rank is 'Scopes in ascending order of reach.';
grant execute on function private.scope_rank to authenticated, service_role;

create table public.permission_ceilings (
  role text not null constraint permission_ceilings_role check (role in ('admin', 'leader', 'teacher', 'student', 'parent')),
  permission text not null references public.permissions on delete restrict,
  default_scope text not null constraint permission_ceilings_default_scope check (private.scope_rank(default_scope) is not null),
  max_scope text not null constraint permission_ceilings_max_scope check (private.scope_rank(max_scope) is not null),
  fixed boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (role, permission),
  constraint permission_ceilings_order check (private.scope_rank(default_scope) <= private.scope_rank(max_scope))
);
create index permission_ceilings_permission_idx on public.permission_ceilings (permission);
alter table public.permission_ceilings enable row level security;
grant select on public.permission_ceilings to authenticated, service_role;
comment on table public.permission_ceilings is 'Per role: the scope it has, and the widest that a school can give it. Only migrations write it.';
comment on column public.permission_ceilings.fixed is 'the core that no school can change, lest it lock itself out';

insert into public.permissions (code, description) values
  ('school.manage', 'Change the school''s name, locale, timezone, campuses and departments'),
  ('settings.read', 'Read the school''s settings'),
  ('settings.manage', 'Change the school''s settings'),
  ('directory.manage', 'Change directory cards'),
  ('memberships.read', 'Read memberships and supervisions'),
  ('memberships.manage', 'Add and end memberships and supervisions'),
  ('employments.read', 'Read when staff were hired and what they are qualified for'),
  ('employments.manage', 'Change when staff were hired and what they are qualified for'),
  ('permissions.manage', 'Override what roles may do'),
  ('structure.manage', 'Change years, terms, levels, subjects, rooms, classes and who teaches them'),
  ('enrollments.manage', 'Enroll, transfer and promote students'),
  ('students.read', 'Read students and their enrollments'),
  ('students.manage', 'Create, change and remove students'),
  ('student_internal.read', 'Read what staff keep about students'),
  ('student_records.read', 'Read students'' protected records; each read is logged'),
  ('guardianships.read', 'Read guardianships'),
  ('guardianships.manage', 'Change guardianships and legal blocks'),
  ('attendance.read', 'Read attendance'),
  ('attendance.override', 'Set attendance against the teacher''s mark'),
  ('announcements.create', 'Announce to the school, a team and its classes, or own classes'),
  ('announcements.manage', 'Read, change and withdraw every announcement, and see who has read it'),
  ('frameworks.manage', 'Write observation frameworks'),
  ('observations.read', 'Read submitted evaluations and walkthroughs'),
  ('observations.create', 'Observe teachers'),
  ('trainings.create', 'Make trainings and run one''s own'),
  ('trainings.manage', 'Run every training of the school'),
  ('trainings.attend', 'Register for trainings'),
  ('registrations.read', 'Read who registered for trainings, and certificates'),
  ('pd_rules.manage', 'Change categories and yearly requirements of professional development'),
  ('pd_hours.claim', 'Claim hours of professional development'),
  ('pd_hours.read', 'Read hours of professional development'),
  ('pd_hours.approve', 'Approve and return hours of professional development'),
  ('observations.plan', 'Plan who observes whom'),
  ('calibration.manage', 'Open calibrations and read how observers agree'),
  ('goals.read', 'Read teachers'' goals'),
  ('goals.approve', 'Approve teachers'' goals and comment on them'),
  ('goals.set', 'Set the school''s goals'),
  ('sessions.read', 'Read when people were signed in'),
  ('sessions.summary', 'Read how long people were signed in, in sum'),
  ('audit.read', 'Read the audit log'),
  ('break_glass.use', 'Open a walled row in an emergency');

insert into public.permission_ceilings (role, permission, default_scope, max_scope, fixed)
select 'admin', p.code, case when p.code in ('observations.create', 'goals.approve', 'trainings.attend', 'pd_hours.claim') then 'none' else 'school' end, 'school',
  p.code in ('permissions.manage', 'memberships.manage', 'memberships.read', 'settings.read', 'settings.manage', 'audit.read')
from public.permissions p;
insert into public.permission_ceilings (role, permission, default_scope, max_scope) values
  ('leader', 'settings.read', 'school', 'school'),
  ('leader', 'memberships.read', 'team', 'team'),
  ('leader', 'employments.read', 'team', 'team'),
  ('leader', 'students.read', 'team', 'team'),
  ('leader', 'student_internal.read', 'team', 'team'),
  ('leader', 'student_records.read', 'team', 'team'),
  ('leader', 'guardianships.read', 'team', 'team'),
  ('leader', 'attendance.read', 'team', 'team'),
  ('leader', 'attendance.override', 'team', 'team'),
  ('leader', 'announcements.create', 'team', 'team'),
  ('leader', 'observations.read', 'team', 'team'),
  ('leader', 'observations.create', 'team', 'team'),
  ('leader', 'observations.plan', 'team', 'team'),
  ('leader', 'calibration.manage', 'team', 'team'),
  ('leader', 'goals.read', 'team', 'team'),
  ('leader', 'goals.approve', 'team', 'team'),
  ('leader', 'goals.set', 'team', 'team'),
  ('leader', 'sessions.summary', 'team', 'team'),
  ('leader', 'trainings.create', 'own', 'own'),
  ('leader', 'trainings.attend', 'none', 'own'),
  ('leader', 'registrations.read', 'team', 'team'),
  ('leader', 'pd_hours.claim', 'none', 'own'),
  ('leader', 'pd_hours.read', 'team', 'team'),
  ('leader', 'pd_hours.approve', 'team', 'team'),
  ('leader', 'frameworks.manage', 'none', 'school'),
  ('teacher', 'students.read', 'class', 'class'),
  ('teacher', 'trainings.attend', 'own', 'own'),
  ('teacher', 'pd_hours.claim', 'own', 'own'),
  ('teacher', 'student_internal.read', 'class', 'class'),
  ('teacher', 'attendance.read', 'class', 'class'),
  ('teacher', 'announcements.create', 'class', 'class'),
  ('teacher', 'sessions.summary', 'class', 'class');

create table public.role_permissions (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  role text not null,
  permission text not null,
  scope text not null constraint role_permissions_scope check (private.scope_rank(scope) is not null),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint role_permissions_key unique (school_id, role, permission),
  constraint role_permissions_ceiling_fkey foreign key (role, permission) references public.permission_ceilings (role, permission) on delete restrict
);
create index role_permissions_id_idx on public.role_permissions (id);
create index role_permissions_ceiling_idx on public.role_permissions (role, permission);
alter table public.role_permissions enable row level security;
call private.equip('public.role_permissions');
grant select on public.role_permissions to authenticated;
comment on table public.role_permissions is 'Where a school departs from the defaults in permission_ceilings. Changed by rpc(''set_role_permission'').';

create function private.tg_role_permissions__check_ceiling() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (select from public.permission_ceilings c where c.role = new.role and c.permission = new.permission
      and (c.fixed or private.scope_rank(new.scope) > private.scope_rank(c.max_scope))) then
    perform private.reject(format('give %s the permission %s over %s', new.role, new.permission, new.scope), 'The role''s ceiling does not allow it.');
  end if;
  return new;
end
$$;
create trigger _150_check_ceiling before insert or update on public.role_permissions for each row execute function private.tg_role_permissions__check_ceiling();

create view private.current_permissions as
select m.school_id, m.id as membership_id, m.role, m.team_scope, m.campus_id, m.department_id, m.today, c.permission, coalesce(o.scope, c.default_scope) as scope
from private.current_memberships m
join public.permission_ceilings c on c.role = m.role
left join public.role_permissions o on o.school_id = m.school_id and o.role = m.role and o.permission = c.permission;
comment on view private.current_permissions is 'What the caller''s memberships in force may do, and how far.';

-- definer: because policies read rights whatever the caller may see of them.
create function private.schools_with(p_permission text) returns setof uuid
language plpgsql stable security definer rows 2 set search_path = ''
as $$
begin
  return query select distinct c.school_id from private.current_permissions c
  where c.permission = p_permission and (c.scope = 'school' or c.scope = 'team' and c.team_scope = 'school');
end
$$;
comment on function private.schools_with is 'Schools over the whole of which the caller has the permission: by scope school, or by leading the whole school.';
grant execute on function private.schools_with to authenticated;

-- definer: as above.
create function private.team_with(p_permission text) returns setof uuid
language plpgsql stable security definer rows 30 set search_path = ''
as $$
begin
  return query
  select distinct m.id from private.current_permissions c
  cross join lateral (
    -- Two, so that each is found by its index: with "or" every member of the school is looked at, families too.
    select t.id from public.memberships t
    where c.team_scope in ('campus', 'department') and t.school_id = c.school_id and t.department_id = c.department_id and (c.campus_id is null or t.campus_id = c.campus_id)
      and t.role = 'teacher' and t.deleted_at is null and t.user_id is distinct from (select auth.uid())
    union all
    select t.id from public.memberships t
    where c.team_scope = 'campus' and c.department_id is null and t.school_id = c.school_id and t.campus_id = c.campus_id
      and t.role = 'teacher' and t.deleted_at is null and t.user_id is distinct from (select auth.uid())
    union all
    select t.id from public.supervisions s
    join public.memberships t on t.school_id = s.school_id and t.id = s.teacher_id and t.deleted_at is null and t.user_id is distinct from (select auth.uid())
    where s.school_id = c.school_id and s.supervisor_id = c.membership_id and s.deleted_at is null and c.today between s.starts_on and coalesce(s.ends_on, 'infinity')) m
  where c.permission = p_permission and c.scope = 'team';
end
$$;
comment on function private.team_with is 'Teachers'' memberships, past ones too, in the teams that the caller leads by campus, department or name; never the caller''s own. Who leads the whole school is in schools_with.';
grant execute on function private.team_with to authenticated;

-- definer: as above.
create function private.team_in_force(p_permission text) returns setof uuid
language plpgsql stable security definer rows 30 set search_path = ''
as $$
begin
  return query
  select t.id from public.memberships t join public.schools s on s.id = t.school_id
  where t.role = 'teacher' and t.active and t.deleted_at is null and t.user_id is distinct from auth.uid()
    and t.starts_on <= (now() at time zone s.timezone)::date and (t.ends_on is null or t.ends_on >= (now() at time zone s.timezone)::date)
    and (t.school_id = any (array(select private.schools_with(p_permission))) or t.id = any (array(select private.team_with(p_permission))));
end
$$;
comment on function private.team_in_force is 'Teachers at work now on whom the caller may act: the team by any scope, never the caller.';
grant execute on function private.team_in_force to authenticated;

-- Scopes through classes. The tables come later; plpgsql looks them up when it is called. -----------------------------------

-- definer: as above.
create function private.classes_with(p_permission text, p_past boolean default false) returns setof uuid
language plpgsql stable security definer rows 6 set search_path = ''
as $$
begin
  return query
  -- Offset 0: six tables and then three. Nine at once take the planner 25 ms, at each of a session's first five calls.
  select t.class_id
  from (select p.* from private.current_permissions p where p.permission = p_permission and p.scope = 'class' offset 0) c
  join public.class_teachers t on t.school_id = c.school_id and t.teacher_id = c.membership_id and t.deleted_at is null
  join public.classes k on k.school_id = t.school_id and k.id = t.class_id and k.deleted_at is null
  join public.academic_years y on y.school_id = k.school_id and y.id = k.academic_year_id
  where t.starts_on <= c.today and coalesce(t.ends_on, 'infinity') >= least(c.today, y.ends_on)
    and c.today >= y.starts_on and (c.today <= y.ends_on or p_past and c.today <= y.ends_on + (private.setting(c.school_id, 'past_class_days'))::integer);
end
$$;
comment on function private.classes_with is 'Classes that the caller teaches now and over which the permission reaches; with p_past also those taught to their year''s end, for as long as the setting past_class_days keeps them readable.';
grant execute on function private.classes_with to authenticated;

-- definer: as above.
create function private.sessions_covered(p_permission text) returns setof uuid
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query
  select s.id from private.current_permissions c
  join public.class_sessions s on s.held_by = c.membership_id and s.cover_teacher_id is not null and s.status = 'scheduled' and s.deleted_at is null
  where c.permission = p_permission and c.scope = 'class' and s.starts_at > now() - interval '31 days' and s.day <= c.today
    and now() < s.ends_at + make_interval(hours => (private.setting(c.school_id, 'register_hours'))::integer);
end
$$;
comment on function private.sessions_covered is 'Sessions of today and before that the caller covers and over which the permission reaches, until their register closes.';
grant execute on function private.sessions_covered to authenticated;

-- definer: as above.
create function private.students_taught(p_permission text) returns setof uuid
language plpgsql stable security definer rows 150 set search_path = ''
as $$
begin
  return query
  select e.student_id from (
    select k.id, (now() at time zone s.timezone)::date as today from public.classes k join public.schools s on s.id = k.school_id
    where k.id = any (array(select private.classes_with(p_permission))) offset 0) k
  join public.enrollments e on e.class_id = k.id and e.deleted_at is null and k.today between e.starts_on and e.ends_on;
end
$$;
comment on function private.students_taught is 'Students enrolled now in classes that the caller teaches, where the permission reaches so far.';
grant execute on function private.students_taught to authenticated;

-- definer: as above.
create function private.students_covered(p_permission text) returns setof uuid
language plpgsql stable security definer rows 30 set search_path = ''
as $$
begin
  return query
  select e.student_id from public.class_sessions s
  join public.enrollments e on e.school_id = s.school_id and e.class_id = s.class_id and e.deleted_at is null and s.day between e.starts_on and e.ends_on
  where s.id = any (array(select private.sessions_covered(p_permission)));
end
$$;
comment on function private.students_covered is 'Students enrolled on its day in a session that the caller covers, where the permission reaches so far. Apart from students_taught, which comes first and is nearly always enough.';
grant execute on function private.students_covered to authenticated;

-- definer: as above.
create function private.students_of_team(p_permission text) returns setof uuid
language plpgsql stable security definer rows 150 set search_path = ''
as $$
begin
  return query
  select distinct e.student_id from (
    -- The classes first, and their year by the class: joined in another order it reads the whole year's classes for each of them.
    select k.id, (now() at time zone s.timezone)::date as today from public.class_teachers t
    join public.classes k on k.id = t.class_id and k.deleted_at is null
    join public.academic_years y on y.school_id = k.school_id and y.id = k.academic_year_id
    join public.schools s on s.id = k.school_id
    -- Not by a variable: its values would make each call plan anew, which takes longer than the query.
    where t.teacher_id = any (array(select private.team_with(p_permission))) and t.deleted_at is null
      and (now() at time zone s.timezone)::date between greatest(t.starts_on, y.starts_on) and least(t.ends_on, y.ends_on) offset 0) k
  join public.enrollments e on e.class_id = k.id and e.deleted_at is null and k.today between e.starts_on and e.ends_on;
end
$$;
comment on function private.students_of_team is 'Students enrolled now in classes that the team teaches which the caller leads by campus, department or name. Who leads the whole school is in schools_with.';
grant execute on function private.students_of_team to authenticated;

-- definer: as above.
create function private.own_students(p_attendance boolean default false) returns setof uuid
language plpgsql stable security definer rows 2 set search_path = ''
as $$
begin
  return query
  select a.id from private.current_memberships c
  cross join lateral (
    select s.id from public.students s where c.role = 'student' and s.school_id = c.school_id and s.membership_id = c.id and s.deleted_at is null
    union all
    select g.student_id from public.guardianships g
    join public.students s on s.school_id = g.school_id and s.id = g.student_id and s.deleted_at is null
    where c.role = 'parent' and g.school_id = c.school_id and g.guardian_id = c.id and g.deleted_at is null and (g.sees_attendance or not p_attendance)
      and g.starts_on <= c.today and (g.ends_on is null or g.ends_on >= c.today)) a;
end
$$;
comment on function private.own_students is 'The student that the caller is, and those of whom the caller is a guardian now; of attendance, where the guardianship shows it. Blocks are applied by each table''s restrictive policy.';
grant execute on function private.own_students to authenticated;

-- definer: as above.
create function private.classes_attended() returns setof uuid
language plpgsql stable security definer rows 10 set search_path = ''
as $$
begin
  return query select distinct e.class_id from public.enrollments e
  where e.student_id = any (array(select private.own_students())) and e.student_id <> all (array(select private.blocked_students()))
    and e.deleted_at is null and e.starts_on <= (now() at time zone 'UTC')::date + 1;
end
$$;
comment on function private.classes_attended is 'Classes, past ones too, of the student that the caller is and of the children, without those that a legal block closes.';
grant execute on function private.classes_attended to authenticated;

-- definer: as above.
create function private.teachers_attended() returns setof uuid
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select distinct t.teacher_id from public.class_teachers t
  join public.classes k on k.school_id = t.school_id and k.id = t.class_id and k.deleted_at is null
  join public.academic_years y on y.school_id = k.school_id and y.id = k.academic_year_id
  where t.class_id = any (array(select private.classes_attended())) and t.deleted_at is null
    and (now() at time zone 'UTC')::date between y.starts_on - 1 and y.ends_on + 1 and (t.ends_on is null or t.ends_on >= (now() at time zone 'UTC')::date - 1);
end
$$;
comment on function private.teachers_attended is 'Teachers'' memberships in the classes of this year that the caller or the caller''s children attend.';
grant execute on function private.teachers_attended to authenticated;

-- definer: as above.
create function private.my_districts() returns setof uuid
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  return query select distinct s.district_id from private.current_memberships c join public.schools s on s.id = c.school_id
  where c.role in ('admin', 'leader', 'teacher') and s.district_id is not null;
end
$$;
comment on function private.my_districts is 'Districts of the schools where the caller works.';
grant execute on function private.my_districts to authenticated;
