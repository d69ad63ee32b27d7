-- Growth: who observes whom, how often and by when in a year, and the visits that come of it. Observations refer to their visit.
-- A planned coaching visit is its two participants' alone, as the coaching will be; a walkthrough comes unannounced.

create view private.teams as
select l.school_id, l.leader_id, l.teacher_id
from private.leadership l
join private.members_in_force f on (f.school_id, f.id) = (l.school_id, l.leader_id)
join private.members_in_force g on (g.school_id, g.id) = (l.school_id, l.teacher_id)
where g.user_id is distinct from f.user_id;
comment on view private.teams is 'Which leader leads which teacher now, whoever asks; both in force. It is never granted.';

create table public.observation_plans (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  academic_year_id uuid not null,
  author_id uuid not null,
  name private.name_text collate private.hebrew not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint observation_plans_year_fkey foreign key (school_id, academic_year_id) references public.academic_years (school_id, id) on delete restrict,
  constraint observation_plans_author_fkey foreign key (school_id, author_id) references public.memberships (school_id, id) on delete restrict
);
create index observation_plans_id_idx on public.observation_plans (id);
create index observation_plans_year_idx on public.observation_plans (school_id, academic_year_id);
create index observation_plans_author_idx on public.observation_plans (author_id, created_at desc);
alter table public.observation_plans enable row level security;
call private.equip('public.observation_plans', p_nfc => '{name}', p_wall => 'true');
grant select on public.observation_plans to authenticated;
comment on table public.observation_plans is 'Visits planned for a year by a leader for the team, or by the principal or the office for the school. Made by rpc(''plan_observations'').';

create table public.planned_observations (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  plan_id uuid not null,
  observer_id uuid not null,
  teacher_id uuid not null,
  framework_id uuid,
  kind text not null constraint planned_observations_kind check (kind in ('evaluation', 'walkthrough', 'coaching')),
  due_on date not null,
  status text not null default 'planned' constraint planned_observations_status check (status in ('planned', 'scheduled', 'cancelled')),
  class_session_id uuid,
  starts_at timestamptz,
  ends_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint planned_observations_plan_fkey foreign key (school_id, plan_id) references public.observation_plans (school_id, id) on delete cascade,
  constraint planned_observations_observer_fkey foreign key (school_id, observer_id) references public.memberships (school_id, id) on delete restrict,
  constraint planned_observations_teacher_fkey foreign key (school_id, teacher_id) references public.memberships (school_id, id) on delete restrict,
  constraint planned_observations_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete restrict,
  constraint planned_observations_session_fkey foreign key (school_id, class_session_id) references public.class_sessions (school_id, id) on delete restrict,
  constraint planned_observations_not_self check (observer_id <> teacher_id),
  constraint planned_observations_scheduled check ((status = 'scheduled') = (starts_at is not null and ends_at is not null) and (status = 'scheduled' or class_session_id is null)),
  constraint planned_observations_times check (ends_at > starts_at and ends_at - starts_at <= interval '24 hours'),
  constraint planned_observations_observer_once exclude using gist (school_id with =, uuid_send(observer_id) with =, tstzrange(starts_at, ends_at) with &&)
    where (status = 'scheduled')
);
create index planned_observations_id_idx on public.planned_observations (id);
create index planned_observations_school_idx on public.planned_observations (school_id, due_on desc);
create index planned_observations_plan_idx on public.planned_observations (school_id, plan_id, teacher_id);
create index planned_observations_observer_idx on public.planned_observations (observer_id, due_on desc);
create index planned_observations_teacher_idx on public.planned_observations (teacher_id, due_on desc);
create index planned_observations_framework_idx on public.planned_observations (school_id, framework_id);
create index planned_observations_session_idx on public.planned_observations (school_id, class_session_id);
alter table public.planned_observations enable row level security;
call private.equip('public.planned_observations', p_wall => '{"kind": ["coaching", "walkthrough"]}', p_subject => 'teacher_id');
grant select on public.planned_observations to authenticated;
comment on table public.planned_observations is 'One visit of a plan, bound to a lesson or a time once it is scheduled. It is done when an observation that names it was submitted.';
comment on column public.planned_observations.framework_id is 'whose pre-observation questions are asked beside the school''s own';
comment on column public.planned_observations.due_on is 'the last day, at the school, on which it is in time';

create policy "observers theirs, teachers what is announced, team and school without coaching" on public.planned_observations for select to authenticated
  using (observer_id = any (array(select private.my_memberships()))
    or kind <> 'walkthrough' and teacher_id = any (array(select private.my_record()))
    or kind <> 'coaching' and teacher_id = any (array(select private.team_with('observations.read')))
    or kind <> 'coaching' and school_id = any (array(select private.schools_with('observations.read'))));
create policy "authors theirs, others those with a visit that they see" on public.observation_plans for select to authenticated
  using (author_id = any (array(select private.my_memberships()))
    -- One's own and the team's by their index; among the whole school's one would look long for them.
    or exists (select from public.planned_observations p where (p.school_id, p.plan_id) = (observation_plans.school_id, observation_plans.id)
      and p.teacher_id = any (array(select private.my_record() union all select private.team_with('observations.read'))))
    or exists (select from public.planned_observations p where (p.school_id, p.plan_id) = (observation_plans.school_id, observation_plans.id)));

-- Questions before a visit -------------------------------------------------------------------------------------------------

create table public.pre_observation_questions (
  school_id uuid not null references public.schools on delete restrict,
  id uuid not null default gen_random_uuid(),
  framework_id uuid,
  position smallint not null default 1,
  question private.note_text not null constraint pre_observation_questions_question check (question !~ '^\s*$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (school_id, id),
  constraint pre_observation_questions_framework_fkey foreign key (school_id, framework_id) references public.frameworks (school_id, id) on delete cascade
);
create index pre_observation_questions_id_idx on public.pre_observation_questions (id);
create index pre_observation_questions_framework_idx on public.pre_observation_questions (school_id, framework_id);
alter table public.pre_observation_questions enable row level security;
call private.equip('public.pre_observation_questions', p_nfc => '{question}');
grant select, insert (school_id, id, framework_id, position, question), update (position, question), delete on public.pre_observation_questions to authenticated;
create policy "staff read pre-observation questions" on public.pre_observation_questions for select to authenticated
  using (deleted_at is null and school_id = any (array(select private.my_schools('{admin,leader,teacher}'))));
create policy "admins add pre-observation questions" on public.pre_observation_questions for insert to authenticated
  with check (school_id = any (array(select private.schools_with('frameworks.manage')))
    and (framework_id is null or exists (select from public.frameworks f where (f.school_id, f.id) = (pre_observation_questions.school_id, framework_id))));
create policy "admins change pre-observation questions" on public.pre_observation_questions for update to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('frameworks.manage'))))
  with check (school_id = any (array(select private.schools_with('frameworks.manage'))));
create policy "admins remove pre-observation questions" on public.pre_observation_questions for delete to authenticated
  using (deleted_at is null and school_id = any (array(select private.schools_with('frameworks.manage'))));
comment on table public.pre_observation_questions is 'What a teacher is asked before an announced visit: by the school, or by a framework where one is named. No part of a version: answers keep the question as it was asked.';

create table public.pre_observation_answers (
  school_id uuid not null,
  id uuid not null default gen_random_uuid(),
  planned_observation_id uuid not null,
  question_id uuid not null,
  question private.note_text not null,
  answer private.note_text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (school_id, id),
  constraint pre_observation_answers_question_key unique (school_id, planned_observation_id, question_id),
  constraint pre_observation_answers_planned_fkey foreign key (school_id, planned_observation_id) references public.planned_observations (school_id, id) on delete cascade,
  constraint pre_observation_answers_question_fkey foreign key (school_id, question_id) references public.pre_observation_questions (school_id, id) on delete cascade
);
create index pre_observation_answers_id_idx on public.pre_observation_answers (id);
create index pre_observation_answers_question_idx on public.pre_observation_answers (school_id, question_id);
alter table public.pre_observation_answers enable row level security;
call private.equip('public.pre_observation_answers', p_nfc => '{question,answer}', p_wall => 'true');
grant select on public.pre_observation_answers to authenticated;
create policy "as the planned visit" on public.pre_observation_answers for select to authenticated
  using (exists (select from public.planned_observations p where (p.school_id, p.id) = (pre_observation_answers.school_id, planned_observation_id)));
comment on table public.pre_observation_answers is 'The teacher''s answers before a visit, beside the question as it was asked. Written by rpc(''answer_pre_observation'').';

insert into private.restorable_tables (table_name, permission) values ('pre_observation_questions', 'frameworks.manage');
