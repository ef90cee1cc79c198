-- Compares readings of engines with their baselines, sensor by sensor: the measurement behind drift and wear.
--
--   of_engines  which engines
--   most        how many of the latest readings; never readings of the baseline
--   as_of       readings after it are not looked at
--   returns     a row per engine with a complete baseline and a reading after it, and sensor. ks_statistic is 0 to 1,
--               mean_shift in baseline standard deviations (null where the baseline has none).
create or replace function public.measure_shifts(of_engines uuid[], most integer, as_of timestamptz)
returns table (
  engine_id uuid,
  column_name text,
  ks_statistic double precision,
  mean_shift double precision,
  baseline_readings integer,
  window_readings integer,
  window_start timestamptz,
  window_end timestamptz
)
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  -- each part is materialised, so that what the planner cannot guess of one does not spoil the plan of the next
  with baseline as materialized (
    select * from public.comparable_baselines(of_engines)
  ),
  flown as materialized (
    select baseline.engine_id, min(baseline.conditions) as conditions from baseline group by baseline.engine_id
  ),
  -- means and deviations of the conditions of a sensor, in the order of scale.conditions
  scale as materialized (
    select
      reference.dataset,
      reference.column_name,
      array_agg(reference.condition) as conditions,
      array_agg(reference.mean) as means,
      array_agg(reference.sd) as deviations
    from public.baseline_references() as reference
    where reference.sd > 0
      and exists (select from flown where cardinality(flown.conditions) > 1)
    group by reference.dataset, reference.column_name
  ),
  -- One row per engine, with its readings as arrays: sorting each sensor's values apart takes a fifth of the time of
  -- sorting all values of all sensors of all engines at once, and nothing of it leaves memory.
  recent as materialized (
    select period.engine_id, cardinality(flown.conditions) = 1 as is_one_condition, reading.*
    from public.engine_baselines as period
    join flown on flown.engine_id = period.engine_id
    cross join lateral (
      select
        array_agg(latest."timestamp") as timestamps, array_agg(latest.condition) as conditions,
        array_agg(latest.s2) as s2, array_agg(latest.s3) as s3, array_agg(latest.s4) as s4, array_agg(latest.s7) as s7,
        array_agg(latest.s8) as s8, array_agg(latest.s9) as s9, array_agg(latest.s11) as s11,
        array_agg(latest.s12) as s12, array_agg(latest.s13) as s13, array_agg(latest.s14) as s14,
        array_agg(latest.s15) as s15, array_agg(latest.s17) as s17, array_agg(latest.s20) as s20,
        array_agg(latest.s21) as s21
      from (
        select reading.*
        from public.classified_readings as reading
        where reading.engine_id = period.engine_id
          and reading."timestamp" > period.last_timestamp and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit most
      ) as latest
      where latest.condition = any (flown.conditions)
    ) as reading
    where period.complete
  ),
  current as materialized (
    select
      recent.engine_id,
      sensor.column_name,
      sample.sorted_values,
      sample.mean,
      coalesce(times.window_start, recent.timestamps[cardinality(recent.timestamps)]) as window_start,
      coalesce(times.window_end, recent.timestamps[1]) as window_end -- the latest are first
    from recent
    join public.engines on engines.id = recent.engine_id
    cross join lateral (
      values
        ('s2', recent.s2), ('s3', recent.s3), ('s4', recent.s4), ('s7', recent.s7), ('s8', recent.s8),
        ('s9', recent.s9), ('s11', recent.s11), ('s12', recent.s12), ('s13', recent.s13), ('s14', recent.s14),
        ('s15', recent.s15), ('s17', recent.s17), ('s20', recent.s20), ('s21', recent.s21)
    ) as sensor (column_name, readings)
    left join scale
      on not recent.is_one_condition
      and scale.column_name = sensor.column_name and coalesce(scale.dataset, '') = coalesce(engines.dataset, '')
    cross join lateral (
      select case
        when recent.is_one_condition then sensor.readings::double precision[]
        else array(
          select (reading.value - scale.means[reading.place]) / scale.deviations[reading.place]
          from (
            select
              unnest(sensor.readings) as value,
              array_position(scale.conditions, unnest(recent.conditions)) as place
          ) as reading
        )
      end as values
      offset 0 -- once, not wherever it is mentioned
    ) as comparable
    cross join lateral (
      select array_agg(reading.value order by reading.value) as sorted_values, avg(reading.value) as mean
      -- in the select list unnest streams; in the from list Postgres first copies the array into a tuplestore
      from (select unnest(comparable.values) as value) as reading
      where reading.value - reading.value = 0
      having count(*) > 0
    ) as sample
    cross join lateral (
      -- few sensors miss a value: the times of the others are those of the engine
      select min(reading."timestamp") as window_start, max(reading."timestamp") as window_end
      from (
        select unnest(comparable.values) as value, unnest(recent.timestamps) as "timestamp"
        where cardinality(sample.sorted_values) < cardinality(recent.timestamps)
      ) as reading
      where reading.value - reading.value = 0
    ) as times
  )
  select
    current.engine_id,
    current.column_name,
    ks.statistic,
    (current.mean - baseline.mean) / nullif(baseline.sd, 0),
    cardinality(baseline.sorted_values),
    cardinality(current.sorted_values),
    current.window_start,
    current.window_end
  from current
  join baseline on baseline.engine_id = current.engine_id and baseline.column_name = current.column_name
  cross join lateral public.ks_statistic(baseline.sorted_values, current.sorted_values) as ks (statistic);
$$;

comment on function public.measure_shifts(uuid[], integer, timestamptz) is
  'Kolmogorov-Smirnov D and mean shift of the latest readings of engines against their baselines, by sensor.';
