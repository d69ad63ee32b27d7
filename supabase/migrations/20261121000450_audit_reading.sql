-- Reading the audit: admins their school's, people the entries about themselves, parents their children's. Values are
-- shown of rows that the reader may select at this moment, because the policy asks the table itself, as the reader.

create function private.can_select(p_table_name text, p_school_id uuid, p_row_id uuid) returns boolean
language plpgsql stable cost 10000 set search_path = ''
as $$
declare
  v_table regclass := to_regclass(format('public.%I', p_table_name));
  v_visible boolean;
begin
  if v_table is null or p_row_id is null or not has_column_privilege(v_table, 'id', 'select') then
    return false;
  end if;
  if exists (select from pg_catalog.pg_attribute a where a.attrelid = v_table and a.attname = 'school_id' and not a.attisdropped) then
    execute format('select exists (select from %s where school_id = $1 and id = $2)', v_table) into v_visible using p_school_id, p_row_id;
  else
    execute format('select exists (select from %s where id = $1)', v_table) into v_visible using p_row_id;
  end if;
  return v_visible;
end
$$;
comment on function private.can_select is 'Whether the caller may select the row now, by that table''s own policies.';
grant execute on function private.can_select to authenticated;

grant select (id, at, xid, school_id, action, table_name, row_id, subject_id, columns, actor_id, membership_id, role, details) on audit.entries to authenticated;
grant select (entry_id, at, before, after) on audit.entry_values to authenticated;

create policy "admins the school's, people what is about them, parents their children's" on audit.entries for select to authenticated
  using (school_id = any (array(select private.schools_with('audit.read')))
    or subject_id = any (array(select private.my_memberships()))
    or subject_id = any (array(select s.id from public.students s where s.membership_id = any (array(select private.my_memberships()))))
    or subject_id = any (array(select private.my_children())));
create policy "blocked people see nothing of the student" on audit.entries as restrictive for select to authenticated
  using (subject_id is null or subject_id <> all (array(select private.blocked_students() union all select private.blocked_memberships())));
create policy "values of rows that the reader may select now" on audit.entry_values for select to authenticated
  using (exists (select from audit.entries e where (e.id, e.at) = (entry_id, entry_values.at) and private.can_select(e.table_name, e.school_id, e.row_id)));

-- definer: because addresses, agents and sign-ins of others are the office's to see, and its right is checked.
create function private.audit_origins(p_school_id uuid, p_entry_ids bigint[], p_ats timestamptz[]) returns table (entry_id bigint, session_id uuid, request_id text, ip inet, user_agent text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
  -- Offset 0: entry by entry, as a page has few and the log many.
  select o.* from unnest(p_entry_ids, p_ats) x (id, at)
  cross join lateral (
    select e.id, e.session_id, e.request_id, e.ip, e.user_agent from audit.entries e
    where e.school_id = p_school_id and e.at = x.at and e.id = x.id offset 0) o
  where p_school_id = any (array(select private.schools_with('audit.read')));
end
$$;
grant execute on function private.audit_origins to authenticated;

create function public.audit_trail(school_id uuid, table_name text default null, row_id uuid default null, actor_id uuid default null, since timestamptz default null,
  before_at timestamptz default null, before_id bigint default null, page_size integer default 50)
returns table (id bigint, at timestamptz, action text, "table" text, "row" uuid, columns text[], actor uuid, membership uuid, role text, details jsonb,
  before jsonb, after jsonb, session_id uuid, request_id text, ip inet, user_agent text)
language plpgsql stable set search_path = ''
as $$
declare
  -- Whom the entries may be about, where not the whole school: the policy says it too, but of few among many the planner thinks that the newest page has them.
  v_subjects uuid[] := case when not school_id = any (array(select private.schools_with('audit.read'))) then array(
    select private.my_memberships() union all select private.my_children()
    union all select s.id from public.students s where s.membership_id = any (array(select private.my_memberships()))) end;
begin
  -- Planned for what is asked: for "whatever is asked" one row's few are looked for among all of the school's entries.
  return query execute $query$
    with page as materialized (
      select e.id, e.at, e.action, e.table_name, e.row_id, e.columns, e.actor_id, e.membership_id, e.role, e.details
      from audit.entries e
      where e.school_id = $1
        and ($2 is null or e.table_name = $2)
        and ($3 is null or e.row_id = $3)
        and ($4 is null or e.actor_id = $4)
        and ($5 is null or e.at >= $5)
        and ($6 is null or (e.at, e.id) < ($6, coalesce($7, 0)))
        and ($9 is null or e.subject_id = any ($9))
      order by e.at desc, e.id desc
      limit least(greatest($8, 1), 200)
    )
    select p.id, p.at, p.action, p.table_name, p.row_id, p.columns, p.actor_id, p.membership_id, p.role,
      case when o.entry_id is null then p.details - 'reason' else p.details end, v.before, v.after,
      o.session_id, o.request_id, o.ip, o.user_agent
    from page p
    left join audit.entry_values v on v.entry_id = p.id and v.at = p.at
    left join private.audit_origins($1, array(select x.id from page x order by x.at, x.id), array(select x.at from page x order by x.at, x.id)) o on o.entry_id = p.id
    order by p.at desc, p.id desc
  $query$ using school_id, table_name, row_id, actor_id, since, before_at, before_id, page_size, v_subjects;
end
$$;
comment on function public.audit_trail is
  'The audit of a school, newest first, by pages of at most 200 (before_at and before_id: at and id of the last entry of the page before). Admins see the school''s, others what is about them; before and after only of rows that the reader may select now; address, agent and the reason of a read for admins.';
grant execute on function public.audit_trail to authenticated;

-- definer: because the proof reads every entry; only who may read the school's audit may ask for it.
create function private.verify_audit(p_school_id uuid)
returns table (valid boolean, entries_checked bigint, seals_checked bigint, first_bad_entry bigint, problem text, head text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (p_school_id = any (array(select private.schools_with('audit.read')))) is not true then
    perform private.refuse('verify the audit');
  end if;
  return query select * from audit.verify(p_school_id);
end
$$;
grant execute on function private.verify_audit to authenticated;

create function public.verify_audit(school_id uuid)
returns table (valid boolean, entries_checked bigint, seals_checked bigint, first_bad_entry bigint, problem text, head text)
language sql stable set search_path = ''
as $$ select * from private.verify_audit(verify_audit.school_id) $$;
comment on function public.verify_audit is
  'Recomputes the school''s hash chain (admins): valid, what was checked, and the first entry that does not fit with the problem. Compare head with the one published outside the database. Entries of the last minute are not sealed yet. PT404.';
grant execute on function public.verify_audit to authenticated;
