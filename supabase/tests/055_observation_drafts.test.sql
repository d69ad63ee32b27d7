-- Drafts that survive a lost connection, and walkthroughs in two taps: client-made ids, saves that may be repeated, and the later
-- edit of each field standing whatever the order of arrival (access.md: observations create and own drafts; never 4).
begin;
select plan(82);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.member('TAP-A', 'leader as teacher', 'teacher', null, 'MATH', 'MAIN', 'leader@tap-a.test');
select tests.observation('TAP-A', 'of principal', 'teacher3', 'principal', 'evaluation', 'draft'), tests.observation('TAP-A', 'sent', 'teacher1', 'leader', 'evaluation', 'submitted'), tests.observation('TAP-B', 'far', 'teacher1', 'leader', 'evaluation', 'draft');
insert into public.framework_look_fors (school_id, id, framework_id, domain_id, description)
values (tests.id('TAP-A'), tests.named('TAP-A wait time'), tests.framework('TAP-A'), tests.domain('TAP-A', 3), 'Waits'), (tests.id('TAP-A'), tests.named('TAP-A other scale'), tests.framework('TAP-A', 'GROWTH-5'), tests.domain('TAP-A', 1, 'GROWTH-5'), 'Asks');

create function tests.field(p_name text, p_value jsonb, p_minutes integer) returns jsonb language sql as $$
  select jsonb_build_object(p_name, jsonb_build_object('value', p_value, 'at', now() - make_interval(mins => p_minutes)))
$$;
create function tests.rating(p_position integer, p_part text default 'level', p_code text default 'GROWTH-4') returns text language sql as $$
  select format('rating:%s:%s', tests.domain('TAP-A', p_position, p_code), p_part)
$$;
create function tests.saves(p_email text, p_name text, p_fields jsonb, p_teacher text default 'teacher1', p_kind text default 'evaluation', p_framework uuid default null) returns text language plpgsql as $$
declare
  v_answer jsonb;
  v_hint text;
begin
  perform tests.sign_in(p_email);
  v_answer := public.save_observation_draft(tests.id('TAP-A'), tests.id('TAP-A ' || p_name), p_fields, tests.id('TAP-A ' || p_teacher), coalesce(p_framework, tests.framework('TAP-A')), p_kind);
  return coalesce((select string_agg(regexp_replace(x, '[0-9a-f]{8}-[0-9a-f-]{27}', 'id'), ' ' order by x) from jsonb_array_elements_text(v_answer -> 'saved') x), 'nothing');
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return sqlstate || ' ' || v_hint;
end $$;
create function tests.walks(p_email text, p_name text, p_teacher text, p_level integer default 3, p_position integer default 1, p_code text default 'GROWTH-4', p_look_for text default 'wait time', p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.submit_walkthrough(%L, %L, %L, %L, %L, ''Quick'', observation_id => %L)', tests.id(p_school), tests.id(p_school || ' ' || p_teacher), tests.framework(p_school),
    jsonb_build_array(jsonb_build_object('domain_id', tests.domain('TAP-A', p_position, p_code), 'level', p_level)), array[tests.id('TAP-A ' || p_look_for)], tests.id('TAP-A ' || p_name)));
end $$;
create function tests.draft(p_name text) returns text language sql security definer as $$
  select format('%s %s: %s, %s [%s] (%s)', o.kind, o.status, o.focus, o.notes,
    (select string_agg(format('%s=%s %s', d.position, r.level, r.evidence), ', ' order by d.position) from public.observation_ratings r join public.framework_domains d on d.id = r.domain_id where r.observation_id = o.id and r.deleted_at is null),
    (select string_agg(l.description, ', ') from public.observation_look_fors x join public.framework_look_fors l on l.id = x.look_for_id where x.observation_id = o.id and x.deleted_at is null))
  from public.observations o where o.id = tests.id('TAP-A ' || p_name)
$$;
grant execute on all functions in schema tests to authenticated;

-- The first save makes it -----------------------------------------------------------------------------------------------------------

select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"First"', 60)), 'notes', 'issue 5: the first save makes the draft, under the client''s id');
select is(tests.draft('one'), 'evaluation draft: , First [] ()', '… with what it carries');
select is((select string_agg(replace(n.name, 'TAP-A ', ''), '') from public.observations o join tests.names n on n.id = o.observer_id where o.id = tests.id('TAP-A one')), 'leader', 'never 2: its observer is the caller, as a leader');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"First"', 60)), 'nothing', 'issue 5: the same save again changes nothing');
select is(tests.seen_as(p, format('public.observations where id = %L', tests.id('TAP-A one'))), 'nothing', 'never 4: nobody else sees it: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test']) p;
select is(left(tests.saves(p, 'one', tests.field('notes', '"Mine"', 0)), 5), 'PT404', 'never 4: nor writes it: ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.saves('leader@tap-a.test', n, tests.field('notes', '"Mine"', 0)), 'PT404 It does not exist, is not yours to change, or is no longer in a state that allows this.', 'blueprint: foreign and wrong state answer alike: ' || n) from unnest(array['of principal', 'sent']) n;
select is(left(tests.saves(p, 'new ' || t, tests.field('notes', '"x"', 0), t), 5), 'PT404', format('access.md observations: not made of %s by %s', t, p))
from (values ('leader@tap-a.test', 'teacher3'), ('leader@tap-a.test', 'chief'), ('teacher1@tap-a.test', 'teacher2'), ('admin@tap-a.test', 'teacher1'), ('parent1@tap-a.test', 'teacher1'), ('leader@tap-b.test', 'teacher1')) v (p, t);
select is(tests.saves('leader@tap-a.test', 'self', tests.field('notes', '"x"', 0), m), 'PT422 Nobody observes themselves.', 'issue 5: an observer observing themselves: ' || m) from unnest(array['leader', 'leader as teacher']) m;
select is(left(tests.saves('leader@tap-a.test', 'by none', tests.field('notes', '"x"', 0), p_framework => tests.framework('TAP-B')), 5), 'PT404', 'never 1: not by another school''s framework');

-- Of two edits of a field the later stands ----------------------------------------------------------------------------------------------

select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Third"', 20) || tests.field('focus', '"Pace"', 50) || tests.field(tests.rating(1), '3', 30)), 'focus notes rating:id:level', 'issue 5: one device saves');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Second"', 40) || tests.field('focus', '"Questions"', 10) || tests.field(tests.rating(1, 'evidence'), '"Heard"', 45)), 'focus rating:id:evidence', 'issue 5: the other comes later with older and newer edits: only the newer are taken');
select is(tests.draft('one'), 'evaluation draft: Questions, Third [1=3 Heard] ()', 'issue 5: … and no field is lost');
select is(tests.saves('leader@tap-a.test', 'one', tests.field(tests.rating(1), 'null', 5) || tests.field(tests.rating(2), '4', 5)) || tests.draft('one'), 'rating:id:level rating:id:levelevaluation draft: Questions, Third [1= Heard, 2=4 ] ()', 'issue 5: not observed is a value too');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('look_for:' || tests.id('TAP-A wait time'), 'true', 9)) || tests.saves('leader@tap-a.test', 'one', tests.field('look_for:' || tests.id('TAP-A wait time'), 'false', 15)) || tests.draft('one'), 'look_for:idnothingevaluation draft: Questions, Third [1= Heard, 2=4 ] (Waits)', 'issue 5: a look-for is ticked, and an older untick comes too late');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('look_for:' || tests.id('TAP-A wait time'), 'false', 3)) || tests.draft('one'), 'look_for:idevaluation draft: Questions, Third [1= Heard, 2=4 ] ()', '… and a newer one unticks it');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Ahead"', -600)), 'notes', 'issue 5: a clock ahead is taken as now');
select ok((select (x -> 'fields' -> 'notes' ->> 'at')::timestamptz <= clock_timestamp() and x -> 'fields' -> 'notes' ->> 'value' = 'Ahead' and x -> 'fields' -> 'focus' ->> 'value' = 'Questions'
  from public.save_observation_draft(tests.id('TAP-A'), tests.id('TAP-A one'), '{}') x), 'issue 5: … and the answer gives every field with its moment');
select is(tests.does(format('update public.observations set notes = ''By hand'' where id = %L', tests.id('TAP-A one'))) || tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Older"', 1)) || tests.draft('one'), '1 rowsnothingevaluation draft: Questions, By hand [1= Heard, 2=4 ] ()', 'issue 5: a direct edit counts as of its moment');
select is(tests.does(format('update public.observation_ratings set level = 2 where observation_id = %L and level = 4', tests.id('TAP-A one'))) || tests.saves('leader@tap-a.test', 'one', tests.field(tests.rating(2), '1', 1)), '1 rowsnothing', 'issue 5: … of a rating too');
select is(tests.does(format('delete from public.observation_ratings where observation_id = %L and level = 2', tests.id('TAP-A one'))) || tests.saves('leader@tap-a.test', 'one', tests.field(tests.rating(2), '1', 1)) || tests.draft('one'), '0 rowsnothingevaluation draft: Questions, By hand [1= Heard] ()', 'issue 5: … and of its removal');

-- Bad input ------------------------------------------------------------------------------------------------------------------------------

select is(left(tests.saves('leader@tap-a.test', 'one', f), 5), 'PT422', 'issue 5: bad input: ' || left(f::text, 60))
from (values (tests.field(tests.rating(1), '5', 0)), (tests.field(tests.rating(1), '0', 0)), (tests.field(tests.rating(1), '"x"', 0)), (tests.field(tests.rating(1), '99999', 0)), (tests.field(tests.rating(1, 'level', 'GROWTH-5'), '1', 0)), (tests.field('rating:' || tests.id('none') || ':level', '1', 0)),
  (tests.field('look_for:' || tests.id('TAP-A other scale'), 'true', 0)), (tests.field('look_for:' || tests.id('TAP-A wait time'), '"maybe"', 0)), (tests.field('status', '"submitted"', 0)), (tests.field('observed_at', 'null', 0)), (tests.field('observed_at', '"soon"', 0)), (tests.field('observed_at', '"-infinity"', 0)), (tests.field('observed_at', '"2026-01-01 08:00 Nowhere/No"', 0)), ('{"notes": {"value": "x", "at": "2026-01-01 08:00 Nowhere/No"}}'),
  (tests.field('notes', '5', 0)), (tests.field('look_for:' || tests.id('TAP-A wait time'), 'null', 0)), ('{"notes": "x"}'), ('{"notes": {"value": "x"}}'), ('{"notes": {"value": "x", "at": "x"}}'), ('[]'), (tests.field('focus', to_jsonb(repeat('x', 201)), 0))) v (f);
select is(tests.draft('one'), 'evaluation draft: Questions, By hand [1= Heard] ()', 'issue 5: … leaves nothing half-done');
select is(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Kept"', 0)), 'nothing', '… nor a moment that would hold back what comes after');
select is(tests.saves('leader@tap-a.test', 'one', tests.field(tests.rating(1), '4', -1)), 'rating:id:level', 'a last rating');

-- Submission -----------------------------------------------------------------------------------------------------------------------------

select is(tests.does(format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A one'))) || tests.does(format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A one'))), '1 rowsPT404', 'issue 5: a draft submitted twice is submitted once');
select is(left(tests.saves('leader@tap-a.test', 'one', tests.field('notes', '"Late"', -1)), 5), 'PT404', 'never 4: a save that comes after is refused');
select tests.sign_out();
select is((select count(*) from private.draft_stamps where observation_id = tests.id('TAP-A one')), 0::bigint, 'issue 5: the moments of a draft go with its submission');

-- Walkthroughs ------------------------------------------------------------------------------------------------------------------------------

select is(tests.walks('leader@tap-a.test', 'walk', 'teacher1') || tests.walks('leader@tap-a.test', 'walk', 'teacher1'), 'donedone', 'issue 5: a walkthrough is made and submitted at once, and once');
select is(tests.draft('walk'), 'walkthrough submitted: , Quick [1=3 ] (Waits)', '… with its ratings and look-fors');
select tests.sign_out();
select is((select count(*) from public.observation_ratings where observation_id = tests.id('TAP-A walk')), 1::bigint, 'issue 5: sent twice it rates once');
select is(left(tests.walks(p, 'walk of ' || t, t), 5), 'PT404', format('access.md observations: no walkthrough of %s by %s', t, p))
from (values ('leader@tap-a.test', 'teacher3'), ('teacher1@tap-a.test', 'teacher2'), ('admin@tap-a.test', 'teacher1'), ('parent1@tap-a.test', 'teacher1'), ('leader@tap-b.test', 'teacher1')) v (p, t);
select is(left(tests.walks('principal@tap-a.test', 'walk', 'teacher1'), 5), 'PT404', 'blueprint: another''s id reads as none');
select is(tests.walks('leader@tap-a.test', 'walk self', 'leader as teacher'), 'PT422 | Cannot submit the walkthrough | Nobody observes themselves.', 'issue 5: an observer observing themselves');
select is(left(tests.walks('leader@tap-a.test', 'walk bad', 'teacher1', l, p, c, f), 5) || coalesce(tests.draft('walk bad'), ' nothing'), 'PT422 nothing', format('issue 5: bad input: level %s of %s %s, look-for %s', l, c, p, f))
from (values (5, 1, 'GROWTH-4', 'wait time'), (1, 1, 'GROWTH-5', 'wait time'), (1, 1, 'GROWTH-4', 'other scale'), (1, 1, 'GROWTH-4', 'none')) v (l, p, c, f);
select is(left(tests.does_as('leader@tap-a.test', format('select public.submit_walkthrough(%L, %L, %L, %s)', tests.id('TAP-A'), tests.id('TAP-A teacher1'), tests.framework('TAP-A'), m)), 5), 'PT422', 'issue 5: bad input: ' || m)
from unnest(array['observed_at => null', 'observed_at => ''-infinity''', 'observation_id => null']) m;

-- Look-fors by hand ---------------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.observation('TAP-A', 'by hand', 'teacher1', 'leader', 'coaching', 'draft');
select is(tests.does_as(p, format('insert into public.observation_look_fors (school_id, id, observation_id, framework_id, look_for_id) values (%L, %L, %L, %L, %L)', tests.id('TAP-A'), gen_random_uuid(), tests.id('TAP-A ' || o), tests.framework('TAP-A'), tests.id('TAP-A wait time'))), w, format('access.md observations: look-fors are ticked in one''s own draft: %s in %s', p, o))
from (values ('leader@tap-a.test', 'by hand', '1 rows'), ('teacher1@tap-a.test', 'by hand', '42501'), ('principal@tap-a.test', 'by hand', '42501'), ('leader@tap-a.test', 'sent', '42501'), ('leader@tap-a.test', 'of principal', '42501')) v (p, o, w);

select * from finish();
rollback;
