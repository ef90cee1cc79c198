-- The job spool-intake: writes what the intake has done so far into intake_counters, so that nobody has to add up all batches.
--
-- A batch is received when its transaction begins and seen when it commits. So it counts up to a moment before which no
-- transaction that is still open began: what was received before it has been committed or never will be. Five minutes
-- are left where Postgres does not show this role the transactions of others.
--
--   as_of    the present moment
--   returns  one line: up to when it has counted, or why it has not
--
--   select count_intake();
create or replace function public.count_intake(as_of timestamptz default now())
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  started_at constant timestamptz := clock_timestamp();
  horizon timestamptz;
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.count_intake')) then
    return 'busy: another session is counting';
  end if;
  select least(as_of - interval '5 minutes', now(), min(activity.xact_start))
  into horizon
  from pg_catalog.pg_stat_activity as activity
  where activity.datname = current_database() and activity.pid <> pg_backend_pid();

  insert into public.intake_counters
  select horizon, totals.*
  from public.intake_totals(horizon) as totals
  -- when nothing has come, nothing is written
  where exists (
    select from public.batches
    where batches.received_at < horizon
      and batches.received_at >= coalesce((select max(counters.until) from public.intake_counters as counters), '-infinity')
  )
  on conflict do nothing;
  result := case
    when found then format('counted up to %s', to_char(horizon at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
    else 'nothing to count'
  end;
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = 'spool-intake';
  return result;
end;
$$;

comment on function public.count_intake(timestamptz) is
  'Job spool-intake: writes what the intake has done so far into intake_counters, up to a moment before which nothing is open.';
