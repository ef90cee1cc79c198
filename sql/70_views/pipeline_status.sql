-- How each pipeline is doing: its last run, task by task.
--
--   select * from pipeline_status;
create view public.pipeline_status
with (security_invoker = true) as
select
  pipelines.name as pipeline,
  pipelines.active,
  runs.id as run_id,
  runs.logical_time,
  runs.trigger,
  runs.state as run_state,
  runs.started_at as run_started_at,
  runs.finished_at as run_finished_at,
  runs.finished_at - runs.started_at as run_duration,
  runs.sla_due_at,
  runs.sla_missed_at,
  task_runs.id as task_run_id,
  task_runs.task,
  tasks.kind,
  task_runs.state,
  task_runs.attempt,
  tasks.max_attempts,
  task_runs.next_attempt_at,
  task_runs.started_at,
  coalesce(task_runs.finished_at, case when task_runs.state = 'running' then clock_timestamp() end)
  - task_runs.started_at as duration,
  task_runs.worker,
  task_runs.backend_pid,
  task_runs.error,
  task_runs.result,
  pipelines.next_logical_time
from public.pipelines
left join lateral (
  select latest.*
  from public.pipeline_runs as latest
  where latest.pipeline = pipelines.name
  order by coalesce(latest.started_at, '-infinity') desc, latest.logical_time desc
  limit 1
) as runs on true
left join public.task_runs on task_runs.run_id = runs.id
left join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
where (select public.may_read('pipeline_status'))
order by pipelines.name, task_runs.id;

comment on view public.pipeline_status is
  'The run of each pipeline that began last, with a row for each of its tasks. What was before is in pipeline_runs, task_runs and task_attempts.';
comment on column public.pipeline_status.pipeline is 'Name of the pipeline.';
comment on column public.pipeline_status.active is 'Whether runs are scheduled.';
comment on column public.pipeline_status.run_id is 'The run; null before the first.';
comment on column public.pipeline_status.logical_time is 'End of the period the run is about (UTC).';
comment on column public.pipeline_status.trigger is 'Why there is a run: schedule, catch_up, backfill or manual.';
comment on column public.pipeline_status.run_state is 'queued, running, succeeded, failed or cancelled.';
comment on column public.pipeline_status.run_started_at is 'When the run began (UTC).';
comment on column public.pipeline_status.run_finished_at is 'When the run ended (UTC); null while it is open.';
comment on column public.pipeline_status.run_duration is 'How long the run took; null while it is open.';
comment on column public.pipeline_status.sla_due_at is 'When the run must have succeeded (UTC).';
comment on column public.pipeline_status.sla_missed_at is 'When it was noticed that it had not (UTC); null: it has kept its SLA so far.';
comment on column public.pipeline_status.task_run_id is 'Identifier of the task run; task_attempts has each of its attempts.';
comment on column public.pipeline_status.task is 'Name of the task.';
comment on column public.pipeline_status.kind is 'sql: inside Postgres; queue: by the function worker.';
comment on column public.pipeline_status.state is
  'waiting, ready, running, retrying, succeeded, failed, skipped or cancelled.';
comment on column public.pipeline_status.attempt is 'Number of the current or last attempt; 0 before the first.';
comment on column public.pipeline_status.max_attempts is 'How many attempts a transient failure may take.';
comment on column public.pipeline_status.next_attempt_at is 'When a retrying task may be tried again (UTC).';
comment on column public.pipeline_status.started_at is 'Start of the current or last attempt (UTC).';
comment on column public.pipeline_status.duration is 'How long that attempt took, or has taken so far; null where it failed and is tried again (task_attempts).';
comment on column public.pipeline_status.worker is 'The worker that runs it.';
comment on column public.pipeline_status.backend_pid is 'The process of Postgres that runs it.';
comment on column public.pipeline_status.error is 'Why the last attempt failed.';
comment on column public.pipeline_status.result is 'What the task returned.';
comment on column public.pipeline_status.next_logical_time is 'When the next run is due (UTC).';
