-- Measures readings hour by hour: the one definition of what a rollup says, for those that are stored and for those
-- that a check needs before they are.
--
--   engine_ids, ranges   parallel arrays: which times of which engines; a range holds its start and not its end
--   returns              a row as in reading_rollups for each engine and hour with readings. An hour that a range
--                        covers in part is measured in part.
--
--   select * from measure_hours(array[(select id from engines limit 1)], array['[2024-01-01,2024-02-01)'::tstzrange]);
create or replace function public.measure_hours(engine_ids uuid[], ranges tstzrange[])
returns setof public.reading_rollups
language sql
stable
security invoker
set search_path = ''
as $$
  with reading as (
    select
      reading.*,
      engines.dataset,
      date_trunc('hour', reading."timestamp", 'UTC') as hour,
      reading."timestamp" - lag(reading."timestamp") over in_order as step,
      reading.cycle - lag(reading.cycle) over in_order as cycle_step,
      lead(reading.cycle) over in_order is null as is_last
    from unnest(engine_ids, ranges) as target (engine_id, range)
    join public.engines on engines.id = target.engine_id
    cross join lateral (
      select classified.*
      from public.classified_readings as classified
      where classified.engine_id = target.engine_id
        and classified."timestamp" >= coalesce(lower(target.range), '-infinity')
        and classified."timestamp" < coalesce(upper(target.range), 'infinity')
      offset 0 -- as a join, the planner reads all readings of the engine and filters them by time afterwards
    ) as reading
    window in_order as (
      partition by reading.engine_id, date_trunc('hour', reading."timestamp", 'UTC')
      order by reading."timestamp", reading.cycle
    )
  )
  select
    reading.hour,
    reading.engine_id,
    count(*)::integer,
    min(reading."timestamp"),
    max(reading."timestamp"),
    min(reading.cycle) filter (where reading.cycle_step is null),
    min(reading.cycle) filter (where reading.is_last),
    min(reading.step),
    max(reading.step),
    (count(*) filter (where reading.cycle_step <> 1))::integer,
    (count(*) filter (where reading.condition = 0))::integer,
    -- a number minus itself is 0; infinity minus itself, and what is not a number, are not
    (count(*) filter (where
      altitude - altitude <> 0 or mach_number - mach_number <> 0 or tra - tra <> 0
      or s2 - s2 <> 0 or s3 - s3 <> 0 or s4 - s4 <> 0 or s7 - s7 <> 0 or s8 - s8 <> 0 or s9 - s9 <> 0
      or s11 - s11 <> 0 or s12 - s12 <> 0 or s13 - s13 <> 0 or s14 - s14 <> 0 or s15 - s15 <> 0
      or s17 - s17 <> 0 or s20 - s20 <> 0 or s21 - s21 <> 0
    ))::integer,
    array[
      count(*) filter (where altitude is null),
      count(*) filter (where mach_number is null),
      count(*) filter (where tra is null),
      count(*) filter (where s2 is null),
      count(*) filter (where s3 is null),
      count(*) filter (where s4 is null),
      count(*) filter (where s7 is null),
      count(*) filter (where s8 is null),
      count(*) filter (where s9 is null),
      count(*) filter (where s11 is null),
      count(*) filter (where s12 is null),
      count(*) filter (where s13 is null),
      count(*) filter (where s14 is null),
      count(*) filter (where s15 is null),
      count(*) filter (where s17 is null),
      count(*) filter (where s20 is null),
      count(*) filter (where s21 is null)
    ]::integer[],
    array[
      count(*) filter (where altitude < bounds.minima[1] or altitude > bounds.maxima[1]),
      count(*) filter (where mach_number < bounds.minima[2] or mach_number > bounds.maxima[2]),
      count(*) filter (where tra < bounds.minima[3] or tra > bounds.maxima[3]),
      count(*) filter (where s2 < bounds.minima[4] or s2 > bounds.maxima[4]),
      count(*) filter (where s3 < bounds.minima[5] or s3 > bounds.maxima[5]),
      count(*) filter (where s4 < bounds.minima[6] or s4 > bounds.maxima[6]),
      count(*) filter (where s7 < bounds.minima[7] or s7 > bounds.maxima[7]),
      count(*) filter (where s8 < bounds.minima[8] or s8 > bounds.maxima[8]),
      count(*) filter (where s9 < bounds.minima[9] or s9 > bounds.maxima[9]),
      count(*) filter (where s11 < bounds.minima[10] or s11 > bounds.maxima[10]),
      count(*) filter (where s12 < bounds.minima[11] or s12 > bounds.maxima[11]),
      count(*) filter (where s13 < bounds.minima[12] or s13 > bounds.maxima[12]),
      count(*) filter (where s14 < bounds.minima[13] or s14 > bounds.maxima[13]),
      count(*) filter (where s15 < bounds.minima[14] or s15 > bounds.maxima[14]),
      count(*) filter (where s17 < bounds.minima[15] or s17 > bounds.maxima[15]),
      count(*) filter (where s20 < bounds.minima[16] or s20 > bounds.maxima[16]),
      count(*) filter (where s21 < bounds.minima[17] or s21 > bounds.maxima[17])
    ]::integer[],
    max(reading.created_at - reading."timestamp")
  from reading
  left join public.reading_bounds as bounds
    on coalesce(bounds.dataset, '') = coalesce(reading.dataset, '') and bounds.condition = reading.condition
  group by reading.engine_id, reading.hour;
$$;

comment on function public.measure_hours(uuid[], tstzrange[]) is
  'Rollups of the given times of the given engines, measured from their readings.';
