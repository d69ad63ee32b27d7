-- Notifications by mail, to whoever asks for it: how many of which kind, never of whom. The function "notification-mail" words and sends them.

create table private.mail_deliveries (
  id uuid primary key default gen_random_uuid(),
  school_id uuid not null,
  membership_id uuid not null,
  since timestamptz not null,
  up_to timestamptz not null,
  attempts integer not null default 0,
  request_id bigint,
  requested_at timestamptz,
  ended_at timestamptz,
  foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete cascade
);
create index mail_deliveries_membership_idx on private.mail_deliveries (membership_id, up_to desc);
create index mail_deliveries_open_idx on private.mail_deliveries (up_to) where ended_at is null;
comment on table private.mail_deliveries is 'One mail to one member: of what was unread in its time when it is sent. The next begins where the last ended. Sent at least once; the id is the Message-ID.';

create function private.digest_slot(p_frequency text, p_timezone text, p_hour integer) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_local timestamp := now() at time zone p_timezone;
  v_day date := v_local::date - case when extract(hour from v_local) < p_hour then 1 else 0 end;
begin
  return case p_frequency when 'immediate' then now() when 'daily' then (v_day + make_time(p_hour, 0, 0)) at time zone p_timezone
    when 'weekly' then (v_day - extract(dow from v_day)::integer + make_time(p_hour, 0, 0)) at time zone p_timezone end;
end
$$;
comment on function private.digest_slot is 'The last moment at which mails of a frequency were due: what is older than it should have been sent.';

create function private.queue_notification_mails() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into private.mail_deliveries (school_id, membership_id, since, up_to)
  select d.school_id, d.id, d.since, d.up_to
  from (
    select m.school_id, m.id, greatest(l.up_to, now() - interval '8 days') as since,
      -- A transaction that began before may still commit.
      least(private.digest_slot(p.mail_frequency, m.timezone, (private.setting(m.school_id, 'digest_hour'))::integer), now() - interval '15 seconds') as up_to
    from public.profiles p
    join private.members_in_force m on m.user_id = p.user_id
    left join lateral (select max(x.up_to) as up_to from private.mail_deliveries x where x.membership_id = m.id) l on true
    where p.mail_frequency <> 'never') d
  where d.up_to > d.since
    and exists (select from public.notifications n where n.membership_id = d.id and n.created_at > d.since and n.created_at <= d.up_to and n.read_at is null);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create function private.notification_mail(p_delivery private.mail_deliveries) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('id', p_delivery.id, 'to', u.email, 'name', p.full_name, 'locale', coalesce(p.locale, m.locale), 'school', s.name,
    'counts', (select jsonb_agg(jsonb_build_object('text', k.text, 'count', k.count) order by k.count desc, k.text) from (
      select case when coalesce(p.locale, m.locale) ~ '^he' then i.name_he else i.name_en end as text, count(*) as count
      from public.notifications n join public.notification_kinds i on i.kind = n.kind
      where n.membership_id = p_delivery.membership_id and n.created_at > p_delivery.since and n.created_at <= p_delivery.up_to and n.read_at is null
        and (n.table_name <> 'students' or exists (select from public.guardianships g where (g.school_id, g.student_id, g.guardian_id) = (n.school_id, n.row_id, n.membership_id)
            and g.sees_attendance and g.deleted_at is null and m.today between g.starts_on and coalesce(g.ends_on, 'infinity'))
          and not exists (select from private.blocks_in_force b where (b.student_id, b.membership_id) = (n.row_id, n.membership_id)))
      group by 1) k))
  from private.members_in_force m
  join public.schools s on s.id = m.school_id
  join auth.users u on u.id = m.user_id and u.email_confirmed_at is not null
  join public.profiles p on p.user_id = m.user_id and p.mail_frequency <> 'never'
  where m.id = p_delivery.membership_id
$$;
comment on function private.notification_mail is 'What a mail says, as things stand when it is sent; null for whoever is no longer a member in force or no longer asks. Nothing of a child whom a block, or the end of the guardianship, now keeps from the reader.';

create function private.send_notification_mails() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'notification_mail_url');
  v_token text := (select decrypted_secret from vault.decrypted_secrets where name = 'notification_mail_token');
  v_ids uuid[];
  v_mails jsonb;
  v_request bigint;
begin
  perform private.queue_notification_mails();
  -- net.http_post is at most once: a mail counts as sent only when the function has said so.
  update private.mail_deliveries d set ended_at = now()
  from net._http_response r
  where d.ended_at is null and r.id = d.request_id and r.status_code = 200 and private.jsonb_or_null(r.content) -> 'sent' ? d.id::text;
  update private.mail_deliveries d set ended_at = now() where d.ended_at is null and d.attempts >= 5 and d.requested_at < now() - interval '10 minutes';
  select array_agg(w.id) into v_ids from (
    select d.id from private.mail_deliveries d
    where d.ended_at is null and d.attempts < 5 and (d.requested_at is null or d.requested_at < now() - make_interval(mins => 2 * d.attempts))
    order by d.up_to limit 100 for update skip locked) w;
  if v_ids is null then
    return 0;
  end if;
  if v_url is null or v_token is null then
    raise exception using errcode = '55000', message = 'Cannot send notification mails: no sender is configured', hint = 'Put notification_mail_url and notification_mail_token into Vault.';
  end if;
  -- Read or withdrawn meanwhile: nothing to say.
  update private.mail_deliveries d set ended_at = now() where d.id = any (v_ids) and coalesce(jsonb_typeof(private.notification_mail(d) -> 'counts'), 'null') = 'null';
  select jsonb_agg(private.notification_mail(d) order by d.up_to, d.id) into v_mails from private.mail_deliveries d where d.id = any (v_ids) and d.ended_at is null;
  if v_mails is null then
    return 0;
  end if;
  v_request := net.http_post(url := v_url, body := jsonb_build_object('mails', v_mails),
    headers := jsonb_build_object('Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_token), timeout_milliseconds := 60000);
  update private.mail_deliveries d set attempts = d.attempts + 1, requested_at = now(), request_id = v_request
  where d.id = any (v_ids) and d.ended_at is null;
  return jsonb_array_length(v_mails);
end
$$;
comment on function private.send_notification_mails is 'Sends the mails that are due, and again, at most five times, those whose sending was not confirmed; returns how many were asked for.';
select cron.schedule('notifications_mail', '* * * * *', 'select private.send_notification_mails()');

create function private.prune_notifications() returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_count bigint;
begin
  delete from private.mail_deliveries d where d.up_to < now() - interval '30 days';
  delete from public.notifications n where n.created_at < now() - interval '400 days';
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.prune_notifications is 'Forgets notifications after 400 days and mails after 30; returns how many notifications.';
select cron.schedule('notifications_prune', '20 1 * * *', 'select private.prune_notifications()');
