-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE OR REPLACE FUNCTION public.task_lineage(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  aborted constant integer := public.abort_lost_runs(as_of);
  written record;
begin
  delete from public.data_quality_metrics as earlier
  where earlier.metric_name = 'lineage_coverage' and earlier.check_timestamp = as_of;
  insert into public.data_quality_metrics (
    table_name, metric_name, metric_value, threshold_min, status, rows_checked, evidence, check_timestamp
  )
  select
    'sensor_data',
    'lineage_coverage',
    min(covered.share),
    1,
    case when min(covered.share) is null then 'not_evaluated' when min(covered.share) < 1 then 'fail' else 'pass' end,
    sum(covered.total),
    jsonb_build_object(
      'window_start', as_of - interval '24 hours',
      'window_end', as_of,
      'subjects', jsonb_object_agg(
        covered.subject,
        jsonb_build_object('total', covered.total, 'traced', covered.traced, 'untraced', covered.untraced)
      )
    ) || case
      when min(covered.share) is null then '{"reason": "nothing was stored, checked or written"}'::jsonb else '{}'
    end,
    as_of
  from (
    select *, traced::double precision / nullif(total, 0) as share
    from public.lineage_coverage(interval '24 hours', as_of)
  ) as covered
  returning metric_value, status, evidence into written;
  perform public.observe_alerts(
    jsonb_build_array(jsonb_build_object(
      'kind', 'lineage_coverage',
      'subject', 'sensor_data',
      'failing', written.status = 'fail',
      'severity', 'fail',
      'summary', format('%s of what was stored can be traced to where it came from', round(written.metric_value::numeric, 4)),
      'evidence', written.evidence
    )),
    as_of
  )
  where written.status <> 'not_evaluated';
  return jsonb_build_object('coverage', written.metric_value, 'status', written.status, 'aborted', aborted);
end;
$function$
;

COMMENT ON FUNCTION "public"."task_lineage"(timestamp with time zone) IS 'Pipeline task: ends lost runs, and writes the metric lineage_coverage of the 24 hours before the logical time, which is an alert when it is less than 1.';

select public.declare_schema();

select public.record_audit('migration.apply', '20261124031114_operations');
