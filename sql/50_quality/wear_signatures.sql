-- How wear moves the sensors: the mean shift of engines in their last readings before failure, against their own
-- baselines. Wear moves all sensors together and in known directions; a sensor that moves alone, or against it, drifts.
create table public.wear_signatures (
  dataset text,
  column_name text not null,
  shift double precision not null,
  spread double precision not null check (spread >= 0),
  engines integer not null check (engines > 0),
  learned_at timestamptz not null default now(),
  unique nulls not distinct (dataset, column_name)
);

comment on table public.wear_signatures is
  'Mean shift of each sensor at the end of life, in standard deviations of the engine''s baseline. Learned from engines that have failed.';
comment on column public.wear_signatures.dataset is 'Dataset of the engines; null: for datasets of which too few engines have failed.';
comment on column public.wear_signatures.column_name is 'Sensor, s11 for example.';
comment on column public.wear_signatures.shift is
  'Mean over engines of: mean of the last 30 readings minus mean of the baseline, in baseline standard deviations.';
comment on column public.wear_signatures.spread is
  'Standard deviation over engines of what the signature leaves over, for an engine of wear 1.';
comment on column public.wear_signatures.engines is 'How many engines it was learned from.';
comment on column public.wear_signatures.learned_at is 'When it was learned (UTC).';
