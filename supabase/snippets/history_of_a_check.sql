-- How one check has judged one engine, the latest verdict first. Write your engine and check in the first lines; of
-- most checks only the verdicts that did not pass are kept for single engines.
with asked as (
  select 'ENGINE_001' as unit_number, 'completeness' as metric_name
)
select
  metrics.check_timestamp,
  metrics.status,
  metrics.metric_value,
  metrics.threshold_min,
  metrics.threshold_max,
  metrics.rows_checked,
  metrics.evidence
from asked
join engines on engines.unit_number = asked.unit_number
join data_quality_metrics as metrics
  on metrics.engine_id = engines.id and metrics.metric_name = asked.metric_name
order by metrics.check_timestamp desc, metrics.id desc
limit 100;
