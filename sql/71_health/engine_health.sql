-- How each engine stands: when it spoke last, what the latest run of the checks says of it, which of its sensors
-- have moved away from their baseline, how its wear moves, its anomalies, the life that is predicted for it, where to look
-- first, and one word for all of it, with the reasons.
--
-- A verdict counts for 24 hours, as in quality_summary: an engine that nobody has judged since is unknown, not ok.
-- Drift warns also when the engine has sent nothing since it was found. An engine that has failed or is retired is
-- judged by its verdicts alone, as its last drift stays for ever. Wear by itself is no fault: the rule of kind
-- degradation says how much of it is. Neither is a short predicted life: that is in its own columns.
--
-- The trend of wear is the difference to the latest report (engine_health_reports) of at least 50 flight cycles before: the
-- estimate rests on the last 100 readings, so that shorter ones compare nearly the same readings with each other. Rising
-- means by a twentieth of a life's wear or more: of engines that do not wear 98 % of such differences are within 0.02, and
-- all engines that have less than 90 cycles left are beyond (docs/decisions/0021-retraining-and-health.md).
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
predictions as materialized (
  select latest_predictions.* from public.latest_predictions where latest_predictions.preferred
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
    when verdicts.fails or engines.status = 'active' and episode.severity = 'fail' then 'fail'
    when verdicts.warns or engines.status = 'active' and episode.severity = 'warning' then 'warning'
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
      end,
      case
        when engines.status = 'active' and episode.started_at is not null
          then format(
            '%s anomalies since %s', episode.readings,
            to_char(episode.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
          )
      end
    ],
    null
  ) || coalesce(verdicts.reasons, '{}') as reasons,
  earlier.wear as earlier_wear,
  earlier.last_cycle as earlier_cycle,
  100 * (sensors.wear - earlier.wear) / (last_reading.cycle - earlier.last_cycle) as wear_per_100_cycles,
  case
    when sensors.wear - earlier.wear >= 0.05 then 'rising'
    when sensors.wear - earlier.wear <= -0.05 then 'falling'
    when sensors.wear - earlier.wear is not null then 'steady'
  end as wear_trend,
  found.anomalies as recent_anomalies,
  episode.started_at as anomalous_since,
  episode.severity as anomaly_severity,
  prediction.predicted_rul,
  prediction.lower_bound,
  prediction.upper_bound,
  prediction.interval_level,
  prediction.cycle as predicted_at_cycle,
  prediction.model_name || ' ' || prediction.model_version as predicted_by,
  coalesce(place.modules, '[]') as inspect_first
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
left join public.model_settings as settings on true
left join predictions as prediction on prediction.engine_id = engines.id
left join lateral (
  select report.wear, report.last_cycle
  from public.engine_health_reports as report
  where report.engine_id = engines.id and report.wear is not null and report.last_cycle <= last_reading.cycle - 50
  order by report.last_cycle desc
  limit 1
) as earlier on true
left join lateral (
  select open_episode.started_at, open_episode.severity, open_episode.readings
  from public.anomaly_episodes as open_episode
  where open_episode.engine_id = engines.id
    and open_episode.detector = settings.anomaly_detector and open_episode.open
  order by open_episode.ended_at desc
  limit 1
) as episode on true
-- the anomalies among the last 30 readings; where there is none, the readings are not looked at
left join lateral (
  select
    count(*)::integer as anomalies,
    jsonb_agg(anomaly.sensors) as sensors
  from public.anomalies as anomaly
  where anomaly.engine_id = engines.id
    and anomaly.detector = settings.anomaly_detector
    and anomaly."timestamp" >= (
      -- of those that are here: anomalies outlive readings that have gone to the lake
      select min(last_ones."timestamp")
      from (
        select reading."timestamp"
        from public.sensor_data as reading
        where reading.engine_id = engines.id
        order by reading."timestamp" desc
        limit 30
      ) as last_ones
    )
) as found on true
left join lateral (
  select jsonb_agg(
    jsonb_build_object('module', hint.module, 'sensors', hint.sensors, 'why', hint.why)
    order by hint.rank, hint.strength desc, hint.module
  ) as modules
  from (
    select
      modules.module,
      min(sign.rank) as rank,
      (array_agg(sign.strength order by sign.rank, sign.strength desc))[1] as strength,
      to_jsonb(array_agg(sign.column_name order by sign.rank, sign.strength desc, sign.column_name)) as sensors,
      string_agg(sign.words, '; ' order by sign.rank, sign.strength desc, sign.column_name) as why
    from (
      -- a sensor counts for the first of what it shows
      select distinct on (shown.column_name) shown.*
      from (
        select
          1 as rank,
          drift.column_name,
          coalesce(abs(drift.mean_shift - coalesce(drift.wear_shift, 0)), 0) as strength,
          case
            -- there are no deviations to count in where the baseline has none
            when drift.mean_shift is null then format('%s drifts, and did not vary in its baseline', drift.column_name)
            else format(
              '%s has moved by %s baseline SD beyond what wear explains', drift.column_name,
              round(abs(drift.mean_shift - coalesce(drift.wear_shift, 0))::numeric, 1)
            )
          end as words
        from public.sensor_drift as drift
        where drift.engine_id = engines.id and drift.verdict = 'drift'
        union all
        select
          2,
          contribution.column_name,
          contribution.share,
          format('%s makes %s %% of the last anomalies', contribution.column_name, round((100 * contribution.share)::numeric))
        from (
          select
            sensor.key as column_name,
            sum(abs(sensor.value::double precision)) / sum(sum(abs(sensor.value::double precision))) over () as share
          from jsonb_array_elements(found.sensors) as each
          cross join lateral jsonb_each_text(each) as sensor
          group by sensor.key
        ) as contribution
        where contribution.share >= 0.1
        union all
        select
          3,
          drift.column_name,
          abs(drift.wear_shift),
          format('%s has moved by %s baseline SD with wear', drift.column_name, round(abs(drift.wear_shift)::numeric, 1))
        from public.sensor_drift as drift
        where drift.engine_id = engines.id and drift.verdict = 'degradation' and drift.wear_shift is not null
      ) as shown
      order by shown.column_name, shown.rank
    ) as sign
    join public.sensor_modules as modules on modules.column_name = sign.column_name
    group by modules.module
  ) as hint
) as place on engines.status = 'active'
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
  'ok; warning: a check warned, or a sensor of an active engine drifts, or it is in an episode of anomalies; fail: a check failed, or that episode is severe; unknown: no reading, or no verdict in the last 24 hours.';
comment on column public.engine_health.reasons is 'Why health is what it is, in words.';
comment on column public.engine_health.earlier_wear is
  'Its wear as reported at least 50 flight cycles ago; null where no report is as old.';
comment on column public.engine_health.earlier_cycle is 'Flight cycle of that report.';
comment on column public.engine_health.wear_per_100_cycles is 'How much wear has risen since then, in 100 flight cycles.';
comment on column public.engine_health.wear_trend is
  'rising or falling: wear has changed by 0.05 or more since then; steady: by less; null where no report is as old.';
comment on column public.engine_health.recent_anomalies is
  'Anomalies among its last 30 readings, by the detector that decides (model_settings).';
comment on column public.engine_health.anomalous_since is
  'Since when it has been in an episode of anomalies (UTC); null when it is in none.';
comment on column public.engine_health.anomaly_severity is 'warning or fail, as in anomaly_episodes.';
comment on column public.engine_health.predicted_rul is
  'Predicted remaining useful life after predicted_at_cycle, in flight cycles, by the model to go by (latest_predictions).';
comment on column public.engine_health.lower_bound is 'Lower end of its interval, in flight cycles.';
comment on column public.engine_health.upper_bound is 'Upper end of its interval, in flight cycles; at the cap of a model trained here it is open.';
comment on column public.engine_health.interval_level is 'Nominal coverage of the interval.';
comment on column public.engine_health.predicted_at_cycle is 'Last flight cycle that the model had seen.';
comment on column public.engine_health.predicted_by is 'Name and version of the model.';
comment on column public.engine_health.inspect_first is
  'Modules of an active engine to look at, the first one first, with the sensors that point there and why: drift before anomalies before wear. Where to look, not what is broken.';
