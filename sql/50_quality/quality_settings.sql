-- What the statistics of the checks need to know. One row, edited in Studio; it takes effect with the next run.
-- Thresholds of verdicts are not here but in expectations.
create table public.quality_settings (
  id boolean primary key default true check (id),
  baseline_readings integer not null default 100 check (baseline_readings between 50 and 1000),
  drift_readings integer not null default 100 check (drift_readings between 50 and 10000),
  drift_alpha double precision not null default 0.05 check (drift_alpha > 0 and drift_alpha < 1),
  least_readings integer not null default 50 check (least_readings between 8 and 1000),
  rollups_kept interval not null default '35 days' check (rollups_kept >= '2 days'),
  check (least_readings <= baseline_readings and least_readings <= drift_readings)
);

comment on table public.quality_settings is
  'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';
comment on column public.quality_settings.id is 'Always true: it keeps the table at one row.';
comment on column public.quality_settings.baseline_readings is
  'How many of an engine''s first readings are its baseline. A change makes all baselines be learned again.';
comment on column public.quality_settings.drift_readings is
  'How many of an engine''s latest readings are compared with its baseline; never readings of the baseline itself.';
comment on column public.quality_settings.drift_alpha is
  'Level of the Benjamini-Hochberg procedures: of drift across the sensors of an engine, and of an alarm across the engines of a run.';
comment on column public.quality_settings.least_readings is
  'Fewest readings on either side of a comparison; below it the verdict is insufficient_data.';
comment on column public.quality_settings.rollups_kept is
  'How long hourly rollups are kept. Checks of older windows read the readings themselves.';
