-- The baseline of each sensor of an engine as one sorted sample. Over several operating conditions the values are in
-- standard deviations of their condition (baseline_references); of a single condition they are as they came.
--
--   of_engines  which engines; those without a complete baseline have no row
create or replace function public.comparable_baselines(of_engines uuid[])
returns table (
  engine_id uuid,
  column_name text,
  conditions smallint[],
  sorted_values double precision[],
  mean double precision,
  sd double precision
)
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with flown as (
    -- of the engine, not of each sensor: a sensor that gave no value in one of the conditions is scaled like the others,
    -- because its later readings are
    select baseline.engine_id, array_agg(distinct baseline.condition order by baseline.condition) as conditions
    from public.sensor_baselines as baseline
    where baseline.engine_id = any (of_engines)
    group by baseline.engine_id
  )
  select baseline.engine_id, baseline.column_name, flown.conditions, baseline.sorted_values::double precision[], baseline.mean, baseline.sd
  from flown
  join public.sensor_baselines as baseline on baseline.engine_id = flown.engine_id
  where cardinality(flown.conditions) = 1
  union all
  select
    baseline.engine_id,
    baseline.column_name,
    flown.conditions,
    array_agg(scaled.value order by scaled.value),
    avg(scaled.value),
    stddev_samp(scaled.value)
  from flown
  join public.engines on engines.id = flown.engine_id
  join public.sensor_baselines as baseline on baseline.engine_id = flown.engine_id
  join public.baseline_references() as reference
    on coalesce(reference.dataset, '') = coalesce(engines.dataset, '')
    and reference.condition = baseline.condition and reference.column_name = baseline.column_name
  cross join lateral (
    select (value - reference.mean) / reference.sd as value
    from unnest(baseline.sorted_values) as value
  ) as scaled
  where cardinality(flown.conditions) > 1 and reference.sd > 0
  group by baseline.engine_id, baseline.column_name, flown.conditions;
$$;

comment on function public.comparable_baselines(uuid[]) is
  'Baseline of each sensor of the given engines as one sorted sample, comparable across operating conditions.';
