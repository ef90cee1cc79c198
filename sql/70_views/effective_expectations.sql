-- Which rule counts for what, resolved once for everybody who judges by the rules. Of the rules for the same thing the
-- most specific one counts: by dataset first, then by subset, column and condition. One that is switched off hides
-- the less specific ones and does not appear itself.
--
-- A rule for every column, every condition or both subsets appears once for each of them, so that a reader compares
-- for equality and never resolves anything. Datasets are those that engines or rules name, and null: it stands for
-- engines without a dataset, and has the rules for a dataset that is not here.
--
--   select min, max from effective_expectations
--   where dataset = 'FD002' and kind = 'range' and column_name = 's11' and condition = 3;
create view public.effective_expectations
with (security_invoker = true) as
with datasets as (
  select expectations.dataset from public.expectations
  union
  select engines.dataset from public.engines
  union
  select null::text as dataset
),
conditions as (
  select operating_conditions.condition from public.operating_conditions
  union all
  select 0::smallint as condition
),
subjects as (
  -- what a kind of rule is about: which columns, and whether it tells conditions or subsets apart
  select kind, null::text as column_name, null::smallint as condition, subset
  from unnest(array[
    'text', 'columns', 'units', 'not_empty', 'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count'
  ]) as kind
  cross join unnest(array['train', 'test']) as subset
  union all
  select kind, null::text as column_name, null::smallint as condition, null::text as subset
  from unnest(array[
    'types', 'cycles', 'duplicates', 'completeness', 'freshness', 'volume', 'schema', 'conditions', 'clock',
    'rejected', 'degradation', 'arrival', 'copies'
  ]) as kind
  union all
  select 'nulls'::text as kind, column_name, null::smallint as condition, null::text as subset
  from unnest(array[
    'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
    's20', 's21'
  ]) as column_name
  union all
  select 'range'::text as kind, column_name, conditions.condition, null::text as subset
  from unnest(array[
    'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
    's20', 's21'
  ]) as column_name
  cross join conditions
  union all
  select kind, column_name, null::smallint as condition, null::text as subset
  from unnest(array['stuck', 'spikes', 'levels', 'drift', 'fleet_drift']) as kind
  cross join unnest(array[
    's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17', 's20', 's21'
  ]) as column_name
),
ranked as (
  select distinct on (datasets.dataset, subjects.kind, subjects.subset, subjects.column_name, subjects.condition)
    datasets.dataset,
    subjects.subset,
    subjects.kind,
    subjects.column_name,
    subjects.condition,
    rule.id as expectation_id,
    rule.min,
    rule.max,
    rule.mostly,
    rule.severity,
    rule.at_intake,
    rule.active,
    rule.description
  from public.expectations as rule
  join datasets on rule.dataset is null or rule.dataset = datasets.dataset
  join subjects
    on subjects.kind = rule.kind
    and (rule.subset is null or rule.subset = subjects.subset)
    and (rule.column_name is null or rule.column_name = subjects.column_name)
    and (rule.condition is null or rule.condition = subjects.condition)
  order by
    datasets.dataset, subjects.kind, subjects.subset, subjects.column_name, subjects.condition,
    rule.dataset nulls last, rule.subset nulls last, rule.column_name nulls last, rule.condition nulls last
)
select
  ranked.dataset,
  ranked.subset,
  ranked.kind,
  ranked.column_name,
  ranked.condition,
  ranked.expectation_id,
  ranked.min,
  ranked.max,
  ranked.mostly,
  ranked.severity,
  ranked.at_intake,
  ranked.description
from ranked
where ranked.active and (select public.may_read('effective_expectations'));

comment on view public.effective_expectations is
  'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';
comment on column public.effective_expectations.dataset is
  'Set of engines; null: engines without a dataset, and datasets that no engine and no rule names.';
comment on column public.effective_expectations.subset is 'Rules of files: train or test; null for rules of readings.';
comment on column public.effective_expectations.kind is 'What is measured, as in expectations.';
comment on column public.effective_expectations.column_name is
  'Column, where the kind of rule is about columns (range, nulls, stuck, drift, fleet_drift); else null.';
comment on column public.effective_expectations.condition is
  'Operating condition of a range, 0 for readings in none of them; null for other kinds.';
comment on column public.effective_expectations.expectation_id is 'The rule; expectations.id.';
comment on column public.effective_expectations.min is 'Its lower bound; null: none.';
comment on column public.effective_expectations.max is 'Its upper bound; null: none.';
comment on column public.effective_expectations.mostly is 'Share of the rows that must keep it.';
comment on column public.effective_expectations.severity is 'Verdict when it is broken: warning or fail.';
comment on column public.effective_expectations.at_intake is 'accept or reject, as in expectations.';
comment on column public.effective_expectations.description is 'The rule in words.';
