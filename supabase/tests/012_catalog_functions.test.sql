-- What holds for every function, those that do not exist yet included; and, pinned by name, who acts with more than their own rights.
begin;
select plan(24);

create temporary view functions as
select p.oid, n.nspname::text as schema, p.proname::text as name, (n.nspname || '.' || p.proname) collate "default" as full_name, p.prosecdef as definer, p.proconfig, p.prokind, p.provolatile, p.prorettype, l.lanname::text as language,
  regexp_replace(coalesce(p.prosrc, ''), '--[^\n]*', '', 'g') as body,
  array(select case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl where acl.grantee <> p.proowner order by 1) as executors
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where n.nspname in ('public', 'private', 'audit');
create temporary view statements as
select f.full_name, f.definer, s as text from functions f, regexp_split_to_table(f.body, ';') s
union all
select 'cron ' || j.jobname, true, s from cron.job j, regexp_split_to_table(j.command, ';') s;

select is_empty($$ select full_name from functions where not exists (select from unnest(proconfig) c where c like 'search_path=%') $$, 'house-style 6: every function sets its search_path');
select is_empty($$ select full_name from functions where schema <> 'audit' and not proconfig && array['search_path=""', 'search_path='] $$, 'house-style 6: to nothing, so that every name is qualified');
select is_empty($$ select full_name from functions where schema = 'public' and definer $$, 'blueprint: no definer function in public');
select is_empty($$ select full_name from functions where 'public' = any (executors) $$, 'house-style 3: no function is executable by public');
select results_eq($$ select full_name::text from functions where 'anon' = any (executors) order by 1 $$, array['private.check_request'], 'access.md: anon executes what every request passes through, and nothing else');
select is_empty($$
  select 'service_role ' || p.oid::regprocedure from pg_proc p where p.pronamespace in ('private'::regnamespace, 'audit'::regnamespace) and p.proname not in ('breaks', 'check_request', 'refuse', 'reject', 'scope_rank', 'today', 'verify_certificate') and has_function_privilege('service_role', p.oid, 'execute')
$$, 'the service key calls no helper and no job (only what checks and triggers pass through, and what verifies a certificate for somebody without a sign-in)');
select is_empty($$ select full_name from functions where schema = 'audit' and executors <> '{}' $$, 'never 7: functions of the log are its owner''s alone');
select is_empty($$ select full_name from functions where prorettype in ('trigger'::regtype, 'event_trigger'::regtype) and executors <> '{}' $$, 'trigger functions are nobody''s to call');

-- Pinned: a new definer function, or a new grant, shows here and must be argued for. -----------------------------------------

select bag_eq($$ select full_name::text from functions where definer $$, array[
  -- helpers of policies: they read memberships, guardianships, blocks and settings whatever the caller may see of them
  'private.my_memberships', 'private.my_record', 'private.all_my_memberships', 'private.my_schools', 'private.my_districts', 'private.districts_of_admin', 'private.schools_with', 'private.team_with', 'private.team_in_force',
  'private.my_children', 'private.blocked_students', 'private.blocked_memberships', 'private.colleagues', 'private.setting',
  'private.classes_with', 'private.sessions_covered', 'private.attendance_rules', 'private.students_taught', 'private.students_covered', 'private.students_of_team', 'private.own_students', 'private.classes_attended', 'private.teachers_attended', 'private.memberships_with',
  'private.my_rights',
  -- triggers: the log, the hidden row, the profile of a new user, what a new school and a district's people bring with them
  'audit.tg__created', 'audit.tg__updated', 'audit.tg__changed', 'private.tg__soft_delete', 'private.tg_users__create_profile', 'private.sync_district_memberships', 'private.tg__sync_district_memberships', 'private.sync_district_settings', 'private.tg__sync_district_settings',
  'private.tg_schools__ship_frameworks', 'private.tg__hold_parent', 'private.tg__name_clash',
  -- triggers: what a school begins with, and what stays true of years and levels whatever their writer may see
  'private.tg_schools__make_grade_levels', 'private.tg_terms__within_year', 'private.tg_academic_years__keep_terms', 'private.tg_academic_years__keep_enrollments', 'private.tg_classes__limit_per_level',
  -- the office: years and enrollments
  'private.set_current_year', 'private.hold_place', 'private.enroll_students', 'private.end_enrollment', 'private.transfer_student', 'private.preview_promotion', 'private.promote_students', 'private.undo_promotion',
  -- search: what keeps its table, and what reads it within the caller's scope
  'private.tg_students__make_searchable', 'private.tg_directory_cards__make_searchable', 'private.search_people',
  -- channels, notifications and announcements
  'private.topics_of_mine', 'private.open_topics', 'private.tg_memberships__end_topic', 'private.read_notifications', 'private.announcements_received', 'private.announce', 'private.change_announcement', 'private.read_announcement',
  -- the timetable and the registers
  'private.generate_sessions', 'private.change_session', 'private.add_session', 'private.mark_attendance', 'private.override_attendance',
  -- rights that are given and taken
  'private.set_school_setting', 'private.reset_school_setting', 'private.set_district_setting', 'private.change_district', 'private.set_role_permission', 'private.add_membership', 'private.end_membership', 'private.add_supervision', 'private.end_supervision',
  -- photos, and what somebody has seen of a child
  'private.photo_folders', 'private.set_photo', 'private.guardian_access_report',
  -- memberships that wait for a sign-in
  'private.claim_invitations', 'private.accept_invitations', 'private.invite_people', 'private.prepare_sign_in', 'private.revoke_invitation',
  -- what is read or written with a line in the log
  'private.log_event', 'private.read_student_records', 'private.write_student_record', 'private.read_guardianship_blocks', 'private.deleted_rows', 'private.restore', 'private.audit_origins', 'private.verify_audit',
  -- steps of an observation, of a framework, and the glass
  'private.set_framework_status', 'private.submit_observation', 'private.acknowledge_observation', 'private.reflect_on_observation', 'private.record_discussion', 'private.amend_observation',
  'private.break_glass', 'private.read_behind_glass', 'private.lock_observation', 'private.copy_framework', 'private.save_observation_draft', 'private.tg__stamp_draft', 'private.complete_action_step',
  -- plans of visits, calibrations, goals, and what of coaching its teacher shares
  'private.plan_observations', 'private.schedule_observation', 'private.cancel_planned_observation', 'private.answer_pre_observation', 'private.tg_class_sessions__release_visits',
  'private.open_calibration', 'private.submit_calibration', 'private.close_calibration',
  'private.goals_to_serve', 'private.tg_goals__check_tree', 'private.record_goal_progress', 'private.approve_goal', 'private.comment_on_goal', 'private.set_goal_status', 'private.goal_progress',
  'private.observations_led', 'private.levels_led', 'private.work_led', 'private.visits_led', 'private.coaching_shared', 'private.share_coaching_item', 'private.unshare_coaching_item',
  -- trainings: seats, codes, attendance; hours and their approval; the export that is logged; verification without a sign-in
  'private.tg_schools__make_pd_categories', 'private.tg_training_events__follow_change', 'private.tg_training_events__publish_series', 'private.tg_pd_hours__fit_day', 'private.tg_pd_hours__hold_writer',
  'private.register_for_training', 'private.withdraw_from_training', 'private.training_seats', 'private.publish_training', 'private.cancel_training', 'private.complete_training',
  'private.training_code', 'private.check_in', 'private.mark_training_attendance', 'private.approve_pd_hours', 'private.return_pd_hours', 'private.resubmit_pd_hours',
  'private.log_growth_export', 'private.verify_certificate',
  -- sessions
  'private.session_start', 'private.session_ping', 'private.session_end', 'private.sessions_in_sum', 'private.custom_access_token'
], 'blueprint: the definer functions are these');
select is_empty($$
  select full_name from functions where schema = 'private' and 'authenticated' = any (executors) and name not in (
    -- helpers of policies and of invoker functions
    'my_memberships', 'my_record', 'all_my_memberships', 'my_schools', 'my_districts', 'districts_of_admin', 'schools_with', 'team_with', 'team_in_force', 'memberships_with', 'my_children', 'blocked_students', 'blocked_memberships', 'colleagues',
    'classes_with', 'sessions_covered', 'attendance_rules', 'students_taught', 'students_covered', 'students_of_team', 'own_students', 'classes_attended', 'teachers_attended', 'topics_of_mine', 'announcements_received', 'photo_folders', 'coaching_shared', 'goals_to_serve', 'observations_led', 'levels_led', 'work_led', 'visits_led', 'growth_figures', 'progress_of_goal', 'board_year',
    'uuid_or_null', 'today', 'can_select', 'scope_rank', 'breaks', 'refuse', 'reject', 'check_request', 'audit_origins')
    and not exists (select from functions w where w.schema = 'public' and w.body ~ ('private\.' || functions.name || '\('))
$$, 'blueprint: authenticated executes helpers, and what a function of public wraps');
select bag_eq($$ select full_name::text from functions where 'supabase_auth_admin' = any (executors) $$, array['private.custom_access_token'], 'the auth service executes its hook alone');
select is_empty($$ select full_name, executors from functions where name = 'custom_access_token' and executors && array['anon', 'authenticated', 'service_role'] $$, 'nobody but the auth service calls the hook');
select results_eq($$ select full_name::text, executors::text from functions where schema = 'public' and executors <> array['authenticated'] $$, $$ values ('public.verify_certificate', '{service_role}') $$, 'a function of public is the signed-in user''s, but the one by which a function verifies certificates without a sign-in');
select is_empty($$ select full_name from functions where name in ('log_event', 'setting', 'sync_district_memberships', 'equip', 'expire_sessions', 'audit_publish_heads') and executors <> '{}' $$, 'the log, the settings of all schools and the jobs are nobody''s to call');

-- Bodies ------------------------------------------------------------------------------------------------------------------------

select is_empty($$ select full_name, trim(text) from statements where definer and text ~* '\mdelete\s+from\s+(only\s+)?public\.' $$, 'S11: no definer function deletes from a table of public: it would be physical');
select is_empty($$ select full_name, trim(text) from statements where text ~* '\mtruncate\M' and text !~* 'before truncate' $$, 'nothing truncates');
select is_empty($$
  select full_name, trim(text) from statements
  where text ~* '\mupdate\s+(only\s+)?[a-z_."%]+\s+((as\s+)?[a-z_]+\s+)?set\M' and text !~* '\mwhere\M' or text ~* '\mdelete\s+from\M' and text !~* '\mwhere\M'
$$, 'security-facts 4: no update or delete without where, which Supabase''s safeupdate refuses');
select is_empty($$ select full_name from functions where body ~* 'user_meta_?data' and full_name <> 'private.tg_users__create_profile' $$, 'never 10: user_metadata decides nothing (the profile takes its first name from it)');
select is_empty($$ select full_name from functions where definer and body ~* '\mexecute\s+format\(\$?''?[^'']*%s' and full_name not in ('private.tg__soft_delete', 'private.restore') $$,
  'dynamic SQL of definer functions quotes what it is given (tg__soft_delete and restore build on the catalog''s own names)');
select is_empty($$
  select full_name from functions where body ~* '\m(current_date|localtimestamp|current_time|localtime)\M|now\(\)\s*::\s*date|_at\s*::\s*date'
  union all
  select schemaname || '.' || viewname from pg_views where schemaname in ('public', 'private', 'audit') and definition ~* '\m(current_date|localtimestamp)\M'
  union all
  select d.adrelid::regclass || ' ' || d.adnum from pg_attrdef d join pg_class c on c.oid = d.adrelid where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'audit'::regnamespace)
    and pg_get_expr(d.adbin, d.adrelid) ~* '\m(current_date|localtimestamp)\M'
$$, 'never 2: no day comes from the session, whose timezone the request chooses (Prefer: timezone)');
select is_empty($$ select p.full_name from functions p where p.schema = 'public' and p.provolatile <> 'v' and exists (select from functions w where w.schema = 'private' and w.provolatile = 'v' and p.body ~ ('private\.' || w.name || '\(')) $$,
  'blueprint: what writes is volatile in public too, so that PostgREST takes it by POST alone');
select is_empty($$ select full_name from functions where schema = 'public' and obj_description(oid, 'pg_proc') is null $$, 'house-style 10: every function of public has a comment');
select is_empty($$
  select f.full_name, m[1] from functions f, regexp_matches(f.body, 'insert into public\.([a-z_]+)[^;]*?on conflict \(school_id, id\)', 'g') m
  where exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) and a.attname = 'id'
    where i.indrelid = to_regclass('public.' || m[1]) and i.indisunique and not i.indisprimary)
$$, 'concurrency: of two that make a row at once under one id, the second may meet the first in another key of the id, which "on conflict" must not leave out');
select is_empty($$ select jobname, command from cron.job where jobname !~ '^[a-z]+(_[a-z]+)+$' $$, 'house-style 9: jobs are named domain_action');

select * from finish();
rollback;
