/** Everybody works in the folder that bears their id; the bucket is private. */
export const ownFolderPolicies = `
  insert into storage.buckets (id, name, public) values ('private', 'private', false);
  create policy "people read their folder" on storage.objects for select to authenticated
    using (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text);
  create policy "people add to their folder" on storage.objects for insert to authenticated
    with check (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text);
  create policy "people change their folder" on storage.objects for update to authenticated
    using (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text)
    with check (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text);
  create policy "people delete from their folder" on storage.objects for delete to authenticated
    using (bucket_id = 'private' and (storage.foldername(name))[1] = (select auth.uid())::text);
`;
