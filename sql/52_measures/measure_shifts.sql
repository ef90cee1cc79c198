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
  recent as materialized (
    select
      period.engine_id,
      reading.*
    from public.engine_baselines as period
    cross join lateral (
      select
        reading."timestamp", reading.condition,
        reading.s2, reading.s3, reading.s4, reading.s7, reading.s8, reading.s9, reading.s11, reading.s12,
        reading.s13, reading.s14, reading.s15, reading.s17, reading.s20, reading.s21
      from public.classified_readings as reading
      where reading.engine_id = period.engine_id
        and reading."timestamp" > period.last_timestamp and reading."timestamp" <= as_of
      order by reading."timestamp" desc
      limit most
    ) as reading
    where period.engine_id = any (of_engines) and period.complete
  ),
  sensor as materialized (
    select
      recent.engine_id,
      recent."timestamp",
      case when cardinality(flown.conditions) > 1 then recent.condition end as scaled_by,
      sensor.column_name,
      sensor.value
    from recent
    join flown on flown.engine_id = recent.engine_id and recent.condition = any (flown.conditions)
    cross join lateral (
      values
        ('s2', recent.s2), ('s3', recent.s3), ('s4', recent.s4), ('s7', recent.s7), ('s8', recent.s8),
        ('s9', recent.s9), ('s11', recent.s11), ('s12', recent.s12), ('s13', recent.s13), ('s14', recent.s14),
        ('s15', recent.s15), ('s17', recent.s17), ('s20', recent.s20), ('s21', recent.s21)
    ) as sensor (column_name, value)
    where sensor.value - sensor.value = 0
  ),
  comparable as (
    select sensor.engine_id, sensor.column_name, sensor."timestamp", sensor.value::double precision as value
    from sensor
    where sensor.scaled_by is null
    union all
    select
      sensor.engine_id, sensor.column_name, sensor."timestamp", (sensor.value - reference.mean) / reference.sd
    from sensor
    join public.engines on engines.id = sensor.engine_id
    join public.baseline_references() as reference
      on reference.condition = sensor.scaled_by
      and reference.column_name = sensor.column_name
      and coalesce(reference.dataset, '') = coalesce(engines.dataset, '')
    where reference.sd > 0
  ),
  current as materialized (
    select
      comparable.engine_id,
      comparable.column_name,
      array_agg(comparable.value order by comparable.value) as sorted_values,
      avg(comparable.value) as mean,
      min(comparable."timestamp") as window_start,
      max(comparable."timestamp") as window_end
    from comparable
    group by comparable.engine_id, comparable.column_name
  )
  select
    current.engine_id,
    current.column_name,
    public.ks_statistic(baseline.sorted_values, current.sorted_values),
    (current.mean - baseline.mean) / nullif(baseline.sd, 0),
    cardinality(baseline.sorted_values),
    cardinality(current.sorted_values),
    current.window_start,
    current.window_end
  from current
  join baseline on baseline.engine_id = current.engine_id and baseline.column_name = current.column_name;
$$;

comment on function public.measure_shifts(uuid[], integer, timestamptz) is
  'Kolmogorov-Smirnov D and mean shift of the latest readings of engines against their baselines, by sensor.';
