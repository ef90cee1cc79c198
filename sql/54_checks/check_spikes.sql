-- Spikes: single readings of a sensor that are further from those around them than its noise can explain, by the rule in
-- standard deviations. Ranges are too wide for that: a sensor at sea level may move by twenty of them and stay inside.
--
-- What is around a reading are the latest 36 of its engine. Noise is taken from the lowest and highest tenth of the same
-- readings, which a spike does not move (quartiles would take four times as many readings to be as exact), and is at least
-- that of the fleet's baselines, so that a sensor that was stuck is not called spiky for living again. Readings of several
-- operating conditions are made comparable by the median and the tenths of a hundred engines of the fleet in each; by the
-- mean and the standard deviation one stuck sensor would move them for all. Where there is no baseline to know the noise
-- from, n readings have 1 + 8/n times the limit, and one reading of pure noise in
-- a million is beyond it.
--
-- Of the two sensors of one speed (twin_sensors) only what one shows beyond the other counts: in its last cycles an
-- engine's fan may jump by ten standard deviations, and both of them tell of it.
--
--   check_window, as_of   of the latest readings those in the window that ends at as_of are judged
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the number of sensors
--                         with a spike (of the table: of the worst engine), null where there are too few readings.
--
--   select evidence -> 'sensors' from check_spikes('24 hours') where status = 'warning';
create or replace function public.check_spikes(
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
        array_agg(reading.condition) as conditions, min(reading.condition) <> max(reading.condition) as is_mixed,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21,
        array[
          min(reading.s2), min(reading.s3), min(reading.s4), min(reading.s7), min(reading.s8), min(reading.s9),
          min(reading.s11), min(reading.s12), min(reading.s13), min(reading.s14), min(reading.s15), min(reading.s17),
          min(reading.s20), min(reading.s21)
        ] as lowest,
        array[
          max(reading.s2), max(reading.s3), max(reading.s4), max(reading.s7), max(reading.s8), max(reading.s9),
          max(reading.s11), max(reading.s12), max(reading.s13), max(reading.s14), max(reading.s15), max(reading.s17),
          max(reading.s20), max(reading.s21)
        ] as highest
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
      latest.engine_id, latest.dataset, latest.timestamps, latest.cycles, latest.conditions, latest.is_mixed,
      sensor.column_name, sensor.readings,
      latest.highest[sensor.place]::double precision - latest.lowest[sensor.place] as span
    from latest
    cross join lateral (
      values
        (1, 's2', latest.s2), (2, 's3', latest.s3), (3, 's4', latest.s4), (4, 's7', latest.s7), (5, 's8', latest.s8),
        (6, 's9', latest.s9), (7, 's11', latest.s11), (8, 's12', latest.s12), (9, 's13', latest.s13),
        (10, 's14', latest.s14), (11, 's15', latest.s15), (12, 's17', latest.s17), (13, 's20', latest.s20),
        (14, 's21', latest.s21)
    ) as sensor (place, column_name, readings)
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
          where latest.is_mixed
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
  -- Few sensors have a reading that may stand out: of those of one condition the extremes say so, and the others are not
  -- taken apart, unless a twin is judged by them.
  comparable as materialized (
    select
      sampled.*,
      known.sd as known_sd,
      sampled.is_mixed or sampled.span > coalesce(5.5 * known.sd, 0) as may_stand_out,
      case when sampled.is_mixed then scaled.values else sampled.readings::double precision[] end as values
    from sampled
    left join known
      on coalesce(known.dataset, '') = coalesce(sampled.dataset, '') and known.column_name = sampled.column_name
      and known.condition is not distinct from case when not sampled.is_mixed then sampled.conditions[1] end
    left join scale
      on sampled.is_mixed
      and scale.column_name = sampled.column_name and coalesce(scale.dataset, '') = coalesce(sampled.dataset, '')
    cross join lateral (
      select case when sampled.is_mixed then array(
        select (reading.value - scale.centres[reading.place]) / scale.deviations[reading.place]
        from (
          select
            unnest(sampled.readings) as value,
            array_position(scale.conditions, unnest(sampled.conditions)) as place
        ) as reading
      ) end as values
      offset 0 -- once, not wherever it is mentioned
    ) as scaled
    where sampled.is_mixed or sampled.span > coalesce(5.5 * known.sd, 0)
      or sampled.column_name in (select twin.column_name from public.twin_sensors() as twin)
  ),
  -- Tenths are worth their sorting only where something stands out: 36 readings of noise span more than 5.5 standard
  -- deviations of it once in a hundred times.
  outstanding as materialized (
    select comparable.*, moments.readings as counted
    from comparable
    cross join lateral (
      select count(*) as readings, min(sample.value) as lowest, max(sample.value) as highest
      from (select unnest(comparable.values) as value) as sample
      where sample.value - sample.value = 0
    ) as moments
    where comparable.may_stand_out and moments.readings >= 20 and moments.highest - moments.lowest > coalesce(5.5 * comparable.known_sd, 0)
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
      and reading.value - reading.value = 0 -- what is not a number is larger than any
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
$$;

comment on function public.check_spikes(interval, timestamptz, public.engine_window[]) is
  'Single readings of a sensor that are further from those around them than its noise can explain, per engine.';
