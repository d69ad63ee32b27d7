-- Employment: since when a member of staff works at the school, and what they are qualified for.

create table public.employments (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  employee_number private.code_text,
  hired_on date not null,
  left_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint employments_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint employments_dates check (left_on >= hired_on),
  constraint employments_no_overlap exclude using gist (school_id with =, uuid_send(membership_id) with =, daterange(hired_on, left_on, '[]') with &&) where (deleted_at is null)
);
create index employments_id_idx on public.employments (id);
create index employments_membership_idx on public.employments (membership_id, hired_on desc);
create index employments_school_idx on public.employments (school_id, hired_on desc);
alter table public.employments enable row level security;
call private.equip('public.employments', p_subject => 'membership_id');
call private.name_clashes('public.employments', 'employments.manage', '{"employments_no_overlap": "The person was employed in that time already."}');
grant select, insert (school_id, id, membership_id, employee_number, hired_on, left_on), update (employee_number, hired_on, left_on), delete on public.employments to authenticated;
comment on table public.employments is 'A time of employment (Ed-Fi: StaffEducationOrganizationEmploymentAssociation).';

create table public.credentials (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  membership_id uuid not null,
  kind text not null constraint credentials_kind check (kind in ('degree', 'licence', 'certificate', 'other')),
  title private.name_text not null,
  issuer private.name_text,
  issued_on date,
  expires_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint credentials_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict,
  constraint credentials_dates check (expires_on >= issued_on)
);
create index credentials_id_idx on public.credentials (id);
create index credentials_membership_idx on public.credentials (membership_id, issued_on desc);
create index credentials_school_idx on public.credentials (school_id, expires_on);
alter table public.credentials enable row level security;
call private.equip('public.credentials', p_nfc => '{title,issuer}', p_subject => 'membership_id');
grant select, insert (school_id, id, membership_id, kind, title, issuer, issued_on, expires_on), update (kind, title, issuer, issued_on, expires_on), delete on public.credentials to authenticated;
comment on table public.credentials is 'A qualification of a member of staff (Ed-Fi: Credential).';

create policy "own, team and school employments" on public.employments for select to authenticated
  using (deleted_at is null and (
    membership_id = any (array(select private.my_record()))
    or membership_id = any (array(select private.team_with('employments.read')))
    or school_id = any (array(select private.schools_with('employments.read')))));
create policy "admins add employments" on public.employments for insert to authenticated
  with check (school_id = any (array(select private.schools_with('employments.manage')))
    and exists (select from public.memberships m where (m.school_id, m.id) = (employments.school_id, membership_id) and m.role in ('admin', 'leader', 'teacher')));
create policy "admins change employments" on public.employments for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('employments.manage'))))
  with check (school_id = any (array(select private.schools_with('employments.manage'))));
create policy "admins remove employments" on public.employments for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('employments.manage'))));

create policy "own, team and school credentials" on public.credentials for select to authenticated
  using (deleted_at is null and (
    membership_id = any (array(select private.my_record()))
    or membership_id = any (array(select private.team_with('employments.read')))
    or school_id = any (array(select private.schools_with('employments.read')))));
create policy "admins add credentials" on public.credentials for insert to authenticated
  with check (school_id = any (array(select private.schools_with('employments.manage')))
    and exists (select from public.memberships m where (m.school_id, m.id) = (credentials.school_id, membership_id) and m.role in ('admin', 'leader', 'teacher')));
create policy "admins change credentials" on public.credentials for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('employments.manage'))))
  with check (school_id = any (array(select private.schools_with('employments.manage'))));
create policy "admins remove credentials" on public.credentials for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('employments.manage'))));

insert into private.restorable_tables (table_name, permission) values ('employments', 'employments.manage'), ('credentials', 'employments.manage');
