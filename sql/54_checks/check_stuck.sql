-- Stuck sensors: the same value in more readings in a row than the rule allows, up to the latest one. Noise makes that
-- impossible for a sensor that lives; a sensor that gives no value at all is found by check_nulls.
--
--   check_window, as_of   engines with readings in the window that ends at as_of are looked at, with as many of their
--                         latest readings as the rule needs
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine, and one about the table. The value is the number of stuck
--                         sensors (of the table: of the worst engine), null where there are too few readings.
--
--   select evidence -> 'sensors' from check_stuck('24 hours') where status = 'fail';
create or replace function public.check_stuck(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  rule as (
    select rule.dataset, rule.column_name, rule.max::integer as most_equal
    from public.effective_expectations as rule
    where rule.kind = 'stuck' and rule.max is not null
  ),
  candidate as (
    select engines.id as engine_id, engines.dataset, max(rule.most_equal) as most_equal
    from received
    join public.engines on engines.id = received.engine_id
    join rule on coalesce(rule.dataset, '') = coalesce(engines.dataset, '')
    group by engines.id, engines.dataset
  ),
  -- one row per engine, with its readings as arrays, the latest first; materialised, or they are read for each rule
  latest as materialized (
    select candidate.engine_id, candidate.dataset, reading.*
    from candidate
    cross join lateral (
      select
        array_agg(reading."timestamp") as timestamps,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21
      from (
        select reading.*
        from public.sensor_data as reading
        where reading.engine_id = candidate.engine_id and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit candidate.most_equal + 1
      ) as reading
    ) as reading
  ),
  sampled as (
    select latest.engine_id, latest.dataset, latest.timestamps, sensor.*
    from latest
    cross join lateral (
      values
        ('s2', latest.s2), ('s3', latest.s3), ('s4', latest.s4), ('s7', latest.s7), ('s8', latest.s8),
        ('s9', latest.s9), ('s11', latest.s11), ('s12', latest.s12), ('s13', latest.s13), ('s14', latest.s14),
        ('s15', latest.s15), ('s17', latest.s17), ('s20', latest.s20), ('s21', latest.s21)
    ) as sensor (column_name, readings)
    offset 0 -- else engines are joined with rules first, and all sensors are gone through for each
  ),
  sensor as (
    select
      sampled.engine_id,
      rule.column_name,
      rule.most_equal,
      least(cardinality(sampled.timestamps), rule.most_equal + 1) as readings,
      sampled.readings[1] as value,
      -- All the same, but for those without a value, which check_nulls counts. Two readings are enough to tell most
      -- sensors that live.
      cardinality(sampled.timestamps) > rule.most_equal
        and coalesce(sampled.readings[1] = sampled.readings[rule.most_equal + 1], true)
        and (
          select count(distinct value) = 1 and count(value) > rule.most_equal / 2
          from unnest(sampled.readings[:rule.most_equal + 1]) as value
        ) as is_stuck,
      sampled.timestamps[rule.most_equal + 1] as since
    from sampled
    join rule
      on coalesce(rule.dataset, '') = coalesce(sampled.dataset, '') and rule.column_name = sampled.column_name
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
          jsonb_build_object('column', sensor.column_name, 'value', sensor.value::text, 'since', sensor.since)
          order by sensor.column_name
        ) filter (where sensor.is_stuck) as sensors
      from sensor
      group by sensor.engine_id
    ) as engine
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('stuck', 'max', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_stuck(interval, timestamptz, public.engine_window[]) is
  'Sensors whose latest readings are all the same, per engine.';
