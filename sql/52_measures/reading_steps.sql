-- Steps from one reading of an engine to its next one, in order of time, that need a look: every step from one hour
-- to another, and those within an hour whose rollup is not clean. What is not returned is a step to the next cycle
-- after half to one and a half of the engine's cadence.
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
    join public.sensor_data as reading
      on reading.engine_id = hourly.engine_id
      and reading."timestamp" >= hourly.first_timestamp and reading."timestamp" <= hourly.last_timestamp
    where hourly.cycle_breaks > 0
      or hourly.longest_step > 1.5 * hourly.cadence
      or hourly.shortest_step < 0.5 * hourly.cadence
    window in_order as (partition by hourly.engine_id, hourly.hour order by reading."timestamp", reading.cycle)
  )
  select * from between_hours where between_hours.previous_timestamp is not null
  union all
  select * from within_hours where within_hours.previous_timestamp is not null;
$$;

comment on function public.reading_steps(timestamptz, timestamptz) is
  'Steps between readings of an engine that need a look: those between hours, and those within hours that are not clean.';
