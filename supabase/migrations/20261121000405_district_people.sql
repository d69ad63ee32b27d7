-- A district's people in its schools: a trigger gives each of them the role there, and a job follows the days on which it begins and ends.

create table private.memberships_before_district (
  membership_id uuid primary key,
  school_id uuid not null,
  team_scope text,
  starts_on date not null,
  ends_on date,
  resumes_on date,
  active boolean not null,
  foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete cascade
);
create index memberships_before_district_school_idx on private.memberships_before_district (school_id, membership_id);
comment on table private.memberships_before_district is 'What a person held in a role of the school itself when the district gave them the same role there; it is theirs again when that ends.';

create view private.district_roles as
select d.district_id, d.id, s.id as school_id, d.user_id, d.role, case d.role when 'leader' then 'school' end as team_scope, d.starts_on, d.ends_on, d.active,
  d.active and (now() at time zone s.timezone)::date between d.starts_on and coalesce(d.ends_on, 'infinity') as in_force
from public.district_memberships d join public.schools s on s.district_id = d.district_id
where d.user_id is not null;
comment on view private.district_roles is 'What each district membership gives in each school of the district, and whether it does so today there. It is never granted.';

-- definer: because the rows of a district's people are nobody's to write.
create function private.sync_district_memberships(p_district_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- One at a time in a district, whatever moves its schools and people.
  perform from public.districts d where d.id = p_district_id for no key update;
  -- What ended: back to what the school itself had given, or to nothing.
  with ended as (
    select m.school_id, m.id from public.memberships m join public.district_memberships d on d.id = m.via_district_membership_id
    where d.district_id = p_district_id and not exists (
      select from private.district_roles r where (r.id, r.school_id, r.role) = (d.id, m.school_id, m.role) and r.user_id is not distinct from m.user_id and (r.in_force or not exists (
        select from private.memberships_before_district b where b.membership_id = m.id)))
  ), given_back as (
    delete from private.memberships_before_district b using ended e where b.membership_id = e.id returning b.*
  )
  update public.memberships m set active = coalesce(b.active, false), resumes_on = b.resumes_on, starts_on = coalesce(b.starts_on, m.starts_on),
    ends_on = case when b.membership_id is null then m.ends_on else b.ends_on end, team_scope = case when b.membership_id is null then m.team_scope else b.team_scope end,
    via_district_membership_id = case when b.membership_id is null then m.via_district_membership_id end
  from ended e left join given_back b on b.membership_id = e.id
  where (m.school_id, m.id) = (e.school_id, e.id) and (b.membership_id is not null or m.active);
  -- Whoever holds the role there already keeps it as it is until the day on which the district's begins.
  insert into private.memberships_before_district (membership_id, school_id, team_scope, starts_on, ends_on, resumes_on, active)
  select m.id, m.school_id, m.team_scope, m.starts_on, m.ends_on, m.resumes_on, m.active
  from private.district_roles r join public.memberships m on (m.school_id, m.user_id, m.role) = (r.school_id, r.user_id, r.role)
  where r.district_id = p_district_id and r.in_force and m.via_district_membership_id is null and m.deleted_at is null
  on conflict do nothing;
  insert into public.memberships as m (school_id, user_id, role, team_scope, starts_on, ends_on, active, via_district_membership_id)
  select r.school_id, r.user_id, r.role, r.team_scope, least(r.starts_on, b.starts_on), r.ends_on, r.active, r.id
  from private.district_roles r
  left join public.memberships o on (o.school_id, o.user_id, o.role) = (r.school_id, r.user_id, r.role)
  left join private.memberships_before_district b on b.membership_id = o.id
  where r.district_id = p_district_id and (r.in_force or o.id is null or o.deleted_at is not null or o.via_district_membership_id is not null)
  on conflict (school_id, user_id, role) do update
    set team_scope = excluded.team_scope, starts_on = excluded.starts_on, ends_on = excluded.ends_on, active = excluded.active,
      via_district_membership_id = excluded.via_district_membership_id, resumes_on = null, deleted_at = null
    where (m.team_scope, m.starts_on, m.ends_on, m.active, m.via_district_membership_id, m.resumes_on, m.deleted_at)
      is distinct from (excluded.team_scope, excluded.starts_on, excluded.ends_on, excluded.active, excluded.via_district_membership_id, null, null);
end
$$;

-- definer: as above.
create function private.tg__sync_district_memberships() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- In one order, so that two schools that change places do not wait for each other; what ends first, as the person may be of both.
  if tg_op = 'UPDATE' and old.district_id is distinct from new.district_id then
    perform from public.districts d where d.id in (old.district_id, new.district_id) order by d.id for no key update;
    perform private.sync_district_memberships(old.district_id);
  end if;
  perform private.sync_district_memberships(new.district_id);
  return null;
end
$$;
create trigger _500_sync_memberships after insert or update on public.district_memberships for each row execute function private.tg__sync_district_memberships();
create trigger _500_sync_memberships after insert or update of district_id on public.schools for each row execute function private.tg__sync_district_memberships();

create function private.sync_districts() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_district_id uuid;
  v_count integer := 0;
begin
  for v_district_id in
    select r.district_id from private.district_roles r join public.memberships m on (m.school_id, m.user_id, m.role) = (r.school_id, r.user_id, r.role)
    where r.in_force and m.via_district_membership_id is null and m.deleted_at is null
    union
    select d.district_id from private.memberships_before_district b
    join public.memberships m on (m.school_id, m.id) = (b.school_id, b.membership_id)
    join public.district_memberships d on d.id = m.via_district_membership_id
    where not exists (select from private.district_roles r where (r.id, r.school_id) = (d.id, m.school_id) and r.in_force)
    order by 1
  loop
    perform private.sync_district_memberships(v_district_id);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function private.sync_districts is 'Takes over and gives back the roles of people whose district membership has begun or ended by its dates; returns in how many districts.';
select cron.schedule('memberships_follow_districts', '*/5 * * * *', 'select private.sync_districts()');
