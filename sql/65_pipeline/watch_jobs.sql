-- The job spool-watch: a job that has not succeeded for two of its periods raises an alert, and so does a pipeline
-- whose last run failed or that missed its SLA, and a lake that days are missing from. What is in order again resolves it.
--
--   as_of    the present moment
--   returns  what observe_alerts() did
--
-- It cannot notice that it has stopped itself: watch jobs.last_success_at of spool-watch from outside.
--
--   select watch_jobs();
create or replace function public.watch_jobs(as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  started_at constant timestamptz := clock_timestamp();
  observations jsonb;
  observed jsonb;
begin
  select jsonb_agg(to_jsonb(observation))
  into observations
  from (
    select
      'job' as kind,
      jobs.name as subject,
      coalesce(jobs.last_success_at, jobs.registered_at) < as_of - 2 * jobs.period
        -- the tick is at a task that may take longer than that
        and not (jobs.name = 'spool-pipeline' and exists (
          select from public.task_runs
          where task_runs.state = 'running' and task_runs.backend_pid is not null and task_runs.timeout_at > as_of
        )) as failing,
      'fail' as severity,
      format(
        'Job %s has not succeeded since %s, and should every %s',
        jobs.name,
        coalesce(to_char(jobs.last_success_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'it was made'),
        jobs.period
      ) as summary,
      jsonb_build_object(
        'schedule', jobs.schedule, 'last_success_at', jobs.last_success_at, 'last_result', jobs.last_result
      ) as evidence
    from public.jobs
    where jobs.name <> 'spool-watch'
    union all
    select
      'run',
      last_run.pipeline,
      last_run.state = 'failed',
      'fail',
      format('Run %s of pipeline %s failed: %s', last_run.id, last_run.pipeline, failed.reasons),
      jsonb_build_object('run_id', last_run.id, 'logical_time', last_run.logical_time)
    from (
      select distinct on (runs.pipeline) runs.*
      from public.pipeline_runs as runs
      where runs.finished_at is not null and runs.state <> 'cancelled'
      order by runs.pipeline, runs.finished_at desc
    ) as last_run
    cross join lateral (
      select string_agg(format('%s: %s', task_runs.task, task_runs.error), '; ' order by task_runs.id) as reasons
      from public.task_runs
      where task_runs.run_id = last_run.id and task_runs.state = 'failed'
    ) as failed
    union all
    select
      'sla',
      last_run.pipeline,
      last_run.sla_missed_at is not null,
      'warning',
      format(
        'Run %s of pipeline %s had not succeeded by %s',
        last_run.id, last_run.pipeline, to_char(last_run.sla_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      ),
      jsonb_build_object('run_id', last_run.id, 'logical_time', last_run.logical_time, 'state', last_run.state)
    from (
      -- the last run whose SLA is decided
      select distinct on (runs.pipeline) runs.*
      from public.pipeline_runs as runs
      where runs.sla_due_at is not null and (runs.sla_missed_at is not null or runs.state = 'succeeded')
      order by runs.pipeline, runs.logical_time desc
    ) as last_run
    union all
    -- whatever the reason: the pipeline is switched off, the worker is away, a day is too large for it
    select
      'lake',
      'archive',
      late.days > 0,
      'warning',
      format('%s days are not in the lake as they are now, two days after their end; the first is %s', late.days, late.first),
      jsonb_build_object('days', late.days, 'first', late.first)
    from (
      select count(*) as days, min(day) as first from public.days_to_archive(as_of, days_late => 2)
    ) as late
    -- nobody who has no lake wants to hear of it
    where exists (select from public.lake_objects where kind = 'sensor_data')
  ) as observation;

  update public.jobs
  set
    last_started_at = started_at,
    last_success_at = clock_timestamp(),
    last_result = format('%s observations', jsonb_array_length(coalesce(observations, '[]')))
  where name = 'spool-watch';
  -- last, because sessions that observe wait for each other until they commit
  observed := public.observe_alerts(coalesce(observations, '[]'), as_of);
  return observed;
end;
$$;

comment on function public.watch_jobs(timestamptz) is
  'Job spool-watch: observes for alerts whether jobs still succeed, whether pipelines ran well and on time, and whether the lake is up to date.';
