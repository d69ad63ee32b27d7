-- Search for people by name or number, in any script, within what the caller may see. Operators of text search are not leakproof,
-- so under row-level security they would scan: a function applies the school and the scope inside.

create extension if not exists pg_trgm with schema extensions;

create function private.search_text(p_text text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- By Unicode, whatever the database's own collation; what stands beside letters in the scripts of India is part of a word.
  select trim(regexp_replace(replace(replace(replace(replace(
    translate(regexp_replace(lower(normalize(p_text, nfkd) collate pg_catalog."und-x-icu"),
      '[\u0300-\u036F\u0591-\u05BD\u05BF-\u05C7\u0610-\u061A\u061C\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u200B-\u200F\u202A-\u202E\u2066-\u2069''"`\u2018-\u201F\u05F3\u05F4]', '', 'g'),
      'ךםןףץøłđðıىیةک', 'כמנפצolddiييهك'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') collate pg_catalog."und-x-icu",
    '[^[:alnum:]\u0900-\u0DFF]+', ' ', 'g'))
$$;
comment on function private.search_text is 'Text as it is searched: compatibility form, small letters, in any script: without accents, niqqud, Arabic vowels, marks of direction, quotes and geresh; final letters, and letters that are written in two ways, as one; words apart by one space.';

create table private.searchable_people (
  school_id uuid not null references public.schools on delete cascade,
  kind text not null check (kind in ('student', 'staff')),
  person_id uuid not null,
  words text not null,
  -- A search reads the words of one school from here, side by side, however many schools there are. A trigram index would be asked
  -- for the school alone: neither condition of the search, each of which may hold without the other, goes by it.
  primary key (school_id, kind, person_id) include (words)
);
comment on table private.searchable_people is 'What search_people searches: a student''s names and number, or a staff member''s name on the directory card. Kept by triggers; read by one function.';

-- definer: because nobody writes the table but these triggers.
create function private.tg_students__make_searchable() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.deleted_at is not null then
    delete from private.searchable_people p where (p.school_id, p.kind, p.person_id) = (new.school_id, 'student', new.id);
  else
    insert into private.searchable_people (school_id, kind, person_id, words)
    values (new.school_id, 'student', new.id, private.search_text(concat_ws(' ', new.given_name, new.family_name, new.preferred_name, new.student_number)))
    on conflict (school_id, kind, person_id) do update set words = excluded.words;
  end if;
  return null;
end
$$;
create trigger _600_make_searchable after insert or update of given_name, family_name, preferred_name, student_number, deleted_at on public.students
  for each row execute function private.tg_students__make_searchable();

-- definer: as above.
create function private.tg_directory_cards__make_searchable() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.deleted_at is not null then
    delete from private.searchable_people p where (p.school_id, p.kind, p.person_id) = (new.school_id, 'staff', new.membership_id);
  elsif exists (select from public.memberships m where (m.school_id, m.id) = (new.school_id, new.membership_id) and m.role in ('admin', 'leader', 'teacher')) then
    -- Not the teacher code: families and colleagues who see the card do not see it.
    insert into private.searchable_people (school_id, kind, person_id, words)
    values (new.school_id, 'staff', new.membership_id, private.search_text(new.display_name))
    on conflict (school_id, kind, person_id) do update set words = excluded.words;
  end if;
  return null;
end
$$;
create trigger _600_make_searchable after insert or update of display_name, deleted_at on public.directory_cards
  for each row execute function private.tg_directory_cards__make_searchable();

-- definer: because the table has no grant; school and scope are applied here.
create function private.search_people(p_school_id uuid, p_query text, p_kind text, p_limit integer) returns table (kind text, person_id uuid, name text, number text, rank real)
language plpgsql stable security definer set search_path = '' set pg_trgm.word_similarity_threshold = 0.5
as $$
declare
  v_query text := private.search_text(left(p_query, 200));
  v_patterns text[] := array(select '% ' || w || '%' from unnest(string_to_array(v_query, ' ')) w);
  v_students boolean := p_school_id = any (array(select private.schools_with('students.read')));
  v_cards boolean := p_school_id = any (array(select private.schools_with('directory.manage')));
  v_people uuid[] := '{}';
begin
  if (p_school_id = any (array(select private.my_schools()))) is not true then
    return;
  end if;
  if (char_length(v_query) >= 2 and p_limit between 1 and 100) is not true then
    perform private.reject('search for people', 'Give two letters or digits at least, and a limit from 1 to 100.');
  end if;
  if not (v_students and v_cards) then
    v_people := array(
      select private.students_taught('students.read') union select private.students_covered('students.read')
      union select private.students_of_team('students.read') union select private.own_students() union select private.colleagues() union select private.teachers_attended());
  end if;
  return query
  select f.kind, f.person_id, coalesce(d.display_name::text, concat_ws(' ', s.given_name, s.family_name)), s.student_number::text, f.rank
  from (
    select p.kind, p.person_id,
      (case when ' ' || p.words like all (v_patterns) then 2 else 0 end + extensions.word_similarity(v_query, p.words) + extensions.similarity(v_query, p.words))::real as rank
    from private.searchable_people p
    where p.school_id = p_school_id and (p_kind is null or p.kind = p_kind)
      and (' ' || p.words like all (v_patterns) or v_query !~ '[0-9]' and v_query operator(extensions.<%) p.words)
      and (p.person_id = any (v_people) or case p.kind when 'student' then v_students else v_cards end)
      and p.person_id <> all (array(select private.blocked_students() union select private.blocked_memberships()))) f
  left join public.students s on f.kind = 'student' and (s.school_id, s.id) = (p_school_id, f.person_id)
  left join public.directory_cards d on f.kind = 'staff' and (d.school_id, d.membership_id) = (p_school_id, f.person_id) and d.deleted_at is null
  order by f.rank desc, 3, f.person_id
  limit p_limit;
end
$$;
grant execute on function private.search_people to authenticated;

create function public.search_people(school_id uuid, query text, kind text default null, max_results integer default 20)
returns table (kind text, person_id uuid, name text, number text, rank real)
language sql stable set search_path = ''
as $$ select * from private.search_people(search_people.school_id, search_people.query, search_people.kind, search_people.max_results) $$;
comment on function public.search_people is
  'People of one school by the beginnings of names or by number, in any script, forgiving spelling, accents, niqqud, Arabic vowels and final letters, best first, within what the caller may see. kind: student (person_id is the student) or staff (the membership); null for both. number: a student''s. PT422 under two characters.';
grant execute on function public.search_people to authenticated;
