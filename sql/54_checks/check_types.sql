-- Values that are numbers: neither NaN nor infinite. The intake refuses them; this finds what came another way.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings whose values are all finite or missing.
create or replace function public.check_types(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  measured as (
    select array_agg(row(
      counted.engine_id,
      1 - counted.not_finite::double precision / counted.readings,
      counted.readings,
      counted.readings,
      jsonb_build_object('not_finite', counted.not_finite)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings, sum(hourly.not_finite) as not_finite
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as counted
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('types', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_types(interval, timestamptz) is 'Readings with a value that is NaN or infinite, per engine.';
