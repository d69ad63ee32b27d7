-- Trainings: seats. Every function that gives or frees one first locks the training's row, and locks nothing else before it: people
-- queue for that one short lock, seats go in the order of asking, and no two of these functions can wait for each other.

insert into public.notification_kinds (kind, name_en, name_he) values
  ('training_promoted', 'seats that came free in trainings', 'מקומות שהתפנו בהשתלמויות'),
  ('training_changed', 'trainings at another time or place', 'השתלמויות שמועדן או מקומן השתנו'),
  ('training_cancelled', 'cancelled trainings', 'השתלמויות שבוטלו'),
  ('training_reminder', 'trainings about to begin', 'השתלמויות שעומדות להתחיל');

create view private.training_members as
select m.school_id, m.id, m.user_id, m.role
from private.members_in_force m
join public.permission_ceilings c on c.role = m.role and c.permission = 'trainings.attend'
left join public.role_permissions o on o.school_id = m.school_id and o.role = m.role and o.permission = c.permission
where coalesce(o.scope, c.default_scope) <> 'none';
comment on view private.training_members is 'Memberships in force that may take part in trainings. It is never granted.';

create function private.promote_waiting(p_school_id uuid, p_training_event_id uuid) returns integer
language plpgsql set search_path = ''
as $$
declare
  v_capacity integer;
  v_free integer;
  v_promoted uuid[];
begin
  select e.capacity into v_capacity from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.ends_at > now();
  if not found then
    return 0;
  end if;
  v_free := coalesce(v_capacity, 1000000) - (select count(*) from public.training_registrations r
    where (r.school_id, r.training_event_id) = (p_school_id, p_training_event_id) and r.status in ('registered', 'attended', 'absent'));
  if v_free <= 0 then
    return 0;
  end if;
  with promoted as (
    update public.training_registrations r set status = 'registered', promoted_at = now()
    where r.school_id = p_school_id and r.id = any (array(
      select w.id from public.training_registrations w join private.training_members m on (m.school_id, m.id) = (w.school_id, w.membership_id)
      where (w.school_id, w.training_event_id, w.status) = (p_school_id, p_training_event_id, 'waiting')
      order by w.queue_number limit v_free))
    returning r.membership_id
  )
  select coalesce(array_agg(p.membership_id), '{}') into v_promoted from promoted p;
  perform private.notify(p_school_id, v_promoted, 'training_promoted', 'training_events', p_training_event_id);
  return v_free - cardinality(v_promoted);
end
$$;
comment on function private.promote_waiting is
  'Gives free seats to those who have waited longest and may still take part, tells them, and returns how many seats are left. Its caller holds the lock on the training.';

-- definer: because registrations have no write grant; capacity, window and person are checked under the lock.
create function private.register_for_training(p_school_id uuid, p_training_event_id uuid, p_membership_id uuid) returns public.training_registrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
  v_member record;
  v_registration public.training_registrations;
begin
  select e.* into v_event from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status <> 'draft' and e.deleted_at is null
    and e.school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
  for no key update;
  select m.* into v_member from private.training_members m
  where m.school_id = v_event.school_id and case
    when p_membership_id is null then m.id = any (array(select private.memberships_with('trainings.attend')))
    else m.id = p_membership_id and (v_event.organiser_id = any (array(select private.memberships_with('trainings.create')))
      or v_event.school_id = any (array(select private.schools_with('trainings.manage')))) end
  order by array_position(array['teacher', 'leader', 'admin'], m.role) limit 1;
  if v_member.id is null then
    perform private.refuse('register for the training');
  end if;
  if v_event.status = 'cancelled' then
    perform private.reject('register for the training', 'It was cancelled.');
  elsif v_event.status = 'held' or v_event.ends_at <= now() then
    perform private.reject('register for the training', 'It is over.');
  elsif p_membership_id is null and v_event.registration_opens_at > now() then
    perform private.reject('register for the training', format('Registration opens at %s.', to_char(v_event.registration_opens_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  elsif p_membership_id is null and coalesce(v_event.registration_closes_at, v_event.starts_at) <= now() then
    perform private.reject('register for the training', 'Registration has closed.');
  elsif exists (select from public.memberships o where (o.school_id, o.id) = (v_event.school_id, v_event.organiser_id) and (o.id = v_member.id or o.user_id = v_member.user_id)) then
    perform private.reject('register for the training', 'Whoever organises it does not take part: nobody vouches for their own attendance.');
  end if;
  insert into public.training_registrations as r (school_id, training_event_id, organiser_id, membership_id, status, queue_number)
  select p_school_id, p_training_event_id, v_event.organiser_id, v_member.id, case when private.promote_waiting(p_school_id, p_training_event_id) > 0 then 'registered' else 'waiting' end,
    coalesce((select max(q.queue_number) from public.training_registrations q where (q.school_id, q.training_event_id) = (p_school_id, p_training_event_id)), 0) + 1
  on conflict (school_id, training_event_id, membership_id) do update
    set status = excluded.status, queue_number = excluded.queue_number, registered_at = now(), promoted_at = null
    where r.status = 'withdrawn'
  returning r.* into v_registration;
  if v_registration.id is null then
    raise exception using errcode = 'PT409', message = 'Cannot register for the training', hint = 'This person is registered for it or waits already.';
  end if;
  return v_registration;
end
$$;
grant execute on function private.register_for_training to authenticated;

create function public.register_for_training(school_id uuid, training_event_id uuid, membership_id uuid default null) returns public.training_registrations
language sql set search_path = ''
as $$ select private.register_for_training(register_for_training.school_id, register_for_training.training_event_id, register_for_training.membership_id) $$;
comment on function public.register_for_training is
  'Registers the caller for a published training, or somebody else by its organiser or the office, outside the window too. Returns the registration: status registered while seats are free, else waiting, in the order of queue_number. PT404; PT409 registered already; PT422 cancelled, over, not open yet or closed.';
grant execute on function public.register_for_training to authenticated;

-- definer: as above.
create function private.withdraw_from_training(p_school_id uuid, p_training_event_id uuid, p_membership_id uuid) returns public.training_registrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_event public.training_events;
  v_registration public.training_registrations;
begin
  select e.* into v_event from public.training_events e
  where (e.school_id, e.id) = (p_school_id, p_training_event_id) and e.status = 'published' and e.starts_at > now() and e.deleted_at is null
    and e.school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
  for no key update;
  update public.training_registrations r set status = 'withdrawn'
  where (r.school_id, r.training_event_id) = (v_event.school_id, v_event.id) and r.status in ('registered', 'waiting') and case
    when p_membership_id is null then r.membership_id = any (array(select private.my_memberships('{admin,leader,teacher}')))
    else r.membership_id = p_membership_id and (v_event.organiser_id = any (array(select private.memberships_with('trainings.create')))
      or v_event.school_id = any (array(select private.schools_with('trainings.manage')))) end
  returning r.* into v_registration;
  if v_registration.id is null then
    perform private.refuse('withdraw from the training', 'There is no registration of yours for it, or it has begun, is over or was cancelled.');
  end if;
  perform private.promote_waiting(p_school_id, p_training_event_id);
  return v_registration;
end
$$;
grant execute on function private.withdraw_from_training to authenticated;

create function public.withdraw_from_training(school_id uuid, training_event_id uuid, membership_id uuid default null) returns public.training_registrations
language sql set search_path = ''
as $$ select private.withdraw_from_training(withdraw_from_training.school_id, withdraw_from_training.training_event_id, withdraw_from_training.membership_id) $$;
comment on function public.withdraw_from_training is
  'Gives up the caller''s seat or place in the waitlist before the training begins, or somebody else''s by its organiser or the office. The seat goes to whoever has waited longest, who is told. PT404.';
grant execute on function public.withdraw_from_training to authenticated;

-- definer: because promotion writes registrations, for which whoever changes a training has no grant.
create function private.tg_training_events__follow_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.capacity is distinct from old.capacity then
    perform private.promote_waiting(new.school_id, new.id);
  end if;
  if (new.starts_at, new.ends_at, new.location) is distinct from (old.starts_at, old.ends_at, old.location) then
    perform private.notify(new.school_id, private.registrants(new.school_id, new.id), 'training_changed', 'training_events', new.id);
  end if;
  return null;
end
$$;
create trigger _500_follow_change after update of capacity, starts_at, ends_at, location on public.training_events for each row
  when (old.status = 'published' and new.status = 'published') execute function private.tg_training_events__follow_change();

-- definer: because the date has no grant. A series is published with its first event, also one that joins it later.
create function private.tg_training_events__publish_series() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.training_series s set published_at = now() where (s.school_id, s.id) = (new.school_id, new.series_id) and s.published_at is null;
  return null;
end
$$;
create trigger _510_publish_series after update of status, series_id on public.training_events for each row
  when (new.status <> 'draft' and new.series_id is not null) execute function private.tg_training_events__publish_series();

create function private.registrants(p_school_id uuid, p_training_event_id uuid) returns uuid[]
language sql stable set search_path = ''
as $$
  select array(select r.membership_id from public.training_registrations r
    where (r.school_id, r.training_event_id) = (p_school_id, p_training_event_id) and r.status in ('registered', 'waiting'))
$$;
comment on function private.registrants is 'Who holds a seat of a training or waits for one.';

-- definer: because a teacher reads no registration but the own, and the numbers are of all.
create function private.training_seats(p_school_id uuid, p_training_event_ids uuid[]) returns table (training_event_id uuid, capacity integer, registered integer, waiting integer, place integer)
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
  select e.id, e.capacity, (count(r.id) filter (where r.status in ('registered', 'attended', 'absent')))::integer, (count(r.id) filter (where r.status = 'waiting'))::integer,
    case when o.queue_number is not null then (count(r.id) filter (where r.status = 'waiting' and r.queue_number <= o.queue_number))::integer end
  from public.training_events e
  left join public.training_registrations r on (r.school_id, r.training_event_id) = (e.school_id, e.id)
  left join lateral (select w.queue_number from public.training_registrations w where (w.school_id, w.training_event_id, w.status) = (e.school_id, e.id, 'waiting')
    and w.membership_id = any (array(select private.my_memberships())) order by w.queue_number limit 1) o on true
  where e.school_id = p_school_id and e.id = any (p_training_event_ids) and e.deleted_at is null and e.status <> 'draft'
    and e.school_id = any (array(select private.my_schools('{admin,leader,teacher}')))
  group by e.school_id, e.id, o.queue_number;
end
$$;
grant execute on function private.training_seats to authenticated;

create function public.training_seats(school_id uuid, training_event_ids uuid[]) returns table (training_event_id uuid, capacity integer, registered integer, waiting integer, place integer)
language sql stable set search_path = ''
as $$ select * from private.training_seats(training_seats.school_id, training_seats.training_event_ids) $$;
comment on function public.training_seats is
  'Of published trainings: seats (null without limit), how many are taken, how many people wait, and the caller''s own place in the waitlist, from 1 (null for whoever does not wait). Nobody else is named.';
grant execute on function public.training_seats to authenticated;
