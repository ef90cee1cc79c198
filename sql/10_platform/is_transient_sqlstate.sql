-- Whether the same work may succeed later: the database is away, busy, or chose this transaction to fail. The same
-- list as in shared/database.ts.
--
--   code     SQLSTATE of a failure
--   returns  false for null
--
--   select is_transient_sqlstate('40P01');
create or replace function public.is_transient_sqlstate(code text)
returns boolean
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select coalesce(code ~ '^(08...|53...|57P0[1-5]|57014|25006|25P0[34]|40001|40P01|55P03)$', false);
$$;

comment on function public.is_transient_sqlstate(text) is
  'Whether a failure with this SQLSTATE may pass by itself: connection, resources, cancellation, deadlock, serialization, lock timeout.';
