-- Growth: reminders of visits and of observations that wait, each sent once.

create table private.reminders (
  school_id uuid not null references public.schools on delete cascade,
  kind text not null,
  row_id uuid not null,
  sent_at timestamptz not null default now(),
  primary key (school_id, kind, row_id)
);
create index reminders_sent_at_idx on private.reminders (sent_at);
comment on table private.reminders is 'What has been reminded of; kept for two years, longer than anything stays to be reminded of.';

create function private.send_reminders() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from private.reminders r where r.sent_at < now() - interval '2 years';
  with schools as materialized (
    select s.id, (now() at time zone s.timezone)::date as today, private.setting(s.id, 'observation_reminder_days')::integer as ahead,
      make_interval(days => private.setting(s.id, 'acknowledgement_days')::integer) as patience
    from public.schools s where s.status = 'active' and s.deleted_at is null
  ), visits as (
    select p.school_id, case when p.due_on < s.today then 'observation_overdue' else 'observation_due' end as kind, p.id as occasion_id, 'planned_observations' as table_name, p.id as row_id, p.observer_id as member_id
    from schools s join public.planned_observations p on p.school_id = s.id and p.due_on between s.today - 365 and s.today + s.ahead and p.status <> 'cancelled'
    where not exists (select from public.observations o where (o.school_id, o.planned_observation_id) = (p.school_id, p.id) and o.status <> 'draft' and o.deleted_at is null)
  ), waiting as (
    -- What was amended waits anew, from its amendment on.
    select o.school_id, 'observation_unacknowledged', coalesce(a.id, o.id), 'observations', o.id, o.teacher_id
    from schools s join public.observations o on o.school_id = s.id and o.status = 'submitted' and o.deleted_at is null
    left join public.observation_amendments a on (a.school_id, a.observation_id, a.version) = (o.school_id, o.id, o.version)
    where coalesce(a.created_at, o.submitted_at) between now() - s.patience - interval '1 year' and now() - s.patience
  ), due as (
    select * from visits union all select * from waiting
  ), fresh as (
    insert into private.reminders (school_id, kind, row_id) select d.school_id, d.kind, d.occasion_id from due d on conflict do nothing
    returning school_id, kind, row_id as occasion_id
  )
  select count(*) filter (where private.notify(d.school_id, array[d.member_id], d.kind, d.table_name, d.row_id) is not null) into v_count
  from fresh f join due d using (school_id, kind, occasion_id);
  return v_count;
end
$$;
comment on function private.send_reminders is
  'Reminds observers of visits due within observation_reminder_days and of visits overdue, and teachers of observations, or of their latest amendment, that wait longer than acknowledgement_days; each once. Returns how many.';
select cron.schedule('growth_send_reminders', '35 * * * *', 'select private.send_reminders()');
