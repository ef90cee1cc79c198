-- Part of service_metrics: jobs, pipelines, the queue, alerts and the database.
--
--   returns  samples
create or replace function public.operation_samples(as_of timestamptz)
returns table (family text, labels jsonb, value double precision)
language sql
stable
security invoker
set search_path = ''
as $$
  with latest as materialized (
    -- as pipeline_status has it: the run that began last
    select pipelines.name as pipeline, runs.state, runs.sla_missed_at
    from public.pipelines
    left join lateral (
      select candidate.state, candidate.sla_missed_at
      from public.pipeline_runs as candidate
      where candidate.pipeline = pipelines.name
      order by coalesce(candidate.started_at, '-infinity') desc, candidate.logical_time desc
      limit 1
    ) as runs on true
  ),
  succeeded as materialized (
    select pipelines.name as pipeline, runs.started_at, runs.finished_at
    from public.pipelines
    cross join lateral (
      select candidate.started_at, candidate.finished_at
      from public.pipeline_runs as candidate
      where candidate.pipeline = pipelines.name and candidate.state = 'succeeded'
      order by candidate.finished_at desc
      limit 1
    ) as runs
  ),
  queue as materialized (
    select task_runs.state, task_runs.ready_at
    from public.task_runs
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    where tasks.kind = 'queue' and task_runs.state in ('ready', 'running', 'retrying')
  )
  select 'build_info', jsonb_build_object('version', public.spool_version()), 1::double precision
  union all
  select
    'job_age_seconds', jsonb_build_object('name', jobs.name),
    extract(epoch from as_of - coalesce(jobs.last_success_at, jobs.registered_at))
  from public.jobs
  union all
  select 'job_period_seconds', jsonb_build_object('name', jobs.name), extract(epoch from jobs.period)
  from public.jobs
  union all
  select 'heartbeat_age_seconds', '{}', extract(epoch from as_of - max(minute))
  from public.heartbeats
  union all
  select
    'pipeline_run_state', jsonb_build_object('pipeline', latest.pipeline, 'state', possible.state),
    (latest.state = possible.state)::integer
  from latest
  cross join unnest(array['queued', 'running', 'succeeded', 'failed', 'cancelled']) as possible (state)
  union all
  select 'pipeline_sla_missed', jsonb_build_object('pipeline', latest.pipeline), (latest.sla_missed_at is not null)::integer
  from latest
  union all
  select
    'pipeline_run_duration_seconds', jsonb_build_object('pipeline', succeeded.pipeline),
    extract(epoch from succeeded.finished_at - succeeded.started_at)
  from succeeded
  union all
  select
    'pipeline_success_age_seconds', jsonb_build_object('pipeline', succeeded.pipeline),
    extract(epoch from as_of - succeeded.finished_at)
  from succeeded
  union all
  select
    'pipeline_period_seconds', jsonb_build_object('pipeline', pipelines.name), extract(epoch from pipelines.period)
  from public.pipelines
  union all
  select
    'queue_tasks', jsonb_build_object('state', possible.state), (select count(*) from queue where queue.state = possible.state)
  from unnest(array['ready', 'running', 'retrying']) as possible (state)
  union all
  -- 0 when nothing waits: that is what an empty queue is
  select 'queue_oldest_age_seconds', '{}', coalesce(extract(epoch from as_of - min(queue.ready_at)), 0)
  from queue
  union all
  select
    'alerts_open', jsonb_build_object('severity', severities.severity, 'state', states.state),
    (
      select count(*) from public.alerts
      where alerts.resolved_at is null and alerts.severity = severities.severity and alerts.state = states.state
    )
  from unnest(array['warning', 'fail']) as severities (severity)
  cross join unnest(array['open', 'acknowledged']) as states (state)
  union all
  select 'alert_deliveries', jsonb_build_object('state', 'pending'), count(*)
  from public.alert_deliveries
  where alert_deliveries.state = 'pending'
  union all
  select 'alert_deliveries', jsonb_build_object('state', 'dead'), count(*)
  from public.alert_deliveries
  where alert_deliveries.state = 'dead'
  union all
  select 'lineage_forwards_dead', '{}', count(*)
  from public.lineage_forwards
  where lineage_forwards.state = 'dead'
  union all
  select 'database_size_bytes', '{}', pg_database_size(current_database())
  union all
  select 'database_connections', '{}', statistics.numbackends
  from pg_catalog.pg_stat_database as statistics
  where statistics.datname = current_database()
  union all
  select 'database_connections_limit', '{}', current_setting('max_connections')::double precision;
$$;

comment on function public.operation_samples(timestamptz) is 'Part of service_metrics: jobs, pipelines, the queue, alerts and the database.';
