-- The latest verdict on each sensor of each engine: has it moved away from its baseline, and is that wear?
create table public.sensor_drift (
  engine_id uuid not null references public.engines (id) on delete cascade,
  column_name text not null,
  verdict text not null check (verdict in ('stable', 'degradation', 'drift', 'insufficient_data')),
  ks_statistic double precision check (ks_statistic between 0 and 1),
  p_value double precision check (p_value between 0 and 1),
  q_value double precision check (q_value between 0 and 1),
  mean_shift double precision,
  wear_shift double precision,
  wear double precision,
  baseline_readings integer not null check (baseline_readings >= 0),
  window_readings integer not null check (window_readings >= 0),
  window_start timestamptz,
  window_end timestamptz,
  as_of timestamptz not null,
  primary key (engine_id, column_name),
  check (verdict = 'insufficient_data' or (ks_statistic is not null and p_value is not null and q_value is not null))
);

comment on table public.sensor_drift is
  'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';
comment on column public.sensor_drift.engine_id is 'Engine; engines.id.';
comment on column public.sensor_drift.column_name is 'Sensor, s11 for example.';
comment on column public.sensor_drift.verdict is
  'stable; degradation: it has moved as wear moves all sensors; drift: it has moved in a way that wear does not explain; insufficient_data: too few readings on one side.';
comment on column public.sensor_drift.ks_statistic is
  'Two-sample Kolmogorov-Smirnov D: largest distance of the two empirical distribution functions, 0 to 1.';
comment on column public.sensor_drift.p_value is 'Asymptotic p of D with Stephens'' correction.';
comment on column public.sensor_drift.q_value is 'p after Benjamini and Hochberg across the engine''s sensors.';
comment on column public.sensor_drift.mean_shift is 'Mean of the recent readings minus mean of the baseline, in baseline standard deviations.';
comment on column public.sensor_drift.wear_shift is
  'The part of mean_shift that the engine''s wear explains, in baseline standard deviations (wear_signatures).';
comment on column public.sensor_drift.wear is
  'Wear of the engine: 0 as in its baseline, 1 as engines are on average in their last 30 readings before failure. The same in all its rows.';
comment on column public.sensor_drift.baseline_readings is 'Values in the baseline.';
comment on column public.sensor_drift.window_readings is 'Recent values that were compared with it.';
comment on column public.sensor_drift.window_start is 'Time of the first of them (UTC).';
comment on column public.sensor_drift.window_end is 'Time of the last of them (UTC).';
comment on column public.sensor_drift.as_of is 'Moment the verdict is about (UTC).';
