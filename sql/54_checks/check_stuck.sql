-- Stuck sensors: the same value in more readings in a row than the rule allows, up to the latest one. Noise makes that
-- impossible for a sensor that lives; a sensor that gives no value at all is found by check_nulls.
--
--   check_window, as_of   engines with readings in the window that ends at as_of are looked at, with as many of their
--                         latest readings as the rule needs
--   returns               a row per engine, and one about the table. The value is the number of stuck
--                         sensors (of the table: of the worst engine), null where there are too few readings.
--
--   select evidence -> 'sensors' from check_stuck('24 hours') where status = 'fail';
create or replace function public.check_stuck(
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
  rule as (
    select rule.dataset, rule.column_name, rule.max::integer as most_equal
    from public.effective_expectations as rule
    where rule.kind = 'stuck'
  ),
  candidate as (
    select engines.id as engine_id, engines.dataset, max(rule.most_equal) as most_equal
    from bounds
    cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
    join public.engines on engines.id = hourly.engine_id
    join rule on coalesce(rule.dataset, '') = coalesce(engines.dataset, '')
    group by engines.id, engines.dataset
  ),
  latest as (
    select candidate.engine_id, candidate.dataset, reading."timestamp", reading.sensors, reading.place
    from candidate
    cross join lateral (
      select
        reading."timestamp",
        array[
          reading.s2, reading.s3, reading.s4, reading.s7, reading.s8, reading.s9, reading.s11, reading.s12,
          reading.s13, reading.s14, reading.s15, reading.s17, reading.s20, reading.s21
        ] as sensors,
        row_number() over (order by reading."timestamp" desc) as place
      from public.sensor_data as reading
      where reading.engine_id = candidate.engine_id and reading."timestamp" <= as_of
      order by reading."timestamp" desc
      limit candidate.most_equal + 1
    ) as reading
  ),
  sensor as (
    select
      latest.engine_id,
      rule.column_name,
      rule.most_equal,
      count(*) as readings,
      count(sensor.value) as present,
      min(sensor.value) as smallest,
      max(sensor.value) as largest,
      min(latest."timestamp") as since
    from latest
    cross join lateral unnest((public.value_columns())[4:], latest.sensors) as sensor (column_name, value)
    join rule
      on coalesce(rule.dataset, '') = coalesce(latest.dataset, '')
      and rule.column_name = sensor.column_name and latest.place <= rule.most_equal + 1
    group by latest.engine_id, rule.column_name, rule.most_equal
  ),
  measured as (
    select array_agg(row(
      engine.engine_id,
      case when engine.judged > 0 then coalesce(jsonb_array_length(engine.sensors), 0) end,
      1,
      engine.readings,
      jsonb_build_object(
        'most_equal_readings', engine.most_equal,
        'sensors', engine.sensors,
        'reason', case when engine.judged = 0 then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from (
      select
        sensor.engine_id,
        min(sensor.most_equal) as most_equal,
        max(sensor.readings) as readings,
        count(*) filter (where sensor.readings > sensor.most_equal) as judged,
        jsonb_agg(
          jsonb_build_object('column', sensor.column_name, 'value', sensor.smallest::text, 'since', sensor.since)
          order by sensor.column_name
        ) filter (where sensor.present > sensor.most_equal and sensor.smallest = sensor.largest) as sensors
      from sensor
      group by sensor.engine_id
    ) as engine
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('stuck', 'max', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_stuck(interval, timestamptz) is
  'Sensors whose latest readings are all the same, per engine.';
