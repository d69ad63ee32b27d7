-- The jobs: named, scheduled, and harmless when they run twice (house-style 9).
begin;
select plan(21);
select 1 as locked from audit.seal_state for update;

select results_eq($$ select jobname::text collate "default", schedule::text collate "default" from cron.job where jobname in ('audit_seal', 'audit_make_partitions', 'audit_publish_heads', 'platform_prune_job_runs', 'sessions_expire') and active order by jobname $$,
  $$ values ('audit_make_partitions', '10 1 * * *'), ('audit_publish_heads', '*/10 * * * *'), ('audit_seal', '* * * * *'), ('platform_prune_job_runs', '40 1 * * *'), ('sessions_expire', '* * * * *') $$, 'issue 2: the jobs are there, and on');
select is_empty($$ select jobname, username from cron.job where username <> 'postgres' $$, 'jobs run as the owner of the tables');
select is_empty($$ select jobname from cron.job where command !~* '^\s*select\s+(private|audit)\.[a-z_]+\(\)\s*;?\s*$' and jobname <> 'platform_prune_job_runs' $$, 'house-style 9: a job calls one function (the pruning of the jobs'' own log is one statement)');

create function tests.run_job(p_name text) returns text language plpgsql as $$
begin
  execute (select command from cron.job where jobname = p_name);
  return 'ran';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $$;
select is(tests.run_job(j) || ' and ' || tests.run_job(j), 'ran and ran', 'house-style 9: twice without harm: ' || j) from unnest(array['audit_seal', 'audit_make_partitions', 'platform_prune_job_runs', 'sessions_expire', 'growth_lock_observations', 'growth_send_reminders', 'memberships_follow_districts', 'academic_years_turn']) j;
insert into cron.job_run_details (jobid, runid, username, command, status, end_time)
select (select jobid from cron.job where jobname = 'audit_seal'), v.runid, current_user, 'tap', 'succeeded', v.ended from (values (900000001, now() - interval '15 days'), (900000002, now() - interval '13 days')) v (runid, ended);
select is(tests.run_job('platform_prune_job_runs'), 'ran', 'house-style 9: jobs prune');
select is((select array_agg(runid) from cron.job_run_details where runid in (900000001, 900000002)), array[900000002]::bigint[], '… what is older than two weeks, and no more');

-- The heads of the chains leave the database -----------------------------------------------------------------------------------------

delete from audit.published_heads where true;
delete from vault.secrets where name in ('audit_heads_url', 'audit_heads_token');
select throws_ok('select private.audit_publish_heads()', '55000', 'Cannot publish the audit heads: no receiver is configured', 'S10: without a receiver the job fails, and shows as failed');
select vault.create_secret('http://127.0.0.1:9/heads', 'audit_heads_url') is not null as made, vault.create_secret('secret-of-the-test', 'audit_heads_token') is not null as made_too;
insert into audit.seals (school_id, epoch, seq, from_xid, to_xid, entry_ids, entry_hashes, previous_hash, hash)
select tests.id('TAP-A'), 900000, n, '1', '2', '{}', '', '', ('\x0' || n)::bytea from generate_series(1, 2) n;
select is(private.audit_publish_heads(), 1::bigint, 'S10: one set of heads waits for its receipt');
select is((select h ->> 'hash' from audit.published_heads p, jsonb_array_elements(p.heads) h where h ->> 'school_id' = tests.id('TAP-A')::text), '02', 'S10: … with the last head of each chain');
select results_eq($$ select q.url, q.headers ->> 'Authorization', convert_from(q.body, 'UTF8')::jsonb ? 'heads' from net.http_request_queue q where q.id = (select request_id from audit.published_heads) $$, $$ values ('http://127.0.0.1:9/heads', 'Bearer secret-of-the-test', true) $$, 'S10: … on its way with the receiver''s token');
select is(private.audit_publish_heads(), 1::bigint, 'house-style 9: a second run makes no second set');
select is((select count(*) from audit.published_heads), 1::bigint, '… but sends the same again');
insert into net._http_response (id, status_code) select request_id, 500 from audit.published_heads;
select is(private.audit_publish_heads(), 1::bigint, 'S10: an error is no receipt');
insert into net._http_response (id, status_code) select request_id, 200 from audit.published_heads;
select is(private.audit_publish_heads(), 0::bigint, 'S10: 200 is');

select * from finish();
rollback;
