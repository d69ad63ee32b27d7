-- Removal that answers, and restoring. A client's silent .delete() hides a row too; rpc('remove') says whether it did.

create function public.remove(table_name text, school_id uuid, id uuid) returns void
language plpgsql set search_path = ''
as $$
declare
  v_table regclass := case when remove.table_name <> '' then to_regclass(format('public.%I', remove.table_name)) end;
  v_visible boolean;
begin
  if v_table is null or not exists (select from pg_catalog.pg_trigger t where t.tgrelid = v_table and t.tgname = '_200_soft_delete')
    or not has_table_privilege(v_table, 'delete') then
    perform private.refuse('remove the row');
  end if;
  execute format('select exists (select from %s where school_id = $1 and id = $2)', v_table) into v_visible using remove.school_id, remove.id;
  if v_visible then
    execute format('delete from %s where school_id = $1 and id = $2', v_table) using remove.school_id, remove.id;
    execute format('select exists (select from %s where school_id = $1 and id = $2)', v_table) into v_visible using remove.school_id, remove.id;
    v_visible := not v_visible;
  end if;
  if not v_visible then
    perform private.refuse('remove the row');
  end if;
end
$$;
comment on function public.remove is 'Removes (hides) one row under the caller''s rights and raises PT404 when it could not; 23503 while live rows refer to it. rpc(''restore'') brings it back.';
grant execute on function public.remove to authenticated;

create table private.restorable_tables (
  table_name text primary key,
  permission text not null references public.permissions on delete restrict,
  person_column name
);
comment on table private.restorable_tables is 'Tables whose removed rows people with the permission over the school list and restore.';
comment on column private.restorable_tables.person_column is 'whom the row gives a right: nobody brings back their own';
insert into private.restorable_tables (table_name, permission, person_column) values
  ('campuses', 'school.manage', null), ('departments', 'school.manage', null), ('directory_cards', 'directory.manage', null),
  ('students', 'students.manage', null), ('guardianships', 'guardianships.manage', 'guardian_id'), ('guardianship_blocks', 'guardianships.manage', null);

-- definer: because policies hide removed rows from everyone; the table's permission is checked first.
create function private.deleted_rows(p_table_name text, p_school_id uuid) returns table (id uuid, deleted_at timestamptz, deleted_by uuid)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not exists (select from private.restorable_tables t where t.table_name = p_table_name and p_school_id = any (array(select private.schools_with(t.permission)))) then
    perform private.refuse('list removed rows');
  end if;
  return query execute format('select d.id, d.deleted_at, (select e.membership_id from audit.entries e where e.row_id = d.id and e.school_id = d.school_id and e.action = ''DELETE'' order by e.at desc limit 1)
    from public.%I d where d.school_id = $1 and d.deleted_at is not null order by d.deleted_at desc limit 1000', p_table_name) using p_school_id;
end
$$;
grant execute on function private.deleted_rows to authenticated;

create function public.deleted_rows(table_name text, school_id uuid) returns table (id uuid, deleted_at timestamptz, deleted_by uuid)
language sql stable set search_path = ''
as $$ select * from private.deleted_rows(deleted_rows.table_name, deleted_rows.school_id) $$;
comment on function public.deleted_rows is 'Removed rows of a table of a school, newest first, at most 1000, with the membership that removed each (admins). PT404.';
grant execute on function public.deleted_rows to authenticated;

-- definer: as above.
create function private.restore(p_table_name text, p_school_id uuid, p_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_table private.restorable_tables;
  v_row jsonb;
  v_parent record;
  v_removed boolean;
  v_count integer;
begin
  select t.* into v_table from private.restorable_tables t where t.table_name = p_table_name and p_school_id = any (array(select private.schools_with(t.permission)));
  if v_table.table_name is null then
    perform private.refuse('restore the row');
  end if;
  execute format('select to_jsonb(r) from public.%I r where r.school_id = $1 and r.id = $2', v_table.table_name) into v_row using p_school_id, p_id;
  for v_parent in
    select c.confrelid::regclass as name, string_agg(format('%I = %L', parent.attname, v_row ->> child.attname), ' and ') as condition
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attname = 'deleted_at' and not a.attisdropped
    cross join lateral unnest(c.conkey, c.confkey) as k (child_key, parent_key)
    join pg_catalog.pg_attribute child on child.attrelid = c.conrelid and child.attnum = k.child_key
    join pg_catalog.pg_attribute parent on parent.attrelid = c.confrelid and parent.attnum = k.parent_key
    where c.conrelid = format('public.%I', v_table.table_name)::regclass and c.contype = 'f'
    group by c.oid, c.confrelid
  loop
    execute format('select exists (select from %s where %s and deleted_at is not null)', v_parent.name, v_parent.condition) into v_removed;
    if v_removed then
      raise exception using errcode = 'PT409', message = 'Cannot restore the row', hint = format('It belongs to a removed row of %s; restore that one first.', v_parent.name);
    end if;
  end loop;
  execute format('update public.%I r set deleted_at = null where r.school_id = $1 and r.id = $2 and r.deleted_at is not null and (to_jsonb(r) ->> %L is null or (to_jsonb(r) ->> %L)::uuid <> all ($3))',
    v_table.table_name, v_table.person_column, v_table.person_column) using p_school_id, p_id, array(select private.all_my_memberships());
  get diagnostics v_count = row_count;
  if v_count = 0 then
    perform private.refuse('restore the row');
  end if;
exception when unique_violation or exclusion_violation then
  raise exception using errcode = 'PT409', message = 'Cannot restore the row', hint = 'A live row has taken its code or its place; change or remove that one first.';
end
$$;
grant execute on function private.restore to authenticated;

create function public.restore(table_name text, school_id uuid, id uuid) returns void
language sql set search_path = ''
as $$ select private.restore(restore.table_name, restore.school_id, restore.id) $$;
comment on function public.restore is 'Brings a removed row back (admins; never one that gives oneself a right). PT404; PT409 when a live row has its code or what it belongs to is removed.';
grant execute on function public.restore to authenticated;
