-- Storage: a file follows the row it belongs to. evidence/<school_id>/<observation_id>/<file> follows its observation.
-- The buckets themselves are declared in config.toml.

-- A signed address works for whoever holds it, however long its maker wished, whatever has become of the right or of the draft:
-- clients get none, to read or to write. Their own sign-in opens the file.
create policy "evidence is read with its observation" on storage.objects for select to authenticated
  using (bucket_id = 'evidence' and coalesce(storage.operation(), '') !~ 'object\.sign' and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))));
create policy "observers add evidence to their drafts" on storage.objects for insert to authenticated
  with check (bucket_id = 'evidence' and coalesce(storage.operation(), '') !~ 'object\.sign' and array_length(storage.foldername(name), 1) = 2 and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
create policy "observers replace evidence in their drafts" on storage.objects for update to authenticated
  using (bucket_id = 'evidence' and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))))
  with check (bucket_id = 'evidence' and array_length(storage.foldername(name), 1) = 2 and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
create policy "observers remove evidence from their drafts" on storage.objects for delete to authenticated
  using (bucket_id = 'evidence' and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
