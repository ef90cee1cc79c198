-- What a check returns: a verdict with its evidence. Rows without engine_id are about the whole table.
create type public.check_result as (
  metric_name text,
  column_name text,
  engine_id uuid,
  metric_value double precision,
  threshold_min double precision,
  threshold_max double precision,
  status text,
  rows_checked bigint,
  evidence jsonb
);

comment on type public.check_result is
  'Verdict of a check with its evidence, as data_quality_metrics keeps it; engine_id is null for verdicts about the whole table.';
