-- Verdicts on measured drift: per engine how many of its sensors drift, and how worn it is.
--
--   window_start, as_of   for the evidence
--   drift                 rows of measure_drift
--   returns               rows of the metrics drift and degradation: one per engine, and one about the table
create or replace function public.judge_drift(
  window_start timestamptz, as_of timestamptz, drift public.sensor_drift[]
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with engine as materialized (
    select
      sensor.engine_id,
      max(sensor.wear) as wear,
      sum(sensor.window_readings)::bigint as readings,
      count(*) filter (where sensor.verdict = 'drift') as drifting,
      count(*) filter (where sensor.verdict <> 'insufficient_data') as judged,
      jsonb_agg(
        jsonb_build_object(
          'column', sensor.column_name, 'ks_statistic', sensor.ks_statistic, 'q_value', sensor.q_value,
          'mean_shift', sensor.mean_shift, 'wear_shift', sensor.wear_shift
        )
        order by sensor.ks_statistic desc
      ) filter (where sensor.verdict = 'drift') as drifting_sensors,
      jsonb_agg(sensor.column_name order by sensor.column_name) filter (where sensor.verdict = 'degradation') as worn_sensors,
      jsonb_build_object(
        'baseline_readings', max(sensor.baseline_readings),
        'window_readings', max(sensor.window_readings),
        'compared_from', min(sensor.window_start),
        'compared_to', max(sensor.window_end),
        'reason', case when count(*) filter (where sensor.verdict <> 'insufficient_data') = 0 then 'insufficient_data' end
      ) as evidence
    from unnest(drift) as sensor
    group by sensor.engine_id
  )
  select judged.*
  from public.judge_engines('drift', 'max', window_start, as_of, array(
    select row(
      engine.engine_id,
      case when engine.judged > 0 then engine.drifting end,
      1,
      engine.readings,
      engine.evidence || jsonb_build_object('sensors', engine.drifting_sensors)
    )::public.engine_measurement
    from engine
  )) as judged
  union all
  select judged.*
  from public.judge_engines('degradation', 'max', window_start, as_of, array(
    select row(
      engine.engine_id,
      engine.wear,
      1,
      engine.readings,
      engine.evidence || jsonb_build_object('sensors', engine.worn_sensors)
    )::public.engine_measurement
    from engine
  )) as judged;
$$;

comment on function public.judge_drift(timestamptz, timestamptz, public.sensor_drift[]) is
  'Verdicts on measured drift: metrics drift and degradation, per engine and about the table.';
