-- Hours of professional development: claims, the day's 24 hours, approval, evidence (access.md, pd_hours; never 2 and 3).
begin;
select plan(109);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into storage.buckets (id, name) values ('pd-evidence', 'pd-evidence') on conflict (id) do nothing;
insert into tests.names select id, 'TAP-A SUBJECT' from public.pd_categories where school_id = tests.id('TAP-A') and code = 'SUBJECT';

create function tests.claim(p_school text, p_name text, p_person text, p_status text default 'pending', p_hours numeric default 2, p_day integer default 1) returns void language sql as $$
  insert into public.pd_hours (school_id, id, membership_id, activity, done_on, hours, status, approver_id, approved_at, endorser_id, return_reason)
  values (tests.id(p_school), tests.named(p_school || ' ' || p_name), tests.id(p_school || ' ' || p_person), p_name, current_date - p_day, p_hours, p_status,
    case when p_status = 'approved' then tests.id(p_school || ' principal') end, case when p_status = 'approved' then now() end, case when p_status = 'endorsed' then tests.id(p_school || ' leader') end, case when p_status = 'returned' then 'Which?' end)
$$;
create function tests.insert_claim(p_person text, p_activity text, p_day integer, p_hours text, p_more text default '') returns text language sql as $$
  select format('insert into public.pd_hours (school_id, membership_id, activity, done_on, hours) values (%L, %L, %L, current_date + %s, %s)', tests.id(split_part(p_person, ' ', 1)), tests.id(p_person), p_activity, p_day, p_hours)
$$;
create function tests.step(p_email text, p_step text, p_name text, p_more text default '') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.%I(%L, %L%s)', p_step, tests.id(split_part(p_name, ' ', 1)), tests.id(p_name), p_more));
end $$;
create function tests.state(p_name text) returns text language sql security definer as $$
  select concat_ws(' ', h.status, e.name, a.name) from public.pd_hours h left join tests.names e on e.id = h.endorser_id left join tests.names a on a.id = h.approver_id where h.id = tests.id(p_name)
$$;
grant execute on all functions in schema tests to authenticated;

select tests.claim('TAP-A', s, 'teacher1', s, 2, n::integer) from unnest(array['pending', 'endorsed', 'approved', 'returned']) with ordinality u (s, n);
select tests.claim('TAP-A', 'of teacher3', 'teacher3'), tests.claim('TAP-A', 'of leader', 'leader'), tests.claim('TAP-B', 'far', 'teacher1');

-- Reading and claiming ----------------------------------------------------------------------------------------------------------

select is(tests.seen_as(p, 'public.pd_hours'), w, 'access.md pd_hours: read by ' || p)
from (values ('teacher1@tap-a.test', 'TAP-A approved, TAP-A endorsed, TAP-A pending, TAP-A returned'), ('leader@tap-a.test', 'TAP-A approved, TAP-A endorsed, TAP-A of leader, TAP-A pending, TAP-A returned'), ('chief@tap-a.test', 'TAP-A of teacher3'), ('mentor@tap-a.test', 'nothing'),
  ('principal@tap-a.test', 'TAP-A approved, TAP-A endorsed, TAP-A of leader, TAP-A of teacher3, TAP-A pending, TAP-A returned'), ('admin@tap-a.test', 'TAP-A approved, TAP-A endorsed, TAP-A of leader, TAP-A of teacher3, TAP-A pending, TAP-A returned'),
  ('teacher2@tap-a.test', 'nothing'), ('parent1@tap-a.test', 'nothing'), ('teacher1@tap-b.test', 'TAP-B far')) v (p, w);
select is(tests.does_as(p, tests.insert_claim(m, 'New', -9, '1')), w, format('access.md pd_hours: %s claims for %s', p, m))
from (values ('teacher1@tap-a.test', 'TAP-A teacher1', '1 rows'), ('teacher1@tap-a.test', 'TAP-A teacher2', '42501'), ('leader@tap-a.test', 'TAP-A leader', '42501'), ('admin@tap-a.test', 'TAP-A admin', '42501'), ('admin@tap-a.test', 'TAP-A teacher1', '42501'), ('teacher1@tap-a.test', 'TAP-B teacher1', '42501')) v (p, m, w);
select is(tests.does_as('teacher1@tap-a.test', format('update public.pd_hours set %s where id = %L', c, tests.id('TAP-A pending'))), '42501', 'never 2 and 3: no direct write of a state, an approver or a person: ' || c)
from unnest(array['status = ''approved''', 'approver_id = membership_id', 'approved_at = now()', 'endorser_id = null', 'registration_id = null', 'membership_id = membership_id', 'return_reason = null']) c;
select is(tests.does_as('teacher1@tap-a.test', format('update public.pd_hours set category_id = %L where id = %L', c, tests.id('TAP-A pending'))), w, 'S11: a category that is the school''s: ' || n) from (select id, '1 rows', 'own' from tests.names where name = 'TAP-A SUBJECT' union all select tests.id('nowhere'), '42501', 'none') v (c, w, n);
select is(tests.does_as(p, format('update public.pd_hours set note = ''x'' where id = %L', tests.id('TAP-A ' || n))), w, format('access.md pd_hours: %s changes what is %s', p, n))
from (values ('teacher1@tap-a.test', 'pending', '1 rows'), ('teacher1@tap-a.test', 'returned', '1 rows'), ('teacher1@tap-a.test', 'endorsed', '0 rows'), ('teacher1@tap-a.test', 'approved', '0 rows'), ('leader@tap-a.test', 'pending', '0 rows'), ('admin@tap-a.test', 'pending', '0 rows')) v (p, n, w);
select is(tests.does_as('teacher1@tap-a.test', format('select public.remove(''pd_hours'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || n))), w, 'access.md pd_hours: their owner removes what is ' || n) from (values ('approved', 'PT404'), ('endorsed', 'PT404')) v (n, w);
select is(tests.does_as('teacher1@tap-a.test', format('update public.pd_hours set done_on = %L where id = %L', d, tests.id('TAP-A pending'))), '23514', 'issue 5: bad input: a day that pages can print, not ' || d) from unnest(array['-infinity', '4713-01-01 BC']) d;
select tests.sign_out();
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 200);
select is(tests.does_as('admin@tap-a.test', format('insert into public.pd_requirements (school_id, academic_year_id, role, hours) values (%L, %L, ''teacher'', %L)', tests.id('TAP-A'), tests.id('TAP-A year'), h)), '23514', 'issue 5: bad input: a year asks for a number of hours, not ' || h) from unnest(array['NaN', '0', '999.01']) h;

-- A day has 24 hours ---------------------------------------------------------------------------------------------------------------

select is(tests.says(tests.insert_claim('TAP-A teacher1', 'X', d, h)), 'PT422 | Cannot record the hours | ' || t, 'issue 5 bad input: ' || t)
from (select 1, '1', 'The day is still to come.' union all select -9, '24.01', 'A claim is of more than 0 and at most 24 hours.' union all select -9, '0', 'A claim is of more than 0 and at most 24 hours.' union all select -9, '-1', 'A claim is of more than 0 and at most 24 hours.' union all select -9, 'null', 'A claim is of more than 0 and at most 24 hours.') v (d, h, t), tests.sign_in('teacher1@tap-a.test');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(tests.insert_claim('TAP-A teacher1', 'A', -20, '14')) || ' ' || tests.does(tests.insert_claim('TAP-A teacher1', 'B', -20, '10')), '1 rows 1 rows', 'a day may be full');
select is(tests.says(tests.insert_claim('TAP-A teacher1', 'C', -20, '0.01')), 'PT422 | Cannot record the hours | With what is recorded for that day already it would be over 24 hours.', 'issue 5 bad input: … and no fuller');
select is(left(tests.says('update public.pd_hours set hours = 15 where activity = ''A'''), 5), 'PT422', '… nor by a change');
select is(left(tests.says('update public.pd_hours set done_on = current_date - 20 where id = ' || quote_literal(tests.id('TAP-A pending'))), 5), 'PT422', '… nor by moving a day');
select is(tests.says(tests.insert_claim('TAP-A teacher1', ' PENDING', -1, '1')), 'PT409 | Cannot record the hours | This activity is recorded for that day already.', 'issue 5: no double credit: the same claim twice');
select is(tests.says(tests.insert_claim('TAP-A teacher1', 'returned', -4, '1')), 'done', '… what was returned does not stand in the way');
select is(tests.says(tests.insert_claim('TAP-A teacher2', 'X', d, h)), m, 'never 1: what is refused by the policy tells nothing of the day: ' || d)
from (values (-1, '23'), (-1, '1'), (-20, '24'), (-9, '1')) v (d, h), (values ('42501 | new row violates row-level security policy for table "pd_hours"')) w (m);
select tests.sign_out();
insert into public.training_events (school_id, id, organiser_id, title, status, starts_at, ends_at, published_at, held_at, hours)
values (tests.id('TAP-A'), tests.named('TAP-A event'), tests.id('TAP-A leader'), 'Reading aloud', 'held', current_date - 30 + time '08:00' at time zone 'UTC', current_date - 30 + time '10:00' at time zone 'UTC', now(), now(), 6);
select tests.claim('TAP-A', 'READING  aloud', 'teacher2', 'approved', 2, 30);
insert into public.training_registrations (school_id, training_event_id, organiser_id, membership_id, status, queue_number, attended_at, attendance_source)
select tests.id('TAP-A'), tests.id('TAP-A event'), tests.id('TAP-A leader'), tests.id('TAP-A ' || t), 'attended', n, now(), 'organiser' from unnest(array['teacher1', 'teacher2', 'teacher3']) with ordinality u (t, n);
select is(tests.says(tests.insert_claim('TAP-A teacher1', 'reading ALOUD', -30, '2')), 'PT409 | Cannot record the hours | They are those of a training that was attended that day, which is credited by itself.', 'issue 5: no double credit: a claim for a training that was attended') from tests.sign_in('teacher1@tap-a.test');
select is(tests.does(tests.insert_claim('TAP-A teacher1', 'Another thing', -30, '20')), '1 rows', '… another activity that day is another claim');
select tests.sign_out();
insert into public.pd_hours (school_id, id, membership_id, activity, done_on, hours) select tests.id('TAP-A'), tests.named('TAP-A early claim'), tests.id('TAP-A teacher3'), 'Reading aloud.', current_date - 31, 3;
update public.training_registrations set status = 'registered', attended_at = null, attendance_source = null where training_event_id = tests.id('TAP-A event') and membership_id = tests.id('TAP-A teacher3');
update public.pd_hours set done_on = current_date - 30 where id = tests.id('TAP-A early claim');
update public.training_registrations set status = 'attended', attended_at = now(), attendance_source = 'organiser' where training_event_id = tests.id('TAP-A event') and membership_id = tests.id('TAP-A teacher3');
select lives_ok(format('select private.settle_training(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A event')), 'a training is settled beside all this');
select results_eq(format('select split_part(n.name, '' '', 2), h.hours from public.pd_hours h join tests.names n on n.id = h.membership_id where h.school_id = %L and h.registration_id is not null order by 1', tests.id('TAP-A')), $$ values ('teacher1', 4.00), ('teacher3', 6.00) $$,
  'issue 5: no day over 24 hours and no double credit: the rest of a full day, nothing beside an approved claim for the same');
select is(tests.state('TAP-A early claim'), 'returned', '… and a claim for the same that waits is returned');
select is((select string_agg(kind, ',') from public.notifications where row_id = tests.id('TAP-A early claim')), 'pd_hours_returned', '… which its owner is told');

-- Approval ----------------------------------------------------------------------------------------------------------------------------

select is(left(tests.step(p, 'approve_pd_hours', 'TAP-A pending'), 5), 'PT404', 'access.md pd_hours: nobody else approves, least of all one''s own: ' || p) from unnest(array['teacher1@tap-a.test', 'teacher2@tap-a.test', 'chief@tap-a.test', 'mentor@tap-a.test', 'leader@tap-b.test', 'admin@tap-b.test', 'parent1@tap-a.test']) p;
select is(tests.step('leader@tap-a.test', 'approve_pd_hours', 'TAP-A pending') || ' ' || tests.state('TAP-A pending'), 'done approved TAP-A leader', 'access.md pd_hours: a leader of the team approves');
select is((select string_agg(kind, ',') from public.notifications where row_id = tests.id('TAP-A pending')), 'pd_hours_approved', '… which its owner is told') from tests.sign_in('teacher1@tap-a.test');
select is(left(tests.step('principal@tap-a.test', 'approve_pd_hours', 'TAP-A ' || x), 5), 'PT404', 'blueprint: absent, foreign and wrong state answer alike: ' || x) from unnest(array['pending', 'returned', 'nothing']) x;
select is(left(tests.step('leader@tap-a.test', 'approve_pd_hours', 'TAP-A of leader'), 5), 'PT404', 'never 3: nobody approves their own hours');
select is(tests.step('admin@tap-a.test', 'approve_pd_hours', 'TAP-A of leader'), 'done', '… the office does');
select tests.sign_out();
select tests.member('TAP-A', 'self', 'teacher', null, 'MATH', null, 'principal@tap-a.test');
select tests.claim('TAP-A', 'own', 'self');
select is(left(tests.step('principal@tap-a.test', 'approve_pd_hours', 'TAP-A own'), 5), 'PT404', 'never 3: … in whatever other role one holds');
select tests.sign_out();
select tests.claim('TAP-A', 'long', 'teacher1', 'pending', 12, 50), tests.claim('TAP-A', 'longer', 'teacher1', 'pending', 12, 51);
select is(tests.step('leader@tap-a.test', 'approve_pd_hours', 'TAP-A long') || ' ' || tests.state('TAP-A long'), 'done endorsed TAP-A leader', 'issue 5 approval chain: above the setting the first approval endorses');
select is(left(tests.step(p, 'approve_pd_hours', 'TAP-A long'), 5), 'PT404', '… the second is of another person, over the whole school: ' || p) from unnest(array['leader@tap-a.test', 'chief@tap-a.test', 'teacher1@tap-a.test']) p;
select is(tests.step('principal@tap-a.test', 'approve_pd_hours', 'TAP-A long') || ' ' || tests.state('TAP-A long'), 'done approved TAP-A leader TAP-A principal', '… and approves');
select is(tests.step('principal@tap-a.test', 'approve_pd_hours', 'TAP-A longer') || ' ' || tests.state('TAP-A longer'), 'done endorsed TAP-A principal', 'a principal''s is a first approval too');
select is(left(tests.step('principal@tap-a.test', 'approve_pd_hours', 'TAP-A longer'), 5), 'PT404', '… and never both');
select tests.sign_out();
select tests.claim('TAP-A', 'seen', 'teacher1', 'pending', 1, 52);
select is(left(tests.step('leader@tap-a.test', 'approve_pd_hours', 'TAP-A seen', ', now() - interval ''1 day'''), 5), 'PT404', 'a claim that has changed since it was read is not approved unseen');

-- Return and resubmit --------------------------------------------------------------------------------------------------------------------

select is(left(tests.step(p, 'return_pd_hours', x, ', ''Why'''), 5), 'PT404', format('access.md pd_hours: %s does not return %s', p, x))
from (values ('teacher1@tap-a.test', 'TAP-A seen'), ('chief@tap-a.test', 'TAP-A seen'), ('leader@tap-a.test', 'TAP-A longer'), ('leader@tap-a.test', 'TAP-A returned'), ('admin@tap-b.test', 'TAP-A seen')) v (p, x);
select is(left(tests.step('leader@tap-a.test', 'return_pd_hours', 'TAP-A seen', ', '' '''), 5), 'PT422', 'a return says why');
select is(tests.step('leader@tap-a.test', 'return_pd_hours', 'TAP-A seen', ', ''Which book?''') || ' ' || tests.state('TAP-A seen'), 'done returned', 'access.md pd_hours: a leader of the team returns');
select is(left(tests.step(p, 'resubmit_pd_hours', 'TAP-A seen'), 5), w, 'S7: its owner resubmits: ' || p) from (values ('leader@tap-a.test', 'PT404'), ('teacher2@tap-a.test', 'PT404'), ('teacher1@tap-a.test', 'done'), ('teacher1@tap-a.test', 'PT404')) v (p, w);
select is(tests.step('principal@tap-a.test', 'return_pd_hours', 'TAP-A long', ', ''Receipt?''') || ' ' || tests.state('TAP-A long'), 'done returned', 'the principal returns what was approved, approvals and all');
select is(tests.step('principal@tap-a.test', 'return_pd_hours', 'TAP-A READING  aloud', ', ''The training credits it''') || ' ' || tests.state('TAP-A READING  aloud'), 'done returned', '… also one that stood for a training');
select is((select string_agg(concat_ws(' ', h.hours, h.status), ', ') from public.pd_hours h where h.membership_id = tests.id('TAP-A teacher2') and h.registration_id is not null), '6.00 approved', 'issue 5: … which is then credited by itself: nobody loses the hours of what they attended');
select is(tests.says(format('select public.return_pd_hours(%L, h.id, ''No'') from public.pd_hours h where h.registration_id is not null', tests.id('TAP-A'))) ~ '^PT404', true, 'what a training credits goes with its attendance alone');
select tests.sign_out();
select is(tests.does(format('update public.pd_hours set status = ''approved'', approved_at = now(), approver_id = membership_id where id = %L', tests.id('TAP-A seen'))), '23514', 'never 3: by whatever hand');
select is(tests.does(format('update public.pd_hours set status = ''approved'', approved_at = now() where id = %L', tests.id('TAP-A seen'))), '23514', '… nor without an approver');

-- Evidence ---------------------------------------------------------------------------------------------------------------------------------

select set_config('storage.allow_delete_query', 'true', true);
select is(tests.does_as(p, format('insert into storage.objects (bucket_id, name) values (''pd-evidence'', ''%s/%s/%s'')', tests.id('TAP-A'), tests.id('TAP-A ' || n), f)), w, format('access.md storage: %s adds evidence to %s', p, n))
from (values ('teacher1@tap-a.test', 'seen', 'a.pdf', '1 rows'), ('teacher1@tap-a.test', 'pending', 'a.pdf', '42501'), ('teacher1@tap-a.test', 'seen', 'deep/a.pdf', '42501'), ('leader@tap-a.test', 'seen', 'b.pdf', '42501'), ('teacher2@tap-a.test', 'seen', 'b.pdf', '42501')) v (p, n, f, w);
select is(tests.does_as(p, 'select from storage.objects where bucket_id = ''pd-evidence'''), w, 'access.md storage follows the row: ' || p) from (values ('teacher1@tap-a.test', '1 rows'), ('leader@tap-a.test', '1 rows'), ('chief@tap-a.test', '0 rows'), ('admin@tap-b.test', '0 rows')) v (p, w);
select is(tests.does_as(p, 'delete from storage.objects where bucket_id = ''pd-evidence'''), w, 'access.md storage: removed by its owner while nobody has approved: ' || p) from (values ('leader@tap-a.test', '0 rows'), ('teacher1@tap-a.test', '1 rows')) v (p, w);

select * from finish();
rollback;
