-- Part of service_metrics: what the checks, the models and the lake say.
--
--   returns  samples
create or replace function public.data_samples(as_of timestamptz)
returns table (family text, labels jsonb, value double precision)
language sql
stable
security invoker
set search_path = ''
as $$
  with run as materialized (
    select runs.*
    from public.check_runs as runs
    where runs.finished_at is not null and runs.as_of <= data_samples.as_of
    order by runs.as_of desc, runs.window_start
    limit 1
  ),
  verdict as materialized (
    select
      jsonb_build_object('check', metrics.metric_name, 'column', coalesce(metrics.column_name, '')) as labels,
      metrics.metric_value,
      metrics.status,
      metrics.check_timestamp
    from run
    join public.data_quality_metrics as metrics on metrics.run_id = run.id and metrics.engine_id is null
  ),
  lake_day as (
    select count(*) as objects, max(written_at) as last_written_at, count(*) filter (where fault is not null) as faults
    from public.lake_objects
    where kind = 'sensor_data'
  )
  select
    'check_status', verdict.labels || jsonb_build_object('status', possible.status), (verdict.status = possible.status)::integer
  from verdict
  cross join unnest(array['pass', 'warning', 'fail', 'not_evaluated']) as possible (status)
  union all
  select 'check_value', verdict.labels, verdict.metric_value
  from verdict
  union all
  select 'check_age_seconds', verdict.labels, extract(epoch from data_samples.as_of - verdict.check_timestamp)
  from verdict
  union all
  select 'check_run_duration_seconds', '{}', extract(epoch from run.finished_at - run.started_at)
  from run
  union all
  select
    'model_age_seconds', jsonb_build_object('purpose', models.purpose, 'model', models.name),
    extract(epoch from data_samples.as_of - models.trained_at)
  from public.models
  where models.active
  union all
  select
    'anomaly_episodes_open', jsonb_build_object('severity', possible.severity),
    (select count(*) from public.anomaly_episodes as episodes where episodes.open and episodes.severity = possible.severity)
  from unnest(array['warning', 'fail']) as possible (severity)
  union all
  select 'unscored_engines', '{}', count(*)
  from public.unscored_readings
  union all
  select 'unscored_oldest_age_seconds', '{}', extract(epoch from data_samples.as_of - min(noted_at))
  from public.unscored_readings
  union all
  select
    'engines', jsonb_build_object('status', possible.status),
    (select count(*) from public.engines where engines.status = possible.status)
  from unnest(array['active', 'retired', 'failed']) as possible (status)
  union all
  select 'lake_age_seconds', '{}', extract(epoch from data_samples.as_of - lake_day.last_written_at)
  from lake_day
  union all
  select 'lake_faulty_objects', '{}', lake_day.faults
  from lake_day
  union all
  select 'lake_backlog', '{}', count(*)
  from public.days_to_archive(data_samples.as_of)
  union all
  -- months that follow each other, from the next one on: one beyond a gap does not help
  select 'partitions_ahead', '{}', count(*)
  from (
    select
      part.relname,
      to_date(substring(part.relname from '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM') as month,
      row_number() over (order by part.relname) as place
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    where link.inhparent = 'public.sensor_data'::regclass
      and part.relname > 'sensor_data_' || to_char(data_samples.as_of at time zone 'UTC', 'YYYY_MM')
  ) as ahead
  where ahead.month = (
    date_trunc('month', data_samples.as_of at time zone 'UTC') + make_interval(months => ahead.place::integer)
  )::date;
$$;

comment on function public.data_samples(timestamptz) is 'Part of service_metrics: what the checks, the models, the lake and the partitions say.';
