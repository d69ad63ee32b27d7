-- Seals: a hash chain per school over the entries of finished transactions, its proof, and its heads outside the database.

create function audit.entry_hash(p_entry audit.entries) returns bytea
language plpgsql stable set search_path = '' set timezone = 'UTC'
as $$
begin
  return sha256(convert_to(to_jsonb(p_entry)::text, 'UTF8'));
end
$$;

create function audit.seal_hash(p_previous bytea, p_seal audit.seals) returns bytea
language sql stable set search_path = ''
as $$
  select sha256(p_previous || convert_to(format('%s %s %s %s %s %s', p_seal.school_id, p_seal.epoch, p_seal.seq, p_seal.from_xid, p_seal.to_xid,
    array_to_string(p_seal.entry_ids, ',')), 'UTF8') || p_seal.entry_hashes)
$$;

create function audit.seal() returns integer
language plpgsql set search_path = ''
as $$
declare
  v_state audit.seal_state;
  v_horizon xid8;
  v_batch record;
  v_seal audit.seals;
  v_sealed integer := 0;
begin
  select * into v_state from audit.seal_state where single for update skip locked;
  if not found then
    return 0;
  end if;
  -- Every transaction below the horizon has ended: what it wrote is visible to the next statement, and nothing below comes later.
  v_horizon := pg_snapshot_xmin(pg_current_snapshot());
  for v_batch in
    select e.school_id, array_agg(e.id order by e.xid, e.id) as ids, string_agg(audit.entry_hash(e), ''::bytea order by e.xid, e.id) as hashes
    from audit.entries e
    where e.xid >= v_state.next_xid and e.xid < v_horizon and e.id > v_state.after_id
    group by e.school_id
  loop
    select * into v_seal from audit.seals s where s.school_id = v_batch.school_id order by s.epoch desc, s.seq desc limit 1;
    v_seal := row(v_batch.school_id, v_state.epoch, case when v_seal.epoch = v_state.epoch then v_seal.seq + 1 else 1 end, v_state.next_xid, v_horizon,
      v_batch.ids, v_batch.hashes, coalesce(v_seal.hash, '\x'), null, clock_timestamp())::audit.seals;
    v_seal.hash := audit.seal_hash(v_seal.previous_hash, v_seal);
    insert into audit.seals select (v_seal).*;
    v_sealed := v_sealed + cardinality(v_batch.ids);
  end loop;
  update audit.seal_state set next_xid = v_horizon where single;
  return v_sealed;
end
$$;
comment on function audit.seal is 'Seals what has been written by ended transactions since the last call; returns the number of entries. A long open writer delays it.';

create function audit.close_epoch() returns integer
language plpgsql set search_path = ''
as $$
begin
  perform audit.seal();
  if exists (select from audit.entries e, audit.seal_state s where e.xid >= s.next_xid and e.xid < pg_current_xact_id() and e.id > s.after_id) then
    raise exception using errcode = '55006', message = 'Cannot close the audit epoch: unsealed entries remain', hint = 'Let open transactions end, then try again.';
  end if;
  update audit.seal_state set epoch = epoch + 1, next_xid = '0', after_id = (select coalesce(max(id), 0) from audit.entries) where single;
  return (select epoch - 1 from audit.seal_state);
end
$$;
comment on function audit.close_epoch is 'Run before a database is copied elsewhere: transaction ids start anew there. Returns the epoch that was closed.';

create function audit.verify(p_school_id uuid)
returns table (valid boolean, entries_checked bigint, seals_checked bigint, first_bad_entry bigint, problem text, head text)
language plpgsql stable set search_path = ''
as $$
declare
  v_seal audit.seals;
  v_previous bytea := '\x';
  v_epoch integer := 0;
  v_seq bigint := 0;
  v_bad record;
begin
  entries_checked := 0;
  seals_checked := 0;
  for v_seal in select s.* from audit.seals s where s.school_id = p_school_id order by s.epoch, s.seq loop
    select b.* into v_bad from (
      select l.id, case
          when e.id is null then 'the entry is missing'
          when audit.entry_hash(e) <> substring(v_seal.entry_hashes from (l.place::integer - 1) * 32 + 1 for 32) then 'the entry was changed'
          when e.digest is not null and (v.entry_id is null or not e.walled and coalesce(v.before, v.after) is null) and not audit.was_erased(e) then 'its values are missing'
          when e.digest is not null and coalesce(v.before, v.after) is not null and audit.values_digest(v.salt, v.before, v.after) <> e.digest then 'its values were changed'
        end as problem
      from unnest(v_seal.entry_ids) with ordinality l (id, place)
      left join audit.entries e on e.id = l.id and e.school_id = p_school_id and e.xid >= v_seal.from_xid and e.xid < v_seal.to_xid
      left join audit.entry_values v on v.entry_id = e.id and v.at = e.at
      union all
      select e.id, 'the entry was added after sealing' from audit.entries e
      join audit.seal_state s on s.epoch = v_seal.epoch and e.id > s.after_id
      where e.school_id = p_school_id and e.xid >= v_seal.from_xid and e.xid < v_seal.to_xid and e.id <> all (v_seal.entry_ids)
    ) b where b.problem is not null order by b.id limit 1;
    if v_bad.id is not null then
      return query select false, entries_checked, seals_checked, v_bad.id, v_bad.problem, encode(v_previous, 'hex');
      return;
    end if;
    if v_seal.previous_hash <> v_previous or v_seal.hash <> audit.seal_hash(v_previous, v_seal)
      or v_seal.seq <> (case when v_seal.epoch = v_epoch then v_seq + 1 else 1 end) then
      return query select false, entries_checked, seals_checked, v_seal.entry_ids[1], 'the seal that holds it does not follow from the one before', encode(v_previous, 'hex');
      return;
    end if;
    v_previous := v_seal.hash;
    v_epoch := v_seal.epoch;
    v_seq := v_seal.seq;
    entries_checked := entries_checked + cardinality(v_seal.entry_ids);
    seals_checked := seals_checked + 1;
  end loop;
  select e.id into v_bad from audit.entries e, audit.seal_state s
  where e.school_id = p_school_id and e.xid < s.next_xid and e.id > s.after_id and not exists (select from audit.seals x where x.school_id = e.school_id and e.xid >= x.from_xid and e.xid < x.to_xid)
  order by e.id limit 1;
  if v_bad.id is not null then
    return query select false, entries_checked, seals_checked, v_bad.id, 'the entry was added after sealing', encode(v_previous, 'hex');
    return;
  end if;
  return query select true, entries_checked, seals_checked, null::bigint, null::text, encode(v_previous, 'hex');
end
$$;

create function audit.was_erased(p_entry audit.entries) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from audit.entries x where x.school_id = p_entry.school_id and x.action = 'ERASE' and x.table_name = p_entry.table_name and x.row_id = p_entry.row_id and x.id > p_entry.id)
$$;

-- Heads leave the database: once the chain's last hash lies elsewhere, its tail cannot be cut or rewritten unseen ---------

create function private.audit_publish_heads() returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_url text := (select decrypted_secret from vault.decrypted_secrets where name = 'audit_heads_url');
  v_token text := (select decrypted_secret from vault.decrypted_secrets where name = 'audit_heads_token');
  v_pending audit.published_heads;
begin
  if v_url is null or v_token is null then
    raise exception using errcode = '55000', message = 'Cannot publish the audit heads: no receiver is configured', hint = 'Put audit_heads_url and audit_heads_token into Vault.';
  end if;
  -- net.http_post is at most once: a receipt counts only when the receiver has said 200.
  update audit.published_heads p set confirmed_at = now()
  from net._http_response r where r.id = p.request_id and r.status_code = 200 and p.confirmed_at is null;
  if not exists (select from audit.published_heads p where p.taken_at > now() - interval '23 hours') then
    insert into audit.published_heads (heads)
    select coalesce(jsonb_agg(jsonb_build_object('school_id', h.school_id, 'epoch', h.epoch, 'seq', h.seq, 'hash', encode(h.hash, 'hex'), 'sealed_at', h.sealed_at) order by h.school_id), '[]')
    from (select distinct on (s.school_id) s.school_id, s.epoch, s.seq, s.hash, s.sealed_at from audit.seals s order by s.school_id, s.epoch desc, s.seq desc) h;
  end if;
  for v_pending in select * from audit.published_heads where confirmed_at is null order by id limit 10 for update loop
    update audit.published_heads p set request_id = net.http_post(
      url := v_url,
      body := jsonb_build_object('taken_at', v_pending.taken_at, 'heads', v_pending.heads),
      headers := jsonb_build_object('Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_token),
      timeout_milliseconds := 10000)
    where p.id = v_pending.id;
  end loop;
  return (select count(*) from audit.published_heads where confirmed_at is null);
end
$$;
comment on function private.audit_publish_heads is 'Sends one set of chain heads a day to the receiver named in Vault, and again until it is confirmed; returns how many wait.';

select cron.schedule('audit_seal', '* * * * *', 'select audit.seal()');
select cron.schedule('audit_make_partitions', '10 1 * * *', 'select audit.make_partitions()');
select cron.schedule('audit_publish_heads', '*/10 * * * *', 'select private.audit_publish_heads()');
select cron.schedule('platform_prune_job_runs', '40 1 * * *', $$delete from cron.job_run_details where end_time < now() - interval '14 days'$$);
