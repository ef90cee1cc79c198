-- Records that a worker has done a part of its task: the next attempt goes on from there, and may begin at once.
--
--   said     what is left, in words
--   returns  false when the task is no longer this worker's
--
--   select put_back_task(17, 1, 'worker-1', 'readings of 12 engines are left');
create or replace function public.put_back_task(
  task_run_id bigint, attempt integer, worker text, said text, as_of timestamptz default now()
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select coalesce((
    select public.end_task_attempt(
      task_runs.id, task_runs.attempt, 'unfinished', as_of, error => coalesce(nullif(said, ''), 'A part is left')
    )
    from public.task_runs
    where task_runs.id = put_back_task.task_run_id
      and task_runs.attempt = put_back_task.attempt
      and task_runs.worker = put_back_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$$;

comment on function public.put_back_task(bigint, integer, text, text, timestamptz) is
  'Records that a worker has done a part of its task, which goes on at once; false when the task is not the worker''s any more.';
