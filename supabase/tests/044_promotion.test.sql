-- Promotion: the plan, its doing and its undoing, and what refuses it.
begin;
select plan(42);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) select tests.id(c), tests.named(c || ' ' || y), upper(y), y, current_date + f, current_date + t
from unnest(array['TAP-A', 'TAP-B']) c, (values ('now', -200, 99), ('next', 100, 400)) v (y, f, t);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name, capacity)
select l.school_id, tests.named('TAP-A ' || k.year || ' ' || k.code), tests.id('TAP-A ' || k.year), l.id, k.code, k.code, k.capacity
from (values ('now', 'P1-1', 40), ('now', 'P1-2', 40), ('now', 'M6-1', 40), ('next', 'P1-1', 40), ('next', 'P2-1', 2), ('next', 'P2-2', 40)) k (year, code, capacity)
join public.grade_levels l on l.school_id = tests.id('TAP-A') and l.code = left(k.code, 2);
insert into public.students (school_id, id, given_name, family_name) select tests.id('TAP-A'), tests.named(s), 'Pupil', s from unnest(array['ann', 'ben', 'cam', 'dan', 'eve', 'gone']) s;
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on, end_reason)
select tests.id('TAP-A'), tests.id(e.student), tests.id('TAP-A now ' || e.class), 'homeroom', current_date - 200, current_date + e.until, e.reason
from (values ('ann', 'P1-1', 99, null), ('ben', 'P1-1', 99, null), ('cam', 'P1-2', 99, null), ('dan', 'P1-1', 99, null), ('eve', 'M6-1', 99, null), ('gone', 'P1-1', -10, 'left')) e (student, class, until, reason);

create function tests.plan_of_year(p_choices text default '{}') returns text language plpgsql as $$
begin
  return (select string_agg(format('%s %s%s%s', s.name, p.action, ' ' || replace(k.name, 'TAP-A next ', ''), ': ' || p.problem), ', ' order by s.name)
    from public.preview_promotion(tests.id('TAP-A'), tests.id('TAP-A now'), tests.id('TAP-A next'), p_choices::jsonb) p join tests.names s on s.id = p.student_id left join tests.names k on k.id = p.to_class_id);
exception when others then
  return sqlstate;
end $$;
create function tests.promote(p_choices text default '{}') returns text language plpgsql as $$
declare
  v public.promotions;
begin
  v := public.promote_students(tests.id('TAP-A'), tests.id('TAP-A now'), tests.id('TAP-A next'), p_choices::jsonb);
  return format('%s %s %s', v.promoted, v.repeated, v.graduated);
exception when others then
  return sqlstate;
end $$;
create function tests.undo() returns text language plpgsql as $$
begin
  return tests.does(format('select public.undo_promotion(%L, %L)', tests.id('TAP-A'), (select id from public.promotions order by created_at desc, undone_at nulls first limit 1)));
end $$;
create function tests.where_is(p_student text) returns text language sql security definer as $$
  select string_agg(replace(n.name, 'TAP-A ', '') || coalesce(' ' || e.end_reason, ''), ', ' order by e.starts_on) || ' (' || s.status || ')'
  from public.enrollments e join tests.names n on n.id = e.class_id join public.students s on s.id = e.student_id where e.student_id = tests.id(p_student) and e.deleted_at is null group by s.status
$$;
create function tests.choose(p_student text, p_action text, p_class text default null) returns text language sql as $$
  select jsonb_build_object(tests.id(p_student), jsonb_strip_nulls(jsonb_build_object('action', p_action, 'class_id', tests.id('TAP-A ' || p_class))))::text
$$;
grant execute on all functions in schema tests to authenticated;

select tests.sign_in('admin@tap-a.test');
select is(tests.plan_of_year(), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan promote P2-1: The class has no place left., eve graduate', 'the plan: the class of the same ending, and what stands in the way');
select is(tests.promote(), 'PT409', 'nobody moves while one cannot be placed');
select is(tests.where_is('ann'), 'now P1-1 (enrolled)', '… nothing half done');
select is(tests.plan_of_year(tests.choose('dan', 'repeat')), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan repeat P1-1, eve graduate', 'a choice: to repeat');
select is(tests.plan_of_year(tests.choose('dan', 'promote', 'next P2-2')), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan promote P2-2, eve graduate', '… or another class');
select is(tests.plan_of_year(tests.choose('eve', 'promote')), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan promote P2-1: The class has no place left., eve promote: There is no level above.', '… which must exist');
select is(tests.plan_of_year(tests.choose('dan', 'promote', 'now P1-2')), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan promote: The year has no class of that level., eve graduate', '… in the year to come');
select is(tests.plan_of_year(tests.choose('ann', 'fly')) ~ 'ann fly: The choice is promote, repeat or graduate', true, '… and be one of three');
select is(tests.plan_of_year(replace(tests.choose('dan', 'promote', 'next P2-2'), tests.id('TAP-A next P2-2')::text, 'elsewhere')), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan promote: The year has no class of that level., eve graduate', 'a class that is none is not passed over for the usual one');
select is(tests.plan_of_year(format('{"%s": {"action": "repeat"}}', upper(tests.id('dan')::text))), 'ann promote P2-1, ben promote P2-1, cam promote P2-2, dan repeat P1-1, eve graduate', 'ids are read in capitals too');
select is(tests.plan_of_year(format('{"%s": {"action": "repeat"}}', s)), 'PT422', 'a choice for somebody who does not move is refused, not passed over: ' || s) from (values ('nobody'), (tests.id('gone')::text)) v (s);
select is(tests.plan_of_year('[]'), 'PT422', 'choices are an object');
select is(tests.does(format('select public.preview_promotion(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A next'), tests.id('TAP-A now'))), 'PT422', 'years move on, not back');
select is(tests.does(format('select public.preview_promotion(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A now'), tests.id('TAP-B next'))), 'PT404', 'never 1: not into another school''s year');
select is(tests.does_as(p, format('select public.preview_promotion(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A now'), tests.id('TAP-A next'))), 'PT404', 'access.md enrollments: no plan for ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;
select is(tests.does_as(p, format('select public.promote_students(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A now'), tests.id('TAP-A next'))), 'PT404', 'access.md enrollments: no promotion by ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-b.test']) p;

select tests.sign_out();
insert into public.students (school_id, id, given_name, family_name, status) select tests.id('TAP-A'), tests.named(s), 'Pupil', s, v from (values ('fay', 'graduated'), ('hal', 'left')) p (s, v);
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on, end_reason)
select tests.id('TAP-A'), tests.id(s), tests.id('TAP-A now M6-1'), 'homeroom', current_date - 200, current_date + 99, r from (values ('fay', 'graduated'), ('hal', null)) e (s, r);
select tests.sign_in('admin@tap-a.test');
select is(tests.promote(tests.choose('dan', 'repeat')), '3 1 1', 'the year moves: promoted, repeated, graduated');
select is(string_agg(tests.where_is(s), '; '), 'now P1-1 promoted, next P2-1 (enrolled); now P1-2 promoted, next P2-2 (enrolled); now P1-1 repeated, next P1-1 (enrolled); now M6-1 graduated (graduated); now P1-1 left (enrolled)', 'everyone is where the plan said, and who had left stays as they were')
from unnest(array['ann', 'cam', 'dan', 'eve', 'gone']) s;
select is(tests.promote() || tests.promote(tests.choose('dan', 'repeat')), 'PT409PT409', 'a year moves once');
select is(tests.does_as('principal@tap-a.test', format('select public.undo_promotion(%L, %L)', tests.id('TAP-A'), (select id from public.promotions limit 1))), 'PT404', 'access.md: nobody else undoes it');
select is(tests.seen_as(p || '@tap-a.test', 'public.promotions') = 'nothing', true, 'promotions are the office''s: not ' || p) from unnest(array['principal', 'teacher1']) p;
select tests.sign_in('admin@tap-a.test');
select is(tests.where_is('hal'), 'now M6-1 (left)', 'who has left without an end to the enrollment does not graduate');
select is(tests.undo(), '1 rows', 'it is undone');
select is(tests.where_is('fay'), 'now M6-1 graduated (graduated)', '… but not what the office had said of somebody by itself');
select is(string_agg(tests.where_is(s), '; '), 'now P1-1 (enrolled); now P1-2 (enrolled); now P1-1 (enrolled); now M6-1 (enrolled); now P1-1 left (enrolled)', '… as if it had not been') from unnest(array['ann', 'cam', 'dan', 'eve', 'gone']) s;
select is(tests.promote(tests.choose('dan', 'repeat')), '3 1 1', '… and done again');
select is(tests.does(format('select public.transfer_student(%L, e.id, %L, current_date + 150) from public.enrollments e where e.student_id = %L and e.starts_on > current_date', tests.id('TAP-A'), tests.id('TAP-A next P2-2'), tests.id('ann'))), '1 rows', 'somebody builds on it');
select is(tests.undo(), 'PT409', '… and it stays');
select is(tests.where_is('ben'), 'now P1-1 promoted, next P2-1 (enrolled)', '… for everybody');

select tests.sign_out();
update public.promotions set undone_at = now() where school_id = tests.id('TAP-A');
update public.enrollments e set ended_by_promotion_id = null, end_reason = null where e.class_id = tests.id('TAP-A now P1-2');
update public.enrollments e set deleted_at = now() where e.school_id = tests.id('TAP-A') and (e.starts_on > current_date or e.student_id = tests.id('fay'));
select tests.sign_in('admin@tap-a.test');
select is(tests.promote(), '1 0 0', 'a year of one student moves');
select is(tests.does(format('update public.academic_years set ends_on = current_date + 90 where id = %L', tests.id('TAP-A now'))), '1 rows', 'its last day moves');
select is((select ends_on - current_date from public.enrollments where student_id = tests.id('cam') and end_reason = 'promoted'), 90, '… and with it who was promoted');
select is(tests.does(format('select public.transfer_student(%L, e.id, %L, current_date + 50) from public.enrollments e where e.student_id = %L and e.end_reason = ''promoted''', tests.id('TAP-A'), tests.id('TAP-A now P1-1'), tests.id('cam'))), '1 rows', '… who changes class before its end');
select is(tests.where_is('cam'), 'now P1-2 transferred, now P1-1 promoted, next P2-2 (enrolled)', '… and is promoted from the other');
select is(tests.undo() || ' ' || tests.where_is('cam'), '1 rows now P1-2 transferred, now P1-1 (enrolled)', '… until that is undone');

select * from finish();
rollback;
