-- How each engine stands: when it spoke last, what the latest run of the checks says of it, which of its sensors
-- have moved away from their baseline, and one word for all of it, with the reasons.
--
-- A verdict counts for 24 hours, as in quality_summary: an engine that nobody has judged since is unknown, not ok.
-- Drift warns also when the engine has sent nothing since it was found. An engine that has failed or is retired is
-- judged by its verdicts alone, as its last drift stays for ever. Wear by itself is no fault: the rule of kind
-- degradation says how much of it is.
--
--   select unit_number, health, reasons from engine_health where health <> 'ok' order by silent_for desc;
create view public.engine_health
with (security_invoker = true) as
with latest_run as (
  select check_runs.id
  from public.check_runs
  where check_runs.finished_at is not null
    and check_runs.as_of > now() - interval '24 hours'
    and check_runs.as_of <= now()
  order by check_runs.as_of desc, check_runs.id desc
  limit 1
),
verdicts as (
  select
    metrics.engine_id,
    max(metrics.metric_value) filter (where metrics.metric_name = 'completeness') as completeness,
    bool_or(metrics.status = 'fail') as fails,
    bool_or(metrics.status = 'warning') as warns,
    bool_and(metrics.status = 'not_evaluated') as unjudged,
    jsonb_agg(
      jsonb_build_object(
        'metric_name', metrics.metric_name,
        'column_name', metrics.column_name,
        'status', metrics.status,
        'metric_value', metrics.metric_value,
        'threshold_min', metrics.threshold_min,
        'threshold_max', metrics.threshold_max,
        'check_timestamp', metrics.check_timestamp,
        'evidence', metrics.evidence
      )
      order by metrics.status, metrics.metric_name, metrics.column_name
    ) filter (where metrics.status in ('warning', 'fail')) as problems,
    array_agg(
      concat_ws(
        ' ',
        metrics.metric_name,
        -- a verdict on all columns of an engine names those that broke the rule
        coalesce(
          metrics.column_name,
          case jsonb_typeof(metrics.evidence -> 'columns')
            when 'object' then (
              select string_agg(broken.name, ', ' order by length(broken.name), broken.name)
              from jsonb_object_keys(metrics.evidence -> 'columns') as broken (name)
            )
          end
        ),
        metrics.status || ':',
        metrics.metric_value::real,
        case when metrics.threshold_min is not null then '(at least ' || metrics.threshold_min || ')' end,
        case when metrics.threshold_max is not null then '(at most ' || metrics.threshold_max || ')' end
      )
      order by metrics.status, metrics.metric_name, metrics.column_name
    ) filter (where metrics.status in ('warning', 'fail')) as reasons
  from public.data_quality_metrics as metrics
  join latest_run on latest_run.id = metrics.run_id
  where metrics.engine_id is not null
  group by metrics.engine_id
),
sensors as (
  select
    sensor_drift.engine_id,
    array_agg(sensor_drift.column_name order by length(sensor_drift.column_name), sensor_drift.column_name)
      filter (where sensor_drift.verdict = 'drift') as drifting,
    array_agg(sensor_drift.column_name order by length(sensor_drift.column_name), sensor_drift.column_name)
      filter (where sensor_drift.verdict = 'degradation') as degrading,
    max(sensor_drift.wear) as wear
  from public.sensor_drift
  group by sensor_drift.engine_id
)
select
  engines.unit_number,
  engines.dataset,
  engines.status,
  last_reading."timestamp" as last_reading_at,
  last_reading.cycle as last_cycle,
  now() - last_reading."timestamp" as silent_for,
  engine_cadences.cadence,
  verdicts.completeness,
  coalesce(sensors.drifting, '{}') as sensors_drifting,
  coalesce(sensors.degrading, '{}') as sensors_degrading,
  sensors.wear,
  coalesce(verdicts.problems, '[]') as problems,
  case
    when verdicts.fails then 'fail'
    when verdicts.warns then 'warning'
    when engines.status = 'active' and sensors.drifting is not null then 'warning'
    when last_reading."timestamp" is null or coalesce(verdicts.unjudged, true) then 'unknown'
    else 'ok'
  end as health,
  array_remove(
    array[
      case when last_reading."timestamp" is null then 'it has sent no reading' end,
      case when engines.status <> 'active' then 'its status is ' || engines.status end,
      case
        when not exists (select from latest_run) then 'no run of the checks in the last 24 hours'
        when verdicts.engine_id is null then 'the latest run of the checks has no verdict on it'
        when verdicts.unjudged then 'the latest run of the checks had too little to judge it'
      end,
      case
        when engines.status = 'active' and sensors.drifting is not null
          then 'drifting: ' || array_to_string(sensors.drifting, ', ')
      end
    ],
    null
  ) || coalesce(verdicts.reasons, '{}') as reasons
from public.engines
left join lateral (
  select sensor_data."timestamp", sensor_data.cycle
  from public.sensor_data
  where sensor_data.engine_id = engines.id
  order by sensor_data."timestamp" desc
  limit 1
) as last_reading on true
left join public.engine_cadences on engine_cadences.engine_id = engines.id
left join verdicts on verdicts.engine_id = engines.id
left join sensors on sensors.engine_id = engines.id
where (select public.may_read('engine_health'));

comment on view public.engine_health is
  'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';
comment on column public.engine_health.unit_number is 'Public name of the engine, ENGINE_001 for example.';
comment on column public.engine_health.dataset is 'C-MAPSS set the engine belongs to; null for other engines.';
comment on column public.engine_health.status is 'active, retired or failed, as in engines.';
comment on column public.engine_health.last_reading_at is 'Time of its latest reading (UTC); null when it has sent none.';
comment on column public.engine_health.last_cycle is 'Flight cycle of its latest reading.';
comment on column public.engine_health.silent_for is
  'Time since its latest reading; negative when its clock is ahead.';
comment on column public.engine_health.cadence is
  'Time between two readings that is expected (engine_cadences): configured, learned, or that of its fleet.';
comment on column public.engine_health.completeness is
  'Share of the expected readings that were there in the latest run of the checks; null when that was not judged.';
comment on column public.engine_health.sensors_drifting is
  'Sensors that have moved away from their baseline in a way that wear does not explain.';
comment on column public.engine_health.sensors_degrading is 'Sensors that have moved as wear moves them.';
comment on column public.engine_health.wear is
  'Its wear: 0 as in its baseline, 1 as engines are on average in their last 30 readings before failure; null while nothing is compared.';
comment on column public.engine_health.problems is
  'Verdicts of the latest run on this engine that warned or failed, with thresholds and evidence.';
comment on column public.engine_health.health is
  'ok; warning: a check warned, or a sensor of an active engine drifts; fail: a check failed; unknown: no reading, or no verdict in the last 24 hours.';
comment on column public.engine_health.reasons is 'Why health is what it is, in words.';
