-- Takes the sql task that is to run next, for this session: the oldest logical time first. The tick commits this
-- before the work begins, so that the attempt counts whatever becomes of the session.
--
--   as_of    the present moment: tasks that wait for their next attempt until later are left alone
--   returns  the attempt; no row when there is nothing to run
create or replace function public.claim_sql_task(as_of timestamptz default now())
returns table (task_run_id bigint, attempt integer)
language sql
volatile
security invoker
set search_path = ''
as $$
  update public.task_runs
  set
    state = 'running',
    attempt = task_runs.attempt + 1,
    started_at = clock_timestamp(),
    timeout_at = clock_timestamp() + next.timeout,
    next_attempt_at = null,
    backend_pid = pg_backend_pid(),
    error = null,
    sqlstate = null
  from (
    select candidate.id, tasks.timeout
    from public.task_runs as candidate
    join public.pipeline_runs as runs on runs.id = candidate.run_id and runs.state = 'running'
    join public.pipeline_tasks as tasks on tasks.pipeline = candidate.pipeline and tasks.name = candidate.task
    where tasks.kind = 'sql'
      and (candidate.state = 'ready' or candidate.state = 'retrying' and candidate.next_attempt_at <= as_of)
    order by runs.logical_time, candidate.id
    limit 1
    for update of candidate
  ) as next
  where task_runs.id = next.id
  returning task_runs.id, task_runs.attempt;
$$;

comment on function public.claim_sql_task(timestamptz) is
  'Takes the next sql task for this session and returns the attempt; part of pipeline_tick().';
