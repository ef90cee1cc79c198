-- What a window has of each engine with readings in it: the measurement that the checks of rows and columns share. A
-- run takes it once for all of them.
--
-- Steps from one reading to the next are those that need a look: all but those to the next cycle after half to one and
-- a half of the engine's cadence, of which there are tens of thousands. Between hours they are seen in the rollups;
-- within an hour only where its rollup is not clean.
--
--   window_start, as_of   as in hourly_readings; the step into the window counts
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
    select hourly.*, engine_cadences.cadence
    from public.hourly_readings(window_start, as_of) as hourly
    join public.engine_cadences using (engine_id)
  ),
  received as (
    select
      hourly.engine_id,
      min(hourly.cadence) as cadence,
      sum(hourly.readings) as readings,
      sum(hourly.unknown_conditions) as unknown_conditions,
      sum(hourly.not_finite) as not_finite,
      case when count(hourly.longest_delay) >= 8 then
        percentile_disc(0.75) within group (order by hourly.longest_delay)
      end as usual_delay,
      max(hourly.longest_delay) as longest_delay
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
  between_hours as (
    select
      hourly.engine_id,
      lag(hourly.last_timestamp, 1, before."timestamp") over in_order as previous_timestamp,
      lag(hourly.last_cycle, 1, before.cycle) over in_order as previous_cycle,
      hourly.first_timestamp,
      hourly.first_cycle,
      hourly.cadence
    from hourly
    left join public.last_readings(window_start) as before using (engine_id)
    window in_order as (partition by hourly.engine_id order by hourly.hour)
  ),
  within_hours as (
    select
      hourly.engine_id,
      lag(reading."timestamp") over in_order as previous_timestamp,
      lag(reading.cycle) over in_order as previous_cycle,
      reading."timestamp",
      reading.cycle,
      hourly.cadence
    from hourly
    cross join lateral (
      select stored.cycle, stored."timestamp"
      from public.sensor_data as stored
      where stored.engine_id = hourly.engine_id
        and stored."timestamp" >= hourly.first_timestamp and stored."timestamp" <= hourly.last_timestamp
      offset 0 -- as a join it may be a hash join, which reads all months
    ) as reading
    where hourly.cycle_breaks > 0
      or hourly.longest_step > 1.5 * hourly.cadence
      or hourly.shortest_step < 0.5 * hourly.cadence
    window in_order as (partition by hourly.engine_id, hourly.hour order by reading."timestamp", reading.cycle)
  ),
  stepped as (
    select
      step.engine_id,
      array_agg(
        row(step.previous_timestamp, step.previous_cycle, step."timestamp", step.cycle)::public.reading_step
        order by step."timestamp", step.cycle
      ) as steps
    from (
      select * from between_hours
      union all
      select * from within_hours
    ) as step (engine_id, previous_timestamp, previous_cycle, "timestamp", cycle, cadence)
    where step.previous_timestamp is not null
      and (
        step.cycle <> step.previous_cycle + 1
        or step."timestamp" - step.previous_timestamp < 0.5 * step.cadence
        or step."timestamp" - step.previous_timestamp >= 1.5 * step.cadence
      )
    group by step.engine_id
  )
  select
    received.engine_id,
    received.readings,
    received.unknown_conditions,
    received.not_finite,
    broken.nulls,
    broken.outside,
    received.cadence,
    stepped.steps,
    received.longest_delay,
    received.usual_delay
  from received
  left join broken using (engine_id)
  left join stepped using (engine_id);
$$;

comment on function public.engine_windows(timestamptz, timestamptz) is
  'What a window has of each engine with readings in it: how many, how many of them break a rule of rows, and the steps that need a look.';
