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
