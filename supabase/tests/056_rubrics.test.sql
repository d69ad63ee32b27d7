-- Rubrics as versions: look-fors, the next version, and growth across versions (access.md: frameworks, published versions never
-- change; observations read).
begin;
select plan(41);
select tests.school('TAP-A'), tests.school('TAP-B');
select tests.observation('TAP-A', 'old', 'teacher1', 'leader', 'evaluation', 'submitted'), tests.observation('TAP-A', 'begun', 'teacher1', 'leader', 'evaluation', 'draft'),
  tests.observation('TAP-A', 'walk', 'teacher1', 'leader', 'walkthrough', 'acknowledged'), tests.observation('TAP-A', 'coaching', 'teacher1', 'leader', 'coaching', 'submitted'), tests.observation('TAP-A', 'of another', 'teacher3', 'principal', 'evaluation', 'submitted');
-- Two ratings of the old version, in a month of their own: levels 2 of four and 3 of four.
update public.observations set observed_at = '2026-01-15T10:00Z' where id in (tests.id('TAP-A old'), tests.id('TAP-A walk'));
update public.observation_ratings set level = 3 where observation_id = tests.id('TAP-A walk');
update public.observation_ratings set level = 1 where observation_id = tests.id('TAP-A coaching');
insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level) select tests.id('TAP-A'), tests.id('TAP-A old'), tests.framework('TAP-A'), tests.domain('TAP-A', 2), null;
insert into public.framework_look_fors (school_id, id, framework_id, domain_id, level, description) values (tests.id('TAP-A'), tests.named('TAP-A look'), tests.framework('TAP-A'), tests.domain('TAP-A', 2), 4, 'Asks');
insert into public.pre_observation_questions (school_id, framework_id, question) values (tests.id('TAP-A'), tests.framework('TAP-A'), 'Which task?');
create temporary table version (old uuid, new uuid);
grant select on version to authenticated;
insert into version (old) values (tests.framework('TAP-A'));
create function tests.shape(p_framework uuid) returns text language sql security definer as $$
  select format('%s v%s %s: %s levels, %s domains, %s look-fors, %s questions', f.code, f.version, f.status,
    (select count(*) from public.framework_levels x where x.framework_id = f.id), (select count(*) from public.framework_domains x where x.framework_id = f.id), (select count(*) from public.framework_look_fors x join public.framework_domains d on d.id = x.domain_id and d.framework_id = f.id and d.position = 2 where x.framework_id = f.id and x.level = 4), (select count(*) from public.pre_observation_questions x where x.framework_id = f.id))
  from public.frameworks f where f.id = p_framework
$$;
create function tests.growth(p_email text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return (select string_agg(format('%s %s %s: %s of %s, %s', to_char(month, 'YYYY-MM'), framework_code, domain_code, average_level, ratings, average_position), '; ' order by month) from public.domain_growth where teacher_id = tests.id('TAP-A teacher1'));
end $$;
grant execute on all functions in schema tests to authenticated;

select is((select string_agg(f.code || ': ' || (select count(*) from public.framework_look_fors l where (l.school_id, l.framework_id) = (f.school_id, f.id) and l.level is null), ', ' order by f.code) from public.frameworks f where f.school_id = tests.id('TAP-B')), 'GROWTH-4: 10, GROWTH-5: 8', 'issue 5: what the product ships has look-fors for every domain');

-- The next version ---------------------------------------------------------------------------------------------------------------------

select is(tests.does_as(p, format('select public.copy_framework(%L, %L)', tests.id('TAP-A'), (select old from version))), 'PT404', 'access.md frameworks: admins make versions: ' || p) from unnest(array['leader@tap-a.test', 'principal@tap-a.test', 'teacher1@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('select public.copy_framework(%L, %L)', tests.id('TAP-A'), tests.framework('TAP-B'))), 'PT404', 'never 1: no version of another school''s framework');
create temporary table made as select id from public.copy_framework(tests.id('TAP-A'), (select old from version));
select tests.sign_out();
update version set new = (select id from made) where true;
select is(tests.shape((select new from version)), 'GROWTH-4 v2 draft: 4 levels, 5 domains, 1 look-fors, 1 questions', 'issue 5: the next version is a draft with all its parts');
select tests.sign_in('admin@tap-a.test');
select is(tests.says(format('select public.copy_framework(%L, %L)', tests.id('TAP-A'), (select old from version))), 'PT409 | Cannot copy the framework | A draft of its next version is there already; publish or remove it first.', 'issue 5: … one at a time');
select is(tests.does(format('select public.copy_framework(%L, %L)', tests.id('TAP-A'), (select new from version))), 'PT404', 'issue 5: a draft is not copied');
select is(tests.does(format('insert into public.framework_levels (school_id, framework_id, level, code, name) values (%L, %L, 5, ''GUIDING'', ''Guiding'')', tests.id('TAP-A'), (select new from version))), '1 rows', 'issue 5: the school changes its draft');
select is(tests.does(format('insert into public.framework_look_fors (school_id, framework_id, domain_id, level, description) values (%L, %L, %L, %s, ''Sees'')', tests.id('TAP-A'), f, d, l)), w, 'access.md frameworks: a look-for is of a draft''s own domain and level: ' || n)
from (select v.new, v.old, (select id from public.framework_domains where framework_id = v.new and position = 1) as own, (select id from public.framework_domains where framework_id = v.old and position = 1) as foreign_domain from version v) v,
  lateral (values (v.new, v.own, '5', '1 rows', 'its own'), (v.new, v.own, 'null', '1 rows', 'no level'), (v.new, v.own, '6', '42501', 'no such level'), (v.new, v.foreign_domain, '1', '42501', 'another version''s domain'), (v.old, v.foreign_domain, '1', '42501', 'a published version')) x (f, d, l, w, n);
select is(tests.does_as(p, format('insert into public.framework_look_fors (school_id, framework_id, domain_id, description) select school_id, framework_id, id, ''Mine'' from public.framework_domains where framework_id = %L', (select new from version))), w, 'access.md frameworks: nobody else writes look-fors: ' || p) from (values ('principal@tap-a.test', '0 rows'), ('teacher1@tap-a.test', '0 rows')) v (p, w);
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('update public.framework_look_fors set description = ''Other'' where framework_id = %L', f)), w, 'access.md frameworks: published look-fors never change: ' || s) from version, lateral (values (new, '13 rows', 'draft'), (old, '0 rows', 'published')) x (f, w, s);
select is(tests.does(format('select public.remove(''framework_look_fors'', %L, %L)', tests.id('TAP-A'), tests.id('TAP-A look'))), 'PT404', 'access.md frameworks: … nor go');
select is(tests.seen_as(p, format('public.framework_look_fors where id = %L', tests.id('TAP-A look'))), w, 'access.md frameworks: look-fors as the framework: ' || p) from (values ('teacher1@tap-a.test', 'TAP-A look'), ('parent1@tap-a.test', 'nothing'), ('admin@tap-b.test', 'nothing')) v (p, w);
select is((select count(*) from public.framework_look_fors where framework_id = (select new from version)), 0::bigint, 'access.md frameworks: a draft''s are the admin''s');

-- Publishing retires the older, and breaks nothing ----------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('select public.publish_framework(%L, %L)', tests.id('TAP-A'), (select new from version))), '1 rows', 'issue 5: the version is published');
select is(tests.shape(old) || ', ' || tests.shape(new), 'GROWTH-4 v1 retired: 4 levels, 5 domains, 1 look-fors, 1 questions, GROWTH-4 v2 published: 5 levels, 5 domains, 1 look-fors, 1 questions', 'issue 5: … which retires the older') from version;
select is((select status from public.frameworks where school_id = tests.id('TAP-A') and code = 'GROWTH-5'), 'published', '… of its own code alone');
select is(tests.does_as('leader@tap-a.test', format('insert into public.observations (school_id, observer_id, teacher_id, framework_id) values (%L, %L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A leader'), tests.id('TAP-A teacher1'), f)), w, 'issue 5: new observations go by the new: ' || n) from version, lateral (values (old, '42501', 'old'), (new, '1 rows', 'new')) x (f, w, n);
select is(tests.does(format('update public.observations set notes = ''Still'' where id = %L', tests.id('TAP-A begun'))) || tests.does(format('update public.observation_ratings set level = 4 where observation_id = %L', tests.id('TAP-A begun')))
  || tests.does(format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A begun'))), '1 rows1 rows1 rows', 'issue 5: what was begun by the old goes on by it');
select is((select level::text || ' ' || (select name from public.framework_domains d where d.id = r.domain_id) from public.observation_ratings r where observation_id = tests.id('TAP-A old') and level is not null), '2 Planning and preparation', 'issue 5: old observations read as they did');
select tests.sign_in('admin@tap-a.test');
select is(tests.does(format('select public.copy_framework(%L, %L)', tests.id('TAP-A'), (select old from version))), '1 rows', 'issue 5: a retired version is copied too');
select is((select version from public.frameworks where school_id = tests.id('TAP-A') and status = 'draft'), 3, 'issue 5: … to the next number of its code');

-- Growth over time -----------------------------------------------------------------------------------------------------------------------

select tests.sign_out();
update public.observations set deleted_at = now() where school_id = tests.id('TAP-A') and id in (select id from public.observations where status = 'draft');
insert into public.observations (school_id, id, teacher_id, observer_id, framework_id, kind, status, observed_at, submitted_at)
select tests.id('TAP-A'), tests.named('TAP-A by the new'), tests.id('TAP-A teacher1'), tests.id('TAP-A leader'), new, 'evaluation', 'submitted', '2026-02-15T10:00Z', now() from version;
insert into public.observation_ratings (school_id, observation_id, framework_id, domain_id, level) select tests.id('TAP-A'), tests.id('TAP-A by the new'), new, (select id from public.framework_domains where framework_id = new and position = 1), 5 from version;
update public.observations set observed_at = '2026-03-15T10:00Z' where id = tests.id('TAP-A begun');
select is(tests.growth(p), w, 'issue 5: growth by month across versions, each level on its own scale, without coaching and what was not observed, as ' || p)
from (values ('teacher1@tap-a.test', '2026-01 GROWTH-4 PLANNING: 2.50 of 2, 0.5000; 2026-02 GROWTH-4 PLANNING: 5.00 of 1, 1.0000; 2026-03 GROWTH-4 PLANNING: 4.00 of 1, 1.0000'),
  ('leader@tap-a.test', '2026-01 GROWTH-4 PLANNING: 2.50 of 2, 0.5000; 2026-02 GROWTH-4 PLANNING: 5.00 of 1, 1.0000; 2026-03 GROWTH-4 PLANNING: 4.00 of 1, 1.0000'), ('teacher2@tap-a.test', null), ('chief@tap-a.test', null), ('admin@tap-b.test', null)) v (p, w);
select tests.sign_in('leader@tap-a.test');
select is(tests.does(format('select public.amend_observation(%L, %L, ''Misread'', null, %L)', tests.id('TAP-A'), tests.id('TAP-A by the new'), (select jsonb_build_array(jsonb_build_object('domain_id', r.domain_id, 'level', 3)) from public.observation_ratings r where r.observation_id = tests.id('TAP-A by the new')))), '1 rows', 'an amendment');
select matches(tests.growth('teacher1@tap-a.test'), '2026-02 GROWTH-4 PLANNING: 3.00 of 1, 0.5000', 'issue 5: growth is of the version in force');
select is((select domains_rated || ' ' || domains_not_observed || ' ' || average_level from public.observation_summaries where observation_id = tests.id('TAP-A old')), '1 1 2.00', 'issue 5: averages ignore "not observed"');

select * from finish();
rollback;
