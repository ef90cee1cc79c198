-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

DROP FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text);

CREATE TABLE "public"."heartbeats" ("minute" timestamp with time zone NOT NULL, CONSTRAINT "heartbeats_minute_check" CHECK ((minute = date_trunc('minute'::text, minute, 'UTC'::text))), CONSTRAINT "heartbeats_pkey" PRIMARY KEY (minute));

ALTER TABLE "public"."heartbeats" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."heartbeats" OWNER TO "postgres";

CREATE TABLE "public"."intake_counters" ("until" timestamp with time zone NOT NULL, "source" text NOT NULL, "batches" bigint NOT NULL, "accepted" bigint NOT NULL, "duplicates" bigint NOT NULL, "rejected" bigint NOT NULL, "processing_seconds" double precision NOT NULL, "processing_buckets" bigint[] NOT NULL, "event_lag_seconds" double precision NOT NULL, "event_lag_buckets" bigint[] NOT NULL, "last_received_at" timestamp with time zone NOT NULL, "newest_timestamp" timestamp with time zone, CONSTRAINT "intake_counters_accepted_check" CHECK ((accepted >= 0)), CONSTRAINT "intake_counters_batches_check" CHECK ((batches >= 0)), CONSTRAINT "intake_counters_duplicates_check" CHECK ((duplicates >= 0)), CONSTRAINT "intake_counters_pkey" PRIMARY KEY (until, source), CONSTRAINT "intake_counters_rejected_check" CHECK ((rejected >= 0)));

ALTER TABLE "public"."intake_counters" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."intake_counters" OWNER TO "postgres";

ALTER TABLE "public"."batches" ADD COLUMN "newest_timestamp" timestamp with time zone;

ALTER TABLE "public"."batches" ADD COLUMN "processing" interval;

CREATE OR REPLACE FUNCTION public.arrivals(seconds integer DEFAULT 900, slots integer DEFAULT 90, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  if seconds is null or seconds not between 60 and 86400 or slots is null or slots not between 2 and 500 then
    raise exception 'Cannot tell what arrives as seconds must be 60 to 86400 and slots 2 to 500: current values are % and %',
      coalesce(seconds::text, 'null'), coalesce(slots::text, 'null')
      using errcode = '22023';
  end if;
  return (
  with bounds as (
    select as_of - make_interval(secs => seconds) as since, seconds::numeric / slots as slot_seconds
  ),
  slot as (
    select generate_series(0, slots - 1) as place
  ),
  batch as materialized (
    select
      floor(extract(epoch from batches.received_at - bounds.since) / bounds.slot_seconds) as place,
      batches.*
    from bounds
    join public.batches on batches.received_at >= bounds.since and batches.received_at < as_of
  ),
  counted as (
    select
      place, count(*) as batches, sum(accepted) as accepted, sum(duplicates) as duplicates, sum(rejected) as rejected
    from batch
    group by place
  ),
  -- engine by engine along the primary key, which has no other way to the newest readings; none where nothing arrived
  timed as materialized (
    select
      floor(extract(epoch from reading.created_at - bounds.since) / bounds.slot_seconds) as place,
      extract(epoch from reading.created_at - reading."timestamp")::double precision as latency
    from bounds
    cross join public.engines
    cross join lateral (
      select stored."timestamp", stored.created_at
      from public.sensor_data as stored
      where stored.engine_id = engines.id
        and stored."timestamp" >= bounds.since - interval '1 hour' and stored."timestamp" < as_of
        and stored.created_at >= bounds.since and stored.created_at < as_of
        and stored.created_at - stored."timestamp" between interval '0' and interval '1 hour'
    ) as reading
    where exists (select from batch where batch.accepted > 0)
  ),
  quantiles as (
    select
      place,
      count(*) as readings,
      percentile_cont(0.5) within group (order by latency) as p50,
      percentile_cont(0.95) within group (order by latency) as p95
    from timed
    group by place
  )
  select jsonb_build_object(
    'since', extract(epoch from bounds.since),
    'until', extract(epoch from as_of),
    'slot_seconds', bounds.slot_seconds,
    'batches', per_slot.batches,
    'accepted', per_slot.accepted,
    'duplicates', per_slot.duplicates,
    'rejected', per_slot.rejected,
    'timed', per_slot.timed,
    'p50', per_slot.p50,
    'p95', per_slot.p95,
    'latency', (
      select jsonb_build_object(
        'readings', count(*),
        'p50', percentile_cont(0.5) within group (order by latency),
        'p95', percentile_cont(0.95) within group (order by latency),
        'max', max(latency)
      )
      from timed
    ),
    'sources', (
      select coalesce(jsonb_agg(to_jsonb(door) order by door.source), '[]')
      from (
        select
          batch.source,
          count(*) as batches,
          sum(batch.accepted) as accepted,
          sum(batch.duplicates) as duplicates,
          sum(batch.rejected) as rejected,
          max(batch.received_at) as last_at
        from batch
        group by batch.source
      ) as door
    ),
    'last_at', (select max(batches.received_at) from public.batches where batches.received_at < as_of)
  )
  from bounds
  cross join (
    select
      jsonb_agg(coalesce(counted.batches, 0) order by slot.place) as batches,
      jsonb_agg(coalesce(counted.accepted, 0) order by slot.place) as accepted,
      jsonb_agg(coalesce(counted.duplicates, 0) order by slot.place) as duplicates,
      jsonb_agg(coalesce(counted.rejected, 0) order by slot.place) as rejected,
      jsonb_agg(coalesce(quantiles.readings, 0) order by slot.place) as timed,
      jsonb_agg(quantiles.p50 order by slot.place) as p50,
      jsonb_agg(quantiles.p95 order by slot.place) as p95
    from slot
    left join counted on counted.place = slot.place
    left join quantiles on quantiles.place = slot.place
  ) as per_slot
  );
end;
$function$
;

ALTER FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_history(since timestamp with time zone DEFAULT (now() - '24:00:00'::interval), until timestamp with time zone DEFAULT now())
 RETURNS TABLE(table_name text, metric_name text, column_name text, moments double precision[], statuses text[], metric_values double precision[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select
    metric.table_name,
    metric.metric_name,
    metric.column_name,
    array_agg(extract(epoch from metric.check_timestamp)::double precision order by metric.check_timestamp, metric.id),
    array_agg(metric.status order by metric.check_timestamp, metric.id),
    array_agg(metric.metric_value order by metric.check_timestamp, metric.id)
  from public.data_quality_metrics as metric
  where metric.engine_id is null
    and metric.check_timestamp >= check_history.since
    and metric.check_timestamp <= check_history.until
  group by metric.table_name, metric.metric_name, metric.column_name
  order by metric.table_name, metric.metric_name, metric.column_name nulls first;
$function$
;

ALTER FUNCTION "public"."check_history"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.count_intake(as_of timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  started_at constant timestamptz := clock_timestamp();
  horizon timestamptz;
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.count_intake')) then
    return 'busy: another session is counting';
  end if;
  select least(as_of - interval '5 minutes', now(), min(activity.xact_start))
  into horizon
  from pg_catalog.pg_stat_activity as activity
  where activity.datname = current_database() and activity.pid <> pg_backend_pid();

  insert into public.intake_counters
  select horizon, totals.*
  from public.intake_totals(horizon) as totals
  -- when nothing has come, nothing is written
  where exists (
    select from public.batches
    where batches.received_at < horizon
      and batches.received_at >= coalesce((select max(counters.until) from public.intake_counters as counters), '-infinity')
  )
  on conflict do nothing;
  result := case
    when found then format('counted up to %s', to_char(horizon at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
    else 'nothing to count'
  end;
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = 'spool-intake';
  return result;
end;
$function$
;

ALTER FUNCTION "public"."count_intake"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.data_samples(as_of timestamp with time zone)
 RETURNS TABLE(family text, labels jsonb, value double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with run as materialized (
    select runs.*
    from public.check_runs as runs
    where runs.finished_at is not null and runs.as_of <= data_samples.as_of
    order by runs.as_of desc, runs.window_start
    limit 1
  ),
  verdict as materialized (
    select
      jsonb_build_object('check', metrics.metric_name, 'column', coalesce(metrics.column_name, '')) as labels,
      metrics.metric_value,
      metrics.status,
      metrics.check_timestamp
    from run
    join public.data_quality_metrics as metrics on metrics.run_id = run.id and metrics.engine_id is null
  ),
  lake_day as (
    select count(*) as objects, max(written_at) as last_written_at, count(*) filter (where fault is not null) as faults
    from public.lake_objects
    where kind = 'sensor_data'
  )
  select
    'check_status', verdict.labels || jsonb_build_object('status', possible.status), (verdict.status = possible.status)::integer
  from verdict
  cross join unnest(array['pass', 'warning', 'fail', 'not_evaluated']) as possible (status)
  union all
  select 'check_value', verdict.labels, verdict.metric_value
  from verdict
  union all
  select 'check_age_seconds', verdict.labels, extract(epoch from data_samples.as_of - verdict.check_timestamp)
  from verdict
  union all
  select 'check_run_duration_seconds', '{}', extract(epoch from run.finished_at - run.started_at)
  from run
  union all
  select
    'model_age_seconds', jsonb_build_object('purpose', models.purpose, 'model', models.name),
    extract(epoch from data_samples.as_of - models.trained_at)
  from public.models
  where models.active
  union all
  select
    'anomaly_episodes_open', jsonb_build_object('severity', possible.severity),
    (select count(*) from public.anomaly_episodes as episodes where episodes.open and episodes.severity = possible.severity)
  from unnest(array['warning', 'fail']) as possible (severity)
  union all
  select 'unscored_engines', '{}', count(*)
  from public.unscored_readings
  union all
  select 'unscored_oldest_age_seconds', '{}', extract(epoch from data_samples.as_of - min(noted_at))
  from public.unscored_readings
  union all
  select
    'engines', jsonb_build_object('status', possible.status),
    (select count(*) from public.engines where engines.status = possible.status)
  from unnest(array['active', 'retired', 'failed']) as possible (status)
  union all
  select 'lake_age_seconds', '{}', extract(epoch from data_samples.as_of - lake_day.last_written_at)
  from lake_day
  union all
  select 'lake_faulty_objects', '{}', lake_day.faults
  from lake_day
  union all
  select 'lake_backlog', '{}', count(*)
  from public.days_to_archive(data_samples.as_of)
  union all
  -- months that follow each other, from the next one on: one beyond a gap does not help
  select 'partitions_ahead', '{}', count(*)
  from (
    select
      part.relname,
      to_date(substring(part.relname from '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM') as month,
      row_number() over (order by part.relname) as place
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    where link.inhparent = 'public.sensor_data'::regclass
      and part.relname > 'sensor_data_' || to_char(data_samples.as_of at time zone 'UTC', 'YYYY_MM')
  ) as ahead
  where ahead.month = (
    date_trunc('month', data_samples.as_of at time zone 'UTC') + make_interval(months => ahead.place::integer)
  )::date;
$function$
;

ALTER FUNCTION "public"."data_samples"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.data_service_levels(since timestamp with time zone, until timestamp with time zone)
 RETURNS TABLE(measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with recursive tile as (
    -- from the latest run back: each ends where the one after it began, or before
    (
      select runs.id, runs.window_start, runs.as_of
      from public.check_runs as runs
      where runs.as_of > since and runs.as_of <= until and runs.finished_at is not null
      order by runs.as_of desc, runs.window_start
      limit 1
    )
    union all
    select earlier.*
    from tile
    cross join lateral (
      select runs.id, runs.window_start, runs.as_of
      from public.check_runs as runs
      where runs.as_of > since and runs.as_of <= tile.window_start and runs.finished_at is not null
      order by runs.as_of desc, runs.window_start
      limit 1
    ) as earlier
  ),
  looked_at as (
    select
      count(*) as runs,
      jsonb_strip_nulls(jsonb_build_object('runs', count(*), 'from', min(tile.window_start), 'until', max(tile.as_of))) as evidence
    from tile
  ),
  completeness as (
    select
      sum((metrics.evidence ->> 'expected')::bigint) as expected,
      sum((metrics.evidence ->> 'missed')::bigint) as missed
    from tile
    join public.data_quality_metrics as metrics
      on metrics.engine_id is null and metrics.metric_name = 'completeness' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp = tile.as_of and metrics.run_id = tile.id
  ),
  ranges as (
    select sum(metrics.rows_checked) as "values", sum((metrics.evidence ->> 'broken')::bigint) as outside
    from tile
    -- by name, which is how the index finds them among the verdicts on engines
    cross join unnest(public.value_columns()) as checked (column_name)
    join public.data_quality_metrics as metrics
      on metrics.engine_id is null and metrics.metric_name = 'range'
      and coalesce(metrics.column_name, '') = checked.column_name
      and metrics.check_timestamp = tile.as_of and metrics.run_id = tile.id
  ),
  refused as (
    select coalesce(sum(after.rejected - coalesce(before.rejected, 0)), 0) * cardinality(public.value_columns()) as "values"
    from public.intake_totals(until) as after
    left join public.intake_totals(since) as before using (source)
    where source <> 'replay'
  ),
  schema_verdicts as (
    select
      count(*) filter (where metrics.status = 'pass') as passed,
      count(*) filter (where metrics.status <> 'not_evaluated') as judged,
      (array_agg(metrics.evidence -> 'failing' order by metrics.check_timestamp desc) filter (where metrics.status <> 'pass'))[1]
        as failing
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null and metrics.metric_name = 'schema' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp > since and metrics.check_timestamp <= until
  ),
  lineage as (
    select
      min(metrics.metric_value) as coverage,
      count(*) as verdicts,
      (array_agg(metrics.evidence -> 'subjects' order by metrics.metric_value, metrics.check_timestamp desc))[1] as subjects
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null and metrics.metric_name = 'lineage_coverage' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp > since and metrics.check_timestamp <= until and metrics.metric_value is not null
  )
  select
    'completeness',
    1 - completeness.missed::double precision / nullif(completeness.expected, 0)::double precision,
    false,
    case
      when looked_at.runs = 0 then 'no run of the checks is about this time'
      when completeness.expected is null then 'no run in this time has judged it'
      else 'no reading was due'
    end,
    looked_at.evidence || jsonb_strip_nulls(jsonb_build_object('expected', completeness.expected, 'missed', completeness.missed))
  from looked_at cross join completeness
  union all
  select
    'accuracy',
    case when ranges."values" is not null then
      1 - (ranges.outside + refused."values")::double precision
      / nullif(ranges."values" + refused."values", 0)::double precision
    end,
    false,
    case
      when looked_at.runs = 0 then 'no run of the checks is about this time'
      when ranges."values" is null then 'no run in this time has judged a value'
      else 'there was no value to look at'
    end,
    looked_at.evidence || jsonb_strip_nulls(jsonb_build_object(
      'values', ranges."values", 'outside_of_range', ranges.outside, 'values_of_rejected_readings', refused."values"
    ))
  from looked_at cross join ranges cross join refused
  union all
  select
    'schema_compliance',
    schema_verdicts.passed::double precision / nullif(schema_verdicts.judged, 0)::double precision,
    false,
    'no run in this time has judged it',
    jsonb_strip_nulls(jsonb_build_object(
      'verdicts', schema_verdicts.judged, 'passed', schema_verdicts.passed, 'last_differences', schema_verdicts.failing
    ))
  from schema_verdicts
  union all
  select
    'lineage',
    lineage.coverage,
    false,
    'the task lineage of the pipeline daily has not judged anything in this time',
    jsonb_strip_nulls(jsonb_build_object('verdicts', lineage.verdicts, 'subjects_of_the_worst', lineage.subjects))
  from lineage;
$function$
;

ALTER FUNCTION "public"."data_service_levels"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.detection_service_level()
 RETURNS TABLE(measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with evaluated as (
    select
      models.name,
      models.version,
      models.dataset,
      models.trained_at,
      models.metrics -> 'evaluated_on' as evaluated_on,
      models.metrics -> 'detectors' -> settings.anomaly_detector as evaluation,
      settings.anomaly_detector as detector
    from public.models
    cross join public.model_settings as settings
    where models.active and models.purpose = 'anomaly'
  ),
  judged as (
    select
      evaluated.*,
      ((evaluation ->> 'recall')::double precision + 1 - (evaluation ->> 'falseAlarmRate')::double precision) / 2 as accuracy
    from evaluated
  )
  select
    'anomaly_detection_accuracy',
    min(judged.accuracy),
    false,
    case
      when count(*) = 0 then 'no model has been trained'
      else 'no engine had failed when the models were trained, so nothing said what is right'
    end,
    jsonb_build_object('models', coalesce(
      jsonb_agg(jsonb_build_object(
        'name', judged.name,
        'version', judged.version,
        'dataset', judged.dataset,
        'detector', judged.detector,
        'trained_at', judged.trained_at,
        'evaluated_on', judged.evaluated_on,
        'balanced_accuracy', judged.accuracy,
        'recall', judged.evaluation -> 'recall',
        'precision', judged.evaluation -> 'precision',
        'false_alarm_rate', judged.evaluation -> 'falseAlarmRate',
        'roc_auc', judged.evaluation -> 'rocAuc'
      ) order by judged.accuracy, judged.name),
      '[]'
    ))
  from judged;
$function$
;

ALTER FUNCTION "public"."detection_service_level"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.engine_series(unit_number text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, slots integer DEFAULT 600, condition integer DEFAULT NULL::integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  if slots is null or slots not between 2 and 2000 then
    raise exception 'Cannot tell a series as slots must be between 2 and 2000: current value is %', coalesce(slots::text, 'null')
      using errcode = '22023';
  end if;
  return (
  with engine as (
    select
      engines.id,
      extract(epoch from cadences.cadence) as cadence,
      (select min(every."timestamp") from public.sensor_data as every where every.engine_id = engines.id) as first,
      (select max(every."timestamp") from public.sensor_data as every where every.engine_id = engines.id) as last
    from public.engines
    left join public.engine_cadences as cadences on cadences.engine_id = engines.id
    where engines.unit_number = engine_series.unit_number
  ),
  bounds as (
    select
      engine.*,
      greatest(engine.first, engine_series.since) as since,
      least(engine.last, engine_series.until) as until
    from engine
  ),
  reading as materialized (
    select
      classified.*,
      row_number() over (order by classified."timestamp", classified.cycle) - 1 as number,
      count(*) over () as readings,
      lag(classified."timestamp") over (order by classified."timestamp", classified.cycle) as previous
    from bounds
    join public.classified_readings as classified
      on classified.engine_id = bounds.id
      and classified."timestamp" >= bounds.since and classified."timestamp" <= bounds.until
  ),
  flown as (
    select reading.condition, count(*) as readings from reading group by reading.condition
  ),
  chosen as (
    select coalesce(
      engine_series.condition,
      (select flown.condition from flown order by flown.readings desc, flown.condition limit 1)
    ) as condition
  ),
  placed as materialized (
    select
      case
        when reading.readings <= engine_series.slots then reading.number
        -- the last reading belongs to the last slot
        else least(
          floor(
            engine_series.slots * extract(epoch from reading."timestamp" - bounds.since)
            / extract(epoch from bounds.until - bounds.since)
          ),
          engine_series.slots - 1
        )
      end as place,
      reading."timestamp",
      reading.cycle,
      reading.condition,
      -- what is not a number, or infinite, is on no chart
      case when reading.s2 - reading.s2 = 0 then reading.s2 end as s2,
      case when reading.s3 - reading.s3 = 0 then reading.s3 end as s3,
      case when reading.s4 - reading.s4 = 0 then reading.s4 end as s4,
      case when reading.s7 - reading.s7 = 0 then reading.s7 end as s7,
      case when reading.s8 - reading.s8 = 0 then reading.s8 end as s8,
      case when reading.s9 - reading.s9 = 0 then reading.s9 end as s9,
      case when reading.s11 - reading.s11 = 0 then reading.s11 end as s11,
      case when reading.s12 - reading.s12 = 0 then reading.s12 end as s12,
      case when reading.s13 - reading.s13 = 0 then reading.s13 end as s13,
      case when reading.s14 - reading.s14 = 0 then reading.s14 end as s14,
      case when reading.s15 - reading.s15 = 0 then reading.s15 end as s15,
      case when reading.s17 - reading.s17 = 0 then reading.s17 end as s17,
      case when reading.s20 - reading.s20 = 0 then reading.s20 end as s20,
      case when reading.s21 - reading.s21 = 0 then reading.s21 end as s21
    from reading
    cross join bounds
  ),
  slot as (
    select
      place,
      min("timestamp") as "timestamp",
      min(cycle) as cycle,
      count(*) as readings,
      mode() within group (order by condition) as condition
    from placed
    group by place
  ),
  measured as (
    select
      place,
      min(s2) as s2_min, max(s2) as s2_max,
      min(s3) as s3_min, max(s3) as s3_max,
      min(s4) as s4_min, max(s4) as s4_max,
      min(s7) as s7_min, max(s7) as s7_max,
      min(s8) as s8_min, max(s8) as s8_max,
      min(s9) as s9_min, max(s9) as s9_max,
      min(s11) as s11_min, max(s11) as s11_max,
      min(s12) as s12_min, max(s12) as s12_max,
      min(s13) as s13_min, max(s13) as s13_max,
      min(s14) as s14_min, max(s14) as s14_max,
      min(s15) as s15_min, max(s15) as s15_max,
      min(s17) as s17_min, max(s17) as s17_max,
      min(s20) as s20_min, max(s20) as s20_max,
      min(s21) as s21_min, max(s21) as s21_max
    from placed
    where condition = (select chosen.condition from chosen)
    group by place
  ),
  series as (
    select jsonb_build_object(
      'time', coalesce(jsonb_agg(trim_scale(round(extract(epoch from slot."timestamp"), 3)) order by slot.place), '[]'),
      'cycle', coalesce(jsonb_agg(slot.cycle order by slot.place), '[]'),
      'slot_readings', coalesce(jsonb_agg(slot.readings order by slot.place), '[]'),
      'slot_condition', coalesce(jsonb_agg(slot.condition order by slot.place), '[]')
    ) as slots,
    case when count(*) = 0 then '{}' else jsonb_build_object(
      's2', jsonb_build_array(jsonb_agg(measured.s2_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s2_max order by slot.place) end),
      's3', jsonb_build_array(jsonb_agg(measured.s3_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s3_max order by slot.place) end),
      's4', jsonb_build_array(jsonb_agg(measured.s4_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s4_max order by slot.place) end),
      's7', jsonb_build_array(jsonb_agg(measured.s7_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s7_max order by slot.place) end),
      's8', jsonb_build_array(jsonb_agg(measured.s8_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s8_max order by slot.place) end),
      's9', jsonb_build_array(jsonb_agg(measured.s9_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s9_max order by slot.place) end),
      's11', jsonb_build_array(jsonb_agg(measured.s11_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s11_max order by slot.place) end),
      's12', jsonb_build_array(jsonb_agg(measured.s12_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s12_max order by slot.place) end),
      's13', jsonb_build_array(jsonb_agg(measured.s13_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s13_max order by slot.place) end),
      's14', jsonb_build_array(jsonb_agg(measured.s14_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s14_max order by slot.place) end),
      's15', jsonb_build_array(jsonb_agg(measured.s15_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s15_max order by slot.place) end),
      's17', jsonb_build_array(jsonb_agg(measured.s17_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s17_max order by slot.place) end),
      's20', jsonb_build_array(jsonb_agg(measured.s20_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s20_max order by slot.place) end),
      's21', jsonb_build_array(jsonb_agg(measured.s21_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s21_max order by slot.place) end)
    ) end as sensors
    from slot
    left join measured on measured.place = slot.place
  )
  select series.slots || jsonb_build_object(
    'unit_number', engine_series.unit_number,
    'first', extract(epoch from bounds.first),
    'last', extract(epoch from bounds.last),
    'since', extract(epoch from bounds.since),
    'until', extract(epoch from bounds.until),
    'readings', (select count(*) from reading),
    'slot_seconds', (
      select extract(epoch from bounds.until - bounds.since) / engine_series.slots
      from reading where reading.readings > engine_series.slots
      limit 1
    ),
    'cadence_seconds', bounds.cadence,
    'condition', (select chosen.condition from chosen),
    'conditions', (
      select coalesce(jsonb_agg(
        jsonb_build_object('condition', flown.condition, 'name', named.name, 'readings', flown.readings) order by flown.condition
      ), '[]')
      from flown
      left join public.operating_conditions as named on named.condition = flown.condition
    ),
    'sensors', series.sensors,
    'baselines', (
      select coalesce(
        jsonb_object_agg(baseline.column_name, jsonb_build_array(baseline.mean, baseline.sd, baseline.readings)), '{}'
      )
      from public.sensor_baselines as baseline
      where baseline.engine_id = bounds.id and baseline.condition = (select chosen.condition from chosen)
    ),
    'gaps', (
      select coalesce(jsonb_agg(jsonb_build_array(gap.began, gap.ended) order by gap.began), '[]')
      from (
        select extract(epoch from reading.previous) as began, extract(epoch from reading."timestamp") as ended
        from reading
        where extract(epoch from reading."timestamp" - reading.previous) > 1.5 * bounds.cadence
        order by reading."timestamp" - reading.previous desc
        limit 500
      ) as gap
    )
  )
  from bounds
  cross join series
  );
end;
$function$
;

ALTER FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.histogram_bounds(measure text)
 RETURNS double precision[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select case measure
    when 'processing' then
      array[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]::double precision[]
    when 'event_lag' then
      array[1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800, 2592000]::double precision[]
  end;
$function$
;

ALTER FUNCTION "public"."histogram_bounds"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.ingest_readings(batch uuid, source text, reference text, invalid integer, all_or_none boolean, unit_numbers text[], units integer[], cycles integer[], timestamps timestamp with time zone[], altitude real[], mach_number real[], tra real[], s2 real[], s3 real[], s4 real[], s7 real[], s8 real[], s9 real[], s11 real[], s12 real[], s13 real[], s14 real[], s15 real[], s17 real[], s20 real[], s21 real[], code_version text DEFAULT NULL::text, waited interval DEFAULT NULL::interval, OUT accepted integer, OUT duplicates integer, OUT rejections jsonb)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  settings public.intake_settings%rowtype;
  accepted_until timestamptz;
  engine_ids uuid[];
  datasets text[];
  refused jsonb;
  valid integer;
  copies jsonb;
  newest timestamptz;
begin
  select * into strict settings from public.intake_settings;
  accepted_until := now() + settings.accepted_ahead;

  select array_agg(engines.id order by unit)
  into engine_ids
  from unnest(unit_numbers) with ordinality as named (unit_number, unit)
  left join public.engines using (unit_number);

  -- What the rules of this database refuse: the border cannot know them.
  select coalesce(
    jsonb_agg(jsonb_build_object('position', position - 1, 'path', path, 'reason', reason) order by position),
    '[]'
  )
  into rejections
  from (
    select position, 'timestamp' as path, format(
      'Cannot accept timestamp as it must be between %s and %s: current value is %s',
      to_char(settings.accepted_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char(accepted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ) as reason
    from unnest(timestamps) with ordinality as reading ("timestamp", position)
    where not "timestamp" between settings.accepted_from and accepted_until
    union all
    select position, 'engine_id', format(
      'Cannot accept engine_id as it must be a registered engine: current value is %s', unit_numbers[unit]
    )
    from unnest(units, timestamps) with ordinality as reading (unit, "timestamp", position)
    where engine_ids[unit] is null and settings.unknown_engines = 'reject'
      and "timestamp" between settings.accepted_from and accepted_until
  ) as refused;

  -- Ranges and nulls are checked later, unless a rule says that the intake refuses: where none does, this looks
  -- into an empty index.
  if exists (select from public.expectations where at_intake = 'reject' and active) then
    select array_agg(engines.dataset order by unit)
    into datasets
    from unnest(engine_ids) with ordinality as named (id, unit)
    left join public.engines using (id);

    select coalesce(
      jsonb_agg(jsonb_build_object('position', place - 1, 'path', path, 'reason', reason) order by place), '[]'
    )
    into refused
    from (
      select
        place,
        (array_agg(path order by column_place))[1] as path,
        string_agg(reason, '; ' order by column_place) as reason
      from public.readings_against_rules(
        array(select datasets[unit] from unnest(units) with ordinality as reading (unit, position) order by position),
        altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21
      )
      group by place
    ) as broken
    where not exists (
      select from jsonb_array_elements(rejections) as rejection where (rejection -> 'position')::bigint = place - 1
    );
    if refused <> '[]' then
      rejections := (
        select jsonb_agg(rejection order by (rejection -> 'position')::bigint)
        from jsonb_array_elements(rejections || refused) as rejection
      );
      -- a reading of no engine is left out below: it registers none and is not stored
      units := array(
        select case when rejected.position is null then unit end
        from unnest(units) with ordinality as reading (unit, position)
        left join (
          select (rejection -> 'position')::bigint + 1 as position from jsonb_array_elements(refused) as rejection
        ) as rejected using (position)
        order by position
      );
    end if;
  end if;

  valid := cardinality(units) - jsonb_array_length(rejections);
  accepted := 0;
  duplicates := 0;
  if all_or_none and (invalid > 0 or jsonb_array_length(rejections) > 0) then
    return;
  end if;

  select max("timestamp"), public.create_sensor_data_partitions(array_agg(distinct "timestamp"))
  into newest
  from unnest(timestamps) as "timestamp"
  where "timestamp" between settings.accepted_from and accepted_until;

  -- Only where an engine is new: even an insert of no rows would wait for whoever is attaching a month.
  if settings.unknown_engines = 'register' and array_position(engine_ids, null) is not null then
    insert into public.engines (unit_number)
    select unit_number
    from unnest(unit_numbers, engine_ids) with ordinality as named (unit_number, id, unit)
    where id is null
      and exists (
        select from unnest(units, timestamps) as reading (unit, "timestamp")
        where reading.unit = named.unit and "timestamp" between settings.accepted_from and accepted_until
      )
    order by unit_number
    on conflict do nothing;

    select array_agg(engines.id order by unit)
    into engine_ids
    from unnest(unit_numbers) with ordinality as named (unit_number, unit)
    left join public.engines using (unit_number);
  end if;

  -- unnest in the select list streams; in the from list it would first copy the batch into a tuplestore
  insert into public.sensor_data (
    engine_id, cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch_id
  )
  select
    engine_ids[unit], cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch
  from (
    select
      unnest(units) as unit, unnest(cycles) as cycle, unnest(timestamps) as "timestamp",
      unnest(altitude) as altitude, unnest(mach_number) as mach_number, unnest(tra) as tra,
      unnest(s2) as s2, unnest(s3) as s3, unnest(s4) as s4, unnest(s7) as s7, unnest(s8) as s8,
      unnest(s9) as s9, unnest(s11) as s11, unnest(s12) as s12, unnest(s13) as s13, unnest(s14) as s14,
      unnest(s15) as s15, unnest(s17) as s17, unnest(s20) as s20, unnest(s21) as s21
  ) as reading
  where engine_ids[unit] is not null and "timestamp" between settings.accepted_from and accepted_until
  order by engine_ids[unit], "timestamp", cycle
  on conflict do nothing;
  get diagnostics accepted = row_count;
  duplicates := valid - accepted;

  -- Whose they were is worth a look at the stored rows only where there are some, and none where all of them are.
  if duplicates > 0 then
    select jsonb_object_agg(engine_ids[unit], given - new)
    into copies
    from (
      select reading.unit, count(*) as given, count(distinct (reading."timestamp", reading.cycle)) filter (where stored.is_new) as new
      from unnest(units, cycles, timestamps) as reading (unit, cycle, "timestamp")
      left join lateral (
        select true as is_new
        from public.sensor_data
        where sensor_data.engine_id = engine_ids[reading.unit]
          and sensor_data."timestamp" = reading."timestamp" and sensor_data.cycle = reading.cycle
          and sensor_data.batch_id = batch
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as stored on accepted > 0
      where engine_ids[reading.unit] is not null
        and reading."timestamp" between settings.accepted_from and accepted_until
      group by reading.unit
    ) as counted
    where given > new;
  end if;

  insert into public.batches (
    id, source, reference, received, accepted, duplicates, rejected, code_version, duplicates_by_engine,
    newest_timestamp, processing
  )
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections), code_version, copies,
    -- the caller's clock measures what was before this call, this one the rest: they need not agree
    newest, waited + (clock_timestamp() - statement_timestamp())
  );
end;
$function$
;

ALTER FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text, interval) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.intake_samples(as_of timestamp with time zone)
 RETURNS TABLE(family text, suffix text, labels jsonb, value double precision, place bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with totals as materialized (
    select * from public.intake_totals(as_of)
  ),
  histogram as (
    select 'ingest_processing_seconds' as family, 'processing' as measure, source, processing_buckets as buckets, processing_seconds as total
    from totals
    union all
    select 'ingest_event_lag_seconds', 'event_lag', source, event_lag_buckets, event_lag_seconds
    from totals
  )
  select
    'ingest_readings_total', '', jsonb_build_object('source', totals.source, 'outcome', counted.outcome),
    counted.readings::double precision, 0
  from totals
  cross join lateral (
    values ('accepted', totals.accepted), ('duplicate', totals.duplicates), ('rejected', totals.rejected)
  ) as counted (outcome, readings)
  union all
  select 'ingest_batches_total', '', jsonb_build_object('source', totals.source), totals.batches, 0
  from totals
  union all
  select
    histogram.family, 'bucket',
    jsonb_build_object('source', histogram.source, 'le', coalesce(bounds.bound::text, '+Inf')),
    sum(bucket.amount) over (partition by histogram.family, histogram.source order by bucket.place),
    bucket.place
  from histogram
  cross join lateral unnest(histogram.buckets) with ordinality as bucket (amount, place)
  cross join lateral (select (public.histogram_bounds(histogram.measure))[bucket.place] as bound) as bounds
  union all
  select histogram.family, 'sum', jsonb_build_object('source', histogram.source), histogram.total, 0
  from histogram
  union all
  select
    histogram.family, 'count', jsonb_build_object('source', histogram.source),
    (select sum(amount) from unnest(histogram.buckets) as amount), 0
  from histogram
  union all
  select
    'source_silence_seconds', '', jsonb_build_object('source', totals.source),
    extract(epoch from as_of - totals.last_received_at), 0
  from totals
  union all
  select
    'source_reading_age_seconds', '', jsonb_build_object('source', totals.source),
    extract(epoch from as_of - totals.newest_timestamp), 0
  from totals
  union all
  -- a door that has none shows 0: an alert on what is not there never fires
  select
    'dead_letters_open', '', jsonb_build_object('source', doors.source),
    (select count(*) from public.dead_letters where replayed_at is null and dead_letters.source = doors.source), 0
  from (
    select totals.source from totals where totals.source <> 'replay'
    union
    select distinct dead_letters.source from public.dead_letters where replayed_at is null
  ) as doors
  union all
  select
    'dead_letters_oldest_age_seconds', '', '{}', extract(epoch from as_of - min(dead_letters.first_seen_at)), 0
  from public.dead_letters
  where replayed_at is null;
$function$
;

ALTER FUNCTION "public"."intake_samples"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.intake_totals(as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(source text, batches bigint, accepted bigint, duplicates bigint, rejected bigint, processing_seconds double precision, processing_buckets bigint[], event_lag_seconds double precision, event_lag_buckets bigint[], last_received_at timestamp with time zone, newest_timestamp timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
  with horizon as (
    select max(counters.until) as at from public.intake_counters as counters where counters.until <= as_of
  ),
  counted as (
    select counters.* from horizon join public.intake_counters as counters on counters.until = horizon.at
  ),
  bounds as (
    select measured.name, cardinality(limits.upper) as size, limits.upper, negative.lower
    from unnest(array['processing', 'event_lag']) as measured (name)
    cross join lateral (select public.histogram_bounds(measured.name) as upper) as limits
    -- width_bucket counts a bound to the bucket above it, and a histogram to the one below: so it looks from the other side
    cross join lateral (select array(select - bound from unnest(limits.upper) as bound order by bound desc) as lower) as negative
  ),
  since as (
    select
      batches.source,
      processing.size - width_bucket(- extract(epoch from batches.processing)::double precision, processing.lower)
        as processing_bucket,
      lag.size - width_bucket(- event_lag.seconds, lag.lower) as lag_bucket,
      count(*) as batches,
      sum(batches.accepted) as accepted,
      sum(batches.duplicates) as duplicates,
      sum(batches.rejected) as rejected,
      sum(extract(epoch from batches.processing)::double precision) as processing_seconds,
      sum(event_lag.seconds) as lag_seconds,
      max(batches.received_at) as last_received_at,
      max(batches.newest_timestamp) as newest_timestamp
    from public.batches
    join bounds as processing on processing.name = 'processing'
    join bounds as lag on lag.name = 'event_lag'
    cross join lateral (
      -- null stays null here, which greatest() would turn into 0
      select case
        when batches.newest_timestamp > batches.received_at then 0
        else extract(epoch from batches.received_at - batches.newest_timestamp)::double precision
      end as seconds
    ) as event_lag
    where batches.received_at >= coalesce((select horizon.at from horizon), '-infinity') and batches.received_at < as_of
    group by 1, 2, 3
  ),
  added as (
    select
      since.source,
      sum(since.batches) as batches,
      sum(since.accepted) as accepted,
      sum(since.duplicates) as duplicates,
      sum(since.rejected) as rejected,
      sum(since.processing_seconds) as processing_seconds,
      sum(since.lag_seconds) as lag_seconds,
      max(since.last_received_at) as last_received_at,
      max(since.newest_timestamp) as newest_timestamp
    from since
    group by since.source
  )
  select
    source,
    (coalesce(counted.batches, 0) + coalesce(added.batches, 0))::bigint,
    (coalesce(counted.accepted, 0) + coalesce(added.accepted, 0))::bigint,
    (coalesce(counted.duplicates, 0) + coalesce(added.duplicates, 0))::bigint,
    (coalesce(counted.rejected, 0) + coalesce(added.rejected, 0))::bigint,
    coalesce(counted.processing_seconds, 0) + coalesce(added.processing_seconds, 0),
    array(
      select (coalesce(counted.processing_buckets[place + 1], 0) + coalesce(
        (select sum(since.batches) from since where since.source = coalesce(counted.source, added.source) and since.processing_bucket = place), 0
      ))::bigint
      from generate_series(0, (select bounds.size from bounds where bounds.name = 'processing')) as place
      order by place
    ),
    coalesce(counted.event_lag_seconds, 0) + coalesce(added.lag_seconds, 0),
    array(
      select (coalesce(counted.event_lag_buckets[place + 1], 0) + coalesce(
        (select sum(since.batches) from since where since.source = coalesce(counted.source, added.source) and since.lag_bucket = place), 0
      ))::bigint
      from generate_series(0, (select bounds.size from bounds where bounds.name = 'event_lag')) as place
      order by place
    ),
    greatest(counted.last_received_at, added.last_received_at),
    greatest(counted.newest_timestamp, added.newest_timestamp)
  from counted
  full join added using (source)
  order by source;
$function$
;

ALTER FUNCTION "public"."intake_totals"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.operation_samples(as_of timestamp with time zone)
 RETURNS TABLE(family text, labels jsonb, value double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with latest as materialized (
    -- as pipeline_status has it: the run that began last
    select pipelines.name as pipeline, runs.state, runs.sla_missed_at
    from public.pipelines
    left join lateral (
      select candidate.state, candidate.sla_missed_at
      from public.pipeline_runs as candidate
      where candidate.pipeline = pipelines.name
      order by coalesce(candidate.started_at, '-infinity') desc, candidate.logical_time desc
      limit 1
    ) as runs on true
  ),
  succeeded as materialized (
    select pipelines.name as pipeline, runs.started_at, runs.finished_at
    from public.pipelines
    cross join lateral (
      select candidate.started_at, candidate.finished_at
      from public.pipeline_runs as candidate
      where candidate.pipeline = pipelines.name and candidate.state = 'succeeded'
      order by candidate.finished_at desc
      limit 1
    ) as runs
  ),
  queue as materialized (
    select task_runs.state, task_runs.ready_at
    from public.task_runs
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    where tasks.kind = 'queue' and task_runs.state in ('ready', 'running', 'retrying')
  )
  select 'build_info', jsonb_build_object('version', public.spool_version()), 1::double precision
  union all
  select
    'job_age_seconds', jsonb_build_object('name', jobs.name),
    extract(epoch from as_of - coalesce(jobs.last_success_at, jobs.registered_at))
  from public.jobs
  union all
  select 'job_period_seconds', jsonb_build_object('name', jobs.name), extract(epoch from jobs.period)
  from public.jobs
  union all
  select 'heartbeat_age_seconds', '{}', extract(epoch from as_of - max(minute))
  from public.heartbeats
  union all
  select
    'pipeline_run_state', jsonb_build_object('pipeline', latest.pipeline, 'state', possible.state),
    (latest.state = possible.state)::integer
  from latest
  cross join unnest(array['queued', 'running', 'succeeded', 'failed', 'cancelled']) as possible (state)
  union all
  select 'pipeline_sla_missed', jsonb_build_object('pipeline', latest.pipeline), (latest.sla_missed_at is not null)::integer
  from latest
  union all
  select
    'pipeline_run_duration_seconds', jsonb_build_object('pipeline', succeeded.pipeline),
    extract(epoch from succeeded.finished_at - succeeded.started_at)
  from succeeded
  union all
  select
    'pipeline_success_age_seconds', jsonb_build_object('pipeline', succeeded.pipeline),
    extract(epoch from as_of - succeeded.finished_at)
  from succeeded
  union all
  select
    'pipeline_period_seconds', jsonb_build_object('pipeline', pipelines.name), extract(epoch from pipelines.period)
  from public.pipelines
  union all
  select
    'queue_tasks', jsonb_build_object('state', possible.state), (select count(*) from queue where queue.state = possible.state)
  from unnest(array['ready', 'running', 'retrying']) as possible (state)
  union all
  -- 0 when nothing waits: that is what an empty queue is
  select 'queue_oldest_age_seconds', '{}', coalesce(extract(epoch from as_of - min(queue.ready_at)), 0)
  from queue
  union all
  select
    'alerts_open', jsonb_build_object('severity', severities.severity, 'state', states.state),
    (
      select count(*) from public.alerts
      where alerts.resolved_at is null and alerts.severity = severities.severity and alerts.state = states.state
    )
  from unnest(array['warning', 'fail']) as severities (severity)
  cross join unnest(array['open', 'acknowledged']) as states (state)
  union all
  select 'alert_deliveries', jsonb_build_object('state', 'pending'), count(*)
  from public.alert_deliveries
  where alert_deliveries.state = 'pending'
  union all
  select 'alert_deliveries', jsonb_build_object('state', 'dead'), count(*)
  from public.alert_deliveries
  where alert_deliveries.state = 'dead'
  union all
  select 'lineage_forwards_dead', '{}', count(*)
  from public.lineage_forwards
  where lineage_forwards.state = 'dead'
  union all
  select 'database_size_bytes', '{}', pg_database_size(current_database())
  union all
  select 'database_connections', '{}', statistics.numbackends
  from pg_catalog.pg_stat_database as statistics
  where statistics.datname = current_database()
  union all
  select 'database_connections_limit', '{}', current_setting('max_connections')::double precision;
$function$
;

ALTER FUNCTION "public"."operation_samples"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.operation_service_levels(since timestamp with time zone, until timestamp with time zone)
 RETURNS TABLE(measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with intake as (
    select
      source,
      after.batches - coalesce(before.batches, 0) as batches,
      after.processing_seconds - coalesce(before.processing_seconds, 0) as seconds,
      array(
        select amount - coalesce(before.processing_buckets[place], 0)
        from unnest(after.processing_buckets) with ordinality as bucket (amount, place)
        order by place
      ) as processing,
      array(
        select amount - coalesce(before.event_lag_buckets[place], 0)
        from unnest(after.event_lag_buckets) with ordinality as bucket (amount, place)
        order by place
      ) as event_lag
    from public.intake_totals(until) as after
    left join public.intake_totals(since) as before using (source)
    where after.batches > coalesce(before.batches, 0)
  ),
  processed as (
    -- how many batches took at most this long, of all sources together
    select limits.bound, sum(sum(bucket.amount)) over (order by limits.bound nulls last) as up_to, sum(sum(bucket.amount)) over () as measured
    from intake
    cross join lateral unnest(intake.processing) with ordinality as bucket (amount, place)
    cross join lateral (select (public.histogram_bounds('processing'))[bucket.place] as bound) as limits
    group by limits.bound
  ),
  latency as (
    select
      max(processed.measured) as measured,
      min(processed.bound) filter (where processed.up_to >= 0.95 * processed.measured) as p95,
      max(processed.up_to) filter (where processed.bound = 300) as within_target
    from processed
    where processed.measured > 0
  ),
  lagging as (
    select
      jsonb_object_agg(
        intake.source,
        jsonb_build_object(
          'batches', intake.batches,
          'processing_seconds_mean', intake.seconds / nullif((select sum(amount) from unnest(intake.processing) as amount), 0),
          'event_lag_seconds_p95_at_most', (
            select min(bounds.bound)
            from unnest(public.histogram_bounds('event_lag')) with ordinality as bounds (bound, place)
            where (select sum(amount) from unnest(intake.event_lag[:bounds.place]) as amount)
              >= 0.95 * nullif((select sum(amount) from unnest(intake.event_lag) as amount), 0)
          )
        )
      ) as sources,
      sum(intake.batches) as batches
    from intake
  ),
  check_run as (
    select
      count(*) as runs,
      max(extract(epoch from coalesce(runs.finished_at, until) - runs.started_at)) as longest,
      (array_agg(runs.id order by coalesce(runs.finished_at, until) - runs.started_at desc))[1] as slowest
    from public.check_runs as runs
    where runs.started_at > since and runs.started_at <= until
  ),
  failed_checks as (
    select count(*) as tasks
    from public.pipeline_runs as runs
    join public.task_runs as task_run on task_run.run_id = runs.id and task_run.state = 'failed'
    join public.pipeline_tasks as tasks
      on tasks.pipeline = task_run.pipeline and tasks.name = task_run.task and tasks.handler = 'task_quality'
    where runs.finished_at > since and runs.finished_at <= until
  ),
  watched as (
    -- minutes that lie whole in the time, and not before there were heartbeats at all
    select
      greatest(
        date_trunc('minute', since + interval '1 minute' - interval '1 microsecond', 'UTC'), first_beat.minute
      ) as began,
      date_trunc('minute', until, 'UTC') as ended
    from (select min(heartbeats.minute) as minute from public.heartbeats) as first_beat
    where first_beat.minute is not null
  ),
  beat as materialized (
    -- by the order of the index alone: in ninety days there are 130,000
    select
      heartbeats.minute,
      -- the last one reaches to the minute that has not passed yet
      coalesce(lead(heartbeats.minute) over (order by heartbeats.minute), (select watched.ended from watched))
      - heartbeats.minute as silence
    from public.heartbeats
    where heartbeats.minute < (select watched.ended from watched)
      -- and the one before the time, too: it may have begun in silence
      and heartbeats.minute >= coalesce(
        (select max(earlier.minute) from public.heartbeats as earlier where earlier.minute <= (select watched.began from watched)),
        (select watched.began from watched)
      )
  ),
  life as (
    select
      watched.began,
      watched.ended,
      nullif(greatest(extract(epoch from watched.ended - watched.began) / 60, 0), 0)::double precision as minutes,
      beats.alive,
      beats.longest,
      beats.outages,
      (
        select beat.minute from beat where beat.silence > interval '1 minute' order by beat.silence desc, beat.minute limit 1
      ) as longest_after
    from (
      select
        count(*) filter (where beat.minute >= (select watched.began from watched)) as alive,
        extract(epoch from max(beat.silence)) as longest,
        count(*) filter (where beat.silence > interval '1 minute') as outages
      from beat
    ) as beats
    left join watched on true
  ),
  raised as materialized (
    select event.alert_id, event.number, event.at, response.answered_at
    from public.alert_events as event
    cross join lateral (
      select least(
        (
          select min(deliveries.sent_at)
          from public.alert_deliveries as deliveries
          where deliveries.alert_id = event.alert_id and deliveries.event_number = event.number
        ),
        (
          select min(later.at)
          from public.alert_events as later
          where later.alert_id = event.alert_id and later.number > event.number
            and later.event in ('acknowledged', 'resolved')
        )
      ) as answered_at
    ) as response
    where event.event in ('opened', 'reopened', 'escalated') and not event.held_back
      and event.at > since and event.at <= until
  ),
  waited as (
    select
      raised.*,
      coalesce(raised.answered_at, 'infinity') <= until as is_answered,
      -- a clock of an observation that is ahead answers at once
      greatest(extract(epoch from least(raised.answered_at, until) - raised.at), 0) as seconds
    from raised
  ),
  response as (
    select
      count(*) as alerts,
      count(*) filter (where waited.is_answered) as answered,
      -- one that was raised a moment ago may still be answered in time
      max(waited.seconds) filter (where waited.is_answered or waited.seconds >= 300) as longest,
      percentile_cont(0.95) within group (order by waited.seconds) filter (where waited.is_answered) as p95,
      (array_agg(waited.alert_id order by waited.seconds desc))[1] as slowest
    from waited
  )
  select
    'ingestion_latency',
    -- above all bounds: what is known is that it is more than the last one
    case when latency.measured > 0 then
      coalesce(latency.p95, (select max(bound) from unnest(public.histogram_bounds('processing')) as bound))
    end,
    latency.measured > 0 and latency.p95 is null,
    case
      when lagging.batches is null then 'nothing arrived'
      else 'the batches of this time do not say how long they took'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'batches', lagging.batches,
      'batches_measured', latency.measured,
      'batches_within_target', latency.within_target,
      'above_all_bounds', nullif(latency.measured > 0 and latency.p95 is null, false),
      'sources', lagging.sources
    ))
  from latency cross join lagging
  union all
  select
    'check_duration',
    check_run.longest,
    failed_checks.tasks > 0,
    case when failed_checks.tasks > 0 then 'the checks failed, and no run of them ended' else 'the checks did not run' end,
    jsonb_strip_nulls(jsonb_build_object(
      'runs', check_run.runs, 'slowest_run', check_run.slowest, 'failed_tasks', failed_checks.tasks
    ))
  from check_run cross join failed_checks
  union all
  select
    'availability',
    life.alive / life.minutes,
    false,
    'there was no heartbeat before the end of this time, or not one whole minute after it',
    jsonb_strip_nulls(jsonb_build_object(
      'from', life.began,
      'until', life.ended,
      'minutes', life.minutes,
      'minutes_with_heartbeat', life.alive,
      'of', 'scheduler and database; not of the functions, which only somebody outside can ask'
    ))
  from life
  union all
  select
    'recovery',
    case when life.minutes is not null then life.longest end,
    false,
    'there was no heartbeat before the end of this time, or not one whole minute after it',
    jsonb_strip_nulls(jsonb_build_object(
      'outages', life.outages, 'longest_after', case when life.outages > 0 then life.longest_after end
    ))
  from life
  union all
  select
    'alert_response',
    response.longest,
    false,
    case when response.alerts = 0 then 'no alert was raised' else 'the alerts of this time have only just been raised' end,
    jsonb_strip_nulls(jsonb_build_object(
      'alerts', response.alerts,
      'answered', response.answered,
      'seconds_p95_of_the_answered', response.p95,
      'slowest_alert', response.slowest
    ))
  from response;
$function$
;

ALTER FUNCTION "public"."operation_service_levels"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prunable_assets()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select array[
    'alerts', 'anomaly_episodes', 'anomalies', 'audit_log', 'data_quality_metrics', 'check_runs', 'dead_letters', 'delivery_receipts',
    'engine_health_reports', 'heartbeats', 'intake_counters', 'lineage_events', 'lineage_forwards', 'pipeline_runs',
    'retraining_decisions', 'rul_predictions'
  ];
$function$
;

CREATE OR REPLACE FUNCTION public.prune_asset(asset text, before timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  most constant integer := 50000;
  -- a run of the checks has thousands of metrics, a run of a pipeline and an alert a few dozen rows
  most_check_runs constant integer := 100;
  most_parents constant integer := 5000;
  of_runs bigint := 0;
  deleted bigint;
begin
  case asset
    when 'alerts' then
      delete from public.alerts where ctid = any (array(
        select old.ctid
        from public.alerts as old
        where old.resolved_at < before
          and not exists (
            select from public.alert_deliveries
            where alert_deliveries.alert_id = old.id and alert_deliveries.state = 'pending'
          )
        limit most_parents
        for update skip locked
      ));
    when 'anomalies' then
      delete from public.anomalies where ctid = any (array(
        select old.ctid
        from public.anomalies as old
        where old.detected_at < before
          -- an episode is kept whole
          and not exists (
            select
            from public.anomaly_episodes as episode
            where episode.engine_id = old.engine_id and episode.detector = old.detector
              and episode.started_at <= old."timestamp" and episode.ended_at >= old."timestamp"
          )
        limit most for update skip locked
      ));
    when 'anomaly_episodes' then
      delete from public.anomaly_episodes where ctid = any (array(
        select old.ctid
        from public.anomaly_episodes as old
        where old.detected_at < before
        limit most for update skip locked
      ));
    when 'audit_log' then
      -- the log keeps what is younger by the clock, whatever moment it is asked for
      delete from public.audit_log where ctid = any (array(
        select old.ctid from public.audit_log as old
        where old.at < least(
          before, now() - make_interval(days => (select retention_days from public.data_assets where name = 'audit_log'))
        )
        limit most for update skip locked
      ));
    when 'check_runs' then
      -- their metrics go with them, so the metrics' own retention must have passed as well
      delete from public.check_runs where ctid = any (array(
        select old.ctid
        from public.check_runs as old
        where old.as_of < before
          and not exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        limit most for update skip locked
      ));
    when 'data_quality_metrics' then
      delete from public.data_quality_metrics where run_id = any (array(
        select old.id
        from public.check_runs as old
        where old.as_of < before
          and exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        order by old.as_of
        limit most_check_runs
      ));
      get diagnostics of_runs = row_count;
      delete from public.data_quality_metrics where ctid = any (array(
        select old.ctid
        from public.data_quality_metrics as old
        where old.run_id is null and old.check_timestamp < before
        limit most for update skip locked
      ));
    when 'dead_letters' then
      delete from public.dead_letters where ctid = any (array(
        select old.ctid
        from public.dead_letters as old
        where old.first_seen_at < before and coalesce(old.replayed_at, old.last_seen_at) < before
        limit most for update skip locked
      ));
    when 'delivery_receipts' then
      delete from public.delivery_receipts where ctid = any (array(
        select old.ctid
        from public.delivery_receipts as old
        where old.received_at < before
        limit most for update skip locked
      ));
    when 'engine_health_reports' then
      delete from public.engine_health_reports where ctid = any (array(
        select old.ctid
        from public.engine_health_reports as old
        where old.as_of < before
        limit most for update skip locked
      ));
    when 'heartbeats' then
      delete from public.heartbeats where ctid = any (array(
        select old.ctid from public.heartbeats as old where old.minute < before limit most for update skip locked
      ));
    when 'intake_counters' then
      delete from public.intake_counters where ctid = any (array(
        select old.ctid
        from public.intake_counters as old
        -- each moment counts from the beginning, so the newest one before stands for all that go
        where old.until < (select max(kept.until) from public.intake_counters as kept where kept.until < before)
        limit most for update skip locked
      ));
    when 'lineage_events' then
      delete from public.lineage_events where ctid = any (array(
        select old.ctid
        from public.lineage_events as old
        where old.event_time < before
        limit most for update skip locked
      ));
    when 'lineage_forwards' then
      delete from public.lineage_forwards where ctid = any (array(
        select old.ctid
        from public.lineage_forwards as old
        where old.settled_at < before
        limit most for update skip locked
      ));
    when 'pipeline_runs' then
      delete from public.pipeline_runs where ctid = any (array(
        select old.ctid
        from public.pipeline_runs as old
        where old.finished_at < before
        limit most_parents
        for update skip locked
      ));
    when 'retraining_decisions' then
      delete from public.retraining_decisions where ctid = any (array(
        select old.ctid
        from public.retraining_decisions as old
        where old.decided_at < before
        limit most for update skip locked
      ));
    when 'rul_predictions' then
      delete from public.rul_predictions where ctid = any (array(
        select old.ctid
        from public.rul_predictions as old
        where old.predicted_at < before
        limit most for update skip locked
      ));
    else
      raise exception 'Cannot prune as asset must be one of prunable_assets(): current value is %', asset
        using errcode = '22023';
  end case;
  get diagnostics deleted = row_count;
  return of_runs + deleted;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.quality_summary_between(since timestamp with time zone DEFAULT (now() - '24:00:00'::interval), until timestamp with time zone DEFAULT now())
 RETURNS TABLE(table_name text, metric_name text, column_name text, status text, metric_value double precision, threshold_min double precision, threshold_max double precision, rows_checked bigint, check_timestamp timestamp with time zone, state_since timestamp with time zone, engines_failing integer, runs_passed integer, runs_warned integer, runs_failed integer, runs_not_evaluated integer, evidence jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with verdicts as (
    select metrics.*, coalesce(metrics.column_name, '') as column_key
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.check_timestamp > since
      and metrics.check_timestamp <= until
  ),
  -- of each metric the newest run in which it was: what earlier ones said of columns that it has no rule for any more,
  -- or of having nothing to look at, is past
  newest_runs as (
    select distinct on (verdicts.table_name, verdicts.metric_name)
      verdicts.table_name, verdicts.metric_name, verdicts.run_id
    from verdicts
    where verdicts.run_id is not null
    order by verdicts.table_name, verdicts.metric_name, verdicts.check_timestamp desc, verdicts.run_id desc
  ),
  -- kinds whose rules are all switched off are not checked any more; found once, as each look at the rules takes
  -- milliseconds
  switched_off as materialized (
    select kind from public.expectations
    except
    select kind from public.effective_expectations
  ),
  latest as (
    select distinct on (verdicts.table_name, verdicts.metric_name, verdicts.column_key) verdicts.*
    from verdicts
    left join newest_runs using (table_name, metric_name)
    where (verdicts.run_id is null or verdicts.run_id = newest_runs.run_id)
      and verdicts.metric_name not in (select kind from switched_off)
    order by
      verdicts.table_name, verdicts.metric_name, verdicts.column_key, verdicts.check_timestamp desc, verdicts.id desc
  ),
  counts as (
    select
      verdicts.table_name,
      verdicts.metric_name,
      verdicts.column_key,
      (count(*) filter (where verdicts.status = 'pass'))::integer as passed,
      (count(*) filter (where verdicts.status = 'warning'))::integer as warned,
      (count(*) filter (where verdicts.status = 'fail'))::integer as failed,
      (count(*) filter (where verdicts.status = 'not_evaluated'))::integer as not_evaluated
    from verdicts
    group by verdicts.table_name, verdicts.metric_name, verdicts.column_key
  ),
  -- rules of stored readings only: those of files are the loader's
  unjudged as (
    select distinct expectations.kind, expectations.column_name
    from public.expectations
    where expectations.active
      and expectations.kind in (
        'types', 'nulls', 'range', 'cycles', 'duplicates', 'completeness', 'freshness', 'volume', 'schema',
        'conditions', 'clock', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation', 'arrival',
        'copies', 'spikes', 'levels'
      )
      and not exists (
        select
        from latest
        where latest.metric_name = expectations.kind
          and (
            expectations.column_name is null
            or latest.column_name is null
            or latest.column_name = expectations.column_name
          )
      )
  )
  select
    latest.table_name,
    latest.metric_name,
    latest.column_name,
    latest.status,
    latest.metric_value,
    latest.threshold_min,
    latest.threshold_max,
    latest.rows_checked,
    latest.check_timestamp,
    first_of_state.at,
    engines.failing,
    counts.passed,
    counts.warned,
    counts.failed,
    counts.not_evaluated,
    latest.evidence
  from latest
  join counts using (table_name, metric_name, column_key)
  -- the last verdict that was another one, however long ago, and the first one after it
  cross join lateral (
    select max(earlier.check_timestamp) as at
    from public.data_quality_metrics as earlier
    where earlier.engine_id is null
      and earlier.table_name = latest.table_name
      and earlier.metric_name = latest.metric_name
      and coalesce(earlier.column_name, '') = latest.column_key
      and earlier.check_timestamp < latest.check_timestamp
      and earlier.status <> latest.status
  ) as last_other
  cross join lateral (
    select min(same.check_timestamp) as at
    from public.data_quality_metrics as same
    where same.engine_id is null
      and same.table_name = latest.table_name
      and same.metric_name = latest.metric_name
      and coalesce(same.column_name, '') = latest.column_key
      and same.check_timestamp > coalesce(last_other.at, '-infinity')
      and same.check_timestamp <= latest.check_timestamp
      and same.status = latest.status
  ) as first_of_state
  -- a verdict on one column says itself how many engines fail it: an engine's verdict is on all its columns
  cross join lateral (
    select case jsonb_typeof(latest.evidence -> 'broken_engines')
      when 'number' then coalesce(latest.evidence ->> 'failing_count', latest.evidence ->> 'broken_engines')::integer
      else (
        select count(distinct failing.engine_id)::integer
        from public.data_quality_metrics as failing
        where failing.run_id = latest.run_id
          and failing.engine_id is not null
          and failing.metric_name = latest.metric_name
          and coalesce(failing.column_name, '') = latest.column_key
          and failing.status in ('warning', 'fail')
      )
    end as failing
  ) as engines
  union all
  select
    'sensor_data',
    unjudged.kind,
    unjudged.column_name,
    'not_evaluated',
    null,
    null,
    null,
    null,
    null,
    before.at,
    0,
    0,
    0,
    0,
    0,
    jsonb_build_object('reason', 'No run in this time has judged it', 'last_judged_at', before.at)
  from unjudged
  cross join lateral (
    select max(metrics.check_timestamp) as at
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.metric_name = unjudged.kind
      and (
        unjudged.column_name is null or metrics.column_name is null or metrics.column_name = unjudged.column_name
      )
      and metrics.check_timestamp <= since
  ) as before
  order by 1, 2, 3 nulls first
$function$
;

CREATE OR REPLACE FUNCTION public.record_heartbeat(as_of timestamp with time zone DEFAULT now())
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  this_minute constant timestamptz := date_trunc('minute', as_of, 'UTC');
begin
  insert into public.heartbeats (minute) values (this_minute) on conflict do nothing;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = 'alive'
  where name = 'spool-heartbeat';
  return this_minute;
end;
$function$
;

ALTER FUNCTION "public"."record_heartbeat"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_readable(assets text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  hidden text;
begin
  select string_agg(asset, ', ' order by asset)
  into hidden
  from unnest(assets) as asset
  where not public.may_read(asset);
  if hidden is not null then
    raise exception 'permission denied for %', hidden
      using errcode = '42501', hint = 'data_assets.classification says which clearance each of them needs.';
  end if;
end;
$function$
;

ALTER FUNCTION "public"."require_readable"(text[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.service_levels(since timestamp with time zone DEFAULT (now() - '24:00:00'::interval), until timestamp with time zone DEFAULT now())
 RETURNS TABLE(measure text, status text, value double precision, operator text, target double precision, unit text, reason text, evidence jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  perform public.require_readable(array[
    'alert_deliveries', 'alert_events', 'alerts', 'batches', 'check_runs', 'data_quality_metrics', 'heartbeats', 'intake_counters',
    'model_settings', 'models', 'pipeline_runs', 'pipeline_tasks', 'task_runs'
  ]);
  if since is null or until is null or not isfinite(since) or not isfinite(until) or since >= until then
    raise exception 'Cannot measure the service levels as since must be a moment before until: current value is %',
      coalesce(since::text, 'null')
      using errcode = '22023';
  end if;
  return query
  select
    levels.measure,
    case
      when found.is_broken then 'missed'
      when found.value is null then 'not_measured'
      when case levels.operator
        when '>' then found.value > levels.target
        when '<' then found.value < levels.target
        else found.value >= levels.target
      end then 'met'
      else 'missed'
    end,
    found.value,
    levels.operator,
    levels.target,
    levels.unit,
    case when found.value is null then found.reason end,
    coalesce(found.evidence, '{}')
  from (
    values
      (1, 'completeness', '>', 0.98::double precision, 'ratio'),
      (2, 'accuracy', '>', 0.99, 'ratio'),
      (3, 'schema_compliance', '>=', 1, 'ratio'),
      (4, 'anomaly_detection_accuracy', '>', 0.9, 'ratio'),
      (5, 'ingestion_latency', '<', 300, 'seconds'),
      (6, 'check_duration', '<', 600, 'seconds'),
      (7, 'availability', '>', 0.995, 'ratio'),
      (8, 'recovery', '<', 900, 'seconds'),
      (9, 'alert_response', '<', 300, 'seconds'),
      (10, 'lineage', '>=', 1, 'ratio')
  ) as levels (place, measure, operator, target, unit)
  left join (
    select * from public.data_service_levels(since, until)
    union all
    select * from public.detection_service_level()
    union all
    select * from public.operation_service_levels(since, until)
  ) as found on found.measure = levels.measure
  order by levels.place;
end;
$function$
;

ALTER FUNCTION "public"."service_levels"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.service_metrics(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
begin
  perform public.require_readable(array[
    'alert_deliveries', 'alerts', 'anomaly_episodes', 'batches', 'check_runs', 'data_quality_metrics', 'dead_letters', 'engines',
    'heartbeats', 'intake_counters', 'jobs', 'lake_objects', 'lineage_forwards', 'models', 'pipeline_runs', 'pipeline_tasks',
    'pipelines', 'sensor_data_days', 'task_runs', 'unscored_readings'
  ]);
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object('family', family, 'suffix', suffix, 'labels', labels, 'value', value)
        -- the samples of one histogram must stand together, its buckets in order
        order by family, labels - 'le', suffix, place, labels
      ),
      '[]'
    )
    from (
      select family, suffix, labels, value, place from public.intake_samples(as_of)
      union all
      select family, '', labels, value, 0 from public.data_samples(as_of)
      union all
      select family, '', labels, value, 0 from public.operation_samples(as_of)
    ) as sample
    where value is not null
  );
end;
$function$
;

ALTER FUNCTION "public"."service_metrics"(timestamp with time zone) OWNER TO "postgres";

ALTER TABLE "public"."batches" ADD CONSTRAINT "batches_processing_check" CHECK ((processing >= '00:00:00'::interval));

CREATE POLICY "heartbeats_read" ON "public"."heartbeats" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('heartbeats'::text) AS may_read));

CREATE POLICY "intake_counters_read" ON "public"."intake_counters" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('intake_counters'::text) AS may_read));

COMMENT ON COLUMN "public"."batches"."newest_timestamp" IS 'Time of the newest reading that it brought (UTC), duplicates included; null where none was acceptable, and of versions before 0.7, which did not say.';

COMMENT ON COLUMN "public"."batches"."processing" IS 'From the arrival of the request at the door to this row: reading, validating, waiting for a connection, storing; all but the commit. Null where the caller does not say, such as versions before 0.7.';

COMMENT ON COLUMN "public"."heartbeats"."minute" IS 'Start of the minute (UTC).';

COMMENT ON COLUMN "public"."intake_counters"."accepted" IS 'Readings that became rows of sensor_data.';

COMMENT ON COLUMN "public"."intake_counters"."batches" IS 'Batches that were stored.';

COMMENT ON COLUMN "public"."intake_counters"."duplicates" IS 'Valid readings that were stored already.';

COMMENT ON COLUMN "public"."intake_counters"."event_lag_buckets" IS 'How many batches came how long after their newest reading: by histogram_bounds(''event_lag''), like processing_buckets.';

COMMENT ON COLUMN "public"."intake_counters"."event_lag_seconds" IS 'Sum, in seconds, of the times from a batch''s newest reading to its arrival; a clock that is ahead counts as 0.';

COMMENT ON COLUMN "public"."intake_counters"."last_received_at" IS 'When the last of the batches was received (UTC).';

COMMENT ON COLUMN "public"."intake_counters"."newest_timestamp" IS 'Time of the newest of their readings (UTC); null where no batch says.';

COMMENT ON COLUMN "public"."intake_counters"."processing_buckets" IS 'How many batches were processed in how long: one number for each of histogram_bounds(''processing''), not added up, and one for those that took longer.';

COMMENT ON COLUMN "public"."intake_counters"."processing_seconds" IS 'Sum of batches.processing, in seconds, of the batches that have one.';

COMMENT ON COLUMN "public"."intake_counters"."rejected" IS 'Readings that were not accepted, each time that they came.';

COMMENT ON COLUMN "public"."intake_counters"."source" IS 'Door the batches came through; batches.source.';

COMMENT ON COLUMN "public"."intake_counters"."until" IS 'Batches that were received before this moment are counted (UTC).';

COMMENT ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) IS 'What has arrived and how long it was on the way, in slots of time, with what came through each door.';

COMMENT ON FUNCTION "public"."check_history"(timestamp with time zone, timestamp with time zone) IS 'How each check has stood, verdict by verdict, oldest first; the same as GET /quality/history.';

COMMENT ON FUNCTION "public"."count_intake"(timestamp with time zone) IS 'Job spool-intake: writes what the intake has done so far into intake_counters, up to a moment before which nothing is open.';

COMMENT ON FUNCTION "public"."data_samples"(timestamp with time zone) IS 'Part of service_metrics: what the checks, the models, the lake and the partitions say.';

COMMENT ON FUNCTION "public"."data_service_levels"(timestamp with time zone, timestamp with time zone) IS 'Part of service_levels: completeness, accuracy, schema compliance and lineage, by what the checks found in a stretch of time.';

COMMENT ON FUNCTION "public"."detection_service_level"() IS 'Part of service_levels: balanced accuracy of the detector in use, by the evaluation stored with the models.';

COMMENT ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) IS 'Readings of an engine for a chart: least and greatest values of each sensor in at most so many slots, with conditions, baselines and gaps.';

COMMENT ON FUNCTION "public"."histogram_bounds"(text) IS 'Upper bounds, in seconds, of the buckets that intake_counters counts processing and event_lag by.';

COMMENT ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text, interval) IS 'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';

COMMENT ON FUNCTION "public"."intake_samples"(timestamp with time zone) IS 'Part of service_metrics: what comes in, how fast, and what could not be accepted.';

COMMENT ON FUNCTION "public"."intake_totals"(timestamp with time zone) IS 'What the intake has done from the beginning to a moment, by source; only the batches of the last minutes are read.';

COMMENT ON FUNCTION "public"."operation_samples"(timestamp with time zone) IS 'Part of service_metrics: jobs, pipelines, the queue, alerts and the database.';

COMMENT ON FUNCTION "public"."operation_service_levels"(timestamp with time zone, timestamp with time zone) IS 'Part of service_levels: ingestion latency, duration of the checks, availability, recovery and alert response in a stretch of time.';

COMMENT ON FUNCTION "public"."record_heartbeat"(timestamp with time zone) IS 'Job spool-heartbeat: notes that in this minute the scheduler runs and the database can write.';

COMMENT ON FUNCTION "public"."require_readable"(text[]) IS 'Raises insufficient_privilege unless the caller''s clearance includes all of some assets.';

COMMENT ON FUNCTION "public"."service_levels"(timestamp with time zone, timestamp with time zone) IS 'The service levels of the product over a stretch of time, each with target, value, status and evidence; what was not measured says why.';

COMMENT ON FUNCTION "public"."service_metrics"(timestamp with time zone) IS 'Samples for monitoring: intake, checks, jobs, pipelines, lake, alerts, models and database, in one answer; reads no readings.';

COMMENT ON TABLE "public"."heartbeats" IS 'Minutes in which the scheduler ran and the database could write; a minute without a row counts as not available.';

COMMENT ON TABLE "public"."intake_counters" IS 'What the intake has done since the beginning, by source, as of moments ten minutes apart; intake_totals adds what has come since. Written by count_intake.';

REVOKE ALL ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."check_history"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."check_history"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."count_intake"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."data_samples"(timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."data_samples"(timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."data_service_levels"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."data_service_levels"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) FROM "authenticated";

GRANT EXECUTE ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) FROM "service_role";

GRANT EXECUTE ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) TO "service_role";

REVOKE ALL ON FUNCTION "public"."detection_service_level"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."detection_service_level"() TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."histogram_bounds"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."histogram_bounds"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."intake_samples"(timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."intake_samples"(timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."intake_totals"(timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."intake_totals"(timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."operation_samples"(timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."operation_samples"(timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."operation_service_levels"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."operation_service_levels"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_heartbeat"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_readable"(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."require_readable"(text[]) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."service_levels"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."service_levels"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."service_metrics"(timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."service_metrics"(timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."spool_version"() FROM "anon";

GRANT EXECUTE ON FUNCTION "public"."spool_version"() TO "anon";

REVOKE ALL ON FUNCTION "public"."value_columns"() FROM "authenticated";

GRANT EXECUTE ON FUNCTION "public"."value_columns"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."value_columns"() FROM "service_role";

GRANT EXECUTE ON FUNCTION "public"."value_columns"() TO "service_role";

GRANT SELECT ON TABLE "public"."heartbeats" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."intake_counters" TO "authenticated", "service_role";

-- sql/80_policies/function_access.sql
-- Postgres lets everybody execute a new function. Nobody may here; who should is granted by name. Functions
-- that write are for the database's owner: edge functions connect as it, and jobs run as it.
do $$
declare
  routine regprocedure;
begin
  foreach routine in array (
    select array_agg(oid::regprocedure)
    from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace
      and proname in (
        -- sensor data
        'create_sensor_data_partitions',
        'fill_sensor_data_partition_gaps',
        'maintain_sensor_data_partitions',
        'sensor_data_partition_report',
        'value_columns',
        'watch_sensor_data_writes',
        -- intake
        'ingest_readings',
        'readings_against_rules',
        'record_dead_letters',
        -- summaries
        'quality_summary_between',
        -- expectations
        'expectation_verdict',
        'export_expectation_suite',
        'import_expectation_suite',
        'read_great_expectation',
        'record_expectation_version',
        'stamp_expectation',
        'validate_expectation',
        -- anomalies
        'note_unscored_readings',
        'observe_anomalies',
        'recent_anomalies',
        'record_anomalies',
        'renew_anomaly_episodes',
        'take_unscored_readings',
        -- quality
        'baseline_references',
        'check_arrival',
        'check_clock',
        'check_completeness',
        'check_conditions',
        'check_copies',
        'check_cycles',
        'check_drift',
        'check_duplicates',
        'check_fleet_drift',
        'check_freshness',
        'check_levels',
        'check_nulls',
        'check_range',
        'check_rejected',
        'check_retraining',
        'observe_retraining_hook',
        'retraining_criteria',
        'retraining_hook_note',
        'check_schema',
        'check_spikes',
        'check_stuck',
        'check_types',
        'check_volume',
        'comparable_baselines',
        'declare_schema',
        'engine_windows',
        'engines_to_compare',
        'fleet_drift',
        'fleet_fingerprint',
        'forget_rollups',
        'hourly_readings',
        'judge_columns',
        'judge_drift',
        'judge_engines',
        'ks_p_value',
        'ks_statistic',
        'last_readings',
        'learn_baselines',
        'learn_wear_signatures',
        'live_columns',
        'measure_drift',
        'measure_hours',
        'measure_shifts',
        'measure_window_drift',
        'milliseconds_since',
        'missed_readings',
        'note_rule_change',
        'note_sensor_data_change',
        'observe_checks',
        'prune_rollups',
        'report_engine_health',
        'roll_up_readings',
        'run_check',
        'run_checks',
        'run_drift',
        'run_fleet_drift',
        'wear_of',
        -- alerts
        'acknowledge_alert',
        'activate_alert_channels',
        'alert_changes',
        'observe_alerts',
        'record_alert_events',
        'release_held_back_alerts',
        'require_alert_observations',
        'require_open_alert',
        'resolve_alert',
        'retry_delivery',
        -- models
        'engines_to_predict',
        -- lake
        'forget_lake_objects',
        'lake_objects_to_verify',
        'note_lake_verification',
        'observe_lake_objects',
        'record_lake_object',
        'days_to_archive',
        'forget_empty_day',
        'keep_archived_day',
        'raise_day_versions',
        'hash_reading',
        'sensor_data_digest',
        -- lineage
        'abort_lost_runs',
        'batch_input',
        'check_assertions',
        'find_lineage',
        'lineage_coverage',
        'lineage_graph',
        'lineage_to_forward',
        'openlineage_datasets',
        'openlineage_event',
        'openlineage_facets',
        'reading_lineage',
        'settle_forwarding',
        'spool_version',
        'task_datasets',
        'task_lineage',
        -- catalogue
        'asset_columns',
        'find_assets',
        'lake_listing',
        'lake_object_contents',
        'record_asset_schema',
        -- charts
        'arrivals',
        'check_history',
        'engine_series',
        -- retention
        'archive_fault',
        'close_months',
        'due_months',
        'month_refusal',
        'prunable_assets',
        'prune_asset',
        'prune_history',
        'refuse_month',
        'require_retention_acts',
        'retire_months',
        'task_close_months',
        'task_retention',
        'unarchived_day',
        -- access
        'classification_acts',
        'grant_to_strangers',
        'may_read',
        -- audit
        'audit_actor',
        'audit_change',
        'keep_audit_log',
        'record_audit',
        -- pipeline
        'advance_pipelines',
        'backfill_pipeline',
        'cancel_overdue_tasks',
        'cancel_run',
        'cancel_sql_task',
        'claim_sql_task',
        'claim_task',
        'complete_task',
        'end_task_attempt',
        'extend_lease',
        'fail_task',
        'is_transient_sqlstate',
        'make_pipeline_run',
        'pipeline_tick',
        'require_acyclic_tasks',
        'require_task_handler',
        'rerun_task',
        'retry_delay',
        'run_sql_task',
        'schedule_pipeline_runs',
        'settle_pipeline_run',
        'start_pipeline_run',
        'task_health_report',
        'task_quality',
        'task_retraining_check',
        'wake_worker',
        'watch_jobs',
        -- monitoring
        'count_intake',
        'data_samples',
        'data_service_levels',
        'detection_service_level',
        'histogram_bounds',
        'intake_samples',
        'intake_totals',
        'operation_samples',
        'operation_service_levels',
        'record_heartbeat',
        'require_readable',
        'service_levels',
        'service_metrics'
      )
  ) loop
    execute format('revoke all on routine %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;
grant execute on function public.expectation_verdict(double precision, double precision, double precision, text),
  public.export_expectation_suite(text) to authenticated, service_role;
grant execute on function public.quality_summary_between(timestamptz, timestamptz) to authenticated, service_role;
-- anomalies
grant execute on function public.recent_anomalies(text, integer) to authenticated, service_role;
-- charts
grant execute on function public.arrivals(integer, integer, timestamptz), public.check_history(timestamptz, timestamptz),
  public.engine_series(text, timestamptz, timestamptz, integer, integer) to authenticated, service_role;
-- policies and views call it with the rights of whoever reads
grant execute on function public.may_read(text) to anon, authenticated, service_role;
-- the trigger of expectations runs as whoever changes a rule
grant execute on function public.audit_actor() to service_role;
-- lineage: what the view lineage calls must be callable by whoever reads it
grant execute on function public.batch_input(text, text), public.check_assertions(bigint), public.task_datasets(text),
  public.openlineage_datasets(jsonb, text, text, timestamptz), public.openlineage_facets(jsonb, text),
  public.openlineage_event(text, text, timestamptz, text, uuid, text, text),
  public.find_lineage(text, uuid, text, timestamptz, timestamptz, text, integer),
  public.reading_lineage(text, integer, timestamptz), public.lineage_coverage(interval, timestamptz),
  public.lineage_graph(timestamptz, timestamptz), public.spool_version() to authenticated, service_role;
-- catalogue
grant execute on function public.asset_columns(text), public.find_assets(text, text, text, text, text),
  public.lake_listing(text, text, integer), public.lake_object_contents(text) to authenticated, service_role;
-- whoever edits the catalogue is told by it which retention would not act
grant execute on function public.prunable_assets() to authenticated, service_role;
-- monitoring: what service_levels and service_metrics call must be callable by whoever calls them
grant execute on function public.service_levels(timestamptz, timestamptz), public.service_metrics(timestamptz),
  public.data_service_levels(timestamptz, timestamptz), public.detection_service_level(),
  public.operation_service_levels(timestamptz, timestamptz), public.intake_samples(timestamptz),
  public.data_samples(timestamptz), public.operation_samples(timestamptz), public.intake_totals(timestamptz),
  public.histogram_bounds(text), public.require_readable(text[]), public.days_to_archive(timestamptz, integer),
  public.value_columns() to authenticated, service_role;
-- readiness is asked without a key: what is behind the publishable key must say whether it fits the functions
grant execute on function public.spool_version() to anon;

-- sql/80_policies/table_access.sql
-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           reads what is classified public in data_assets, which at first is nothing
-- authenticated  reads what is not classified higher than the user's clearance: the policies decide, by may_read
-- service_role   reads everything and writes what is edited; bypasses row-level security by its own attribute
--
-- Each statement can run again: this file is part of every migration that changes it, because what an older project
-- grants by default cannot be seen in the difference of two new ones.
do $$
declare
  relation regclass;
  name text;
  is_table boolean;
  identity_sequence text;
begin
  foreach relation in array array[
    -- readings
    'public.engines',
    'public.sensor_data',
    'public.training_data',
    -- intake
    'public.batches',
    'public.dead_letters',
    'public.delivery_receipts',
    'public.intake_settings',
    'public.stream_checkpoints',
    'public.stream_readers',
    -- expectations
    'public.classified_readings',
    'public.effective_expectations',
    'public.expectation_versions',
    'public.expectations',
    'public.operating_conditions',
    'public.reading_bounds',
    -- quality
    'public.anomalies',
    'public.anomaly_episodes',
    'public.unscored_readings',
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
    'public.sensor_modules',
    'public.declared_columns',
    'public.engine_cadences',
    'public.reading_rollups',
    'public.rollup_horizon',
    'public.sensor_data_changes',
    'public.sensor_values',
    'public.wear_signatures',
    'public.data_quality_metrics',
    'public.engine_baselines',
    'public.quality_settings',
    'public.sensor_baselines',
    'public.sensor_drift',
    -- alerts
    'public.alert_channels',
    'public.alert_deliveries',
    'public.alert_events',
    'public.alert_settings',
    'public.alerts',
    'public.open_alerts',
    -- models
    'public.model_settings',
    'public.engine_predictions',
    'public.latest_predictions',
    'public.models',
    'public.prediction_accuracy',
    'public.prediction_errors',
    'public.rul_predictions',
    -- pipeline
    'public.pipeline_runs',
    'public.pipeline_status',
    'public.pipeline_task_dependencies',
    'public.pipeline_tasks',
    'public.pipelines',
    'public.task_attempts',
    'public.task_runs',
    -- lake, lineage, catalogue, audit
    'public.asset_schema_changes',
    'public.asset_schemas',
    'public.audit_log',
    'public.catalog_assets',
    'public.data_assets',
    'public.lake_object_batches',
    'public.lake_objects',
    'public.lineage',
    'public.lineage_events',
    'public.lineage_forwarding',
    'public.lineage_forwards',
    'public.retired_months',
    'public.sensor_data_days',
    -- jobs
    'public.jobs',
    -- monitoring
    'public.heartbeats',
    'public.intake_counters',
    -- views of quality
    'public.engine_health',
    'public.fleet_health',
    'public.quality_summary'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to authenticated, service_role', relation);
    -- an identity column's sequence needs no grant, and whoever holds one could wind it forward or back
    for identity_sequence in
      select pg_get_serial_sequence(relation::text, attname)
      from pg_catalog.pg_attribute
      where attrelid = relation and attidentity <> ''
    loop
      execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role', identity_sequence
      );
    end loop;
    -- a view has no policies: its definition asks may_read, and its caller needs the rights on its tables as well
    select relname, relkind in ('r', 'p') into name, is_table from pg_catalog.pg_class where oid = relation;
    if is_table then
      execute format('alter table %s enable row level security', relation);
      execute format('drop policy if exists %I on %s', name || '_read', relation);
      execute format(
        'create policy %I on %s for select to anon, authenticated using ((select public.may_read(%L)))',
        name || '_read', relation, name
      );
    end if;
    perform public.grant_to_strangers(name);
  end loop;
end;
$$;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions, public.sensor_modules to service_role;
grant update on public.intake_settings, public.model_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;

-- sql/90_jobs/pipeline_jobs.sql
-- pg_net calls the function worker, with a key that Vault keeps. Without them tasks of the queue wait until somebody
-- else calls it, and fail when nobody does, which the job spool-worker says each time in jobs.last_result.
do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net;
  end if;
exception when others then
  raise notice 'pg_net is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

do $$
begin
  if to_regnamespace('vault') is null then
    create extension supabase_vault cascade;
  end if;
exception when others then
  raise notice 'Vault is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

-- The jobs of the pipelines, handed to pg_cron. The checks have no job of their own: the pipeline hourly runs them, so
-- that what follows from them runs after them. Where pg_cron is not installed the schema still works, and says so.
do $$
declare
  job record;
begin
  for job in
    select *
    from (
      values
        (
          'spool-pipeline', '* * * * *', interval '1 minute', 'call public.pipeline_tick()',
          'Makes the pipeline runs that are due and runs their sql tasks.'
        ),
        (
          'spool-timeouts', '* * * * *', interval '1 minute', 'select public.cancel_overdue_tasks()',
          'Cancels sql tasks that have run longer than their timeout.'
        ),
        (
          'spool-worker', '* * * * *', interval '1 minute', 'select public.wake_worker()',
          'Calls the function worker when it has tasks, alerts to deliver or lineage to forward.'
        ),
        (
          'spool-retention', '47 * * * *', interval '1 hour', 'select public.prune_history()',
          'Deletes history that is older than data_assets.retention_days says.'
        ),
        (
          'spool-heartbeat', '* * * * *', interval '1 minute', 'select public.record_heartbeat()',
          'Notes that the scheduler runs and the database can write.'
        ),
        (
          'spool-intake', '*/10 * * * *', interval '10 minutes', 'select public.count_intake()',
          'Writes what the intake has done so far into its counters.'
        ),
        (
          'spool-watch', '*/10 * * * *', interval '10 minutes', 'select public.watch_jobs()',
          'Raises alerts about jobs that have stopped and pipelines that failed or were late.'
        )
    ) as jobs (name, schedule, period, command, description)
  loop
    insert into public.jobs (name, schedule, period, description)
    values (job.name, job.schedule, job.period, job.description)
    on conflict (name) do update
    set schedule = excluded.schedule, period = excluded.period, description = excluded.description;

    if to_regnamespace('cron') is null then
      raise notice 'pg_cron is not installed: nothing runs % by itself', job.command;
    else
      perform cron.schedule(job.name, job.schedule, job.command);
    end if;
  end loop;
end;
$$;

-- sql/90_jobs/standard_assets.sql
-- The catalogue of what is in public and in the lake. What somebody has changed stays, all but schema_version: that is
-- raised here, in the release that changes the asset's columns, and never goes down. Descriptions of tables and views are
-- their comments, so that there are no two.
--
-- sources, transforms and consumers are names of assets; NAME() of functions in SQL; /NAME of edge functions;
-- deno task NAME; and whatever is outside, after "outside: ". A test looks whether they exist.
insert into public.data_assets (
  name, kind, description, owner, classification, quality_level, schema_version, retention_days, tags, sources, transforms,
  consumers
)
select
  name,
  kind,
  coalesce(description, obj_description(to_regclass('public.' || name), 'pg_class')),
  owner,
  classification,
  quality_level,
  schema_version,
  retention_days,
  tags,
  sources,
  transforms,
  consumers
from (
  values
    -- readings
    ('engines', 'table', null::text, 'data-engineering', 'internal', 'silver', 1, null::integer,
      '{engines}'::text[], '{"outside: NASA C-MAPSS files", "outside: senders of readings"}'::text[], '{"deno task load", ingest_readings()}'::text[], '{/quality, "outside: people in Studio"}'::text[]),
    ('sensor_data', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
      '{readings, sensors}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream", dead_letters}', '{ingest_readings()}', '{run_checks(), /worker, /quality}'),
    ('training_data', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{readings, labels, rul, training}', '{engines, sensor_data}', '{}', '{"deno task export", "outside: models"}'),
    ('classified_readings', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, conditions}', '{operating_conditions, sensor_data}', '{}', '{run_checks()}'),
    ('sensor_values', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, sensors}', '{classified_readings}', '{}', '{learn_baselines()}'),
    ('sensor_data_changes', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
      '{readings, bookkeeping}', '{sensor_data}', '{note_sensor_data_change()}', '{roll_up_readings()}'),
    ('sensor_data_days', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, bookkeeping}', '{sensor_data_changes}', '{raise_day_versions()}', '{days_to_archive(), lineage_coverage()}'),
    -- intake
    ('batches', 'table', null, 'data-engineering', 'internal', 'silver', 3, null,
      '{intake, lineage}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream"}', '{ingest_readings()}', '{reading_lineage(), lineage_coverage()}'),
    ('dead_letters', 'table', null, 'data-engineering', 'confidential', 'bronze', 1, 365,
      '{intake, rejected}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream"}', '{record_dead_letters()}', '{"deno task dead-letters", /quality}'),
    ('delivery_receipts', 'table', null, 'data-engineering', 'internal', 'bronze', 1, 3,
      '{intake, streaming}', '{"outside: Kinesis stream"}', '{/kinesis}', '{/kinesis}'),
    ('intake_settings', 'table', null, 'operations', 'confidential', 'silver', 1, null,
      '{intake, settings}', '{"outside: people in Studio"}', '{}', '{ingest_readings()}'),
    ('stream_checkpoints', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{streaming, bookkeeping}', '{"outside: Kinesis stream"}', '{"deno task deliver"}', '{"deno task deliver"}'),
    ('stream_readers', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{streaming, bookkeeping}', '{"outside: Kinesis stream"}', '{"deno task deliver"}', '{"deno task deliver"}'),
    -- expectations
    ('expectations', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules, settings}', '{"outside: people in Studio"}', '{import_expectation_suite()}', '{"deno task expectations", "deno task load", ingest_readings()}'),
    ('expectation_versions', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules, history}', '{expectations}', '{record_expectation_version()}', '{"outside: people in Studio"}'),
    ('effective_expectations', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules}', '{engines, expectations, operating_conditions}', '{}', '{run_checks()}'),
    ('reading_bounds', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules}', '{effective_expectations, engines, expectations, operating_conditions}', '{}', '{run_checks()}'),
    ('operating_conditions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{conditions, settings}', '{"outside: NASA C-MAPSS files", "outside: people in Studio"}', '{}', '{run_checks()}'),
    -- quality
    ('check_runs', 'table', null, 'data-engineering', 'internal', 'gold', 1, 90,
      '{quality, checks}', '{sensor_data, expectations}', '{run_checks()}', '{/quality}'),
    ('data_quality_metrics', 'table', null, 'data-engineering', 'internal', 'gold', 1, 90,
      '{quality, checks, metrics}', '{sensor_data, expectations, reading_rollups}', '{run_checks(), task_lineage()}', '{/quality}'),
    ('quality_summary', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, checks, dashboard}', '{data_quality_metrics, expectations}', '{quality_summary_between()}', '{"outside: people in Studio"}'),
    ('quality_settings', 'table', null, 'operations', 'internal', 'silver', 2, null,
      '{quality, settings}', '{"outside: people in Studio"}', '{}', '{run_checks()}'),
    ('declared_columns', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, schema, bookkeeping}', '{"outside: migrations"}', '{declare_schema()}', '{check_schema()}'),
    ('reading_rollups', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
      '{quality, readings, rollups}', '{sensor_data}', '{roll_up_readings()}', '{run_checks()}'),
    ('rollup_horizon', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, rollups, bookkeeping}', '{reading_rollups}', '{prune_rollups()}', '{roll_up_readings()}'),
    ('engine_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines, sensors}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_drift', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, sensors}', '{sensor_data, sensor_baselines, wear_signatures}', '{run_drift()}', '{/quality}'),
    ('wear_signatures', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, wear}', '{sensor_data, sensor_baselines, engines}', '{learn_wear_signatures()}', '{run_drift()}'),
    ('unscored_readings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{anomalies, bookkeeping}', '{sensor_data_changes}', '{note_unscored_readings()}', '{/worker}'),
    ('anomalies', 'table', null, 'data-science', 'internal', 'gold', 2, 365,
      '{anomalies, readings}', '{models, sensor_data, sensor_baselines, unscored_readings}', '{/worker, record_anomalies()}', '{/quality}'),
    ('anomaly_episodes', 'table', null, 'data-science', 'internal', 'gold', 1, 365,
      '{anomalies, episodes}', '{anomalies, sensor_data}', '{renew_anomaly_episodes()}', '{/quality}'),
    ('engine_health', 'view', null, 'operations', 'internal', 'gold', 2, null,
      '{engines, health, dashboard}', '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}', '{}', '{/quality}'),
    ('fleet_health', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{engines, health, dashboard}', '{engine_health, engines}', '{}', '{/quality}'),
    ('sensor_modules', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{engines, health, settings}', '{"outside: people in Studio"}', '{}', '{"outside: people in Studio"}'),
    ('engine_health_reports', 'table', null, 'operations', 'internal', 'gold', 2, 90,
      '{engines, health, history}', '{engine_health}', '{report_engine_health(), task_health_report()}', '{"outside: people in Studio"}'),
    ('engine_cadences', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{engines, completeness}', '{engine_baselines, engines}', '{}', '{run_checks()}'),
    ('retraining_decisions', 'table', null, 'data-science', 'internal', 'gold', 2, null,
      '{models, decisions}', '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}', '{check_retraining(), task_retraining_check(), /worker}', '{/quality, /worker}'),
    ('models', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models}', '{sensor_data, engines, sensor_baselines}', '{"deno task train"}', '{/worker}'),
    ('model_settings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{models, settings}', '{"outside: people in Studio"}', '{}', '{/worker, check_retraining()}'),
    ('rul_predictions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models, predictions, rul}', '{models, sensor_data, "outside: models"}', '{/quality, /worker}', '{/quality}'),
    ('latest_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul, dashboard}', '{engines, model_settings, models, rul_predictions}', '{}', '{/quality}'),
    ('prediction_errors', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engine_predictions}', '{}', '{prediction_accuracy, check_retraining()}'),
    ('engine_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engines, models, rul_predictions}', '{}', '{/quality, prediction_errors}'),
    ('prediction_accuracy', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{prediction_errors}', '{}', '{/quality, "outside: people in Studio"}'),
    -- alerts
    ('alerts', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{alerts}', '{anomalies, data_quality_metrics, jobs, pipeline_runs, retraining_decisions}', '{observe_alerts()}', '{/quality}'),
    ('open_alerts', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{alerts, dashboard}', '{alerts, alert_deliveries}', '{}', '{"outside: people in Studio"}'),
    ('alert_events', 'table', null, 'operations', 'internal', 'gold', 1, null,
      '{alerts, history}', '{alerts}', '{record_alert_events()}', '{/worker}'),
    ('alert_deliveries', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, outbox}', '{alert_events, alert_channels}', '{record_alert_events()}', '{/worker}'),
    ('alert_channels', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, settings}', '{"outside: people in Studio"}', '{activate_alert_channels()}', '{/worker}'),
    ('alert_settings', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, settings}', '{"outside: people in Studio"}', '{}', '{observe_alerts()}'),
    -- pipeline
    ('pipelines', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{schedule_pipeline_runs()}', '{schedule_pipeline_runs()}'),
    ('pipeline_tasks', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{}', '{make_pipeline_run()}'),
    ('pipeline_task_dependencies', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{}', '{advance_pipelines()}'),
    ('pipeline_runs', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{pipeline, history}', '{pipelines}', '{make_pipeline_run()}', '{watch_jobs()}'),
    ('task_runs', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, history}', '{pipeline_runs, pipeline_tasks}', '{make_pipeline_run()}', '{/worker}'),
    ('task_attempts', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, history}', '{task_runs}', '{end_task_attempt()}', '{"outside: people in Studio"}'),
    ('pipeline_status', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{pipeline, dashboard}', '{pipeline_runs, pipeline_tasks, pipelines, task_runs}', '{}', '{"outside: people in Studio"}'),
    ('jobs', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, bookkeeping}', '{"outside: pg_cron"}', '{pipeline_tick(), wake_worker(), prune_history()}', '{watch_jobs()}'),
    -- monitoring
    ('heartbeats', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{monitoring, history}', '{"outside: pg_cron"}', '{record_heartbeat()}', '{service_levels(), /quality}'),
    ('intake_counters', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{monitoring, intake, history}', '{batches}', '{count_intake()}', '{intake_totals(), /quality}'),
    -- lake, lineage, catalogue, audit
    ('lake_objects', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake}', '{"outside: the lake"}', '{record_lake_object(), note_lake_verification()}', '{/catalog, days_to_archive(), lake_objects_to_verify(), retire_months()}'),
    ('lake_object_batches', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake, lineage}', '{sensor_data}', '{record_lake_object()}', '{/catalog}'),
    ('lineage_events', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
      '{lineage}', '{"outside: runs of commands and of the worker"}', '{"deno task load", "deno task export", "deno task backup", "deno task restore", /worker}', '{find_lineage()}'),
    ('lineage', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{lineage}', '{batches, check_runs, lineage_events, pipeline_tasks, task_runs}', '{}', '{/catalog, /worker}'),
    ('lineage_forwarding', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{lineage, bookkeeping}', '{lineage}', '{settle_forwarding()}', '{/worker}'),
    ('lineage_forwards', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{lineage, bookkeeping}', '{lineage}', '{/worker}', '{/worker}'),
    ('retired_months', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, retention}', '{sensor_data, sensor_data_days, lake_objects}', '{close_months(), retire_months()}', '{watch_jobs()}'),
    ('data_assets', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{"outside: people in Studio"}', '{}', '{/catalog}'),
    ('catalog_assets', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{batches, check_runs, data_assets, lake_objects, lineage_events}', '{}', '{/catalog}'),
    ('asset_schemas', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{data_assets}', '{record_asset_schema()}', '{/catalog}'),
    ('asset_schema_changes', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{asset_schemas, data_assets}', '{}', '{/catalog}'),
    ('audit_log', 'table', null, 'security', 'confidential', 'gold', 1, 2555,
      '{audit}', '{"outside: people in Studio"}', '{record_audit(), audit_change()}', '{"outside: people in Studio"}'),
    -- the lake
    ('raw/', 'lake', 'Original C-MAPSS files, as NASA published them.', 'data-engineering', 'internal', 'bronze', 1, null,
      '{lake, readings}', '{"outside: NASA C-MAPSS files"}', '{"outside: people with aws s3 cp"}', '{"deno task load"}'),
    ('processed/', 'lake', 'Readings by UTC day as Parquet, under year=/month=/day=, for whatever reads Hive partitions.', 'data-engineering', 'internal', 'silver', 1, null,
      '{lake, readings, parquet}', '{sensor_data, sensor_data_days}', '{"deno task export", /worker}', '{"outside: DuckDB, Athena, Spark, Trino"}'),
    ('processed/train-test-split/', 'lake', 'X_train, y_train, X_test and y_test with capped RUL labels; no engine is in both halves.', 'data-science', 'internal', 'gold', 1, null,
      '{lake, training, rul, parquet}', '{training_data, engines}', '{"deno task export"}', '{"outside: models"}'),
    ('streaming/kinesis-firehose/', 'lake', 'Firehose''s copy of everything it delivered, by hour, and under failed/ what it could not deliver. It holds what became dead letters, too.', 'data-engineering', 'confidential', 'bronze', 1, 30,
      '{lake, streaming}', '{"outside: Kinesis stream"}', '{"outside: Firehose"}', '{"outside: people who replay deliveries"}'),
    ('streaming/archived/', 'lake', 'Deliveries that somebody has set aside to be kept, such as those under failed/ once they were replayed.', 'data-engineering', 'confidential', 'bronze', 1, null,
      '{lake, streaming}', '{streaming/kinesis-firehose/}', '{"outside: people who replay deliveries"}', '{"outside: people who replay deliveries"}'),
    ('quality/expectations/', 'lake', 'Suites of expectations as Great Expectations JSON, one per dataset.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, rules}', '{expectations}', '{"deno task export", export_expectation_suite(), /worker}', '{"deno task expectations"}'),
    ('quality/reports/', 'lake', 'What the checks said of each day, as JSON and as a page of HTML.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, reports}', '{check_runs, data_quality_metrics}', '{"deno task export", /worker}', '{"outside: people with a browser"}'),
    ('backups/daily/', 'lake', 'Backups of the whole database by date. They hold what is confidential in it.', 'operations', 'confidential', 'silver', 1, 35,
      '{lake, backup}', '{"outside: the whole database"}', '{"deno task backup"}', '{"deno task restore"}')
) as asset (
  name, kind, description, owner, classification, quality_level, schema_version, retention_days, tags, sources, transforms,
  consumers
)
on conflict (name) do update
set schema_version = excluded.schema_version
where data_assets.schema_version < excluded.schema_version;

-- The one row that lineage_forwarding consists of.
insert into public.lineage_forwarding default values on conflict do nothing;

select public.declare_schema();

select public.record_audit('migration.apply', '20261124041718_operations');
