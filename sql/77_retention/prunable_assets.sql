-- The assets whose rows are deleted when data_assets.retention_days have passed. Readings are not among them: they leave by
-- whole months (retire_months). Nor are batches: they are few, and readings in the lake still name them.
-- Metrics come before the runs they are of, episodes before their anomalies.
create or replace function public.prunable_assets()
returns text[]
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select array[
    'alerts', 'anomaly_episodes', 'anomalies', 'audit_log', 'data_quality_metrics', 'check_runs', 'dead_letters', 'delivery_receipts',
    'engine_health_reports', 'heartbeats', 'intake_counters', 'lineage_events', 'lineage_forwards', 'pipeline_runs',
    'retraining_decisions', 'rul_predictions'
  ];
$$;

comment on function public.prunable_assets() is
  'Assets whose rows prune_history deletes when data_assets.retention_days have passed.';
