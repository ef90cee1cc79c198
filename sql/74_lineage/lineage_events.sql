-- Events of runs that leave no other trace: archives, exports, backups, restores, loads, reports. Batches and runs of
-- checks are their own trace; the view lineage shows all of them alike.
create table public.lineage_events (
  id bigint generated always as identity primary key,
  event_time timestamptz not null default clock_timestamp(),
  event_type text not null check (event_type in ('START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER')),
  run_id uuid not null,
  job_name text not null check (job_name <> ''),
  inputs jsonb not null default '[]' check (jsonb_typeof(inputs) = 'array'),
  outputs jsonb not null default '[]' check (jsonb_typeof(outputs) = 'array'),
  run_facets jsonb not null default '{}' check (jsonb_typeof(run_facets) = 'object'),
  code_version text not null,
  unique (run_id, event_type)
);
create index lineage_events_event_time on public.lineage_events (event_time);

comment on table public.lineage_events is
  'OpenLineage run events of archives, exports, backups, restores, loads and reports. The view lineage adds those of batches and checks.';
comment on column public.lineage_events.id is 'Identifier.';
comment on column public.lineage_events.event_time is 'When it happened (UTC).';
comment on column public.lineage_events.event_type is 'START, COMPLETE, FAIL; OpenLineage knows RUNNING, ABORT and OTHER besides.';
comment on column public.lineage_events.run_id is 'Run; the same in all events of one run.';
comment on column public.lineage_events.job_name is 'What ran: archive, export, backup, restore, load, report.';
comment on column public.lineage_events.inputs is 'Datasets that it read, with their facets.';
comment on column public.lineage_events.outputs is 'Datasets that it wrote, with their facets.';
comment on column public.lineage_events.run_facets is 'Facets of the run; errorMessage where it failed.';
comment on column public.lineage_events.code_version is 'Version of Spool that wrote the event.';
