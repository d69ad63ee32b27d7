-- Storage: a file follows the row it belongs to. evidence/<school_id>/<observation_id>/<file> follows its observation, and
-- evidence/<school_id>/action-steps/<action_step_id>/<file> its action step (apart: whoever may choose ids must not meet another's folder).
-- The buckets themselves are declared in config.toml.

-- A signed address works for whoever holds it, however long its maker wished, whatever has become of the right or of the draft:
-- clients get none, to read or to write. Their own sign-in opens the file.
-- The school comes first, as text: storage.list() goes by lower(name), which is not leakproof, so that the policy is asked of every file of
-- the bucket, whichever school's. What is not in a school of the reader's ends there.
create policy "evidence is read with its observation or action step" on storage.objects for select to authenticated
  using (bucket_id = 'evidence' and split_part(name, '/', 1) = any (array(select private.my_schools('{admin,leader,teacher}')::text)) and (select coalesce(storage.operation(), '') !~ 'object\.sign')
    and (
    exists (select from public.observations o where (o.school_id::text, o.id) = (split_part(name, '/', 1), private.uuid_or_null((storage.foldername(name))[2])))
    or exists (select from public.action_steps a where (storage.foldername(name))[2] = 'action-steps' and (a.school_id::text, a.id) = (split_part(name, '/', 1), private.uuid_or_null((storage.foldername(name))[3])))));
create policy "observers add evidence to their drafts, teachers to their open action steps" on storage.objects for insert to authenticated
  with check (bucket_id = 'evidence' and coalesce(storage.operation(), '') !~ 'object\.sign' and (
    array_length(storage.foldername(name), 1) = 2 and exists (select from public.observations o
      where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
        and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
    or array_length(storage.foldername(name), 1) = 3 and exists (select from public.action_steps a join public.observations o on (o.school_id, o.id) = (a.school_id, a.observation_id)
      where (storage.foldername(name))[2] = 'action-steps' and (a.school_id, a.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[3]))
        and a.done_at is null and o.status <> 'draft' and o.teacher_id = any (array(select private.my_memberships())))));
create policy "observers replace evidence in their drafts" on storage.objects for update to authenticated
  using (bucket_id = 'evidence' and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))))
  with check (bucket_id = 'evidence' and array_length(storage.foldername(name), 1) = 2 and exists (select from public.observations o
    where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
      and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships()))));
create policy "observers remove evidence from their drafts, teachers from their open action steps" on storage.objects for delete to authenticated
  using (bucket_id = 'evidence' and (
    exists (select from public.observations o
      where (o.school_id, o.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2]))
        and o.status = 'draft' and o.observer_id = any (array(select private.my_memberships())))
    or exists (select from public.action_steps a join public.observations o on (o.school_id, o.id) = (a.school_id, a.observation_id)
      where (storage.foldername(name))[2] = 'action-steps' and (a.school_id, a.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[3]))
        and a.done_at is null and o.status <> 'draft' and o.teacher_id = any (array(select private.my_memberships())))));
