-- Evidence follows its observation (access.md: storage). Rows of storage.objects, as the storage service writes them: in the user's role.
begin;
select plan(45);
select tests.school('TAP-A'), tests.school('TAP-B');
insert into storage.buckets (id, name) values ('evidence', 'evidence'), ('tap-other', 'tap-other') on conflict (id) do nothing;
select tests.observation('TAP-A', k || ' ' || s, 'teacher1', 'leader', k, s) from unnest(array['evaluation', 'coaching']) k, unnest(array['draft', 'submitted']) s;
select tests.observation('TAP-A', 'other', 'teacher3', 'principal', 'evaluation', 'draft'), tests.observation('TAP-B', 'far', 'teacher1', 'leader', 'evaluation', 'submitted');

create function tests.path(p_name text, p_file text default 'photo.png') returns text language sql immutable as $$ select tests.id(split_part(p_name, ' ', 1)) || '/' || tests.id(p_name) || '/' || p_file $$;
create function tests.upload(p_email text, p_path text, p_bucket text default 'evidence') returns text language sql as $$
  select tests.does_as(p_email, format('insert into storage.objects (bucket_id, name, owner_id) values (%L, %L, %L)', p_bucket, p_path, tests.id(p_email)))
$$;
grant execute on all functions in schema tests to authenticated, anon;
-- Supabase refuses deletion of objects by SQL unless the storage service says that it is at work.
select set_config('storage.allow_delete_query', 'true', true);

insert into storage.objects (id, bucket_id, name) select tests.named('file of ' || n), 'evidence', tests.path('TAP-A ' || n) from unnest(array['evaluation draft', 'evaluation submitted', 'coaching draft', 'coaching submitted', 'other']) n;
insert into storage.objects (id, bucket_id, name) values (tests.named('file of far'), 'evidence', tests.path('TAP-B far')), (tests.named('stray'), 'evidence', 'no/uuid/here.png'), (tests.named('shallow'), 'evidence', 'top.png'),
  (tests.named('elsewhere'), 'tap-other', tests.path('TAP-A evaluation submitted'));

select is(tests.seen_as(p, format('storage.objects where id in (select id from tests.names)')), w, 'access.md storage follows the row: ' || p)
from (values
  ('leader@tap-a.test', 'file of coaching draft, file of coaching submitted, file of evaluation draft, file of evaluation submitted'),
  ('teacher1@tap-a.test', 'file of coaching submitted, file of evaluation submitted'),
  ('principal@tap-a.test', 'file of evaluation submitted, file of other'), ('admin@tap-a.test', 'file of evaluation submitted'), ('chief@tap-a.test', 'nothing'), ('teacher2@tap-a.test', 'nothing'),
  ('student1@tap-a.test', 'nothing'), ('admin@tap-b.test', 'file of far'), ('teacher1@tap-b.test', 'file of far'), ('owner@tap.test', 'nothing')) v (p, w);
select set_config('storage.operation', 'storage.object.sign', true);
select is(tests.seen_as('leader@tap-a.test', 'storage.objects where id in (select id from tests.names)') || ' ' || tests.upload('leader@tap-a.test', tests.path('TAP-A evaluation draft', 'signed.png')), 'nothing 42501', 'access.md storage: clients get no signed address, to read or to write');
select set_config('storage.operation', '', true);
select tests.sign_in_as_anon();
select is(tests.does('select from storage.objects'), '0 rows', 'access.md: anon sees no file') ;

select is(tests.upload('leader@tap-a.test', tests.path('TAP-A ' || n, 'new.png')), w, 'access.md storage: the observer adds evidence to a draft: ' || n)
from (values ('evaluation draft', '1 rows'), ('coaching draft', '1 rows'), ('evaluation submitted', '42501'), ('coaching submitted', '42501'), ('other', '42501'), ('nobody', '42501')) v (n, w);
select is(tests.upload(p, tests.path('TAP-A evaluation draft', 'other.png')), '42501', 'access.md storage: … and nobody else: ' || p) from unnest(array['teacher1@tap-a.test', 'principal@tap-a.test', 'admin@tap-a.test', 'leader@tap-b.test']) p;
select is(tests.upload('leader@tap-a.test', n), '42501', 'issue 2: a path that is not school/observation/file is refused: ' || left(n, 12) || '…')
from unnest(array['top.png', tests.id('TAP-A') || '/top.png', tests.id('TAP-A evaluation draft') || '/x.png', tests.id('TAP-A') || '/' || tests.id('TAP-A evaluation draft') || '/deep/x.png', tests.id('TAP-B') || '/' || tests.id('TAP-A evaluation draft') || '/x.png',
  '../' || tests.path('TAP-A evaluation draft', 'x.png'), 'x''; drop table public.observations; --/y/z.png']) n;
select is(tests.upload('leader@tap-a.test', tests.path('TAP-A evaluation draft', 'new.png'), b), '42501', 'storage: no other bucket: ' || b) from unnest(array['tap-other', 'audit-heads']) b;
select is(tests.does_as('leader@tap-a.test', format('update storage.objects set metadata = ''{}'' where name = %L', tests.path('TAP-A ' || n))), w, 'access.md storage: replaced in a draft: ' || n) from (values ('evaluation draft', '1 rows'), ('evaluation submitted', '0 rows')) v (n, w);
select is(tests.does_as('leader@tap-a.test', format('update storage.objects set name = %L where name = %L', tests.path('TAP-A ' || n, 'moved.png'), tests.path('TAP-A evaluation draft'))), '42501', 'access.md storage: not moved into what is not mine to write: ' || n) from unnest(array['evaluation submitted', 'other', 'nobody']) n;
select is(tests.does_as(p, format('delete from storage.objects where name = %L', tests.path('TAP-A ' || n))), w, format('access.md storage: removed from a draft by its observer alone: %s, %s', p, n))
from (values ('teacher1@tap-a.test', 'evaluation submitted', '0 rows'), ('admin@tap-a.test', 'evaluation submitted', '0 rows'), ('leader@tap-a.test', 'evaluation submitted', '0 rows'), ('leader@tap-b.test', 'evaluation draft', '0 rows'), ('leader@tap-a.test', 'evaluation draft', '1 rows')) v (p, n, w);
select tests.sign_out();
update public.observations set status = 'submitted', submitted_at = now() where id = tests.id('TAP-A coaching draft');
select is(tests.does_as('teacher1@tap-a.test', format('select from storage.objects where name = %L', tests.path('TAP-A coaching draft'))), '1 rows', 'access.md storage: submission opens the files with the row');
select tests.sign_out();
update public.memberships set active = false where id = tests.id('TAP-A teacher1');
select is(tests.seen_as('teacher1@tap-a.test', 'storage.objects where id in (select id from tests.names)'), 'nothing', 'never 8: ending a membership closes them');
select tests.sign_out();
update public.observations set deleted_at = now() where id = tests.id('TAP-A evaluation submitted');
select is(tests.does_as('admin@tap-a.test', format('select from storage.objects where name = %L', tests.path('TAP-A evaluation submitted'))), '0 rows', 'access.md storage: a removed observation hides its files');
select tests.sign_out();

select is_empty($$
  select policyname from pg_policies where schemaname = 'storage' and tablename = 'objects' and cmd = 'SELECT'
    and qual !~ '^\(\(bucket_id = ''[a-z-]+''::text\) AND \(split_part\(name, ''/''::text, 1\) = ANY \(ARRAY\( SELECT \(private\.my_schools\('
$$, 'budget: what is in no school of the reader''s ends at the first part of its path: storage.list() asks the policy of every file of a bucket');

select * from finish();
rollback;
