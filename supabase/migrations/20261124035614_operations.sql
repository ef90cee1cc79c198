-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE OR REPLACE FUNCTION public.check_levels(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
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
  stretch as materialized (
    select engine.engine_id, engine.dataset, 'first' as place, moments.*
    from engine
    cross join lateral (
      select
        reading.condition, max(reading."timestamp") as until,
        array[
          count(reading.s2 - reading.s2), count(reading.s3 - reading.s3), count(reading.s4 - reading.s4),
          count(reading.s7 - reading.s7), count(reading.s8 - reading.s8), count(reading.s9 - reading.s9),
          count(reading.s11 - reading.s11), count(reading.s12 - reading.s12), count(reading.s13 - reading.s13),
          count(reading.s14 - reading.s14), count(reading.s15 - reading.s15), count(reading.s17 - reading.s17),
          count(reading.s20 - reading.s20), count(reading.s21 - reading.s21)
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
        select first.*
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
          count(reading.s2 - reading.s2), count(reading.s3 - reading.s3), count(reading.s4 - reading.s4),
          count(reading.s7 - reading.s7), count(reading.s8 - reading.s8), count(reading.s9 - reading.s9),
          count(reading.s11 - reading.s11), count(reading.s12 - reading.s12), count(reading.s13 - reading.s13),
          count(reading.s14 - reading.s14), count(reading.s15 - reading.s15), count(reading.s17 - reading.s17),
          count(reading.s20 - reading.s20), count(reading.s21 - reading.s21)
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
        select last.*
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
  sample as materialized (
    select
      stretch.engine_id, stretch.dataset, stretch.place, stretch.condition, sensor.column_name, sensor.readings,
      sensor.mean, sensor.variance
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
  reference as materialized (
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
  ),
  shift as materialized (
    select
      sample.engine_id,
      sample.dataset,
      sample.column_name,
      sum(scaled.value * sample.readings) filter (where sample.place = 'last') / sum(sample.readings) filter (where sample.place = 'last')
      - sum(scaled.value * sample.readings) filter (where sample.place = 'first') / sum(sample.readings) filter (where sample.place = 'first')
        as shift,
      sqrt(
        1.0 / sum(sample.readings) filter (where sample.place = 'last')
        + 1.57 / sum(sample.readings) filter (where sample.place = 'first') -- π/2: a median is less exact than a mean
      ) as error
    from compared
    join sample on sample.engine_id = compared.engine_id
    join reference
      on coalesce(reference.dataset, '') = coalesce(sample.dataset, '')
      and reference.condition = sample.condition and reference.column_name = sample.column_name and reference.sd > 0
    cross join lateral (select (sample.mean - reference.mean) / reference.sd as value) as scaled
    group by sample.engine_id, sample.dataset, sample.column_name
    having sum(sample.readings) filter (where sample.place = 'last') >= 8
      and sum(sample.readings) filter (where sample.place = 'first') >= 20
  ),
  signature as materialized (
    -- of each dataset its own signature, or the one for all
    select fleet.dataset, signature.column_name, signature.shift, signature.spread
    from (select distinct shift.dataset from shift) as fleet
    join public.wear_signatures as signature
      on coalesce(signature.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = fleet.dataset) then fleet.dataset
        else ''
      end
  ),
  -- One row per engine, of which its sensors are unfolded again: of a join with the wear of each engine Postgres, which
  -- expects a single row, makes a loop over all engines for each sensor.
  worn as (
    select
      shift.engine_id,
      shift.dataset,
      array_agg(shift.column_name order by shift.column_name) as columns,
      array_agg(shift.shift order by shift.column_name) as shifts,
      array_agg(shift.error order by shift.column_name) as errors,
      array_agg(signature.shift order by shift.column_name) as worn_shifts,
      array_agg(signature.spread order by shift.column_name) as spreads
    from shift
    left join signature
      on signature.column_name = shift.column_name and coalesce(signature.dataset, '') = coalesce(shift.dataset, '')
    group by shift.engine_id, shift.dataset
  ),
  residual as (
    select
      worn.engine_id,
      worn.dataset,
      measured.wear,
      sensor.*,
      coalesce(measured.wear * sensor.worn_shift, 0) as wear_shift,
      sensor.shift - coalesce(measured.wear * sensor.worn_shift, 0) as residual,
      twin.share,
      least(sensor.column_name, twin.twin) as pair
    from worn
    cross join lateral (
      select greatest(0, public.wear_of(worn.shifts, worn.worn_shifts)) as wear
      offset 0 -- once, not wherever it is mentioned
    ) as measured
    cross join lateral unnest(worn.columns, worn.shifts, worn.errors, worn.worn_shifts, worn.spreads)
      as sensor (column_name, shift, error, worn_shift, spread)
    left join public.twin_sensors() as twin on twin.column_name = sensor.column_name
  ),
  -- with its twin's beside it, in the unit of this sensor
  paired as materialized (
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
      abs(paired.residual - coalesce(shared.shift, 0)) > rule.errors * paired.error
        + coalesce(3 * paired.wear * paired.spread * case when shared.shift is null then 1 else paired.share end, 0)
        as is_off
    from paired
    join rule on coalesce(rule.dataset, '') = coalesce(paired.dataset, '') and rule.column_name = paired.column_name
    -- what the twin shows as well
    cross join lateral (
      select case
        when paired.residual * paired.twin_residual > 0
          then sign(paired.residual) * least(abs(paired.residual), abs(paired.twin_residual))
        when paired.twin_residual is not null then 0
      end as shift
    ) as shared
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
$function$
;

CREATE OR REPLACE FUNCTION public.check_spikes(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
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
    select rule.dataset, rule.column_name, rule.max as deviations
    from public.effective_expectations as rule
    where rule.kind = 'spikes' and rule.max is not null
  ),
  -- one row per engine, with its readings as arrays, the latest first
  latest as materialized (
    select engines.id as engine_id, engines.dataset, reading.*
    from received
    join public.engines on engines.id = received.engine_id
    cross join lateral (
      select
        array_agg(reading."timestamp") as timestamps, array_agg(reading.cycle) as cycles,
        array_agg(reading.condition) as conditions, count(distinct reading.condition) as flown,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21
      from (
        select reading.*
        from public.classified_readings as reading
        where reading.engine_id = received.engine_id and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit 36
      ) as reading
    ) as reading
    where exists (select from rule)
  ),
  sampled as materialized (
    select
      latest.engine_id, latest.dataset, latest.timestamps, latest.cycles, latest.conditions, latest.flown,
      sensor.column_name, sensor.readings
    from latest
    cross join lateral (
      values
        ('s2', latest.s2), ('s3', latest.s3), ('s4', latest.s4), ('s7', latest.s7), ('s8', latest.s8),
        ('s9', latest.s9), ('s11', latest.s11), ('s12', latest.s12), ('s13', latest.s13), ('s14', latest.s14),
        ('s15', latest.s15), ('s17', latest.s17), ('s20', latest.s20), ('s21', latest.s21)
    ) as sensor (column_name, readings)
  ),
  scale as materialized (
    select
      dataset, column_name,
      array_agg(condition) as conditions, array_agg(tenths.at[2]) as centres,
      array_agg((tenths.at[3] - tenths.at[1]) / 2.5631) as deviations
    from (
      select
        value.dataset, value.column_name, value.condition,
        percentile_cont(array[0.1, 0.5, 0.9]) within group (order by value.value) as at
      from (
        select
          sampled.dataset, sampled.column_name, unnest(sampled.conditions) as condition,
          unnest(sampled.readings)::double precision as value
        from sampled
        join (
          select latest.engine_id
          from latest
          where latest.flown > 1
          order by latest.engine_id
          limit 100
        ) as chosen using (engine_id)
      ) as value
      where value.value - value.value = 0 and value.condition <> 0
      group by value.dataset, value.column_name, value.condition
      having count(*) >= 12
    ) as tenths
    where tenths.at[3] > tenths.at[1]
    group by dataset, column_name
  ),
  -- medians, because a baseline with a fault in it is noisier than its sensor
  reference as materialized (
    select
      engines.dataset, baseline.column_name, baseline.condition,
      percentile_cont(0.5) within group (order by baseline.sd) as sd
    from public.sensor_baselines as baseline
    join public.engines on engines.id = baseline.engine_id
    where baseline.condition <> 0 and exists (select from rule)
    group by engines.dataset, baseline.column_name, baseline.condition
  ),
  -- noise of the baselines, in the unit that values are compared in
  known as materialized (
    select reference.dataset, reference.column_name, reference.condition, reference.sd
    from reference
    union all
    select reference.dataset, reference.column_name, null, avg(reference.sd / scale.deviations[place])
    from reference
    join scale
      on scale.column_name = reference.column_name and coalesce(scale.dataset, '') = coalesce(reference.dataset, '')
    cross join lateral array_position(scale.conditions, reference.condition) as place
    group by reference.dataset, reference.column_name
  ),
  comparable as (
    select
      sampled.*,
      case when sampled.flown = 1 then sampled.readings::double precision[] else scaled.values end as values
    from sampled
    left join scale
      on sampled.flown > 1
      and scale.column_name = sampled.column_name and coalesce(scale.dataset, '') = coalesce(sampled.dataset, '')
    cross join lateral (
      select case when sampled.flown > 1 then array(
        select (reading.value - scale.centres[reading.place]) / scale.deviations[reading.place]
        from (
          select
            unnest(sampled.readings) as value,
            array_position(scale.conditions, unnest(sampled.conditions)) as place
        ) as reading
      ) end as values
      offset 0 -- once, not wherever it is mentioned
    ) as scaled
  ),
  -- Tenths are worth their sorting only where something stands out: 36 readings of noise span more than 5.5 standard
  -- deviations of it once in a hundred times.
  outstanding as materialized (
    select comparable.*, moments.readings as counted, known.sd as known_sd
    from comparable
    left join known
      on coalesce(known.dataset, '') = coalesce(comparable.dataset, '') and known.column_name = comparable.column_name
      and known.condition is not distinct from case when comparable.flown = 1 then comparable.conditions[1] end
    cross join lateral (
      select count(*) as readings, min(sample.value) as lowest, max(sample.value) as highest
      from (select unnest(comparable.values) as value) as sample
      where sample.value - sample.value = 0
    ) as moments
    where moments.readings >= 20 and moments.highest - moments.lowest > coalesce(5.5 * known.sd, 0)
  ),
  -- beyond the limit, by itself
  beyond as materialized (
    select
      outstanding.engine_id, outstanding.dataset, outstanding.column_name, reading."timestamp", reading.cycle, reading.raw,
      reading.place, (reading.value - tenths.at[2]) / noise.sd as deviations, sensor_limit.deviations as most
    from bounds
    cross join outstanding
    join rule
      on coalesce(rule.dataset, '') = coalesce(outstanding.dataset, '') and rule.column_name = outstanding.column_name
    cross join lateral (
      select percentile_cont(array[0.1, 0.5, 0.9]) within group (order by sample.value) as at
      from (select unnest(outstanding.values) as value) as sample
      where sample.value - sample.value = 0
    ) as tenths
    -- 2.5631: distance of the tenths of a normal distribution
    cross join lateral (
      select nullif(greatest((tenths.at[3] - tenths.at[1]) / 2.5631, outstanding.known_sd), 0) as sd
    ) as noise
    cross join lateral (
      select
        rule.deviations * case when outstanding.known_sd is null then 1 + 8.0 / outstanding.counted else 1 end as deviations
    ) as sensor_limit
    cross join lateral unnest(
      outstanding.values, outstanding.timestamps, outstanding.cycles, outstanding.readings
    ) with ordinality as reading (value, "timestamp", cycle, raw, place)
    where reading."timestamp" >= bounds.window_start
      and abs(reading.value - tenths.at[2]) > noise.sd * sensor_limit.deviations
  ),
  -- and not because of what the engine did, which the other sensor of the same speed shows as well
  spike as (
    select beyond.*
    from beyond
    left join public.twin_sensors() as twin on twin.column_name = beyond.column_name
    left join comparable as other on other.engine_id = beyond.engine_id and other.column_name = twin.twin
    left join lateral (
      select percentile_cont(array[0.1, 0.5, 0.9]) within group (order by sample.value) as at
      from (select unnest(other.values) as value) as sample
      where sample.value - sample.value = 0
    ) as tenths on other.engine_id is not null
    cross join lateral (
      select (other.values[beyond.place] - tenths.at[2]) / nullif((tenths.at[3] - tenths.at[1]) / 2.5631, 0) as deviations
    ) as shown
    -- by chance the twin is hardly three deviations away, too
    where abs(beyond.deviations) - case
      when shown.deviations * sign(beyond.deviations) > 3 then abs(shown.deviations) else 0
    end > beyond.most
  ),
  measured as (
    select array_agg(row(
      latest.engine_id,
      case when cardinality(latest.timestamps) >= 20 then coalesce(found.sensors, 0) end,
      1,
      cardinality(latest.timestamps),
      jsonb_build_object(
        'sensors', found.listed,
        'reason', case when cardinality(latest.timestamps) < 20 then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from latest
    left join (
      select
        sensor.engine_id,
        count(*) as sensors,
        jsonb_agg(jsonb_build_object('column', sensor.column_name, 'readings', sensor.readings) order by sensor.column_name) as listed
      from (
        select
          spike.engine_id,
          spike.column_name,
          jsonb_agg(
            jsonb_build_object(
              'timestamp', spike."timestamp", 'cycle', spike.cycle, 'value', spike.raw::text,
              'deviations', round(spike.deviations::numeric, 1)
            )
            order by spike."timestamp", spike.cycle
          ) as readings
        from spike
        group by spike.engine_id, spike.column_name
      ) as sensor
      group by sensor.engine_id
    ) as found using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('spikes', 'max', bounds.window_start, as_of, measured.engines) as result;
$function$
;

CREATE OR REPLACE FUNCTION public.judge_drift(window_start timestamp with time zone, as_of timestamp with time zone, drift public.sensor_drift[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with engine as materialized (
    select
      sensor.engine_id,
      max(sensor.wear) as wear,
      sum(sensor.window_readings)::bigint as readings,
      count(*) filter (where sensor.verdict = 'drift') as drifting,
      count(*) filter (where sensor.verdict <> 'insufficient_data') as judged,
      bool_or(
        sensor.wear < 0.05 or abs(sensor.mean_shift - coalesce(sensor.wear_shift, 0))
          > 5 * sqrt(1.0 / sensor.baseline_readings + 1.0 / sensor.window_readings)
      ) filter (where sensor.verdict = 'drift') as is_certain,
      min(sensor.q_value) filter (where sensor.verdict in ('stable', 'drift')) as smallest_q,
      jsonb_agg(
        jsonb_build_object(
          'column', sensor.column_name, 'ks_statistic', sensor.ks_statistic, 'q_value', sensor.q_value,
          'mean_shift', sensor.mean_shift, 'wear_shift', sensor.wear_shift
        )
        order by sensor.ks_statistic desc
      ) filter (where sensor.verdict = 'drift') as drifting_sensors,
      jsonb_agg(sensor.column_name order by sensor.column_name) filter (where sensor.verdict = 'degradation') as worn_sensors,
      jsonb_build_object(
        'baseline_readings', max(sensor.baseline_readings),
        'window_readings', max(sensor.window_readings),
        'compared_from', min(sensor.window_start),
        'compared_to', max(sensor.window_end),
        'reason', case when count(*) filter (where sensor.verdict <> 'insufficient_data') = 0 then 'insufficient_data' end
      ) as evidence
    from unnest(drift) as sensor
    group by sensor.engine_id
  ),
  adjusted as (
    select
      ranked.engine_id,
      -- from the last place to the first: a frame whose start moves is added up anew for each row of it
      min(least(1, ranked.smallest_q * ranked.tests / ranked.place)) over (
        order by ranked.place desc rows unbounded preceding
      ) as fleet_q
    from (
      select
        engine.engine_id,
        engine.smallest_q,
        count(*) over () as tests,
        row_number() over (order by engine.smallest_q, engine.engine_id) as place
      from engine
      where engine.smallest_q is not null
    ) as ranked
  ),
  alarmed as materialized (
    select
      engine.*,
      adjusted.fleet_q,
      engine.drifting > 0
        and (coalesce(adjusted.fleet_q >= settings.drift_alpha, false) or engine.is_certain is false) as is_suspected
    from engine
    cross join public.quality_settings as settings
    left join adjusted on adjusted.engine_id = engine.engine_id
  )
  select
    judged.metric_name,
    judged.column_name,
    judged.engine_id,
    case when alarmed.is_suspected then alarmed.drifting else judged.metric_value end,
    judged.threshold_min,
    judged.threshold_max,
    case when alarmed.is_suspected then 'warning' else judged.status end,
    judged.rows_checked,
    case
      when judged.engine_id is null then
        judged.evidence || jsonb_build_object('suspected_engines', (select count(*) from alarmed where is_suspected))
      else judged.evidence
    end
  from public.judge_engines('drift', 'max', window_start, as_of, array(
    select row(
      alarmed.engine_id,
      case when alarmed.judged > 0 and alarmed.is_suspected then 0 when alarmed.judged > 0 then alarmed.drifting end,
      1,
      alarmed.readings,
      alarmed.evidence || jsonb_build_object(
        'sensors', alarmed.drifting_sensors,
        'fleet_q_value', case when alarmed.drifting > 0 then alarmed.fleet_q end,
        'suspected', nullif(alarmed.is_suspected, false)
      )
    )::public.engine_measurement
    from alarmed
  )) as judged
  left join alarmed on alarmed.engine_id = judged.engine_id
  union all
  select judged.*
  from public.judge_engines('degradation', 'max', window_start, as_of, array(
    select row(
      engine.engine_id,
      engine.wear,
      1,
      engine.readings,
      engine.evidence || jsonb_build_object('sensors', engine.worn_sensors)
    )::public.engine_measurement
    from engine
  )) as judged;
$function$
;

CREATE OR REPLACE FUNCTION public.measure_drift(of_engines uuid[], as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.sensor_drift
 LANGUAGE sql
 STABLE PARALLEL SAFE COST 1e+07
 SET search_path TO ''
AS $function$
  with shift as materialized (
    select
      shift.*,
      shift.baseline_readings >= settings.least_readings
        and shift.window_readings >= settings.least_readings as is_enough,
      public.ks_p_value(
        shift.ks_statistic,
        shift.baseline_readings::double precision * shift.window_readings / (shift.baseline_readings + shift.window_readings)
      ) as p_value,
      engines.dataset,
      settings.drift_alpha
    from public.quality_settings as settings
    cross join lateral public.measure_shifts(of_engines, settings.drift_readings, as_of) as shift
    join public.engines on engines.id = shift.engine_id
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
$function$
;

CREATE OR REPLACE FUNCTION public.measure_wear(of_engines uuid[], most integer, as_of timestamp with time zone)
 RETURNS TABLE(engine_id uuid, wear double precision, unexplained double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  with shift as materialized (
    select shift.engine_id, shift.column_name, shift.mean_shift, known.shift as worn_shift, known.spread
    from public.measure_shifts(of_engines, most, as_of) as shift
    join public.engines on engines.id = shift.engine_id
    -- of each dataset its own signature, or the one for all
    join public.wear_signatures as known
      on known.column_name = shift.column_name
      and coalesce(known.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = engines.dataset) then engines.dataset
        else ''
      end
    where shift.mean_shift is not null
  ),
  worn as (
    select
      shift.engine_id,
      greatest(0, public.wear_of(
        array_agg(shift.mean_shift order by shift.column_name), array_agg(shift.worn_shift order by shift.column_name)
      )) as wear
    from shift
    group by shift.engine_id
  )
  select
    worn.engine_id,
    min(worn.wear),
    sum(greatest(0,
      abs(shift.mean_shift - worn.wear * shift.worn_shift) - 3 * greatest(worn.wear, 0.05) * shift.spread
    )) / nullif(sum(abs(shift.mean_shift)), 0)
  from worn
  join shift on shift.engine_id = worn.engine_id
  group by worn.engine_id;
$function$
;

ALTER FUNCTION "public"."measure_wear"(uuid[], integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_anomalies(engine_ids uuid[], detector text, only_failing boolean DEFAULT false, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
declare
  looked_at constant integer := 5;
  persistent constant integer := 3;
  worn_from constant double precision := 1;
  explained_from constant double precision := 0.5;
  observations jsonb;
begin
  -- so many fail that they are one alert: whether that is over is seen by all engines
  if not only_failing and exists (
    select from public.alerts where kind = 'anomaly' and subject = '*' and resolved_at is null
  ) then
    engine_ids := array(select engines.id from public.engines where engines.status = 'active');
  end if;

  with scored as materialized (
    select
      engines.id as engine_id,
      engines.unit_number,
      engines.status = 'active' as is_active,
      recent.*,
      recent.severe >= persistent as is_far
    from public.engines
    cross join lateral (
      select
        min(reading."timestamp") as first_at,
        max(reading."timestamp") as last_at,
        count(anomaly.score) as anomalous,
        count(*) filter (where anomaly.severity = 'fail') as severe,
        max(anomaly.score) as score,
        (array_agg(anomaly.threshold order by anomaly.score desc nulls last))[1] as threshold,
        (array_agg(anomaly.sensors order by anomaly.score desc nulls last))[1] as sensors
      from (
        select sensor_data."timestamp", sensor_data.cycle
        from public.sensor_data
        where sensor_data.engine_id = engines.id and sensor_data."timestamp" <= as_of
        order by sensor_data."timestamp" desc, sensor_data.cycle desc
        limit looked_at
      ) as reading
      left join public.anomalies as anomaly
        on anomaly.engine_id = engines.id and anomaly."timestamp" = reading."timestamp"
        and anomaly.cycle = reading.cycle and anomaly.detector = observe_anomalies.detector
    ) as recent
    where engines.id = any (engine_ids)
      and recent.last_at > as_of - interval '7 days'
      and not exists (
        select
        from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times && tstzrange(recent.first_at, recent.last_at, '[]')
      )
  ),
  judged as materialized (
    select
      engine.*,
      worn.wear,
      worn.unexplained,
      explained.is_worn,
      engine.is_far and (explained.is_worn is not true or worn.wear >= worn_from) as failing
    from scored as engine
    left join public.measure_wear(
      array(select far.engine_id from scored as far where far.is_far and far.is_active), looked_at, as_of
    ) as worn on worn.engine_id = engine.engine_id
    cross join lateral (select 1 - worn.unexplained >= explained_from as is_worn) as explained
  ),
  observation as (
    select
      'anomaly' as kind,
      judged.unit_number as subject,
      true as failing,
      case when judged.is_worn then 'warning' else 'fail' end as severity,
      format(
        '%s of the last %s readings of %s are far from healthy ones, %s most: %s is %s, above %s%s',
        judged.severe,
        looked_at,
        judged.unit_number,
        strongest.names,
        observe_anomalies.detector,
        round(judged.score::numeric, 3),
        round(judged.threshold::numeric, 3),
        case when judged.is_worn then format('; it is worn (%s), which makes them so', round(judged.wear::numeric, 2)) end
      ) as summary,
      jsonb_build_object(
        'detector', observe_anomalies.detector,
        'score', judged.score,
        'threshold', judged.threshold,
        'anomalous', judged.anomalous,
        'severe', judged.severe,
        'readings', looked_at,
        'last_reading_at', judged.last_at,
        'sensors', judged.sensors,
        'wear', judged.wear,
        'unexplained', judged.unexplained,
        'worn', coalesce(judged.is_worn, false),
        'episode', (
          select episode.id
          from public.engines
          join public.anomaly_episodes as episode
            on episode.engine_id = engines.id and episode.detector = observe_anomalies.detector
          where engines.unit_number = judged.unit_number and episode.started_at <= judged.last_at
          order by episode.started_at desc
          limit 1
        )
      ) as evidence
    from judged
    cross join lateral (
      select string_agg(sensor.key, ', ' order by abs(sensor.value::double precision) desc, sensor.key) as names
      from (
        select each.key, each.value
        from jsonb_each_text(judged.sensors) as each
        order by abs(each.value::double precision) desc, each.key
        limit 3
      ) as sensor
    ) as strongest
    where judged.failing and judged.is_active
    union all
    select 'anomaly', passing.subject, false, null, null, null
    from (
      select engines.unit_number as subject
      from public.engines
      join public.alerts as open on open.kind = 'anomaly' and open.subject = engines.unit_number and open.resolved_at is null
      where engines.id = any (engine_ids) and engines.status <> 'active'
      union
      select judged.unit_number
      from judged
      where not judged.failing
        and exists (
          select
          from public.alerts as open
          where open.kind = 'anomaly' and open.subject in (judged.unit_number, '*') and open.resolved_at is null
        )
      union
      -- it is looked at as a whole
      select '*'
      from public.alerts as open
      where open.kind = 'anomaly' and open.subject = '*' and open.resolved_at is null
    ) as passing
    where not only_failing
  )
  select jsonb_agg(to_jsonb(observation)) into observations from observation;

  -- sessions that observe wait for each other, so that it is asked only when there is something to say
  if observations is null then
    return '{}';
  end if;
  return public.observe_alerts(observations, as_of);
end;
$function$
;

CREATE OR REPLACE FUNCTION public.twin_sensors()
 RETURNS TABLE(column_name text, twin text, share double precision)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  values ('s8', 's13', 0.3::double precision), ('s13', 's8', 0.3), ('s9', 's14', 0.14), ('s14', 's9', 0.14);
$function$
;

ALTER FUNCTION "public"."twin_sensors"() OWNER TO "postgres";

COMMENT ON FUNCTION "public"."measure_wear"(uuid[], integer, timestamp with time zone) IS 'Wear of engines by a few of their latest readings, and the share of their shifts that it does not explain.';

COMMENT ON FUNCTION "public"."twin_sensors"() IS 'Pairs of sensors of the same speed, physical and corrected, and how far wear takes them apart.';

REVOKE ALL ON FUNCTION "public"."measure_wear"(uuid[], integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."twin_sensors"() FROM PUBLIC;

-- sql/80_policies/function_access.sql
-- Postgres lets everybody execute a new function. Nobody may here; who should is granted by name. Functions
-- that write are for the database's owner: edge functions connect as it, and jobs run as it.
do $$
declare
  routine regprocedure;
begin
  foreach routine in array (
    select array_agg(oid::regprocedure)
    from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace
      and proname in (
        -- sensor data
        'create_sensor_data_partitions',
        'fill_sensor_data_partition_gaps',
        'maintain_sensor_data_partitions',
        'sensor_data_partition_report',
        'value_columns',
        'watch_sensor_data_writes',
        -- intake
        'ingest_readings',
        'readings_against_rules',
        'record_dead_letters',
        -- summaries
        'quality_summary_between',
        -- expectations
        'expectation_verdict',
        'export_expectation_suite',
        'import_expectation_suite',
        'read_great_expectation',
        'record_expectation_version',
        'stamp_expectation',
        'validate_expectation',
        -- anomalies
        'note_unscored_readings',
        'observe_anomalies',
        'recent_anomalies',
        'record_anomalies',
        'renew_anomaly_episodes',
        'take_unscored_readings',
        -- quality
        'baseline_references',
        'check_arrival',
        'check_clock',
        'check_completeness',
        'check_conditions',
        'check_copies',
        'check_cycles',
        'check_drift',
        'check_duplicates',
        'check_fleet_drift',
        'check_freshness',
        'check_levels',
        'check_nulls',
        'check_range',
        'check_rejected',
        'check_retraining',
        'observe_retraining_hook',
        'retraining_criteria',
        'retraining_hook_note',
        'check_schema',
        'check_spikes',
        'check_stuck',
        'check_types',
        'check_volume',
        'comparable_baselines',
        'declare_schema',
        'engine_windows',
        'engines_to_compare',
        'fleet_drift',
        'fleet_fingerprint',
        'forget_rollups',
        'hourly_readings',
        'judge_columns',
        'judge_drift',
        'judge_engines',
        'ks_p_value',
        'ks_statistic',
        'last_readings',
        'learn_baselines',
        'learn_wear_signatures',
        'live_columns',
        'measure_drift',
        'measure_hours',
        'measure_shifts',
        'measure_wear',
        'measure_window_drift',
        'milliseconds_since',
        'missed_readings',
        'note_rule_change',
        'note_sensor_data_change',
        'observe_checks',
        'prune_rollups',
        'report_engine_health',
        'roll_up_readings',
        'run_check',
        'run_checks',
        'run_drift',
        'run_fleet_drift',
        'twin_sensors',
        'wear_of',
        -- alerts
        'acknowledge_alert',
        'activate_alert_channels',
        'alert_changes',
        'observe_alerts',
        'record_alert_events',
        'release_held_back_alerts',
        'require_alert_observations',
        'require_open_alert',
        'resolve_alert',
        'retry_delivery',
        -- models
        'engines_to_predict',
        -- lake
        'forget_lake_objects',
        'lake_objects_to_verify',
        'note_lake_verification',
        'observe_lake_objects',
        'record_lake_object',
        'days_to_archive',
        'forget_empty_day',
        'keep_archived_day',
        'raise_day_versions',
        'hash_reading',
        'sensor_data_digest',
        -- lineage
        'abort_lost_runs',
        'batch_input',
        'check_assertions',
        'find_lineage',
        'lineage_coverage',
        'lineage_graph',
        'lineage_to_forward',
        'openlineage_datasets',
        'openlineage_event',
        'openlineage_facets',
        'reading_lineage',
        'settle_forwarding',
        'spool_version',
        'task_datasets',
        'task_lineage',
        -- catalogue
        'asset_columns',
        'find_assets',
        'lake_listing',
        'lake_object_contents',
        'record_asset_schema',
        -- retention
        'archive_fault',
        'close_months',
        'due_months',
        'month_refusal',
        'prunable_assets',
        'prune_asset',
        'prune_history',
        'refuse_month',
        'require_retention_acts',
        'retire_months',
        'task_close_months',
        'task_retention',
        'unarchived_day',
        -- access
        'classification_acts',
        'grant_to_strangers',
        'may_read',
        -- audit
        'audit_actor',
        'audit_change',
        'keep_audit_log',
        'record_audit',
        -- pipeline
        'advance_pipelines',
        'backfill_pipeline',
        'cancel_overdue_tasks',
        'cancel_run',
        'cancel_sql_task',
        'claim_sql_task',
        'claim_task',
        'complete_task',
        'end_task_attempt',
        'extend_lease',
        'fail_task',
        'is_transient_sqlstate',
        'make_pipeline_run',
        'pipeline_tick',
        'require_acyclic_tasks',
        'require_task_handler',
        'rerun_task',
        'retry_delay',
        'run_sql_task',
        'schedule_pipeline_runs',
        'settle_pipeline_run',
        'start_pipeline_run',
        'task_health_report',
        'task_quality',
        'task_retraining_check',
        'wake_worker',
        'watch_jobs'
      )
  ) loop
    execute format('revoke all on routine %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;
grant execute on function public.expectation_verdict(double precision, double precision, double precision, text),
  public.export_expectation_suite(text) to authenticated, service_role;
grant execute on function public.quality_summary_between(timestamptz, timestamptz) to authenticated, service_role;
-- anomalies
grant execute on function public.recent_anomalies(text, integer) to authenticated, service_role;
-- policies and views call it with the rights of whoever reads
grant execute on function public.may_read(text) to anon, authenticated, service_role;
-- the trigger of expectations runs as whoever changes a rule
grant execute on function public.audit_actor() to service_role;
-- lineage: what the view lineage calls must be callable by whoever reads it
grant execute on function public.batch_input(text, text), public.check_assertions(bigint), public.task_datasets(text),
  public.openlineage_datasets(jsonb, text, text, timestamptz), public.openlineage_facets(jsonb, text),
  public.openlineage_event(text, text, timestamptz, text, uuid, text, text),
  public.find_lineage(text, uuid, text, timestamptz, timestamptz, text, integer),
  public.reading_lineage(text, integer, timestamptz), public.lineage_coverage(interval, timestamptz),
  public.lineage_graph(timestamptz, timestamptz), public.spool_version() to authenticated, service_role;
-- catalogue
grant execute on function public.asset_columns(text), public.find_assets(text, text, text, text, text),
  public.lake_listing(text, text, integer), public.lake_object_contents(text) to authenticated, service_role;
-- whoever edits the catalogue is told by it which retention would not act
grant execute on function public.prunable_assets() to authenticated, service_role;

-- sql/90_jobs/standard_expectations.sql
-- The rules that every installation begins with. What somebody has changed stays; a rule that is not wanted is
-- switched off (active), because one that is deleted comes back with the next change of this file.
--
-- Ranges are those of the published files, by operating condition, widened on both sides by about a third of their
-- span to round numbers (fan and core speed, s8 and s13, by 8 rpm): they are to catch a column that has slipped or a
-- broken value, not an engine that wears in its own way. Sea level: all of FD001, 33,517 rows of FD003 and the rows
-- of FD002 and FD004 in that condition. Conditions 2 to 6: 34,276 rows of FD002 and 34,276 of FD004, from the
-- beginnings of their train and test files; all of these rows lie in one of the six conditions and within the ranges.
-- FD003 and FD004, whose fan wears, too, go further than FD001 and FD002 in s7, s8, s12, s13, s15, s20 and s21.
insert into public.expectations (dataset, kind, column_name, condition, min, max, description)
select suite.dataset, 'range', bounds.column_name, suite.condition, bounds.min, bounds.max, suite.description
from (
  values
    ('FD001', null::smallint, 1, 'sea level, the only condition of FD001'),
    ('FD002', 1, 1, 'sea level'),
    ('FD002', 2, 2, '10,000 ft, Mach 0.25'),
    ('FD002', 3, 3, '20,000 ft, Mach 0.70'),
    ('FD002', 4, 4, '25,000 ft, Mach 0.62, 60 % throttle'),
    ('FD002', 5, 5, '35,000 ft, Mach 0.84'),
    ('FD002', 6, 6, '42,000 ft, Mach 0.84'),
    ('FD002', null, 0, 'from the lowest to the highest of all conditions'),
    ('FD003', null, 1, 'sea level, the only condition of FD003'),
    ('FD004', 1, 1, 'sea level'),
    ('FD004', 2, 2, '10,000 ft, Mach 0.25'),
    ('FD004', 3, 3, '20,000 ft, Mach 0.70'),
    ('FD004', 4, 4, '25,000 ft, Mach 0.62, 60 % throttle'),
    ('FD004', 5, 5, '35,000 ft, Mach 0.84'),
    ('FD004', 6, 6, '42,000 ft, Mach 0.84'),
    ('FD004', null, 0, 'from the lowest to the highest of all conditions'),
    (null, 1, 1, 'sea level, for engines outside C-MAPSS'),
    (null, null, 0, 'from the lowest to the highest of all conditions, for engines outside C-MAPSS')
) as suite (dataset, condition, flown, description)
join (
  values
    -- flown 0: whatever the condition
    (0, 'altitude', -0.5, 45),
    (0, 'mach_number', -0.01, 0.9),
    (0, 'tra', 55, 105),
    (0, 's2', 525, 655),
    (0, 's3', 1200, 1660),
    (0, 's4', 980, 1480),
    (0, 's7', 120, 585),
    (0, 's8', 1870, 2410),
    (0, 's9', 7900, 9400),
    (0, 's11', 33, 50),
    (0, 's12', 115, 550),
    (0, 's13', 1990, 2420),
    (0, 's14', 7750, 8420),
    (0, 's15', 7.9, 11.6),
    (0, 's17', 290, 415),
    (0, 's20', 9, 41),
    (0, 's21', 5.4, 24.6),
    -- 1: sea level. Engines outside C-MAPSS take off and taxi there, so Mach goes further
    (1, 'altitude', -0.5, 0.5),
    (1, 'mach_number', -0.01, 0.3),
    (1, 'tra', 99, 101),
    (1, 's2', 635, 650),
    (1, 's3', 1550, 1640),
    (1, 's4', 1360, 1465),
    (1, 's7', 545, 575),
    (1, 's8', 2380, 2396),
    (1, 's9', 8950, 9350),
    (1, 's11', 46, 49.5),
    (1, 's12', 512, 545),
    (1, 's13', 2380, 2396),
    (1, 's14', 8050, 8380),
    (1, 's15', 8, 8.8),
    (1, 's17', 380, 410),
    (1, 's20', 37.5, 40.5),
    (1, 's21', 22.4, 24.4),
    -- 2: 10,000 ft, Mach 0.25
    (2, 'altitude', 9.5, 10.5),
    (2, 'mach_number', 0.24, 0.27),
    (2, 'tra', 99, 101),
    (2, 's2', 602, 608),
    (2, 's3', 1465, 1540),
    (2, 's4', 1265, 1360),
    (2, 's7', 385, 411),
    (2, 's8', 2311, 2327),
    (2, 's9', 8690, 8990),
    (2, 's11', 44, 47),
    (2, 's12', 363, 388),
    (2, 's13', 2380, 2396),
    (2, 's14', 8040, 8320),
    (2, 's15', 8.25, 8.95),
    (2, 's17', 360, 380),
    (2, 's20', 27.5, 29.7),
    (2, 's21', 16.5, 17.9),
    -- 3: 20,000 ft, Mach 0.70
    (3, 'altitude', 19.5, 20.5),
    (3, 'mach_number', 0.69, 0.72),
    (3, 'tra', 99, 101),
    (3, 's2', 604, 611),
    (3, 's3', 1445, 1525),
    (3, 's4', 1205, 1300),
    (3, 's7', 325, 351),
    (3, 's8', 2316, 2332),
    (3, 's9', 8620, 8950),
    (3, 's11', 42.8, 46),
    (3, 's12', 306, 331),
    (3, 's13', 2380, 2396),
    (3, 's14', 7980, 8250),
    (3, 's15', 8.8, 9.55),
    (3, 's17', 356, 375),
    (3, 's20', 23.5, 25.7),
    (3, 's21', 14.1, 15.4),
    -- 4: 25,000 ft, Mach 0.62, throttle at 60 %
    (4, 'altitude', 24.5, 25.5),
    (4, 'mach_number', 0.61, 0.64),
    (4, 'tra', 59, 61),
    (4, 's2', 534, 539),
    (4, 's3', 1225, 1296),
    (4, 's4', 1005, 1092),
    (4, 's7', 170, 183),
    (4, 's8', 1908, 1924),
    (4, 's9', 7940, 8165),
    (4, 's11', 35.5, 38.1),
    (4, 's12', 160, 172),
    (4, 's13', 2021, 2037),
    (4, 's14', 7810, 8020),
    (4, 's15', 10.45, 11.25),
    (4, 's17', 298, 317),
    (4, 's20', 13.6, 15.1),
    (4, 's21', 8.1, 9.1),
    -- 5: 35,000 ft, Mach 0.84
    (5, 'altitude', 34.5, 35.5),
    (5, 'mach_number', 0.83, 0.86),
    (5, 'tra', 99, 101),
    (5, 's2', 553, 559),
    (5, 's3', 1325, 1405),
    (5, 's4', 1085, 1175),
    (5, 's7', 188, 205),
    (5, 's8', 2216, 2232),
    (5, 's9', 8260, 8550),
    (5, 's11', 40.5, 43.3),
    (5, 's12', 177, 193),
    (5, 's13', 2381, 2397),
    (5, 's14', 7985, 8255),
    (5, 's15', 8.85, 9.65),
    (5, 's17', 324, 343),
    (5, 's20', 14.1, 15.8),
    (5, 's21', 8.4, 9.5),
    -- 6: 42,000 ft, Mach 0.84
    (6, 'altitude', 41.5, 42.5),
    (6, 'mach_number', 0.83, 0.86),
    (6, 'tra', 99, 101),
    (6, 's2', 546, 553),
    (6, 's3', 1315, 1395),
    (6, 's4', 1075, 1175),
    (6, 's7', 133, 147),
    (6, 's8', 2205, 2221),
    (6, 's9', 8225, 8545),
    (6, 's11', 40.6, 43.7),
    (6, 's12', 126, 138),
    (6, 's13', 2381, 2397),
    (6, 's14', 7990, 8280),
    (6, 's15', 8.85, 9.7),
    (6, 's17', 321, 340),
    (6, 's20', 9.8, 11.4),
    (6, 's21', 5.9, 6.9)
) as bounds (flown, column_name, min, max) using (flown)
on conflict do nothing;

-- Rows and units of the published files; NASA's readme swaps the units of FD004. A warning only, because people load
-- parts of files.
insert into public.expectations (dataset, subset, kind, min, max, severity, description)
select dataset, subset, kind, count, count, 'warning', 'as published'
from (
  values
    ('FD001', 'train', 20631, 100),
    ('FD001', 'test', 13096, 100),
    ('FD002', 'train', 53759, 260),
    ('FD002', 'test', 33991, 259),
    ('FD003', 'train', 24720, 100),
    ('FD003', 'test', 16596, 100),
    ('FD004', 'train', 61249, 249),
    ('FD004', 'test', 41214, 248)
) as published (dataset, subset, rows, units)
cross join lateral (values ('row_count', rows), ('unit_count', units)) as counted (kind, count)
on conflict do nothing;

-- The published files lack no value.
insert into public.expectations (dataset, kind, mostly, description)
select dataset, 'nulls', 1, 'no value missing, as in the published files'
from unnest(array['FD001', 'FD002', 'FD003', 'FD004']) as dataset
on conflict do nothing;

-- Rules of every file.
insert into public.expectations (subset, kind, min, max, severity, description)
values
  (null, 'text', null, null, 'fail', 'UTF-8 without NUL'),
  (null, 'columns', null, null, 'fail', '26 columns in each line'),
  (null, 'units', null, 0, 'fail', 'unit numbers consecutive from 1; counted are those left out'),
  (null, 'not_empty', 1, null, 'fail', 'at least one row'),
  ('test', 'rul_file', 1, 1, 'warning', 'the RUL file, which has the labels, is there'),
  ('test', 'rul_types', null, 0, 'fail', 'RUL file: one whole number a line; counted are other lines'),
  ('test', 'rul_count', 0, 0, 'fail', 'RUL file: one line a unit; measured are its lines minus the units')
on conflict do nothing;

-- Rules of stored readings; types, nulls, cycles and duplicates are also those of files.
insert into public.expectations (kind, min, max, mostly, severity, description)
values
  ('types', null, null, 1, 'fail', 'every value is a finite number'),
  ('nulls', null, null, 0.99, 'fail', 'share of the readings that have a value, in each column'),
  ('cycles', null, null, 1, 'fail', 'cycles of an engine are consecutive'),
  ('duplicates', null, null, 1, 'fail', 'each cycle of an engine once'),
  ('clock', null, null, 1, 'fail', 'time goes on with each cycle'),
  ('completeness', 0.98, null, 1, 'fail', 'share of the expected readings that arrived, by engine and of the fleet'),
  ('freshness', null, 3, 1, 'warning', 'age of the latest reading in cadences of its engine'),
  ('volume', 0.5, 2, 1, 'warning', 'readings of the window relative to the median of the windows before'),
  ('schema', null, 0, 1, 'fail', 'differences between the tables and what they should be'),
  ('conditions', 0.99, null, 1, 'warning', 'share of the readings in a known operating condition'),
  ('stuck', null, 20, 1, 'fail', 'equal readings of a sensor in a row'),
  ('spikes', null, 7, 1, 'warning', 'standard deviations of its own noise that a reading of a sensor may be away from those around it'),
  ('levels', null, 5.5, 1, 'warning', 'standard errors that the mean of a sensor''s last ten readings may be away from where it should be'),
  ('arrival', 0.98, null, 1, 'warning', 'share of the readings that came when their engine''s usually do'),
  ('copies', null, 0.5, 1, 'warning', 'share of an engine''s received readings that were there already'),
  ('rejected', null, 0.01, 1, 'warning', 'share of what was received that became dead letters'),
  ('drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor against its baseline; a larger one counts when it is significant'),
  ('fleet_drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor between groups of engines; a larger one counts when it is significant'),
  ('degradation', null, 0.5, 1, 'warning', 'wear of an engine; 1: as worn as engines are at failure')
on conflict do nothing;

-- It was 6.5 until the two sensors of a speed were held against each other. Where somebody has chosen a level, it stays.
update public.expectations
set max = 5.5
where kind = 'levels' and dataset is null and column_name is null and max = 6.5 and version = 1;

select public.declare_schema();

select public.record_audit('migration.apply', '20261124035614_operations');
