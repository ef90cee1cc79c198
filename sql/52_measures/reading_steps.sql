-- Steps from one reading of an engine to its next one, in order of time, that need a look: all but those to the next
-- cycle after half to one and a half of the engine's cadence, of which there are tens of thousands. Between hours they
-- are seen in the rollups; within an hour only where its rollup is not clean.
--
--   window_start, as_of   as in hourly_readings; the step into the window counts
--   returns               cadence: what is expected of the engine, null where nothing is known
create or replace function public.reading_steps(window_start timestamptz, as_of timestamptz)
returns table (
  engine_id uuid,
  previous_timestamp timestamptz,
  previous_cycle integer,
  "timestamp" timestamptz,
  cycle integer,
  cadence interval
)
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
  )
  select step.*
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
    );
$$;

comment on function public.reading_steps(timestamptz, timestamptz) is
  'Steps between readings of an engine that need a look: not to the next cycle, or not after about one cadence.';
