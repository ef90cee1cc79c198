-- Throw-away: the rows of the catalogue come with it.
insert into public.data_assets (name, kind, description, classification, retention_days)
select asset.name, asset.kind, asset.name, asset.classification,
  case asset.kept
    when 'metrics' then coalesce(
      ceil(extract(epoch from (select (to_jsonb(settings) ->> 'metrics_kept')::interval from public.quality_settings as settings)) / 86400)::integer, 90
    )
    when 'receipts' then coalesce(
      ceil(extract(epoch from (select (to_jsonb(settings) ->> 'receipts_kept')::interval from public.intake_settings as settings)) / 86400)::integer, 3
    )
    else asset.kept::integer
  end
from (
  values
    ('engines', 'table', 'internal', null),
    ('sensor_data', 'table', 'internal', '2555'),
    ('training_data', 'view', 'internal', null),
    ('batches', 'table', 'internal', null),
    ('dead_letters', 'table', 'confidential', '365'),
    ('delivery_receipts', 'table', 'internal', 'receipts'),
    ('intake_settings', 'table', 'confidential', null),
    ('stream_checkpoints', 'table', 'internal', null),
    ('stream_readers', 'table', 'internal', null),
    ('classified_readings', 'view', 'internal', null),
    ('effective_expectations', 'view', 'internal', null),
    ('expectation_versions', 'table', 'internal', null),
    ('expectations', 'table', 'internal', null),
    ('operating_conditions', 'table', 'internal', null),
    ('reading_bounds', 'view', 'internal', null),
    ('anomalies', 'table', 'internal', 'metrics'),
    ('check_runs', 'table', 'internal', 'metrics'),
    ('engine_health_reports', 'table', 'internal', 'metrics'),
    ('retraining_decisions', 'table', 'internal', '365'),
    ('declared_columns', 'table', 'internal', null),
    ('engine_cadences', 'view', 'internal', null),
    ('reading_rollups', 'table', 'internal', null),
    ('rollup_horizon', 'table', 'internal', null),
    ('sensor_data_changes', 'table', 'internal', null),
    ('sensor_values', 'view', 'internal', null),
    ('wear_signatures', 'table', 'internal', null),
    ('data_quality_metrics', 'table', 'internal', 'metrics'),
    ('engine_baselines', 'table', 'internal', null),
    ('quality_settings', 'table', 'internal', null),
    ('sensor_baselines', 'table', 'internal', null),
    ('sensor_drift', 'table', 'internal', null),
    ('alert_channels', 'table', 'internal', null),
    ('alert_deliveries', 'table', 'internal', null),
    ('alert_events', 'table', 'internal', null),
    ('alert_settings', 'table', 'internal', null),
    ('alerts', 'table', 'internal', 'metrics'),
    ('open_alerts', 'view', 'internal', null),
    ('rul_predictions', 'table', 'internal', '365'),
    ('pipeline_runs', 'table', 'internal', 'metrics'),
    ('pipeline_status', 'view', 'internal', null),
    ('pipeline_task_dependencies', 'table', 'internal', null),
    ('pipeline_tasks', 'table', 'internal', null),
    ('pipelines', 'table', 'internal', null),
    ('task_attempts', 'table', 'internal', null),
    ('task_runs', 'table', 'internal', null),
    ('audit_log', 'table', 'confidential', '2555'),
    ('data_assets', 'table', 'internal', null),
    ('lake_object_batches', 'table', 'internal', null),
    ('lake_objects', 'table', 'internal', null),
    ('retired_months', 'table', 'internal', null),
    ('lineage_events', 'table', 'internal', '365'),
    ('sensor_data_days', 'table', 'internal', null),
    ('jobs', 'table', 'internal', null),
    ('engine_health', 'view', 'internal', null),
    ('quality_summary', 'view', 'internal', null)
) as asset (name, kind, classification, kept)
on conflict do nothing;
