-- Growth: what a teacher shares of coaching. One item at a time, with one leader of theirs, until it is taken back; nobody but the
-- teacher opens it. The policies of observations, observation_feedback and action_steps read it through private.coaching_shared.

create table public.coaching_shares (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  observation_id uuid not null,
  item text not null constraint coaching_shares_item check (item in ('observation', 'feedback', 'action_step')),
  feedback_id uuid,
  action_step_id uuid,
  teacher_id uuid not null,
  reader_id uuid not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint coaching_shares_key unique nulls not distinct (school_id, observation_id, item, feedback_id, action_step_id, reader_id, revoked_at),
  constraint coaching_shares_observation_fkey foreign key (school_id, observation_id) references public.observations (school_id, id) on delete cascade,
  constraint coaching_shares_feedback_fkey foreign key (school_id, feedback_id) references public.observation_feedback (school_id, id) on delete cascade,
  constraint coaching_shares_action_step_fkey foreign key (school_id, action_step_id) references public.action_steps (school_id, id) on delete cascade,
  constraint coaching_shares_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint coaching_shares_reader_fkey foreign key (school_id, reader_id) references public.memberships (school_id, id) on delete restrict,
  constraint coaching_shares_target check ((item = 'feedback') = (feedback_id is not null) and (item = 'action_step') = (action_step_id is not null))
);
create index coaching_shares_id_idx on public.coaching_shares (id);
create index coaching_shares_feedback_idx on public.coaching_shares (school_id, feedback_id);
create index coaching_shares_action_step_idx on public.coaching_shares (school_id, action_step_id);
create index coaching_shares_teacher_idx on public.coaching_shares (teacher_id, created_at desc);
create index coaching_shares_reader_idx on public.coaching_shares (reader_id, created_at desc);
alter table public.coaching_shares enable row level security;
call private.equip('public.coaching_shares', p_wall => 'true');
grant select on public.coaching_shares to authenticated;
create policy "teachers theirs, coaches those of their coaching, readers those in force" on public.coaching_shares for select to authenticated
  using (teacher_id = any (array(select private.my_record()))
    or revoked_at is null and reader_id = any (array(select private.my_memberships()))
    or exists (select from public.observations o where (o.school_id, o.id) = (coaching_shares.school_id, observation_id) and o.observer_id = any (array(select private.my_memberships()))));
comment on table public.coaching_shares is
  'One item of coaching that its teacher lets one leader read: the observation (with its ratings and files), the feedback, or one action step, and none of them opens another. It holds while that leader leads the teacher and until revoked_at.';

insert into public.notification_kinds (kind, name_en, name_he) values ('coaching_shared', 'coaching shared with you', 'פריטי ליווי ששותפו איתך');

-- definer: because the table has no write grant; that the coaching is the caller's own and the reader their leader is checked here.
create function private.share_coaching_item(p_school_id uuid, p_item text, p_item_id uuid, p_reader_id uuid) returns public.coaching_shares
language plpgsql security definer set search_path = ''
as $$
declare
  v_share public.coaching_shares;
  v_wanted public.coaching_shares;
begin
  select o.school_id, o.id, o.teacher_id into v_wanted.school_id, v_wanted.observation_id, v_wanted.teacher_id
  from public.observations o
  where o.school_id = p_school_id and o.kind = 'coaching' and o.status <> 'draft' and o.deleted_at is null and o.teacher_id = any (array(select private.my_memberships('{teacher}')))
    and o.id = case p_item
      when 'observation' then p_item_id
      when 'feedback' then (select f.observation_id from public.observation_feedback f where (f.school_id, f.id) = (p_school_id, p_item_id) and f.deleted_at is null)
      when 'action_step' then (select a.observation_id from public.action_steps a where (a.school_id, a.id) = (p_school_id, p_item_id) and a.deleted_at is null) end
    and exists (select from private.teams t where (t.school_id, t.leader_id, t.teacher_id) = (p_school_id, p_reader_id, o.teacher_id));
  if v_wanted.observation_id is null then
    perform private.refuse('share the item', 'It is not coaching of yours, or the reader does not lead you.');
  end if;
  loop
    insert into public.coaching_shares as s (school_id, observation_id, item, feedback_id, action_step_id, teacher_id, reader_id)
    values (p_school_id, v_wanted.observation_id, p_item, case p_item when 'feedback' then p_item_id end, case p_item when 'action_step' then p_item_id end, v_wanted.teacher_id, p_reader_id)
    on conflict on constraint coaching_shares_key do nothing
    returning s.* into v_share;
    exit when v_share.id is not null;
    select s.* into v_share from public.coaching_shares s
    where (s.school_id, s.observation_id, s.item, s.reader_id) = (p_school_id, v_wanted.observation_id, p_item, p_reader_id)
      and coalesce(s.feedback_id, s.action_step_id, s.observation_id) = p_item_id and s.revoked_at is null;
    if v_share.id is not null then
      return v_share;
    end if;
    -- Taken back between the two: shared anew.
  end loop;
  perform private.notify(p_school_id, array[p_reader_id], 'coaching_shared',
    case p_item when 'observation' then 'observations' when 'feedback' then 'observation_feedback' else 'action_steps' end, p_item_id);
  return v_share;
end
$$;
grant execute on function private.share_coaching_item to authenticated;

create function public.share_coaching_item(school_id uuid, item text, item_id uuid, reader_id uuid) returns public.coaching_shares
language sql set search_path = ''
as $$ select private.share_coaching_item(share_coaching_item.school_id, share_coaching_item.item, share_coaching_item.item_id, share_coaching_item.reader_id) $$;
comment on function public.share_coaching_item is
  'Lets one leader of the caller''s, by membership, read one item of the caller''s own coaching: item observation, feedback or action_step, and its id. The teacher alone; twice is once. Returns the share. PT404.';
grant execute on function public.share_coaching_item to authenticated;

-- definer: because the date has no grant.
create function private.unshare_coaching_item(p_school_id uuid, p_share_id uuid) returns public.coaching_shares
language plpgsql security definer set search_path = ''
as $$
declare
  v_share public.coaching_shares;
begin
  update public.coaching_shares s set revoked_at = clock_timestamp()
  where (s.school_id, s.id) = (p_school_id, p_share_id) and s.revoked_at is null and s.teacher_id = any (array(select private.my_memberships('{teacher}')))
  returning s.* into v_share;
  if v_share.id is null then
    perform private.refuse('take the item back');
  end if;
  return v_share;
end
$$;
grant execute on function private.unshare_coaching_item to authenticated;

create function public.unshare_coaching_item(school_id uuid, share_id uuid) returns public.coaching_shares
language sql set search_path = ''
as $$ select private.unshare_coaching_item(unshare_coaching_item.school_id, unshare_coaching_item.share_id) $$;
comment on function public.unshare_coaching_item is 'Takes a shared item of coaching back, at the reader''s next statement (the teacher alone). PT404.';
grant execute on function public.unshare_coaching_item to authenticated;
