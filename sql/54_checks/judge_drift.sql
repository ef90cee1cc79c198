-- Verdicts on measured drift: per engine how many of its sensors drift, and how worn it is.
--
-- At q < 0.05 every twentieth healthy engine has a drifting sensor at any moment, by construction: 50 of 1,000. So a
-- drifting engine fails only when that is too much for chance over all engines of the run: Benjamini and Hochberg
-- again, across the engines, by each one's smallest q of sensors that wear does not explain (Simes 1986). One that does
-- not stand out from the fleet is a warning with "suspected" in its evidence, which makes no alert. Nor does a worn
-- engine whose drifting sensors are within five standard errors of where wear puts them: the q of its sensors is small
-- because of wear, and says nothing of how sure the rest is.
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
      bool_or(
        sensor.wear < 0.05 or abs(sensor.mean_shift - coalesce(sensor.wear_shift, 0))
          > 5 * sqrt(1.0 / sensor.baseline_readings + 1.0 / sensor.window_readings)
      ) filter (where sensor.verdict = 'drift') as is_certain,
      min(sensor.q_value) filter (where sensor.verdict in ('stable', 'drift')) as smallest_q,
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
  ),
  adjusted as (
    select
      ranked.engine_id,
      -- from the last place to the first: a frame whose start moves is added up anew for each row of it
      min(least(1, ranked.smallest_q * ranked.tests / ranked.place)) over (
        order by ranked.place desc rows unbounded preceding
      ) as fleet_q
    from (
      select
        engine.engine_id,
        engine.smallest_q,
        count(*) over () as tests,
        row_number() over (order by engine.smallest_q, engine.engine_id) as place
      from engine
      where engine.smallest_q is not null
    ) as ranked
  ),
  alarmed as materialized (
    select
      engine.*,
      adjusted.fleet_q,
      engine.drifting > 0
        and (coalesce(adjusted.fleet_q >= settings.drift_alpha, false) or engine.is_certain is false) as is_suspected
    from engine
    cross join public.quality_settings as settings
    left join adjusted on adjusted.engine_id = engine.engine_id
  )
  select
    judged.metric_name,
    judged.column_name,
    judged.engine_id,
    case when alarmed.is_suspected then alarmed.drifting else judged.metric_value end,
    judged.threshold_min,
    judged.threshold_max,
    case when alarmed.is_suspected then 'warning' else judged.status end,
    judged.rows_checked,
    case
      when judged.engine_id is null then
        judged.evidence || jsonb_build_object('suspected_engines', (select count(*) from alarmed where is_suspected))
      else judged.evidence
    end
  from public.judge_engines('drift', 'max', window_start, as_of, array(
    select row(
      alarmed.engine_id,
      case when alarmed.judged > 0 and alarmed.is_suspected then 0 when alarmed.judged > 0 then alarmed.drifting end,
      1,
      alarmed.readings,
      alarmed.evidence || jsonb_build_object(
        'sensors', alarmed.drifting_sensors,
        'fleet_q_value', case when alarmed.drifting > 0 then alarmed.fleet_q end,
        'suspected', nullif(alarmed.is_suspected, false)
      )
    )::public.engine_measurement
    from alarmed
  )) as judged
  left join alarmed on alarmed.engine_id = judged.engine_id
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
