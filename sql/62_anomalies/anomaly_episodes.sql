-- Anomalies of one engine and detector that belong together: between two of them there are at most two readings that are
-- none. Episodes are a function of the anomalies and readings that there are, and not of the order in which these came:
-- renew_anomaly_episodes makes them again around what has changed, so that late readings split and join them.
create table public.anomaly_episodes (
  id bigint generated always as identity primary key,
  engine_id uuid not null references public.engines (id) on delete cascade,
  detector text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  first_cycle integer not null,
  last_cycle integer not null,
  readings integer not null check (readings > 0),
  severe_readings integer not null check (severe_readings between 0 and readings),
  peak_score double precision not null,
  peak_threshold double precision not null,
  peak_at timestamptz not null,
  sensors jsonb not null check (jsonb_typeof(sensors) = 'object'),
  severity text not null check (severity in ('warning', 'fail')),
  open boolean not null,
  detected_at timestamptz not null,
  unique (engine_id, detector, started_at, first_cycle),
  check (started_at <= peak_at and peak_at <= ended_at)
);
create index anomaly_episodes_by_end on public.anomaly_episodes (engine_id, detector, ended_at);
-- an engine has few that are open, and years of those that are over
create index anomaly_episodes_open on public.anomaly_episodes (engine_id, detector, ended_at) where open;
create index anomaly_episodes_detected_at on public.anomaly_episodes (detected_at);

comment on table public.anomaly_episodes is
  'Anomalies of an engine and detector with at most two other readings between them: when, how many, how far above the threshold.';
comment on column public.anomaly_episodes.id is 'Identifier. It stays when the episode grows; of episodes that are joined the first keeps its own.';
comment on column public.anomaly_episodes.engine_id is 'Engine; engines.id.';
comment on column public.anomaly_episodes.detector is 'Detector that found them.';
comment on column public.anomaly_episodes.started_at is 'Time of the first anomaly (UTC).';
comment on column public.anomaly_episodes.ended_at is 'Time of the last anomaly so far (UTC).';
comment on column public.anomaly_episodes.first_cycle is 'Flight cycle of the first anomaly.';
comment on column public.anomaly_episodes.last_cycle is 'Flight cycle of the last anomaly.';
comment on column public.anomaly_episodes.readings is 'How many anomalies it has.';
comment on column public.anomaly_episodes.severe_readings is 'How many of them are of severity fail.';
comment on column public.anomaly_episodes.peak_score is 'Largest score.';
comment on column public.anomaly_episodes.peak_threshold is 'Threshold of the reading with that score.';
comment on column public.anomaly_episodes.peak_at is 'Time of that reading (UTC).';
comment on column public.anomaly_episodes.sensors is 'Sensors that contributed most to that score, as in anomalies.';
comment on column public.anomaly_episodes.severity is 'fail: three or more of its anomalies are; else warning.';
comment on column public.anomaly_episodes.open is
  'Whether the next anomaly may belong to it: fewer than three readings have come after the last.';
comment on column public.anomaly_episodes.detected_at is 'When the latest of its anomalies was found (UTC).';
