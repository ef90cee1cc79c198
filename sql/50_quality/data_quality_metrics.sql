-- One row per check and moment: what was measured, against what, and the verdict. Passed, warned, failed and
-- not evaluated are four things: a check that had nothing to look at has not passed.
create table public.data_quality_metrics (
  id bigint generated always as identity primary key,
  table_name text not null,
  metric_name text not null,
  metric_value double precision,
  threshold_min double precision,
  threshold_max double precision,
  status text not null check (status in ('pass', 'warning', 'fail', 'not_evaluated')),
  check_timestamp timestamptz not null default now(),
  engine_id uuid references public.engines (id),
  rows_checked bigint check (rows_checked >= 0),
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
  column_name text,
  run_id bigint references public.check_runs (id) on delete cascade,
  check (status = 'not_evaluated' or metric_value is not null)
);
create index data_quality_metrics_by_metric on public.data_quality_metrics (metric_name, check_timestamp desc);
create index data_quality_metrics_without_run on public.data_quality_metrics (check_timestamp) where run_id is null;
create index data_quality_metrics_by_run on public.data_quality_metrics (run_id) where run_id is not null;
create index data_quality_metrics_by_engine on public.data_quality_metrics (engine_id, check_timestamp desc)
where engine_id is not null;
create index data_quality_metrics_of_the_table on public.data_quality_metrics (
  metric_name, (coalesce(column_name, '')), check_timestamp desc
) where engine_id is null;

comment on table public.data_quality_metrics is
  'Results of checks with their evidence: one row per metric, subject and moment.';
comment on column public.data_quality_metrics.id is 'Identifier.';
comment on column public.data_quality_metrics.table_name is 'Table that was checked, for example sensor_data.';
comment on column public.data_quality_metrics.metric_name is 'What was measured, for example values_in_range.';
comment on column public.data_quality_metrics.metric_value is
  'The measured value, in the metric''s own unit; fractions are 0 to 1. Null only when not evaluated.';
comment on column public.data_quality_metrics.threshold_min is 'Smallest value that passes; null means no lower bound.';
comment on column public.data_quality_metrics.threshold_max is 'Largest value that passes; null means no upper bound.';
comment on column public.data_quality_metrics.status is
  'pass, warning, fail, or not_evaluated when there was too little to judge.';
comment on column public.data_quality_metrics.check_timestamp is 'Moment the verdict is about (UTC): the check''s as_of.';
comment on column public.data_quality_metrics.engine_id is 'Engine the verdict is about; null when it is about the table.';
comment on column public.data_quality_metrics.rows_checked is 'How many rows the check looked at.';
comment on column public.data_quality_metrics.evidence is
  'What the verdict rests on: window, thresholds and the keys of what failed.';
comment on column public.data_quality_metrics.column_name is 'Column the verdict is about; null when it is about whole readings.';
comment on column public.data_quality_metrics.run_id is 'Run of the checks that wrote it; check_runs.id. Null for metrics that came from elsewhere.';
