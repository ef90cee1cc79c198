-- What a sensor is like in each operating condition of a dataset: mean and standard deviation within engines over all
-- baselines. Engines that fly several conditions are compared in units of these, because no engine has enough readings
-- in each condition alone; engines that fly one are compared as they are.
create or replace function public.baseline_references()
returns table (dataset text, condition smallint, column_name text, mean double precision, sd double precision)
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  select
    engines.dataset,
    baseline.condition,
    baseline.column_name,
    sum(baseline.mean * baseline.readings) / sum(baseline.readings),
    sqrt(sum(baseline.sd ^ 2 * (baseline.readings - 1)) / nullif(sum(baseline.readings - 1), 0))
  from public.sensor_baselines as baseline
  join public.engines on engines.id = baseline.engine_id
  group by engines.dataset, baseline.condition, baseline.column_name;
$$;

comment on function public.baseline_references() is
  'Mean and within-engine standard deviation of each sensor by dataset and operating condition, over all baselines.';
