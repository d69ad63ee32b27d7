-- Calibration: who opens, rates and sees what and when, how agreement is computed, and what it is asked for (access.md, never 4:
-- a co-rater's rows stay hidden until both have submitted).
begin;
select plan(78);
select tests.school('TAP-A'), tests.school('TAP-B');

create function tests.opens(p_email text, p_name text, p_raters text[] default '{leader,chief}', p_url text default 'https://videos.example.test/1', p_school text default 'TAP-A', p_title text default 'A lesson') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.open_calibration(%L, %L, %L, %L, recording_url => %L, calibration_id => %L)', tests.id(p_school), tests.framework(p_school), p_title,
    array(select tests.id('TAP-A ' || r) from unnest(p_raters) r), p_url, tests.id('TAP-A ' || p_name)));
end $$;
create function tests.rates(p_email text, p_name text, p_levels text, p_code text default 'GROWTH-4') returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.submit_calibration(%L, %L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_name),
    (select jsonb_agg(jsonb_build_object('domain_id', tests.domain('TAP-A', n::integer, p_code), 'level', l::jsonb) order by n) from unnest(string_to_array(p_levels, ' ')) with ordinality x (l, n))));
end $$;
create function tests.ratings_seen(p_email text, p_name text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return coalesce((select string_agg(x.who || ' ' || x.levels, ', ' order by x.who) from (
    select replace(n.name, 'TAP-A ', '') as who, string_agg(coalesce(r.level::text, '-'), '' order by d.position) as levels
    from public.calibration_ratings r join tests.names n on n.id = r.rater_id join public.framework_domains d on d.id = r.domain_id where r.calibration_id = tests.id('TAP-A ' || p_name) group by n.name) x), 'nothing');
end $$;
create function tests.told(p_kind text) returns text language sql security definer as $$
  select coalesce(string_agg(replace(m.name, 'TAP-A ', ''), ', ' order by m.name), 'nobody') from public.notifications n join tests.names m on m.id = n.membership_id where n.kind = p_kind
$$;
create function tests.refused(p_action text) returns text language sql as $$
  select format('PT404 | Cannot %s | It does not exist, is not yours to change, or is no longer in a state that allows this.', p_action)
$$;
grant execute on all functions in schema tests to authenticated;

-- Opening ------------------------------------------------------------------------------------------------------------------------

select is(tests.opens('principal@tap-a.test', 'one', '{leader,chief,principal}'), 'done', 'issue 5: a principal opens a calibration');
select is(tests.opens('admin@tap-a.test', 'two'), 'done', 'issue 5: an admin too');
select is(tests.opens('principal@tap-a.test', 'one', '{leader,chief,principal}'), 'done', 'issue 5: sent again it is the same one');
select is(tests.told('calibration_opened'), 'chief, chief, leader, leader, principal', 'issue 5: raters are told, once each');
select tests.sign_out();
select tests.member('TAP-A', 'chief as admin', 'admin', null, null, null, 'chief@tap-a.test');
select matches(tests.opens('principal@tap-a.test', 'x', array['chief', 'chief as admin']), 'PT422 .*Nobody rates twice', 'issue 5: two or more observers: not one in two roles');
select tests.sign_out();
delete from public.memberships where id = tests.id('TAP-A chief as admin');
select is(left(tests.opens(p, 'x', r, u, s, t), 5), w, format('issue 5: refused to %s: %s, %s, %s, "%s"', p, r, u, s, t))
from (values ('leader@tap-a.test', '{leader,chief}'::text[], null, 'TAP-A', 'A', 'PT404'), ('teacher1@tap-a.test', '{leader,chief}', null, 'TAP-A', 'A', 'PT404'), ('principal@tap-b.test', '{leader,chief}', null, 'TAP-A', 'A', 'PT404'), ('principal@tap-a.test', '{leader,chief}', null, 'TAP-B', 'A', 'PT404'),
  ('principal@tap-a.test', '{leader,teacher1}', null, 'TAP-A', 'A', 'PT404'), ('principal@tap-a.test', '{leader,nobody}', null, 'TAP-A', 'A', 'PT404'), ('principal@tap-a.test', '{leader,leader}', null, 'TAP-A', 'A', 'PT422'), ('principal@tap-a.test', '{}', null, 'TAP-A', 'A', 'PT422'),
  ('principal@tap-a.test', '{leader,chief}', 'http://plain.example.test', 'TAP-A', 'A', 'PT422'), ('principal@tap-a.test', '{leader,chief}', null, 'TAP-A', ' ', 'PT422'), ('admin@tap-a.test', '{leader,chief}', null, 'TAP-A', 'A', 'done')) v (p, r, u, s, t, w);
select is(left(tests.opens('admin@tap-a.test', 'one'), 5), 'PT404', 'blueprint: another''s id reads as none');
select is(replace(tests.seen_as(p, format('(select id from public.calibrations where id in (%L, %L)) c', tests.id('TAP-A one'), tests.id('TAP-A two'))), tests.id('TAP-A one')::text, 'one') like w, true, 'issue 5: raters see theirs, the office the school''s: ' || p)
from (values ('leader@tap-a.test', '%one%'), ('mentor@tap-a.test', 'nothing'), ('teacher1@tap-a.test', 'nothing'), ('admin@tap-a.test', '%one%'), ('admin@tap-b.test', 'nothing')) v (p, w);

-- Blind rating --------------------------------------------------------------------------------------------------------------------

select is(tests.rates(p, 'one', '3 3 3 3 3'), tests.refused('submit the ratings'), 'issue 5: raters alone rate: ' || p) from unnest(array['mentor@tap-a.test', 'admin@tap-a.test', 'teacher1@tap-a.test', 'principal@tap-b.test']) p;
select is(left(tests.rates('leader@tap-a.test', 'one', l, c), 5), 'PT422', format('issue 5: bad input: %s of %s', l, c)) from (values ('5 1 1 1 1', 'GROWTH-4'), ('0 1 1 1 1', 'GROWTH-4'), ('"x" 1 1 1 1', 'GROWTH-4'), ('1 1 1 1', 'GROWTH-4'), ('1 1 1 1', 'GROWTH-5')) v (l, c);
select is(tests.rates('leader@tap-a.test', 'one', '3 2 null 4 1'), 'done', 'issue 5: a rater rates every domain, or says not observed');
select is(tests.rates('leader@tap-a.test', 'one', '1 1 1 1 1'), tests.refused('submit the ratings'), 'never 4: … once and for good');
select is(tests.ratings_seen(p, 'one'), w, 'never 4: until all have, nobody sees another''s ratings: ' || p) from (values ('leader@tap-a.test', 'leader 32-41'), ('chief@tap-a.test', 'nothing'), ('principal@tap-a.test', 'nothing'), ('admin@tap-a.test', 'nothing')) v (p, w);
select is(tests.seen_as('chief@tap-a.test', format('(select rater_id as id from public.calibration_raters where calibration_id = %L) r', tests.id('TAP-A one'))), 'TAP-A chief', 'never 4: a rater does not see who else has rated');
select tests.sign_in('principal@tap-a.test');
select is((select count(*) from public.calibration_agreement(tests.id('TAP-A'), tests.framework('TAP-A'))), 0::bigint, 'never 4: … nor through a number');
select is((select count(*) from audit.entry_values v join audit.entries e on e.id = v.entry_id where e.table_name = 'calibration_ratings' and v.after is not null), 0::bigint, 'never 4: … nor through the audit');
select is(left(tests.does_as('admin@tap-a.test', format('select public.close_calibration(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A one'))), 5), 'PT422', 'issue 5: nobody completes it while one has rated');
select is(tests.rates('chief@tap-a.test', 'one', '3 3 2 2 1'), 'done', 'issue 5: the second rates');
select is(tests.ratings_seen('leader@tap-a.test', 'one'), 'leader 32-41', 'never 4: two of three is not all');
select is(tests.does_as(p, format('select public.close_calibration(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A one'))), w, 'issue 5: the office completes it without the third: ' || p) from (values ('leader@tap-a.test', 'PT404'), ('admin@tap-b.test', 'PT404'), ('admin@tap-a.test', '1 rows'), ('admin@tap-a.test', 'PT404')) v (p, w);
select is(tests.ratings_seen(p, 'one'), w, 'issue 5: then raters and the office see all: ' || p) from (values ('leader@tap-a.test', 'chief 33221, leader 32-41'), ('admin@tap-a.test', 'chief 33221, leader 32-41'), ('mentor@tap-a.test', 'nothing'), ('teacher1@tap-a.test', 'nothing')) v (p, w);
select is(tests.rates('principal@tap-a.test', 'one', '3 3 3 3 3'), tests.refused('submit the ratings'), 'never 4: nobody rates who can see the others'' ratings');
select is(tests.rates('leader@tap-a.test', 'two', '2 2 2 2 2') || tests.rates('chief@tap-a.test', 'two', '2 2 2 2 2'), 'donedone', 'issue 5: when the last has rated it is complete');
select is((select status from public.calibrations where id = tests.id('TAP-A two')) || ' ' || tests.told('calibration_completed'), 'complete chief, chief, leader, leader', '… and its raters are told');

-- Agreement: two tables of the literature, rating by rating. The first is printed with its quadratic kappa (Gwet's abstractors,
-- irrCAC: kappa 0.7964094, quadratic 0.8921569), the second is Agresti's husbands and wives (kappa 0.1293, linear 0.2374).

select tests.sign_out();
delete from public.calibrations where school_id = tests.id('TAP-A');
create temporary table tables (domain integer, first integer, second integer, n integer);
insert into tables
select 1, i, j, n from (values (1, 1, 13), (2, 2, 20), (2, 3, 7), (3, 2, 4), (3, 3, 56)) v (i, j, n)
union all select 2, i, j, n from (values (1,1,7),(1,2,7),(1,3,2),(1,4,3),(2,1,2),(2,2,8),(2,3,3),(2,4,7),(3,1,1),(3,2,5),(3,3,4),(3,4,9),(4,1,2),(4,2,8),(4,3,9),(4,4,14)) v (i, j, n)
-- both always the same level; one always the same level
union all select 3, 2, 2, 40 union all select 4, 2, i, 10 from generate_series(1, 4) i;
create temporary table rated as
select t.domain, t.first, t.second, row_number() over (partition by t.domain order by t.first, t.second) as lesson from tables t, generate_series(1, t.n);
create function tests.kappa(p_domain integer, p_power integer) returns numeric language plpgsql as $$
declare
  v_n numeric := (select sum(n) from tables t where p_domain is null or t.domain = p_domain);
  v_seen numeric := 0;
  v_expected numeric := 0;
  v_weight numeric;
begin
  for i in 1..4 loop
    for j in 1..4 loop
      v_weight := case p_power when 0 then (i <> j)::integer else abs(i - j) ^ p_power / 3 ^ p_power end;
      v_seen := v_seen + v_weight * coalesce((select sum(n) from tables t where first = i and second = j and (p_domain is null or t.domain = p_domain)), 0) / v_n;
      v_expected := v_expected + v_weight * coalesce((select sum(n) from tables t where first = i and (p_domain is null or t.domain = p_domain)), 0)
        * coalesce((select sum(n) from tables t where second = j and (p_domain is null or t.domain = p_domain)), 0) / v_n / v_n;
    end loop;
  end loop;
  return 1 - v_seen / nullif(v_expected, 0);
end $$;
select is(round(tests.kappa(d, p), c), k, format('the reckoning by table agrees with the literature: table %s, weights of power %s', d, p)) from (values (1, 0, 7, 0.7964094), (1, 2, 7, 0.8921569), (2, 0, 4, 0.1293), (2, 1, 4, 0.2374)) v (d, p, c, k);

insert into public.calibrations (school_id, id, framework_id, author_id, title, status, completed_at) select tests.id('TAP-A'), tests.id('lesson ' || n), tests.framework('TAP-A'), tests.id('TAP-A principal'), 'L', 'complete', now() from generate_series(1, 100) n;
insert into public.calibration_raters (school_id, calibration_id, rater_id, submitted_at) select tests.id('TAP-A'), tests.id('lesson ' || n), tests.id('TAP-A ' || r), now() from generate_series(1, 100) n, unnest(array['leader', 'chief']) r;
insert into public.calibration_ratings (school_id, calibration_id, framework_id, rater_id, domain_id, level)
select tests.id('TAP-A'), tests.id('lesson ' || r.lesson), tests.framework('TAP-A'), tests.id('TAP-A ' || x.rater), tests.domain('TAP-A', r.domain), x.level from rated r, lateral (values ('leader', r.first), ('chief', r.second)) x (rater, level);
-- What either did not observe is in no reckoning.
insert into public.calibration_ratings (school_id, calibration_id, framework_id, rater_id, domain_id, level)
select tests.id('TAP-A'), tests.id('lesson ' || n), tests.framework('TAP-A'), tests.id('TAP-A ' || x.rater), tests.domain('TAP-A', 5), x.level from generate_series(1, 3) n, (values ('leader', 3), ('chief', null)) x (rater, level);
create temporary table golden as select d as domain, round(tests.kappa(d, 2), 4) as kappa from unnest(array[1, 2, 3, 4, null]) d;
grant select on golden to authenticated;
select tests.sign_in('admin@tap-a.test');
create temporary table found as select d.position::integer as domain, a.* from public.calibration_agreement(tests.id('TAP-A'), tests.framework('TAP-A')) a left join public.framework_domains d on d.id = a.domain_id;
select is((select coalesce(f.kappa::text, 'none') from found f where f.domain is not distinct from g.domain), coalesce(g.kappa::text, 'none'), 'issue 5: quadratic kappa is that of the contingency table: ' || coalesce('domain ' || g.domain, 'all domains')) from golden g;
select is((select round(kappa, 4) from found where domain = 1), 0.8922, 'issue 5: … and the published one');
select is((select kappa from found where domain = 4), 0.0000, 'issue 5: a pair of whom one never varies agrees no better than chance');
select is((select undefined_pairs || ' ' || exact_percent from found where domain = 3), '1 100.0', 'issue 5: a pair of whom both never vary has no kappa, and says so');
select is((select count(*) from found where domain = 5), 0::bigint, 'issue 5: not observed counts in no agreement');
select is((select lessons || ' ' || pairs from found where domain = 1), '100 1', '… and the number of lessons and pairs is told');

-- More than two raters: the mean of the pairs, and each observer's own ------------------------------------------------------------------------

select tests.sign_out();
delete from public.calibrations where school_id = tests.id('TAP-A');
create temporary table trio (lesson integer, leader integer, chief integer, mentor integer);
insert into trio values (1, 1, 1, 2), (2, 2, 3, 2), (3, 3, 3, 1), (4, 4, 3, 4), (5, 2, 2, null);
insert into public.calibrations (school_id, id, framework_id, author_id, title, status, completed_at) select tests.id('TAP-A'), tests.id('lesson ' || lesson), tests.framework('TAP-A'), tests.id('TAP-A principal'), 'L', 'complete', now() from trio;
insert into public.calibration_raters (school_id, calibration_id, rater_id, submitted_at) select tests.id('TAP-A'), tests.id('lesson ' || t.lesson), tests.id('TAP-A ' || r), now() from trio t, unnest(array['leader', 'chief', 'mentor']) r;
insert into public.calibration_ratings (school_id, calibration_id, framework_id, rater_id, domain_id, level)
select tests.id('TAP-A'), tests.id('lesson ' || t.lesson), tests.framework('TAP-A'), tests.id('TAP-A ' || x.rater), tests.domain('TAP-A'), x.level from trio t, lateral (values ('leader', t.leader), ('chief', t.chief), ('mentor', t.mentor)) x (rater, level);
create function tests.pair(p_first text, p_second text) returns numeric language plpgsql as $$
declare
  v_kappa numeric;
begin
  delete from tables where true;
  execute format('insert into tables select 1, %I, %I, count(*) from trio where %1$I is not null and %2$I is not null group by 2, 3', p_first, p_second);
  return tests.kappa(1, 2);
end $$;
create temporary table pairs as select tests.pair('leader', 'chief') as lc, tests.pair('leader', 'mentor') as lm, tests.pair('chief', 'mentor') as cm;
grant select on pairs to authenticated;
grant execute on all functions in schema tests to authenticated;
select tests.sign_in('principal@tap-a.test');
select is((select kappa from public.calibration_agreement(tests.id('TAP-A'), tests.framework('TAP-A')) where domain_id is null), (select round((lc + lm + cm) / 3, 4) from pairs), 'issue 5: of several raters the mean of the pairs');
select tests.sign_in('leader@tap-a.test');
select is(public.my_calibration(tests.id('TAP-A'), tests.framework('TAP-A')), (select round((lc + lm) / 2, 4) from pairs), 'issue 5: one''s own is the mean of one''s pairs');
select tests.sign_in('chief@tap-a.test');
select isnt(public.my_calibration(tests.id('TAP-A'), tests.framework('TAP-A')), (select round((lc + lm) / 2, 4) from pairs), '… and not another''s');

-- A minimum before evaluations -----------------------------------------------------------------------------------------------------------------

select tests.sign_out();
create temporary table minimum as select ceil(100 * (lc + lm) / 2)::integer as percent from pairs;
grant select on minimum to authenticated;
select tests.observation('TAP-A', n, 'teacher1', 'leader', k, 'draft') from (values ('evaluation', 'evaluation'), ('walkthrough', 'walkthrough'), ('coaching', 'coaching'), ('second', 'evaluation'), ('third', 'evaluation')) v (n, k);
select tests.observation('TAP-A', 'of principal', 'teacher1', 'principal', 'evaluation', 'draft');
create function tests.submits(p_email text, p_name text) returns text language plpgsql as $$
begin
  perform tests.sign_in(p_email);
  return tests.says(format('select public.submit_observation(%L, %L)', tests.id('TAP-A'), tests.id('TAP-A ' || p_name)));
end $$;
create function tests.asks(p_percent integer) returns text language plpgsql as $$
begin
  perform tests.sign_in('admin@tap-a.test');
  return tests.does(format('select public.set_school_setting(%L, ''calibration_minimum_percent'', ''%s'')', tests.id('TAP-A'), p_percent));
end $$;
grant execute on all functions in schema tests to authenticated;
select is(tests.asks((select percent from minimum)), '1 rows', 'issue 5: a school asks for a little more than the observer has');
select is(tests.submits('leader@tap-a.test', 'evaluation'), format('PT422 | Cannot submit the observation | Your school asks evaluators for a weighted kappa of %s percent in calibrations on this framework first.', percent), 'issue 5: then no evaluation is submitted') from minimum;
select is(tests.submits('leader@tap-a.test', n), 'done', 'issue 5: … and all else is: ' || n) from unnest(array['walkthrough', 'coaching']) n;
select is(left(tests.submits('principal@tap-a.test', 'of principal'), 5), 'PT422', 'issue 5: who has no calibration has not reached it');
select is(tests.asks((select percent - 1 from minimum)) || tests.submits('leader@tap-a.test', 'evaluation'), '1 rowsdone', 'issue 5: with a minimum that is reached it is submitted');
select is(tests.asks(0) || tests.submits('principal@tap-a.test', 'of principal'), '1 rowsdone', 'issue 5: 0 asks for none');

select * from finish();
rollback;
