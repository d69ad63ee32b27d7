-- Students and families: who reads the record, what staff keep, what is protected and logged, and legal blocks, which win
-- over every role (access.md: students to guardianship_blocks; never 9).
begin;
select plan(121);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.students (school_id, id, given_name, family_name) values (tests.id('TAP-A'), tests.named('TAP-A pupil3'), 'No', 'Sign-in'), (tests.id('TAP-A'), tests.named('TAP-A gone'), 'Re', 'Moved');
update public.students set deleted_at = now() where id = tests.id('TAP-A gone');
insert into public.student_internal (school_id, id, student_id, support_note) select s.school_id, tests.named(n.name || ' internal'), s.id, 'Note' from public.students s join tests.names n on n.id = s.id where s.school_id in (tests.id('TAP-A'), tests.id('TAP-B'));
insert into public.student_records (school_id, id, student_id, kind, content) select s.school_id, tests.named(n.name || ' ' || k), s.id, k, '{"text": "x"}' from public.students s join tests.names n on n.id = s.id, unnest(array['identity', 'staff_note']) k where s.school_id in (tests.id('TAP-A'), tests.id('TAP-B'));

create function tests.read_records(p_email text, p_student text, p_reason text default 'A meeting with the family') returns text language plpgsql as $$
declare
  v_kinds text;
begin
  perform tests.sign_in(p_email);
  select coalesce(string_agg(r.kind, ', ' order by r.kind), 'nothing') into v_kinds from jsonb_to_recordset(public.read_student_records(tests.id(split_part(p_student, ' ', 1)), tests.id(p_student), p_reason)) r (kind text);
  return v_kinds;
exception when others then
  return sqlstate;
end $$;
grant execute on all functions in schema tests to authenticated;

-- Reading --------------------------------------------------------------------------------------------------------------------

select is(tests.seen_as(p || '@tap-a.test', 'public.students'), w, 'access.md students, as ' || p)
from (values ('admin', 'TAP-A pupil1, TAP-A pupil2, TAP-A pupil3'), ('principal', 'TAP-A pupil1, TAP-A pupil2, TAP-A pupil3'), ('leader', 'nothing'), ('teacher1', 'nothing'), ('student1', 'TAP-A pupil1'), ('parent1', 'TAP-A pupil1'), ('parent2', 'TAP-A pupil2')) v (p, w);
select is(tests.seen_as('admin@tap-b.test', format('public.students where school_id = %L', tests.id('TAP-A'))), 'nothing', 'never 1: another school''s admin sees none');
select is(tests.seen_as(p || '@tap-a.test', 'public.student_internal'), 'nothing', 'access.md student_internal, as ' || p) from unnest(array['leader', 'teacher1', 'student1', 'parent1']) p;
select is(tests.seen_as(p || '@tap-a.test', 'public.student_internal'), 'TAP-A pupil1 internal, TAP-A pupil2 internal, TAP-A pupil3 internal', 'access.md student_internal, without a removed student''s, as ' || p) from unnest(array['admin', 'principal']) p;
select is(tests.seen_as(p || '@tap-a.test', 'public.guardianships'), w, 'access.md guardianships, as ' || p)
from (values ('admin', 'TAP-A guardianship1, TAP-A guardianship2'), ('principal', 'TAP-A guardianship1, TAP-A guardianship2'), ('leader', 'nothing'), ('teacher1', 'nothing'), ('student1', 'TAP-A guardianship1'), ('parent1', 'TAP-A guardianship1'), ('parent2', 'TAP-A guardianship2')) v (p, w);
select is(tests.does_as(p || '@tap-a.test', 'select from public.student_records'), '42501', 'access.md student_records: by function only: ' || p) from unnest(array['admin', 'principal', 'parent1', 'student1']) p;
select tests.sign_in_as_service();
select is(tests.does('select from public.student_records'), '42501', 'access.md student_records: … for the service key too');

select tests.sign_out();

-- Protected records -------------------------------------------------------------------------------------------------------------

select is(tests.read_records(p || '@tap-a.test', 'TAP-A pupil1'), w, 'access.md student_records, as ' || p)
from (values ('admin', 'identity, staff_note'), ('principal', 'identity, staff_note'), ('parent1', 'identity'), ('parent2', 'PT404'), ('leader', 'PT404'), ('teacher1', 'PT404'), ('student1', 'PT404')) v (p, w);
select is(tests.read_records('principal@tap-a.test', 'TAP-A pupil1', r), 'PT422', 'access.md student_records: a principal gives a reason') from unnest(array[null, '  ']) r;
select is(tests.read_records('admin@tap-b.test', 'TAP-A pupil1'), 'PT404', 'never 1: another school''s admin reads none');
select is(tests.read_records('admin@tap-a.test', s), 'PT404', 'blueprint: one answer for ' || n) from (values ('TAP-A gone', 'a removed student'), ('TAP-A nobody', 'none'), ('TAP-B pupil1', 'another school''s')) v (s, n);
select tests.sign_out();
select results_eq(format($$ select membership_id, subject_id, details ->> 'reason' from audit.entries where school_id = %L and action = 'READ' order by id $$, tests.id('TAP-A')),
  format($$ values (%2$L::uuid, %1$L::uuid, 'A meeting with the family'), (%3$L, %1$L, 'A meeting with the family'), (%4$L, %1$L, 'A meeting with the family') $$, tests.id('TAP-A pupil1'), tests.id('TAP-A admin'), tests.id('TAP-A principal'), tests.id('TAP-A parent1')), 'access.md student_records: every read is logged, and no refused one');
create function tests.told(p_email text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select coalesce(string_agg(t.action || coalesce(': ' || (t.details ->> 'reason'), ''), ', ' order by t.id), 'nothing') from public.audit_trail(tests.id('TAP-A')) t where t.action = 'READ');
end $$;
grant execute on function tests.told to authenticated;
select is(tests.told(p), w, 'access.md audit: who read the record is told, and the reason to the office alone: ' || p)
from (values ('parent1@tap-a.test', 'READ, READ, READ'), ('student1@tap-a.test', 'READ, READ, READ'), ('parent2@tap-a.test', 'nothing'), ('admin@tap-a.test', 'READ: A meeting with the family, READ: A meeting with the family, READ: A meeting with the family')) v (p, w);
select tests.sign_out();
update public.students set rights_holder = true where id = tests.id('TAP-A pupil1');
select is(tests.read_records('student1@tap-a.test', 'TAP-A pupil1'), 'identity', 'access.md student_records: an eligible student reads their own, without staff''s notes');
select is(tests.read_records('student1@tap-a.test', 'TAP-A pupil2'), 'PT404', 'access.md student_records: … and no other''s');
select tests.sign_out();
update public.guardianships set rights_holder = false where id = tests.id('TAP-A guardianship1');
select is(tests.read_records('parent1@tap-a.test', 'TAP-A pupil1'), 'PT404', 'access.md student_records: a guardian without the right reads none');
select is(tests.seen_as('parent1@tap-a.test', 'public.students'), 'TAP-A pupil1', '… and is a guardian still');
select tests.sign_out();
update public.guardianships set starts_on = '2022-01-01' where id = tests.id('TAP-A guardianship1');
insert into public.guardianships (school_id, student_id, guardian_id, rights_holder, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'), true, '2020-01-01', '2021-12-31');
select is(tests.read_records('parent1@tap-a.test', 'TAP-A pupil1'), 'PT404', 'access.md student_records: … a right that has ended does not revive');
select tests.sign_out();
update public.guardianships set rights_holder = true where id = tests.id('TAP-A guardianship1');
select is(tests.does_as('admin@tap-a.test', format($$ select public.write_student_record(%L, %L, 'health', '{"allergy": "nuts"}') $$, tests.id('TAP-A'), tests.id('TAP-A pupil1'))), '1 rows', 'access.md student_records: an admin writes');
select is(tests.does_as('admin@tap-a.test', format($$ select public.write_student_record(%L, %L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil1'), k, c)), 'PT422', 'bad records are refused: ' || k || ' ' || left(c, 10)) from (values ('secret', '{}'), ('health', '[]'), ('health', '"x"'), ('health', to_jsonb(repeat('x', 70000))::text)) v (k, c);
select is(tests.does_as(p, format($$ select public.write_student_record(%L, %L, 'health', '{}') $$, tests.id('TAP-A'), tests.id('TAP-A pupil1'))), 'PT404', 'access.md student_records: nobody else writes: ' || p) from unnest(array['principal@tap-a.test', 'parent1@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();
select is((select v.before is null and v.after is null from audit.entries e join audit.entry_values v on v.entry_id = e.id where e.table_name = 'student_records' and e.school_id = tests.id('TAP-A') order by e.id desc limit 1), true, 'S8: the log keeps no content of protected records');

-- Writing -----------------------------------------------------------------------------------------------------------------------

select is(tests.does_as(p || '@tap-a.test', format($$ insert into public.students (school_id, given_name, family_name) values (%L, 'New', %L) $$, tests.id('TAP-A'), p)), w, 'access.md students: created by admins: ' || p) from (values ('admin', '1 rows'), ('principal', '42501'), ('teacher1', '42501'), ('parent1', '42501'), ('student1', '42501')) v (p, w);
select is(tests.does_as(p || '@tap-a.test', format($$ update public.students set preferred_name = 'X' where id = %L $$, tests.id('TAP-A pupil1'))), w, 'access.md students: changed by admins: ' || p) from (values ('admin', '1 rows'), ('principal', '0 rows'), ('parent1', '0 rows'), ('student1', '0 rows')) v (p, w);
select is(tests.does_as('admin@tap-a.test', format($$ update public.students set membership_id = %L where id = %L $$, tests.id('TAP-A student2'), tests.id('TAP-A pupil1'))), '42501', 'never 2: whose record it is does not change by hand');
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.students (school_id, membership_id, given_name, family_name) values (%L, %L, 'New', 'One') $$, tests.id('TAP-A'), tests.id(m))), '42501', 'blueprint: a record is tied to a student of the school alone: ' || m) from unnest(array['TAP-A admin', 'TAP-A teacher1', 'TAP-B student1', 'TAP-A nobody']) m;
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.students (school_id, given_name, family_name) values (%L, 'New', 'One') $$, tests.id('TAP-B'))), '42501', 'never 1: not in another school');
select is(tests.does_as(p, format($$ update public.student_internal set support_note = 'X' where student_id = %L $$, tests.id('TAP-A pupil1'))), w, 'access.md student_internal: changed by admins: ' || p) from (values ('admin@tap-a.test', '1 rows'), ('principal@tap-a.test', '0 rows'), ('admin@tap-b.test', '0 rows')) v (p, w);
select is(tests.does_as('admin@tap-a.test', format($$ select public.remove('students', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil1'))), '23503', 'S11: a student with guardianships is not removed');
select is(tests.does_as('admin@tap-a.test', format($$ select public.remove('students', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil3'))), '1 rows', 'access.md students: an admin removes');
select is(tests.seen_as('admin@tap-a.test', format('public.student_internal where student_id = %L', tests.id('TAP-A pupil3'))), 'nothing', '… with what staff keep');
select is(tests.does_as('admin@tap-a.test', format($$ select public.restore('students', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil3'))), '1 rows', '… and restores');

-- Guardianships: never one's own -----------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.member('TAP-A', 'admin as parent', 'parent', null, null, null, 'admin@tap-a.test');
create function tests.guard(p_email text, p_student text, p_guardian text) returns text language sql as $$
  select tests.does_as(p_email, format('insert into public.guardianships (school_id, student_id, guardian_id) values (%L, %L, %L)', tests.id('TAP-A'), tests.id(p_student), tests.id(p_guardian)))
$$;
grant execute on function tests.guard to authenticated;
select is(tests.guard('admin@tap-a.test', 'TAP-A pupil2', 'TAP-A parent1'), '1 rows', 'access.md guardianships: an admin adds one');
select is(tests.seen_as('parent1@tap-a.test', 'public.students'), 'TAP-A pupil1, TAP-A pupil2', '… in force at once');
select is(tests.guard('admin@tap-a.test', 'TAP-A pupil2', 'TAP-A parent1'), 'PT409', 'a guardianship does not overlap itself');
select is(tests.guard('admin@tap-a.test', 'TAP-A pupil1', 'TAP-A admin as parent'), '42501', 'never 2: never one''s own');
select is(tests.guard('admin@tap-a.test', s, g), '42501', 'blueprint: one answer for ' || n) from (values ('TAP-B pupil1', 'TAP-A parent1', 'another school''s student'), ('TAP-A nobody', 'TAP-A parent1', 'none'), ('TAP-A gone', 'TAP-A parent1', 'a removed one'), ('TAP-A pupil1', 'TAP-B parent1', 'another school''s parent'), ('TAP-A pupil1', 'TAP-A teacher1', 'who is no parent there')) v (s, g, n);
select is(tests.guard(p, 'TAP-A pupil2', 'TAP-A parent1'), '42501', 'access.md guardianships: nobody else adds one: ' || p) from unnest(array['principal@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();
insert into public.guardianships (school_id, id, student_id, guardian_id, ends_on, starts_on) values (tests.id('TAP-A'), tests.id('own'), tests.id('TAP-A pupil1'), tests.id('TAP-A admin as parent'), '2021-01-01', '2020-01-01');
select is(tests.does_as('admin@tap-a.test', format('update public.guardianships set ends_on = null where id = %L', tests.id('own'))), '0 rows', 'never 2: … nor longer');
select is(tests.does_as('admin@tap-a.test', format($$ select public.remove('guardianships', %L, %L) $$, tests.id('TAP-A'), tests.id('own'))), 'PT404', 'never 2: … nor away');
select tests.sign_out();
update public.guardianships set deleted_at = now() where id = tests.id('own');
select is(tests.does_as('admin@tap-a.test', format($$ select public.restore('guardianships', %L, %L) $$, tests.id('TAP-A'), tests.id('own'))), 'PT404', 'never 2: … nor back');
select is(tests.does_as('parent1@tap-a.test', format('update public.guardianships set rights_holder = true, ends_on = null where id = %L', tests.id('TAP-A guardianship1'))), '0 rows', 'never 2: a parent gives themselves no right');

select tests.sign_out();
insert into public.directory_cards (school_id, id, membership_id, display_name) values (tests.id('TAP-A'), tests.named('TAP-A card'), tests.id('TAP-A student1'), 'Pupil');

-- Legal blocks -----------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
select tests.member('TAP-A', 'parent1 as leader', 'leader', 'school', null, null, 'parent1@tap-a.test'), tests.member('TAP-A', 'parent1 as admin', 'admin', null, null, null, 'parent1@tap-a.test');
select is(tests.seen_as('parent1@tap-a.test', format('public.students where id = %L', tests.id('TAP-A pupil1'))) || ' / ' || tests.read_records('parent1@tap-a.test', 'TAP-A pupil1'), 'TAP-A pupil1 / health, identity, staff_note', 'before the block, a parent who is principal and admin too sees all');
select is(tests.seen_as('parent1@tap-a.test', 'public.memberships where id = tests.id(''TAP-A student1'')') || ' ' || tests.seen('public.directory_cards where membership_id = tests.id(''TAP-A student1'')'), 'TAP-A student1 TAP-A card', '… the membership and the card too');
select is(tests.does_as('admin@tap-a.test', format($$ insert into public.guardianship_blocks (school_id, id, student_id, membership_id, reason) values (%L, %L, %L, %L, 'Court order') $$, tests.id('TAP-A'), tests.id('block'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent1'))), '1 rows', 'access.md guardianship_blocks: an admin records one');
select is(tests.seen_as('parent1@tap-a.test', format('public.students where id = %L', tests.id('TAP-A pupil1'))), 'nothing', 'deny wins: not as parent, principal or admin');
select is(tests.seen_as('parent1@tap-a.test', format('public.%I where student_id = %L', t, tests.id('TAP-A pupil1'))), 'nothing', 'deny wins: ' || t) from unnest(array['guardianships', 'student_internal', 'guardianship_blocks']) t;
select is(tests.seen_as('parent1@tap-a.test', 'public.memberships where id = tests.id(''TAP-A student1'')') || ' ' || tests.seen('public.directory_cards where membership_id = tests.id(''TAP-A student1'')'), 'nothing nothing', 'deny wins: the student''s membership and card');
select is(tests.read_records('parent1@tap-a.test', 'TAP-A pupil1'), 'PT404', 'deny wins: protected records');
select is((select count(*) from public.audit_trail(tests.id('TAP-A'), row_id => tests.id('TAP-A pupil1'))), 0::bigint, 'deny wins: the audit');
select is(tests.does_as('parent1@tap-a.test', s), w, 'deny wins: a change is refused as firmly as a read: ' || n)
from (values
  (format('update public.students set preferred_name = ''X'' where id = %L', tests.id('TAP-A pupil1')), '0 rows', 'update'),
  (format($$ select public.write_student_record(%L, %L, 'health', '{}') $$, tests.id('TAP-A'), tests.id('TAP-A pupil1')), 'PT404', 'record'),
  (format($$ insert into public.guardianships (school_id, student_id, guardian_id) values (%L, %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil1'), tests.id('TAP-A parent2')), '42501', 'guardianship'),
  (format($$ insert into public.student_internal (school_id, student_id) values (%L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil1')), '42501', 'internal'),
  (format($$ select public.remove('guardianship_blocks', %L, %L) $$, tests.id('TAP-A'), tests.id('block')), 'PT404', 'removing the block'),
  (format($$ select public.remove('students', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A pupil1')), 'PT404', 'removing the student')) v (s, w, n);
select is(tests.seen_as('parent1@tap-a.test', format('public.students where id = %L', tests.id('TAP-A pupil2'))), 'TAP-A pupil2', 'a block is of one child');
select is(tests.seen_as('student1@tap-a.test', 'public.students'), 'TAP-A pupil1', '… and of one person');
select is(tests.does_as(p || '@tap-a.test', 'select from public.guardianship_blocks'), w, 'access.md guardianship_blocks: admins alone: ' || p) from (values ('admin', '1 rows'), ('principal', '0 rows'), ('student1', '0 rows'), ('parent2', '0 rows'), ('teacher1', '0 rows')) v (p, w);
select tests.sign_out();
update public.guardianship_blocks set starts_on = '2020-01-01', ends_on = '2020-12-31' where id = tests.id('block');
select is(tests.seen_as('parent1@tap-a.test', format('public.students where id = %L', tests.id('TAP-A pupil1'))), 'TAP-A pupil1', 'a block that has ended has ended');

select * from finish();
rollback;
