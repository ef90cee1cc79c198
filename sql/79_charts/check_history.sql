-- How each check has stood, verdict by verdict: what is drawn beside it. Verdicts on single engines are left out.
--
--   since, until  moments that the verdicts are about (both included)
--   returns       one row per check that has verdicts; its arrays are of the same length, oldest first, and moments are
--                 seconds since 1970
--
--   select metric_name, column_name, statuses from check_history(now() - interval '7 days');
create or replace function public.check_history(
  since timestamptz default now() - interval '24 hours',
  until timestamptz default now()
)
returns table (
  table_name text,
  metric_name text,
  column_name text,
  moments double precision[],
  statuses text[],
  metric_values double precision[]
)
language sql
stable
security invoker
set search_path = ''
as $$
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
$$;

comment on function public.check_history(timestamptz, timestamptz) is
  'How each check has stood, verdict by verdict, oldest first; the same as GET /quality/history.';
