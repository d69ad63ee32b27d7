-- Attendance, completion, certificates and their files: who vouches for whom, and what a code tells (access.md, training_registrations; never 3).
begin;
select plan(79);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into storage.buckets (id, name) values ('certificates', 'certificates') on conflict (id) do nothing;
insert into public.directory_cards (school_id, membership_id, display_name) values (tests.id('TAP-A'), tests.id('TAP-A teacher1'), 'Noa Teacher');

create function tests.training(p_school text, p_name text, p_organiser text, p_starts interval) returns void language sql as $$
  with made as (
    insert into public.training_events (school_id, id, organiser_id, title, status, starts_at, ends_at, hours, published_at)
    values (tests.id(p_school), tests.named(p_school || ' ' || p_name), tests.id(p_school || ' ' || p_organiser), p_name, 'published', now() + p_starts, now() + p_starts + interval '2 hours', 2, now()) returning school_id, id
  )
  insert into private.training_codes (school_id, training_event_id, code) select school_id, id, 'ABC234' from made
$$;
create function tests.seat(p_training text, p_person text, p_number integer, p_status text default 'registered') returns void language sql as $$
  insert into public.training_registrations (school_id, id, training_event_id, organiser_id, membership_id, status, queue_number)
  select e.school_id, tests.named(p_training || ' ' || p_person), e.id, e.organiser_id, tests.id(split_part(p_training, ' ', 1) || ' ' || p_person), p_status, p_number from public.training_events e where e.id = tests.id(p_training)
$$;
create function tests.step(p_email text, p_step text, p_name text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.%I(%L, %L%s)', p_step, tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_more));
end $$;
create function tests.check_in(p_email text, p_name text, p_code text) returns text language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform tests.sign_in(p_email);
  execute format('select public.check_in_to_training(%L, %L, %L)', tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_code) into v_answer;
  return concat_ws(' ', v_answer ->> 'checked_in', v_answer ->> 'tries_left');
exception when others then
  return sqlstate;
end $$;
create function tests.marks(p_name text, p_person text, p_attended boolean default true) returns text language sql as $$
  select format(', ''[{"registration_id": "%s", "attended": %s}]''', tests.id(p_name || ' ' || p_person), p_attended::text)
$$;
create function tests.attendance(p_name text) returns text language sql security definer as $$
  select string_agg(concat_ws(' ', split_part(n.name, ' ', 2), r.status, r.attendance_source), ', ' order by r.queue_number) from public.training_registrations r join tests.names n on n.id = r.membership_id where r.training_event_id = tests.id(p_name)
$$;
create function tests.issued(p_name text) returns text language sql security definer as $$
  select coalesce(string_agg(concat_ws(' ', c.holder_name, c.hours, case when c.revoked_at is not null then 'revoked' end), ', ' order by c.holder_name, c.revoked_at nulls last), 'none') from public.certificates c where c.training_event_id = tests.id(p_name)
$$;
create function tests.credited(p_name text) returns text language sql security definer as $$
  select coalesce(string_agg(concat_ws(' ', split_part(n.name, ' ', 2), h.hours), ', ' order by n.name), 'none') from public.pd_hours h join public.training_registrations r on r.id = h.registration_id join tests.names n on n.id = h.membership_id
  where r.training_event_id = tests.id(p_name) and h.deleted_at is null
$$;
grant execute on all functions in schema tests to authenticated, service_role;

select tests.training('TAP-A', 'now', 'leader', '-10 minutes'), tests.training('TAP-A', 'ahead', 'leader', '2 days'), tests.training('TAP-A', 'past', 'leader', '-3 hours'), tests.training('TAP-B', 'far', 'leader', '-3 hours');
select tests.seat('TAP-A now', 'teacher1', 1), tests.seat('TAP-A now', 'teacher2', 2), tests.seat('TAP-A now', 'teacher3', 3, 'waiting'), tests.seat('TAP-A ahead', 'teacher1', 1), tests.seat('TAP-A past', 'teacher1', 1), tests.seat('TAP-A past', 'teacher2', 2), tests.seat('TAP-A past', 'teacher3', 3, 'withdrawn'), tests.seat('TAP-B far', 'teacher1', 1);

-- The code --------------------------------------------------------------------------------------------------------------------

select is(tests.step(p, 'training_code', 'TAP-A now'), w, 'issue 5: the code is its organiser''s and the office''s to see: ' || p)
from (values ('leader@tap-a.test', 'done'), ('admin@tap-a.test', 'done')) v (p, w);
select is(left(tests.step(p, 'training_code', 'TAP-A now'), 5), 'PT404', '… and nobody else''s: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'chief@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.does('select code from private.training_codes'), '42501', '… by no other way') from tests.sign_in('teacher1@tap-a.test');
select tests.sign_in('leader@tap-a.test');
select is(public.training_code(tests.id('TAP-A'), tests.id('TAP-A ahead')), public.training_code(tests.id('TAP-A'), tests.id('TAP-A ahead')), '… stays the same from call to call');
select isnt(public.training_code(tests.id('TAP-A'), tests.id('TAP-A ahead')), public.training_code(tests.id('TAP-A'), tests.id('TAP-A ahead'), true), '… until it is renewed');
select isnt(public.training_code(tests.id('TAP-A'), tests.id('TAP-A ahead')), 'ABC234', '… for good');
select is(tests.check_in('teacher1@tap-a.test', x, 'ABC234'), w, 'issue 5: the code is good around the training: ' || x) from (values ('TAP-A ahead', 'PT422'), ('TAP-A past', 'PT422'), ('TAP-A nothing', 'PT404'), ('TAP-B far', 'PT404')) v (x, w);
select is(tests.check_in(p, 'TAP-A now', 'ABC234'), 'PT404', 'never 3: only who has a seat and does not run it checks in: ' || p) from unnest(array['teacher3@tap-a.test', 'leader@tap-a.test', 'admin@tap-a.test', 'parent1@tap-a.test', 'teacher1@tap-b.test']) p;
select is(tests.check_in('teacher1@tap-a.test', 'TAP-A now', c), w, 'issue 5: a wrong code is counted: ' || c) from (values ('A', 'false 4'), ('B', 'false 3'), ('', 'false 2'), ('D', 'false 1')) v (c, w);
select is(tests.check_in('teacher1@tap-a.test', 'TAP-A now', ' abc-234'), 'true', '… and the right one, however it is typed, checks in');
select is(tests.check_in('teacher2@tap-a.test', 'TAP-A now', 'X' || n), case when n < 6 then 'false ' || 5 - n else 'PT422' end, 'issue 5: five wrong codes and no more: ' || n) from generate_series(1, 6) n;
select is(tests.check_in('teacher2@tap-a.test', 'TAP-A now', 'ABC234'), 'PT422', '… not even the right one');
select is(tests.attendance('TAP-A now'), 'teacher1 attended code, teacher2 registered, teacher3 waiting', '… which leaves it to the organiser');

-- Marks ------------------------------------------------------------------------------------------------------------------------

select is(left(tests.step(p, 'mark_training_attendance', 'TAP-A now', tests.marks('TAP-A now', 'teacher2')), 5), 'PT404', 'access.md training_registrations: nobody else marks: ' || p) from unnest(array['teacher2@tap-a.test', 'principal@tap-a.test', 'chief@tap-a.test', 'leader@tap-b.test']) p;
select is(left(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A ahead', tests.marks('TAP-A ahead', 'teacher1')), 5), 'PT404', 'nobody attended what has not begun');
select is(left(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A now', m), 5), 'PT422', 'bad marks are refused, all of them: ' || n)
from (values (tests.marks('TAP-A past', 'teacher1'), 'of another training'), (tests.marks('TAP-B far', 'teacher1'), 'of another school'), (', ''[]''', 'none'), (', ''{"registration_id": 1}''', 'an object'), (', ''[{"registration_id": "x", "attended": true}]''', 'no id'), (', null', 'null'),
  (format(', ''[{"registration_id": "%s", "attended": true}, {"registration_id": "%s", "attended": false}]''', tests.id('TAP-A now teacher2'), tests.id('TAP-A now teacher2')), 'one twice')) v (m, n);
select is(left(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A past', tests.marks('TAP-A past', 'teacher3')), 5), 'PT422', '… nor of who withdrew');
select is(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A now', tests.marks('TAP-A now', 'teacher2')), 'done', 'access.md training_registrations: its organiser marks');
select is(tests.step('admin@tap-a.test', 'mark_training_attendance', 'TAP-A now', tests.marks('TAP-A now', 'teacher1', false)), 'done', '… and the office');
select is(tests.attendance('TAP-A now'), 'teacher1 absent, teacher2 attended organiser, teacher3 waiting', '… whatever the code said');
select tests.sign_out();
select tests.member('TAP-A', 'both', 'teacher', null, 'MATH', null, 'leader@tap-a.test');
select tests.seat('TAP-A past', 'both', 4), tests.seat('TAP-A now', 'both', 4);
select is(tests.check_in('leader@tap-a.test', 'TAP-A now', 'ABC234'), 'PT404', 'never 3: who can look the code up does not check in by it, whatever seat they hold');
select is(left(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A past', tests.marks('TAP-A past', 'both')), 5), 'PT422', 'never 3: nobody marks their own attendance');

-- Completion ---------------------------------------------------------------------------------------------------------------------

select is(left(tests.step(p, 'complete_training', x), 5), 'PT404', format('blueprint: absent, foreign and wrong state answer alike: %s completes %s', p, x))
from (values ('teacher1@tap-a.test', 'TAP-A past'), ('principal@tap-a.test', 'TAP-A past'), ('leader@tap-a.test', 'TAP-A now'), ('leader@tap-a.test', 'TAP-A ahead'), ('leader@tap-a.test', 'TAP-B far')) v (p, x);
select is(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A past', tests.marks('TAP-A past', 'teacher1')), 'done', 'one attended');
select is(tests.issued('TAP-A past') || ' / ' || tests.credited('TAP-A past'), 'none / none', 'nothing is issued before it is complete');
select is(tests.step('leader@tap-a.test', 'complete_training', 'TAP-A past'), 'done', 'access.md training_events: its organiser completes it');
select is(tests.attendance('TAP-A past'), 'teacher1 attended organiser, teacher2 absent, teacher3 withdrawn, both absent', '… who was not marked was absent');
select is(tests.issued('TAP-A past') || ' / ' || tests.credited('TAP-A past'), 'Noa Teacher 2.00 / teacher1 2.00', 'issue 5: … whoever attended gets a certificate and the hours');
select tests.sign_out();
select lives_ok(format('select private.settle_training(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A past')), 'settling again changes nothing');
select is(tests.issued('TAP-A past') || ' / ' || tests.credited('TAP-A past'), 'Noa Teacher 2.00 / teacher1 2.00', 'issue 5: … no double credit');
select is(tests.does(format('insert into public.pd_hours (school_id, membership_id, registration_id, activity, done_on, hours, status, approved_at) select school_id, membership_id, registration_id, ''Again'', done_on, 1, ''approved'', now() from public.pd_hours where registration_id = %L', tests.id('TAP-A past teacher1'))), '23505', '… by whatever hand');

-- The certificate and its file ------------------------------------------------------------------------------------------------------

update public.certificates set verification_code = 'TAPCODE1' where training_event_id = tests.id('TAP-A past');
insert into tests.names select id, 'certificate' from public.certificates where training_event_id = tests.id('TAP-A past');
insert into storage.objects (id, bucket_id, name) select tests.named('file'), 'certificates', format('%s/%s/%s.pdf', school_id, membership_id, id) from public.certificates where training_event_id = tests.id('TAP-A past');
select is(tests.seen_as(p, 'public.certificates') || ' ' || tests.seen('storage.objects where bucket_id = ''certificates'''), w, 'access.md storage follows the row: ' || p)
from (values ('teacher1@tap-a.test', 'certificate file'), ('leader@tap-a.test', 'certificate file'), ('admin@tap-a.test', 'certificate file'), ('principal@tap-a.test', 'nothing nothing'), ('teacher2@tap-a.test', 'nothing nothing'), ('admin@tap-b.test', 'nothing nothing')) v (p, w);
select is(tests.does_as('teacher1@tap-a.test', format('insert into storage.objects (bucket_id, name) values (''certificates'', ''%s/%s/x.pdf'')', tests.id('TAP-A'), tests.id('TAP-A teacher1'))), '42501', 'storage: no client writes a certificate');
select tests.sign_in_as_service();
select is(public.verify_certificate(' tapcode-1 ', 'a') - 'held_on', '{"valid": true, "holder": "Noa Teacher", "title": "past", "hours": 2.00, "school": "TAP-A"}', 'issue 5: a code verifies what is printed, and tells no more');
select is(public.verify_certificate('UNKNOWN', 'b'), null, '… an unknown one tells nothing');
select is((select count(*) from generate_series(1, 25) where public.verify_certificate('UNKNOWN', 'c') ? 'limited'), 5::bigint, '… and guessing is cut off after twenty');
select is(public.verify_certificate('TAPCODE1', 'b') ->> 'valid', 'true', '… for that client alone');
select tests.sign_out();
update private.verification_failures set hour = hour - interval '2 hours' where client = sha256('c');
select is(private.prune_verification_failures() || ' ' || private.prune_verification_failures(), '1 0', 'house-style 9: … until the job forgets it');
select is(tests.step('leader@tap-a.test', 'mark_training_attendance', 'TAP-A past', tests.marks('TAP-A past', 'teacher1', false)), 'done', 'an attendance is corrected afterwards');
select is(tests.issued('TAP-A past') || ' / ' || tests.credited('TAP-A past'), 'Noa Teacher 2.00 revoked / none', '… which revokes the certificate and takes the hours back');
select is(tests.seen_as('teacher1@tap-a.test', 'storage.objects where bucket_id = ''certificates'''), 'nothing', '… closes its file');
select tests.sign_in_as_service();
select is(public.verify_certificate('TAPCODE1', 'd') - 'revoked_on', '{"valid": false}', '… and shows by its code');

select * from finish();
rollback;
