-- Search for people: in any script, niqqud, final letters, prefixes, slips and numbers, within the caller's scope (access.md; never 1, 9).
begin;
select plan(51);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into public.students (school_id, id, given_name, family_name, student_number)
select tests.id(s), tests.named(s || ' ' || n), split_part(n, ' ', 1), split_part(n, ' ', 2), k from unnest(array['TAP-A', 'TAP-B']) s,
  (values ('محمد خوري', 'S-3001'), ('Юлия Иванова', 'S-3002'), ('Jürgen Groß', 'S-3003'), ('मोहन शर्मा', 'S-3004'), ('שלום כהן', 'S-1001'), ('שלומית לוין', 'S-1002'), ('José Álvarez', 'S-1003'), ('Maya O''Brien', 'S-2001'), ('Ingrid Østergård', 'S-2002'), ('אברהם בן-ציון', 'S-2003')) v (n, k);
insert into public.academic_years (school_id, id, code, name, starts_on, ends_on) values (tests.id('TAP-A'), tests.named('TAP-A year'), 'Y', 'Y', current_date - 100, current_date + 100);
insert into public.classes (school_id, id, academic_year_id, grade_level_id, code, name) select l.school_id, tests.named('TAP-A a'), tests.id('TAP-A year'), l.id, 'A', 'A' from public.grade_levels l where l.school_id = tests.id('TAP-A') and l.code = 'P1';
insert into public.class_teachers (school_id, class_id, teacher_id, starts_on) values (tests.id('TAP-A'), tests.id('TAP-A a'), tests.id('TAP-A teacher1'), current_date - 100);
insert into public.enrollments (school_id, student_id, class_id, kind, starts_on, ends_on) values (tests.id('TAP-A'), tests.id('TAP-A שלום כהן'), tests.id('TAP-A a'), 'homeroom', current_date - 100, current_date + 100);
insert into public.directory_cards (school_id, membership_id, display_name) values (tests.id('TAP-A'), tests.id('TAP-A teacher1'), 'שלומי מורה'), (tests.id('TAP-A'), tests.id('TAP-A parent1'), 'שלומי הורה');

update public.memberships set teacher_code = 'T-77' where id = tests.id('TAP-A teacher1');

create function tests.found(p_query text, p_kind text default null, p_school text default 'TAP-A') returns text language plpgsql as $$
begin
  return (select coalesce(string_agg(f.name, ', ' order by f.rank desc, f.name collate "C"), 'nobody') from public.search_people(tests.id(p_school), p_query, p_kind) f);
exception when others then
  return sqlstate;
end $$;
grant execute on all functions in schema tests to authenticated;

select is(private.search_text(a), b, 'as it is searched: ' || a) from (values ('  שָׁלוֹם ', 'שלומ'), ('O’Brien', 'obrien'), ('בן־ציון', 'בנ ציונ'), ('ÁLVAREZ', 'alvarez'), ('Østergård', 'ostergard'), ('צ׳רלי', 'צרלי'), ('ﬁne', 'fine')) v (a, b);
select tests.sign_in('admin@tap-a.test');
select is(tests.found(q, 'student'), w, why) from (values
  ('שלום', 'שלום כהן, שלומית לוין', 'a whole word before a beginning'), ('שָׁלוֹם', 'שלום כהן, שלומית לוין', 'niqqud does not matter'), ('שלומ', 'שלום כהן, שלומית לוין', 'nor a final letter'),
  ('כהן שלום', 'שלום כהן', 'nor the order of names'), ('alv', 'José Álvarez', 'the beginning of a name, without its accent'), ('Alvarz', 'José Álvarez', 'a letter left out'), ('Alvarex', 'José Álvarez', 'a wrong letter'), ('אברהמ בן-צין', 'אברהם בן-ציון', 'a letter left out in Hebrew'), ('אברחם', 'אברהם בן-ציון', 'a wrong letter in Hebrew'),
  ('obrien', 'Maya O''Brien', 'quotes do not matter'), ('oster', 'Ingrid Østergård', 'nor Danish letters'), ('s-1003', 'José Álvarez', 'a number'), ('בן ציון', 'אברהם בן-ציון', 'a hyphen is a space'), ('zzzz', 'nobody', 'what nobody is called')) v (q, w, why);
select is(tests.found(q, 'student'), w, 'in any script: ' || q) from (values ('محمد', 'محمد خوري'), ('مُحَمَّد', 'محمد خوري'), ('خورى', 'محمد خوري'), ('خو', 'محمد خوري'), ('ЮЛИ', 'Юлия Иванова'), ('иваново', 'Юлия Иванова'), ('gross', 'Jürgen Groß'), ('groß', 'Jürgen Groß'), ('मोह', 'मोहन शर्मा'), ('शर्मा', 'मोहन शर्मा'), ('😀 иванова', 'Юлия Иванова')) v (q, w);
select is(tests.found('שלומ', 'staff'), 'שלומי מורה', 'staff by their cards; never families (9)');
select is(tests.found(q), 'PT422', 'refused: ' || coalesce(nullif(q, ''), 'nothing')) from unnest(array['', 'א', '  ', '%_']) q;
select is(tests.does(format('select public.search_people(%L, %L, null, %L)', tests.id('TAP-A'), 'שלום', l)), 'PT422', 'as many as asked for, up to a hundred: not ' || coalesce(l, 'without end')) from unnest(array[null, '0', '101']) l;
select is(tests.found(null), 'PT422', 'refused: no words at all');
select is(tests.found('שלומ', null, 'TAP-B'), 'nobody', 'never 1: nothing of another school');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.found('של', 'student') || ' / ' || tests.found('של', 'staff'), 'שלום כהן / שלומי מורה', 'access.md class: a teacher finds own students, and colleagues');
select is(tests.found('T-77'), 'nobody', 'access.md memberships: a teacher code is not found by colleagues');
select is((select string_agg(f.number, ',') from public.search_people(tests.id('TAP-A'), 'שלומי', 'staff') f), null, '… nor told');
select tests.sign_in('parent1@tap-a.test');
select is(tests.found('של'), 'nobody', 'a parent finds neither other children nor staff of other classes');
select tests.sign_out();
insert into public.guardianship_blocks (school_id, student_id, membership_id, reason) values (tests.id('TAP-A'), tests.id('TAP-A שלום כהן'), tests.id('TAP-A teacher1'), 'Order');
select tests.sign_in('teacher1@tap-a.test');
select is(tests.found('שלום', 'student'), 'nobody', 'deny wins: blocked in search too');
select tests.sign_out();
update public.students set family_name = 'פרץ' where id = tests.id('TAP-A שלום כהן');
update public.students set deleted_at = now() where id = tests.id('TAP-A שלומית לוין');
select tests.sign_in('admin@tap-a.test');
select is(tests.found('כהן', 'student'), 'nobody', 'a changed name is found no more');
select is(tests.found('פרץ', 'student'), 'שלום פרץ', '… but the new one');
select is(tests.found('שלומית', 'student') ~ 'לוין', false, 'a removed student neither');
select is(tests.does('select from private.searchable_people'), '42501', 'nobody reads what is searched but by the function');

select * from finish();
rollback;
