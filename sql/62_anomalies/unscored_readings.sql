-- Which readings are still to be scored: the watermark of the detectors, as sensor_data_changes is that of the checks. Written
-- by roll_up_readings with the rollups, deleted by the transaction that writes what the detectors found, so that nothing is
-- missed and a late reading is no special case.
--
-- One row per engine, because it must stay small when nobody scores for months, as long as there is no model: times that touch
-- become one, and an engine that would have more than a hundred has the span of them (note_unscored_readings). Scoring
-- more than has changed costs time and changes nothing.
create table public.unscored_readings (
  engine_id uuid primary key references public.engines (id) on delete cascade,
  times tstzmultirange not null check (not isempty(times)),
  noted_at timestamptz not null default now()
);
create index unscored_readings_noted_at on public.unscored_readings (noted_at, engine_id);

comment on table public.unscored_readings is
  'Times of each engine whose readings are still to be scored: written by roll_up_readings, deleted with what the detectors found. Without a model they stay.';
comment on column public.unscored_readings.engine_id is 'Engine; engines.id.';
comment on column public.unscored_readings.times is
  'Times (UTC) in which its readings have changed, or what they are compared with; may hold some that have not.';
comment on column public.unscored_readings.noted_at is 'Since when readings of the engine wait (UTC); those that wait longest go first.';
