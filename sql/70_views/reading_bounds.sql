-- The ranges as arrays: what a reading's values must lie in, one row per dataset and operating condition, for those
-- who look at many readings at once.
--
-- A bound is a `real`, as the readings are: 0.3 as a double precision number would refuse the reading 0.3.
--
--   select dataset, condition, minima[10], maxima[10] from reading_bounds;   -- of s11
create view public.reading_bounds
with (security_invoker = true) as
select
  combined.dataset,
  combined.condition,
  array_agg(rule.min::real order by combined.place) as minima,
  array_agg(rule.max::real order by combined.place) as maxima
from (
  select datasets.dataset, conditions.condition, columns.column_name, columns.place
  from (
    select expectations.dataset from public.expectations
    union
    select engines.dataset from public.engines
    union
    select null::text as dataset
  ) as datasets
  cross join (
    select operating_conditions.condition from public.operating_conditions
    union all
    select 0::smallint as condition
  ) as conditions
  cross join unnest(array[
    'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
    's20', 's21'
  ]) with ordinality as columns (column_name, place)
) as combined
left join public.effective_expectations as rule
  on rule.dataset is not distinct from combined.dataset
  and rule.kind = 'range'
  and rule.column_name = combined.column_name
  and rule.condition = combined.condition
where (select public.may_read('reading_bounds'))
group by combined.dataset, combined.condition;

comment on view public.reading_bounds is
  'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';
comment on column public.reading_bounds.dataset is
  'Set of engines; null: engines without a dataset, and datasets that are not here.';
comment on column public.reading_bounds.condition is 'Operating condition; 0: none of the known ones.';
comment on column public.reading_bounds.minima is 'Smallest value of each column; null: no lower bound.';
comment on column public.reading_bounds.maxima is 'Largest value of each column; null: no upper bound.';
