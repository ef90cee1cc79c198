-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

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

COMMENT ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) IS 'What has arrived and how long it was on the way, in slots of time, with what came through each door.';

COMMENT ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) IS 'Readings of an engine for a chart: least and greatest values of each sensor in at most so many slots, with conditions, baselines and gaps.';

REVOKE ALL ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."arrivals"(integer, integer, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."engine_series"(text, timestamp with time zone, timestamp with time zone, integer, integer) TO "authenticated", "service_role";

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
        'watch_jobs'
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
grant execute on function public.arrivals(integer, integer, timestamptz),
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

select public.declare_schema();

select public.record_audit('migration.apply', '20261124032728_operations');
