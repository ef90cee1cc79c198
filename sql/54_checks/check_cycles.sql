-- Consecutive cycles: in order of time, the cycle of each reading is the one after that of the reading before. A
-- cycle that is repeated is counted by check_duplicates.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour; the step into it counts
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings that follow the one before.
--
--   select * from check_cycles('24 hours');
create or replace function public.check_cycles(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  broken as (
    select
      step.engine_id,
      count(*) as steps,
      jsonb_agg(
        jsonb_build_object('timestamp', step."timestamp", 'cycle', step.cycle, 'previous_cycle', step.previous_cycle)
        order by step."timestamp", step.cycle
      ) filter (where step.place <= 20) as listed
    from (
      select step.*, row_number() over (partition by step.engine_id order by step."timestamp", step.cycle) as place
      from bounds
      cross join lateral public.reading_steps(bounds.window_start, as_of) as step
      where step.cycle <> step.previous_cycle and step.cycle <> step.previous_cycle + 1
    ) as step
    group by step.engine_id
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - coalesce(broken.steps, 0)::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('breaks', coalesce(broken.steps, 0), 'failing', broken.listed)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as received
    left join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('cycles', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_cycles(interval, timestamptz) is
  'Readings whose cycle is not the one after that of the reading before, per engine.';
