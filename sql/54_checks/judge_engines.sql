-- Judges what was measured of each engine by the rule for its dataset, and the table by the rule for all.
--
--   kind        of the rule, and name of the metric
--   aggregate   'mean': the table's value is the mean of the engines', by weight; 'max': the largest
--   window_start, as_of   for the evidence
--   measured    one measurement per engine
--   returns     a row per engine, and one about the table that names up to 20 engines which do not pass, worst first.
--               Nothing when the rule is switched off.
create or replace function public.judge_engines(
  kind text,
  aggregate text,
  window_start timestamptz,
  as_of timestamptz,
  measured public.engine_measurement[]
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with rule as (
    -- rules about sensors are one rule here, about how many of them break theirs
    select
      rule.dataset,
      -- of a rule about rows the share that keeps it is measured
      min(case when rule.kind in ('types', 'cycles', 'duplicates', 'clock') then rule.mostly else rule.min end) as min,
      max(case
        when rule.kind in ('types', 'cycles', 'duplicates', 'clock') then null
        when rule.kind in ('stuck', 'spikes', 'levels', 'drift') then 0
        else rule.max
      end) as max,
      min(rule.severity) as severity -- 'fail' < 'warning'
    from public.effective_expectations as rule
    where rule.kind = judge_engines.kind
    group by rule.dataset
  ),
  judged as (
    select
      measurement.*,
      engines.unit_number,
      rule.min,
      rule.max,
      public.expectation_verdict(measurement.value, rule.min, rule.max, rule.severity) as status
    from unnest(measured) as measurement
    join public.engines on engines.id = measurement.engine_id
    join rule on coalesce(rule.dataset, '') = coalesce(engines.dataset, '')
  ),
  placed as (
    select
      judged.*,
      row_number() over (
        partition by judged.status in ('warning', 'fail')
        order by judged.status, case when judged.min is null then -judged.value else judged.value end, judged.unit_number
      ) as place
    from judged
  ),
  total as (
    select
      case aggregate
        when 'max' then max(value)
        else sum(value * weight) / nullif(sum(weight) filter (where value is not null), 0)
      end as value,
      sum(rows_checked)::bigint as rows_checked,
      count(*) as engines,
      count(*) filter (where value is null) as not_evaluated,
      count(*) filter (where status in ('warning', 'fail')) as failing_count,
      jsonb_agg(jsonb_build_object('engine', unit_number, 'value', value) order by place)
        filter (where status in ('warning', 'fail') and place <= 20) as failing
    from placed
  )
  select
    kind,
    null::text,
    judged.engine_id,
    judged.value,
    judged.min,
    judged.max,
    judged.status,
    judged.rows_checked,
    jsonb_strip_nulls(jsonb_build_object('window_start', window_start, 'window_end', as_of) || judged.evidence)
  from judged
  union all
  select
    kind,
    null,
    null,
    total.value,
    rule.min,
    rule.max,
    -- one engine that fails is never a pass of the table
    case
      when verdict.status = 'pass' and total.failing_count > 0 then 'warning'
      else verdict.status
    end,
    coalesce(total.rows_checked, 0),
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', window_start,
      'window_end', as_of,
      'engines', total.engines,
      'not_evaluated_engines', nullif(total.not_evaluated, 0),
      'failing_count', total.failing_count,
      'failing', total.failing,
      'reason', case when total.value is null then 'there was nothing to look at' end
    ))
  from total
  left join rule on rule.dataset is null -- without one the engines' own verdicts are the table's
  cross join lateral (
    select public.expectation_verdict(total.value, rule.min, rule.max, rule.severity) as status
  ) as verdict
  where exists (select from rule);
$$;

comment on function public.judge_engines(text, text, timestamptz, timestamptz, public.engine_measurement[]) is
  'Verdicts on what a check has measured of each engine, and one about the table.';
