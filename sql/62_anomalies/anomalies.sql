-- Readings that are far from what their engine was like at first, over all sensors together.
create table public.anomalies (
  engine_id uuid not null references public.engines (id) on delete cascade,
  "timestamp" timestamptz not null,
  cycle integer not null,
  detector text not null,
  score double precision not null,
  threshold double precision not null,
  sensors jsonb not null check (jsonb_typeof(sensors) = 'object'),
  detected_at timestamptz not null default now(),
  primary key (engine_id, "timestamp", cycle, detector)
);
create index anomalies_detected_at on public.anomalies (detected_at);
create index anomalies_by_time on public.anomalies ("timestamp" desc);

comment on table public.anomalies is
  'Readings whose score is above the threshold of a detector: one row per reading and detector.';
comment on column public.anomalies.engine_id is 'Engine that was measured; engines.id.';
comment on column public.anomalies."timestamp" is 'Time of the reading (UTC).';
comment on column public.anomalies.cycle is 'Flight cycle of the reading.';
comment on column public.anomalies.detector is
  'How it was found. mean_abs_z: mean of |z| over the sensors, z against the engine''s own baseline in the same operating condition.';
comment on column public.anomalies.score is 'Score of the reading, in the detector''s own unit.';
comment on column public.anomalies.threshold is 'Score above which a reading is an anomaly.';
comment on column public.anomalies.sensors is 'z of the sensors that contributed most, by column, in baseline standard deviations.';
comment on column public.anomalies.detected_at is 'When it was found (UTC).';
