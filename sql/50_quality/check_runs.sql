-- One row per run of all checks. A run for the same window and moment again replaces the results of the first, so
-- that a run that was cut short between its commit and its acknowledgement can be repeated.
create table public.check_runs (
  id bigint generated always as identity primary key,
  window_start timestamptz not null,
  as_of timestamptz not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  passed integer not null default 0,
  warned integer not null default 0,
  failed integer not null default 0,
  not_evaluated integer not null default 0,
  milliseconds jsonb not null default '{}' check (jsonb_typeof(milliseconds) = 'object'),
  code_version text check (code_version <> ''),
  lineage_run_id uuid not null default gen_random_uuid() unique,
  unique (as_of, window_start),
  check (window_start < as_of)
);

comment on table public.check_runs is
  'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';
comment on column public.check_runs.id is 'Identifier; data_quality_metrics.run_id refers to it.';
comment on column public.check_runs.window_start is 'Start of the window (UTC, a whole hour); readings at or after it were looked at.';
comment on column public.check_runs.as_of is 'End of the window and moment of the verdicts (UTC); readings after it were not looked at.';
comment on column public.check_runs.started_at is 'When the run began (UTC).';
comment on column public.check_runs.finished_at is 'When the run ended (UTC).';
comment on column public.check_runs.passed is 'Table-wide checks that passed.';
comment on column public.check_runs.warned is 'Table-wide checks that warned.';
comment on column public.check_runs.failed is 'Table-wide checks that failed.';
comment on column public.check_runs.not_evaluated is 'Table-wide checks that had too little to judge.';
comment on column public.check_runs.milliseconds is 'How long each part of the run took, in milliseconds, by name.';
comment on column public.check_runs.code_version is 'Version of Spool whose checks these were; null for runs before 0.5, which did not say.';
comment on column public.check_runs.lineage_run_id is
  'Its run in the view lineage: unique everywhere, which id is not once events of several databases are in one place.';
