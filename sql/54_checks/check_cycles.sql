-- Consecutive cycles: in order of time, the cycle of each reading is the one after that of the reading before. A
-- cycle that is repeated is counted by check_duplicates.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour; the step into it counts
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings that follow the one before.
--
--   select * from check_cycles('24 hours');
create or replace function public.check_cycles(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
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
      select
        received.engine_id, step.*,
        row_number() over (partition by received.engine_id order by step."timestamp", step.cycle) as place
      from received
      cross join lateral unnest(received.steps) as step
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
    from received
    left join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('cycles', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_cycles(interval, timestamptz, public.engine_window[]) is
  'Readings whose cycle is not the one after that of the reading before, per engine.';
