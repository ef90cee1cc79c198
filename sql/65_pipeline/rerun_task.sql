-- Runs a task of a run that has ended again, and everything that follows it. Tasks that do not depend on it keep what
-- they have. The history of attempts stays; max_attempts counts anew.
--
--   raises  22023 for a run that does not exist or has no such task, that is open (cancel_run() ends it), or whose
--           task depends on one that did not succeed: begin with that one
--
--   select rerun_task(17, 'quality');
create or replace function public.rerun_task(run_id bigint, task text)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  current public.pipeline_runs;
  missing text;
begin
  select pipeline_runs.* into current
  from public.pipeline_runs
  where pipeline_runs.id = rerun_task.run_id
  for update;
  if not exists (
    select from public.task_runs where task_runs.run_id = rerun_task.run_id and task_runs.task = rerun_task.task
  ) then
    raise exception 'Cannot rerun a task as it must be one of a run: current value is % of run %', rerun_task.task, rerun_task.run_id
      using errcode = '22023';
  end if;
  if current.finished_at is null then
    raise exception 'Cannot rerun a task as its run must have ended: current value is %', current.state
      using errcode = '22023', hint = format('select cancel_run(%s) ends it.', rerun_task.run_id);
  end if;
  select edge.depends_on into missing
  from public.pipeline_task_dependencies as edge
  join public.task_runs as upstream on upstream.run_id = rerun_task.run_id and upstream.task = edge.depends_on
  where edge.pipeline = current.pipeline and edge.task = rerun_task.task and upstream.state <> 'succeeded'
  limit 1;
  if found then
    raise exception 'Cannot rerun % as what it depends on must have succeeded: % has not', rerun_task.task, missing
      using errcode = '22023', hint = format('select rerun_task(%s, %L) runs both.', rerun_task.run_id, missing);
  end if;

  update public.task_runs
  set
    state = 'waiting',
    attempts_before_rerun = task_runs.attempt,
    ready_at = null,
    started_at = null,
    finished_at = null,
    error = null,
    sqlstate = null,
    result = null
  where task_runs.run_id = rerun_task.run_id
    and task_runs.task in (
      with recursive downstream (name) as (
        select rerun_task.task
        union
        select edge.task
        from downstream
        join public.pipeline_task_dependencies as edge
          on edge.pipeline = current.pipeline and edge.depends_on = downstream.name
      )
      select name from downstream
    );
  update public.pipeline_runs
  set
    state = 'queued',
    finished_at = null,
    -- a run that succeeded in time has kept its promise, whenever it is repeated
    sla_due_at = case when current.state <> 'succeeded' or current.sla_missed_at is not null then pipeline_runs.sla_due_at end
  where pipeline_runs.id = rerun_task.run_id;
  perform public.record_audit(
    'run.rerun',
    rerun_task.run_id::text,
    jsonb_build_object(
      'pipeline', current.pipeline, 'logical_time', current.logical_time, 'task', rerun_task.task, 'state', current.state
    )
  );
end;
$$;

comment on function public.rerun_task(bigint, text) is
  'Runs a task of a run that has ended again, and everything that follows it; the next tick lets it begin.';
