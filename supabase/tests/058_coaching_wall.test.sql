-- The wall: coaching reaches its two participants, and one item of it whom its teacher shares that item with (access.md: observations
-- (coaching), action_steps; never 6: no list, search, count, prompt, notification or audit value contains it).
begin;
select plan(103);
insert into public.districts (id, code, name) values (tests.id('TAP-D'), 'TAP-D', 'D');
select tests.school('TAP-A', 'TAP-D'), tests.school('TAP-B');
select tests.observation('TAP-A', k || ' ' || s, 'teacher1', 'leader', k, s) from unnest(array['evaluation', 'coaching']) k, unnest(array['draft', 'submitted']) s;
select tests.observation('TAP-A', 'second coaching', 'teacher1', 'leader', 'coaching', 'acknowledged'), tests.observation('TAP-A', 'of teacher2', 'teacher2', 'leader', 'coaching', 'submitted'), tests.observation('TAP-B', 'far', 'teacher1', 'leader', 'coaching', 'submitted');
insert into public.supervisions (school_id, supervisor_id, teacher_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A mentor'), tests.id('TAP-A teacher1'), current_date - 5);
insert into storage.buckets (id, name) values ('evidence', 'evidence') on conflict (id) do nothing;
insert into storage.objects (id, bucket_id, name) values (tests.named('TAP-A file of coaching submitted'), 'evidence', tests.id('TAP-A') || '/' || tests.id('TAP-A coaching submitted') || '/a.png'),
  (tests.named('TAP-A file of the step'), 'evidence', tests.id('TAP-A') || '/action-steps/' || tests.id('TAP-A step of coaching submitted') || '/a.png');

create function tests.item(p_item text, p_name text default 'coaching submitted') returns uuid language sql immutable as $$
  select tests.id('TAP-A ' || case p_item when 'feedback' then 'feedback of ' when 'action_step' then 'step of ' else '' end || p_name)
$$;
create function tests.shares(p_email text, p_item text, p_reader text default 'principal', p_name text default 'coaching submitted', p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.share_coaching_item(%L, %L, %L, %L)', tests.id(p_school), p_item, tests.item(p_item, p_name), tests.id('TAP-A ' || p_reader)));
end $$;
create function tests.takes_back(p_email text, p_item text) returns text language plpgsql as $$
declare
  v_share uuid;
begin
  perform tests.sign_out();
  select id into v_share from public.coaching_shares s where s.item = p_item and s.reader_id = tests.id('TAP-A principal') order by created_at desc, revoked_at desc nulls first limit 1;
  perform tests.sign_in(p_email);
  return tests.does(format('select public.unshare_coaching_item(%L, %L)', tests.id('TAP-A'), v_share));
end $$;
-- Everything about coaching that somebody reaches, by every way that there is.
create function tests.reaches(p_email text) returns text language plpgsql as $$
declare
  v_found text;
begin
  perform tests.sign_in(p_email);
  select string_agg(x.what, ', ' order by x.what collate "C") into v_found from (
    select 'observation ' || replace(n.name, 'TAP-A ', '') as what from public.observations o join tests.names n using (id) where o.kind = 'coaching'
    union all select 'rating' from public.observation_ratings r where r.observation_id = tests.id('TAP-A coaching submitted')
    union all select 'feedback' from public.observation_feedback f where f.observation_id = tests.id('TAP-A coaching submitted')
    union all select 'step' from public.action_steps a where a.observation_id = tests.id('TAP-A coaching submitted')
    union all select 'amendment' from public.observation_amendments a where a.observation_id = tests.id('TAP-A coaching submitted')
    union all select 'summary' from public.observation_summaries s where s.observation_id = tests.id('TAP-A coaching submitted')
    union all select 'embedded ' || (select string_agg(r.level::text, '') from public.observation_ratings r where r.observation_id = o.id) from public.observations o where o.id = tests.id('TAP-A coaching submitted')
    union all select 'file ' || replace(n.name, 'TAP-A ', '') from storage.objects b join tests.names n using (id)
    union all select 'district' from public.district_observations(tests.id('TAP-D')) d where d.kind = 'coaching'
    union all select 'growth' from public.domain_growth g where g.teacher_id = tests.id('TAP-A teacher2')
    union all select 'audit value' from audit.entry_values v join audit.entries e on e.id = v.entry_id where e.row_id in (select id from tests.names where name like 'TAP-A %coaching%') and (v.before is not null or v.after is not null)
    union all select 'audit subject' from audit.entries e where e.row_id in (select id from tests.names where name like 'TAP-A %coaching%') and e.subject_id is not null
    union all select 'share of ' || s.item from public.coaching_shares s) x;
  return coalesce(v_found, 'nothing');
end $$;
create function tests.told() returns text language sql security definer as $$
  select coalesce(string_agg(format('%s of %s to %s', n.kind, n.table_name, replace(m.name, 'TAP-A ', '')), '; ' order by n.created_at, n.table_name), 'nobody') from public.notifications n join tests.names m on m.id = n.membership_id where n.kind = 'coaching_shared'
$$;
create function tests.completes(p_email text, p_name text, p_evidence text, p_path text default null) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.complete_action_step(%L, %L, %L, %L)', tests.id('TAP-A'), tests.item('action_step', p_name), p_evidence, p_path));
end $$;
grant execute on all functions in schema tests to authenticated;
create temporary table others (email text);
insert into others select unnest(array['principal@tap-a.test', 'admin@tap-a.test', 'mentor@tap-a.test', 'chief@tap-a.test', 'teacher2@tap-a.test', 'teacher3@tap-a.test', 'student1@tap-a.test', 'parent1@tap-a.test']);
grant select on others to authenticated;

-- Nobody reaches anything ----------------------------------------------------------------------------------------------------------

select is(tests.reaches(email), case email when 'teacher2@tap-a.test' then 'district, observation of teacher2' else 'nothing' end, 'never 6: coaching reaches its two participants by no way: ' || email) from others;
select tests.sign_out();
select is((select count(*) from public.observations where kind = 'coaching' and school_id = tests.id('TAP-A')), 4::bigint, '… and it is there');
select alike(tests.reaches('leader@tap-a.test'), '%feedback, file file of coaching submitted, file file of the step, observation coaching draft, observation coaching submitted%rating, step, summary', '… for the coach');
select alike(tests.reaches('teacher1@tap-a.test'), '%feedback, file file of coaching submitted, file file of the step, observation coaching submitted, observation second coaching, rating, step, summary', '… and for the teacher, without the draft');

-- Only the teacher shares ---------------------------------------------------------------------------------------------------------------

select is(left(tests.shares(p, i), 5), 'PT404', format('never 6: nobody but the teacher shares: %s, %s', p, i))
from unnest(array['leader@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'teacher2@tap-a.test', 'teacher1@tap-b.test']) p, unnest(array['observation', 'feedback', 'action_step']) i;
select is(left(tests.shares('teacher1@tap-a.test', 'observation', r), 5), 'PT404', 'never 6: a reader is a leader of the teacher''s, not ' || r) from unnest(array['admin', 'teacher2', 'chief', 'parent1', 'nobody']) r;
select is(left(tests.shares('teacher1@tap-a.test', i, 'principal', n), 5), 'PT404', format('never 4 and 6: not shared: %s of %s', i, n)) from (values ('observation', 'coaching draft'), ('feedback', 'coaching draft'), ('action_step', 'coaching draft'), ('observation', 'evaluation submitted'), ('observation', 'of teacher2'), ('action_step', 'of teacher2'), ('secret', 'coaching submitted')) v (i, n);
select is(left(tests.shares('teacher1@tap-a.test', 'observation', p_school => 'TAP-B'), 5), 'PT404', 'never 1: not under another school');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(format('insert into public.coaching_shares (school_id, observation_id, item, teacher_id, reader_id) values (%L, %L, ''observation'', %L, %L)', tests.id('TAP-A'), tests.item('observation'), tests.id('TAP-A teacher1'), tests.id('TAP-A admin'))), '42501', 'S7: nobody writes shares by hand');
select tests.sign_out();
select is((select count(*) from public.coaching_shares), (select count(*) from public.coaching_shares where school_id not in (tests.id('TAP-A'), tests.id('TAP-B'))), '… and nothing is left of a refusal');

-- One item opens itself ------------------------------------------------------------------------------------------------------------------------

select is(tests.shares('teacher1@tap-a.test', 'action_step') || tests.shares('teacher1@tap-a.test', 'action_step'), 'donedone', 'issue 5: the teacher shares an action step; twice is once');
select is(tests.reaches('principal@tap-a.test'), 'file file of the step, share of action_step, step', 'never 6: … which opens the step with its file, and nothing else');
select is(tests.told(), 'coaching_shared of action_steps to principal', 'issue 5: the reader is told, once');
select is(tests.reaches(email), case email when 'teacher2@tap-a.test' then 'district, observation of teacher2' else 'nothing' end, 'never 6: … to the one reader alone: ' || email) from others where email <> 'principal@tap-a.test';
select is(tests.shares('teacher1@tap-a.test', 'feedback'), 'done', 'issue 5: … then the feedback');
select is(tests.reaches('principal@tap-a.test'), 'feedback, file file of the step, share of action_step, share of feedback, step', 'never 6: … which opens the feedback beside it, and no observation');
select is(tests.takes_back('principal@tap-a.test', 'feedback') || tests.takes_back('leader@tap-a.test', 'feedback') || tests.takes_back('teacher1@tap-a.test', 'feedback') || tests.takes_back('teacher1@tap-a.test', 'feedback'), 'PT404PT4041 rowsPT404', 'issue 5: the teacher alone takes it back, once');
select is(tests.takes_back('teacher1@tap-a.test', 'action_step') || ' ' || tests.reaches('principal@tap-a.test'), '1 rows nothing', 'never 8: what is taken back is gone at the next statement');
select is(tests.shares('teacher1@tap-a.test', 'observation'), 'done', 'issue 5: … and the observation');
select is(tests.reaches('principal@tap-a.test'), 'amendment, district, embedded 2, file file of coaching submitted, observation coaching submitted, rating, share of observation, summary', 'never 6: which opens its own parts, and neither feedback nor steps, nor other coaching');
select is((select count(*) from public.observation_coverage) + (select count(*) from public.domain_growth where teacher_id = tests.id('TAP-A teacher1') and observations > 1), 0::bigint, 'never 6: a shared observation is in no coverage and in no growth');
select is(tests.does(format('select public.%s', f)), 'PT404', 'never 6: reading is all that is shared: ' || left(f, 20))
from (values (format('acknowledge_observation(%L, %L)', tests.id('TAP-A'), tests.item('observation'))), (format('amend_observation(%L, %L, ''x'')', tests.id('TAP-A'), tests.item('observation'))), (format('reflect_on_observation(%L, %L, ''x'')', tests.id('TAP-A'), tests.item('observation'))),
  (format('complete_action_step(%L, %L, ''x'')', tests.id('TAP-A'), tests.item('action_step'))), (format('remove(''observations'', %L, %L)', tests.id('TAP-A'), tests.item('observation')))) v (f);
select is(tests.seen_as('leader@tap-a.test', '(select reader_id as id from public.coaching_shares where revoked_at is null) s'), 'TAP-A principal', 'issue 5: the coach sees what is shared, and with whom');

-- A share is no longer than the right behind it ---------------------------------------------------------------------------------------------------

select is(tests.shares('teacher1@tap-a.test', 'observation', 'mentor') || ' ' || (tests.reaches('mentor@tap-a.test') like '%observation coaching submitted%'), 'done true', 'issue 5: a leader by name reads it');
select tests.sign_out();
update public.supervisions set ends_on = current_date - 1 where supervisor_id = tests.id('TAP-A mentor');
select is(tests.reaches('mentor@tap-a.test'), 'share of observation', 'never 8: … until they lead the teacher no longer');
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A principal');
select is(tests.reaches('principal@tap-a.test'), 'nothing', 'never 8: … or have left');
select tests.sign_out();
update public.memberships set active = true where id = tests.id('TAP-A principal');
-- An id is unique within its school alone: the same id elsewhere opens nothing there.
select tests.member('TAP-B', 'principal2', 'teacher', null, 'MATH', 'MAIN', 'principal@tap-a.test');
insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, status, submitted_at) values (tests.id('TAP-B'), tests.id('TAP-A coaching submitted'), tests.id('TAP-B teacher1'), tests.id('TAP-B leader'), tests.framework('TAP-B'), 'coaching', 'submitted', now());
select tests.sign_in('principal@tap-a.test');
select is((select string_agg(s.code::text, ', ') from public.observations o join public.schools s on s.id = o.school_id where o.id = tests.id('TAP-A coaching submitted')), 'TAP-A', 'never 1: the id of a shared item opens no row of another school');
select tests.sign_out();
select tests.member('TAP-B', 'principal3', 'leader', 'named', null, null, 'principal@tap-a.test');
select tests.sign_in('principal@tap-a.test');
select is((select count(*) from public.observations o where o.id = tests.id('TAP-A coaching submitted') and o.school_id = tests.id('TAP-B')), 0::bigint, '… not of one that the reader leads either');

-- Audit ---------------------------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is((select count(*) from public.audit_trail(tests.id('TAP-A'), 'coaching_shares') where before is not null or after is not null), 0::bigint, 'never 6: the audit says that something was shared, and not what');
select isnt((select count(*) from public.audit_trail(tests.id('TAP-A'), 'coaching_shares')), 0::bigint, '… to the office');

-- Action steps: done by the teacher ------------------------------------------------------------------------------------------------------------------

select is(tests.completes(p, 'evaluation submitted', 'Done'), format('PT404 | Cannot complete the action step | It does not exist, is not yours to change, or is no longer in a state that allows this.'), 'never 3: nobody completes a step for another: ' || p) from unnest(array['leader@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'teacher2@tap-a.test', 'teacher1@tap-b.test']) p;
select is(left(tests.completes('teacher1@tap-a.test', n, 'Done'), 5), 'PT404', 'never 4: not in a draft: ' || n) from unnest(array['evaluation draft', 'coaching draft']) n;
select is(left(tests.completes('teacher1@tap-a.test', 'evaluation submitted', e, p), 5), 'PT422', format('issue 5: bad input: evidence "%s", file %s', e, p))
from (values (' ', null), (null, null), ('Done', 'elsewhere/file.png'), (null, tests.id('TAP-A') || '/action-steps/' || tests.item('action_step', 'evaluation submitted') || '/absent.png'), (null, tests.id('TAP-A') || '/action-steps/' || tests.item('action_step') || '/a.png')) v (e, p);
select is((select done_at from public.action_steps where id = tests.item('action_step', 'evaluation submitted')), null, '… leaves it open');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(format('insert into storage.objects (bucket_id, name, owner_id) values (''evidence'', %L, %L)', tests.id('TAP-A') || p, tests.id('teacher1@tap-a.test'))), w, 'access.md storage: a teacher uploads to an open step of theirs: ' || n)
from (values ('/action-steps/' || tests.item('action_step', 'evaluation submitted') || '/proof.png', '1 rows', 'theirs'), ('/action-steps/' || tests.item('action_step', 'evaluation draft') || '/proof.png', '42501', 'a draft''s'), ('/action-steps/' || tests.item('action_step', 'of teacher2') || '/proof.png', '42501', 'another''s'),
  ('/' || tests.item('action_step', 'evaluation submitted') || '/proof.png', '42501', 'elsewhere'), ('/steps/' || tests.item('action_step', 'evaluation submitted') || '/proof.png', '42501', 'under another name')) v (p, w, n);
select is(tests.completes('teacher1@tap-a.test', 'evaluation submitted', 'Three seconds, all week', tests.id('TAP-A') || '/action-steps/' || tests.item('action_step', 'evaluation submitted') || '/proof.png'), 'done', 'access.md action_steps: the teacher marks it done, with evidence in words and a file');
select is(left(tests.completes('teacher1@tap-a.test', 'evaluation submitted', 'Again'), 5), 'PT404', 'issue 5: … once');
select is(tests.completes('teacher1@tap-a.test', 'coaching submitted', 'Between us'), 'done', 'access.md action_steps: … of coaching too');
select is(tests.does(format('insert into storage.objects (bucket_id, name, owner_id) values (''evidence'', %L, %L)', tests.id('TAP-A') || '/action-steps/' || tests.item('action_step', 'evaluation submitted') || '/late.png', tests.id('teacher1@tap-a.test'))), '42501', 'access.md storage: a step that is done takes no more files');
select is(tests.does_as('leader@tap-a.test', format('update public.action_steps set description = ''Other'' where id = %L', tests.item('action_step', 'evaluation submitted'))), '0 rows', 'issue 5: what was done is not reworded');
select tests.sign_out();
select is((select string_agg(replace(m.name, 'TAP-A ', ''), ', ') from public.notifications n join tests.names m on m.id = n.membership_id where n.kind = 'action_step_done'), 'leader, leader', 'issue 5: the observer is told of each, nobody else');

-- … and the next visit, which whoever reads the step may know of ------------------------------------------------------------------------------------

insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 200);
insert into public.observation_plans (school_id, id, academic_year_id, author_id, name) values (tests.id('TAP-A'), tests.id('TAP-A plan'), tests.id('TAP-A year'), tests.id('TAP-A leader'), 'Plan');
insert into public.planned_observations (school_id, id, plan_id, observer_id, teacher_id, kind, due_on) select tests.id('TAP-A'), tests.id('TAP-A visit ' || k), tests.id('TAP-A plan'), tests.id('TAP-A leader'), tests.id('TAP-A teacher1'), k, current_date + 9 from unnest(array['evaluation', 'walkthrough', 'coaching']) k;
select is(tests.does_as('leader@tap-a.test', format('insert into public.action_steps (school_id, observation_id, description, planned_observation_id) values (%L, %L, ''Next'', %L)', tests.id('TAP-A'), tests.id('TAP-A ' || o || ' submitted'), tests.id('TAP-A visit ' || k))), w, format('never 4 and 6: a step of %s names a visit of %s', o, k))
from (values ('evaluation', 'evaluation', '1 rows'), ('evaluation', 'walkthrough', '42501'), ('evaluation', 'coaching', '42501'), ('coaching', 'coaching', '1 rows'), ('coaching', 'walkthrough', '42501')) v (o, k, w);
select is(tests.does_as('leader@tap-a.test', format('update public.action_steps set planned_observation_id = %L where planned_observation_id = %L', tests.id('TAP-A visit coaching'), tests.id('TAP-A visit evaluation'))), '42501', '… also when it is changed');
select is(tests.does_as('leader@tap-a.test', format('update public.action_steps set %s where description = ''Next''', c)), '23514', 'issue 5: bad input: ' || c) from unnest(array['due_on = ''infinity''', 'next_visit_on = ''-infinity''']) c;

select * from finish();
rollback;
