-- Records that a worker could not do its task.
--
--   error      why
--   transient  whether it may succeed later; then it is tried again, at most max_attempts times
--   returns    false when the task is no longer this worker's
--
--   select fail_task(17, 1, 'worker-1', 'the webhook answered 503', true);
create or replace function public.fail_task(
  task_run_id bigint,
  attempt integer,
  worker text,
  error text,
  transient boolean,
  as_of timestamptz default now()
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select coalesce((
    select public.end_task_attempt(
      task_runs.id, task_runs.attempt, 'failed', as_of,
      transient => coalesce(fail_task.transient, false),
      error => coalesce(nullif(fail_task.error, ''), 'The worker gave no reason')
    )
    from public.task_runs
    where task_runs.id = fail_task.task_run_id
      and task_runs.attempt = fail_task.attempt
      and task_runs.worker = fail_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$$;

comment on function public.fail_task(bigint, integer, text, text, boolean, timestamptz) is
  'Records that a worker could not do its task, and whether it may be tried again; false when the task is not the worker''s any more.';
