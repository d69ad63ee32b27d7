-- Growth: recording progress of goals, approving and commenting on them, closing them; and what progress comes to.

-- definer: because history has no write grant; whose goal it is and how its progress comes about is checked here.
create function private.record_goal_progress(p_school_id uuid, p_goal_id uuid, p_progress integer, p_note text, p_update_id uuid) returns public.goal_updates
language plpgsql security definer set search_path = ''
as $$
declare
  v_goal public.goals;
  v_update public.goal_updates;
  v_author uuid;
begin
  select g.* into v_goal from public.goals g
  where (g.school_id, g.id) = (p_school_id, p_goal_id) and g.status = 'open' and g.deleted_at is null
    and (g.teacher_id = any (array(select private.my_memberships('{teacher}'))) or g.teacher_id is null and g.school_id = any (array(select private.schools_with('goals.set'))))
  for no key update;
  if v_goal.id is null then
    perform private.refuse('record progress');
  end if;
  if v_goal.progress_method = 'children' then
    perform private.reject('record progress', 'The goal''s progress is derived from its child goals.');
  end if;
  if (p_progress between 0 and 100) is not true then
    perform private.reject('record progress', 'Progress is 0 to 100 percent.');
  end if;
  select coalesce(v_goal.teacher_id, (select c.membership_id from private.current_permissions c
    where c.school_id = p_school_id and c.permission = 'goals.set' and c.scope <> 'none' order by private.scope_rank(c.scope) desc, c.membership_id limit 1)) into v_author;
  insert into public.goal_updates as u (school_id, id, goal_id, progress_method, author_id, progress, note)
  values (p_school_id, coalesce(p_update_id, gen_random_uuid()), p_goal_id, v_goal.progress_method, v_author, p_progress, nullif(trim(p_note), ''))
  on conflict (school_id, id) do nothing
  returning u.* into v_update;
  if v_update.id is null then
    -- Sent again, or another's id.
    select u.* into v_update from public.goal_updates u where (u.school_id, u.id, u.goal_id, u.author_id) = (p_school_id, p_update_id, p_goal_id, v_author);
    if v_update.id is null then
      perform private.refuse('record progress');
    end if;
    return v_update;
  end if;
  update public.goals g set stated_progress = p_progress where (g.school_id, g.id) = (p_school_id, p_goal_id) and g.progress_method = 'stated';
  return v_update;
exception when check_violation then
  perform private.reject('record progress', 'A note is at most 20,000 characters.');
end
$$;
grant execute on function private.record_goal_progress to authenticated;

create function public.record_goal_progress(school_id uuid, goal_id uuid, progress integer, note text default null, update_id uuid default null) returns public.goal_updates
language sql set search_path = ''
as $$ select private.record_goal_progress(record_goal_progress.school_id, record_goal_progress.goal_id, record_goal_progress.progress, record_goal_progress.note, record_goal_progress.update_id) $$;
comment on function public.record_goal_progress is
  'Records how far an open goal has come, in percent, and keeps it in its history: a teacher their own, the office and the principal the school''s. With an update_id of one''s own making it may be sent again. PT404; PT422 for a goal whose progress is derived from its children.';
grant execute on function public.record_goal_progress to authenticated;

-- definer: because the columns are not the teacher's; never one's own.
create function private.approve_goal(p_school_id uuid, p_goal_id uuid, p_comment text, p_as_of timestamptz) returns public.goals
language plpgsql security definer set search_path = ''
as $$
declare
  v_goal public.goals;
  v_approver uuid;
begin
  select c.membership_id into v_approver from private.current_permissions c
  where c.school_id = p_school_id and c.permission = 'goals.approve' and c.scope in ('team', 'school') order by private.scope_rank(c.scope) desc, c.membership_id limit 1;
  update public.goals g set approved_by = v_approver, approved_at = now()
  where (g.school_id, g.id) = (p_school_id, p_goal_id) and g.approved_at is null and g.status = 'open' and g.deleted_at is null and v_approver is not null
    and g.teacher_id = any (array(select private.team_in_force('goals.approve'))) and (p_as_of is null or g.updated_at = p_as_of)
  returning g.* into v_goal;
  if v_goal.id is null then
    perform private.refuse('approve the goal');
  end if;
  if coalesce(trim(p_comment), '') <> '' then
    insert into public.goal_updates (school_id, goal_id, progress_method, author_id, note) values (p_school_id, p_goal_id, v_goal.progress_method, v_approver, trim(p_comment));
  end if;
  perform private.notify(p_school_id, array[v_goal.teacher_id], 'goal_approved', 'goals', p_goal_id);
  return v_goal;
exception when check_violation then
  perform private.reject('approve the goal', 'A comment is at most 20,000 characters.');
end
$$;
grant execute on function private.approve_goal to authenticated;

create function public.approve_goal(school_id uuid, goal_id uuid, comment text default null, as_of timestamptz default null) returns public.goals
language sql set search_path = ''
as $$ select private.approve_goal(approve_goal.school_id, approve_goal.goal_id, approve_goal.comment, approve_goal.as_of) $$;
comment on function public.approve_goal is 'Approves an open goal of a teacher of one''s team as it stands, never one''s own. A later change of its text takes the approval back. as_of: the updated_at that was read, for a goal that has changed since not to be approved unseen. PT404.';
grant execute on function public.approve_goal to authenticated;

-- definer: because history has no write grant.
create function private.comment_on_goal(p_school_id uuid, p_goal_id uuid, p_note text) returns public.goal_updates
language plpgsql security definer set search_path = ''
as $$
declare
  v_goal public.goals;
  v_update public.goal_updates;
  v_leader uuid;
begin
  if coalesce(trim(p_note), '') = '' then
    perform private.reject('comment on the goal', 'Say something.');
  end if;
  select c.membership_id into v_leader from private.current_permissions c
  where c.school_id = p_school_id and c.permission = 'goals.approve' and c.scope in ('team', 'school') order by private.scope_rank(c.scope) desc, c.membership_id limit 1;
  select g.* into v_goal from public.goals g
  where (g.school_id, g.id) = (p_school_id, p_goal_id) and g.deleted_at is null
    and (g.teacher_id = any (array(select private.my_memberships('{teacher}'))) or v_leader is not null and g.teacher_id = any (array(select private.team_in_force('goals.approve'))));
  if v_goal.id is null then
    perform private.refuse('comment on the goal');
  end if;
  insert into public.goal_updates as u (school_id, goal_id, progress_method, author_id, note)
  values (p_school_id, p_goal_id, v_goal.progress_method, case when v_goal.teacher_id = any (array(select private.my_memberships('{teacher}'))) then v_goal.teacher_id else v_leader end, trim(p_note))
  returning u.* into v_update;
  -- A leader's comment is for the teacher, the teacher's for the leaders who have commented or approved.
  perform private.notify(p_school_id, array(
    select distinct x.id from (select v_goal.teacher_id as id union select v_goal.approved_by union
      select u.author_id from public.goal_updates u where (u.school_id, u.goal_id) = (p_school_id, p_goal_id)) x where x.id is not null and x.id <> v_update.author_id),
    'goal_commented', 'goals', p_goal_id);
  return v_update;
exception when check_violation then
  perform private.reject('comment on the goal', 'A comment is at most 20,000 characters.');
end
$$;
grant execute on function private.comment_on_goal to authenticated;

create function public.comment_on_goal(school_id uuid, goal_id uuid, note text) returns public.goal_updates
language sql set search_path = ''
as $$ select private.comment_on_goal(comment_on_goal.school_id, comment_on_goal.goal_id, comment_on_goal.note) $$;
comment on function public.comment_on_goal is 'Adds a comment to the history of a teacher''s goal: the teacher, or a leader of theirs. Tells the others who take part. PT404, PT422.';
grant execute on function public.comment_on_goal to authenticated;

-- definer: because status has no grant.
create function private.set_goal_status(p_school_id uuid, p_goal_id uuid, p_status text) returns public.goals
language plpgsql security definer set search_path = ''
as $$
declare
  v_goal public.goals;
begin
  if (p_status in ('open', 'achieved', 'abandoned')) is not true then
    perform private.reject('change the goal''s status', 'A goal is open, achieved or abandoned.');
  end if;
  update public.goals g set status = p_status
  where (g.school_id, g.id) = (p_school_id, p_goal_id) and g.status <> p_status and g.deleted_at is null
    and (g.teacher_id = any (array(select private.my_memberships('{teacher}'))) or g.teacher_id is null and g.school_id = any (array(select private.schools_with('goals.set'))))
  returning g.* into v_goal;
  if v_goal.id is null then
    perform private.refuse('change the goal''s status');
  end if;
  return v_goal;
end
$$;
grant execute on function private.set_goal_status to authenticated;

create function public.set_goal_status(school_id uuid, goal_id uuid, status text) returns public.goals
language sql set search_path = ''
as $$ select private.set_goal_status(set_goal_status.school_id, set_goal_status.goal_id, set_goal_status.status) $$;
comment on function public.set_goal_status is 'Closes a goal as achieved or abandoned, or opens it again: a teacher their own, the office and the principal the school''s. Only open goals change. PT404, PT422.';
grant execute on function public.set_goal_status to authenticated;

-- What progress comes to ---------------------------------------------------------------------------------------------------

create function private.progress_of_goal(p_school_id uuid, p_goal_id uuid) returns numeric
language plpgsql stable set search_path = ''
as $$
declare
  v_goal public.goals;
begin
  select g.* into v_goal from public.goals g where (g.school_id, g.id) = (p_school_id, p_goal_id);
  return case v_goal.progress_method
    when 'stated' then v_goal.stated_progress
    when 'updates' then (select u.progress from public.goal_updates u where (u.school_id, u.goal_id) = (p_school_id, p_goal_id) and u.progress is not null order by u.created_at desc, u.id desc limit 1)
    else (select avg(coalesce(private.progress_of_goal(g.school_id, g.id), 0)) from public.goals g
      where (g.school_id, g.parent_id) = (p_school_id, p_goal_id) and g.status <> 'abandoned' and g.deleted_at is null) end;
end
$$;
comment on function private.progress_of_goal is 'A goal''s progress by its own method. Trees have no rings, so it ends.';
grant execute on function private.progress_of_goal to authenticated;

-- definer: because a school''s goal is served by goals that its reader does not see; which goals the caller sees is checked here.
create function private.goal_progress(p_school_id uuid, p_goal_ids uuid[]) returns table (goal_id uuid, progress_method text, progress numeric, children bigint)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_mine uuid[] := array(select private.my_memberships());
  v_team uuid[] := array(select private.team_with('goals.read'));
  v_all boolean := p_school_id = any (array(select private.schools_with('goals.read')));
begin
  if (p_school_id = any (array(select private.my_schools('{admin,leader,teacher}')))) is not true then
    return;
  end if;
  return query
  select g.id, g.progress_method, case when v_all or g.teacher_id is not null or g.progress_method <> 'children' or (
      with recursive below as (
        select c.id, c.teacher_id from public.goals c where (c.school_id, c.parent_id) = (g.school_id, g.id) and c.status <> 'abandoned' and c.deleted_at is null
        union
        select c.id, c.teacher_id from below b join public.goals c on (c.school_id, c.parent_id) = (g.school_id, b.id) and c.status <> 'abandoned' and c.deleted_at is null
      )
      select count(distinct b.teacher_id) = 0 or count(distinct b.teacher_id) >= 3 from below b) then round(private.progress_of_goal(g.school_id, g.id), 1) end,
    (select count(*) from public.goals c where (c.school_id, c.parent_id) = (g.school_id, g.id) and c.status <> 'abandoned' and c.deleted_at is null
      and (v_all or c.teacher_id is null or c.teacher_id = any (v_mine) or c.teacher_id = any (v_team)))
  from public.goals g
  where g.school_id = p_school_id and (p_goal_ids is null or g.id = any (p_goal_ids)) and g.deleted_at is null
    and (v_all or g.teacher_id is null or g.teacher_id = any (v_mine) or g.teacher_id = any (v_team))
  order by g.created_at desc, g.id
  limit 1000;
end
$$;
grant execute on function private.goal_progress to authenticated;

create function public.goal_progress(school_id uuid, goal_ids uuid[] default null) returns table (goal_id uuid, progress_method text, progress numeric, children bigint)
language sql stable set search_path = ''
as $$ select * from private.goal_progress(goal_progress.school_id, goal_progress.goal_ids) $$;
comment on function public.goal_progress is
  'Progress in percent, to one decimal, of goals of a school that the caller sees, those named or the newest thousand: as stated, the latest recorded, or the unweighted mean of the live child goals (without progress yet: 0; abandoned ones count in none), as progress_method says. A school''s derived progress is one number for everyone, and null to whoever does not see all its goals while fewer than three teachers are behind it. children: how many the caller sees.';
grant execute on function public.goal_progress to authenticated;
