-- Volume: readings in the window relative to the median of the windows of the same length (in whole hours) before it, up
-- to seven. Windows before the first reading do not count; with fewer than three there is nothing to compare with.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   returns               one row about the table
--
--   select metric_value, evidence -> 'windows_before' from check_volume('24 hours');
create or replace function public.check_volume(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with bounds as (
    select
      date_trunc('hour', as_of - check_window, 'UTC') as window_start,
      greatest(1, floor(extract(epoch from as_of - date_trunc('hour', as_of - check_window, 'UTC')) / 3600))::integer as hours,
      -- what has no rollup, or an old one
      tstzmultirange(tstzrange(null, (select kept_from from public.rollup_horizon)))
        + coalesce((select range_agg(changed.hours) from public.sensor_data_changes as changed), '{}') as not_rolled_up
  ),
  -- hour by hour first: whether an hour is rolled up is then asked once for it, and not once for each engine
  rolled_up as materialized (
    select hourly.hour, hourly.readings
    from bounds
    cross join lateral (
      select rollup.hour, sum(rollup.readings) as readings
      from public.reading_rollups as rollup
      where rollup.hour >= bounds.window_start - make_interval(hours => 7 * bounds.hours)
        and rollup.hour < bounds.window_start + make_interval(hours => bounds.hours)
      group by rollup.hour
    ) as hourly
    where not hourly.hour <@ bounds.not_rolled_up
  ),
  -- this window is place 0
  span as (
    select
      place,
      tstzrange(
        bounds.window_start - make_interval(hours => place * bounds.hours),
        bounds.window_start - make_interval(hours => (place - 1) * bounds.hours)
      ) as range
    from bounds
    cross join generate_series(0, 7) as place
  ),
  counted as (
    select
      span.place,
      (
        select coalesce(sum(rolled_up.readings), 0) from rolled_up where rolled_up.hour <@ span.range
      ) + (
        select count(*)
        from unnest(bounds.not_rolled_up * tstzmultirange(span.range)) as part (range)
        join public.sensor_data as reading
          on reading."timestamp" >= lower(part.range) and reading."timestamp" < upper(part.range)
      ) as readings
    from bounds
    cross join span
  ),
  compared as (
    select
      (select counted.readings from counted where counted.place = 0) as readings,
      percentile_cont(0.5) within group (order by counted.readings) as usual,
      count(*) as windows,
      jsonb_agg(counted.readings order by counted.place) as listed
    from counted
    -- what is older than the oldest window with readings is before the beginning
    where counted.place between 1 and (select max(oldest.place) from counted as oldest where oldest.readings > 0)
  ),
  measured as (
    select
      compared.*,
      case when compared.windows >= 3 then compared.readings::double precision / nullif(compared.usual, 0) end as value
    from compared
  )
  select
    'volume',
    null::text,
    null::uuid,
    measured.value,
    rule.min,
    rule.max,
    public.expectation_verdict(measured.value, rule.min, rule.max, rule.severity),
    measured.readings::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', bounds.window_start,
      'window_end', as_of,
      'readings', measured.readings,
      'usual', measured.usual,
      'windows_before', measured.listed,
      'reason', case
        when measured.windows < 3 then 'fewer than three windows before this one have readings'
        when measured.value is null then 'the windows before this one are empty'
      end
    ))
  from bounds
  cross join measured
  join public.effective_expectations as rule on rule.kind = 'volume' and rule.dataset is null;
$$;

comment on function public.check_volume(interval, timestamptz) is
  'Readings in the window relative to the median of up to seven windows before it.';
