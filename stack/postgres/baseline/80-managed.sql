-- What postgres may do to the tables of Auth, Storage and Realtime: rows, references, triggers and policies, nothing else.

create table if not exists _stack.policy_tables (
  schema_name text not null,
  table_name text not null,
  primary key (schema_name, table_name)
);
insert into _stack.policy_tables (schema_name, table_name) values
  ('auth', 'audit_log_entries'), ('auth', 'identities'), ('auth', 'refresh_tokens'), ('auth', 'sessions'),
  ('auth', 'users'), ('realtime', 'messages'), ('realtime', 'subscription'), ('storage', 'buckets'),
  ('storage', 'migrations'), ('storage', 'objects'), ('storage', 's3_multipart_uploads'),
  ('storage', 's3_multipart_uploads_parts')
on conflict do nothing;

-- Triggers that a service made itself; those of a project may be dropped by it, these may not.
create table if not exists _stack.service_triggers (
  schema_name text not null,
  table_name text not null,
  trigger_name text not null,
  primary key (schema_name, table_name, trigger_name)
);

grant select on all tables in schema auth to postgres with grant option;
grant insert, update, delete, references, trigger on all tables in schema auth to postgres;
grant usage, select on all sequences in schema auth to postgres;
grant all on all tables in schema auth to dashboard_user;
grant all on all tables in schema storage to dashboard_user;
revoke all on all tables in schema auth from anon, authenticated, service_role;
