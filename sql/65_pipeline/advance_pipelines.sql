-- Everything about pipelines that is bookkeeping: makes the runs that are due, gives up attempts whose session or
-- worker is gone, lets queued runs begin, and notes missed SLAs. Running any number of times changes nothing more.
--
--   as_of   the present moment
--   raises  55P03 when another session holds the tick's lock
--
-- It is part of the tick and needs its lock: only its holder runs sql tasks, one at a time, so to the holder that is
-- not running one, every sql task that runs is one whose session has ended. That needs no look at pg_stat_activity,
-- where a session that lives on after its tick was cancelled would look alive.
create or replace function public.advance_pipelines(as_of timestamptz default now())
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  gone record;
  open_run bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.pipeline_tick')) then
    raise exception 'Cannot advance the pipelines as no other session must be doing so' using errcode = '55P03';
  end if;

  perform public.schedule_pipeline_runs(as_of);

  for gone in
    select
      task_runs.id, task_runs.attempt, task_runs.worker, task_runs.lease_until >= task_runs.timeout_at as out_of_time
    from public.task_runs
    where task_runs.state = 'running' and (task_runs.worker is null or task_runs.lease_until < as_of)
    order by task_runs.id
  loop
    perform public.end_task_attempt(
      gone.id,
      gone.attempt,
      case when gone.out_of_time then 'timed_out' else 'lost' end,
      as_of,
      transient => true,
      error => case
        when gone.worker is null then 'The session that ran it has ended before the task did'
        when gone.out_of_time then 'Cannot go on as the task must end within its timeout'
        else format('Worker %s has not extended its lease', gone.worker)
      end
    );
  end loop;

  for open_run in
    update public.task_runs
    set
      state = 'failed',
      finished_at = clock_timestamp(),
      error = format('Cannot start as a worker must take it within %s; job spool-worker says: %s', tasks.claim_within, (
        select coalesce(jobs.last_result, 'nothing') from public.jobs where jobs.name = 'spool-worker'
      ))
    from public.pipeline_tasks as tasks
    where tasks.pipeline = task_runs.pipeline
      and tasks.name = task_runs.task
      and tasks.kind = 'queue'
      and task_runs.state = 'ready'
      and task_runs.ready_at + tasks.claim_within < as_of
    returning task_runs.run_id
  loop
    perform public.settle_pipeline_run(open_run, as_of);
  end loop;

  for open_run in
    update public.pipeline_runs
    set
      state = 'running',
      started_at = clock_timestamp(),
      sla_due_at = case
        when pipeline_runs.trigger in ('backfill', 'manual') and pipeline_runs.sla_missed_at is null
        then as_of + pipelines.sla
        else pipeline_runs.sla_due_at
      end
    from public.pipelines
    cross join lateral (
      select queued.id
      from public.pipeline_runs as queued
      where queued.pipeline = pipelines.name and queued.state = 'queued'
      order by queued.trigger = 'backfill', queued.logical_time
      limit greatest(0, pipelines.max_active_runs - (
        select count(*) from public.pipeline_runs as active
        where active.pipeline = pipelines.name and active.state = 'running'
      ))
    ) as next
    where pipeline_runs.id = next.id
    returning pipeline_runs.id
  loop
    perform public.settle_pipeline_run(open_run, as_of);
  end loop;

  update public.pipeline_runs
  set sla_missed_at = as_of
  where pipeline_runs.sla_due_at < as_of
    and pipeline_runs.sla_missed_at is null
    and pipeline_runs.state in ('queued', 'running', 'failed');
end;
$$;

comment on function public.advance_pipelines(timestamptz) is
  'Bookkeeping of the tick: due runs, lost attempts, tasks no worker took, runs that may begin, missed SLAs. Call pipeline_tick().';
