-- Records that a worker has done its task. Called in the transaction of the task's own work, both are stored together.
--
--   result   what the task wants to tell, or null
--   returns  false when the task is no longer this worker's: its lease ended and it was given up, or it was cancelled.
--            Nothing is recorded then, and the caller should roll back
--
--   select complete_task(17, 1, 'worker-1', '{"sent": 3}');
create or replace function public.complete_task(
  task_run_id bigint,
  attempt integer,
  worker text,
  result jsonb default null,
  as_of timestamptz default now()
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select coalesce((
    select public.end_task_attempt(task_runs.id, task_runs.attempt, 'succeeded', as_of, result => complete_task.result)
    from public.task_runs
    where task_runs.id = complete_task.task_run_id
      and task_runs.attempt = complete_task.attempt
      and task_runs.worker = complete_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$$;

comment on function public.complete_task(bigint, integer, text, jsonb, timestamptz) is
  'Records that a worker has done its task; false, and nothing recorded, when the task is not the worker''s any more.';
