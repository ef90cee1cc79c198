-- Stores one batch of validated readings: the only way into sensor_data.
--
-- The readings come as parallel arrays, one element a reading, because unnest of typed arrays was the fastest
-- insert that can say "on conflict do nothing" (docs/decisions/0002-intake-insert.md).
--
--   batch         identifier of the batch, made by the caller
--   source        door it came through; reference: what it was there
--   invalid       how many readings of the batch the caller has already rejected
--   all_or_none   when anything at all is rejected, write nothing
--   unit_numbers … s21   the readings; cycle from 1, timestamps with zone, values in the columns' units
--   returns       accepted, duplicates and the rejections found here, as
--                 [{"position": place in the arrays from 0, "path": "timestamp", "reason": "…"}];
--                 the caller keeps those readings as dead letters in the same transaction
--
-- One call a transaction: partitions are made before engines are written, and engines and rows are written in
-- key order, so that concurrent batches wait for each other instead of deadlocking.
create or replace function public.ingest_readings(
  batch uuid,
  source text,
  reference text,
  invalid integer,
  all_or_none boolean,
  unit_numbers text[],
  cycles integer[],
  timestamps timestamptz[],
  altitude real[],
  mach_number real[],
  tra real[],
  s2 real[],
  s3 real[],
  s4 real[],
  s7 real[],
  s8 real[],
  s9 real[],
  s11 real[],
  s12 real[],
  s13 real[],
  s14 real[],
  s15 real[],
  s17 real[],
  s20 real[],
  s21 real[],
  out accepted integer,
  out duplicates integer,
  out rejections jsonb
)
language plpgsql
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  settings public.intake_settings%rowtype;
  accepted_until timestamptz;
  valid integer;
begin
  select * into strict settings from public.intake_settings;
  accepted_until := now() + settings.accepted_ahead;

  -- What the rules of this database refuse: the border cannot know them.
  select coalesce(
    jsonb_agg(jsonb_build_object('position', position - 1, 'path', path, 'reason', reason) order by position),
    '[]'
  )
  into rejections
  from (
    select position, 'timestamp' as path, format(
      'Cannot accept timestamp as it must be between %s and %s: current value is %s',
      to_char(settings.accepted_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char(accepted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ) as reason
    from unnest(timestamps) with ordinality as reading ("timestamp", position)
    where not "timestamp" between settings.accepted_from and accepted_until
    union all
    select position, 'engine_id', format(
      'Cannot accept engine_id as it must be a registered engine: current value is %s', unit_number
    )
    from unnest(unit_numbers, timestamps) with ordinality as reading (unit_number, "timestamp", position)
    where settings.unknown_engines = 'reject'
      and "timestamp" between settings.accepted_from and accepted_until
      and not exists (select from public.engines where engines.unit_number = reading.unit_number)
  ) as refused;

  valid := cardinality(unit_numbers) - jsonb_array_length(rejections);
  accepted := 0;
  duplicates := 0;
  if all_or_none and (invalid > 0 or jsonb_array_length(rejections) > 0) then
    return;
  end if;

  perform public.create_sensor_data_partitions(array_agg("timestamp"))
  from (
    select distinct date_trunc('month', "timestamp" at time zone 'UTC') at time zone 'UTC' as "timestamp"
    from unnest(timestamps) as "timestamp"
    where "timestamp" between settings.accepted_from and accepted_until
  ) as months;

  if settings.unknown_engines = 'register' then
    insert into public.engines (unit_number)
    select distinct unit_number
    from unnest(unit_numbers, timestamps) as reading (unit_number, "timestamp")
    where "timestamp" between settings.accepted_from and accepted_until
      and not exists (select from public.engines where engines.unit_number = reading.unit_number)
    order by unit_number
    on conflict do nothing;
  end if;

  insert into public.sensor_data (
    engine_id, cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch_id
  )
  select
    engines.id, reading.cycle, reading."timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch
  from unnest(
    unit_numbers, cycles, timestamps,
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21
  ) as reading (
    unit_number, cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21
  )
  join public.engines on engines.unit_number = reading.unit_number
  where reading."timestamp" between settings.accepted_from and accepted_until
  order by engines.id, reading."timestamp", reading.cycle
  on conflict do nothing;
  get diagnostics accepted = row_count;
  duplicates := valid - accepted;

  insert into public.batches (id, source, reference, received, accepted, duplicates, rejected)
  values (
    batch, source, reference, cardinality(unit_numbers) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections)
  );
end;
$$;

comment on function public.ingest_readings is
  'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';
