-- Cancels the query of the session that runs a sql task. It does so only while that session holds the tick's lock: a
-- process id alone may belong to somebody else by now. Should the session have gone on to the next task in between,
-- that one is cancelled, and tried again.
--
--   returns  whether a query was cancelled
create or replace function public.cancel_sql_task(task_run_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select coalesce(bool_or(pg_cancel_backend(task_runs.backend_pid)), false)
  from public.task_runs
  join pg_catalog.pg_locks as tick on tick.pid = task_runs.backend_pid
  where task_runs.id = cancel_sql_task.task_run_id
    and task_runs.state = 'running'
    and tick.locktype = 'advisory'
    and tick.database = (select oid from pg_catalog.pg_database where datname = current_database())
    and tick.objid::bigint = hashtext('public.pipeline_tick')::bigint & 4294967295
    and tick.objsubid = 1
    and tick.mode = 'ExclusiveLock'
    and tick.granted;
$$;

comment on function public.cancel_sql_task(bigint) is
  'Cancels the query of the session that runs a sql task; returns whether there was one.';
