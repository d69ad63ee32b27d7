-- Trainings: who makes and runs them, who registers, and how seats are given (access.md, training_events and training_registrations).
begin;
select plan(102);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.training_series (school_id, id, organiser_id, title) values (tests.id('TAP-A'), tests.named('TAP-A series'), tests.id('TAP-A leader'), 'Series');

create function tests.training(p_school text, p_name text, p_organiser text, p_status text default 'published', p_capacity integer default null, p_starts interval default '2 days') returns void language sql as $$
  insert into public.training_events (school_id, id, organiser_id, title, status, starts_at, ends_at, capacity, hours, published_at, held_at, cancelled_at)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_name), tests.id(p_school || ' ' || p_organiser), p_name, p_status, now() + p_starts, now() + p_starts + interval '2 hours', p_capacity, 2,
    case when p_status <> 'draft' then now() end, case when p_status = 'held' then now() end, case when p_status = 'cancelled' then now() end)
$$;
create function tests.step(p_email text, p_step text, p_name text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.%I(%L, %L%s)', p_step, tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_more));
end $$;
create function tests.queue(p_name text) returns text language sql security definer as $$
  select coalesce(string_agg(split_part(n.name, ' ', 2) || ' ' || r.status, ', ' order by r.queue_number), 'nobody')
  from public.training_registrations r join tests.names n on n.id = r.membership_id where r.training_event_id = tests.id(p_name)
$$;
create function tests.told(p_kind text, p_name text) returns text language sql security definer as $$
  select coalesce(string_agg(split_part(n.name, ' ', 2), ', ' order by n.name), 'nobody') from public.notifications x join tests.names n on n.id = x.membership_id where x.kind = p_kind and x.row_id = tests.id(p_name)
$$;
create function tests.refused(p_action text, p_hint text default 'It does not exist, is not yours to change, or is no longer in a state that allows this.') returns text language sql as $$
  select format('PT404 | Cannot %s | %s', p_action, p_hint)
$$;
grant execute on all functions in schema tests to authenticated;

select tests.training('TAP-A', s, 'leader', s) from unnest(array['draft', 'published', 'cancelled', 'held']) s;
select tests.training('TAP-A', 'other', 'chief', 'draft'), tests.training('TAP-B', 'far', 'leader', 'published'), tests.training('TAP-B', 'far draft', 'leader', 'draft');

-- Reading and writing ----------------------------------------------------------------------------------------------------

select is(tests.seen_as(p, 'public.training_events'), w, 'access.md training_events: ' || p)
from (values ('admin@tap-a.test', 'TAP-A cancelled, TAP-A draft, TAP-A held, TAP-A other, TAP-A published'), ('chief@tap-a.test', 'TAP-A cancelled, TAP-A draft, TAP-A held, TAP-A other, TAP-A published'),
  ('teacher1@tap-a.test', 'TAP-A cancelled, TAP-A held, TAP-A published'), ('parent1@tap-a.test', 'nothing'), ('student1@tap-a.test', 'nothing'), ('teacher1@tap-b.test', 'TAP-B far')) v (p, w);
select is(tests.does_as(p, format($$insert into public.training_events (school_id, organiser_id, title, starts_at, ends_at) values (%L, %L, 'New', now() + '1 day', now() + '25 hours')$$, tests.id('TAP-A'), tests.id('TAP-A ' || o))), w,
  format('access.md training_events: made by leaders and admins in their own name: %s as %s', p, o))
from (values ('leader@tap-a.test', 'leader', '1 rows'), ('admin@tap-a.test', 'admin', '1 rows'), ('leader@tap-a.test', 'chief', '42501'), ('teacher1@tap-a.test', 'teacher1', '42501'), ('leader@tap-b.test', 'leader', '42501'), ('parent1@tap-a.test', 'parent1', '42501')) v (p, o, w);
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set %s where id = %L', c, tests.id('TAP-A draft'))), '42501', 'never 2: no direct write of a state or a person: ' || c)
from unnest(array['status = ''published''', 'published_at = now()', 'held_at = now()', 'organiser_id = organiser_id', 'reminded_for = now()', 'cancel_reason = ''x''']) c;
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set series_id = %L where id = %L', tests.id(x), tests.id('TAP-A draft'))), w, 'S11: a series that one can see, and no other: ' || x) from (values ('TAP-A series', '1 rows'), ('nowhere', '42501')) v (x, w);
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set %s where id = %L', c, tests.id('TAP-A draft'))), '23514', 'issue 5: bad input: ' || c)
from unnest(array['registration_opens_at = ''infinity''', 'registration_opens_at = ''-infinity''', 'registration_opens_at = ends_at + interval ''1 day''', 'registration_closes_at = ''-infinity''', 'starts_at = ''-infinity'', ends_at = ''-infinity''', 'starts_at = ''294276-01-01'', ends_at = ''294276-01-01 01:00''']) c;
select is(tests.does_as(p, format('update public.training_events set topic = ''Changed'' where id = %L', tests.id('TAP-A ' || n))), w, format('access.md training_events: %s changes %s', p, n))
from (values ('leader@tap-a.test', 'draft', '1 rows'), ('leader@tap-a.test', 'published', '1 rows'), ('leader@tap-a.test', 'held', '0 rows'), ('leader@tap-a.test', 'cancelled', '0 rows'), ('leader@tap-a.test', 'other', '0 rows'),
  ('admin@tap-a.test', 'other', '1 rows'), ('principal@tap-a.test', 'other', '0 rows'), ('teacher1@tap-a.test', 'published', '0 rows'), ('leader@tap-b.test', 'published', '0 rows')) v (p, n, w);
select is(tests.says(format('select public.remove(''training_events'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A published'))), tests.refused('remove the row'), 'a published training is cancelled and not removed') from tests.sign_in('leader@tap-a.test');
select is(tests.says(format('select public.remove(''training_series'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A series'))) ~ '^23503', true, 'S11: a series with trainings stays');

select is(tests.does_as('leader@tap-b.test', format('insert into public.training_events (school_id, id, organiser_id, title, starts_at, ends_at) values (%L, %L, %L, ''Twin'', now(), now() + interval ''1 hour'')', tests.id('TAP-B'), tests.id('TAP-A published'), tests.id('TAP-B leader'))), '1 rows',
  'an id is unique within its school alone …');

-- Publishing and cancelling -----------------------------------------------------------------------------------------------

select is(tests.step(p, 'publish_training', 'TAP-A draft'), tests.refused('publish the training'), 'access.md training_events: nobody else publishes it: ' || p) from unnest(array['chief@tap-a.test', 'principal@tap-a.test', 'teacher1@tap-a.test', 'leader@tap-b.test', 'admin@tap-b.test']) p;
select is(tests.seen_as('teacher1@tap-a.test', 'public.training_series'), 'nothing', 'a series shows to teachers with its first published training');
select is(tests.step('leader@tap-a.test', 'publish_training', 'TAP-A draft'), 'done', 'access.md training_events: its organiser publishes it');
select is(tests.seen_as('teacher1@tap-a.test', 'public.training_series'), 'TAP-A series', '… and the series with it');
select tests.sign_out();
insert into public.training_series (school_id, id, organiser_id, title) values (tests.id('TAP-A'), tests.named('TAP-A late series'), tests.id('TAP-A leader'), 'Late');
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set series_id = %L where id = %L', tests.id('TAP-A late series'), tests.id('TAP-A published'))) || tests.seen_as('teacher1@tap-a.test', 'public.training_series'), '1 rowsTAP-A late series, TAP-A series', '… also one that a published training joins later');
select is(tests.step('leader@tap-a.test', 'publish_training', x), tests.refused('publish the training'), 'blueprint: absent, foreign and wrong state answer alike: ' || x) from unnest(array['TAP-A draft', 'TAP-A held', 'TAP-A other', 'TAP-B far draft', 'TAP-A nothing']) x;
select tests.sign_out();
select tests.training('TAP-A', 'late', 'leader', 'draft', null, '-1 hour');
select is(tests.step('admin@tap-a.test', 'publish_training', 'TAP-A late'), 'PT422 | Cannot publish the training | It would have begun already; set a time to come first.', 'what has begun is not published');
select is(tests.step(p, 'cancel_training', x), tests.refused('cancel the training'), format('blueprint: absent, foreign and wrong state answer alike: %s cancels %s', p, x))
from (values ('teacher1@tap-a.test', 'TAP-A published'), ('principal@tap-a.test', 'TAP-A published'), ('leader@tap-a.test', 'TAP-A cancelled'), ('leader@tap-a.test', 'TAP-A held'), ('leader@tap-a.test', 'TAP-A late'), ('leader@tap-a.test', 'TAP-B far')) v (p, x);

-- Seats -----------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.training('TAP-A', 'small', 'leader', 'published', 1);
select is(tests.step(p, 'register_for_training', x), tests.refused('register for the training'), format('access.md training_registrations: %s does not register for %s', p, x))
from (values ('admin@tap-a.test', 'TAP-A small'), ('principal@tap-a.test', 'TAP-A small'), ('parent1@tap-a.test', 'TAP-A small'), ('teacher1@tap-b.test', 'TAP-A small'), ('teacher1@tap-a.test', 'TAP-A late'), ('teacher1@tap-a.test', 'TAP-B far'), ('teacher1@tap-a.test', 'TAP-A nothing')) v (p, x);
select is(tests.step('teacher1@tap-a.test', 'register_for_training', x), 'PT422 | Cannot register for the training | ' || h, 'issue 5 bad input: ' || x) from (values ('TAP-A cancelled', 'It was cancelled.'), ('TAP-A held', 'It is over.')) v (x, h);
select is(tests.step(p, 'register_for_training', 'TAP-A small'), 'done', 'access.md training_registrations: a teacher registers: ' || p) from unnest(array['teacher2@tap-a.test', 'teacher1@tap-a.test', 'teacher3@tap-a.test']) p;
select is(tests.queue('TAP-A small'), 'teacher2 registered, teacher1 waiting, teacher3 waiting', 'issue 5: seats in the order of asking, then the waitlist');
select is(tests.step('teacher1@tap-a.test', 'register_for_training', 'TAP-A small'), 'PT409 | Cannot register for the training | This person is registered for it or waits already.', 'issue 5 bad input: twice');
select tests.sign_out();
insert into tests.names select r.id, 'seat of ' || split_part(n.name, ' ', 2) from public.training_registrations r join tests.names n on n.id = r.membership_id where r.training_event_id = tests.id('TAP-A small');
select is(tests.seen_as(p, 'public.training_registrations'), w, 'access.md training_registrations: read by ' || p)
from (values ('teacher1@tap-a.test', 'seat of teacher1'), ('leader@tap-a.test', 'seat of teacher1, seat of teacher2, seat of teacher3'), ('chief@tap-a.test', 'seat of teacher2, seat of teacher3'), ('mentor@tap-a.test', 'nothing'),
  ('principal@tap-a.test', 'seat of teacher1, seat of teacher2, seat of teacher3'), ('admin@tap-a.test', 'seat of teacher1, seat of teacher2, seat of teacher3'), ('admin@tap-b.test', 'nothing'), ('leader@tap-b.test', 'nothing'), ('parent1@tap-a.test', 'nothing')) v (p, w);
select tests.sign_in('teacher3@tap-a.test');
select results_eq(format('select capacity, registered, waiting, place from public.training_seats(%L, %L)', tests.id('TAP-A'), array[tests.id('TAP-A small'), tests.id('TAP-A late'), tests.id('TAP-B far')]), $$ values (1, 1, 2, 2) $$, 'issue 5: one sees the numbers and the own place, of published trainings of the school');
select is(tests.step('teacher2@tap-a.test', 'withdraw_from_training', 'TAP-A small'), 'done', 'access.md training_registrations: a teacher withdraws');
select is(tests.queue('TAP-A small') || ' / ' || tests.told('training_promoted', 'TAP-A small'), 'teacher2 withdrawn, teacher1 registered, teacher3 waiting / teacher1', 'issue 5: … which moves one up, who is told');
select is(tests.step('teacher2@tap-a.test', 'register_for_training', 'TAP-A small'), 'done', 'whoever withdrew may ask again');
select is(tests.queue('TAP-A small'), 'teacher1 registered, teacher3 waiting, teacher2 waiting', '… behind those who wait');
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A teacher3');
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set capacity = 2 where id = %L', tests.id('TAP-A small'))), '1 rows', 'its organiser adds a seat');
select is(tests.queue('TAP-A small'), 'teacher1 registered, teacher3 waiting, teacher2 registered', 'never 8: … which goes to the next who is still there');
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set location = ''Hall'' where id = %L', tests.id('TAP-A small'))) || ' ' || tests.told('training_changed', 'TAP-A small'), '1 rows teacher1, teacher2', 'whoever has a seat is told of another place');
select is(tests.step('leader@tap-a.test', 'withdraw_from_training', 'TAP-A small', format(', %L', tests.id('TAP-A teacher1'))), 'done', 'its organiser may give up a seat for somebody');
select is(tests.step('teacher2@tap-a.test', 'withdraw_from_training', 'TAP-A small', format(', %L', tests.id('TAP-A teacher1'))) ~ '^PT404', true, '… and nobody else may');
select tests.sign_out();
insert into public.role_permissions (school_id, role, permission, scope) values (tests.id('TAP-A'), 'leader', 'trainings.attend', 'own');
select is(tests.step('leader@tap-a.test', 'register_for_training', 'TAP-A small'), 'PT422 | Cannot register for the training | Whoever organises it does not take part: nobody vouches for their own attendance.', 'never 3: an organiser does not take part');
select is(tests.step('chief@tap-a.test', 'register_for_training', 'TAP-A small'), 'done', 'a school may let its leaders take part');
select is(tests.step('leader@tap-a.test', 'cancel_training', 'TAP-A small', ', ''Storm'''), 'done', 'its organiser cancels it');
select is(tests.told('training_cancelled', 'TAP-A small'), 'chief, teacher2', 'issue 5: … and whoever has a seat or waits, and is still there, is told');
select tests.sign_out();
select tests.training('TAP-A', 'begun', 'leader', 'published', 2, '-10 minutes');
update public.training_events set registration_closes_at = ends_at where id = tests.id('TAP-A begun');
select is(tests.step('leader@tap-a.test', 'register_for_training', 'TAP-A begun', format(', %L', tests.id('TAP-A teacher1'))) || tests.step('teacher2@tap-a.test', 'register_for_training', 'TAP-A begun') || tests.step('chief@tap-a.test', 'register_for_training', 'TAP-A begun'), 'donedonedone', 'issue 5: whoever comes while it runs is let in, within the window or by its organiser');
select is(tests.queue('TAP-A begun'), 'teacher1 registered, teacher2 registered, chief waiting', '… to the seats that are free');
select is(tests.does_as('leader@tap-a.test', format('update public.training_events set capacity = 3 where id = %L', tests.id('TAP-A begun'))) || ' ' || tests.queue('TAP-A begun'), '1 rows teacher1 registered, teacher2 registered, chief registered', '… and a larger room takes in who waits at the door');

-- Reminders ---------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.training('TAP-A', 'soon', 'leader', 'published', 1, '23 hours'), tests.training('TAP-A', 'later', 'leader', 'published', 1, '25 hours');
select tests.step(p, 'register_for_training', 'TAP-A soon') from unnest(array['teacher1@tap-a.test', 'teacher2@tap-a.test']) p;
select tests.sign_out();
select is(private.remind_of_trainings() || ' ' || tests.told('training_reminder', 'TAP-A soon'), '1 teacher1', 'issue 5: whoever has a seat is reminded');
select is(private.remind_of_trainings(), 0, 'house-style 9: … once');
update public.training_events set starts_at = starts_at + interval '30 minutes', ends_at = ends_at + interval '30 minutes' where id = tests.id('TAP-A soon');
select is(private.remind_of_trainings(), 1, '… and anew of another time');

select * from finish();
rollback;
