create schema net;

create domain net.http_method as text
  check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds int not null
);

create unlogged table net._http_response (
  id bigint,
  status_code int,
  content_type text,
  headers jsonb,
  content text,
  timed_out bool,
  error_msg text,
  created timestamptz not null default now()
);
create index _http_response_created_idx on net._http_response (created);

create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
create type net.http_response as (status_code int, headers jsonb, body text);
create type net.http_response_result as (status net.request_status, message text, response net.http_response);

-- A notification is delivered at commit: a request of a transaction that rolls back is never sent.
create function net.wake() returns void
language sql set search_path = ''
as $$ select pg_catalog.pg_notify('stack_net', '') $$;

create function net._wake_worker() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform net.wake();
  return null;
end
$$;
create trigger _wake_worker after insert on net.http_request_queue
  for each statement execute function net._wake_worker();

create function net.worker_restart() returns bool language sql set search_path = ''
as $$ select net.wake(); select true $$;
create function net.wait_until_running() returns void language sql set search_path = ''
as $$ select net.wake() $$;
create function net.check_worker_is_up() returns void language sql set search_path = ''
as $$ select net.wake() $$;

create function net._urlencode_string(string varchar) returns text
language sql immutable strict set search_path = ''
as $$
  select coalesce(pg_catalog.string_agg(
    case
      when b between 48 and 57 or b between 65 and 90 or b between 97 and 122 or b in (45, 46, 95, 126) then pg_catalog.chr(b)
      else '%' || pg_catalog.upper(pg_catalog.lpad(pg_catalog.to_hex(b), 2, '0'))
    end, '' order by i), '')
  from (
    select i, pg_catalog.get_byte(pg_catalog.convert_to(string, 'UTF8'), i) as b
    from pg_catalog.generate_series(0, pg_catalog.octet_length(pg_catalog.convert_to(string, 'UTF8')) - 1) as i
  ) as bytes
$$;

create function net._encode_url_with_params_array(url text, params_array text[]) returns text
language sql immutable strict set search_path = ''
as $$
  select case
    when pg_catalog.cardinality(params_array) = 0 then url
    else url || case when pg_catalog.strpos(url, '?') > 0 then '&' else '?' end
      || pg_catalog.array_to_string(params_array, '&')
  end
$$;

create function net._url(url text, params jsonb) returns text
language sql immutable set search_path = ''
as $$
  select net._encode_url_with_params_array($1, coalesce((
    select pg_catalog.array_agg(
      net._urlencode_string(p.key::varchar) || '=' || net._urlencode_string(p.value::varchar) order by p.key
    )
    from pg_catalog.jsonb_each_text($2) as p(key, value)
  ), '{}'))
$$;

create function net.http_get(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000
) returns bigint
language sql volatile set search_path = ''
as $$
  insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
  values ('GET', net._url($1, $2), $3, $4)
  returning id
$$;

create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds int default 5000
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_type text;
  v_id bigint;
  v_headers jsonb := coalesce($4, '{}');
begin
  select h.value into v_type
  from pg_catalog.jsonb_each_text(v_headers) as h(key, value)
  where pg_catalog.lower(h.key) = 'content-type'
  limit 1;
  if v_type is null then
    v_headers := v_headers || '{"Content-Type": "application/json"}';
  elsif v_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('POST', net._url($1, $3), v_headers, pg_catalog.convert_to($2::text, 'UTF8'), $5)
  returning id into v_id;
  return v_id;
end
$$;

create function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000,
  body jsonb default null
) returns bigint
language sql volatile set search_path = ''
as $$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('DELETE', net._url($1, $2), $3, pg_catalog.convert_to($5::text, 'UTF8'), $4)
  returning id
$$;

create function net._await_response(request_id bigint) returns bool
language plpgsql strict volatile set search_path = ''
as $$
begin
  while not exists (select from net._http_response r where r.id = request_id) loop
    perform pg_catalog.pg_sleep(0.05);
  end loop;
  return true;
end
$$;

create function net._http_collect_response(request_id bigint, async bool default true)
returns net.http_response_result
language plpgsql volatile set search_path = ''
as $$
declare
  v_response net._http_response;
begin
  if not async then
    perform net._await_response(request_id);
  end if;
  select * into v_response from net._http_response r where r.id = request_id;
  if not found then
    if exists (select from net.http_request_queue q where q.id = request_id) then
      return row('PENDING', 'request is pending processing', null)::net.http_response_result;
    end if;
    return row('ERROR', 'request matching request_id not found', null)::net.http_response_result;
  end if;
  if v_response.status_code is null then
    return row('ERROR', coalesce(v_response.error_msg, 'timed out'), null)::net.http_response_result;
  end if;
  return row('SUCCESS', 'ok',
    row(v_response.status_code, v_response.headers, v_response.content)::net.http_response)::net.http_response_result;
end
$$;

create function net.http_collect_response(request_id bigint, async bool default true)
returns net.http_response_result
language sql volatile set search_path = ''
as $$ select net._http_collect_response($1, $2) $$;

grant usage on schema net to public;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
