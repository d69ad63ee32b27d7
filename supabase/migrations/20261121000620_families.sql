-- Families: all children of a guardian in one view, who is whose sibling, and what somebody had seen before a legal block.

create function public.family_overview()
returns table (school_id uuid, student_id uuid, given_name text, family_name text, photo_path text, class_id uuid, class_name text, days integer, absent_days numeric, rate numeric, chronic boolean, sees_grades boolean, sees_attendance boolean, may_collect boolean)
language sql stable set search_path = ''
as $$
  select s.school_id, s.id, coalesce(s.preferred_name, s.given_name), s.family_name, s.photo_path, k.id, k.name, a.days, a.absent_days, a.rate, a.chronic, g.sees_grades, g.sees_attendance, g.may_collect
  from public.students s
  join public.schools z on z.id = s.school_id
  cross join lateral (select (now() at time zone z.timezone)::date as today) d
  join lateral (
    select bool_or(b.sees_grades) as sees_grades, bool_or(b.sees_attendance) as sees_attendance, bool_or(b.may_collect) as may_collect from public.guardianships b
    where (b.school_id, b.student_id) = (s.school_id, s.id) and b.guardian_id = any (array(select private.my_memberships('{parent}'))) and d.today between b.starts_on and coalesce(b.ends_on, 'infinity')) g on true
  left join public.academic_years y on y.school_id = s.school_id and y.is_current
  left join lateral (
    select c.id, c.name from public.enrollments e join public.classes c on (c.school_id, c.id) = (e.school_id, e.class_id)
    where e.student_id = s.id and e.kind = 'homeroom' and d.today between e.starts_on and e.ends_on limit 1) k on true
  left join lateral public.attendance_summary(s.school_id, y.starts_on, d.today, null, s.id) a on g.sees_attendance
  where s.id = any (array(select private.my_children()))
  order by s.family_name, s.given_name, s.id
$$;
comment on function public.family_overview is 'The caller''s children in every school, one row each: homeroom, what the guardianship lets see, and attendance in the current year so far (null where it does not let see it).';
grant execute on function public.family_overview to authenticated;

create function public.siblings(school_id uuid, student_id uuid) returns table (student_id uuid, given_name text, family_name text, shared_guardians integer)
language sql stable set search_path = ''
as $$
  select s.id, s.given_name, s.family_name, count(distinct g.guardian_id)::integer
  from public.guardianships o
  join public.guardianships g on (g.school_id, g.guardian_id) = (o.school_id, o.guardian_id) and g.student_id <> o.student_id and private.today(o.school_id) between g.starts_on and coalesce(g.ends_on, 'infinity')
  join public.students s on (s.school_id, s.id) = (g.school_id, g.student_id)
  where o.school_id = siblings.school_id and o.student_id = siblings.student_id and private.today(o.school_id) between o.starts_on and coalesce(o.ends_on, 'infinity')
  group by s.id, s.given_name, s.family_name
  order by s.family_name, s.given_name, s.id
$$;
comment on function public.siblings is 'Students of a school who share a guardian with one, within the guardianships that the caller may read: all for the office and the principal, their own for parents.';
grant execute on function public.siblings to authenticated;

-- definer: because it reads the log and what was removed; right, block and log are checked and written here.
create function private.guardian_access_report(p_school_id uuid, p_student_id uuid, p_membership_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_user uuid := (select m.user_id from public.memberships m where (m.school_id, m.id) = (p_school_id, p_membership_id));
  v_memberships uuid[] := array(select m.id from public.memberships m where m.school_id = p_school_id and (m.id = p_membership_id or m.user_id = v_user));
begin
  if (p_school_id = any (array(select private.schools_with('guardianships.manage')))) is not true or p_student_id = any (array(select private.blocked_students()))
    or not exists (select from public.students s where (s.school_id, s.id) = (p_school_id, p_student_id))
    or not exists (select from public.memberships m where (m.school_id, m.id) = (p_school_id, p_membership_id)) then
    perform private.refuse('report what the guardian has seen');
  end if;
  perform private.log_event(p_school_id, 'READ', 'guardianships', null, p_student_id, jsonb_build_object('report', 'guardian_access', 'membership_id', p_membership_id));
  return jsonb_build_object(
    'guardianships', (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'starts_on', g.starts_on, 'ends_on', g.ends_on, 'removed_at', g.deleted_at, 'recorded_at', g.created_at,
        'sees_grades', g.sees_grades, 'sees_attendance', g.sees_attendance, 'rights_holder', g.rights_holder) order by g.starts_on, g.id), '[]')
      from public.guardianships g where g.school_id = p_school_id and g.student_id = p_student_id and g.guardian_id = any (v_memberships)),
    'blocks', (select coalesce(jsonb_agg(jsonb_build_object('id', b.id, 'starts_on', b.starts_on, 'ends_on', b.ends_on, 'removed_at', b.deleted_at, 'recorded_at', b.created_at) order by b.starts_on, b.id), '[]')
      from public.guardianship_blocks b where b.school_id = p_school_id and b.student_id = p_student_id and b.membership_id = any (v_memberships)),
    'sessions', (select coalesce(jsonb_agg(jsonb_build_object('started_at', u.started_at, 'last_seen_at', u.last_seen_at) order by u.started_at), '[]')
      from public.user_sessions u where u.school_id = p_school_id and u.membership_id = any (v_memberships)),
    'sign_ins', (select coalesce(jsonb_agg(e.at order by e.at), '[]') from audit.entries e where e.school_id = p_school_id and e.actor_id = v_user and e.action = 'LOGIN'),
    'reads', (select coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'action', e.action, 'table_name', e.table_name, 'row_id', e.row_id) order by e.at), '[]')
      from audit.entries e where e.school_id = p_school_id and e.actor_id = v_user and e.action in ('READ', 'EXPORT') and e.subject_id = p_student_id),
    'notifications', (select coalesce(jsonb_agg(jsonb_build_object('kind', n.kind, 'sent_at', n.created_at, 'read_at', n.read_at) order by n.created_at), '[]')
      from public.notifications n where n.school_id = p_school_id and n.membership_id = any (v_memberships) and n.row_id = p_student_id),
    'announcements', (select coalesce(jsonb_agg(jsonb_build_object('announcement_id', r.announcement_id, 'read_at', r.read_at) order by r.read_at), '[]')
      from public.announcement_receipts r where r.school_id = p_school_id and r.membership_id = any (v_memberships)));
end
$$;
grant execute on function private.guardian_access_report to authenticated;

create function public.guardian_access_report(school_id uuid, student_id uuid, membership_id uuid) returns jsonb
language sql set search_path = ''
as $$ select private.guardian_access_report(guardian_access_report.school_id, guardian_access_report.student_id, guardian_access_report.membership_id) $$;
comment on function public.guardian_access_report is
  'What a person could see and is known to have seen of a child, before and after a legal block (admins): {guardianships, blocks, sessions, sign_ins, reads, notifications, announcements}. reads are the logged ones (protected records, exports); what plain pages showed follows from rights, sessions and sign-ins. Each call writes a READ entry. PT404.';
grant execute on function public.guardian_access_report to authenticated;
