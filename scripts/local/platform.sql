-- What Supabase brings and a bare Postgres lacks: roles, the auth helpers, and stand-ins for extensions that
-- the embedded binaries do not have. Applied before the migrations by `start` and the tests; never deployed.
-- Every statement can run again.

do $$
declare
  role_name text;
begin
  -- roles belong to the cluster, not the database: parallel test files meet here
  perform pg_advisory_xact_lock(hashtext('spool platform roles'));
  foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I nologin noinherit', role_name);
    end if;
  end loop;
  alter role service_role bypassrls;
end;
$$;

create schema if not exists auth;
create schema if not exists extensions;
grant usage on schema public, auth, extensions to anon, authenticated, service_role;

create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub'
  )::uuid
$$;
create or replace function auth.role() returns text language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role')
$$;

-- Stand-in for pg_cron, with the calls that the migrations make. `start` reads cron.job and runs the commands
-- on time; the same jobs run on the real extension on Supabase.
do $$
begin
  if exists (select from pg_extension where extname = 'pg_cron') then
    return;
  end if;
  create schema if not exists cron;
  create table if not exists cron.job (
    jobid bigint generated always as identity primary key,
    schedule text not null,
    command text not null,
    jobname text not null unique,
    active boolean not null default true
  );
  create table if not exists cron.job_run_details (
    runid bigint generated always as identity primary key,
    jobid bigint,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
  );
  create or replace function cron.schedule(job_name text, schedule text, command text) returns bigint
  language sql as $f$
    insert into cron.job (jobname, schedule, command) values (job_name, schedule, command)
    on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command
    returning jobid
  $f$;
  create or replace function cron.unschedule(job_name text) returns boolean
  language sql as $f$
    with gone as (delete from cron.job where jobname = job_name returning 1) select exists (select from gone)
  $f$;
end;
$$;

-- Stand-in for pg_net: what is asked for waits in net.http_request_queue, and `start` sends it.
do $$
begin
  if exists (select from pg_extension where extname = 'pg_net') then
    return;
  end if;
  create schema if not exists net;
  create table if not exists net.http_request_queue (
    id bigint generated always as identity primary key,
    method text not null,
    url text not null,
    headers jsonb not null,
    body bytea,
    timeout_milliseconds integer not null
  );
  create table if not exists net._http_response (
    id bigint,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean,
    error_msg text,
    created timestamptz not null default now()
  );
  create or replace function net.http_post(
    url text,
    body jsonb default '{}',
    params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}',
    timeout_milliseconds integer default 5000
  ) returns bigint
  language sql as $f$
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
    returning id
  $f$;
end;
$$;

-- Stand-in for Vault, which keeps nothing secret: for keys of this machine only.
do $$
begin
  if exists (select from pg_extension where extname = 'supabase_vault') then
    return;
  end if;
  create schema if not exists vault;
  create table if not exists vault.secrets (
    id uuid primary key default gen_random_uuid(),
    name text unique,
    description text not null default '',
    secret text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create or replace view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, created_at, updated_at from vault.secrets;
  create or replace function vault.create_secret(
    new_secret text, new_name text default null, new_description text default ''
  ) returns uuid
  language sql as $f$
    insert into vault.secrets (secret, name, description) values (new_secret, new_name, new_description) returning id
  $f$;
  create or replace function vault.update_secret(
    secret_id uuid, new_secret text default null, new_name text default null, new_description text default null
  ) returns void
  language sql as $f$
    update vault.secrets
    set
      secret = coalesce(new_secret, secret),
      name = coalesce(new_name, name),
      description = coalesce(new_description, description),
      updated_at = now()
    where id = secret_id
  $f$;
end;
$$;
