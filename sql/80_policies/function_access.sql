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
        'readings_kept_from',
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
        'measure_wear',
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
        'time_checks',
        'time_window_checks',
        'twin_sensors',
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
        'put_back_task',
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
