-- How long history is kept was a setting before it was a policy. What somebody had set is taken over while the columns are
-- still there: the migration that brings data_assets drops them after this.
update public.data_assets
set retention_days = kept.days
from (
  select
    asset.name,
    ceil(extract(epoch from (to_jsonb(settings) ->> 'metrics_kept')::interval) / 86400)::integer as days
  from public.quality_settings as settings
  cross join unnest(array[
    'alerts', 'check_runs', 'data_quality_metrics', 'engine_health_reports', 'pipeline_runs'
  ]) as asset (name)
  union all
  select
    'delivery_receipts',
    ceil(extract(epoch from (to_jsonb(settings) ->> 'receipts_kept')::interval) / 86400)::integer
  from public.intake_settings as settings
) as kept
where data_assets.name = kept.name and data_assets.retention_days <> kept.days;
