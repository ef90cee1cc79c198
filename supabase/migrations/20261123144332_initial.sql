-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

-- sql/10_platform/extensions.sql
-- pg_cron runs the jobs. It can be created in one database of a cluster only, and not everywhere: without it
-- everything works except that nobody calls the jobs, which sql/90_jobs says again.
do $$
begin
  if to_regnamespace('cron') is null then
    create extension pg_cron with schema pg_catalog;
    grant usage on schema cron to postgres;
  end if;
exception when others then
  raise notice 'pg_cron is not available here: %', sqlerrm;
end;
$$;

-- sql/10_platform/jobs.sql
-- A job that silently stops is the worst failure, so every scheduled job writes down its own last success.
create table public.jobs (
  name text primary key,
  schedule text not null,
  description text not null,
  last_started_at timestamptz,
  last_success_at timestamptz,
  last_result text
);

comment on table public.jobs is
  'Scheduled jobs and when each last succeeded. Written by the jobs themselves; an old last_success_at means a job has stopped.';
comment on column public.jobs.name is 'Name of the job, the same as in cron.job.jobname.';
comment on column public.jobs.schedule is 'Five-field cron expression in UTC; pg_cron 1.4 knows no seconds.';
comment on column public.jobs.description is 'What the job does, in one sentence.';
comment on column public.jobs.last_started_at is 'Start of the last attempt that got the job''s lock (UTC).';
comment on column public.jobs.last_success_at is 'Commit time of the last attempt that finished (UTC); null until the first.';
comment on column public.jobs.last_result is 'What the last successful attempt reported about itself.';

-- sql/10_platform/schemas.sql
-- Partitions live in a schema of their own. `public` is what the Data API exposes and what `supabase gen
-- types` describes; a table that appears there every month would change both every month, and would need
-- its own policies to be as closed as its parent.
create schema if not exists partitions;
comment on schema partitions is
  'Monthly partitions of public.sensor_data. Query the parent; these are storage.';

-- sql/20_engines/engines.sql
-- One row per turbofan engine. `unit_number` is the name everybody outside the database uses; the uuid is
-- what sensor_data refers to, so that an engine can be renamed without rewriting its history.
create table public.engines (
  id uuid primary key default gen_random_uuid(),
  unit_number text not null unique
    check (unit_number ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$'),
  model text,
  manufactured_date date,
  first_operation_date date,
  status text not null default 'active'
    check (status in ('active', 'retired', 'failed')),
  dataset text,
  subset text check (subset in ('train', 'test')),
  dataset_unit integer check (dataset_unit > 0),
  life_cycles integer check (life_cycles > 0),
  rul_cap integer check (rul_cap > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (dataset, subset, dataset_unit)
);

comment on table public.engines is
  'Turbofan engines: registered by the C-MAPSS loader, by hand, or by the intake at their first reading.';
comment on column public.engines.id is 'Internal identifier; sensor_data.engine_id refers to it.';
comment on column public.engines.unit_number is
  'Public name of the engine, such as ENGINE_001: letters, digits and . _ : -, at most 64 characters.';
comment on column public.engines.model is 'Engine model as its operator names it, for example C-MAPSS FD001.';
comment on column public.engines.manufactured_date is 'Day the engine was built, where known.';
comment on column public.engines.first_operation_date is
  'Day of the first flight cycle (UTC); for C-MAPSS engines the day of cycle 1.';
comment on column public.engines.status is
  'active: expected to send readings; retired: taken out of service; failed: ran to the end of its life.';
comment on column public.engines.dataset is 'C-MAPSS set the engine belongs to (FD001 to FD004); null for other engines.';
comment on column public.engines.subset is
  'train: recorded until failure; test: recording stops before failure; null for engines outside C-MAPSS.';
comment on column public.engines.dataset_unit is 'Unit number inside its C-MAPSS file, counted from 1.';
comment on column public.engines.life_cycles is
  'Total life in flight cycles where known: the last cycle of a run-to-failure engine, or the last recorded cycle plus the published remaining life of a test engine.';
comment on column public.engines.rul_cap is
  'Upper bound of remaining-useful-life labels in cycles (piecewise-linear labels, Heimes 2008 uses 125 to 130); null means no bound.';
comment on column public.engines.created_at is 'When the engine was registered (UTC).';
comment on column public.engines.updated_at is 'When the row was last changed by the loader (UTC).';

-- sql/30_sensor_data/create_sensor_data_partitions.sql
-- Makes the monthly partitions of sensor_data that do not exist yet.
--
--   months   any timestamps; each stands for its UTC month
--   returns  how many partitions were made
--   raises   22023 for a time that is null, infinite or not of the years 1900 to 2999
--            SP001 when a table of the partition's name exists but is not attached
--
-- Safe when many sessions meet a new month at once: one makes it, the others wait for that transaction and
-- then find it. The partition is built apart and attached, because ATTACH takes SHARE UPDATE EXCLUSIVE on
-- sensor_data and lets inserts go on, whereas CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE.
--
-- Call it before the transaction writes to engines: attaching clones the foreign key, which locks engines
-- against writers, and two sessions that took these locks in different order would deadlock.
--
--   select create_sensor_data_partitions(array['2024-01-15', '2024-02-01']::timestamptz[]);
create or replace function public.create_sensor_data_partitions(months timestamptz[])
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  month_start timestamp;
  partition_name text;
  created integer := 0;
begin
  if exists (
    select from unnest(months) as month
    where month is null or month not between '1900-01-01 00:00:00+00' and '2999-12-31 23:59:59+00'
  ) then
    raise exception 'Cannot make partitions as months must be times of the years 1900 to 2999: current value is %', months
      using errcode = '22023';
  end if;
  for month_start, partition_name in
    select distinct
      wanted.month_start,
      'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    from (
      select date_trunc('month', month at time zone 'UTC') as month_start from unnest(months) as month
    ) as wanted
    where not exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass
        and part.relname = 'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    )
    order by wanted.month_start
  loop
    perform pg_advisory_xact_lock(hashtext('public.sensor_data partitions'));
    if exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass and part.relname = partition_name
    ) then
      continue; -- another session made it while this one waited for the lock
    end if;
    if to_regclass(format('partitions.%I', partition_name)) is not null then
      raise exception 'Cannot make partition %: a table of that name exists but is not attached to sensor_data',
        partition_name
        using errcode = 'SP001',
          hint = format('Attach partitions.%I again, or rename or drop it.', partition_name);
    end if;

    execute format('create table partitions.%I (like public.sensor_data including all)', partition_name);
    execute format('alter table partitions.%I enable row level security', partition_name);
    execute format(
      'alter table public.sensor_data attach partition partitions.%I for values from (%L) to (%L)',
      partition_name,
      -- written out, because a timestamptz would be written as the session's DateStyle has it, which may name
      -- a zone that reads back as another one ("IST" is India's and Israel's)
      to_char(month_start, 'YYYY-MM-DD"T00:00:00Z"'),
      to_char(month_start + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"')
    );
    created := created + 1;
  end loop;
  return created;
end;
$$;

comment on function public.create_sensor_data_partitions(timestamptz[]) is
  'Makes the missing monthly partitions of sensor_data for the given times; returns how many it made.';

-- sql/30_sensor_data/fill_sensor_data_partition_gaps.sql
-- Makes every month between the oldest and the newest partition that is missing. The intake makes the months
-- it needs by itself, so this is for people who want a history without holes; it is not scheduled, because
-- one reading from 2001 would then bring three hundred empty partitions that every plan has to consider.
--
--   select fill_sensor_data_partition_gaps();
create or replace function public.fill_sensor_data_partition_gaps(as_of timestamptz default now())
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.create_sensor_data_partitions(
    coalesce(array_agg(report.month::timestamp at time zone 'UTC'), '{}')
  )
  from public.sensor_data_partition_report(as_of, 0) as report
  where report.state <> 'present';
$$;

comment on function public.fill_sensor_data_partition_gaps(timestamptz) is
  'Makes the missing months between the oldest partition of sensor_data and the newest (or as_of); returns how many it made.';

-- sql/30_sensor_data/maintain_sensor_data_partitions.sql
-- The scheduled job: makes the partitions of as_of's month and of the months_ahead months after it, and
-- writes down its own success. Making ahead and retiring are separate jobs.
--
--   months_ahead  how many months after as_of's to have ready; 4 survives a job that is broken for a quarter
--   returns       one line: what was made, or that another session is at it
--
--   select maintain_sensor_data_partitions();
create or replace function public.maintain_sensor_data_partitions(
  months_ahead integer default 4,
  as_of timestamptz default now()
)
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  job constant text := 'spool-partitions';
  started_at constant timestamptz := clock_timestamp();
  created integer;
  result text;
begin
  if months_ahead is null or months_ahead not between 0 and 120 then
    raise exception 'Cannot make partitions ahead as months_ahead must be between 0 and 120: current value is %',
      months_ahead
      using errcode = '22023';
  end if;
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is maintaining the partitions';
  end if;

  select public.create_sensor_data_partitions(
    array_agg((date_trunc('month', as_of at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC')
  )
  into created
  from generate_series(0, months_ahead) as ahead;

  result := format('%s partitions made, %s months ahead are ready', created, months_ahead);
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$$;

comment on function public.maintain_sensor_data_partitions(integer, timestamptz) is
  'Job spool-partitions: makes the partitions of this month and the coming ones (4 unless told), and records its success in jobs.';

-- sql/30_sensor_data/sensor_data.sql
-- The readings. Range-partitioned by month of measurement, because a month is what is archived, dropped and
-- scanned together. There is no DEFAULT partition: it would block concurrent detach and make the creation of
-- each later partition scan it. Months are made ahead, and by the intake when a backfill needs one.
--
-- The primary key must hold the partition key. (engine_id, "timestamp", cycle) also makes redelivery
-- harmless: the same reading again is a conflict, and the intake does nothing on conflict.
--
-- batch_id has no foreign key on purpose: its only writer, ingest_readings, writes both rows in one
-- transaction, and a second referential check per row costs the intake about a sixth of its speed
-- (docs/decisions/0002-intake-insert.md).
create table public.sensor_data (
  engine_id uuid not null references public.engines (id),
  cycle integer not null check (cycle > 0),
  "timestamp" timestamptz not null,
  altitude real,
  mach_number real,
  tra real,
  s2 real,
  s3 real,
  s4 real,
  s7 real,
  s8 real,
  s9 real,
  s11 real,
  s12 real,
  s13 real,
  s14 real,
  s15 real,
  s17 real,
  s20 real,
  s21 real,
  batch_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (engine_id, "timestamp", cycle)
) partition by range ("timestamp");

comment on table public.sensor_data is
  'Readings: one engine, one flight cycle, one timestamp. Three operating settings and the fourteen C-MAPSS sensors that carry information (Saxena et al. 2008, table 2). Partitioned by month of "timestamp".';
comment on column public.sensor_data.engine_id is 'Engine that was measured; engines.id.';
comment on column public.sensor_data.cycle is 'Flight cycle of the engine, counted from 1.';
comment on column public.sensor_data."timestamp" is 'Time of the measurement (UTC); the partition key.';
comment on column public.sensor_data.altitude is
  'Operating setting 1: altitude in 1,000 ft (C-MAPSS records it with noise around 0, 10, 20, 25, 35 and 42).';
comment on column public.sensor_data.mach_number is 'Operating setting 2: Mach number, dimensionless, 0 to 0.84 in C-MAPSS.';
comment on column public.sensor_data.tra is 'Operating setting 3: throttle resolver angle in percent, 60 or 100 in C-MAPSS.';
comment on column public.sensor_data.s2 is 'T24, total temperature at LPC outlet, degrees Rankine.';
comment on column public.sensor_data.s3 is 'T30, total temperature at HPC outlet, degrees Rankine.';
comment on column public.sensor_data.s4 is 'T50, total temperature at LPT outlet, degrees Rankine.';
comment on column public.sensor_data.s7 is 'P30, total pressure at HPC outlet, psia.';
comment on column public.sensor_data.s8 is 'Nf, physical fan speed, rpm.';
comment on column public.sensor_data.s9 is 'Nc, physical core speed, rpm.';
comment on column public.sensor_data.s11 is 'Ps30, static pressure at HPC outlet, psia.';
comment on column public.sensor_data.s12 is 'phi, ratio of fuel flow to Ps30, pps/psia.';
comment on column public.sensor_data.s13 is 'NRf, corrected fan speed, rpm.';
comment on column public.sensor_data.s14 is 'NRc, corrected core speed, rpm.';
comment on column public.sensor_data.s15 is 'BPR, bypass ratio, dimensionless.';
comment on column public.sensor_data.s17 is 'htBleed, bleed enthalpy, dimensionless as published.';
comment on column public.sensor_data.s20 is 'W31, HPT coolant bleed, lbm/s.';
comment on column public.sensor_data.s21 is 'W32, LPT coolant bleed, lbm/s.';
comment on column public.sensor_data.batch_id is 'Batch the reading arrived in; batches.id.';
comment on column public.sensor_data.created_at is 'When the row was stored: start of the storing transaction (UTC).';

-- sql/30_sensor_data/sensor_data_partition_report.sql
-- Reports each month from the oldest partition (or as_of's month) to the newest or months_ahead months after
-- as_of, whichever is later: what exists, and what is missing.
--
--   select * from sensor_data_partition_report() where state <> 'present';
create or replace function public.sensor_data_partition_report(
  as_of timestamptz default now(),
  months_ahead integer default 4
)
returns table (
  month date,
  partition_name text,
  state text,
  estimated_rows bigint,
  total_bytes bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
  with present as (
    select
      to_date(substring(part.relname from '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM') as month,
      part.oid,
      part.relname::text as partition_name,
      -- -1 means "never analysed", which is not a number of rows
      case when part.reltuples >= 0 then part.reltuples::bigint end as estimated_rows
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    where link.inhparent = 'public.sensor_data'::regclass
  ),
  this_month as (
    select date_trunc('month', as_of at time zone 'UTC')::date as month
  ),
  months as (
    select generate_series(
      least((select min(present.month) from present), this_month.month)::timestamp,
      greatest(
        (select max(present.month) from present),
        (this_month.month + make_interval(months => months_ahead))::date
      )::timestamp,
      interval '1 month'
    )::date as month
    from this_month
  )
  select
    months.month,
    'sensor_data_' || to_char(months.month, 'YYYY_MM'),
    case
      when present.oid is not null then 'present'
      when months.month < this_month.month then 'gap'
      else 'missing'
    end,
    present.estimated_rows,
    pg_total_relation_size(present.oid)
  from months
  cross join this_month
  left join present on present.month = months.month
  order by months.month;
$$;

comment on function public.sensor_data_partition_report(timestamptz, integer) is
  'Monthly partitions of sensor_data: present, gap (a past month without one) or missing (a coming month without one), with row estimate and size in bytes.';

-- sql/40_intake/batches.sql
-- What arrived together. Every reading and every dead letter names its batch, so that each can be traced to
-- the request, file or delivery that brought it.
create table public.batches (
  id uuid primary key,
  source text not null,
  reference text,
  received integer not null check (received >= 0),
  accepted integer not null check (accepted >= 0),
  duplicates integer not null check (duplicates >= 0),
  rejected integer not null check (rejected >= 0),
  received_at timestamptz not null default now(),
  check (accepted + duplicates + rejected = received)
);
create index batches_received_at on public.batches (received_at);

comment on table public.batches is
  'What arrived together: one row per stored request, delivery or piece of a file. accepted + duplicates + rejected = received, always.';
comment on column public.batches.id is 'Identifier given by the intake; answered to the sender as batch_id.';
comment on column public.batches.source is 'Door the batch came through: ingest, load or replay.';
comment on column public.batches.reference is 'What the batch was at its source, for example train_FD001.txt lines 1-2000.';
comment on column public.batches.received is 'Readings in the batch.';
comment on column public.batches.accepted is 'Readings that became new rows of sensor_data.';
comment on column public.batches.duplicates is
  'Valid readings that were already stored, or stood more than once in the batch: same engine, timestamp and cycle.';
comment on column public.batches.rejected is 'Readings that were not accepted: they are dead letters now or, in a replay, stay what they were.';
comment on column public.batches.received_at is 'When the batch was stored: start of its transaction (UTC).';

-- sql/40_intake/dead_letters.sql
-- What could not be accepted, kept whole. The payload is `json`, not `jsonb`: jsonb refuses \u0000, rounds
-- 1e400 and drops repeated keys, and those are exactly the payloads that end up here.
--
-- A sender that retries sends the same bad reading again. It is the same dead letter then: seen goes up.
create table public.dead_letters (
  id bigint generated always as identity primary key,
  batch_id uuid not null,
  source text not null,
  reference text,
  position integer not null check (position >= 0),
  payload json not null,
  payload_digest text not null,
  path text not null,
  reason text not null,
  seen integer not null default 1 check (seen > 0),
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  correction json,
  replay_attempts integer not null default 0 check (replay_attempts >= 0),
  replay_error text,
  replayed_at timestamptz,
  replay_batch_id uuid,
  check ((replayed_at is null) = (replay_batch_id is null))
);
create unique index dead_letters_open on public.dead_letters (source, payload_digest) where replayed_at is null;
create index dead_letters_first_seen_at on public.dead_letters (first_seen_at);

comment on table public.dead_letters is
  'Readings that could not be accepted, whole, with the reason. deno task dead-letters replays them; one that passes is marked, never deleted.';
comment on column public.dead_letters.id is 'Identifier.';
comment on column public.dead_letters.batch_id is 'Batch in which it was seen first; batches.id.';
comment on column public.dead_letters.source is 'Door it came through: ingest, load.';
comment on column public.dead_letters.reference is 'What its batch was at its source.';
comment on column public.dead_letters.position is 'Place in its batch, counted from 0.';
comment on column public.dead_letters.payload is
  'The reading exactly as it came. Text that was not JSON (a line of a file) is kept as a JSON string.';
comment on column public.dead_letters.payload_digest is 'MD5 of the payload''s text; recognises the same payload sent again.';
comment on column public.dead_letters.path is 'Place of the first fault in the payload, for example s11; empty when it is the whole reading.';
comment on column public.dead_letters.reason is 'Why it was not accepted; several faults are separated by semicolons.';
comment on column public.dead_letters.seen is 'How often this payload has arrived while it was open.';
comment on column public.dead_letters.first_seen_at is 'When it arrived first (UTC).';
comment on column public.dead_letters.last_seen_at is 'When it arrived last (UTC).';
comment on column public.dead_letters.correction is
  'What to replay instead of the payload; fill it in Studio. The payload itself stays as it came.';
comment on column public.dead_letters.replay_attempts is 'How often it has been replayed.';
comment on column public.dead_letters.replay_error is 'Why the last replay did not pass; null before the first and after success.';
comment on column public.dead_letters.replayed_at is 'When a replay passed (UTC); null while it is open.';
comment on column public.dead_letters.replay_batch_id is 'Batch in which the replay passed; batches.id.';

-- sql/40_intake/ingest_readings.sql
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
  valid integer;
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

  valid := cardinality(units) - jsonb_array_length(rejections);
  accepted := 0;
  duplicates := 0;
  if all_or_none and (invalid > 0 or jsonb_array_length(rejections) > 0) then
    return;
  end if;

  perform public.create_sensor_data_partitions(array_agg(distinct "timestamp"))
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

  insert into public.batches (id, source, reference, received, accepted, duplicates, rejected)
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections)
  );
end;
$$;

comment on function public.ingest_readings is
  'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';

-- sql/40_intake/intake_settings.sql
-- What the intake accepts. One row, edited in Studio; it takes effect with the next batch.
create table public.intake_settings (
  id boolean primary key default true check (id),
  unknown_engines text not null default 'register' check (unknown_engines in ('register', 'reject')),
  accepted_from timestamptz not null default '2000-01-01 00:00:00+00' check (isfinite(accepted_from)),
  accepted_ahead interval not null default '31 days' check (accepted_ahead between '0' and '366 days')
);

comment on table public.intake_settings is
  'What the intake accepts. Exactly one row; a change takes effect with the next batch.';
comment on column public.intake_settings.id is 'Always true: it keeps the table at one row.';
comment on column public.intake_settings.unknown_engines is
  'register: an engine is registered at its first reading; reject: readings of engines that are not in engines become dead letters.';
comment on column public.intake_settings.accepted_from is
  'Earliest timestamp that is accepted (UTC). Earlier ones are dead letters rather than new partitions.';
comment on column public.intake_settings.accepted_ahead is
  'How far ahead of the database''s clock a timestamp may be. Later ones are dead letters rather than new partitions.';

-- sql/40_intake/record_dead_letters.sql
-- Keeps readings that could not be accepted, in the transaction that stores the rest of their batch.
--
--   batch, source, reference   as in ingest_readings
--   letters   [{"position": 3, "payload": "…the reading's own text, as a string…", "path": "s11", "reason": "…"}]
--   returns   how many of them were new; the others were already open and are counted as seen again
create or replace function public.record_dead_letters(
  batch uuid,
  source text,
  reference text,
  letters json
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with recorded as (
    insert into public.dead_letters as open (
      batch_id, source, reference, position, payload, payload_digest, path, reason, seen
    )
    select distinct on (md5(letter.payload))
      batch, record_dead_letters.source, record_dead_letters.reference,
      letter.position, letter.payload::json, md5(letter.payload), letter.path, letter.reason,
      count(*) over (partition by md5(letter.payload))
    from json_to_recordset(letters) as letter (position integer, payload text, path text, reason text)
    order by md5(letter.payload), letter.position
    on conflict (source, payload_digest) where replayed_at is null
    do update set seen = open.seen + excluded.seen, last_seen_at = now()
    returning xmax = 0 as is_new
  )
  select count(*)::integer from recorded where is_new;
$$;

comment on function public.record_dead_letters(uuid, text, text, json) is
  'Keeps readings that could not be accepted as dead letters; the same payload again only raises seen.';

-- sql/50_quality/data_quality_metrics.sql
-- One row per check and moment: what was measured, against what, and the verdict. Passed, warned, failed and
-- not evaluated are four things: a check that had nothing to look at has not passed.
create table public.data_quality_metrics (
  id bigint generated always as identity primary key,
  table_name text not null,
  metric_name text not null,
  metric_value double precision,
  threshold_min double precision,
  threshold_max double precision,
  status text not null check (status in ('pass', 'warning', 'fail', 'not_evaluated')),
  check_timestamp timestamptz not null default now(),
  engine_id uuid references public.engines (id),
  rows_checked bigint check (rows_checked >= 0),
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
  check (status = 'not_evaluated' or metric_value is not null)
);
create index data_quality_metrics_by_metric on public.data_quality_metrics (metric_name, check_timestamp desc);
create index data_quality_metrics_by_engine on public.data_quality_metrics (engine_id, check_timestamp desc)
where engine_id is not null;

comment on table public.data_quality_metrics is
  'Results of checks with their evidence: one row per metric, subject and moment.';
comment on column public.data_quality_metrics.id is 'Identifier.';
comment on column public.data_quality_metrics.table_name is 'Table that was checked, for example sensor_data.';
comment on column public.data_quality_metrics.metric_name is 'What was measured, for example values_in_range.';
comment on column public.data_quality_metrics.metric_value is
  'The measured value, in the metric''s own unit; fractions are 0 to 1. Null only when not evaluated.';
comment on column public.data_quality_metrics.threshold_min is 'Smallest value that passes; null means no lower bound.';
comment on column public.data_quality_metrics.threshold_max is 'Largest value that passes; null means no upper bound.';
comment on column public.data_quality_metrics.status is
  'pass, warning, fail, or not_evaluated when there was too little to judge.';
comment on column public.data_quality_metrics.check_timestamp is 'Moment the verdict is about (UTC): the check''s as_of.';
comment on column public.data_quality_metrics.engine_id is 'Engine the verdict is about; null when it is about the table.';
comment on column public.data_quality_metrics.rows_checked is 'How many rows the check looked at.';
comment on column public.data_quality_metrics.evidence is
  'What the verdict rests on: window, thresholds and the keys of what failed.';

-- sql/60_predictions/rul_predictions.sql
-- Predicted remaining useful life. A model predicts once per engine and cycle; predicting again with the same
-- model version replaces nothing and is a conflict, so that a history of predictions stays a history.
create table public.rul_predictions (
  id bigint generated always as identity primary key,
  engine_id uuid not null references public.engines (id),
  cycle integer not null check (cycle > 0),
  predicted_rul real not null check (predicted_rul >= 0 and predicted_rul < 'Infinity'),
  lower_bound real check (lower_bound >= 0),
  upper_bound real,
  interval_level real check (interval_level > 0 and interval_level < 1),
  model_name text not null,
  model_version text not null,
  predicted_at timestamptz not null default now(),
  check (lower_bound <= predicted_rul and predicted_rul <= upper_bound),
  check ((lower_bound is null) = (interval_level is null) and (upper_bound is null) = (interval_level is null)),
  unique (engine_id, model_name, model_version, cycle)
);

comment on table public.rul_predictions is
  'Predicted remaining useful life: one row per engine, cycle and model version.';
comment on column public.rul_predictions.id is 'Identifier.';
comment on column public.rul_predictions.engine_id is 'Engine the prediction is about; engines.id.';
comment on column public.rul_predictions.cycle is 'Last flight cycle the model had seen.';
comment on column public.rul_predictions.predicted_rul is 'Predicted remaining useful life after that cycle, in flight cycles.';
comment on column public.rul_predictions.lower_bound is 'Lower end of the prediction interval, in flight cycles.';
comment on column public.rul_predictions.upper_bound is 'Upper end of the prediction interval, in flight cycles.';
comment on column public.rul_predictions.interval_level is
  'Nominal coverage of the interval, for example 0.9; null when there is none.';
comment on column public.rul_predictions.model_name is 'Name of the model.';
comment on column public.rul_predictions.model_version is 'Version of the model.';
comment on column public.rul_predictions.predicted_at is 'When the prediction was made (UTC).';

-- sql/70_views/training_data.sql
-- What training code selects from: each reading of an engine whose whole life is known, with its label.
-- Labels are piecewise linear: min(rul_cap, life_cycles - cycle). For run-to-failure engines the last cycle
-- has 0 left; for C-MAPSS test engines it has what the RUL file says.
--
--   select * from training_data where dataset = 'FD001' and subset = 'train' order by unit_number, cycle;
create view public.training_data
with (security_invoker = true) as
select
  engines.dataset,
  engines.subset,
  engines.unit_number,
  sensor_data.cycle,
  sensor_data."timestamp",
  sensor_data.altitude,
  sensor_data.mach_number,
  sensor_data.tra,
  sensor_data.s2,
  sensor_data.s3,
  sensor_data.s4,
  sensor_data.s7,
  sensor_data.s8,
  sensor_data.s9,
  sensor_data.s11,
  sensor_data.s12,
  sensor_data.s13,
  sensor_data.s14,
  sensor_data.s15,
  sensor_data.s17,
  sensor_data.s20,
  sensor_data.s21,
  least(engines.rul_cap, engines.life_cycles - sensor_data.cycle) as rul,
  engines.life_cycles - sensor_data.cycle as rul_uncapped,
  sensor_data.batch_id
from public.sensor_data
join public.engines on engines.id = sensor_data.engine_id
where engines.life_cycles is not null;

comment on view public.training_data is
  'Readings of engines whose life is known, with remaining-useful-life labels in cycles: rul is capped at engines.rul_cap, rul_uncapped is not.';
comment on column public.training_data.rul is
  'Label: remaining useful life after this cycle, in flight cycles, at most engines.rul_cap.';
comment on column public.training_data.rul_uncapped is
  'Remaining useful life after this cycle, in flight cycles: engines.life_cycles - cycle.';

-- Every other column means what it means in its table.
do $$
declare
  column_name name;
  meaning text;
begin
  for column_name, meaning in
    select ours.attname, col_description(theirs.attrelid, theirs.attnum)
    from pg_catalog.pg_attribute as ours
    join pg_catalog.pg_attribute as theirs using (attname)
    where ours.attrelid = 'public.training_data'::regclass
      and theirs.attrelid in ('public.engines'::regclass, 'public.sensor_data'::regclass)
      and theirs.attnum > 0
  loop
    execute format('comment on column public.training_data.%I is %L', column_name, meaning);
  end loop;
end;
$$;

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
        'create_sensor_data_partitions', 'sensor_data_partition_report', 'fill_sensor_data_partition_gaps',
        'maintain_sensor_data_partitions', 'ingest_readings', 'record_dead_letters'
      )
  ) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;

-- sql/80_policies/table_access.sql
-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           nothing: there is no public data here
-- authenticated  reads readings and results, not payloads of dead letters
-- service_role   reads and writes; bypasses row-level security by its own attribute
do $$
declare
  relation regclass;
  identity_sequence text;
begin
  foreach relation in array array[
    'public.engines', 'public.sensor_data', 'public.batches', 'public.dead_letters', 'public.intake_settings',
    'public.data_quality_metrics', 'public.rul_predictions', 'public.jobs', 'public.training_data'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to service_role', relation);
    -- an identity column's sequence needs no grant, and whoever holds one could wind it forward or back
    for identity_sequence in
      select pg_get_serial_sequence(relation::text, attname)
      from pg_catalog.pg_attribute
      where attrelid = relation and attidentity <> ''
    loop
      execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role', identity_sequence
      );
    end loop;
  end loop;
end;
$$;

alter table public.engines enable row level security;
alter table public.sensor_data enable row level security;
alter table public.batches enable row level security;
alter table public.dead_letters enable row level security;
alter table public.intake_settings enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.rul_predictions enable row level security;
alter table public.jobs enable row level security;

grant select on public.engines, public.sensor_data, public.batches, public.data_quality_metrics,
  public.rul_predictions, public.jobs, public.training_data to authenticated;
grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions to service_role;
grant update on public.intake_settings to service_role; -- its one row must stay

create policy engines_read on public.engines for select to authenticated using (true);
create policy sensor_data_read on public.sensor_data for select to authenticated using (true);
create policy batches_read on public.batches for select to authenticated using (true);
create policy data_quality_metrics_read on public.data_quality_metrics for select to authenticated using (true);
create policy rul_predictions_read on public.rul_predictions for select to authenticated using (true);
create policy jobs_read on public.jobs for select to authenticated using (true);

-- sql/90_jobs/intake_settings.sql
-- The one row that intake_settings consists of.
insert into public.intake_settings default values on conflict do nothing;

-- sql/90_jobs/partitions.sql
-- Registers the job that makes partitions ahead, runs it once so that the first reading finds its month, and
-- hands it to pg_cron. Where pg_cron is not installed the schema still works, and says so.
insert into public.jobs (name, schedule, description)
values ('spool-partitions', '17 3 * * *', 'Makes the monthly partitions of sensor_data for this month and the next four.')
on conflict (name) do update set schedule = excluded.schedule, description = excluded.description;

select public.maintain_sensor_data_partitions();

do $$
begin
  if to_regnamespace('cron') is null then
    raise notice 'pg_cron is not installed: nothing runs select public.maintain_sensor_data_partitions() by itself';
    return;
  end if;
  perform cron.schedule('spool-partitions', '17 3 * * *', 'select public.maintain_sensor_data_partitions()');
end;
$$;
