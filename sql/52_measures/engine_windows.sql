-- What a window has of each engine with readings in it: the measurement that the checks of rows and columns share. A
-- run takes it once for all of them.
--
--   window_start, as_of   as in hourly_readings
--   returns               a row per engine
--
--   select readings, cardinality(steps) from engine_windows('2024-01-01Z', '2024-01-02Z');
create or replace function public.engine_windows(window_start timestamptz, as_of timestamptz)
returns setof public.engine_window
language sql
stable
security invoker
set search_path = ''
as $$
  with hourly as materialized (
    select hourly.engine_id, hourly.readings, hourly.unknown_conditions, hourly.not_finite, hourly.nulls, hourly.outside
    from public.hourly_readings(window_start, as_of) as hourly
  ),
  received as (
    select
      hourly.engine_id,
      sum(hourly.readings) as readings,
      sum(hourly.unknown_conditions) as unknown_conditions,
      sum(hourly.not_finite) as not_finite
    from hourly
    group by hourly.engine_id
  ),
  -- few hours have any: only those are taken apart
  broken as (
    select
      counted.engine_id,
      array_agg(counted.nulls order by counted.place) as nulls,
      array_agg(counted.outside order by counted.place) as outside
    from (
      select hourly.engine_id, counted.place, sum(counted.nulls) as nulls, sum(counted.outside) as outside
      from hourly
      cross join lateral unnest(hourly.nulls, hourly.outside) with ordinality as counted (nulls, outside, place)
      where 0 < any (hourly.nulls) or 0 < any (hourly.outside)
      group by hourly.engine_id, counted.place
    ) as counted
    group by counted.engine_id
  ),
  stepped as (
    select
      step.engine_id,
      array_agg(
        row(step.previous_timestamp, step.previous_cycle, step."timestamp", step.cycle)::public.reading_step
        order by step."timestamp", step.cycle
      ) as steps
    from public.reading_steps(window_start, as_of) as step
    group by step.engine_id
  )
  select
    received.engine_id,
    received.readings,
    received.unknown_conditions,
    received.not_finite,
    broken.nulls,
    broken.outside,
    engine_cadences.cadence,
    stepped.steps
  from received
  join public.engine_cadences using (engine_id)
  left join broken using (engine_id)
  left join stepped using (engine_id);
$$;

comment on function public.engine_windows(timestamptz, timestamptz) is
  'What a window has of each engine with readings in it: how many, how many of them break a rule of rows, and the steps that need a look.';
