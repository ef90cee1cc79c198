-- Takes one task of the queue for a worker, under a lease: the worker has it until the lease ends, and may extend it.
-- Any number of workers can ask at once; none waits for another, and no task is given to two.
--
--   worker   name of the worker, one for each process or request
--   lease    how long to believe in the worker without hearing of it; more than 0, at most 1 hour
--   returns  the task, at most one row. task_run_id, attempt and worker together are what the other calls want
--
--   select * from claim_task('worker-1', '1 minute');
create or replace function public.claim_task(worker text, lease interval, as_of timestamptz default now())
returns table (
  task_run_id bigint,
  attempt integer,
  pipeline text,
  task text,
  handler text,
  logical_time timestamptz,
  lease_until timestamptz,
  timeout_at timestamptz
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if coalesce(claim_task.worker, '') = '' then
    raise exception 'Cannot claim a task as worker must have a name: current value is %', claim_task.worker
      using errcode = '22023';
  end if;
  if lease is null or lease <= '0' or lease > interval '1 hour' then
    raise exception 'Cannot claim a task as lease must be more than 0 and at most 1 hour: current value is %', lease
      using errcode = '22023';
  end if;
  return query
  update public.task_runs
  set
    state = 'running',
    attempt = task_runs.attempt + 1,
    started_at = clock_timestamp(),
    timeout_at = as_of + next.timeout,
    lease_until = as_of + least(lease, next.timeout),
    next_attempt_at = null,
    worker = claim_task.worker,
    error = null,
    sqlstate = null
  from (
    select candidate.id, runs.logical_time, tasks.handler, tasks.timeout
    from public.task_runs as candidate
    join public.pipeline_runs as runs on runs.id = candidate.run_id and runs.state = 'running'
    join public.pipeline_tasks as tasks on tasks.pipeline = candidate.pipeline and tasks.name = candidate.task
    where tasks.kind = 'queue'
      and (candidate.state = 'ready' or candidate.state = 'retrying' and candidate.next_attempt_at <= as_of)
    order by runs.logical_time, candidate.id
    limit 1
    for update of candidate skip locked
  ) as next
  where task_runs.id = next.id
  returning
    task_runs.id, task_runs.attempt, task_runs.pipeline, task_runs.task, next.handler, next.logical_time,
    task_runs.lease_until, task_runs.timeout_at;
end;
$$;

comment on function public.claim_task(text, interval, timestamptz) is
  'Gives a worker one task of the queue under a lease; no row when there is none.';
