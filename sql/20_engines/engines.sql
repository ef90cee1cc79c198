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
  cadence interval check (cadence > '0'),
  cohort text,
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
comment on column public.engines.cadence is
  'Time between two readings that completeness expects; null means it is learned from the first readings.';
comment on column public.engines.cohort is
  'Group that fleet drift compares with the other groups of the same dataset or model, for example a production lot or a site; the loader writes train and test.';
