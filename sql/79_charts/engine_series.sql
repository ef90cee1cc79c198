-- The readings of an engine as a chart wants them: in at most so many slots, of each of which the least and the greatest value are
-- kept, so that no peak is lost however far one looks from. An engine with fewer readings has a slot for each.
--
-- Values mean nothing without their operating condition, so those of one condition are told, and the conditions of all slots.
--
--   unit_number   public name of the engine
--   since, until  readings from the one to the other, both included; all there are unless given
--   slots         most slots, 2 to 2000
--   condition     whose values are told; the one that most of these readings were taken in unless given
--   returns       null where no engine has this name; else an object of
--                   first, last    times of the engine's first and last reading; times are seconds since 1970
--                   since, until   what is told about; null where there is no reading
--                   readings       how many readings there are, in all conditions
--                   slot_seconds   length of a slot; null where each reading has its own
--                   cadence_seconds  expected time between two readings
--                   condition, conditions   whose values these are; and how many readings each has
--                   time, cycle, slot_readings, slot_condition   of each slot: that of its first reading; how many, and the
--                                  condition that most of them were taken in
--                   sensors        name: [least values, greatest values], null where a slot has none; instead of the second
--                                  null where each reading has its own slot
--                   baselines      name: [mean, standard deviation, readings] in this condition
--                   gaps           [from, to] of steps of more than one and a half cadences; the 500 longest
--   raises        22023 for another number of slots
--
--   select engine_series('ENGINE_001', now() - interval '30 days', now(), 600) -> 'sensors' -> 's11';
create or replace function public.engine_series(
  unit_number text, since timestamptz default null, until timestamptz default null, slots integer default 600,
  condition integer default null
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
begin
  if slots is null or slots not between 2 and 2000 then
    raise exception 'Cannot tell a series as slots must be between 2 and 2000: current value is %', coalesce(slots::text, 'null')
      using errcode = '22023';
  end if;
  return (
  with engine as (
    select
      engines.id,
      extract(epoch from cadences.cadence) as cadence,
      (select min(every."timestamp") from public.sensor_data as every where every.engine_id = engines.id) as first,
      (select max(every."timestamp") from public.sensor_data as every where every.engine_id = engines.id) as last
    from public.engines
    left join public.engine_cadences as cadences on cadences.engine_id = engines.id
    where engines.unit_number = engine_series.unit_number
  ),
  bounds as (
    select
      engine.*,
      greatest(engine.first, engine_series.since) as since,
      least(engine.last, engine_series.until) as until
    from engine
  ),
  reading as materialized (
    select
      classified.*,
      row_number() over (order by classified."timestamp", classified.cycle) - 1 as number,
      count(*) over () as readings,
      lag(classified."timestamp") over (order by classified."timestamp", classified.cycle) as previous
    from bounds
    join public.classified_readings as classified
      on classified.engine_id = bounds.id
      and classified."timestamp" >= bounds.since and classified."timestamp" <= bounds.until
  ),
  flown as (
    select reading.condition, count(*) as readings from reading group by reading.condition
  ),
  chosen as (
    select coalesce(
      engine_series.condition,
      (select flown.condition from flown order by flown.readings desc, flown.condition limit 1)
    ) as condition
  ),
  placed as materialized (
    select
      case
        when reading.readings <= engine_series.slots then reading.number
        -- the last reading belongs to the last slot
        else least(
          floor(
            engine_series.slots * extract(epoch from reading."timestamp" - bounds.since)
            / extract(epoch from bounds.until - bounds.since)
          ),
          engine_series.slots - 1
        )
      end as place,
      reading."timestamp",
      reading.cycle,
      reading.condition,
      -- what is not a number, or infinite, is on no chart
      case when reading.s2 - reading.s2 = 0 then reading.s2 end as s2,
      case when reading.s3 - reading.s3 = 0 then reading.s3 end as s3,
      case when reading.s4 - reading.s4 = 0 then reading.s4 end as s4,
      case when reading.s7 - reading.s7 = 0 then reading.s7 end as s7,
      case when reading.s8 - reading.s8 = 0 then reading.s8 end as s8,
      case when reading.s9 - reading.s9 = 0 then reading.s9 end as s9,
      case when reading.s11 - reading.s11 = 0 then reading.s11 end as s11,
      case when reading.s12 - reading.s12 = 0 then reading.s12 end as s12,
      case when reading.s13 - reading.s13 = 0 then reading.s13 end as s13,
      case when reading.s14 - reading.s14 = 0 then reading.s14 end as s14,
      case when reading.s15 - reading.s15 = 0 then reading.s15 end as s15,
      case when reading.s17 - reading.s17 = 0 then reading.s17 end as s17,
      case when reading.s20 - reading.s20 = 0 then reading.s20 end as s20,
      case when reading.s21 - reading.s21 = 0 then reading.s21 end as s21
    from reading
    cross join bounds
  ),
  slot as (
    select
      place,
      min("timestamp") as "timestamp",
      min(cycle) as cycle,
      count(*) as readings,
      mode() within group (order by condition) as condition
    from placed
    group by place
  ),
  measured as (
    select
      place,
      min(s2) as s2_min, max(s2) as s2_max,
      min(s3) as s3_min, max(s3) as s3_max,
      min(s4) as s4_min, max(s4) as s4_max,
      min(s7) as s7_min, max(s7) as s7_max,
      min(s8) as s8_min, max(s8) as s8_max,
      min(s9) as s9_min, max(s9) as s9_max,
      min(s11) as s11_min, max(s11) as s11_max,
      min(s12) as s12_min, max(s12) as s12_max,
      min(s13) as s13_min, max(s13) as s13_max,
      min(s14) as s14_min, max(s14) as s14_max,
      min(s15) as s15_min, max(s15) as s15_max,
      min(s17) as s17_min, max(s17) as s17_max,
      min(s20) as s20_min, max(s20) as s20_max,
      min(s21) as s21_min, max(s21) as s21_max
    from placed
    where condition = (select chosen.condition from chosen)
    group by place
  ),
  series as (
    select jsonb_build_object(
      'time', coalesce(jsonb_agg(trim_scale(round(extract(epoch from slot."timestamp"), 3)) order by slot.place), '[]'),
      'cycle', coalesce(jsonb_agg(slot.cycle order by slot.place), '[]'),
      'slot_readings', coalesce(jsonb_agg(slot.readings order by slot.place), '[]'),
      'slot_condition', coalesce(jsonb_agg(slot.condition order by slot.place), '[]')
    ) as slots,
    case when count(*) = 0 then '{}' else jsonb_build_object(
      's2', jsonb_build_array(jsonb_agg(measured.s2_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s2_max order by slot.place) end),
      's3', jsonb_build_array(jsonb_agg(measured.s3_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s3_max order by slot.place) end),
      's4', jsonb_build_array(jsonb_agg(measured.s4_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s4_max order by slot.place) end),
      's7', jsonb_build_array(jsonb_agg(measured.s7_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s7_max order by slot.place) end),
      's8', jsonb_build_array(jsonb_agg(measured.s8_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s8_max order by slot.place) end),
      's9', jsonb_build_array(jsonb_agg(measured.s9_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s9_max order by slot.place) end),
      's11', jsonb_build_array(jsonb_agg(measured.s11_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s11_max order by slot.place) end),
      's12', jsonb_build_array(jsonb_agg(measured.s12_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s12_max order by slot.place) end),
      's13', jsonb_build_array(jsonb_agg(measured.s13_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s13_max order by slot.place) end),
      's14', jsonb_build_array(jsonb_agg(measured.s14_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s14_max order by slot.place) end),
      's15', jsonb_build_array(jsonb_agg(measured.s15_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s15_max order by slot.place) end),
      's17', jsonb_build_array(jsonb_agg(measured.s17_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s17_max order by slot.place) end),
      's20', jsonb_build_array(jsonb_agg(measured.s20_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s20_max order by slot.place) end),
      's21', jsonb_build_array(jsonb_agg(measured.s21_min order by slot.place), case when max(slot.readings) > 1 then jsonb_agg(measured.s21_max order by slot.place) end)
    ) end as sensors
    from slot
    left join measured on measured.place = slot.place
  )
  select series.slots || jsonb_build_object(
    'unit_number', engine_series.unit_number,
    'first', extract(epoch from bounds.first),
    'last', extract(epoch from bounds.last),
    'since', extract(epoch from bounds.since),
    'until', extract(epoch from bounds.until),
    'readings', (select count(*) from reading),
    'slot_seconds', (
      select extract(epoch from bounds.until - bounds.since) / engine_series.slots
      from reading where reading.readings > engine_series.slots
      limit 1
    ),
    'cadence_seconds', bounds.cadence,
    'condition', (select chosen.condition from chosen),
    'conditions', (
      select coalesce(jsonb_agg(
        jsonb_build_object('condition', flown.condition, 'name', named.name, 'readings', flown.readings) order by flown.condition
      ), '[]')
      from flown
      left join public.operating_conditions as named on named.condition = flown.condition
    ),
    'sensors', series.sensors,
    'baselines', (
      select coalesce(
        jsonb_object_agg(baseline.column_name, jsonb_build_array(baseline.mean, baseline.sd, baseline.readings)), '{}'
      )
      from public.sensor_baselines as baseline
      where baseline.engine_id = bounds.id and baseline.condition = (select chosen.condition from chosen)
    ),
    'gaps', (
      select coalesce(jsonb_agg(jsonb_build_array(gap.began, gap.ended) order by gap.began), '[]')
      from (
        select extract(epoch from reading.previous) as began, extract(epoch from reading."timestamp") as ended
        from reading
        where extract(epoch from reading."timestamp" - reading.previous) > 1.5 * bounds.cadence
        order by reading."timestamp" - reading.previous desc
        limit 500
      ) as gap
    )
  )
  from bounds
  cross join series
  );
end;
$$;

comment on function public.engine_series(text, timestamptz, timestamptz, integer, integer) is
  'Readings of an engine for a chart: least and greatest values of each sensor in at most so many slots, with conditions, baselines and gaps.';
