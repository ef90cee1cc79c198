-- Compares two groups of engines by their baselines, sensor by sensor.
--
-- Readings of one engine resemble each other (intraclass correlation 0.25 to 0.85 in FD001), so that a thousand
-- readings of ten engines are nowhere near a thousand independent ones: taken as such, a random split of one healthy
-- fleet "drifts" nearly always. Each group counts as n_eff = n / (1 + (m - 1) r) readings (Kish 1965), with m the mean
-- number of readings of an engine, by reading. D compares shares of readings below a value, not the values themselves, so
-- that r is the correlation of being below the median, 2 / pi asin(ICC) (Sheppard 1899), with the ICC of a one-way
-- analysis of variance within the groups (Donner & Koval 1980). Taking the ICC for r misses a shift of one standard
-- deviation in one of eleven cases, because it is up to half as large again. Baselines are compared because wear has
-- not begun in them.
--
--   reference, current  engines of the two groups; those without a complete baseline do not count
--   returns             a row per sensor. verdict: drift when q < drift_alpha and D is at least the max of the rule
--                       fleet_drift, else stable; insufficient_data with fewer than two engines on a side. Values are
--                       compared in standard deviations of their operating condition; mean_shift is in standard
--                       deviations of the reference group's readings.
--
--   select * from fleet_drift(
--     array(select id from engines where cohort = 'train'), array(select id from engines where cohort = 'test'));
create or replace function public.fleet_drift(reference uuid[], current uuid[])
returns table (
  column_name text,
  verdict text,
  ks_statistic double precision,
  p_value double precision,
  q_value double precision,
  mean_shift double precision,
  icc double precision,
  reference_engines integer,
  current_engines integer,
  reference_readings integer,
  current_readings integer,
  reference_effective double precision,
  current_effective double precision
)
language sql
stable
security invoker
set search_path = ''
as $$
  with baseline as materialized (
    select
      baseline.engine_id,
      baseline.engine_id = any (current) as is_current,
      baseline.column_name,
      baseline.readings,
      (baseline.mean - reference.mean) / reference.sd as mean,
      coalesce(baseline.sd, 0) / reference.sd as sd,
      baseline.sorted_values,
      reference.mean as reference_mean,
      reference.sd as reference_sd
    from public.sensor_baselines as baseline
    join public.engines on engines.id = baseline.engine_id
    join public.baseline_references() as reference
      on reference.condition = baseline.condition
      and reference.column_name = baseline.column_name
      and coalesce(reference.dataset, '') = coalesce(engines.dataset, '')
    where baseline.engine_id = any (fleet_drift.reference || current) and reference.sd > 0
  ),
  engine as (
    select
      moments.column_name,
      moments.is_current,
      moments.n,
      moments.total / moments.n as mean,
      coalesce((moments.squares - moments.total ^ 2 / moments.n) / nullif(moments.n - 1, 0), 0) as variance
    from (
      select
        baseline.column_name, baseline.is_current, baseline.engine_id,
        sum(baseline.readings) as n,
        sum(baseline.readings * baseline.mean) as total,
        sum((baseline.readings - 1) * baseline.sd ^ 2 + baseline.readings * baseline.mean ^ 2) as squares
      from baseline
      group by baseline.column_name, baseline.is_current, baseline.engine_id
    ) as moments
  ),
  cohort as (
    select
      engine.column_name,
      engine.is_current,
      count(*) as engines,
      sum(engine.n) as n,
      sum(engine.n ^ 2) / sum(engine.n) as readings_each,
      sum(engine.n * engine.mean) / sum(engine.n) as mean,
      sum(engine.n * engine.mean ^ 2) - sum(engine.n * engine.mean) ^ 2 / sum(engine.n) as squares_between,
      sum((engine.n - 1) * engine.variance) as squares_within
    from engine
    group by engine.column_name, engine.is_current
  ),
  correlated as (
    select
      cohort.column_name,
      -- never quite outside of 0 to 1, whatever rounding does
      least(1, greatest(
        0, (between_engines - within_engines) / nullif(between_engines + (readings_each - 1) * within_engines, 0)
      )) as icc
    from (
      select
        cohort.column_name,
        sum(cohort.squares_between) / nullif(sum(cohort.engines - 1), 0) as between_engines,
        sum(cohort.squares_within) / nullif(sum(cohort.n - cohort.engines), 0) as within_engines,
        sum(cohort.n - cohort.readings_each) / nullif(sum(cohort.engines - 1), 0) as readings_each
      from cohort
      group by cohort.column_name
    ) as cohort
  ),
  -- D of both groups, all sensors in one pass: readings per value, then the running share of each group. Sensors have few
  -- different values, so that this is several times faster than sorting the samples whole.
  counted as (
    select
      baseline.column_name,
      (value - baseline.reference_mean) / baseline.reference_sd as value,
      count(*) filter (where not baseline.is_current) as reference_values,
      count(*) filter (where baseline.is_current) as current_values
    from baseline
    cross join lateral unnest(baseline.sorted_values) as value
    group by baseline.column_name, value, baseline.reference_mean, baseline.reference_sd
  ),
  sample as (
    select
      share.column_name,
      max(abs(
        share.reference_below::double precision / nullif(share.reference_values, 0)
        - share.current_below::double precision / nullif(share.current_values, 0)
      )) as ks_statistic
    from (
      select
        counted.column_name,
        sum(counted.reference_values) over below as reference_below,
        sum(counted.current_values) over below as current_below,
        sum(counted.reference_values) over (partition by counted.column_name) as reference_values,
        sum(counted.current_values) over (partition by counted.column_name) as current_values
      from counted
      window below as (partition by counted.column_name order by counted.value)
    ) as share
    group by share.column_name
  ),
  compared as (
    select
      sample.column_name,
      before.engines as reference_engines,
      after.engines as current_engines,
      before.n as reference_readings,
      after.n as current_readings,
      correlated.icc,
      before.n / (1 + (before.readings_each - 1) * 2 / pi() * asin(correlated.icc)) as reference_effective,
      after.n / (1 + (after.readings_each - 1) * 2 / pi() * asin(correlated.icc)) as current_effective,
      (after.mean - before.mean)
        / nullif(sqrt((before.squares_between + before.squares_within) / nullif(before.n - 1, 0)), 0) as mean_shift,
      case when before.engines >= 2 and after.engines >= 2 then sample.ks_statistic end as ks_statistic
    from sample
    left join correlated on correlated.column_name = sample.column_name
    left join cohort as before on before.column_name = sample.column_name and not before.is_current
    left join cohort as after on after.column_name = sample.column_name and after.is_current
  ),
  tested as (
    select
      compared.*,
      public.ks_p_value(
        compared.ks_statistic,
        (compared.reference_effective * compared.current_effective
          / (compared.reference_effective + compared.current_effective))::double precision
      ) as p_value
    from compared
  ),
  ranked as (
    select
      tested.*,
      count(tested.p_value) over () as tests,
      row_number() over (order by tested.p_value, tested.column_name) as rank -- nulls last
    from tested
  ),
  adjusted as (
    select
      ranked.*,
      case when ranked.p_value is not null then
        min(least(1, ranked.p_value * ranked.tests / ranked.rank)) over (
          order by ranked.rank rows between current row and unbounded following
        )
      end as q_value
    from ranked
  )
  select
    adjusted.column_name,
    case
      when adjusted.q_value is null then 'insufficient_data'
      when adjusted.q_value < settings.drift_alpha and adjusted.ks_statistic >= rule.max then 'drift'
      else 'stable'
    end,
    adjusted.ks_statistic,
    adjusted.p_value,
    adjusted.q_value,
    adjusted.mean_shift,
    adjusted.icc,
    coalesce(adjusted.reference_engines, 0)::integer,
    coalesce(adjusted.current_engines, 0)::integer,
    coalesce(adjusted.reference_readings, 0)::integer,
    coalesce(adjusted.current_readings, 0)::integer,
    adjusted.reference_effective,
    adjusted.current_effective
  from adjusted
  cross join public.quality_settings as settings
  left join public.effective_expectations as rule
    on rule.kind = 'fleet_drift' and rule.dataset is null and rule.column_name = adjusted.column_name;
$$;

comment on function public.fleet_drift(uuid[], uuid[]) is
  'Two groups of engines compared by the Kolmogorov-Smirnov statistic of their baselines, with the design effect of correlated readings.';
