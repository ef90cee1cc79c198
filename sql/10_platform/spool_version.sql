-- The version of what is in the database: the same as VERSION in shared/version.ts, which a test compares.
create or replace function public.spool_version()
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select '0.4.0';
$$;

comment on function public.spool_version() is 'Version of the functions and checks in this database, as runs of them say it.';
