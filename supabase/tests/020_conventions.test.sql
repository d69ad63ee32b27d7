-- Text, keys, dates of record and soft delete: what private.equip puts on every table.
begin;
select plan(59);
select tests.school('TAP-A'), tests.school('TAP-B');

-- Text --------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(format($$ insert into public.departments (school_id, id, code, name) values (%L, %L, 'LATIN', %L) $$, tests.id('TAP-A'), tests.id('latin'), U&'Jose\0301')), '1 rows', 'blueprint: a decomposed Latin name is taken');
select is((select name::text from public.departments where id = tests.id('latin')), U&'Jos\00E9', 'blueprint: … and stored in form C');
select is(tests.does(format($$ insert into public.departments (school_id, id, code, name) values (%L, %L, 'HEBREW', %L) $$, tests.id('TAP-A'), tests.id('hebrew'), U&'\05D9\05B7\FB1F')), '1 rows', 'blueprint: a Hebrew name with points in the wrong order is taken');
select is((select name::text from public.departments where id = tests.id('hebrew')), normalize(U&'\05D9\05B7\FB1F', nfc), 'blueprint: … and stored in form C');
select isnt((select name::text from public.departments where id = tests.id('hebrew')), U&'\05D9\05B7\FB1F', 'blueprint: … which is not what came in');
select is(tests.does(format('update public.departments set name = %L where id = %L', U&'Ame\0301lie', tests.id('latin'))), '1 rows', 'an update is taken too');
select is((select name::text from public.departments where id = tests.id('latin')), U&'Am\00E9lie', 'blueprint: … and stored in form C');
select is(tests.does(format($$ insert into public.departments (school_id, code, name) values (%L, 'X', %L) $$, tests.id('TAP-A'), 'a' || c || 'b')), '23514', 'security: a name takes no ' || n)
from (values (U&'\202E', 'right-to-left override'), (U&'\2066', 'isolate'), (U&'\200F', 'direction mark'), (U&'\2028', 'line separator'), (chr(10), 'line feed'), (U&'\0085', 'C1 control')) v (c, n);
select is(tests.does(format($$ insert into public.departments (school_id, code, name) values (%L, 'X', %L) $$, tests.id('TAP-A'), v)), '23514', 'a name has a visible character and at most 200: ' || left(v, 5) || '…')
from (values (''), ('   '), (repeat('x', 201))) t (v);
select is(tests.does(format($$ insert into public.departments (school_id, code, name) values (%L, %L, 'x') $$, tests.id('TAP-A'), v)), '23514', 'a code is capitals, digits, dash and underscore: ' || v)
from (values ('lower'), ('A B'), ('-A'), (repeat('A', 41))) t (v);
select is((U&'mark \200F kept')::private.note_text::text, U&'mark \200F kept', 'a note keeps its marks of direction');
select throws_ok($$ select (U&'\202Eevil')::private.note_text $$, '23514', null, 'a note takes no override');
select throws_ok($$ select repeat('x', 20001)::private.note_text $$, '23514', null, 'a note is at most 20,000 characters');
select is(tests.says(format($$ insert into public.departments (school_id, code, name) values (%L, %L, %L) $$, tests.id('TAP-A'), c, n)), '23514 | ' || e, 'issue 4: says what would do: ' || e)
from (values
  ('X', repeat('x', 10000), 'Cannot save a value that breaks name_text_length | A name or title has 1 to 200 characters, and not only spaces.'),
  ('X', U&'\202Eevil', 'Cannot save a value that breaks name_text_characters | A name or title takes no line breaks, no control characters and no marks of direction.'),
  ('lower', 'x', 'Cannot save a value that breaks code_text_form | A code has 1 to 40 capitals, digits, dashes and underscores, and begins with a capital or digit.')) v (c, n, e);
select results_eq($$ select v collate private.hebrew from (values ('ת'), ('Zoe'), ('א'), ('Adam'), ('ב')) t (v) order by 1 $$, $$ values ('א' collate private.hebrew), ('ב'), ('ת'), ('Adam'), ('Zoe') $$, 'blueprint: names sort in Hebrew order, Latin after');

-- Keys and dates of record ------------------------------------------------------------------------------------------------------

select tests.sign_in_as_service();
select is(tests.says(format('update public.departments set school_id = %L where id = %L', tests.id('TAP-B'), tests.id('latin'))), '42501 | Cannot change the key or the origin of a row of departments | A row stays in its school; make a new one instead.', 'never 2: school_id never changes, not by the service key either');
select is(tests.does(format('update public.departments set id = gen_random_uuid() where id = %L', tests.id('latin'))), '42501', 'never 2: … nor the id');
select is(tests.does(format('update public.departments set created_at = now() - interval ''1 year'' where id = %L', tests.id('latin'))), '42501', 'never 2: … nor created_at');
select tests.sign_out();
select is(tests.does(format('update public.departments set school_id = %L where id = %L', tests.id('TAP-B'), tests.id('latin'))), '42501', 'never 2: … nor by the owner of the tables');
alter table public.departments disable trigger _400_set_updated_at;
update public.departments set updated_at = '2001-01-01', created_at = created_at where id = tests.id('latin');
alter table public.departments enable trigger _400_set_updated_at;
select tests.sign_in('admin@tap-a.test');
update public.departments set name = 'Changed' where id = tests.id('latin');
select is((select updated_at from public.departments where id = tests.id('latin')), now(), 'blueprint: updated_at follows each change');
select is(tests.does(format('update public.departments set updated_at = now() where id = %L', tests.id('latin'))), '42501', 'never 2: nobody writes updated_at');
select is(tests.does(format('update public.departments set deleted_at = now() where id = %L', tests.id('latin'))), '42501', 'S11: nobody hides a row but by removing it');
select is(tests.does(format($$ insert into public.departments (school_id, code, name) values (%L, 'LATIN', 'again') $$, tests.id('TAP-A'))), '23505', 'blueprint: a code is taken once in a school');
select tests.sign_out();
select lives_ok(format($$ insert into public.departments (school_id, code, name) values (%L, 'LATIN', 'there') $$, tests.id('TAP-B')), 'blueprint: … and again in another');

-- Removal and restoring --------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('delete from public.departments where id = %L', tests.id('latin'))), '0 rows', 'S11: a client''s delete hides the row and answers as for nothing');
select is((select count(*) from public.departments where id = tests.id('latin')), 0::bigint, 'blueprint: … hidden from the admin');
select tests.sign_out();
select isnt((select deleted_at from public.departments where id = tests.id('latin')), null, 'blueprint: … and kept');
select is((select string_agg(c.relname, ' ' order by c.relname) from pg_trigger t join pg_class c on c.oid = t.tgrelid where t.tgname = '_200_soft_delete' and has_table_privilege('authenticated', c.oid, 'delete')
  and c.relname not in (select r.table_name from private.restorable_tables r)), 'action_steps framework_domains framework_look_fors observation_look_fors observation_ratings observations pd_hours',
  'blueprint: what an office removes it can list and restore; the rest is its author''s');
select tests.sign_in('admin@tap-a.test');
select lives_ok(format($$ insert into public.departments (school_id, id, code, name) values (%L, %L, 'LATIN', 'New') $$, tests.id('TAP-A'), tests.id('latin2')), 'blueprint: a removed row frees its code');
select is(tests.says(format($$ select public.restore('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin'))), 'PT409 | Cannot restore the row | A live row has taken its code or its place; change or remove that one first.', 'S11: a live namesake answers restore by its own code');
select is(tests.does(format($$ select public.remove('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin2'))), '1 rows', 'blueprint: rpc(remove) removes and answers');
select is(tests.says(format($$ select public.remove('departments', %L, %L) $$, tests.id('TAP-A'), x)), tests.says(format($$ select public.remove('departments', %L, gen_random_uuid()) $$, tests.id('TAP-A'))), 'blueprint: removed, foreign and absent answer remove alike: ' || n)
from (values (tests.id('latin2'), 'removed'), (tests.id('TAP-B MATH'), 'of another school')) v (x, n);
select alike(tests.says(format($$ select public.remove('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A MATH'))), '23503 | Cannot remove a row of departments that rows of%memberships refer to |%', 'S11: a row that live rows refer to is not removed');
select is(string_agg(tests.does(format($$ select public.remove(%L, gen_random_uuid(), gen_random_uuid()) $$, t)), ' '), 'PT404 PT404 PT404', 'remove answers alike for no name, an empty one and one that is none') from unnest(array[null, '', '"."']) t;
select is(tests.says(format($$ select public.remove('memberships', %L, %L) $$, tests.id('TAP-A'), tests.id('TAP-A teacher1'))), tests.says($$ select public.remove('no_such_table', gen_random_uuid(), gen_random_uuid()) $$), 'remove answers alike for a table without the right and for none');
select results_eq(format($$ select id, deleted_by from public.deleted_rows('departments', %L) order by deleted_at $$, tests.id('TAP-A')), format($$ values (%L::uuid, %L::uuid), (%L, %L) $$, tests.id('latin'), tests.id('TAP-A admin'), tests.id('latin2'), tests.id('TAP-A admin')), 'blueprint: the admin lists removed rows and who removed them');
select is(tests.does(format($$ select public.restore('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin'))), '1 rows', 'blueprint: restore brings a row back');
select is((select name::text from public.departments where id = tests.id('latin')), 'Changed', 'blueprint: … as it was');
select is(tests.says(format($$ select public.restore('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin'))), tests.says(format($$ select public.restore('departments', %L, gen_random_uuid()) $$, tests.id('TAP-A'))), 'live and absent answer restore alike');

select tests.sign_in('admin@tap-b.test');
select is(tests.does(format($$ select public.remove('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin'))), 'PT404', 'never 1: another school''s admin removes nothing');
select is(tests.does(format($$ select * from public.deleted_rows('departments', %L) $$, tests.id('TAP-A'))), 'PT404', 'never 1: … lists nothing');
select is(tests.does(format($$ select public.restore('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin2'))), 'PT404', 'never 1: … restores nothing');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.does(format($$ select public.remove('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin'))), 'PT404', 'access.md departments: a teacher removes nothing');
select is(tests.does(format('delete from public.departments where id = %L', tests.id('latin'))) || (select count(*) from public.departments where id = tests.id('latin')), '0 rows1', 'access.md departments: … and a silent delete changes nothing');
select is(tests.does(format($$ select public.restore('departments', %L, %L) $$, tests.id('TAP-A'), tests.id('latin2'))), 'PT404', 'access.md departments: … nor restores');

-- Physical deletion stays physical -------------------------------------------------------------------------------------------------------

select tests.sign_out();
insert into public.student_internal (school_id, id, student_id) values (tests.id('TAP-A'), tests.id('internal'), tests.id('TAP-A pupil1'));
delete from public.guardianships where student_id = tests.id('TAP-A pupil1');
delete from public.students where id = tests.id('TAP-A pupil1');
select is((select count(*) from public.student_internal where id = tests.id('internal')), 0::bigint, 'S11: a purge by the owner cascades physically and leaves no orphan');

select * from finish();
rollback;
