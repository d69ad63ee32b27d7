-- Who reads and writes tenancy and people, and the functions through which rights are given and taken.

create policy "staff read their districts" on public.districts for select to authenticated
  using (deleted_at is null and id = any (array(select private.my_districts())));

create policy "members read their schools" on public.schools for select to authenticated
  using (deleted_at is null and id = any (array(select private.my_schools())));
create policy "admins change their school" on public.schools for update to authenticated
  using (deleted_at is null and id = any (array(select private.schools_with('school.manage'))))
  with check (id = any (array(select private.schools_with('school.manage'))));

create policy "members read campuses" on public.campuses for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add campuses" on public.campuses for insert to authenticated
  with check (school_id = any (array(select private.schools_with('school.manage'))));
create policy "admins change campuses" on public.campuses for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('school.manage'))))
  with check (school_id = any (array(select private.schools_with('school.manage'))));
create policy "admins remove campuses" on public.campuses for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('school.manage'))));

create policy "members read departments" on public.departments for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools())));
create policy "admins add departments" on public.departments for insert to authenticated
  with check (school_id = any (array(select private.schools_with('school.manage'))));
create policy "admins change departments" on public.departments for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('school.manage'))))
  with check (school_id = any (array(select private.schools_with('school.manage'))));
create policy "admins remove departments" on public.departments for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('school.manage'))));

create policy "members of staff read setting definitions" on public.setting_definitions for select to authenticated
  using (exists (select private.my_schools('{admin,leader,teacher}')));
create policy "offices read all settings and staff read theirs" on public.school_settings for select to authenticated
  using (school_id = any (array(select private.schools_with('settings.read')))
    or key in (select d.key from public.setting_definitions d where d.audience = 'staff') and school_id = any (array(select private.my_schools('{teacher}'))));

create policy "staff read permissions" on public.permissions for select to authenticated
  using (exists (select private.my_schools('{admin,leader}')));
create policy "staff read ceilings" on public.permission_ceilings for select to authenticated
  using (exists (select private.my_schools('{admin,leader}')));
create policy "staff read overrides" on public.role_permissions for select to authenticated
  using (school_id = any (array(select private.my_schools('{admin,leader}'))));

create policy "district people read their own membership" on public.district_memberships for select to authenticated
  using ((select auth.uid()) = user_id and active and district_id = any (array(select private.my_districts())));

create policy "own, team and school memberships" on public.memberships for select to authenticated
  using (deleted_at is null and (
    id = any (array(select private.my_record()))
    or id = any (array(select private.team_with('memberships.read')))
    or school_id = any (array(select private.schools_with('memberships.read')))));

create policy "own, team and school supervisions" on public.supervisions for select to authenticated
  using (deleted_at is null and (
    supervisor_id = any (array(select private.my_memberships()))
    or teacher_id = any (array(select private.my_memberships()))
    or teacher_id = any (array(select private.team_with('memberships.read')))
    or school_id = any (array(select private.schools_with('memberships.read')))));

create policy "staff read their colleagues' cards, families their teachers', admins all" on public.directory_cards for select to authenticated
  using (deleted_at is null and (
    membership_id = any (array(select private.colleagues()))
    or membership_id = any (array(select private.teachers_attended()))
    or school_id = any (array(select private.schools_with('directory.manage')))));
create policy "admins add directory cards" on public.directory_cards for insert to authenticated
  with check (school_id = any (array(select private.schools_with('directory.manage')))
    and exists (select from public.memberships m where (m.school_id, m.id) = (directory_cards.school_id, membership_id)));
create policy "admins change directory cards" on public.directory_cards for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('directory.manage'))))
  with check (school_id = any (array(select private.schools_with('directory.manage'))));
create policy "admins remove directory cards" on public.directory_cards for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('directory.manage'))));

-- One's own rights ------------------------------------------------------------------------------------------------------

-- definer: because a role's rights are read by those who manage them alone, and one's own by everybody.
create function private.my_rights() returns table (school_id uuid, membership_id uuid, role text, team_scope text, campus_id uuid, department_id uuid, school_name text, timezone text, locale text, today date, permissions jsonb)
language plpgsql stable security definer rows 3 set search_path = ''
as $$
begin
  return query
  select c.school_id, c.id, c.role, c.team_scope, c.campus_id, c.department_id, s.name::text, s.timezone::text, s.locale::text, c.today,
    (select coalesce(jsonb_object_agg(p.permission, p.scope), '{}') from private.current_permissions p where p.membership_id = c.id and p.scope <> 'none')
  from private.current_memberships c join public.schools s on s.id = c.school_id
  order by s.name, c.school_id, c.role;
end
$$;
grant execute on function private.my_rights to authenticated;

create function public.my_memberships() returns table (school_id uuid, membership_id uuid, role text, team_scope text, campus_id uuid, department_id uuid, school_name text, timezone text, locale text, today date, permissions jsonb)
language sql stable set search_path = ''
as $$ select * from private.my_rights() $$;
comment on function public.my_memberships is
  'Who the caller is: a row per membership in force, with its school (name, timezone, locale, and the day that it is there) and permissions, {code: own | class | team | school}, as the school has set them. What a membership may not do is left out: use it to draw a page, the policies decide all the same. Students and parents have none: they see what is their own.';
grant execute on function public.my_memberships to authenticated;

-- Overrides of permissions ----------------------------------------------------------------------------------------------

-- definer: because the table has no write grant. Ceilings bound every role, and a role that the caller holds is never widened beyond its default.
create function private.set_role_permission(p_school_id uuid, p_role text, p_permission text, p_scope text) returns public.role_permissions
language plpgsql security definer set search_path = ''
as $$
declare
  v_override public.role_permissions;
begin
  if not exists (select from public.permission_ceilings c where c.role = p_role and c.permission = p_permission) or private.scope_rank(p_scope) is null then
    perform private.reject('change the permission', 'See permission_ceilings for what a role can be given, and how far.');
  end if;
  if exists (select from public.permission_ceilings c where c.role = p_role and c.permission = p_permission and private.scope_rank(p_scope) > private.scope_rank(c.default_scope))
    and exists (select from public.memberships m where m.school_id = p_school_id and m.role = p_role and m.user_id = (select auth.uid())) then
    perform private.refuse('change the permission', 'It would widen your own right.');
  end if;
  insert into public.role_permissions as o (school_id, role, permission, scope)
  select p_school_id, p_role, p_permission, p_scope where p_school_id = any (array(select private.schools_with('permissions.manage')))
  on conflict (school_id, role, permission) do update set scope = excluded.scope
  returning o.* into v_override;
  if v_override.id is null then
    perform private.refuse('change the permission');
  end if;
  return v_override;
end
$$;
grant execute on function private.set_role_permission to authenticated;

create function public.set_role_permission(school_id uuid, role text, permission text, scope text) returns public.role_permissions
language sql set search_path = ''
as $$ select private.set_role_permission(set_role_permission.school_id, set_role_permission.role, set_role_permission.permission, set_role_permission.scope) $$;
comment on function public.set_role_permission is 'Overrides what a role may do in a school (admins). Scope: none, own, class, team, school; never above the role''s ceiling, never the fixed core. PT404, PT422.';
grant execute on function public.set_role_permission to authenticated;

-- Memberships and supervisions -----------------------------------------------------------------------------------------

-- definer: because nobody may write memberships; the right, "not myself" and the district's rows are checked here.
create function private.add_membership(p_school_id uuid, p_user_id uuid, p_role text, p_team_scope text, p_campus_id uuid, p_department_id uuid,
  p_teacher_code text, p_starts_on date, p_ends_on date) returns public.memberships
language plpgsql security definer set search_path = ''
as $$
declare
  v_membership public.memberships;
  v_today date := private.today(p_school_id);
  v_starts_on date := coalesce(p_starts_on, v_today);
begin
  if (p_school_id = any (array(select private.schools_with('memberships.manage')))) is not true or p_user_id = (select auth.uid())
    or not exists (select from auth.users u where u.id = p_user_id) then
    perform private.refuse('add the membership', 'You may not, the person is unknown, or it would be your own right.');
  end if;
  if p_ends_on < v_starts_on then
    perform private.reject('add the membership', 'It cannot end before it begins.');
  end if;
  -- A membership that waits for the person's address is theirs, and there is no second one.
  perform private.claim_invitations(p_user_id);
  insert into public.memberships as m (school_id, user_id, role, team_scope, campus_id, department_id, teacher_code, starts_on, ends_on)
  values (p_school_id, p_user_id, p_role, p_team_scope, p_campus_id, p_department_id, p_teacher_code, v_starts_on, p_ends_on)
  on conflict (school_id, user_id, role) do update
    set team_scope = excluded.team_scope, campus_id = excluded.campus_id, department_id = excluded.department_id,
      teacher_code = coalesce(excluded.teacher_code, m.teacher_code), starts_on = case when m.starts_on > v_today then excluded.starts_on else least(m.starts_on, excluded.starts_on) end, ends_on = excluded.ends_on, active = true, via_district_membership_id = null, deleted_at = null,
      -- Whoever is there stays; whoever had left has no rights until the day.
      resumes_on = case when v_starts_on > v_today and not (m.active and m.deleted_at is null and coalesce(m.ends_on, 'infinity') >= v_today and coalesce(m.resumes_on, '-infinity') <= v_today) then v_starts_on end
    where not exists (select from private.district_roles r where (r.id, r.school_id) = (m.via_district_membership_id, m.school_id) and r.in_force)
  returning m.* into v_membership;
  if v_membership.id is null then
    perform private.refuse('add the membership', 'It follows a district membership; the district changes it.');
  end if;
  return v_membership;
exception when foreign_key_violation or check_violation or unique_violation or not_null_violation then
  perform private.reject('add the membership', 'A role is admin, leader, teacher, student or parent; a leader needs a team_scope and what it names; campus, department and teacher code must be the school''s own and free.');
end
$$;
grant execute on function private.add_membership to authenticated;

create function public.add_membership(school_id uuid, user_id uuid, role text, team_scope text default null, campus_id uuid default null, department_id uuid default null,
  teacher_code text default null, starts_on date default null, ends_on date default null) returns public.memberships
language sql set search_path = ''
as $$
  select private.add_membership(add_membership.school_id, add_membership.user_id, add_membership.role, add_membership.team_scope, add_membership.campus_id,
    add_membership.department_id, add_membership.teacher_code, add_membership.starts_on, add_membership.ends_on)
$$;
comment on function public.add_membership is
  'Gives a person a role in a school, or takes up again the one they had, from starts_on on (today by default) (admins; never for oneself). The row of whoever had left keeps its first day, and resumes_on is the day of their return while it is to come. Returns the membership. PT404 not allowed or unknown; PT422 campus, department, scope or code do not fit.';
grant execute on function public.add_membership to authenticated;

-- definer: as above.
create function private.end_membership(p_school_id uuid, p_membership_id uuid, p_ends_on date) returns public.memberships
language plpgsql security definer set search_path = ''
as $$
declare
  v_membership public.memberships;
  v_today date := private.today(p_school_id);
begin
  -- One at a time in a school: of two admins who end each other, the second finds the right gone.
  perform from public.schools s where s.id = p_school_id and s.id = any (array(select private.schools_with('memberships.manage'))) for no key update;
  update public.memberships m set ends_on = greatest(coalesce(p_ends_on, least(m.ends_on, v_today - 1)), m.starts_on), active = coalesce(p_ends_on >= v_today, false)
  where m.school_id = p_school_id and m.id = p_membership_id and m.active and m.deleted_at is null and m.via_district_membership_id is null
    and m.user_id is distinct from (select auth.uid()) and m.school_id = any (array(select private.schools_with('memberships.manage')))
    and m.id <> all (array(select private.blocked_memberships()))
  returning m.* into v_membership;
  if v_membership.id is null then
    perform private.refuse('end the membership');
  end if;
  return v_membership;
end
$$;
grant execute on function private.end_membership to authenticated;

create function public.end_membership(school_id uuid, membership_id uuid, ends_on date default null) returns public.memberships
language sql set search_path = ''
as $$ select private.end_membership(end_membership.school_id, end_membership.membership_id, end_membership.ends_on) $$;
comment on function public.end_membership is 'Ends a membership at once, or after a day to come (admins; never one''s own). Rights end at the next statement. PT404.';
grant execute on function public.end_membership to authenticated;

-- definer: as above.
create function private.add_supervision(p_school_id uuid, p_supervisor_id uuid, p_teacher_id uuid, p_starts_on date, p_ends_on date) returns public.supervisions
language plpgsql security definer set search_path = ''
as $$
declare
  v_supervision public.supervisions;
begin
  insert into public.supervisions as s (school_id, supervisor_id, teacher_id, starts_on, ends_on)
  select p_school_id, l.id, t.id, coalesce(p_starts_on, private.today(p_school_id)), p_ends_on
  from public.memberships l join public.memberships t on t.school_id = l.school_id
  where l.school_id = p_school_id and l.id = p_supervisor_id and l.role = 'leader' and l.deleted_at is null
    and t.id = p_teacher_id and t.role = 'teacher' and t.deleted_at is null and t.user_id is distinct from l.user_id
    and l.user_id is distinct from (select auth.uid()) and l.school_id = any (array(select private.schools_with('memberships.manage')))
  returning s.* into v_supervision;
  if v_supervision.id is null then
    perform private.refuse('add the supervision');
  end if;
  return v_supervision;
exception
  when exclusion_violation then
    raise exception using errcode = 'PT409', message = 'Cannot add the supervision', hint = 'This leader supervises this teacher in that time already.';
  when check_violation or datetime_field_overflow then
    perform private.reject('add the supervision', 'It cannot end before it starts, nor beyond the calendar.');
end
$$;
grant execute on function private.add_supervision to authenticated;

create function public.add_supervision(school_id uuid, supervisor_id uuid, teacher_id uuid, starts_on date default null, ends_on date default null) returns public.supervisions
language sql set search_path = ''
as $$ select private.add_supervision(add_supervision.school_id, add_supervision.supervisor_id, add_supervision.teacher_id, add_supervision.starts_on, add_supervision.ends_on) $$;
comment on function public.add_supervision is 'Puts a teacher under a leader by name (admins; never for oneself). PT404; PT409 when the time overlaps; PT422 when it ends before it starts.';
grant execute on function public.add_supervision to authenticated;

-- definer: as above.
create function private.end_supervision(p_school_id uuid, p_supervision_id uuid, p_ends_on date) returns public.supervisions
language plpgsql security definer set search_path = ''
as $$
declare
  v_supervision public.supervisions;
  v_today date := private.today(p_school_id);
begin
  -- What would end before it began was never in force.
  update public.supervisions s set ends_on = greatest(coalesce(p_ends_on, least(s.ends_on, v_today - 1)), s.starts_on),
    deleted_at = case when coalesce(p_ends_on, v_today - 1) < s.starts_on then clock_timestamp() end
  from public.memberships l
  where s.school_id = p_school_id and s.id = p_supervision_id and s.deleted_at is null and l.school_id = s.school_id and l.id = s.supervisor_id
    and l.user_id is distinct from (select auth.uid()) and s.school_id = any (array(select private.schools_with('memberships.manage')))
  returning s.* into v_supervision;
  if v_supervision.id is null then
    perform private.refuse('end the supervision');
  end if;
  return v_supervision;
exception when datetime_field_overflow then
  perform private.reject('end the supervision', 'The day is beyond the calendar.');
end
$$;
grant execute on function private.end_supervision to authenticated;

create function public.end_supervision(school_id uuid, supervision_id uuid, ends_on date default null) returns public.supervisions
language sql set search_path = ''
as $$ select private.end_supervision(end_supervision.school_id, end_supervision.supervision_id, end_supervision.ends_on) $$;
comment on function public.end_supervision is 'Ends a supervision at once, or after a day to come (admins; never one''s own). PT404, PT422.';
grant execute on function public.end_supervision to authenticated;
