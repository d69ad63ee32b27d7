-- Notifications by mail: on request, summed up, as things stand when they are sent; and absences, told to guardians.
begin;
select plan(36);
select tests.school('TAP-A', null, 'Asia/Jerusalem');
update auth.users set email_confirmed_at = now() where email like '%@tap-a.test';
create function tests.mails() returns text language sql as $$
  select coalesce(string_agg(m.mail ->> 'to' || ' ' || (m.mail ->> 'locale') || ' ' || (select string_agg(c ->> 'count' || ' ' || (c ->> 'text'), ', ') from jsonb_array_elements(m.mail -> 'counts') c), '; ' order by m.mail ->> 'to'), 'none')
  from (select private.notification_mail(d) as mail from private.mail_deliveries d where d.ended_at is null and d.school_id = tests.id('TAP-A')) m where m.mail -> 'counts' is not null and jsonb_typeof(m.mail -> 'counts') = 'array' $$;
create function tests.tell(p_who text, p_row text, p_ago interval default '5 minutes') returns void language plpgsql as $$
begin
  perform private.notify(tests.id('TAP-A'), array[tests.id('TAP-A ' || p_who)], 'announcement_published', 'announcements', tests.id(p_row));
  alter table public.notifications disable trigger _300_keep_identity;
  update public.notifications set created_at = now() - p_ago where row_id = tests.id(p_row);
  alter table public.notifications enable trigger _300_keep_identity;
end
$$;

select is(private.digest_slot('immediate', 'UTC', 18), now(), 'digest_slot: at once');
select cmp_ok(now() - private.digest_slot(f, z, 18), '>=', interval '0', format('digest_slot: never to come: %s in %s', f, z)) from unnest(array['daily', 'weekly']) f, unnest(array['UTC', 'Asia/Jerusalem', 'Pacific/Pago_Pago']) z;
select is(extract(hour from private.digest_slot('daily', z, 18) at time zone z)::integer, 18, 'digest_slot: the school''s hour in ' || z) from unnest(array['Asia/Jerusalem', 'Pacific/Kiritimati']) z;
select is(extract(dow from private.digest_slot('weekly', z, 7) at time zone z)::integer, 0, 'digest_slot: Sundays in ' || z) from unnest(array['Asia/Jerusalem', 'Pacific/Kiritimati']) z;

-- Half an hour ago or more, whatever the time is: what was written five minutes ago came after it.
insert into public.school_settings (school_id, key, value) values (tests.id('TAP-A'), 'digest_hour', to_jsonb(extract(hour from (now() - interval '30 minutes') at time zone 'Asia/Jerusalem')::integer));
select tests.tell('teacher1', 'one'), tests.tell('teacher1', 'two'), tests.tell('teacher2', 'one');
select private.queue_notification_mails();
select is(tests.mails(), 'none', 'issue 4 mail: nobody who has not asked');
select tests.sign_in('teacher1@tap-a.test');
update public.profiles set mail_frequency = 'immediate', locale = 'en' where user_id = auth.uid();
select tests.sign_in('teacher2@tap-a.test');
update public.profiles set mail_frequency = 'daily' where user_id = auth.uid();
select is(tests.does('update public.profiles set mail_frequency = ''hourly'''), '23514', 'a frequency is one of four');
select tests.sign_out();
select private.queue_notification_mails();
select is(tests.mails(), 'teacher1@tap-a.test en 2 new announcements', 'issue 4 mail: how many of which kind, in the reader''s language');
select is((select count(*) from private.mail_deliveries where school_id = tests.id('TAP-A')), 1::bigint, 'a daily mail waits for the digest''s hour');
select tests.tell('teacher2', 'three', interval '25 hours');
select is(private.queue_notification_mails() >= 1, true, '… and goes out with what is older than that');
select is(tests.mails(), 'teacher1@tap-a.test en 2 new announcements; teacher2@tap-a.test he 1 הודעות חדשות', 'in Hebrew where the school is and the person has not said otherwise');
select is(private.queue_notification_mails(), 0, 'the same is not queued twice');
update public.notifications set read_at = now() where row_id = tests.id('one') and membership_id = tests.id('TAP-A teacher1');
select is(split_part(tests.mails(), ';', 1), 'teacher1@tap-a.test en 1 new announcements', 'what was read meanwhile is left out');
update public.memberships set active = false where id = tests.id('TAP-A teacher1');
select is(tests.mails(), 'teacher2@tap-a.test he 1 הודעות חדשות', 'never 8: a membership that ended gets nothing that was queued');
update public.memberships set active = true where id = tests.id('TAP-A teacher1');

select vault.create_secret('http://127.0.0.1:9/notification-mail', 'tap_url'), vault.create_secret('token', 'tap_token');
select cmp_ok(private.send_notification_mails(), '>=', 1, 'the job asks the function');
select is((select string_agg(distinct d.attempts || ' ' || (d.request_id is not null), ',') from private.mail_deliveries d where d.school_id = tests.id('TAP-A')), '1 true', '… once for all');
select is(private.send_notification_mails(), 0, '… and waits for its answer');
update private.mail_deliveries set requested_at = now() - interval '20 minutes' where school_id = tests.id('TAP-A');
select cmp_ok(private.send_notification_mails(), '>=', 1, 'without one it asks again');
insert into net._http_response (id, status_code, content) select distinct d.request_id, 200, '<html>A page where the function should be</html>' from private.mail_deliveries d where d.school_id = tests.id('TAP-A');
select lives_ok('select private.send_notification_mails()', 'an answer that is no JSON confirms nothing, and stops nobody''s mail');
delete from net._http_response r using private.mail_deliveries d where r.id = d.request_id and d.school_id = tests.id('TAP-A');
insert into net._http_response (id, status_code, content) select d.request_id, 200, jsonb_build_object('sent', jsonb_agg(d.id), 'failed', '[]'::jsonb)::text from private.mail_deliveries d where d.school_id = tests.id('TAP-A') group by d.request_id;
select private.send_notification_mails();
select is((select count(*) from private.mail_deliveries d where d.school_id = tests.id('TAP-A') and d.ended_at is null), 0::bigint, 'what the function says was sent is done');

-- Absences ---------------------------------------------------------------------------------------------------------------------
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 100);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name) select tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A year'), l.id, 'A', 'A' from public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) select tests.id('TAP-A'), tests.id('TAP-A pupil' || n), tests.id('TAP-A a'), 'homeroom', current_date - 50, current_date + 100 from generate_series(1, 2) n;
update public.guardianships set sees_attendance = false where student_id = tests.id('TAP-A pupil2');
insert into public.class_sessions (school_id, id, class_id, teacher_id, day, starts_at, ends_at)
select tests.id('TAP-A'), tests.id('TAP-A session' || n), tests.id('TAP-A a'), tests.id('TAP-A teacher1'), ((now() - make_interval(mins => 20 * n)) at time zone 'Asia/Jerusalem')::date, now() - make_interval(mins => 20 * n), now() - make_interval(mins => 20 * n - 10) from generate_series(1, 2) n;
create function tests.mark(p_session text) returns text language sql as $$ select tests.does_as('teacher1@tap-a.test', format('select public.mark_attendance(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_session),
  jsonb_build_array(jsonb_build_object('student_id', tests.id('TAP-A pupil1'), 'status', 'unexcused'), jsonb_build_object('student_id', tests.id('TAP-A pupil2'), 'status', 'unexcused')))) $$;
select is(tests.mark('session1') || tests.mark('session2') || tests.mark('session1'), '1 rows1 rows1 rows', 'registers with absences, one of them twice');
select tests.sign_in('parent1@tap-a.test');
select is((select string_agg(n.kind || ' ' || n.table_name || ' ' || (n.row_id = tests.id('TAP-A pupil1')), ',') from public.notifications n), 'attendance_absent students true', 'issue 4: a guardian is told of a child''s absence, once until it is read');
select tests.sign_in('parent2@tap-a.test');
select is((select count(*) from public.notifications n), 0::bigint, '… and not where the guardianship does not show attendance');
select tests.sign_out();
update public.notifications set day = day - 1 where membership_id = tests.id('TAP-A parent1');
create function tests.mark_all(p_status text) returns text language sql as $$ select tests.does_as('teacher1@tap-a.test', format('select public.mark_attendance(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A session1'),
  jsonb_build_array(jsonb_build_object('student_id', tests.id('TAP-A pupil1'), 'status', p_status)))) $$;
select is(tests.mark_all('present') || tests.mark_all('unexcused') || tests.mark_all('present') || tests.mark_all('unexcused'), '1 rows1 rows1 rows1 rows', 'the child is missed on the next day too');
select tests.sign_in('parent1@tap-a.test');
select is((select count(*) from public.notifications n), 2::bigint, '… which is told, once, whatever lies unread of the day before');
update public.profiles set mail_frequency = 'immediate', locale = 'he' where user_id = auth.uid();
select tests.sign_out();
alter table public.notifications disable trigger _300_keep_identity;
update public.notifications set created_at = now() - interval '5 minutes' where membership_id = tests.id('TAP-A parent1');
alter table public.notifications enable trigger _300_keep_identity;
select private.queue_notification_mails();
select is(tests.mails(), 'parent1@tap-a.test he 2 היעדרויות שנרשמו', '… and by mail to who asks for it');
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), 'Court order');
select is(tests.mails(), 'none', 'never 8: a legal block works on what was queued');
select tests.sign_in('parent1@tap-a.test');
select is((select count(*) from public.notifications n) || ' ' || public.read_notifications(tests.id('TAP-A')), '0 0', 'deny wins: what had been told of the child is gone');
select tests.sign_out();
update public.guardianship_blocks set deleted_at = now() where school_id = tests.id('TAP-A');
select is(tests.mails(), 'parent1@tap-a.test he 2 היעדרויות שנרשמו', '… until the block ends');
update public.guardianships set ends_on = current_date - 2 where guardian_id = tests.id('TAP-A parent1');
select is(tests.mails(), 'none', 'nor is anything sent of a child whose guardianship has ended');
select * from finish();
rollback;
