-- Tells that a worker is alive and still at its task. A lease never goes beyond the task's timeout.
--
--   returns  the new end of the lease; null when the task is no longer this worker's, which must then stop
--
--   select extend_lease(17, 1, 'worker-1', '1 minute');
create or replace function public.extend_lease(
  task_run_id bigint,
  attempt integer,
  worker text,
  lease interval,
  as_of timestamptz default now()
)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$
  update public.task_runs
  set lease_until = least(greatest(task_runs.lease_until, as_of + lease), task_runs.timeout_at)
  where task_runs.id = extend_lease.task_run_id
    and task_runs.attempt = extend_lease.attempt
    and task_runs.worker = extend_lease.worker
    and task_runs.state = 'running'
    and task_runs.lease_until >= as_of
  returning task_runs.lease_until;
$$;

comment on function public.extend_lease(bigint, integer, text, interval, timestamptz) is
  'Extends a worker''s lease up to the task''s timeout; null when the task is not the worker''s any more.';
