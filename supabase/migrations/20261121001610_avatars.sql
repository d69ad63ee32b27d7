-- Avatars: avatars/<school_id>/<membership_id or student_id>/<file> follows the directory card or the student.

-- definer: because policies read memberships and students whatever the caller may see of them.
create function private.photo_folders() returns setof text
language plpgsql stable security definer rows 100 set search_path = ''
as $$
begin
  return query
  select m.school_id || '/' || m.id from public.memberships m
  where (m.id = any (array(select private.my_memberships())) or m.school_id = any (array(select private.schools_with('directory.manage'))))
    and m.deleted_at is null and m.id <> all (array(select private.blocked_memberships()))
  union all
  select s.school_id || '/' || s.id from public.students s
  where s.school_id = any (array(select private.schools_with('students.manage'))) and s.deleted_at is null and s.id <> all (array(select private.blocked_students()));
end
$$;
comment on function private.photo_folders is 'Folders of the bucket avatars that the caller writes: one''s own, and for offices those of every member and student.';
grant execute on function private.photo_folders to authenticated;

create policy "photos are seen with the card or the student" on storage.objects for select to authenticated
  using (bucket_id = 'avatars' and split_part(name, '/', 1) = any (array(select private.my_schools()::text)) and (select coalesce(storage.operation(), '') !~ 'object\.sign')
    and (
    exists (select from public.directory_cards c where (c.school_id, c.membership_id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2])))
    or exists (select from public.students s where (s.school_id, s.id) = (private.uuid_or_null((storage.foldername(name))[1]), private.uuid_or_null((storage.foldername(name))[2])))));
create policy "people add their own photos, offices everybody's" on storage.objects for insert to authenticated
  with check (bucket_id = 'avatars' and coalesce(storage.operation(), '') !~ 'object\.sign' and array_length(storage.foldername(name), 1) = 2
    and (storage.foldername(name))[1] || '/' || (storage.foldername(name))[2] = any (array(select private.photo_folders())));
create policy "people replace their own photos, offices everybody's" on storage.objects for update to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] || '/' || (storage.foldername(name))[2] = any (array(select private.photo_folders())))
  with check (bucket_id = 'avatars' and array_length(storage.foldername(name), 1) = 2
    and (storage.foldername(name))[1] || '/' || (storage.foldername(name))[2] = any (array(select private.photo_folders())));
create policy "people remove their own photos, offices everybody's" on storage.objects for delete to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] || '/' || (storage.foldername(name))[2] = any (array(select private.photo_folders())));

-- definer: because the paths have no write grant; that the file is there and one's own to show is checked here.
create function private.set_photo(p_school_id uuid, p_person_id uuid, p_path text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_folder text := p_school_id || '/' || p_person_id;
begin
  if (v_folder = any (array(select private.photo_folders()))) is not true or p_path is not null and not exists (
      select from storage.objects o where o.bucket_id = 'avatars' and o.name = p_path and o.name ~ ('^' || v_folder || '/[^/]+$')) then
    perform private.refuse('set the photo', 'You may not, or there is no such file in the person''s folder of avatars.');
  end if;
  update public.directory_cards c set photo_path = p_path where (c.school_id, c.membership_id) = (p_school_id, p_person_id) and c.deleted_at is null;
  if not found then
    update public.students s set photo_path = p_path where (s.school_id, s.id) = (p_school_id, p_person_id) and s.deleted_at is null;
    if not found then
      perform private.refuse('set the photo', 'The person has no directory card.');
    end if;
  end if;
  return p_path;
end
$$;
grant execute on function private.set_photo to authenticated;

create function public.set_photo(school_id uuid, person_id uuid, path text default null) returns text
language sql set search_path = ''
as $$ select private.set_photo(set_photo.school_id, set_photo.person_id, set_photo.path) $$;
comment on function public.set_photo is
  'Makes an uploaded file of the bucket avatars, <school_id>/<person_id>/<file>, the photo of a member (person_id is the membership: their own, or the office''s) or a student (the office); without a path it takes the photo away. Returns the path, or null. PT404.';
grant execute on function public.set_photo to authenticated;
