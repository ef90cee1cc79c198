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
