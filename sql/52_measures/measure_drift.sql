-- Drift of each sensor of each engine: have its latest readings another distribution than its baseline, and if so, is
-- that wear?
--
-- A difference counts when q < drift_alpha (Benjamini & Hochberg 1995 across the engine's sensors) and D is at least
-- the max of the rule. Wear moves all sensors together, in the proportions of wear_signatures: a difference is
-- degradation when the engine is worn (wear >= 0.05) and the sensor is where that wear puts it, give or take three
-- standard errors and three times what engines differ in. Otherwise it is drift; and so is a sensor of a worn engine
-- that is not where wear puts it because it has not moved: a drift against wear hides it in the baseline.
--
-- Core speed (s9, s14) rises with wear in some engines and falls in others, and begins to before the other sensors tell
-- of it; fan speed (s8, s13) is a weaker case of the same. What both sensors of a speed show alike (twin_sensors) is
-- degradation, therefore, however little the engine is worn; what one shows alone is drift.
--
--   of_engines  which engines
--   as_of       readings after it are not looked at
--   returns     rows as in sensor_drift, fourteen per engine
--
--   select * from measure_drift(array[(select id from engines where unit_number = 'ENGINE_001')]);
create or replace function public.measure_drift(of_engines uuid[], as_of timestamptz default now())
returns setof public.sensor_drift
language sql
stable
parallel safe
cost 10000000
security invoker
set search_path = ''
as $$
  with shift as materialized (
    select
      measured.*,
      measured.baseline_readings >= measured.least_readings
        and measured.window_readings >= measured.least_readings as is_enough,
      -- D of samples of a hundred is one of few numbers, which many sensors share: of each p is computed once
      max(case when measured.place = 1 then public.ks_p_value(
        measured.ks_statistic,
        measured.baseline_readings::double precision * measured.window_readings
          / (measured.baseline_readings + measured.window_readings)
      ) end) over (
        partition by measured.ks_statistic, measured.baseline_readings, measured.window_readings
      ) as p_value,
      engines.dataset
    from (
      select
        shift.*,
        settings.least_readings,
        settings.drift_alpha,
        row_number() over (partition by shift.ks_statistic, shift.baseline_readings, shift.window_readings) as place
      from public.quality_settings as settings
      cross join lateral public.measure_shifts(of_engines, settings.drift_readings, as_of) as shift
    ) as measured
    join public.engines on engines.id = measured.engine_id
  ),
  adjusted as (
    select
      ranked.engine_id,
      ranked.column_name,
      min(least(1, ranked.p_value * ranked.tests / ranked.rank)) over (
        partition by ranked.engine_id order by ranked.rank desc rows unbounded preceding
      ) as q_value
    from (
      select
        shift.engine_id,
        shift.column_name,
        shift.p_value,
        count(*) over (partition by shift.engine_id) as tests,
        row_number() over (partition by shift.engine_id order by shift.p_value, shift.column_name) as rank
      from shift
      where shift.is_enough
    ) as ranked
  ),
  known as materialized (
    -- of each dataset its own signature, or the one for all
    select fleet.dataset, signature.column_name, signature.shift, signature.spread
    from (select distinct shift.dataset from shift) as fleet
    join public.wear_signatures as signature
      on coalesce(signature.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = fleet.dataset) then fleet.dataset
        else ''
      end
  ),
  worn as materialized (
    select
      shift.engine_id,
      greatest(0, public.wear_of(
        array_agg(shift.mean_shift order by shift.column_name), array_agg(known.shift order by shift.column_name)
      )) as wear
    from shift
    join known on known.column_name = shift.column_name and coalesce(known.dataset, '') = coalesce(shift.dataset, '')
    where shift.is_enough
    group by shift.engine_id
  ),
  residual as (
    select
      shift.*,
      worn.wear,
      known.spread,
      worn.wear * known.shift as wear_shift,
      shift.mean_shift - worn.wear * known.shift as residual,
      1.0 / shift.baseline_readings + 1.0 / shift.window_readings as variance,
      twin.share,
      least(shift.column_name, twin.twin) as pair
    from shift
    left join worn on worn.engine_id = shift.engine_id
    left join known on known.column_name = shift.column_name and coalesce(known.dataset, '') = coalesce(shift.dataset, '')
    left join public.twin_sensors() as twin on twin.column_name = shift.column_name
  ),
  -- with its twin's beside it, in the unit of this sensor
  paired as (
    select
      residual.*,
      coalesce(lag(scaled.residual) over twins, lead(scaled.residual) over twins) * residual.spread as twin_residual,
      coalesce(lag(scaled.variance) over twins, lead(scaled.variance) over twins) * residual.spread ^ 2 as twin_variance
    from residual
    cross join lateral (
      select
        case when residual.is_enough then residual.residual / nullif(residual.spread, 0) end as residual,
        case when residual.is_enough then residual.variance / nullif(residual.spread, 0) ^ 2 end as variance
    ) as scaled
    window twins as (partition by residual.engine_id, residual.pair order by residual.column_name)
  ),
  judged as (
    select
      paired.*,
      adjusted.q_value,
      paired.wear_shift + coalesce(shared.shift, 0) as expected_shift,
      adjusted.q_value < paired.drift_alpha and paired.ks_statistic >= rule.max as differs,
      (paired.wear >= 0.05 or shared.shift is not null)
        and abs(paired.residual - coalesce(shared.shift, 0)) <= tolerance.shift as is_worn,
      -- a small shift of so many standard deviations makes a D of 0.4 of it
      paired.wear >= 0.05 and abs(paired.residual - coalesce(shared.shift, 0)) > greatest(tolerance.shift, rule.max / 0.4)
        and rule.max is not null as is_elsewhere
    from paired
    left join adjusted on adjusted.engine_id = paired.engine_id and adjusted.column_name = paired.column_name
    left join public.effective_expectations as rule
      on rule.kind = 'drift' and rule.column_name = paired.column_name
      and coalesce(rule.dataset, '') = coalesce(paired.dataset, '')
    -- what the twin shows as well
    cross join lateral (
      select case
        when paired.residual * paired.twin_residual > 0
          then sign(paired.residual) * least(abs(paired.residual), abs(paired.twin_residual))
        when paired.twin_residual is not null then 0
      end as shift
    ) as shared
    cross join lateral (
      select case
        when shared.shift is null then 3 * sqrt(paired.variance) + 3 * greatest(paired.wear, 0.05) * paired.spread
        else 3 * sqrt(paired.variance + paired.twin_variance)
          + 3 * greatest(paired.wear, 0.05) * paired.spread * paired.share
      end as shift
    ) as tolerance
  )
  select
    engines.id,
    sensor.column_name,
    case
      when judged.is_enough is not true then 'insufficient_data'
      when judged.is_elsewhere then 'drift'
      when judged.differs is not true then 'stable'
      when judged.is_worn then 'degradation'
      else 'drift'
    end,
    judged.ks_statistic,
    judged.p_value,
    judged.q_value,
    judged.mean_shift,
    judged.expected_shift,
    judged.wear,
    coalesce(judged.baseline_readings, period.readings, 0),
    coalesce(judged.window_readings, 0),
    judged.window_start,
    judged.window_end,
    as_of
  from unnest(of_engines) as wanted (id)
  join public.engines on engines.id = wanted.id
  cross join unnest((public.value_columns())[4:]) as sensor (column_name)
  left join judged on judged.engine_id = engines.id and judged.column_name = sensor.column_name
  left join public.engine_baselines as period on period.engine_id = engines.id;
$$;

comment on function public.measure_drift(uuid[], timestamptz) is
  'Latest readings of the given engines against their baselines: KS, Benjamini-Hochberg, mean shift, wear, verdict, by sensor.';
