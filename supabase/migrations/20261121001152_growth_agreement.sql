-- Growth: how far observers agree, computed from the ratings of complete calibrations.

create view public.calibration_pairs with (security_invoker = true) as
select a.school_id, a.framework_id, a.calibration_id, a.domain_id, a.rater_id as first_rater_id, b.rater_id as second_rater_id, a.level as first_level, b.level as second_level
from public.calibration_ratings a
join public.calibration_ratings b on (b.school_id, b.calibration_id, b.domain_id) = (a.school_id, a.calibration_id, a.domain_id) and b.rater_id > a.rater_id
join public.calibrations c on (c.school_id, c.id) = (a.school_id, a.calibration_id) and c.status = 'complete'
where a.level is not null and b.level is not null;
grant select on public.calibration_pairs to authenticated;
comment on view public.calibration_pairs is 'The levels that two raters gave the same domain of the same lesson, of complete calibrations; each pair once, without what either did not observe.';

create function private.weighted_kappa(p_n bigint, p_squares bigint, p_first bigint, p_second bigint, p_first_squares bigint, p_second_squares bigint) returns numeric
language sql immutable parallel safe set search_path = ''
as $$
  select 1 - p_n * p_squares / nullif((p_n * (p_first_squares + p_second_squares) - 2 * p_first * p_second)::numeric, 0)
$$;
comment on function private.weighted_kappa is
  'Kappa with quadratic weights (Cohen 1968) of one pair of raters, from n, the sum of squared differences, and the sums and sums of squares of the two raters'' levels: 1 - sum(w o) / sum(w e) with w = (i - j)^2, whose scale cancels. Null when it is not defined: both raters gave one and the same level throughout, so that no disagreement was to be expected.';
grant execute on function private.weighted_kappa to authenticated;

create function public.calibration_agreement(school_id uuid, framework_id uuid, calibration_id uuid default null)
returns table (domain_id uuid, lessons bigint, pairs bigint, undefined_pairs bigint, kappa numeric, exact_percent numeric)
language sql stable set search_path = ''
as $$
  select x.domain_id, max(x.lessons), count(*), count(*) filter (where x.kappa is null), round(avg(x.kappa), 4), round(100.0 * sum(x.exact) / sum(x.n), 1)
  from (
    select p.domain_id, count(*) as n, count(distinct p.calibration_id) as lessons, count(*) filter (where p.first_level = p.second_level) as exact,
      private.weighted_kappa(count(*), sum((p.first_level - p.second_level) * (p.first_level - p.second_level)), sum(p.first_level), sum(p.second_level), sum(p.first_level * p.first_level), sum(p.second_level * p.second_level)) as kappa
    from public.calibration_pairs p
    where p.school_id = calibration_agreement.school_id and p.framework_id = calibration_agreement.framework_id
      and (calibration_agreement.calibration_id is null or p.calibration_id = calibration_agreement.calibration_id)
    group by grouping sets ((p.domain_id, p.first_rater_id, p.second_rater_id), (p.first_rater_id, p.second_rater_id))) x
  group by x.domain_id
  order by x.domain_id nulls last
$$;
comment on function public.calibration_agreement is
  'How far raters agree on a framework''s version, over complete calibrations that the caller sees, or one of them. Per domain the items of a pair are lessons; in the last row, domain_id null, every rating of every domain and lesson. kappa: quadratic weights (Cohen 1968), the mean over pairs of raters for whom it is defined, to four decimals; a pair of whom one never varies has 0, a pair of whom both gave one level throughout has none (undefined_pairs), and counts in exact_percent alone. lessons: the most that a pair shares.';
grant execute on function public.calibration_agreement to authenticated;

create function private.calibration_of(p_school_id uuid, p_framework_id uuid, p_rater_ids uuid[]) returns numeric
language sql stable set search_path = ''
as $$
  select avg(x.kappa) from (
    select private.weighted_kappa(count(*), sum((p.first_level - p.second_level) * (p.first_level - p.second_level)), sum(p.first_level), sum(p.second_level), sum(p.first_level * p.first_level), sum(p.second_level * p.second_level)) as kappa
    from public.calibration_pairs p
    where (p.school_id, p.framework_id) = (p_school_id, p_framework_id) and array[p.first_rater_id, p.second_rater_id] && p_rater_ids
    group by p.first_rater_id, p.second_rater_id) x
$$;
comment on function private.calibration_of is 'What the setting calibration_minimum_percent is compared with: the mean kappa of the pairs that one person is part of, by the memberships named, over every rating of complete calibrations on one version of a framework; null when none is defined.';
grant execute on function private.calibration_of to authenticated;

create function public.my_calibration(school_id uuid, framework_id uuid) returns numeric
language sql stable set search_path = ''
as $$ select round(private.calibration_of(my_calibration.school_id, my_calibration.framework_id, array(select private.my_memberships('{admin,leader}'))), 4) $$;
comment on function public.my_calibration is
  'The caller''s own agreement with the other raters on a framework''s version: what the setting calibration_minimum_percent asks of observers before they submit evaluations. Kappa as in calibration_agreement, the mean over one''s pairs; null when none is defined.';
grant execute on function public.my_calibration to authenticated;
