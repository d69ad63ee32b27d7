-- The root key is the file vault.key in the server's data folder: it is in no table, no setting and no dump, and only
-- the superuser who owns these functions can read it.
create function vault._root_key() returns text
language sql stable security definer set search_path = ''
as $$ select pg_catalog.btrim(pg_catalog.pg_read_file('vault.key'), E' \n') $$;
revoke all on function vault._root_key() from public;

create function vault._derived_key(key_id bigint, context bytea, nonce bytea) returns text
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.encode(
    extensions.hmac(
      coalesce(context, '') || pg_catalog.convert_to('|' || coalesce(key_id::text, '') || '|', 'UTF8') || coalesce(nonce, ''),
      pg_catalog.decode(vault._root_key(), 'hex'), 'sha256'
    ), 'hex')
$$;
revoke all on function vault._derived_key(bigint, bytea, bytea) from public;

create function vault._crypto_aead_det_noncegen() returns bytea
language sql volatile set search_path = ''
as $$ select extensions.gen_random_bytes(32) $$;

-- The digest of the additional data travels inside the message: PGP protects both against change together.
create function vault._crypto_aead_det_encrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language sql volatile security definer set search_path = ''
as $$
  select extensions.pgp_sym_encrypt_bytea(
    extensions.digest(coalesce(additional, ''::bytea), 'sha256') || message,
    vault._derived_key(key_id, context, nonce), 'cipher-algo=aes256, s2k-mode=0'
  )
$$;

create function vault._crypto_aead_det_decrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_plain bytea;
begin
  v_plain := extensions.pgp_sym_decrypt_bytea(message, vault._derived_key(key_id, context, nonce));
  if pg_catalog.substring(v_plain, 1, 32) <> extensions.digest(coalesce(additional, ''::bytea), 'sha256') then
    raise exception 'vault: invalid ciphertext' using errcode = '22000';
  end if;
  return pg_catalog.substring(v_plain, 33);
exception
  when external_routine_invocation_exception then
    raise exception 'vault: invalid ciphertext' using errcode = '22000';
end
$$;

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;
comment on table vault.secrets is 'Secrets, encrypted; read them through vault.decrypted_secrets';

create view vault.decrypted_secrets as
select
  s.id, s.name, s.description, s.secret,
  pg_catalog.convert_from(
    vault._crypto_aead_det_decrypt(
      message => pg_catalog.decode(s.secret, 'base64'),
      additional => pg_catalog.convert_to(s.id::text, 'UTF8'),
      key_id => 0,
      context => 'pgsodium'::bytea,
      nonce => s.nonce
    ), 'UTF8') as decrypted_secret,
  s.key_id, s.nonce, s.created_at, s.updated_at
from vault.secrets s;

create function vault.create_secret(
  new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := pg_catalog.gen_random_uuid();
  v_nonce bytea := vault._crypto_aead_det_noncegen();
begin
  insert into vault.secrets (id, secret, name, description, nonce)
  values (
    v_id,
    pg_catalog.encode(
      vault._crypto_aead_det_encrypt(
        pg_catalog.convert_to(new_secret, 'UTF8'), pg_catalog.convert_to(v_id::text, 'UTF8'), 0, 'pgsodium'::bytea, v_nonce
      ), 'base64'),
    new_name, new_description, v_nonce
  );
  return v_id;
end
$$;

create function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null,
  new_key_id uuid default null
) returns void
language sql security definer set search_path = ''
as $$
  update vault.secrets s
  set
    secret = case when new_secret is null then s.secret else pg_catalog.encode(
      vault._crypto_aead_det_encrypt(
        pg_catalog.convert_to(new_secret, 'UTF8'), pg_catalog.convert_to(s.id::text, 'UTF8'), 0, 'pgsodium'::bytea, s.nonce
      ), 'base64') end,
    name = coalesce(new_name, s.name),
    description = coalesce(new_description, s.description),
    updated_at = pg_catalog.now()
  where s.id = secret_id
$$;

revoke all on schema vault from public;
revoke all on all tables in schema vault from public;
revoke all on all functions in schema vault from public;
do $$
declare
  v_role text;
begin
  foreach v_role in array array['postgres', 'service_role'] loop
    if exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute pg_catalog.format('grant usage on schema vault to %I', v_role);
      execute pg_catalog.format('grant select, delete on vault.secrets, vault.decrypted_secrets to %I', v_role);
      execute pg_catalog.format(
        'grant execute on function vault.create_secret(text, text, text, uuid), '
        'vault.update_secret(uuid, text, text, text, uuid), '
        'vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea) to %I', v_role);
    end if;
  end loop;
end
$$;

select pg_catalog.pg_extension_config_dump('vault.secrets', '');
