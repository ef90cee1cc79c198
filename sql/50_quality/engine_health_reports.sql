-- How each engine stood at each run of the pipeline, so that a trend can be seen; the present state is engine_health.
create table public.engine_health_reports (
  engine_id uuid not null references public.engines (id) on delete cascade,
  as_of timestamptz not null,
  health text not null check (health in ('ok', 'warning', 'fail', 'unknown')),
  reasons text[] not null,
  completeness double precision,
  wear double precision,
  last_reading_at timestamptz,
  primary key (engine_id, as_of)
);
create index engine_health_reports_by_time on public.engine_health_reports (as_of);

comment on table public.engine_health_reports is
  'Health of every engine at each run of the pipeline: what engine_health said then.';
comment on column public.engine_health_reports.engine_id is 'Engine; engines.id.';
comment on column public.engine_health_reports.as_of is 'Moment of the report (UTC).';
comment on column public.engine_health_reports.health is 'ok, warning, fail or unknown, as in engine_health.';
comment on column public.engine_health_reports.reasons is 'Why, in words.';
comment on column public.engine_health_reports.completeness is 'Share of the expected readings that were there; null when not judged.';
comment on column public.engine_health_reports.wear is 'Wear of the engine: 0 as in its baseline, 1 as engines are at failure.';
comment on column public.engine_health_reports.last_reading_at is 'Time of its latest reading (UTC).';
