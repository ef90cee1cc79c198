-- What each engine was like at first: the reference that cadence and drift are judged by. Learned once from its
-- first readings and stored, so that it never contains the readings it is compared with and outlives their
-- partitions. Readings that arrive late for this period make it be learned again.
create table public.engine_baselines (
  engine_id uuid primary key references public.engines (id) on delete cascade,
  readings integer not null check (readings > 0),
  complete boolean not null,
  first_timestamp timestamptz not null,
  last_timestamp timestamptz not null,
  cadence interval check (cadence > '0'),
  learned_at timestamptz not null default now(),
  check (first_timestamp <= last_timestamp)
);

comment on table public.engine_baselines is
  'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';
comment on column public.engine_baselines.engine_id is 'Engine; engines.id.';
comment on column public.engine_baselines.readings is 'How many readings the baseline consists of.';
comment on column public.engine_baselines.complete is
  'Whether it has as many readings as quality_settings.baseline_readings asks for. Only then are values compared with it.';
comment on column public.engine_baselines.first_timestamp is 'Time of its first reading (UTC).';
comment on column public.engine_baselines.last_timestamp is 'Time of its last reading (UTC); readings after it can be compared with it.';
comment on column public.engine_baselines.cadence is
  'Median time between two of its readings; null while there are fewer than ten steps. engines.cadence goes before it.';
comment on column public.engine_baselines.learned_at is 'When it was learned (UTC).';

create table public.sensor_baselines (
  engine_id uuid not null references public.engine_baselines (engine_id) on delete cascade,
  condition smallint not null check (condition >= 0),
  column_name text not null,
  readings integer not null check (readings > 0),
  mean double precision not null,
  sd double precision,
  sorted_values real[] not null,
  primary key (engine_id, condition, column_name)
);

comment on table public.sensor_baselines is
  'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';
comment on column public.sensor_baselines.engine_id is 'Engine; engines.id.';
comment on column public.sensor_baselines.condition is 'Operating condition; 0: none of the known ones.';
comment on column public.sensor_baselines.column_name is 'Sensor, s11 for example.';
comment on column public.sensor_baselines.readings is 'How many values there are.';
comment on column public.sensor_baselines.mean is 'Their mean, in the sensor''s unit.';
comment on column public.sensor_baselines.sd is 'Their sample standard deviation, in the sensor''s unit; null of a single value.';
comment on column public.sensor_baselines.sorted_values is 'The values in ascending order, in the sensor''s unit.';
