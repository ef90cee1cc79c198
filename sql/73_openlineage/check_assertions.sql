-- What a run of the checks has found about the table, as assertions of OpenLineage. What was not evaluated is neither a
-- success nor none, and is left out.
create or replace function public.check_assertions(run_id bigint)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object(
        'assertion', metrics.metric_name,
        'success', metrics.status = 'pass',
        'column', metrics.column_name,
        'severity', case metrics.status when 'warning' then 'warn' else 'error' end,
        'expected', nullif(concat_ws(
          ' and ', 'at least ' || metrics.threshold_min::text, 'at most ' || metrics.threshold_max::text
        ), ''),
        'actual', metrics.metric_value::text
      ))
      order by metrics.id
    ),
    '[]'
  )
  from public.data_quality_metrics as metrics
  where metrics.run_id = check_assertions.run_id and metrics.engine_id is null and metrics.status <> 'not_evaluated';
$$;

comment on function public.check_assertions(bigint) is
  'Verdicts of a run of the checks about the table, as the assertions of OpenLineage''s facet dataQualityAssertions.';
