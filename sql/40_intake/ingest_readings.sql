-- Stores one batch of validated readings: the only way into sensor_data.
--
-- The readings come as parallel arrays, one element a reading, because unnest of typed arrays was the fastest
-- insert that can say "on conflict do nothing" (docs/decisions/0002-intake-insert.md).
--
--   batch         identifier of the batch, made by the caller
--   source        door it came through; reference: what it was there
--   invalid       how many readings of the batch the caller has already rejected
--   all_or_none   when anything at all is rejected, write nothing
--   unit_numbers  the engines of the batch, each once
--   units         the engine of each reading, as its place in unit_numbers, from 1
--   cycles, timestamps, altitude … s21   the readings; values in the units of sensor_data's columns
--   code_version  version of the caller; null: one that does not say, such as a function that is older than this database
--   waited        from the arrival of the batch at its door to this call, by the caller's clock; null: it does not say
--   returns       accepted, duplicates and the rejections found here, as
--                 [{"position": place in the arrays from 0, "path": "timestamp", "reason": "…"}];
--                 the caller keeps those readings as dead letters in the same transaction
--
-- What is refused here: timestamps outside of the window, engines that are not registered where they must be
-- (intake_settings), and what breaks a rule of expectations that says at_intake = 'reject'.
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
  units integer[],
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
  code_version text default null,
  waited interval default null,
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
  engine_ids uuid[];
  datasets text[];
  refused jsonb;
  valid integer;
  copies jsonb;
  newest timestamptz;
begin
  select * into strict settings from public.intake_settings;
  accepted_until := now() + settings.accepted_ahead;

  select array_agg(engines.id order by unit)
  into engine_ids
  from unnest(unit_numbers) with ordinality as named (unit_number, unit)
  left join public.engines using (unit_number);

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
      'Cannot accept engine_id as it must be a registered engine: current value is %s', unit_numbers[unit]
    )
    from unnest(units, timestamps) with ordinality as reading (unit, "timestamp", position)
    where engine_ids[unit] is null and settings.unknown_engines = 'reject'
      and "timestamp" between settings.accepted_from and accepted_until
  ) as refused;

  -- Ranges and nulls are checked later, unless a rule says that the intake refuses: where none does, this looks
  -- into an empty index.
  if exists (select from public.expectations where at_intake = 'reject' and active) then
    select array_agg(engines.dataset order by unit)
    into datasets
    from unnest(engine_ids) with ordinality as named (id, unit)
    left join public.engines using (id);

    select coalesce(
      jsonb_agg(jsonb_build_object('position', place - 1, 'path', path, 'reason', reason) order by place), '[]'
    )
    into refused
    from (
      select
        place,
        (array_agg(path order by column_place))[1] as path,
        string_agg(reason, '; ' order by column_place) as reason
      from public.readings_against_rules(
        array(select datasets[unit] from unnest(units) with ordinality as reading (unit, position) order by position),
        altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21
      )
      group by place
    ) as broken
    where not exists (
      select from jsonb_array_elements(rejections) as rejection where (rejection -> 'position')::bigint = place - 1
    );
    if refused <> '[]' then
      rejections := (
        select jsonb_agg(rejection order by (rejection -> 'position')::bigint)
        from jsonb_array_elements(rejections || refused) as rejection
      );
      -- a reading of no engine is left out below: it registers none and is not stored
      units := array(
        select case when rejected.position is null then unit end
        from unnest(units) with ordinality as reading (unit, position)
        left join (
          select (rejection -> 'position')::bigint + 1 as position from jsonb_array_elements(refused) as rejection
        ) as rejected using (position)
        order by position
      );
    end if;
  end if;

  valid := cardinality(units) - jsonb_array_length(rejections);
  accepted := 0;
  duplicates := 0;
  if all_or_none and (invalid > 0 or jsonb_array_length(rejections) > 0) then
    return;
  end if;

  select max("timestamp"), public.create_sensor_data_partitions(array_agg(distinct "timestamp"))
  into newest
  from unnest(timestamps) as "timestamp"
  where "timestamp" between settings.accepted_from and accepted_until;

  -- Only where an engine is new: even an insert of no rows would wait for whoever is attaching a month.
  if settings.unknown_engines = 'register' and array_position(engine_ids, null) is not null then
    insert into public.engines (unit_number)
    select unit_number
    from unnest(unit_numbers, engine_ids) with ordinality as named (unit_number, id, unit)
    where id is null
      and exists (
        select from unnest(units, timestamps) as reading (unit, "timestamp")
        where reading.unit = named.unit and "timestamp" between settings.accepted_from and accepted_until
      )
    order by unit_number
    on conflict do nothing;

    select array_agg(engines.id order by unit)
    into engine_ids
    from unnest(unit_numbers) with ordinality as named (unit_number, unit)
    left join public.engines using (unit_number);
  end if;

  -- unnest in the select list streams; in the from list it would first copy the batch into a tuplestore
  insert into public.sensor_data (
    engine_id, cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch_id
  )
  select
    engine_ids[unit], cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch
  from (
    select
      unnest(units) as unit, unnest(cycles) as cycle, unnest(timestamps) as "timestamp",
      unnest(altitude) as altitude, unnest(mach_number) as mach_number, unnest(tra) as tra,
      unnest(s2) as s2, unnest(s3) as s3, unnest(s4) as s4, unnest(s7) as s7, unnest(s8) as s8,
      unnest(s9) as s9, unnest(s11) as s11, unnest(s12) as s12, unnest(s13) as s13, unnest(s14) as s14,
      unnest(s15) as s15, unnest(s17) as s17, unnest(s20) as s20, unnest(s21) as s21
  ) as reading
  where engine_ids[unit] is not null and "timestamp" between settings.accepted_from and accepted_until
  order by engine_ids[unit], "timestamp", cycle
  on conflict do nothing;
  get diagnostics accepted = row_count;
  duplicates := valid - accepted;

  -- Whose they were is worth a look at the stored rows only where there are some, and none where all of them are.
  if duplicates > 0 then
    select jsonb_object_agg(engine_ids[unit], given - new)
    into copies
    from (
      select reading.unit, count(*) as given, count(distinct (reading."timestamp", reading.cycle)) filter (where stored.is_new) as new
      from unnest(units, cycles, timestamps) as reading (unit, cycle, "timestamp")
      left join lateral (
        select true as is_new
        from public.sensor_data
        where sensor_data.engine_id = engine_ids[reading.unit]
          and sensor_data."timestamp" = reading."timestamp" and sensor_data.cycle = reading.cycle
          and sensor_data.batch_id = batch
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as stored on accepted > 0
      where engine_ids[reading.unit] is not null
        and reading."timestamp" between settings.accepted_from and accepted_until
      group by reading.unit
    ) as counted
    where given > new;
  end if;

  insert into public.batches (
    id, source, reference, received, accepted, duplicates, rejected, code_version, duplicates_by_engine,
    newest_timestamp, processing
  )
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections), code_version, copies,
    -- the caller's clock measures what was before this call, this one the rest: they need not agree
    newest, waited + (clock_timestamp() - statement_timestamp())
  );
end;
$$;

comment on function public.ingest_readings is
  'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';
