-- Records how an attempt ended and what follows from it. Transient failures are tried again, at most max_attempts
-- times; any other failure is final. What is unfinished goes on at once: nothing is wrong that could pass by itself. It counts
-- as an attempt all the same, so that it ends.
--
--   task_run_id, attempt  the attempt; when it is not the one that runs, nothing happens
--   outcome               succeeded, unfinished, failed, lost or timed_out
--   transient             whether a failure may pass by itself
--   returns               false when the attempt is no longer the one that runs: it was given up as lost or cancelled
create or replace function public.end_task_attempt(
  task_run_id bigint,
  attempt integer,
  outcome text,
  as_of timestamptz,
  transient boolean default null,
  error text default null,
  sqlstate text default null,
  result jsonb default null
)
returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
declare
  current public.task_runs;
  task public.pipeline_tasks;
  counted integer;
  next_state text;
begin
  perform from public.pipeline_runs
  where pipeline_runs.id = (select run_id from public.task_runs where task_runs.id = end_task_attempt.task_run_id)
  for update;
  select task_runs.* into current
  from public.task_runs
  where task_runs.id = end_task_attempt.task_run_id
    and task_runs.attempt = end_task_attempt.attempt
    and task_runs.state = 'running'
  for update;
  if not found then
    return false;
  end if;
  select tasks.* into strict task
  from public.pipeline_tasks as tasks
  where tasks.pipeline = current.pipeline and tasks.name = current.task;

  insert into public.task_attempts (task_run_id, attempt, executor, started_at, outcome, transient, error, sqlstate)
  values (
    current.id, current.attempt, coalesce(current.worker, 'postgres ' || current.backend_pid), current.started_at,
    outcome, transient, error, sqlstate
  );

  counted := current.attempt - current.attempts_before_rerun;
  next_state := case
    when outcome = 'succeeded' then 'succeeded'
    when (transient or outcome = 'unfinished') and counted < task.max_attempts then 'retrying'
    else 'failed'
  end;
  update public.task_runs
  set
    state = next_state,
    next_attempt_at = case when next_state = 'retrying' then
      case when outcome = 'unfinished' then as_of else as_of + public.retry_delay(counted, task.backoff_base, task.backoff_cap) end
    end,
    finished_at = case when next_state <> 'retrying' then clock_timestamp() end,
    timeout_at = null,
    lease_until = null,
    worker = null,
    backend_pid = null,
    error = end_task_attempt.error,
    sqlstate = end_task_attempt.sqlstate,
    result = end_task_attempt.result
  where task_runs.id = current.id;
  perform public.settle_pipeline_run(current.run_id, as_of);
  return true;
end;
$$;

comment on function public.end_task_attempt(bigint, integer, text, timestamptz, boolean, text, text, jsonb) is
  'Records how an attempt ended: the task succeeded, is tried again later, or failed. False when it is not the attempt that runs.';
