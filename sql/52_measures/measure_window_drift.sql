-- measure_drift of the active engines with readings in a window, in two halves: a plan that Postgres runs in two
-- sessions at once where it has a worker to spare (max_parallel_workers_per_gather), and one after the other where not.
-- Comparing distributions is half of the work of a run.
--
--   window_start, as_of   the window ends at as_of
--   returns               rows as in sensor_drift, fourteen per engine
create or replace function public.measure_window_drift(window_start timestamptz, as_of timestamptz)
returns setof public.sensor_drift
language plpgsql -- its `return query` may run in parallel, insert and array() may not
stable
security invoker
set search_path = ''
as $$
declare
  engine_ids constant uuid[] := public.engines_to_compare(window_start, as_of);
  half constant integer := cardinality(engine_ids) / 2;
begin
  return query
  select * from public.measure_drift(engine_ids[:half], as_of)
  union all
  select * from public.measure_drift(engine_ids[half + 1:], as_of);
end;
$$;

comment on function public.measure_window_drift(timestamptz, timestamptz) is
  'Drift of the active engines with readings in a window, measured in two sessions where there is a worker to spare.';
