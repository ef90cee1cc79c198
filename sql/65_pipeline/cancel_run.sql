-- Ends a run that is queued or under way. The query of a sql task that runs is cancelled and rolled back; a worker
-- that has a task learns of it when it next extends its lease.
--
--   raises  22023 for a run that does not exist or has ended
--
--   select cancel_run(17);
create or replace function public.cancel_run(run_id bigint)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  current_state text;
begin
  select pipeline_runs.state into current_state
  from public.pipeline_runs
  where pipeline_runs.id = cancel_run.run_id
  for update;
  if current_state is null or current_state not in ('queued', 'running') then
    raise exception 'Cannot cancel a run as it must be queued or running: current value is %',
      coalesce(current_state, format('no run %s', cancel_run.run_id))
      using errcode = '22023';
  end if;
  -- before they are looked at, as a worker may be claiming one of them
  perform from public.task_runs where task_runs.run_id = cancel_run.run_id for update;
  perform public.cancel_sql_task(task_runs.id)
  from public.task_runs
  where task_runs.run_id = cancel_run.run_id and task_runs.backend_pid is not null;

  with ended as (
    update public.task_runs
    set
      state = 'cancelled',
      finished_at = clock_timestamp(),
      next_attempt_at = null,
      timeout_at = null,
      lease_until = null,
      worker = null,
      backend_pid = null
    from public.task_runs as before
    where before.id = task_runs.id
      and task_runs.run_id = cancel_run.run_id
      and task_runs.finished_at is null
    returning before.id, before.attempt, before.state, before.started_at, before.worker, before.backend_pid
  )
  insert into public.task_attempts (task_run_id, attempt, executor, started_at, outcome, error)
  select
    ended.id, ended.attempt, coalesce(ended.worker, 'postgres ' || ended.backend_pid), ended.started_at,
    'cancelled', 'The run was cancelled'
  from ended
  where ended.state = 'running';
  update public.pipeline_runs
  set state = 'cancelled', finished_at = clock_timestamp()
  where pipeline_runs.id = cancel_run.run_id;
  perform public.record_audit('run.cancel', cancel_run.run_id::text, jsonb_build_object('state', current_state));
end;
$$;

comment on function public.cancel_run(bigint) is 'Ends a run that is queued or under way, with all of its tasks.';
