-- The hash chain per school and its proof: what the owner of the database does to the log shows (S9, S10; issue 2).
-- That no transaction in flight is lost needs two connections and is an integration test.
begin;
select plan(43);
-- The job waits for this lock, or this file for the job's: either way nobody seals beside us.
select 1 as locked from audit.seal_state for update;
update audit.seal_state set epoch = epoch + 1, next_xid = '0', after_id = coalesce((select max(id) from audit.entries), 0) where single;
select tests.school('TAP-A'), tests.school('TAP-B');

-- Sealing takes finished transactions alone. This one is not finished, so a new epoch was opened after what the database held,
-- and our entries are given transaction ids of the past, as a restored database would have them.
create function tests.past(p_xid text) returns void language plpgsql as $$
begin
  alter table audit.entries disable trigger _100_append_only;
  update audit.entries set xid = p_xid::xid8 where school_id in (tests.id('TAP-A'), tests.id('TAP-B')) and xid = pg_current_xact_id();
  alter table audit.entries enable always trigger _100_append_only;
end $$;
-- How many of our entries a seal takes: others may write beside us.
create function tests.seal() returns integer language plpgsql as $$
declare
  v_before integer := (select coalesce(sum(cardinality(entry_ids)), 0) from audit.seals where school_id in (tests.id('TAP-A'), tests.id('TAP-B')));
begin
  perform audit.seal();
  return (select coalesce(sum(cardinality(entry_ids)), 0) from audit.seals where school_id in (tests.id('TAP-A'), tests.id('TAP-B'))) - v_before;
end $$;
create function tests.end_seal_at(p_xid text) returns void language plpgsql as $$
begin
  alter table audit.seals disable trigger _100_append_only;
  update audit.seals set to_xid = p_xid::xid8 where school_id in (tests.id('TAP-A'), tests.id('TAP-B'));
  update audit.seals s set hash = audit.seal_hash(s.previous_hash, s) where school_id in (tests.id('TAP-A'), tests.id('TAP-B'));
  alter table audit.seals enable always trigger _100_append_only;
  update audit.seal_state set next_xid = p_xid::xid8 where single;
end $$;
create function tests.verdict(p_school text) returns text language sql as $$
  select case when v.valid then 'valid' else 'entry ' || (select count(*) from audit.entries e where e.school_id = tests.id(p_school) and e.id <= v.first_bad_entry) || ': ' || v.problem end from audit.verify(tests.id(p_school)) v
$$;
-- Runs a forgery as the owner of everything would, asks for the proof, and takes it back.
create function tests.after(p_forgery text, p_school text default 'TAP-A') returns text language plpgsql as $$
declare
  v_verdict text;
begin
  begin
    alter table audit.entries disable trigger all;
    alter table audit.seals disable trigger all;
    execute p_forgery;
    v_verdict := tests.verdict(p_school);
    raise exception 'undo' using errcode = 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_verdict;
  end;
end $$;
create function tests.head_after(p_forgery text) returns text language plpgsql as $$
declare
  v_head text;
begin
  begin
    alter table audit.entries disable trigger all;
    alter table audit.seals disable trigger all;
    execute p_forgery;
    select v.valid || ' ' || v.head into v_head from audit.verify(tests.id('TAP-A')) v;
    raise exception 'undo' using errcode = 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_head;
  end;
end $$;
create function tests.entry(p_place integer, p_school text default 'TAP-A') returns bigint language sql as $$
  select e.id from audit.entries e where e.school_id = tests.id(p_school) order by e.id offset p_place - 1 limit 1
$$;
grant execute on all functions in schema tests to authenticated;

select is(tests.seal(), 0, 'S9: what an open transaction wrote is not sealed');
select is(tests.verdict('TAP-A'), 'valid', 'an unsealed log is valid: nothing vouches for it yet');
select tests.past('100');
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('one'), 'ONE', 'One');
select tests.past('90');
update audit.seal_state set next_xid = '0' where single;
select is(tests.seal()::bigint, (select count(*) from audit.entries where school_id in (tests.id('TAP-A'), tests.id('TAP-B'))), 'S9: finished transactions are sealed, those that wrote late and began early too');
select is(tests.seal(), 0, 'S9: … once');
select results_eq($$ select school_id from audit.seals where school_id in (tests.id('TAP-A'), tests.id('TAP-B')) order by school_id = tests.id('TAP-B') $$, $$ values (tests.id('TAP-A')), (tests.id('TAP-B')) $$, 'blueprint audit: a chain per school');
select is((select bool_and(previous_hash = '\x' and seq = 1 and length(entry_hashes) = 32 * cardinality(entry_ids)) from audit.seals where school_id in (tests.id('TAP-A'), tests.id('TAP-B'))), true, '… from an empty head');
-- A second link. A seal reaches to the oldest open transaction; ours is made to end at 200, to leave room for another.
select tests.end_seal_at('200');
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('two'), 'TWO', 'Two');
update public.departments set name = 'Two changed' where id = tests.id('two');
select tests.past('210');
select is(tests.seal(), 2, 'a second seal takes what came since');
select is((select s2.previous_hash = s1.hash and s2.seq = 2 from audit.seals s1 join audit.seals s2 using (school_id) where school_id = tests.id('TAP-A') and s1.seq = 1 and s2.seq = 2), true, '… and follows from the first');
select is(tests.verdict('TAP-A') || tests.verdict('TAP-B'), 'validvalid', 'issue 2: an untouched log verifies');
select is((select v.entries_checked || ' ' || v.seals_checked || ' ' || (v.head = encode((select hash from audit.seals where school_id = tests.id('TAP-A') and seq = 2), 'hex')) from audit.verify(tests.id('TAP-A')) v), (select count(*) from audit.entries where school_id = tests.id('TAP-A')) || ' 2 true', '… all of it, up to its head');

-- Who may ask ------------------------------------------------------------------------------------------------------------------

select tests.sign_in('admin@tap-a.test');
select is((select valid from public.verify_audit(tests.id('TAP-A'))), true, 'issue 2: an admin asks for the proof');
select is(tests.does_as(p, 'select * from public.verify_audit(tests.id(''TAP-A''))'), 'PT404', 'access.md audit: nobody else does: ' || p) from unnest(array['principal@tap-a.test', 'teacher1@tap-a.test', 'parent1@tap-a.test', 'admin@tap-b.test']) p;
select tests.sign_out();

-- Forgeries ---------------------------------------------------------------------------------------------------------------------

select is(tests.after(f), w, 'S10: ' || n)
from (values
  ('update audit.entries set actor_id = gen_random_uuid() where id = tests.entry(3)', 'entry 3: the entry was changed', 'an actor is changed'),
  ('update audit.entries set action = ''READ'' where id = tests.entry(5)', 'entry 5: the entry was changed', 'an action is changed'),
  ('update audit.entries set columns = ''{}'' where id = tests.entry(4)', 'entry 4: the entry was changed', 'columns are changed'),
  ('update audit.entries set at = at + interval ''1 second'' where id = tests.entry(2)', 'entry 2: the entry was changed', 'a time is changed'),
  ('update audit.entries set details = ''{}'' where id in (tests.entry(2), tests.entry(6))', 'entry 2: the entry was changed', 'of two, the first is named'),
  ('update audit.entries set school_id = tests.id(''TAP-B'') where id = tests.entry(4)', 'entry 3: the entry is missing', 'an entry is given to another school'),
  ('update audit.entry_values set after = after || ''{"name": "Forged"}'' where entry_id = tests.entry(3)', 'entry 3: its values were changed', 'values are changed'),
  ('update audit.entry_values set before = ''{"name": "Never"}'' where entry_id = tests.entry(3)', 'entry 3: its values were changed', 'values are made up'),
  ('update audit.entry_values set salt = gen_random_uuid() where entry_id = tests.entry(3)', 'entry 3: its values were changed', 'a salt is changed'),
  ('delete from audit.entry_values where entry_id = tests.entry(3)', 'entry 3: its values are missing', 'values are deleted without an ERASE entry'),
  ('update audit.entry_values set before = null, after = null where entry_id = tests.entry(3)', 'entry 3: its values are missing', '… or emptied'),
  ('delete from audit.seals where school_id = tests.id(''TAP-A'') and seq = 1', 'entry ' || (select count(*) - 1 from audit.entries where school_id = tests.id('TAP-A')) || ': the seal that holds it does not follow from the one before', 'a seal is taken from the middle'),
  ('update audit.seals set sealed_at = sealed_at, entry_ids = entry_ids[1:cardinality(entry_ids) - 1], entry_hashes = substring(entry_hashes for 32 * (cardinality(entry_ids) - 1)) where school_id = tests.id(''TAP-A'') and seq = 2', 'entry ' || (select count(*) from audit.entries where school_id = tests.id('TAP-A')) || ': the entry was added after sealing', 'a seal forgets an entry'),
  ('update audit.seals set to_xid = (to_xid::text::bigint + 1)::text::xid8 where school_id = tests.id(''TAP-A'') and seq = 1', 'entry ' || (select count(*) - 2 from audit.entries where school_id = tests.id('TAP-A')) || ': the seal that holds it does not follow from the one before', 'a seal''s bounds are moved')) v (f, w, n);
select alike(tests.after('delete from audit.entries where id = tests.entry(4)'), 'entry%: the entry is missing', 'S10: an entry is deleted');
select alike(tests.after('insert into audit.entries (xid, school_id, action, table_name) values (''95'', tests.id(''TAP-A''), ''READ'', ''x'')'), 'entry%: the entry was added after sealing', 'S10: an entry is slipped in between');
select alike(tests.after('insert into audit.entries (xid, school_id, action, table_name) values (''205'', tests.id(''TAP-B''), ''READ'', ''x'')', 'TAP-B'), 'entry%: the entry was added after sealing', 'S10: … also where the school had no seal at the time');
select matches(tests.after('update audit.entries set role = ''x'' where id = tests.entry(3); update audit.seals set entry_hashes = (select string_agg(audit.entry_hash(e), ''''::bytea order by e.xid, e.id) from audit.entries e where e.id = any (entry_ids)) where school_id = tests.id(''TAP-A'') and seq = 1'), 'does not follow', 'S10: an entry is changed, and its seal''s hashes with it');
create temporary table first_head as select 'true ' || encode(hash, 'hex') as head from audit.seals where school_id = tests.id('TAP-A') and seq = 1;
select is(tests.head_after('delete from audit.entries e where e.school_id = tests.id(''TAP-A'') and e.xid = ''210''; delete from audit.seals where school_id = tests.id(''TAP-A'') and seq = 2; update audit.seal_state set next_xid = ''200'' where single'),
  (select head from first_head), 'S10: a tail that is cut clean leaves an older head: it is the published head that tells');
select is(tests.verdict('TAP-A'), 'valid', 'all forgeries are taken back');

-- Erasure and epochs -------------------------------------------------------------------------------------------------------------

insert into audit.entries (school_id, action, table_name, row_id) select e.school_id, 'ERASE', e.table_name, e.row_id from audit.entries e where e.row_id = tests.id('one');
delete from audit.entry_values where entry_id = (select id from audit.entries where row_id = tests.id('one') and action = 'CREATE');
select is(tests.verdict('TAP-A'), 'valid', 'S8: values erased by law, with an ERASE entry, are no forgery');
update audit.seal_state set epoch = epoch + 1, next_xid = '0', after_id = (select max(id) from audit.entries) where single;
insert into public.departments (school_id, id, code, name) values (tests.id('TAP-A'), tests.id('three'), 'THREE', 'Three');
select tests.past('50');
select is(tests.seal(), 1, 'S9: after a move transaction ids begin anew, and a new epoch seals them');
select is(tests.verdict('TAP-A'), 'valid', 'S9: … the chain goes on over it');
select matches(tests.after('update audit.entries set role = ''x'' where row_id = tests.id(''three'')'), 'the entry was changed', 'S9: … and vouches for it');

-- Heads and partitions ------------------------------------------------------------------------------------------------------------

select audit.make_partitions() is not null as made;
select is(audit.make_partitions(), 0, 'partitions: a second call makes none');
select is((select count(*) from pg_inherits where inhparent = 'audit.entries'::regclass) >= 13, true, 'partitions: this month and a year ahead');
select is(audit.make_partitions(14), 4, 'partitions: what is missing is made, for entries and values');
select is_empty($$ select c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid where i.inhparent in ('audit.entries'::regclass, 'audit.entry_values'::regclass) and (not c.relrowsecurity or c.relacl is not null and exists (select from aclexplode(c.relacl) a where a.grantee <> c.relowner)
  or not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = '_100_no_truncate' and t.tgenabled = 'A')) $$, 'partitions: new ones are closed and cannot be truncated');

select * from finish();
rollback;
