-- The rollups of a window: stored ones where they are up to date, and measured ones for the rest (hours that were
-- written to since the last roll_up_readings, hours before the rollups begin, the hour that as_of cuts).
--
--   window_start  a whole hour
--   as_of         end of the window, which belongs to it
--   returns       rows as in reading_rollups
create or replace function public.hourly_readings(window_start timestamptz, as_of timestamptz)
returns setof public.reading_rollups
language sql
stable
security invoker
set search_path = ''
as $$
  with measured as (
    select
      tstzmultirange(tstzrange(window_start, as_of + interval '1 microsecond'))
      * (
        tstzmultirange(tstzrange(date_trunc('hour', as_of, 'UTC'), null))
        + tstzmultirange(tstzrange(null, (select kept_from from public.rollup_horizon)))
        + coalesce((select range_agg(hours) from public.sensor_data_changes), '{}')
      ) as hours
  ),
  target as (
    select array_agg(engines.id) as engine_ids, array_agg(range) as ranges
    from measured
    cross join unnest(measured.hours) as range
    cross join public.engines
  )
  select stored.*
  from public.reading_rollups as stored
  where stored.hour >= window_start and stored.hour < as_of
    and not stored.hour <@ (select measured.hours from measured)
  union all
  select hourly.*
  from target
  cross join lateral public.measure_hours(target.engine_ids, target.ranges) as hourly;
$$;

comment on function public.hourly_readings(timestamptz, timestamptz) is
  'Rollups of a window that ends at as_of: stored ones where they are up to date, else measured from the readings.';
