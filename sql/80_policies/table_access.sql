-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           nothing: there is no public data here
-- authenticated  reads readings and results, not payloads of dead letters
-- service_role   reads and writes; bypasses row-level security by its own attribute
--
-- Each statement can run again: this file is part of every migration that changes it, because what an older project
-- grants by default cannot be seen in the difference of two new ones.
do $$
declare
  relation regclass;
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
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
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
    -- predictions
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
    'public.sensor_data_days',
    -- jobs
    'public.jobs',
    -- views of quality
    'public.engine_health',
    'public.quality_summary'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to service_role', relation);
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
  end loop;
end;
$$;

alter table public.engines enable row level security;
alter table public.sensor_data enable row level security;
alter table public.batches enable row level security;
alter table public.dead_letters enable row level security;
alter table public.delivery_receipts enable row level security;
alter table public.intake_settings enable row level security;
alter table public.stream_checkpoints enable row level security;
alter table public.stream_readers enable row level security;
alter table public.expectation_versions enable row level security;
alter table public.expectations enable row level security;
alter table public.operating_conditions enable row level security;
alter table public.anomalies enable row level security;
alter table public.check_runs enable row level security;
alter table public.engine_health_reports enable row level security;
alter table public.retraining_decisions enable row level security;
alter table public.declared_columns enable row level security;
alter table public.reading_rollups enable row level security;
alter table public.rollup_horizon enable row level security;
alter table public.sensor_data_changes enable row level security;
alter table public.wear_signatures enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.engine_baselines enable row level security;
alter table public.quality_settings enable row level security;
alter table public.sensor_baselines enable row level security;
alter table public.sensor_drift enable row level security;
alter table public.alert_channels enable row level security;
alter table public.alert_deliveries enable row level security;
alter table public.alert_events enable row level security;
alter table public.alert_settings enable row level security;
alter table public.alerts enable row level security;
alter table public.rul_predictions enable row level security;
alter table public.pipeline_runs enable row level security;
alter table public.pipeline_task_dependencies enable row level security;
alter table public.pipeline_tasks enable row level security;
alter table public.pipelines enable row level security;
alter table public.task_attempts enable row level security;
alter table public.task_runs enable row level security;
alter table public.asset_schemas enable row level security;
alter table public.audit_log enable row level security;
alter table public.data_assets enable row level security;
alter table public.lake_object_batches enable row level security;
alter table public.lake_objects enable row level security;
alter table public.lineage_events enable row level security;
alter table public.lineage_forwarding enable row level security;
alter table public.lineage_forwards enable row level security;
alter table public.sensor_data_days enable row level security;
alter table public.jobs enable row level security;

-- Readings and results: every signed-in user reads them.
do $$
declare
  name text;
begin
  foreach name in array array[
    -- readings
    'engines',
    'sensor_data',
    -- intake
    'batches',
    'delivery_receipts',
    'stream_checkpoints',
    'stream_readers',
    -- expectations
    'expectation_versions',
    'expectations',
    'operating_conditions',
    -- quality
    'anomalies',
    'check_runs',
    'engine_health_reports',
    'retraining_decisions',
    'declared_columns',
    'reading_rollups',
    'rollup_horizon',
    'sensor_data_changes',
    'wear_signatures',
    'data_quality_metrics',
    'engine_baselines',
    'quality_settings',
    'sensor_baselines',
    'sensor_drift',
    -- alerts
    'alert_channels',
    'alert_deliveries',
    'alert_events',
    'alert_settings',
    'alerts',
    -- predictions
    'rul_predictions',
    -- pipeline
    'pipeline_runs',
    'pipeline_task_dependencies',
    'pipeline_tasks',
    'pipelines',
    'task_attempts',
    'task_runs',
    -- lake, lineage, catalogue, audit
    'asset_schemas',
    'audit_log',
    'data_assets',
    'lake_object_batches',
    'lake_objects',
    'lineage_events',
    'lineage_forwarding',
    'lineage_forwards',
    'sensor_data_days',
    -- jobs
    'jobs'
  ] loop
    execute format('grant select on public.%I to authenticated', name);
    execute format('drop policy if exists %I on public.%I', name || '_read', name);
    execute format('create policy %I on public.%I for select to authenticated using (true)', name || '_read', name);
  end loop;
end;
$$;
grant select on public.training_data, public.classified_readings, public.engine_cadences, public.sensor_values to authenticated;
grant select on public.effective_expectations, public.reading_bounds to authenticated;
grant select on public.engine_health, public.quality_summary to authenticated;
grant select on public.pipeline_status to authenticated;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions to service_role;
grant update on public.intake_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant select on public.open_alerts to authenticated;
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;
grant select on public.asset_schema_changes, public.catalog_assets, public.lineage to authenticated;
