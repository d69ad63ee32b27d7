-- Certificates: what a completed training gives to whoever attended, as it was printed on the day. Anybody who holds one can have it
-- verified by its code, through the function certificate-verification and nothing else.

insert into public.notification_kinds (kind, name_en, name_he) values ('certificate_issued', 'new certificates', 'תעודות חדשות');

create table public.certificates (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  training_event_id uuid not null,
  organiser_id uuid not null,
  registration_id uuid not null,
  membership_id uuid not null,
  verification_code private.code_text not null,
  holder_name private.name_text not null,
  title private.name_text not null,
  hours numeric(4, 2) not null,
  held_on date not null,
  school_name private.name_text not null,
  locale text not null,
  issued_at timestamptz not null default now(),
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint certificates_event_fkey foreign key (school_id, training_event_id, organiser_id) references public.training_events (school_id, id, organiser_id) on delete restrict,
  constraint certificates_organiser_fkey foreign key (school_id, organiser_id) references public.memberships (school_id, id) on delete restrict,
  constraint certificates_registration_fkey foreign key (school_id, registration_id) references public.training_registrations (school_id, id) on delete restrict,
  constraint certificates_membership_fkey foreign key (school_id, membership_id) references public.memberships (school_id, id) on delete restrict
);
create index certificates_id_idx on public.certificates (id);
create index certificates_school_idx on public.certificates (school_id, issued_at desc);
create index certificates_membership_idx on public.certificates (membership_id, issued_at desc);
create index certificates_event_idx on public.certificates (school_id, training_event_id, organiser_id);
create index certificates_organiser_idx on public.certificates (organiser_id, issued_at desc);
create index certificates_registration_idx on public.certificates (school_id, registration_id);
create unique index certificates_in_force_key on public.certificates (school_id, registration_id) where revoked_at is null;
-- A hundred random bits need no constraint across schools, whose conflict would tell of another's.
create index certificates_code_idx on public.certificates (verification_code);
alter table public.certificates enable row level security;
call private.equip('public.certificates', p_nfc => '{holder_name,title,school_name}', p_subject => 'membership_id');
grant select on public.certificates to authenticated;
create policy "people theirs, organisers those of their trainings, admins all" on public.certificates for select to authenticated
  using (membership_id = any (array(select private.my_record()))
    or school_id = any (array(select private.schools_with('trainings.manage')))
    or organiser_id = any (array(select private.memberships_with('trainings.create'))));
comment on table public.certificates is 'A certificate of attendance with what it says in print, which never changes. Issued and revoked with the attendance; its file in the bucket certificates, at <school_id>/<membership_id>/<id>.pdf, is made by the function certificates when it is first asked for.';
comment on column public.certificates.verification_code is '20 letters and digits, 100 random bits: whoever is shown it can verify the certificate without a sign-in';
comment on column public.certificates.revoked_at is 'from when it is no longer valid: the attendance was corrected';

-- Files are written by the function alone, so that what one downloads is what was issued; signed addresses none (as for evidence).
create policy "a certificate's file is read with it" on storage.objects for select to authenticated
  using (bucket_id = 'certificates' and split_part(name, '/', 1) = any (array(select private.my_schools('{admin,leader,teacher}')::text)) and (select coalesce(storage.operation(), '') !~ 'object\.sign')
    and exists (select from public.certificates c
    where (c.school_id::text, c.id) = (split_part(name, '/', 1), private.uuid_or_null(split_part(storage.filename(name), '.', 1)))
      and c.membership_id = private.uuid_or_null((storage.foldername(name))[2]) and c.revoked_at is null));

-- Completion ------------------------------------------------------------------------------------------------------------------

create function private.settle_training(p_school_id uuid, p_training_event_id uuid) returns void
language plpgsql set search_path = ''
as $$
declare
  v_attendee record;
  v_claim record;
  v_person uuid[];
  v_certificate uuid;
  v_hours numeric;
begin
  update public.certificates c set revoked_at = now()
  from public.training_registrations r
  where (c.school_id, c.training_event_id) = (p_school_id, p_training_event_id) and c.revoked_at is null and (r.school_id, r.id) = (c.school_id, c.registration_id) and r.status <> 'attended';
  update public.pd_hours h set deleted_at = now()
  from public.training_registrations r
  where h.school_id = p_school_id and h.registration_id = r.id and h.deleted_at is null and (r.school_id, r.training_event_id) = (p_school_id, p_training_event_id) and r.status <> 'attended';
  for v_attendee in
    select r.id, r.membership_id, r.organiser_id, e.title, e.hours, e.category_id, (e.starts_at at time zone s.timezone)::date as held_on, s.name as school_name, s.locale,
      coalesce(d.display_name, p.full_name, m.teacher_code, '–') as holder_name
    from public.training_registrations r
    join public.training_events e on (e.school_id, e.id) = (r.school_id, r.training_event_id)
    join public.schools s on s.id = r.school_id
    join public.memberships m on (m.school_id, m.id) = (r.school_id, r.membership_id)
    left join public.directory_cards d on (d.school_id, d.membership_id) = (m.school_id, m.id) and d.deleted_at is null
    left join public.profiles p on p.user_id = m.user_id
    where (r.school_id, r.training_event_id, r.status) = (p_school_id, p_training_event_id, 'attended')
    -- Two trainings that end at once hold the same people in the same order.
    order by coalesce(m.user_id, m.id)
  loop
    insert into public.certificates as c (school_id, training_event_id, organiser_id, registration_id, membership_id, verification_code, holder_name, title, hours, held_on, school_name, locale)
    values (p_school_id, p_training_event_id, v_attendee.organiser_id, v_attendee.id, v_attendee.membership_id, private.random_code(20), v_attendee.holder_name, v_attendee.title, v_attendee.hours,
      v_attendee.held_on, v_attendee.school_name, v_attendee.locale)
    on conflict (school_id, registration_id) where revoked_at is null do nothing
    returning c.id into v_certificate;
    if v_certificate is not null then
      perform private.notify(p_school_id, array[v_attendee.membership_id], 'certificate_issued', 'certificates', v_certificate);
    end if;
    v_person := private.hold_person(p_school_id, v_attendee.membership_id);
    -- What the person claimed for the same is not approved beside it.
    for v_claim in
      update public.pd_hours h set status = 'returned', endorser_id = null, return_reason = case when v_attendee.locale ~ '^he' then 'השעות נזקפו מעצמן עבור ההשתלמות' else 'Credited by the training itself' end
      where h.school_id = p_school_id and h.membership_id = any (v_person) and h.done_on = v_attendee.held_on and h.status in ('pending', 'endorsed') and h.deleted_at is null
        and private.search_text(h.activity) = private.search_text(v_attendee.title)
      returning h.id, h.membership_id
    loop
      perform private.notify(p_school_id, array[v_claim.membership_id], 'pd_hours_returned', 'pd_hours', v_claim.id);
    end loop;
    v_hours := least(v_attendee.hours, 24 - (select coalesce(sum(h.hours), 0) from public.pd_hours h
      where h.school_id = p_school_id and h.membership_id = any (v_person) and h.done_on = v_attendee.held_on and h.status <> 'returned' and h.deleted_at is null
        and h.registration_id is distinct from v_attendee.id));
    if v_hours > 0 and not exists (select from public.pd_hours h where h.school_id = p_school_id and h.membership_id = any (v_person) and h.done_on = v_attendee.held_on
        and h.status = 'approved' and h.registration_id is null and h.deleted_at is null and private.search_text(h.activity) = private.search_text(v_attendee.title)) then
      insert into public.pd_hours (school_id, membership_id, category_id, registration_id, activity, done_on, hours, status, approved_at)
      values (p_school_id, v_attendee.membership_id, v_attendee.category_id, v_attendee.id, v_attendee.title, v_attendee.held_on, v_hours, 'approved', now())
      on conflict (school_id, registration_id) where deleted_at is null do nothing;
    end if;
  end loop;
end
$$;
comment on function private.settle_training is
  'Brings certificates and credited hours of a completed training into line with its attendance; may run again. A day never exceeds 24 hours: what was recorded for it before leaves the rest to the training. A claim for the same activity that day is returned, or, when it was approved already, stands instead of the credit.';

-- Verification without a sign-in ------------------------------------------------------------------------------------------------

create table private.verification_failures (
  client bytea not null,
  hour timestamptz not null default date_trunc('hour', now()),
  failures integer not null default 1,
  primary key (client, hour)
);
comment on table private.verification_failures is 'How often a client, by the digest of its address, asked for a code that does not exist. Forgotten by a job.';

-- definer: because the service key, which the function certificate-verification calls with, reaches no table of private.
create function private.verify_certificate(p_code text, p_client text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_most constant integer := 20;
  v_client bytea := sha256(convert_to(coalesce(p_client, ''), 'UTF8'));
  v_answer jsonb;
begin
  if exists (select from private.verification_failures f where f.client = v_client and f.hour = date_trunc('hour', now()) and f.failures >= v_most) then
    return jsonb_build_object('limited', true);
  end if;
  select jsonb_build_object('valid', c.revoked_at is null) || case when c.revoked_at is null then jsonb_build_object(
      'holder', c.holder_name, 'title', c.title, 'hours', c.hours, 'held_on', c.held_on, 'school', c.school_name) else jsonb_build_object('revoked_on', (c.revoked_at at time zone s.timezone)::date) end
  into v_answer from public.certificates c join public.schools s on s.id = c.school_id where c.verification_code = regexp_replace(upper(p_code), '[\s-]', '', 'g');
  if v_answer is null then
    insert into private.verification_failures as f (client) values (v_client)
    on conflict (client, hour) do update set failures = f.failures + 1;
  end if;
  return v_answer;
end
$$;
grant execute on function private.verify_certificate to service_role;

create function public.verify_certificate(code text, client text) returns jsonb
language sql set search_path = ''
as $$ select private.verify_certificate(verify_certificate.code, verify_certificate.client) $$;
comment on function public.verify_certificate is
  'For the function certificate-verification alone: {valid, holder, title, hours, held_on, school} of a code, {valid: false, revoked_on} of a revoked one, null of an unknown one, {limited: true} for a client that has asked for twenty unknown ones within the hour.';
grant execute on function public.verify_certificate to service_role;

create function private.prune_verification_failures() returns bigint
language plpgsql set search_path = ''
as $$
declare
  v_count bigint;
begin
  delete from private.verification_failures f where f.hour < now() - interval '1 hour';
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.prune_verification_failures is 'Forgets who asked for unknown codes in hours past; returns how many rows.';
select cron.schedule('certificates_prune_failures', '20 * * * *', 'select private.prune_verification_failures()');
