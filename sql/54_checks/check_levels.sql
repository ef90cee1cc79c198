-- Levels: is the mean of a sensor's last ten readings where the engine's first readings and its wear put it? Finds in
-- hours what check_drift, which needs fifty readings on either side, finds in days, or not at all in a short life: a
-- sensor that leaves its level fast or far. What it cannot see, small shifts that last, is the matter of check_drift.
--
-- The engine's first readings are its baseline, or as long as that is incomplete its first 30; their median counts, which
-- a spike among them does not move for life. Values are in standard
-- deviations within engines, by dataset and operating condition (medians over the engines, which one with a stuck sensor
-- does not move), so that conditions can be mixed. As in measure_drift
-- the wear of the engine is what explains the shifts of most of its sensors, and a sensor may be three times as far from
-- it as engines differ; what the two sensors of one speed show alike is the engine's, too (twin_sensors).
--
--   check_window, as_of   engines with readings in the window that ends at as_of are looked at, with their last ten
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the number of sensors
--                         that are off their level by more standard errors than the rule says (of the table: of the
--                         worst engine), null where there are too few readings.
--
--   select evidence -> 'sensors' from check_levels('24 hours') where status = 'warning';
create or replace function public.check_levels(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  rule as materialized (
    select rule.dataset, rule.column_name, rule.max as errors
    from public.effective_expectations as rule
    where rule.kind = 'levels' and rule.max is not null
  ),
  engine as materialized (
    select
      engines.id as engine_id, engines.dataset, coalesce(period.complete, false) as is_learned
    from received
    join public.engines on engines.id = received.engine_id
    left join public.engine_baselines as period on period.engine_id = engines.id
    where exists (select from rule)
  ),
  -- Moments of the readings of each condition: of the first ones of engines that have no baseline yet, and of the last.
  -- Only of finite ones: infinity minus itself, and what is not a number, are not 0.
  stretch as materialized (
    select engine.engine_id, engine.dataset, 'first' as place, moments.*
    from engine
    cross join lateral (
      select
        reading.condition, max(reading."timestamp") as until,
        array[
          count(reading.s2), count(reading.s3), count(reading.s4), count(reading.s7), count(reading.s8),
          count(reading.s9), count(reading.s11), count(reading.s12), count(reading.s13), count(reading.s14),
          count(reading.s15), count(reading.s17), count(reading.s20), count(reading.s21)
        ] as counts,
        array[
          percentile_cont(0.5) within group (order by reading.s2), percentile_cont(0.5) within group (order by reading.s3),
          percentile_cont(0.5) within group (order by reading.s4), percentile_cont(0.5) within group (order by reading.s7),
          percentile_cont(0.5) within group (order by reading.s8), percentile_cont(0.5) within group (order by reading.s9),
          percentile_cont(0.5) within group (order by reading.s11), percentile_cont(0.5) within group (order by reading.s12),
          percentile_cont(0.5) within group (order by reading.s13), percentile_cont(0.5) within group (order by reading.s14),
          percentile_cont(0.5) within group (order by reading.s15), percentile_cont(0.5) within group (order by reading.s17),
          percentile_cont(0.5) within group (order by reading.s20), percentile_cont(0.5) within group (order by reading.s21)
        ] as means,
        array[
          var_samp(reading.s2), var_samp(reading.s3), var_samp(reading.s4), var_samp(reading.s7),
          var_samp(reading.s8), var_samp(reading.s9), var_samp(reading.s11), var_samp(reading.s12),
          var_samp(reading.s13), var_samp(reading.s14), var_samp(reading.s15), var_samp(reading.s17),
          var_samp(reading.s20), var_samp(reading.s21)
        ] as variances
      from (
        select
          first.condition, first."timestamp",
          case when first.s2 - first.s2 = 0 then first.s2 end as s2,
          case when first.s3 - first.s3 = 0 then first.s3 end as s3,
          case when first.s4 - first.s4 = 0 then first.s4 end as s4,
          case when first.s7 - first.s7 = 0 then first.s7 end as s7,
          case when first.s8 - first.s8 = 0 then first.s8 end as s8,
          case when first.s9 - first.s9 = 0 then first.s9 end as s9,
          case when first.s11 - first.s11 = 0 then first.s11 end as s11,
          case when first.s12 - first.s12 = 0 then first.s12 end as s12,
          case when first.s13 - first.s13 = 0 then first.s13 end as s13,
          case when first.s14 - first.s14 = 0 then first.s14 end as s14,
          case when first.s15 - first.s15 = 0 then first.s15 end as s15,
          case when first.s17 - first.s17 = 0 then first.s17 end as s17,
          case when first.s20 - first.s20 = 0 then first.s20 end as s20,
          case when first.s21 - first.s21 = 0 then first.s21 end as s21
        from public.classified_readings as first
        where first.engine_id = engine.engine_id and first."timestamp" <= as_of
        order by first."timestamp"
        limit 30
      ) as reading
      group by reading.condition
    ) as moments
    where not engine.is_learned
    union all
    select engine.engine_id, engine.dataset, 'last', moments.*
    from engine
    cross join lateral (
      select
        reading.condition, min(reading."timestamp") as since,
        array[
          count(reading.s2), count(reading.s3), count(reading.s4), count(reading.s7), count(reading.s8),
          count(reading.s9), count(reading.s11), count(reading.s12), count(reading.s13), count(reading.s14),
          count(reading.s15), count(reading.s17), count(reading.s20), count(reading.s21)
        ] as counts,
        array[
          avg(reading.s2), avg(reading.s3), avg(reading.s4), avg(reading.s7), avg(reading.s8), avg(reading.s9),
          avg(reading.s11), avg(reading.s12), avg(reading.s13), avg(reading.s14), avg(reading.s15),
          avg(reading.s17), avg(reading.s20), avg(reading.s21)
        ] as means,
        array[
          var_samp(reading.s2), var_samp(reading.s3), var_samp(reading.s4), var_samp(reading.s7),
          var_samp(reading.s8), var_samp(reading.s9), var_samp(reading.s11), var_samp(reading.s12),
          var_samp(reading.s13), var_samp(reading.s14), var_samp(reading.s15), var_samp(reading.s17),
          var_samp(reading.s20), var_samp(reading.s21)
        ] as variances
      from (
        select
          last.condition, last."timestamp",
          case when last.s2 - last.s2 = 0 then last.s2 end as s2,
          case when last.s3 - last.s3 = 0 then last.s3 end as s3,
          case when last.s4 - last.s4 = 0 then last.s4 end as s4,
          case when last.s7 - last.s7 = 0 then last.s7 end as s7,
          case when last.s8 - last.s8 = 0 then last.s8 end as s8,
          case when last.s9 - last.s9 = 0 then last.s9 end as s9,
          case when last.s11 - last.s11 = 0 then last.s11 end as s11,
          case when last.s12 - last.s12 = 0 then last.s12 end as s12,
          case when last.s13 - last.s13 = 0 then last.s13 end as s13,
          case when last.s14 - last.s14 = 0 then last.s14 end as s14,
          case when last.s15 - last.s15 = 0 then last.s15 end as s15,
          case when last.s17 - last.s17 = 0 then last.s17 end as s17,
          case when last.s20 - last.s20 = 0 then last.s20 end as s20,
          case when last.s21 - last.s21 = 0 then last.s21 end as s21
        from public.classified_readings as last
        where last.engine_id = engine.engine_id and last."timestamp" <= as_of
        order by last."timestamp" desc
        limit 10
      ) as reading
      group by reading.condition
    ) as moments
  ),
  -- The last ten must not be the first ones. Of a baseline they may be a tenth.
  compared as materialized (
    select engine.*
    from engine
    where engine.is_learned
      or (select min(stretch.until) from stretch where stretch.engine_id = engine.engine_id and stretch.place = 'last')
        > (select max(stretch.until) from stretch where stretch.engine_id = engine.engine_id and stretch.place = 'first')
  ),
  -- numbers of readings as doubles: sums of whole numbers are of type numeric, a tenth as fast
  sample as materialized (
    select
      stretch.engine_id, stretch.dataset, stretch.place, stretch.condition, sensor.column_name,
      sensor.readings::double precision as readings, sensor.mean, sensor.variance
    from stretch
    cross join lateral unnest((public.value_columns())[4:], stretch.counts, stretch.means, stretch.variances)
      as sensor (column_name, readings, mean, variance)
    where stretch.condition <> 0 and sensor.readings > 0
    union all
    select
      engine.engine_id, engine.dataset, 'first', baseline.condition, baseline.column_name, baseline.readings,
      baseline.sorted_values[(cardinality(baseline.sorted_values) + 1) / 2], baseline.sd ^ 2
    from engine
    join public.sensor_baselines as baseline on baseline.engine_id = engine.engine_id
    where engine.is_learned and baseline.condition <> 0
  ),
  -- What there is to know of a sensor beside its engine's readings: what it is like in a condition, and, the same in
  -- each, how wear moves it and what its rule is.
  reference as materialized (
    select typical.*, rule.errors, signature.shift as wear_shift, signature.spread as wear_spread
    from (
      select
        sample.dataset,
        sample.condition,
        sample.column_name,
        percentile_cont(0.5) within group (order by sample.mean) as mean,
        sqrt(percentile_cont(0.5) within group (order by sample.variance)) as sd
      from sample
      where sample.place = 'first' and sample.readings > 2
      group by sample.dataset, sample.condition, sample.column_name
      having sum(sample.readings - 1) >= 20
    ) as typical
    left join rule
      on coalesce(rule.dataset, '') = coalesce(typical.dataset, '') and rule.column_name = typical.column_name
    left join public.wear_signatures as signature
      -- of each dataset its own signature, or the one for all
      on signature.column_name = typical.column_name
      and coalesce(signature.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = typical.dataset) then typical.dataset
        else ''
      end
    where typical.sd > 0
  ),
  shift as (
    select
      sample.engine_id,
      sample.column_name,
      sum(scaled.value * sample.readings) filter (where sample.place = 'last') / sum(sample.readings) filter (where sample.place = 'last')
      - sum(scaled.value * sample.readings) filter (where sample.place = 'first') / sum(sample.readings) filter (where sample.place = 'first')
        as shift,
      sqrt(
        1 / sum(sample.readings) filter (where sample.place = 'last')
        + 1.57 / sum(sample.readings) filter (where sample.place = 'first') -- π/2: a median is less exact than a mean
      ) as error,
      min(reference.errors) as errors,
      min(reference.wear_shift) as wear_shift,
      min(reference.wear_spread) as wear_spread
    from sample
    join reference
      on coalesce(reference.dataset, '') = coalesce(sample.dataset, '')
      and reference.condition = sample.condition and reference.column_name = sample.column_name
    cross join lateral (select (sample.mean - reference.mean) / reference.sd as value) as scaled
    group by sample.engine_id, sample.column_name
    having sum(sample.readings) filter (where sample.place = 'last') >= 8
      and sum(sample.readings) filter (where sample.place = 'first') >= 20
  ),
  -- one row per engine, with its sensors as arrays: wear is what most of them agree on
  shifted as materialized (
    select
      shift.engine_id,
      coalesce(greatest(0, public.wear_of(array_agg(shift.shift), array_agg(shift.wear_shift))), 0) as wear,
      array_agg(shift.column_name) as columns,
      array_agg(shift.shift) as shifts,
      array_agg(shift.error) as shift_errors,
      array_agg(shift.errors) as errors,
      array_agg(coalesce(shift.wear_shift, 0)) as wear_shifts,
      array_agg(coalesce(shift.wear_spread, 0)) as wear_spreads
    from shift
    group by shift.engine_id
  ),
  residual as (
    select
      shifted.engine_id,
      shifted.wear,
      sensor.*,
      shifted.wear * sensor.worn_shift as wear_shift,
      sensor.shift - shifted.wear * sensor.worn_shift as residual,
      twin.share,
      least(sensor.column_name, twin.twin) as pair
    from compared
    join shifted on shifted.engine_id = compared.engine_id
    cross join lateral unnest(
      shifted.columns, shifted.shifts, shifted.shift_errors, shifted.errors, shifted.wear_shifts, shifted.wear_spreads
    ) as sensor (column_name, shift, error, errors, worn_shift, spread)
    left join public.twin_sensors() as twin on twin.column_name = sensor.column_name
  ),
  -- with its twin's beside it, in the unit of this sensor
  paired as (
    select
      residual.*,
      coalesce(lag(scaled.residual) over twins, lead(scaled.residual) over twins) * residual.spread as twin_residual
    from residual
    cross join lateral (select residual.residual / nullif(residual.spread, 0) as residual) as scaled
    window twins as (partition by residual.engine_id, residual.pair order by residual.column_name)
  ),
  judged as (
    select
      paired.engine_id,
      paired.column_name,
      paired.shift,
      paired.wear_shift + coalesce(shared.shift, 0) as wear_shift,
      -- the noise of twins is correlated, so that what one shows alone is about as exact as what it shows
      abs(paired.residual - coalesce(shared.shift, 0)) > paired.errors * paired.error
        + 3 * paired.wear * paired.spread * case when shared.shift is null then 1 else paired.share end as is_off
    from paired
    -- what the twin shows as well
    cross join lateral (
      select case
        when paired.residual * paired.twin_residual > 0
          then sign(paired.residual) * least(abs(paired.residual), abs(paired.twin_residual))
        when paired.twin_residual is not null then 0
      end as shift
    ) as shared
    where paired.errors is not null
  ),
  measured as (
    select array_agg(row(
      engine.engine_id,
      found.sensors,
      1,
      coalesce(found.judged, 0),
      jsonb_build_object(
        'sensors', found.listed,
        'reason', case when found.engine_id is null then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from engine
    left join (
      select
        judged.engine_id,
        count(*) as judged,
        count(*) filter (where judged.is_off) as sensors,
        jsonb_agg(
          jsonb_build_object('column', judged.column_name, 'shift', judged.shift, 'wear_shift', judged.wear_shift)
          order by judged.column_name
        ) filter (where judged.is_off) as listed
      from judged
      group by judged.engine_id
    ) as found using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('levels', 'max', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_levels(interval, timestamptz, public.engine_window[]) is
  'Sensors whose last ten readings are not where the engine''s first ones and its wear put them, per engine.';
