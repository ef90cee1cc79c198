-- Clocks: time and cycles of an engine advance together. A step fails when time goes on and the cycle goes back, or
-- when n cycles take far less or far more time than n times the cadence: the clock was set, or the engine stood
-- still. Missing readings do not fail here, because then both advance by as much. Readings from the future fail, too.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour; the step into it counts
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings whose time agrees with their cycle.
--
--   select * from check_clock('24 hours');
create or replace function public.check_clock(
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
  step as (
    select received.engine_id, step."timestamp", step.cycle, step.previous_timestamp, step.previous_cycle
    from received
    cross join lateral unnest(received.steps) as step
    cross join lateral (
      select
        step.cycle - step.previous_cycle as cycles,
        extract(epoch from step."timestamp" - step.previous_timestamp) / extract(epoch from received.cadence) as cadences
    ) as advanced
    -- two cadences of slack above, because one reading may be late and the next one early
    where advanced.cycles < 0
      or advanced.cycles > 0 and (
        advanced.cadences > 1.5 * advanced.cycles + 2 or advanced.cadences < 0.25 * advanced.cycles
      )
    union all
    select engines.id, ahead."timestamp", ahead.cycle, null, null
    from public.engines
    cross join lateral (
      select reading."timestamp", reading.cycle
      from public.sensor_data as reading
      where reading.engine_id = engines.id and reading."timestamp" > as_of and reading.created_at <= as_of
      order by reading."timestamp"
      limit 1
    ) as ahead
  ),
  broken as (
    select
      step.engine_id,
      count(*) as steps,
      jsonb_agg(
        jsonb_build_object(
          'timestamp', step."timestamp", 'cycle', step.cycle,
          'previous_timestamp', step.previous_timestamp, 'previous_cycle', step.previous_cycle
        )
        order by step."timestamp", step.cycle
      ) filter (where step.place <= 20) as listed
    from (
      select step.*, row_number() over (partition by step.engine_id order by step."timestamp", step.cycle) as place
      from step
    ) as step
    group by step.engine_id
  ),
  measured as (
    select array_agg(row(
      engine_id,
      1 - least(coalesce(broken.steps, 0), coalesce(received.readings, 1))::double precision / coalesce(received.readings, 1),
      coalesce(received.readings, 1),
      coalesce(received.readings, 1),
      jsonb_build_object('breaks', coalesce(broken.steps, 0), 'failing', broken.listed)
    )::public.engine_measurement) as engines
    from received
    full join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('clock', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_clock(interval, timestamptz, public.engine_window[]) is
  'Readings whose time does not agree with their cycle, per engine: clocks that were set, and readings from the future.';
