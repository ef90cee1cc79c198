-- The last reading of each engine at a moment: one look into the primary key per engine, newest partition first.
--
--   before     only readings before this time
--   returns    a row for each engine that has such a reading
--
--   select unit_number, "timestamp" from last_readings(now()) join engines on id = engine_id;
create or replace function public.last_readings(before timestamptz)
returns table (engine_id uuid, "timestamp" timestamptz, cycle integer)
language sql
stable
security invoker
set search_path = ''
as $$
  select engines.id, last."timestamp", last.cycle
  from public.engines
  cross join lateral (
    select reading."timestamp", reading.cycle
    from public.sensor_data as reading
    where reading.engine_id = engines.id and reading."timestamp" < before
    order by reading."timestamp" desc, reading.cycle desc
    limit 1
  ) as last;
$$;

comment on function public.last_readings(timestamptz) is 'Last reading of each engine before a moment.';
