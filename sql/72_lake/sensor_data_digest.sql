-- What the readings of a UTC day are, in two numbers: a change of any value of any row changes them, the order of the
-- rows does not.
--
--   day      the day
--   returns  one row: how many readings there are, and the sums of two independent 64-bit hashes of each of them, all
--            columns included
--
-- Values are hashed as they are stored, so that no setting of a session matters. What Postgres takes for equal counts
-- as equal: 0 and -0.
--
--   select * from sensor_data_digest('2024-01-31');
create or replace function public.sensor_data_digest(day date)
returns table (row_count bigint, digest text)
language plpgsql
stable
security invoker
set search_path = ''
-- how many readings of its month a day has decides between the index and the whole month
set plan_cache_mode = force_custom_plan
set jit = off
as $$
begin
  return query
  select
    count(*),
    format(
      '%s %s', coalesce(sum(public.hash_reading(reading, 0)), 0), coalesce(sum(public.hash_reading(reading, 1)), 0)
    )
  from public.sensor_data as reading
  -- each reading has its engine: this opens a way along the primary key, which begins with it
  join public.engines on engines.id = reading.engine_id
  where reading."timestamp" >= sensor_data_digest.day::timestamp at time zone 'UTC'
    and reading."timestamp" < (sensor_data_digest.day + 1)::timestamp at time zone 'UTC';
end;
$$;

comment on function public.sensor_data_digest(date) is
  'Number of readings of a UTC day, and a digest of all their columns that does not depend on their order.';
