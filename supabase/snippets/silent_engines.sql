-- Readings that are missing: each gap of each engine in the latest run of the checks, the longest first. A gap without
-- an end is one that still lasts.
select
  engines.unit_number,
  metrics.metric_value as completeness,
  (gap ->> 'after')::timestamptz as last_reading_before,
  (gap ->> 'before')::timestamptz as first_reading_after,
  (gap ->> 'missed')::integer as readings_missed,
  metrics.evidence ->> 'cadence_seconds' as cadence_seconds,
  metrics.evidence ->> 'never_sent' as never_sent
from data_quality_metrics as metrics
join engines on engines.id = metrics.engine_id
left join lateral jsonb_array_elements(metrics.evidence -> 'gaps') as gap on true
where metrics.metric_name = 'completeness'
  and metrics.status in ('warning', 'fail')
  and metrics.run_id = (select id from check_runs where finished_at is not null order by as_of desc, id desc limit 1)
order by readings_missed desc nulls first, engines.unit_number;
