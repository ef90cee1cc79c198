-- The checks of a run that share what engine_windows has measured, in two halves of about the same work: a plan that
-- Postgres runs in two sessions at once where it has a worker to spare (max_parallel_workers_per_gather), and one after
-- the other where not.
--
--   seen         engine_windows of the window
--   returns      as time_checks, in no order
create or replace function public.time_window_checks(
  check_window interval, as_of timestamptz, seen public.engine_window[]
)
returns table (check_name text, milliseconds integer, results public.check_result[])
language plpgsql -- its `return query` may run in parallel, insert and array() may not
stable
security invoker
set search_path = ''
as $$
begin
  return query
  select half.*
  from public.time_checks('{levels,stuck,range,types}', check_window, as_of, seen) as half
  union all
  select half.*
  from public.time_checks(
    '{spikes,completeness,nulls,arrival,cycles,duplicates,copies,clock,conditions}', check_window, as_of, seen
  ) as half;
end;
$$;

comment on function public.time_window_checks(interval, timestamptz, public.engine_window[]) is
  'Checks of a run that share what engine_windows has measured, in two sessions where there is a worker to spare.';
