-- Part of service_levels: what the checks found of the data in a stretch of time.
--
--   completeness       received of expected readings, summed over runs of the checks that follow each other
--   accuracy           values inside of their range, of all that these runs looked at; each rejected reading counts as one
--                      in which no value is right, and comes on top. What a replay refuses again does not count again
--   schema_compliance  share of the verdicts on the schema that passed
--   lineage            the worst verdict of the pipeline daily on what can be traced
--
--   since, until  moments that the runs are about
--   returns       a row for each
create or replace function public.data_service_levels(since timestamptz, until timestamptz)
returns table (measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
  with recursive tile as (
    -- from the latest run back: each ends where the one after it began, or before
    (
      select runs.id, runs.window_start, runs.as_of
      from public.check_runs as runs
      where runs.as_of > since and runs.as_of <= until and runs.finished_at is not null
      order by runs.as_of desc, runs.window_start
      limit 1
    )
    union all
    select earlier.*
    from tile
    cross join lateral (
      select runs.id, runs.window_start, runs.as_of
      from public.check_runs as runs
      where runs.as_of > since and runs.as_of <= tile.window_start and runs.finished_at is not null
      order by runs.as_of desc, runs.window_start
      limit 1
    ) as earlier
  ),
  looked_at as (
    select
      count(*) as runs,
      jsonb_strip_nulls(jsonb_build_object('runs', count(*), 'from', min(tile.window_start), 'until', max(tile.as_of))) as evidence
    from tile
  ),
  completeness as (
    select
      sum((metrics.evidence ->> 'expected')::bigint) as expected,
      sum((metrics.evidence ->> 'missed')::bigint) as missed
    from tile
    join public.data_quality_metrics as metrics
      on metrics.engine_id is null and metrics.metric_name = 'completeness' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp = tile.as_of and metrics.run_id = tile.id
  ),
  ranges as (
    select sum(metrics.rows_checked) as "values", sum((metrics.evidence ->> 'broken')::bigint) as outside
    from tile
    -- by name, which is how the index finds them among the verdicts on engines
    cross join unnest(public.value_columns()) as checked (column_name)
    join public.data_quality_metrics as metrics
      on metrics.engine_id is null and metrics.metric_name = 'range'
      and coalesce(metrics.column_name, '') = checked.column_name
      and metrics.check_timestamp = tile.as_of and metrics.run_id = tile.id
  ),
  refused as (
    select coalesce(sum(after.rejected - coalesce(before.rejected, 0)), 0) * cardinality(public.value_columns()) as "values"
    from public.intake_totals(until) as after
    left join public.intake_totals(since) as before using (source)
    where source <> 'replay'
  ),
  schema_verdicts as (
    select
      count(*) filter (where metrics.status = 'pass') as passed,
      count(*) filter (where metrics.status <> 'not_evaluated') as judged,
      (array_agg(metrics.evidence -> 'failing' order by metrics.check_timestamp desc) filter (where metrics.status <> 'pass'))[1]
        as failing
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null and metrics.metric_name = 'schema' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp > since and metrics.check_timestamp <= until
  ),
  lineage as (
    select
      min(metrics.metric_value) as coverage,
      count(*) as verdicts,
      (array_agg(metrics.evidence -> 'subjects' order by metrics.metric_value, metrics.check_timestamp desc))[1] as subjects
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null and metrics.metric_name = 'lineage_coverage' and coalesce(metrics.column_name, '') = ''
      and metrics.check_timestamp > since and metrics.check_timestamp <= until and metrics.metric_value is not null
  )
  select
    'completeness',
    1 - completeness.missed::double precision / nullif(completeness.expected, 0)::double precision,
    false,
    case
      when looked_at.runs = 0 then 'no run of the checks is about this time'
      when completeness.expected is null then 'no run in this time has judged it'
      else 'no reading was due'
    end,
    looked_at.evidence || jsonb_strip_nulls(jsonb_build_object('expected', completeness.expected, 'missed', completeness.missed))
  from looked_at cross join completeness
  union all
  select
    'accuracy',
    case when ranges."values" is not null then
      1 - (ranges.outside + refused."values")::double precision
      / nullif(ranges."values" + refused."values", 0)::double precision
    end,
    false,
    case
      when looked_at.runs = 0 then 'no run of the checks is about this time'
      when ranges."values" is null then 'no run in this time has judged a value'
      else 'there was no value to look at'
    end,
    looked_at.evidence || jsonb_strip_nulls(jsonb_build_object(
      'values', ranges."values", 'outside_of_range', ranges.outside, 'values_of_rejected_readings', refused."values"
    ))
  from looked_at cross join ranges cross join refused
  union all
  select
    'schema_compliance',
    schema_verdicts.passed::double precision / nullif(schema_verdicts.judged, 0)::double precision,
    false,
    'no run in this time has judged it',
    jsonb_strip_nulls(jsonb_build_object(
      'verdicts', schema_verdicts.judged, 'passed', schema_verdicts.passed, 'last_differences', schema_verdicts.failing
    ))
  from schema_verdicts
  union all
  select
    'lineage',
    lineage.coverage,
    false,
    'the task lineage of the pipeline daily has not judged anything in this time',
    jsonb_strip_nulls(jsonb_build_object('verdicts', lineage.verdicts, 'subjects_of_the_worst', lineage.subjects))
  from lineage;
$$;

comment on function public.data_service_levels(timestamptz, timestamptz) is
  'Part of service_levels: completeness, accuracy, schema compliance and lineage, by what the checks found in a stretch of time.';
