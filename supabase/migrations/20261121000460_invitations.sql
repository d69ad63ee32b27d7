-- Invitations: the sign-in that a membership waits for. The membership is there from the start, so that a teacher stands in the timetable
-- before the first sign-in; whoever proves the address takes it over. Sign-up, invitation and import may come in any order, or at once.

create table public.invitations (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  email text not null constraint invitations_email check (email ~ '^[^@\s[:cntrl:]]{1,64}@[^@\s[:cntrl:]]{1,190}$' and email = lower(email)),
  full_name private.name_text collate private.hebrew not null,
  managed boolean not null default false,
  accepted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint invitations_membership_key unique nulls not distinct (school_id, membership_id, deleted_at),
  constraint invitations_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create index invitations_id_idx on public.invitations (id);
create index invitations_school_idx on public.invitations (school_id, created_at desc);
create index invitations_waiting_idx on public.invitations (email) where accepted_at is null and deleted_at is null;
alter table public.invitations enable row level security;
call private.equip('public.invitations', p_nfc => '{full_name}', p_subject => 'membership_id');
grant select on public.invitations to authenticated;
create policy "admins read invitations" on public.invitations for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('memberships.manage'))));
create policy "blocked people see nothing of the student" on public.invitations as restrictive for all to authenticated
  using (membership_id <> all (array(select private.blocked_memberships())));
comment on table public.invitations is 'Who may take over a membership by signing in: the holder of the address. Written by rpc(''invite_people''), rpc(''prepare_sign_in''), rpc(''revoke_invitation''); the function "people" sends the mail.';
comment on column public.invitations.managed is 'a name and password given by the office, for students without a mailbox; the address receives nothing';

-- Taking over --------------------------------------------------------------------------------------------------------------

-- definer: because memberships are nobody's to write, and the auth service calls it at every sign-in and refresh.
create function private.claim_invitations(p_user_id uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_waiting record;
  v_count integer := 0;
begin
  for v_waiting in
    select i.school_id, i.id, i.membership_id, i.full_name, m.role from auth.users u
    join public.invitations i on i.email = lower(u.email) and i.accepted_at is null and i.deleted_at is null
    join public.memberships m on (m.school_id, m.id) = (i.school_id, i.membership_id) and m.user_id is null and m.active and m.deleted_at is null
    where u.id = p_user_id and u.email_confirmed_at is not null
    order by i.school_id, i.id
    for update of i
  loop
    begin
      update public.memberships m set user_id = p_user_id where (m.school_id, m.id) = (v_waiting.school_id, v_waiting.membership_id) and m.user_id is null;
      if found then
        update public.invitations i set accepted_at = now() where (i.school_id, i.id) = (v_waiting.school_id, v_waiting.id);
        update public.profiles p set full_name = v_waiting.full_name where p.user_id = p_user_id and p.full_name is null;
        perform private.notify(v_waiting.school_id, array[v_waiting.membership_id], 'membership_added', 'memberships', v_waiting.membership_id);
        v_count := v_count + 1;
      end if;
    exception when unique_violation then
      -- The person has this role here already; the office sees the invitation wait, and revokes it.
      null;
    end;
  end loop;
  return v_count;
end
$$;
comment on function private.claim_invitations is 'Gives a person whose address is proved the memberships that wait for it; returns how many.';

-- definer: because nobody may name another person's id to the function above.
create function private.accept_invitations() returns integer
language plpgsql security definer set search_path = ''
as $$
begin
  return private.claim_invitations(auth.uid());
end
$$;
grant execute on function private.accept_invitations to authenticated;

create function public.accept_invitations() returns integer
language sql set search_path = ''
as $$ select private.accept_invitations() $$;
comment on function public.accept_invitations is 'Takes over the memberships that wait for the caller''s own, confirmed address; returns how many. Each sign-in and refresh does it too: call it to need not wait.';
grant execute on function public.accept_invitations to authenticated;

-- Inviting -----------------------------------------------------------------------------------------------------------------

create function private.invite_person(p_school_id uuid, p_person jsonb, p_managed boolean, out invitation_id uuid, out membership_id uuid)
language plpgsql set search_path = ''
as $$
declare
  v_email text := lower(trim(p_person ->> 'email'));
  v_role text := p_person ->> 'role';
  v_student uuid := private.uuid_or_null(p_person ->> 'student_id');
  v_starts_on date := coalesce((p_person ->> 'starts_on')::date, private.today(p_school_id));
begin
  -- One at a time of an address in a school, or two offices at once would both make a membership.
  perform pg_advisory_xact_lock(hashtextextended(p_school_id || ' ' || v_email || ' ' || v_role, 0));
  select i.id, i.membership_id into invitation_id, membership_id from public.invitations i
  join public.memberships m on (m.school_id, m.id) = (i.school_id, i.membership_id) and m.role = v_role
  where i.school_id = p_school_id and i.email = v_email and i.accepted_at is null and i.deleted_at is null;
  if invitation_id is not null then
    if v_role = 'student' and not exists (select from public.students s where (s.school_id, s.id, s.membership_id) = (p_school_id, v_student, invite_person.membership_id) and s.deleted_at is null) then
      raise exception using errcode = 'PT409', message = case when p_managed then 'Cannot prepare the sign-in' else 'Cannot invite the people' end,
        hint = 'The address waits for another student, or one that is not there.';
    end if;
    -- A membership that was ended while it waited is taken up again.
    update public.memberships m set active = true, ends_on = (p_person ->> 'ends_on')::date, starts_on = least(m.starts_on, v_starts_on),
      resumes_on = case when m.starts_on < v_starts_on and v_starts_on > private.today(p_school_id) then v_starts_on end
    where (m.school_id, m.id) = (p_school_id, invite_person.membership_id) and m.user_id is null and (not m.active or m.ends_on < private.today(p_school_id));
    return;
  end if;
  -- Whoever was here in this role before takes up the row that holds their past.
  select m.id into membership_id from public.memberships m join auth.users u on u.id = m.user_id and lower(u.email) = v_email and u.email_confirmed_at is not null
  where m.school_id = p_school_id and m.role = v_role
    and not exists (select from private.district_roles r where (r.id, r.school_id) = (m.via_district_membership_id, m.school_id) and r.in_force);
  if membership_id is null then
    insert into public.memberships as m (school_id, role, team_scope, campus_id, department_id, teacher_code, starts_on, ends_on)
    values (p_school_id, v_role, p_person ->> 'team_scope', (p_person ->> 'campus_id')::uuid, (p_person ->> 'department_id')::uuid, p_person ->> 'teacher_code',
      v_starts_on, (p_person ->> 'ends_on')::date)
    returning m.id into membership_id;
  else
    perform private.add_membership(p_school_id, (select m.user_id from public.memberships m where m.id = membership_id), v_role, p_person ->> 'team_scope',
      (p_person ->> 'campus_id')::uuid, (p_person ->> 'department_id')::uuid, p_person ->> 'teacher_code', (p_person ->> 'starts_on')::date, (p_person ->> 'ends_on')::date);
  end if;
  insert into public.invitations as i (school_id, membership_id, email, full_name, managed, accepted_at)
  select m.school_id, m.id, v_email, p_person ->> 'full_name', p_managed, case when m.user_id is not null then now() end from public.memberships m where m.id = membership_id
  on conflict on constraint invitations_membership_key do update set email = excluded.email, full_name = excluded.full_name
  returning i.id into invitation_id;
  insert into public.directory_cards (school_id, membership_id, display_name, email)
  values (p_school_id, membership_id, p_person ->> 'full_name', case when v_role in ('admin', 'leader', 'teacher') then v_email end)
  on conflict do nothing;
  if v_role = 'student' then
    update public.students s set membership_id = invite_person.membership_id
    where (s.school_id, s.id) = (p_school_id, v_student) and s.deleted_at is null and (s.membership_id is null or s.membership_id = invite_person.membership_id)
      and s.id <> all (array(select private.blocked_students()));
    if not found then
      perform private.refuse('invite the people', 'A student is invited for a student_id of the school that has no sign-in yet.');
    end if;
  end if;
end
$$;
comment on function private.invite_person is 'One invitation, or the one that waits already, with its membership and directory card.';

-- definer: because memberships and invitations have no write grant; the right and "not myself" are checked first.
create function private.invite_people(p_school_id uuid, p_people jsonb) returns table (invitation_id uuid, membership_id uuid, email text, full_name text, waiting boolean)
language plpgsql security definer set search_path = ''
as $$
declare
  v_person jsonb;
  v_invited record;
begin
  if (p_school_id = any (array(select private.schools_with('memberships.manage')))) is not true then
    perform private.refuse('invite the people');
  end if;
  if jsonb_typeof(p_people) is distinct from 'array' or jsonb_array_length(p_people) not between 1 and 200 then
    perform private.reject('invite the people', 'Name 1 to 200 people {email, full_name, role, …}.');
  end if;
  if exists (select from jsonb_array_elements(p_people) p where lower(trim(p ->> 'email')) = (select lower(u.email) from auth.users u where u.id = auth.uid())) then
    perform private.refuse('invite the people', 'One of them is yourself.');
  end if;
  if exists (select from jsonb_array_elements(p_people) p where lower(trim(p ->> 'email')) ~ '\.invalid$') then
    perform private.reject('invite the people', 'An address receives mail; students without one get a name and a password.');
  end if;
  -- In one order, so that two lists at once do not wait for each other.
  for v_person in select p from jsonb_array_elements(p_people) p order by lower(trim(p ->> 'email')), p ->> 'role' loop
    v_invited := private.invite_person(p_school_id, v_person, false);
    return query select i.id, i.membership_id, i.email, i.full_name::text, i.accepted_at is null from public.invitations i where (i.school_id, i.id) = (p_school_id, v_invited.invitation_id);
  end loop;
exception when check_violation or not_null_violation or foreign_key_violation or unique_violation or invalid_text_representation or invalid_datetime_format or datetime_field_overflow then
  perform private.reject('invite the people',
    'Each has an email, a full_name and a role (admin, leader, teacher, student, parent); a leader a team_scope and what it names; campus, department and teacher code are the school''s own and free; dates are in order.');
end
$$;
grant execute on function private.invite_people to authenticated;

create function public.invite_people(school_id uuid, people jsonb) returns table (invitation_id uuid, membership_id uuid, email text, full_name text, waiting boolean)
language sql set search_path = ''
as $$ select * from private.invite_people(invite_people.school_id, invite_people.people) $$;
comment on function public.invite_people is
  'Makes 1 to 200 people members, all or none, under addresses that need no account yet (admins; never oneself): [{email, full_name, role, team_scope, campus_id, department_id, teacher_code, starts_on, ends_on, student_id}]. The membership is there at once; whoever proves the address by signing in takes it over. Again, it answers the same, and takes up a membership that was ended while it waited. It sends no mail: the function "people" does. PT404; PT409 an address waits for another student; PT422.';
grant execute on function public.invite_people to authenticated;

-- definer: as above, and because it tells the auth user of an address that only this school hands out.
create function private.prepare_sign_in(p_school_id uuid, p_student_id uuid, p_username text) returns table (membership_id uuid, email text, full_name text, user_id uuid)
language plpgsql security definer set search_path = ''
as $$
declare
  v_student public.students;
  v_email text := lower(p_username) || '+' || (select lower(s.code) from public.schools s where s.id = p_school_id) || '@students.invalid';
  v_membership uuid;
begin
  select s.* into v_student from public.students s where (s.school_id, s.id) = (p_school_id, p_student_id) and s.deleted_at is null
    and s.school_id = any (array(select private.schools_with('memberships.manage'))) and s.id <> all (array(select private.blocked_students())) for no key update;
  if v_student.id is null then
    perform private.refuse('prepare the sign-in');
  end if;
  if (p_username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,39}$') is not true then
    perform private.reject('prepare the sign-in', 'A username has 2 to 40 Latin letters, digits, dots, dashes and underscores.');
  end if;
  select i.membership_id into v_membership from public.invitations i where i.school_id = p_school_id and i.email = v_email and i.deleted_at is null;
  if v_membership is not null and v_membership is distinct from v_student.membership_id or v_membership is null and v_student.membership_id is not null then
    raise exception using errcode = 'PT409', message = 'Cannot prepare the sign-in', hint = 'The username is taken, or the student has a sign-in under another name.';
  end if;
  if v_membership is null then
    v_membership := (private.invite_person(p_school_id, jsonb_build_object('email', v_email, 'role', 'student', 'student_id', p_student_id,
      'full_name', concat_ws(' ', v_student.given_name, v_student.family_name)), true)).membership_id;
  end if;
  return query select i.membership_id, i.email, i.full_name::text, u.id from public.invitations i
  left join auth.users u on lower(u.email) = i.email and not exists (select from public.memberships m where m.user_id = u.id and m.id <> i.membership_id)
  where i.school_id = p_school_id and i.membership_id = v_membership and i.managed and i.deleted_at is null;
end
$$;
grant execute on function private.prepare_sign_in to authenticated;

create function public.prepare_sign_in(school_id uuid, student_id uuid, username text) returns table (membership_id uuid, email text, full_name text, user_id uuid)
language sql set search_path = ''
as $$ select * from private.prepare_sign_in(prepare_sign_in.school_id, prepare_sign_in.student_id, prepare_sign_in.username) $$;
comment on function public.prepare_sign_in is
  'Gives a student without a mailbox an address to sign in with, username+<school code>@students.invalid, or answers the one that was given (admins); user_id once it has an account. The function "people" sets the password. PT404; PT409 the name is taken or the student has another; PT422.';
grant execute on function public.prepare_sign_in to authenticated;

-- definer: as above.
create function private.revoke_invitation(p_school_id uuid, p_invitation_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_membership uuid;
begin
  update public.invitations i set deleted_at = clock_timestamp()
  where (i.school_id, i.id) = (p_school_id, p_invitation_id) and i.accepted_at is null and i.deleted_at is null
    and i.school_id = any (array(select private.schools_with('memberships.manage'))) and i.membership_id <> all (array(select private.blocked_memberships()))
  returning i.membership_id into v_membership;
  if v_membership is null then
    perform private.refuse('revoke the invitation');
  end if;
  update public.memberships m set active = false where (m.school_id, m.id) = (p_school_id, v_membership) and m.user_id is null;
  update public.students s set membership_id = null where (s.school_id, s.membership_id) = (p_school_id, v_membership);
end
$$;
grant execute on function private.revoke_invitation to authenticated;

create function public.revoke_invitation(school_id uuid, invitation_id uuid) returns void
language sql set search_path = ''
as $$ select private.revoke_invitation(revoke_invitation.school_id, revoke_invitation.invitation_id) $$;
comment on function public.revoke_invitation is 'Takes back an invitation that nobody has accepted, and ends the membership that waited for it (admins). PT404.';
grant execute on function public.revoke_invitation to authenticated;
