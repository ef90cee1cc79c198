-- Readings that a detector found to be unlike healthy ones. What a detector says of a reading replaces what it said before.
create table public.anomalies (
  id bigint generated always as identity unique,
  engine_id uuid not null references public.engines (id) on delete cascade,
  "timestamp" timestamptz not null,
  cycle integer not null,
  detector text not null,
  score double precision not null,
  threshold double precision not null,
  severity text not null default 'warning' check (severity in ('warning', 'fail')),
  sensors jsonb not null check (jsonb_typeof(sensors) = 'object'),
  "values" jsonb not null default '{}' check (jsonb_typeof("values") = 'object'),
  model_id bigint references public.models (id),
  run_id uuid,
  detected_at timestamptz not null default now(),
  primary key (engine_id, "timestamp", cycle, detector)
);
create index anomalies_detected_at on public.anomalies (detected_at);
create index anomalies_by_time on public.anomalies ("timestamp" desc);

comment on table public.anomalies is
  'Readings whose score is above the threshold of a detector: one row per reading and detector. Consecutive ones are an episode (anomaly_episodes). They outlive readings that have gone to the lake, for as long as data_assets.retention_days says.';
comment on column public.anomalies.id is 'Identifier; a reading that was none and is one again has another.';
comment on column public.anomalies.engine_id is 'Engine that was measured; engines.id.';
comment on column public.anomalies."timestamp" is 'Time of the reading (UTC).';
comment on column public.anomalies.cycle is 'Flight cycle of the reading.';
comment on column public.anomalies.detector is
  'How it was found: mean_abs_z, isolation_forest or mahalanobis (model_settings.anomaly_detector at that time).';
comment on column public.anomalies.score is 'Score of the reading, in the detector''s own unit.';
comment on column public.anomalies.threshold is 'Score above which a reading was an anomaly, by that model.';
comment on column public.anomalies.severity is 'warning, or fail: the score is far above the threshold.';
comment on column public.anomalies.sensors is
  'How much each of the sensors that contributed most did, by column, in the detector''s own unit.';
comment on column public.anomalies."values" is 'What these sensors measured, by column, in the units of sensor_data.';
comment on column public.anomalies.model_id is 'Model that found it; models.id. Null: found before there were models.';
comment on column public.anomalies.run_id is
  'Run that found it with this score, as lineage has it; of what was found at the intake, the batch. Null: found before there were models.';
comment on column public.anomalies.detected_at is 'When it was found with this score (UTC).';
