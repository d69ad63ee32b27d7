-- Sessions: who was here, from when to when. One open row per school and sign-in, whatever the number of tabs; a session
-- lasts to its last heartbeat. Sign-ins and sign-outs go into the audit.

create table public.user_sessions (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  session_id uuid not null,
  started_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text constraint user_sessions_end_reason check (end_reason in ('ended', 'expired', 'signed_out')),
  duration_seconds integer generated always as (extract(epoch from ended_at - started_at)::integer) stored,
  ip inet,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint user_sessions_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint user_sessions_ended check ((ended_at is null) = (end_reason is null) and ended_at >= started_at)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
-- No index holds last_seen_at: a heartbeat stays a heap-only update, and its page cleans itself.
create unique index user_sessions_open_key on public.user_sessions (school_id, session_id) where ended_at is null;
create index user_sessions_id_idx on public.user_sessions (id);
create index user_sessions_school_idx on public.user_sessions (school_id, started_at desc);
create index user_sessions_membership_idx on public.user_sessions (membership_id, started_at desc);
create index user_sessions_membership_fkey_idx on public.user_sessions (school_id, membership_id);
alter table public.user_sessions enable row level security;
call private.equip('public.user_sessions', p_subject => 'membership_id', p_audit_updates => 'ended_at');
grant select on public.user_sessions to authenticated;
comment on table public.user_sessions is 'A stay of a member in a school: started, last heartbeat, ended. Written by session_start, session_ping, session_end and the expiry job.';
comment on column public.user_sessions.session_id is 'the sign-in (auth.sessions.id), from the token';
comment on column public.user_sessions.duration_seconds is 'seconds from start to end; an expired session ends at its last heartbeat';

create policy "teachers and students their own, admins the school's" on public.user_sessions for select to authenticated
  using (membership_id = any (array(select private.my_memberships('{teacher,student}')))
    or school_id = any (array(select private.schools_with('sessions.read'))));

create policy "blocked people see nothing of the student" on public.user_sessions as restrictive for all to authenticated
  using (membership_id <> all (array(select private.blocked_memberships())));

-- definer: because the table has no write grant; the sign-in is the token's own.
create function private.session_start(p_school_id uuid) returns public.user_sessions
language plpgsql security definer set search_path = ''
as $$
declare
  v_context audit.request_context := audit.request_context();
  v_session public.user_sessions;
begin
  insert into public.user_sessions as s (school_id, membership_id, session_id, ip, user_agent)
  select c.school_id, c.id, v_context.session_id, v_context.ip, v_context.user_agent
  from private.current_memberships c
  where c.school_id = p_school_id and v_context.session_id is not null
  order by array_position(array['admin', 'leader', 'teacher', 'parent', 'student'], c.role)
  limit 1
  on conflict (school_id, session_id) where ended_at is null do update set last_seen_at = now()
  returning s.* into v_session;
  if v_session.id is null then
    perform private.refuse('start the session', 'You are not a member of this school, or the token carries no sign-in.');
  end if;
  return v_session;
end
$$;
grant execute on function private.session_start to authenticated;

create function public.session_start(school_id uuid) returns public.user_sessions
language sql set search_path = ''
as $$ select private.session_start(session_start.school_id) $$;
comment on function public.session_start is 'Opens the caller''s session in a school, or returns the one that is open for this sign-in (a second tab shares it). Address and agent come from the request. PT404.';
grant execute on function public.session_start to authenticated;

-- definer: as above. One statement whose plan is kept: the most frequent call of all should cost little more than its update.
create function private.session_ping(p_school_id uuid, p_id uuid) returns timestamptz
language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_seen timestamptz;
begin
  update public.user_sessions s set last_seen_at = now()
  from private.current_memberships c
  where s.school_id = p_school_id and s.id = p_id and s.ended_at is null and s.session_id::text = auth.jwt() ->> 'session_id'
    and c.school_id = p_school_id and c.id = s.membership_id
  returning s.last_seen_at into v_seen;
  if v_seen is null then
    perform private.refuse('ping the session', 'It has ended or is not this sign-in''s; start another.');
  end if;
  return v_seen;
end
$$;
grant execute on function private.session_ping to authenticated;

-- plpgsql: because a function in SQL is planned anew at each call.
create function public.session_ping(school_id uuid, user_session_id uuid) returns timestamptz
language plpgsql set search_path = ''
as $$
begin
  return private.session_ping(session_ping.school_id, session_ping.user_session_id);
end
$$;
comment on function public.session_ping is 'A heartbeat; send one a minute. Returns when it was counted. PT404 when the session has ended or belongs to another sign-in.';
grant execute on function public.session_ping to authenticated;

-- definer: as above.
create function private.session_end(p_school_id uuid, p_id uuid) returns public.user_sessions
language plpgsql security definer set search_path = ''
as $$
declare
  v_session public.user_sessions;
begin
  update public.user_sessions s set last_seen_at = now(), ended_at = now(), end_reason = 'ended'
  where s.school_id = p_school_id and s.id = p_id and s.ended_at is null
    and s.session_id = private.uuid_or_null((select auth.jwt()) ->> 'session_id')
  returning s.* into v_session;
  if v_session.id is null then
    perform private.refuse('end the session');
  end if;
  perform private.log_event(p_school_id, 'LOGOUT', 'user_sessions', p_id, v_session.membership_id, jsonb_build_object('reason', 'ended'));
  return v_session;
end
$$;
grant execute on function private.session_end to authenticated;

create function public.session_end(school_id uuid, user_session_id uuid) returns public.user_sessions
language sql set search_path = ''
as $$ select private.session_end(session_end.school_id, session_end.user_session_id) $$;
comment on function public.session_end is 'Ends the caller''s own open session; writes a LOGOUT entry. PT404.';
grant execute on function public.session_end to authenticated;

create function private.expire_sessions() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_session record;
  v_count integer := 0;
begin
  for v_session in
    update public.user_sessions s set ended_at = s.last_seen_at, end_reason = o.reason
    from (
      select u.school_id, u.id, case when a.id is null then 'signed_out' else 'expired' end as reason, coalesce(r.value, d_revoke.default_value)::boolean as revokes
      from public.user_sessions u
      join public.setting_definitions d_idle on d_idle.key = 'session_idle_minutes'
      join public.setting_definitions d_revoke on d_revoke.key = 'session_expiry_revokes'
      left join public.school_settings i on i.school_id = u.school_id and i.key = d_idle.key
      left join public.school_settings r on r.school_id = u.school_id and r.key = d_revoke.key
      left join auth.sessions a on a.id = u.session_id
      where u.ended_at is null and (a.id is null or u.last_seen_at < now() - make_interval(mins => coalesce(i.value, d_idle.default_value)::integer))
      for update of u skip locked
    ) o
    where s.school_id = o.school_id and s.id = o.id
    returning s.school_id, s.id, s.membership_id, s.session_id, s.end_reason, o.revokes
  loop
    perform private.log_event(v_session.school_id, 'LOGOUT', 'user_sessions', v_session.id, v_session.membership_id, jsonb_build_object('reason', v_session.end_reason));
    if v_session.revokes then
      insert into private.revoked_sessions (session_id) values (v_session.session_id) on conflict do nothing;
    end if;
    v_count := v_count + 1;
  end loop;
  delete from private.revoked_sessions r where r.revoked_at < now() - interval '1 day' and not exists (select from auth.sessions a where a.id = r.session_id);
  return v_count;
end
$$;
comment on function private.expire_sessions is 'Closes sessions without a heartbeat for the school''s session_idle_minutes, and those whose sign-in is gone, at their last heartbeat; ends the sign-in where the school says so. Returns how many.';
select cron.schedule('sessions_expire', '* * * * *', 'select private.expire_sessions()');

-- definer: because a summary covers people whose sessions the caller may not read one by one.
create function private.sessions_in_sum(p_school_id uuid, p_since timestamptz, p_until timestamptz) returns table (membership_id uuid, started_at timestamptz, last_seen_at timestamptz, seconds integer)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (p_school_id = any (array(select private.my_schools()))) is not true then
    perform private.refuse('summarise the sessions');
  end if;
  return query
  select s.membership_id, s.started_at, s.last_seen_at, coalesce(s.duration_seconds, extract(epoch from s.last_seen_at - s.started_at)::integer)
  from public.user_sessions s
  where s.school_id = p_school_id and s.started_at >= p_since and s.started_at < p_until
    and s.membership_id <> all (array(select private.blocked_memberships()))
    and (s.school_id = any (array(select private.schools_with('sessions.read')))
      or s.membership_id = any (array(select private.my_memberships()))
      or s.membership_id = any (array(select private.team_with('sessions.summary')))
      or s.school_id = any (array(select private.schools_with('sessions.summary')))
        and exists (select from public.memberships m where m.school_id = s.school_id and m.id = s.membership_id and m.role = 'teacher')
      or s.membership_id = any (array(select c.membership_id from public.students c where c.school_id = p_school_id and c.membership_id is not null
        and c.id = any (array(select private.my_children() union select private.students_taught('sessions.summary'))))));
end
$$;
grant execute on function private.sessions_in_sum to authenticated;

create function public.session_summary(school_id uuid, since timestamptz, until timestamptz default now())
returns table (membership_id uuid, sessions bigint, seconds bigint, last_seen_at timestamptz)
language sql stable set search_path = ''
as $$
  select s.membership_id, count(*), sum(s.seconds), max(s.last_seen_at)
  from private.sessions_in_sum(session_summary.school_id, session_summary.since, session_summary.until) s group by s.membership_id
$$;
comment on function public.session_summary is 'Sessions and seconds per membership, of sessions started in [since, until): admins the school, leaders their team, teachers the students of their classes, parents their children, everyone themselves. PT404.';
grant execute on function public.session_summary to authenticated;

create function public.session_frequency(school_id uuid, since timestamptz, until timestamptz default now(), membership_id uuid default null, class_id uuid default null)
returns table (day date, people bigint, sessions bigint, seconds bigint)
language sql stable set search_path = ''
as $$
  select (s.started_at at time zone z.timezone)::date, count(distinct s.membership_id), count(*), sum(s.seconds)
  from private.sessions_in_sum(session_frequency.school_id, session_frequency.since, session_frequency.until) s
  join public.schools z on z.id = session_frequency.school_id
  where (session_frequency.membership_id is null or s.membership_id = session_frequency.membership_id)
    and (session_frequency.class_id is null or s.membership_id in (
      select c.membership_id from public.enrollments e join public.students c on (c.school_id, c.id) = (e.school_id, e.student_id)
      where (e.school_id, e.class_id) = (session_frequency.school_id, session_frequency.class_id)))
  group by 1 order by 1
$$;
comment on function public.session_frequency is 'Per day at the school: people, sessions and seconds of sessions started in [since, until), of one member, of a class''s students, or of all in whom session_summary includes the caller. Days without a session are left out. PT404.';
grant execute on function public.session_frequency to authenticated;

-- definer: because the auth service, which calls it inside the sign-in, may not write the log.
create function private.custom_access_token(event jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_user uuid := (event ->> 'user_id')::uuid;
  v_session uuid := private.uuid_or_null(event -> 'claims' ->> 'session_id');
begin
  if exists (select from private.revoked_sessions r where r.session_id = v_session) then
    return jsonb_build_object('error', jsonb_build_object('http_code', 403, 'message', 'This sign-in has expired. Sign in again.'));
  end if;
  perform private.claim_invitations(v_user);
  if event ->> 'authentication_method' <> 'token_refresh' then
    insert into audit.entries (school_id, action, table_name, row_id, subject_id, actor_id, membership_id, role, session_id, ip, user_agent, details)
    select coalesce(a.school_id, '00000000-0000-0000-0000-000000000000'), 'LOGIN', 'auth.sessions', v_session, a.membership_id, v_user, a.membership_id, a.role, v_session,
      coalesce(private.inet_or_null(event -> 'metadata' ->> 'ip_address'), s.ip), left(s.user_agent, 300), jsonb_build_object('method', event ->> 'authentication_method')
    from (select v_user as id) u
    left join private.actor_memberships a on a.user_id = u.id
    left join auth.sessions s on s.id = v_session;
  end if;
  return jsonb_build_object('claims', event -> 'claims');
end
$$;
comment on function private.custom_access_token is 'Auth hook: gives the person the memberships that wait for their address, writes a LOGIN entry in each of their schools and refuses revoked sign-ins. It adds no rights to the token; the database looks them up.';
grant execute on function private.custom_access_token to supabase_auth_admin;
