-- Learns the baselines of engines whose first readings have changed: those that have no complete one yet, and those
-- for whose time readings have arrived late.
--
--   engine_ids, ranges   parallel arrays: which times of which engines have changed
--   returns              how many engines were learned
--
-- Cadence is the median step, which a few gaps and repeats do not move. Standard deviations are those of samples.
-- Values that are null or not finite are left out.
create or replace function public.learn_baselines(engine_ids uuid[], ranges tstzrange[])
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  wanted integer;
  learners uuid[];
begin
  select baseline_readings into strict wanted from public.quality_settings;
  select array_agg(distinct target.engine_id)
  into learners
  from unnest(engine_ids, ranges) as target (engine_id, range)
  left join public.engine_baselines as baseline using (engine_id)
  where baseline.complete is not true
    or (lower_inf(target.range) or lower(target.range) <= baseline.last_timestamp)
      -- a baseline outlives its partition: what is learned without it would be another one
      and to_regclass(
        'partitions.sensor_data_' || to_char(baseline.first_timestamp at time zone 'UTC', 'YYYY_MM')
      ) is not null;

  delete from public.engine_baselines where engine_id = any (learners);

  insert into public.engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp, cadence)
  select
    first.engine_id,
    count(*),
    count(*) >= wanted,
    min(first."timestamp"),
    max(first."timestamp"),
    case when count(first.step) >= 10 then percentile_cont(0.5) within group (order by first.step) end
  from unnest(learners) as learner (id)
  cross join lateral (
    select
      reading.engine_id,
      reading."timestamp",
      nullif(reading."timestamp" - lag(reading."timestamp") over (order by reading."timestamp"), '0') as step
    from public.sensor_data as reading
    where reading.engine_id = learner.id
    order by reading."timestamp"
    limit wanted
  ) as first
  group by first.engine_id;

  insert into public.sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
  select
    sensor.engine_id,
    sensor.condition,
    sensor.column_name,
    count(*),
    avg(sensor.value::double precision),
    stddev_samp(sensor.value::double precision),
    array_agg(sensor.value order by sensor.value)
  from public.engine_baselines as baseline
  cross join lateral (
    select readings.*
    from public.sensor_values as readings
    where readings.engine_id = baseline.engine_id
      and readings."timestamp" >= baseline.first_timestamp and readings."timestamp" <= baseline.last_timestamp
    offset 0 -- as a join it may be a hash join, which reads all months
  ) as sensor
  where baseline.engine_id = any (learners) and baseline.complete
    and sensor.value - sensor.value = 0
  group by sensor.engine_id, sensor.condition, sensor.column_name;

  return coalesce(cardinality(learners), 0);
end;
$$;

comment on function public.learn_baselines(uuid[], tstzrange[]) is
  'Learns the baselines (cadence, values of each sensor) of engines whose first readings have changed; returns how many.';
