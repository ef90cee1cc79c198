-- How each engine stood at each run of the pipeline, so that a trend can be seen; the present state is engine_health.
create table public.engine_health_reports (
  engine_id uuid not null references public.engines (id) on delete cascade,
  as_of timestamptz not null,
  health text not null check (health in ('ok', 'warning', 'fail', 'unknown')),
  reasons text[] not null,
  completeness double precision,
  wear double precision,
  last_reading_at timestamptz,
  last_cycle integer,
  recent_anomalies integer,
  anomalous_since timestamptz,
  predicted_rul real,
  lower_bound real,
  upper_bound real,
  primary key (engine_id, as_of)
);
create index engine_health_reports_by_time on public.engine_health_reports (as_of);
-- the trend asks for the wear of so many cycles ago
create index engine_health_reports_by_cycle on public.engine_health_reports (engine_id, last_cycle) where wear is not null;

comment on table public.engine_health_reports is
  'Health of every engine at each run of the pipeline: what engine_health said then.';
comment on column public.engine_health_reports.engine_id is 'Engine; engines.id.';
comment on column public.engine_health_reports.as_of is 'Moment of the report (UTC).';
comment on column public.engine_health_reports.health is 'ok, warning, fail or unknown, as in engine_health.';
comment on column public.engine_health_reports.reasons is 'Why, in words.';
comment on column public.engine_health_reports.completeness is 'Share of the expected readings that were there; null when not judged.';
comment on column public.engine_health_reports.wear is 'Wear of the engine: 0 as in its baseline, 1 as engines are at failure.';
comment on column public.engine_health_reports.last_reading_at is 'Time of its latest reading (UTC).';
comment on column public.engine_health_reports.last_cycle is 'Flight cycle of its latest reading.';
comment on column public.engine_health_reports.recent_anomalies is 'Anomalies among its last 30 readings.';
comment on column public.engine_health_reports.anomalous_since is
  'Since when it was in an episode of anomalies (UTC); null when it was in none.';
comment on column public.engine_health_reports.predicted_rul is 'Predicted remaining useful life, in flight cycles.';
comment on column public.engine_health_reports.lower_bound is 'Lower end of its interval, in flight cycles.';
comment on column public.engine_health_reports.upper_bound is 'Upper end of its interval, in flight cycles.';
