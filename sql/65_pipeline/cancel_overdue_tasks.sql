-- Ends the query of a sql task that has run longer than its timeout. The task's own session cannot do it, so this is
-- a job of its own, spool-timeouts: pg_cron does not start spool-pipeline while its last run is still at the task.
-- Tasks of the queue need no such job: their leases end with their timeout.
--
--   as_of    the present moment
--   returns  how many queries it cancelled
--
--   select cancel_overdue_tasks();
create or replace function public.cancel_overdue_tasks(as_of timestamptz default now())
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  cancelled integer;
begin
  select count(*) filter (where public.cancel_sql_task(task_runs.id))
  into cancelled
  from public.task_runs
  where task_runs.state = 'running' and task_runs.backend_pid is not null and task_runs.timeout_at <= as_of;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = format('%s tasks cancelled', cancelled)
  where name = 'spool-timeouts';
  return cancelled;
end;
$$;

comment on function public.cancel_overdue_tasks(timestamptz) is
  'Job spool-timeouts: cancels the query of sql tasks that have run longer than their timeout; returns how many.';
