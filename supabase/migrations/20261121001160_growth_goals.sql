-- Growth: goals of teachers and of the school, in trees. Progress is stated, taken from the updates, or derived from the children:
-- a column says which, and the others hold nothing.

create table public.goals (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  teacher_id uuid,
  parent_id uuid,
  title private.name_text collate private.hebrew not null,
  description private.note_text,
  due_on date constraint goals_due_on check (due_on between '1900-01-01' and '2199-12-31'),
  progress_method text not null default 'updates' constraint goals_progress_method check (progress_method in ('stated', 'updates', 'children')),
  stated_progress smallint constraint goals_stated_progress check (stated_progress between 0 and 100),
  status text not null default 'open' constraint goals_status check (status in ('open', 'achieved', 'abandoned')),
  approved_by uuid,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  -- Lets updates carry a number only where progress comes from them.
  constraint goals_method_key unique (school_id, id, progress_method),
  constraint goals_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint goals_approver_fkey foreign key (school_id, approved_by) references public.memberships (school_id, id) on delete restrict,
  constraint goals_parent_fkey foreign key (school_id, parent_id) references public.goals (school_id, id) on delete restrict,
  constraint goals_stated check ((progress_method = 'stated') = (stated_progress is not null)),
  constraint goals_approved check ((approved_at is null) = (approved_by is null) and (teacher_id is not null or approved_at is null) and approved_by <> teacher_id)
);
create index goals_id_idx on public.goals (id);
create index goals_school_idx on public.goals (school_id, created_at desc);
create index goals_teacher_idx on public.goals (teacher_id, created_at desc);
create index goals_parent_idx on public.goals (school_id, parent_id);
create index goals_approver_idx on public.goals (approved_by);
alter table public.goals enable row level security;
call private.equip('public.goals', p_nfc => '{title,description}', p_subject => 'teacher_id');
grant select, insert (school_id, id, teacher_id, parent_id, title, description, due_on, progress_method, stated_progress), update (parent_id, title, description, due_on), delete
  on public.goals to authenticated;
comment on table public.goals is 'A goal of a teacher, or of the school where it names none. A teacher''s goal can serve one of the school''s, or a wider one of their own: its parent.';
comment on column public.goals.progress_method is 'stated: stated_progress is it; updates: the latest number in goal_updates is; children: the mean of the child goals'' is. It never changes.';
comment on column public.goals.stated_progress is 'percent; only where progress is stated';
comment on column public.goals.approved_at is 'when a leader approved it as it stands; a change of its text takes the approval back';

-- definer: because policies read goals whatever the caller may see of them, and a policy cannot ask its own table.
create function private.goals_to_serve() returns setof uuid
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select g.id from private.current_memberships c
  join public.goals g on g.school_id = c.school_id and g.status = 'open' and g.deleted_at is null and (g.teacher_id = c.id or g.teacher_id is null)
  where c.role in ('admin', 'leader', 'teacher');
end
$$;
comment on function private.goals_to_serve is 'Open goals that a goal of the caller''s can serve: the school''s and own ones.';
grant execute on function private.goals_to_serve to authenticated;

create policy "teachers theirs, teams and offices theirs, staff the school's" on public.goals for select to authenticated
  using (deleted_at is null and (
    teacher_id = any (array(select private.my_record()))
    or teacher_id = any (array(select private.team_with('goals.read')))
    or school_id = any (array(select private.schools_with('goals.read')))
    or teacher_id is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}')))));
create policy "teachers set theirs, offices and principals the school's" on public.goals for insert to authenticated
  with check ((teacher_id = any (array(select private.my_memberships('{teacher}'))) or teacher_id is null and school_id = any (array(select private.schools_with('goals.set'))))
    and (parent_id is null or parent_id = any (array(select private.goals_to_serve()))));
create policy "teachers change their open goals, offices and principals the school's" on public.goals for update to authenticated
  using (deleted_at is null and status = 'open'
    and (teacher_id = any (array(select private.my_memberships('{teacher}'))) or teacher_id is null and school_id = any (array(select private.schools_with('goals.set')))))
  with check ((teacher_id = any (array(select private.my_memberships('{teacher}'))) or teacher_id is null and school_id = any (array(select private.schools_with('goals.set'))))
    and (parent_id is null or parent_id = any (array(select private.goals_to_serve()))));
create policy "teachers remove their open goals, offices and principals the school's" on public.goals for delete to authenticated
  using (deleted_at is null and status = 'open'
    and (teacher_id = any (array(select private.my_memberships('{teacher}'))) or teacher_id is null and school_id = any (array(select private.schools_with('goals.set')))));

-- definer: because the tree holds goals that the caller does not see. One change of a school's trees at a time: of two that would
-- close a ring together, the second sees the first.
create function private.tg_goals__check_tree() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_parent public.goals;
  v_ring boolean;
  v_above integer;
  v_below integer;
begin
  perform from public.schools s where s.id = new.school_id for no key update;
  with recursive above as (
    select g.id, g.parent_id from public.goals g where (g.school_id, g.id) = (new.school_id, new.parent_id)
    union
    select g.id, g.parent_id from above a join public.goals g on (g.school_id, g.id) = (new.school_id, a.parent_id)
  )
  select bool_or(a.id = new.id), count(*) into v_ring, v_above from above a;
  if v_ring then
    perform private.reject('align the goal', 'A goal cannot be its own ancestor.');
  end if;
  with recursive below as (
    select new.id, 1 as depth
    union all
    select g.id, b.depth + 1 from below b join public.goals g on (g.school_id, g.parent_id) = (new.school_id, b.id)
  )
  select max(b.depth) into v_below from below b;
  if v_above + v_below > 8 then
    perform private.reject('align the goal', 'A tree of goals is eight levels deep at most.');
  end if;
  select g.* into v_parent from public.goals g where (g.school_id, g.id) = (new.school_id, new.parent_id);
  if v_parent.teacher_id is not null and v_parent.teacher_id is distinct from new.teacher_id then
    perform private.reject('align the goal', 'A teacher''s goal serves one of the school''s or of their own, a school''s goal one of the school''s.');
  end if;
  return null;
end
$$;
create trigger _500_check_tree after insert or update of parent_id on public.goals for each row
  when (new.parent_id is not null) execute function private.tg_goals__check_tree();

create function private.tg_goals__take_approval_back() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.approved_by := null;
  new.approved_at := null;
  return new;
end
$$;
create trigger _350_take_approval_back before update of parent_id, title, description, due_on on public.goals for each row
  when (old.approved_at is not null and (old.parent_id, old.title, old.description, old.due_on) is distinct from (new.parent_id, new.title, new.description, new.due_on))
  execute function private.tg_goals__take_approval_back();

create table public.goal_updates (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  goal_id uuid not null,
  progress_method text not null,
  author_id uuid not null,
  progress smallint constraint goal_updates_progress check (progress between 0 and 100),
  note private.note_text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint goal_updates_goal_fkey foreign key (school_id, goal_id, progress_method) references public.goals (school_id, id, progress_method) on delete cascade,
  constraint goal_updates_author_fkey foreign key (school_id, author_id) references public.memberships (school_id, id) on delete restrict,
  constraint goal_updates_not_derived check (progress is null or progress_method <> 'children'),
  constraint goal_updates_content check (progress is not null or note is not null)
);
create index goal_updates_id_idx on public.goal_updates (id);
create index goal_updates_goal_idx on public.goal_updates (goal_id, created_at desc);
create index goal_updates_goal_fkey_idx on public.goal_updates (school_id, goal_id, progress_method);
create index goal_updates_author_idx on public.goal_updates (author_id);
alter table public.goal_updates enable row level security;
call private.equip('public.goal_updates', p_nfc => '{note}');
grant select on public.goal_updates to authenticated;
create policy "as the goal" on public.goal_updates for select to authenticated
  using (exists (select from public.goals g where (g.school_id, g.id) = (goal_updates.school_id, goal_id)));
comment on table public.goal_updates is 'The history of a goal: numbers as they were recorded, and comments. Nobody changes a line; written by functions.';
comment on column public.goal_updates.progress is 'percent; of a stated goal the number that was stated, of a derived one none';

insert into private.restorable_tables (table_name, permission, person_column) values ('goals', 'goals.set', 'teacher_id');
insert into public.notification_kinds (kind, name_en, name_he) values
  ('goal_approved', 'goals approved', 'מטרות שאושרו'),
  ('goal_commented', 'comments on goals', 'הערות על מטרות');
