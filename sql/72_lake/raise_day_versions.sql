-- Writes down which days have changed: part of roll_up_readings, which has taken the changes.
--
--   engine_ids, ranges   parallel arrays: which times of which engines have changed. A range may have no end, and may
--                        hold days without a reading: a batch of two readings has changed all that lies between them
--                        in its month, as sensor_data_changes tells it.
--
-- A day that is not known yet is looked up, by the engines that have changed and the index, and so is each day in the
-- months that exist which such a range holds. Days that are known are not looked up: a change may have emptied them.
create or replace function public.raise_day_versions(engine_ids uuid[], ranges tstzrange[])
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  changed_days date[];
begin
  select array_agg(distinct day::date)
  into changed_days
  from (
    select tstzrange(
      month.begins at time zone 'UTC', (month.begins + interval '1 month') at time zone 'UTC'
    ) as month
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as part on part.oid = pg_inherits.inhrelid
    cross join lateral (select to_date(right(part.relname, 7), 'YYYY_MM')::timestamp as begins) as month
    where pg_inherits.inhparent = 'public.sensor_data'::regclass
  ) as present
  cross join (select range_agg(range) as times from unnest(ranges) as range) as changed
  cross join unnest(changed.times * tstzmultirange(present.month)) as piece
  cross join generate_series(
    date_trunc('day', lower(piece) at time zone 'UTC'),
    upper(piece) at time zone 'UTC' - interval '1 microsecond',
    interval '1 day'
  ) as day;

  update public.sensor_data_days
  set version = sensor_data_days.version + 1, changed_at = now()
  where sensor_data_days.day = any (changed_days);

  insert into public.sensor_data_days (day, version)
  select
    unknown.day,
    -- a day that was emptied and forgotten: its object must not be taken for this version
    1 + coalesce((
      select max(lake_objects.day_version)
      from public.lake_objects
      where lake_objects.kind = 'sensor_data' and lake_objects.day = unknown.day
    ), 0)
  from (
    select day from unnest(changed_days) as day
    where not exists (select from public.sensor_data_days where sensor_data_days.day = day.day)
  ) as unknown
  where exists (
    select
    from unnest(engine_ids) as changed_engine (id)
    cross join lateral (
      select
      from public.sensor_data
      where sensor_data.engine_id = changed_engine.id
        and sensor_data."timestamp" >= unknown.day::timestamp at time zone 'UTC'
        and sensor_data."timestamp" < (unknown.day + 1)::timestamp at time zone 'UTC'
      limit 1
    ) as reading
  );
end;
$$;

comment on function public.raise_day_versions(uuid[], tstzrange[]) is
  'Raises the version of each day of sensor_data_days that the given times touch, and adds those that have readings now.';
