-- Promotion of a whole year: a plan that says what would happen and what stands in the way, one transaction that does it, and its undoing.

create table public.promotions (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  from_year_id uuid not null,
  to_year_id uuid not null,
  promoted integer not null,
  repeated integer not null,
  graduated integer not null,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint promotions_from_year_fkey foreign key (school_id, from_year_id) references public.academic_years (school_id, id) on delete restrict,
  constraint promotions_to_year_fkey foreign key (school_id, to_year_id) references public.academic_years (school_id, id) on delete restrict
);
create index promotions_id_idx on public.promotions (id);
create index promotions_from_year_idx on public.promotions (school_id, from_year_id);
create index promotions_to_year_idx on public.promotions (school_id, to_year_id);
create unique index promotions_once_key on public.promotions (school_id, from_year_id) where undone_at is null;
alter table public.promotions enable row level security;
call private.equip('public.promotions');
grant select on public.promotions to authenticated;
create policy "offices read promotions" on public.promotions for select to authenticated
  using (school_id = any (array(select private.schools_with('enrollments.manage'))));
comment on table public.promotions is 'A year''s students moved into the next. Written by rpc(''promote_students'') and rpc(''undo_promotion'').';

alter table public.enrollments
  add column promotion_id uuid,
  add column ended_by_promotion_id uuid,
  add constraint enrollments_promotion_fkey foreign key (school_id, promotion_id) references public.promotions (school_id, id) on delete restrict,
  add constraint enrollments_ended_by_promotion_fkey foreign key (school_id, ended_by_promotion_id) references public.promotions (school_id, id) on delete restrict;
create index enrollments_promotion_idx on public.enrollments (school_id, promotion_id);
create index enrollments_ended_by_promotion_idx on public.enrollments (school_id, ended_by_promotion_id);
comment on column public.enrollments.promotion_id is 'the promotion that made it';
comment on column public.enrollments.ended_by_promotion_id is 'the promotion whose end reason it bears, and whose undoing takes that away';

create function private.promotion_plan(p_school_id uuid, p_from_year_id uuid, p_to_year_id uuid, p_choices jsonb)
returns table (enrollment_id uuid, student_id uuid, class_id uuid, action text, to_class_id uuid, problem text)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  with leaving as (
    select e.id, e.student_id, k.id as class_id, k.code, l.position, l.code as level_code, s.family_name, s.given_name,
      c.value ->> 'action' as chosen_action, lower(c.value ->> 'class_id') as chosen_class_id
    from public.classes k
    join public.academic_years y on (y.school_id, y.id) = (k.school_id, k.academic_year_id)
    join public.grade_levels l on (l.school_id, l.id) = (k.school_id, k.grade_level_id)
    join public.enrollments e on e.school_id = k.school_id and e.class_id = k.id and e.deleted_at is null and e.ends_on = y.ends_on and e.end_reason is null
    join public.students s on (s.school_id, s.id) = (e.school_id, e.student_id) and s.deleted_at is null and s.status = 'enrolled'
    left join lateral jsonb_each(p_choices) c on lower(c.key) = e.student_id::text
    where k.school_id = p_school_id and k.academic_year_id = p_from_year_id and k.kind = 'homeroom' and k.deleted_at is null
  ), acting as (
    select v.*, n.id as next_level_id, n.code as next_code,
      coalesce(v.chosen_action, case when n.id is null then 'graduate' else 'promote' end) as act
    from leaving v
    left join lateral (select g.id, g.code from public.grade_levels g where g.school_id = p_school_id and g.deleted_at is null and g.position > v.position order by g.position limit 1) n on true
  ), placed as (
    select a.*, t.id as target_id, t.capacity
    from acting a
    left join lateral (
      select k.id, k.capacity from public.classes k
      join public.grade_levels g on (g.school_id, g.id) = (k.school_id, k.grade_level_id)
      where k.school_id = p_school_id and k.academic_year_id = p_to_year_id and k.kind = 'homeroom' and k.deleted_at is null and a.act in ('promote', 'repeat')
        and (k.id::text = a.chosen_class_id or a.chosen_class_id is null and case a.act when 'repeat' then g.position = a.position else g.id = a.next_level_id end)
      order by k.code = case a.act when 'repeat' then a.code else a.next_code || substr(a.code, length(a.level_code) + 1) end desc, k.code
      limit 1) t on true
  )
  select p.id, p.student_id, p.class_id, p.act, p.target_id, case
      when p.act not in ('promote', 'repeat', 'graduate') then 'The choice is promote, repeat or graduate.'
      when p.act = 'promote' and p.next_level_id is null then 'There is no level above.'
      when p.act in ('promote', 'repeat') and p.target_id is null then 'The year has no class of that level.'
      when exists (select from public.enrollments e join public.classes k on (k.school_id, k.id) = (e.school_id, e.class_id)
        where e.school_id = p_school_id and e.student_id = p.student_id and e.deleted_at is null and k.academic_year_id = p_to_year_id and k.kind = 'homeroom') then 'The student has a homeroom in that year already.'
      when p.target_id is not null and row_number() over (partition by p.target_id order by p.family_name, p.given_name, p.student_id)
        + (select count(*) from public.enrollments e where e.class_id = p.target_id and e.deleted_at is null) > p.capacity then 'The class has no place left.'
    end
  from placed p
  order by p.position, p.code, p.family_name, p.given_name, p.student_id;
end
$$;
comment on function private.promotion_plan is 'What promotion would do with each student who is in a homeroom to the end of a year.';

-- definer: because the plan counts classes and students whatever the caller may read of them; the right is checked first.
create function private.preview_promotion(p_school_id uuid, p_from_year_id uuid, p_to_year_id uuid, p_choices jsonb)
returns table (enrollment_id uuid, student_id uuid, class_id uuid, action text, to_class_id uuid, problem text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (p_school_id = any (array(select private.schools_with('enrollments.manage')))) is not true
    or (select count(*) from public.academic_years y where y.school_id = p_school_id and y.id in (p_from_year_id, p_to_year_id) and y.deleted_at is null) <> 2 then
    perform private.refuse('plan the promotion');
  end if;
  if (select min(y.starts_on) filter (where y.id = p_to_year_id) <= max(y.ends_on) filter (where y.id = p_from_year_id) from public.academic_years y
      where y.school_id = p_school_id and y.id in (p_from_year_id, p_to_year_id)) then
    perform private.reject('plan the promotion', 'The year that students move into begins after the one that they leave.');
  end if;
  if jsonb_typeof(p_choices) is distinct from 'object' then
    perform private.reject('plan the promotion', 'Choices are an object {student_id: {action, class_id}}.');
  end if;
  if exists (select lower(k) from jsonb_object_keys(p_choices) k except select p.student_id::text from private.promotion_plan(p_school_id, p_from_year_id, p_to_year_id, '{}') p) then
    perform private.reject('plan the promotion', 'A choice is made for a student who is not in a homeroom to the end of the year.');
  end if;
  return query select p.* from private.promotion_plan(p_school_id, p_from_year_id, p_to_year_id, p_choices) p
  where p.student_id <> all (array(select private.blocked_students()));
end
$$;
grant execute on function private.preview_promotion to authenticated;

create function public.preview_promotion(school_id uuid, from_year_id uuid, to_year_id uuid, choices jsonb default '{}')
returns table (enrollment_id uuid, student_id uuid, class_id uuid, action text, to_class_id uuid, problem text)
language sql stable set search_path = ''
as $$ select * from private.preview_promotion(preview_promotion.school_id, preview_promotion.from_year_id, preview_promotion.to_year_id, preview_promotion.choices) $$;
comment on function public.preview_promotion is
  'What promoting a year would do, by student: promote, repeat or graduate, into which class, and what stands in the way (admins). The class is the one whose code has the same ending in the next level, or the first. Choices {student_id: {action, class_id}} depart from it. Changes nothing. PT404; PT422.';
grant execute on function public.preview_promotion to authenticated;

-- definer: as above, and because enrollments have no write grant.
create function private.promote_students(p_school_id uuid, p_from_year_id uuid, p_to_year_id uuid, p_choices jsonb) returns public.promotions
language plpgsql security definer set search_path = ''
as $$
declare
  v_promotion public.promotions;
  v_plan jsonb;
  v_problems integer;
begin
  -- One at a time in a school; a second office finds the first one's promotion.
  perform from public.schools s where s.id = p_school_id and s.id = any (array(select private.schools_with('enrollments.manage'))) for no key update;
  if not found then
    perform private.refuse('promote the students');
  end if;
  if exists (select from public.promotions p where (p.school_id, p.from_year_id) = (p_school_id, p_from_year_id) and p.undone_at is null) then
    raise exception using errcode = 'PT409', message = 'Cannot promote the students', hint = 'The year''s students were moved already; undo that first.';
  end if;
  perform from private.preview_promotion(p_school_id, p_from_year_id, p_to_year_id, p_choices) limit 1;
  -- Neither the years' days move nor anybody comes, changes class or leaves beside this.
  perform from public.academic_years y where y.school_id = p_school_id and y.id in (p_from_year_id, p_to_year_id) order by y.id for share;
  perform from public.classes k where k.school_id = p_school_id and k.academic_year_id in (p_from_year_id, p_to_year_id) order by k.id for no key update;
  perform from public.enrollments e join public.classes k on (k.school_id, k.id) = (e.school_id, e.class_id)
  where k.school_id = p_school_id and k.academic_year_id = p_from_year_id and k.kind = 'homeroom' and e.deleted_at is null order by e.id for no key update of e;
  select jsonb_agg(to_jsonb(l)), count(l.problem) into v_plan, v_problems from private.promotion_plan(p_school_id, p_from_year_id, p_to_year_id, p_choices) l;
  if v_problems > 0 then
    raise exception using errcode = 'PT409', message = 'Cannot promote the students', hint = format('%s of them cannot be placed; rpc(''preview_promotion'') says why.', v_problems);
  end if;
  if v_plan is null then
    perform private.reject('promote the students', 'The year has no students to move.');
  end if;
  insert into public.promotions as p (school_id, from_year_id, to_year_id, promoted, repeated, graduated)
  select p_school_id, p_from_year_id, p_to_year_id, count(*) filter (where l.action = 'promote'), count(*) filter (where l.action = 'repeat'), count(*) filter (where l.action = 'graduate')
  from jsonb_to_recordset(v_plan) l (action text)
  returning p.* into v_promotion;
  insert into public.enrollments (school_id, student_id, class_id, kind, roll_number, starts_on, ends_on, promotion_id)
  select p_school_id, l.student_id, l.to_class_id, 'homeroom',
    (select coalesce(max(e.roll_number), 0) from public.enrollments e where e.class_id = l.to_class_id and e.deleted_at is null)
      + row_number() over (partition by l.to_class_id order by s.family_name, s.given_name, s.id), y.starts_on, y.ends_on, v_promotion.id
  from jsonb_to_recordset(v_plan) l (student_id uuid, to_class_id uuid)
  join public.students s on (s.school_id, s.id) = (p_school_id, l.student_id)
  join public.academic_years y on (y.school_id, y.id) = (p_school_id, p_to_year_id)
  where l.to_class_id is not null;
  with moved as (
    update public.enrollments e set ended_by_promotion_id = v_promotion.id,
      end_reason = case when l.to_class_id is null then 'graduated' when k.grade_level_id = o.grade_level_id then 'repeated' else 'promoted' end
    from jsonb_to_recordset(v_plan) l (enrollment_id uuid, class_id uuid, to_class_id uuid)
    join public.classes o on (o.school_id, o.id) = (p_school_id, l.class_id)
    left join public.classes k on (k.school_id, k.id) = (p_school_id, l.to_class_id)
    where (e.school_id, e.id) = (p_school_id, l.enrollment_id)
    returning e.student_id, e.end_reason)
  update public.students s set status = 'graduated' from moved m where (s.school_id, s.id) = (p_school_id, m.student_id) and m.end_reason = 'graduated' and s.status = 'enrolled';
  return v_promotion;
end
$$;
grant execute on function private.promote_students to authenticated;

create function public.promote_students(school_id uuid, from_year_id uuid, to_year_id uuid, choices jsonb default '{}') returns public.promotions
language sql set search_path = ''
as $$ select private.promote_students(promote_students.school_id, promote_students.from_year_id, promote_students.to_year_id, promote_students.choices) $$;
comment on function public.promote_students is 'Does what preview_promotion says, all or nothing, once (admins). Returns the promotion with its counts. PT404; PT409 when somebody cannot be placed or the year was promoted already; PT422.';
grant execute on function public.promote_students to authenticated;

-- definer: as above.
create function private.undo_promotion(p_school_id uuid, p_promotion_id uuid) returns public.promotions
language plpgsql security definer set search_path = ''
as $$
declare
  v_promotion public.promotions;
begin
  update public.promotions p set undone_at = now()
  where (p.school_id, p.id) = (p_school_id, p_promotion_id) and p.undone_at is null and p.school_id = any (array(select private.schools_with('enrollments.manage')))
  returning p.* into v_promotion;
  if v_promotion.id is null then
    perform private.refuse('undo the promotion');
  end if;
  perform from public.enrollments e where (e.school_id, e.promotion_id) = (p_school_id, p_promotion_id) order by e.id for update;
  if exists (select from public.enrollments e join public.academic_years y on (y.school_id, y.id) = (v_promotion.school_id, v_promotion.to_year_id)
      where (e.school_id, e.promotion_id) = (p_school_id, p_promotion_id) and e.deleted_at is null and (e.ends_on <> y.ends_on or e.end_reason is not null))
    or exists (select from public.enrollments n join public.attendance_entries a on a.school_id = n.school_id and a.student_id = n.student_id and a.class_id = n.class_id
      where (n.school_id, n.promotion_id) = (p_school_id, p_promotion_id)) then
    raise exception using errcode = 'PT409', message = 'Cannot undo the promotion', hint = 'Something was built on it: a transfer, a leave or a register in the new classes.';
  end if;
  update public.enrollments e set deleted_at = now() where (e.school_id, e.promotion_id) = (p_school_id, p_promotion_id) and e.deleted_at is null;
  update public.students s set status = 'enrolled' from public.enrollments e
  where (e.school_id, e.ended_by_promotion_id) = (p_school_id, p_promotion_id) and e.end_reason = 'graduated' and (s.school_id, s.id) = (e.school_id, e.student_id) and s.status = 'graduated';
  update public.enrollments e set end_reason = null, ended_by_promotion_id = null where (e.school_id, e.ended_by_promotion_id) = (p_school_id, p_promotion_id);
  return v_promotion;
end
$$;
grant execute on function private.undo_promotion to authenticated;

create function public.undo_promotion(school_id uuid, promotion_id uuid) returns public.promotions
language sql set search_path = ''
as $$ select private.undo_promotion(undo_promotion.school_id, undo_promotion.promotion_id) $$;
comment on function public.undo_promotion is 'Takes a promotion back as long as nothing was built on it (admins). PT404; PT409 after a transfer, a leave or a register in the new classes.';
grant execute on function public.undo_promotion to authenticated;
