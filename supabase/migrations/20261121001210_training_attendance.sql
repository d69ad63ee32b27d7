-- Trainings: publication, cancellation, attendance, completion.

-- definer: because the states have no grant.
create function private.publish_training(p_school_id uuid, p_training_event_id uuid) returns public.training_events
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
begin
  update public.training_events e set status = 'published', published_at = now()
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'draft' and e.deleted_at is null
    and (e.organiser_id = any (array(select private.memberships_with('trainings.create'))) or e.school_id = any (array(select private.schools_with('trainings.manage'))))
  returning e.* into v_event;
  if v_event.id is null then
    perform private.refuse('publish the training');
  end if;
  if v_event.starts_at <= now() then
    perform private.reject('publish the training', 'It would have begun already; set a time to come first.');
  end if;
  return v_event;
end
$$;
grant execute on function private.publish_training to authenticated;

create function public.publish_training(school_id uuid, training_event_id uuid) returns public.training_events
language sql set search_path = ''
as $$ select private.publish_training(publish_training.school_id, publish_training.training_event_id) $$;
comment on function public.publish_training is 'draft -> published (its organiser, or the office): teachers see it and register. PT404; PT422 when it would have begun already.';
grant execute on function public.publish_training to authenticated;

-- definer: as above.
create function private.cancel_training(p_school_id uuid, p_training_event_id uuid, p_reason text) returns public.training_events
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
begin
  update public.training_events e set status = 'cancelled', cancelled_at = now(), cancel_reason = p_reason
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.deleted_at is null
    and (e.organiser_id = any (array(select private.memberships_with('trainings.create'))) or e.school_id = any (array(select private.schools_with('trainings.manage'))))
  returning e.* into v_event;
  if v_event.id is null then
    perform private.refuse('cancel the training');
  end if;
  perform private.notify(p_school_id, private.registrants(p_school_id, p_training_event_id), 'training_cancelled', 'training_events', p_training_event_id);
  return v_event;
end
$$;
grant execute on function private.cancel_training to authenticated;

create function public.cancel_training(school_id uuid, training_event_id uuid, reason text default null) returns public.training_events
language sql set search_path = ''
as $$ select private.cancel_training(cancel_training.school_id, cancel_training.training_event_id, cancel_training.reason) $$;
comment on function public.cancel_training is 'published -> cancelled, for good (its organiser, or the office). Whoever is registered or waits is told. PT404.';
grant execute on function public.cancel_training to authenticated;

create function private.remind_of_trainings() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_event record;
  v_count integer := 0;
begin
  for v_event in
    select e.school_id, e.id from public.training_events e
    where e.status = 'published' and e.deleted_at is null and e.reminded_for is distinct from e.starts_at
      and e.starts_at between now() and now() + make_interval(hours => (private.setting(e.school_id, 'training_reminder_hours'))::integer)
    order by e.starts_at limit 100 for no key update skip locked
  loop
    update public.training_events e set reminded_for = e.starts_at where (e.school_id, e.id) = (v_event.school_id, v_event.id);
    perform private.notify(v_event.school_id, array(select r.membership_id from public.training_registrations r
      where (r.school_id, r.training_event_id, r.status) = (v_event.school_id, v_event.id, 'registered')), 'training_reminder', 'training_events', v_event.id);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function private.remind_of_trainings is 'Reminds whoever has a seat in a training that begins within the setting training_reminder_hours, once for each beginning; returns of how many trainings.';
select cron.schedule('trainings_remind', '*/10 * * * *', 'select private.remind_of_trainings()');

-- Codes --------------------------------------------------------------------------------------------------------------------

create function private.random_code(p_length integer) returns text
language sql volatile set search_path = ''
as $$
  select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (get_byte(b.bytes, n) & 31) + 1, 1), '' order by n)
  from (select extensions.gen_random_bytes(p_length) as bytes) b, generate_series(0, p_length - 1) n
$$;
comment on function private.random_code is 'A random code of Crockford''s 32 letters and digits, which nobody reads as one another: five bits each.';

-- definer: because codes are no table of the API; only who runs the training may see its code.
create function private.training_code(p_school_id uuid, p_training_event_id uuid, p_renew boolean) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_code text;
begin
  insert into private.training_codes as c (school_id, training_event_id, code)
  select e.school_id, e.id, private.random_code(6) from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.deleted_at is null
    and (e.organiser_id = any (array(select private.memberships_with('trainings.create'))) or e.school_id = any (array(select private.schools_with('trainings.manage'))))
  on conflict (school_id, training_event_id) do update set code = case when p_renew then excluded.code else c.code end
  returning c.code into v_code;
  if v_code is null then
    perform private.refuse('show the code');
  end if;
  return v_code;
end
$$;
grant execute on function private.training_code to authenticated;

create function public.training_code(school_id uuid, training_event_id uuid, renew boolean default false) returns text
language sql set search_path = ''
as $$ select private.training_code(training_code.school_id, training_code.training_event_id, training_code.renew) $$;
comment on function public.training_code is 'The code that checks people in to a published training, made when it is first asked for and renewed on demand (its organiser, or the office). PT404.';
grant execute on function public.training_code to authenticated;

-- definer: because registrations have no write grant. A wrong code is an answer and no error, or its count would be undone with it.
create function private.check_in(p_school_id uuid, p_training_event_id uuid, p_code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_most constant integer := 5;
  v_event public.training_events;
  v_registration public.training_registrations;
  v_margin interval;
  v_tries integer;
begin
  select e.* into v_event from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.deleted_at is null
    and e.school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
    -- Who can look the code up vouches for nobody by it, least of all for themselves.
    and e.organiser_id <> all (array(select private.all_my_memberships())) and e.school_id <> all (array(select private.schools_with('trainings.manage')))
  for share;
  select r.* into v_registration from public.training_registrations r
  where (r.school_id, r.training_event_id) = (v_event.school_id, v_event.id) and r.status in ('registered', 'attended')
    and r.membership_id = any (array(select private.my_memberships('{admin,leader,teacher}')))
  for no key update;
  if v_registration.id is null then
    perform private.refuse('check in', 'You have no seat in it, it is not published, or you run trainings yourself and another person marks you.');
  end if;
  v_margin := make_interval(mins => (private.setting(p_school_id, 'check_in_minutes'))::integer);
  if now() not between v_event.starts_at - v_margin and v_event.ends_at + v_margin then
    perform private.reject('check in', format('The code is good from %s minutes before the training to as long after it.', private.setting(p_school_id, 'check_in_minutes')));
  end if;
  if v_registration.status = 'attended' then
    return jsonb_build_object('checked_in', true, 'tries_left', null);
  end if;
  insert into private.training_code_tries as t (school_id, registration_id) values (p_school_id, v_registration.id)
  on conflict (school_id, registration_id) do update set tries = t.tries + 1 returning t.tries into v_tries;
  if v_tries > v_most then
    perform private.reject('check in', 'Too many wrong codes: ask the organiser to mark your attendance.');
  end if;
  if not exists (select from private.training_codes c where (c.school_id, c.training_event_id) = (p_school_id, p_training_event_id)
      and c.code = regexp_replace(upper(p_code), '[\s-]', '', 'g')) then
    return jsonb_build_object('checked_in', false, 'tries_left', v_most - v_tries);
  end if;
  update public.training_registrations r set status = 'attended', attended_at = now(), attendance_source = 'code'
  where (r.school_id, r.id) = (p_school_id, v_registration.id);
  return jsonb_build_object('checked_in', true, 'tries_left', null);
end
$$;
grant execute on function private.check_in to authenticated;

create function public.check_in_to_training(school_id uuid, training_event_id uuid, code text) returns jsonb
language sql set search_path = ''
as $$ select private.check_in(check_in_to_training.school_id, check_in_to_training.training_event_id, check_in_to_training.code) $$;
comment on function public.check_in_to_training is
  'Records the caller''s attendance by the code shown in the room, from check_in_minutes before the training to as long after it. Returns {checked_in, tries_left}: a wrong code answers checked_in false, and after five the organiser has to mark. PT404; PT422 outside the time or after too many wrong codes.';
grant execute on function public.check_in_to_training to authenticated;

-- definer: as above.
create function private.mark_training_attendance(p_school_id uuid, p_training_event_id uuid, p_marks jsonb) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
  v_count integer;
begin
  select e.* into v_event from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status in ('published', 'held') and e.starts_at <= now() and e.deleted_at is null
    and (e.organiser_id = any (array(select private.memberships_with('trainings.create'))) or e.school_id = any (array(select private.schools_with('trainings.manage'))))
  for no key update;
  if v_event.id is null then
    perform private.refuse('mark attendance', 'The training is not yours to run, has not begun, or was cancelled.');
  end if;
  update public.training_registrations r set status = case when k.attended then 'attended' else 'absent' end,
    attended_at = case when k.attended then coalesce(r.attended_at, now()) end, attendance_source = case when k.attended then coalesce(r.attendance_source, 'organiser') end
  from jsonb_to_recordset(p_marks) k (registration_id uuid, attended boolean)
  where (r.school_id, r.training_event_id) = (p_school_id, p_training_event_id) and r.id = k.registration_id and k.attended is not null and r.status <> 'withdrawn'
    and r.membership_id <> all (array(select private.all_my_memberships()));
  get diagnostics v_count = row_count;
  if v_count = 0 or v_count <> jsonb_array_length(p_marks) then
    perform private.reject('mark attendance', 'Marks are [{registration_id, attended}], each of a registration for this training that was not withdrawn, once, and never your own.');
  end if;
  if v_event.status = 'held' then
    perform private.settle_training(p_school_id, p_training_event_id);
  end if;
  return v_count;
exception when invalid_text_representation or invalid_parameter_value then
  perform private.reject('mark attendance', 'Marks are [{registration_id, attended}].');
end
$$;
grant execute on function private.mark_training_attendance to authenticated;

create function public.mark_training_attendance(school_id uuid, training_event_id uuid, marks jsonb) returns integer
language sql set search_path = ''
as $$ select private.mark_training_attendance(mark_training_attendance.school_id, mark_training_attendance.training_event_id, mark_training_attendance.marks) $$;
comment on function public.mark_training_attendance is
  'Marks who attended, [{registration_id, attended}], from the beginning of the training on (its organiser, or the office; never oneself); all or none. After completion certificates and hours follow: an absence revokes them. Returns how many. PT404, PT422.';
grant execute on function public.mark_training_attendance to authenticated;

-- definer: as above.
create function private.complete_training(p_school_id uuid, p_training_event_id uuid) returns public.training_events
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
begin
  update public.training_events e set status = 'held', held_at = now()
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.ends_at <= now() and e.deleted_at is null
    and (e.organiser_id = any (array(select private.memberships_with('trainings.create'))) or e.school_id = any (array(select private.schools_with('trainings.manage'))))
  returning e.* into v_event;
  if v_event.id is null then
    perform private.refuse('complete the training', 'It is not yours to run, not published, complete already, or has not ended.');
  end if;
  update public.training_registrations r set status = 'absent' where (r.school_id, r.training_event_id, r.status) = (p_school_id, p_training_event_id, 'registered');
  perform private.settle_training(p_school_id, p_training_event_id);
  return v_event;
end
$$;
grant execute on function private.complete_training to authenticated;

create function public.complete_training(school_id uuid, training_event_id uuid) returns public.training_events
language sql set search_path = ''
as $$ select private.complete_training(complete_training.school_id, complete_training.training_event_id) $$;
comment on function public.complete_training is
  'published -> held, once it has ended (its organiser, or the office): whoever attended gets a certificate and the training''s hours, whoever has a seat and is not marked was absent. PT404.';
grant execute on function public.complete_training to authenticated;
