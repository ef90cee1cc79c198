-- Executions. A run is one execution of a pipeline for one logical time, a task run one task of a run, an attempt one
-- try of a task run.
--
--   run       queued → running → succeeded | failed | cancelled
--   task run  waiting → ready → running → succeeded | failed | cancelled
--                                 ↓  ↑
--                               retrying            waiting → skipped, when something upstream did not succeed
--
-- Whoever changes the state of a task run locks its run first, so that two tasks that end at the same moment do not
-- each overlook that the other one has ended.
create table public.pipeline_runs (
  id bigint generated always as identity primary key,
  pipeline text not null references public.pipelines (name) on update cascade,
  logical_time timestamptz not null check (isfinite(logical_time)),
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  trigger text not null check (trigger in ('schedule', 'catch_up', 'backfill', 'manual')),
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  sla_due_at timestamptz,
  sla_missed_at timestamptz,
  unique (pipeline, logical_time),
  check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  check (started_at is not null or state in ('queued', 'cancelled')),
  check (sla_missed_at is null or sla_due_at is not null)
);
create index pipeline_runs_open on public.pipeline_runs (pipeline, logical_time) where finished_at is null;
create index pipeline_runs_by_finish on public.pipeline_runs (finished_at);

comment on table public.pipeline_runs is
  'Runs of pipelines: one for each logical time. Every run ends as succeeded, failed or cancelled.';
comment on column public.pipeline_runs.id is 'Identifier.';
comment on column public.pipeline_runs.pipeline is 'Pipeline that runs.';
comment on column public.pipeline_runs.logical_time is
  'End of the period that the run is about (UTC); what its tasks get as as_of, whenever they run.';
comment on column public.pipeline_runs.state is
  'queued: waits for max_active_runs; running; succeeded: every task did; failed: a task did, and nothing is left to do; cancelled: by cancel_run.';
comment on column public.pipeline_runs.trigger is
  'schedule: on time; catch_up: its time passed while nothing ran; backfill: backfill_pipeline; manual: start_pipeline_run.';
comment on column public.pipeline_runs.created_at is 'When the run was made (UTC).';
comment on column public.pipeline_runs.started_at is 'When it was let through max_active_runs (UTC); after a rerun the latest time.';
comment on column public.pipeline_runs.finished_at is 'When it ended (UTC); null while it is open.';
comment on column public.pipeline_runs.sla_due_at is 'When it must have succeeded (UTC); null: there is no SLA, or it was kept and the run was rerun since.';
comment on column public.pipeline_runs.sla_missed_at is 'When it was noticed that it had not (UTC); null: it has kept its SLA so far.';

create table public.task_runs (
  id bigint generated always as identity primary key,
  run_id bigint not null references public.pipeline_runs (id) on delete cascade,
  pipeline text not null,
  task text not null,
  state text not null default 'waiting' check (
    state in ('waiting', 'ready', 'running', 'retrying', 'succeeded', 'failed', 'skipped', 'cancelled')
  ),
  attempt integer not null default 0 check (attempt >= 0),
  attempts_before_rerun integer not null default 0 check (attempts_before_rerun >= 0),
  ready_at timestamptz,
  next_attempt_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  timeout_at timestamptz,
  lease_until timestamptz,
  worker text,
  backend_pid integer,
  error text,
  sqlstate text,
  result jsonb,
  lineage_run_id uuid not null default gen_random_uuid() unique,
  unique (run_id, task),
  foreign key (pipeline, task) references public.pipeline_tasks (pipeline, name) on update cascade,
  check (attempts_before_rerun <= attempt),
  check ((state in ('succeeded', 'failed', 'skipped', 'cancelled')) = (finished_at is not null)),
  -- whoever runs it is known, and is one session of Postgres or one worker with a lease
  check ((state = 'running') = (timeout_at is not null)),
  check ((state = 'running') = (num_nonnulls(worker, backend_pid) = 1)),
  check ((worker is null) = (lease_until is null)),
  check (state <> 'running' or (attempt > attempts_before_rerun and started_at is not null)),
  check ((state = 'retrying') = (next_attempt_at is not null)),
  check (state <> 'ready' or ready_at is not null),
  check (state not in ('failed', 'retrying') or error is not null),
  check (result is null or state = 'succeeded')
);
create index task_runs_to_do on public.task_runs (state, next_attempt_at)
where state in ('ready', 'running', 'retrying');
create index task_runs_by_task on public.task_runs (pipeline, task);

comment on table public.task_runs is 'Tasks of runs, with the state each is in.';
comment on column public.task_runs.id is 'Identifier.';
comment on column public.task_runs.run_id is 'Run that it is part of.';
comment on column public.task_runs.pipeline is 'Pipeline of the run.';
comment on column public.task_runs.task is 'Task of the pipeline.';
comment on column public.task_runs.state is
  'waiting: for what it depends on; ready; running; retrying: waits for its next attempt; succeeded; failed; skipped: something it depends on did not succeed; cancelled.';
comment on column public.task_runs.attempt is 'Number of the current or last attempt; it only ever counts up, so that no two attempts share a number.';
comment on column public.task_runs.attempts_before_rerun is 'Attempts that do not count towards max_attempts, because rerun_task came after them.';
comment on column public.task_runs.ready_at is 'When everything it depends on had succeeded (UTC).';
comment on column public.task_runs.next_attempt_at is 'When a retrying task may be tried again (UTC).';
comment on column public.task_runs.started_at is 'Start of the current or last attempt (UTC).';
comment on column public.task_runs.finished_at is 'When it reached a state it does not leave by itself (UTC).';
comment on column public.task_runs.timeout_at is 'When the attempt that runs will have taken too long (UTC).';
comment on column public.task_runs.lease_until is 'Until when the worker that runs it is believed to be alive (UTC); it extends this while it works.';
comment on column public.task_runs.worker is 'Name of the worker that runs it; null for tasks inside Postgres.';
comment on column public.task_runs.backend_pid is 'Process of Postgres that runs it; null for tasks of the queue.';
comment on column public.task_runs.error is 'Why the last attempt failed.';
comment on column public.task_runs.sqlstate is 'SQLSTATE of that failure, where it has one.';
comment on column public.task_runs.result is 'What the task returned.';
comment on column public.task_runs.lineage_run_id is
  'Its run in the view lineage, with all its attempts: unique everywhere, which id is not once events of several databases are in one place.';

create table public.task_attempts (
  task_run_id bigint not null references public.task_runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  executor text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  outcome text not null check (outcome in ('succeeded', 'unfinished', 'failed', 'lost', 'timed_out', 'cancelled')),
  transient boolean,
  error text,
  sqlstate text,
  primary key (task_run_id, attempt),
  check ((outcome = 'succeeded') = (error is null)),
  check ((outcome in ('failed', 'lost', 'timed_out')) = (transient is not null))
);

comment on table public.task_attempts is
  'History: one row for each attempt that has ended, written once and never changed.';
comment on column public.task_attempts.task_run_id is 'Task run that it was an attempt of.';
comment on column public.task_attempts.attempt is 'Number of the attempt, from 1.';
comment on column public.task_attempts.executor is 'Who ran it: postgres and the process id of the session, or the name of the worker.';
comment on column public.task_attempts.started_at is 'When it began (UTC).';
comment on column public.task_attempts.finished_at is 'When it ended, or was found to have ended (UTC).';
comment on column public.task_attempts.outcome is
  'succeeded; unfinished: it did a part, and the next attempt goes on; failed: it reported an error; lost: its session or worker ended, and it was rolled back or is not known to have ended; timed_out; cancelled.';
comment on column public.task_attempts.transient is 'Whether the failure was one that may pass by itself.';
comment on column public.task_attempts.error is 'Why it did not succeed.';
comment on column public.task_attempts.sqlstate is 'SQLSTATE of the failure, where it has one.';
