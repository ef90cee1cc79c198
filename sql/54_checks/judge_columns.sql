-- Judges what was measured of each column of each engine by the share of values that keep the rule.
--
--   kind      of the rule, and name of the metric: range or nulls
--   window_start, as_of   for the evidence
--   measured  one measurement per engine and column
--   returns   a row per column about the table, and a row per engine that has broken a rule (its value is that of its
--             worst column). A column without a rule has no row. One row that says so when there was nothing to look at.
create or replace function public.judge_columns(
  kind text,
  window_start timestamptz,
  as_of timestamptz,
  measured public.column_measurement[]
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with rule as (
    -- ranges of several conditions are one rule here: the strictest share, the gravest severity
    select
      rule.dataset,
      rule.column_name,
      max(rule.mostly) as mostly,
      min(rule.severity) as severity -- 'fail' < 'warning'
    from public.effective_expectations as rule
    where rule.kind = judge_columns.kind
    group by rule.dataset, rule.column_name
  ),
  judged as (
    select
      measurement.*,
      engines.dataset,
      1 - measurement.broken::double precision / nullif(measurement.rows_checked, 0) as value,
      rule.mostly,
      rule.severity
    from unnest(measured) as measurement
    join public.engines on engines.id = measurement.engine_id
    join rule
      on coalesce(rule.dataset, '') = coalesce(engines.dataset, '') and rule.column_name = measurement.column_name
  ),
  by_dataset as (
    -- each dataset by its own rule
    select
      judged.dataset,
      judged.column_name,
      1 - sum(judged.broken)::double precision / nullif(sum(judged.rows_checked), 0)::double precision as value,
      min(judged.mostly) as mostly,
      min(judged.severity) as severity,
      sum(judged.rows_checked)::bigint as rows_checked,
      sum(judged.broken)::bigint as broken,
      count(*) filter (where judged.broken > 0) as broken_engines,
      count(*) filter (where judged.value < judged.mostly) as failing_engines
    from judged
    group by judged.dataset, judged.column_name
  ),
  by_column as (
    select distinct on (by_dataset.column_name)
      by_dataset.column_name,
      by_dataset.dataset,
      by_dataset.value,
      by_dataset.mostly,
      verdict.status,
      sum(by_dataset.rows_checked) over whole as rows_checked,
      sum(by_dataset.broken) over whole as broken,
      sum(by_dataset.broken_engines) over whole as broken_engines,
      sum(by_dataset.failing_engines) over whole as failing_engines
    from by_dataset
    cross join lateral (
      select public.expectation_verdict(by_dataset.value, by_dataset.mostly, null, by_dataset.severity) as status
    ) as verdict
    window whole as (partition by by_dataset.column_name)
    -- the worst dataset speaks for the column
    order by
      by_dataset.column_name,
      array_position(array['fail', 'warning', 'pass', 'not_evaluated'], verdict.status),
      by_dataset.value, by_dataset.dataset
  ),
  by_engine as (
    select
      judged.engine_id,
      min(judged.value) as value,
      max(judged.mostly) as mostly,
      min(verdict.status) as status, -- 'fail' < 'pass' < 'warning'
      bool_or(verdict.status = 'warning') as warned,
      sum(judged.rows_checked)::bigint as rows_checked,
      jsonb_object_agg(judged.column_name, judged.broken) filter (where judged.broken > 0) as columns
    from judged
    cross join lateral (
      -- nearly all of them: 17 for each engine
      select case
        when judged.broken = 0 then 'pass'
        else public.expectation_verdict(judged.value, judged.mostly, null, judged.severity)
      end as status
    ) as verdict
    where judged.value is not null
    group by judged.engine_id
    having sum(judged.broken) > 0
  )
  select
    kind,
    by_column.column_name,
    null::uuid,
    by_column.value,
    by_column.mostly,
    null::double precision,
    -- one engine that fails is never a pass of its column
    case
      when by_column.status = 'pass' and by_column.failing_engines > 0 then 'warning'
      else by_column.status
    end,
    by_column.rows_checked::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', window_start,
      'window_end', as_of,
      'dataset', case when by_column.broken > 0 then by_column.dataset end,
      'broken', by_column.broken,
      'broken_engines', by_column.broken_engines,
      'failing_count', by_column.failing_engines,
      'reason', case when by_column.value is null then 'there was no value to look at' end
    ))
  from (select * from by_column order by array_position(public.value_columns(), by_column.column_name)) as by_column
  union all
  select
    kind,
    null,
    by_engine.engine_id,
    by_engine.value,
    by_engine.mostly,
    null,
    case when by_engine.status = 'pass' and by_engine.warned then 'warning' else by_engine.status end,
    by_engine.rows_checked,
    jsonb_build_object('window_start', window_start, 'window_end', as_of, 'columns', by_engine.columns)
  from by_engine
  union all
  select
    kind, null, null, null, null, null, 'not_evaluated', 0,
    jsonb_build_object('window_start', window_start, 'window_end', as_of, 'reason', 'there was no reading to look at')
  where measured is null and exists (select from rule);
$$;

comment on function public.judge_columns(text, timestamptz, timestamptz, public.column_measurement[]) is
  'Verdicts on what a check has measured of each column: one per column, and one per engine that has broken a rule.';
