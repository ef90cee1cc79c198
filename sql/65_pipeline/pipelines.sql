-- What runs, how often, and in which order: a directed graph of tasks. Rows, not code, so that Studio shows it and a
-- task's time limit can be changed where it is seen. What a task does is a function that exists; there is no SQL text
-- in these tables.
create table public.pipelines (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  description text not null,
  period interval not null check (
    -- months have no fixed length, and pg_cron looks once a minute
    extract(epoch from period) >= 60
    and extract(epoch from period) % 60 = 0
    and extract(year from period) = 0
    and extract(month from period) = 0
  ),
  next_logical_time timestamptz not null check (isfinite(next_logical_time)),
  max_active_runs integer not null default 1 check (max_active_runs between 1 and 100),
  catch_up boolean not null default true,
  sla interval check (sla > '0'),
  active boolean not null default true
);

comment on table public.pipelines is
  'Pipelines: what runs each period. The run of a logical time covers the period that ends then, and is due then.';
comment on column public.pipelines.name is 'Name: lower-case letters, digits and _.';
comment on column public.pipelines.description is 'What the pipeline is for, in one sentence.';
comment on column public.pipelines.period is 'Time between two runs: whole minutes, at least one; no months, as they differ in length.';
comment on column public.pipelines.next_logical_time is
  'Logical time of the next run to be scheduled; it moves on by periods, and every logical time of the pipeline is whole periods away from it.';
comment on column public.pipelines.max_active_runs is
  'How many runs may be under way at a time; the others are queued, scheduled ones before backfills, older before newer.';
comment on column public.pipelines.catch_up is
  'Whether periods that passed while nothing ran get their runs later, the oldest first; off: only the latest does.';
comment on column public.pipelines.sla is
  'Longest time from a run''s logical time (of backfills and manual runs: from their start) to its success; null: none.';
comment on column public.pipelines.active is 'Off: no run is scheduled. Runs that exist go on.';

create table public.pipeline_tasks (
  pipeline text not null references public.pipelines (name) on update cascade on delete cascade,
  name text not null check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  kind text not null check (kind in ('sql', 'queue')),
  handler text not null check (handler ~ '^[a-z][a-z0-9_]{0,62}$'),
  timeout interval not null default '10 minutes' check (timeout > '0'),
  max_attempts integer not null default 5 check (max_attempts between 1 and 100),
  backoff_base interval not null default '1 minute' check (backoff_base > '0'),
  backoff_cap interval not null default '15 minutes',
  claim_within interval not null default '15 minutes' check (claim_within > '0'),
  description text not null,
  primary key (pipeline, name),
  check (backoff_cap >= backoff_base)
);

comment on table public.pipeline_tasks is 'Tasks of pipelines: what each run of a pipeline does.';
comment on column public.pipeline_tasks.pipeline is 'Pipeline that the task is part of.';
comment on column public.pipeline_tasks.name is 'Name within the pipeline: lower-case letters, digits and _.';
comment on column public.pipeline_tasks.kind is
  'sql: pipeline_tick() calls the function inside Postgres; queue: the function worker takes it, because it needs the outside.';
comment on column public.pipeline_tasks.handler is
  'What is called. Of sql: name of a function public.<handler>(timestamptz) returns jsonb, called with the logical time; of queue: name of a handler of the worker.';
comment on column public.pipeline_tasks.timeout is 'Longest time of one attempt; then it is cancelled and counts as a transient failure.';
comment on column public.pipeline_tasks.max_attempts is 'How many attempts a transient failure may take; any other failure is final.';
comment on column public.pipeline_tasks.backoff_base is
  'Upper bound of the wait before the second attempt; it doubles with each further one. The wait is random below its bound (full jitter).';
comment on column public.pipeline_tasks.backoff_cap is 'Upper bound of any wait between two attempts.';
comment on column public.pipeline_tasks.claim_within is
  'Of queue: longest wait for a worker. Then the task fails, because a run that waits for a worker nobody has set up would hold up every later run.';
comment on column public.pipeline_tasks.description is 'What the task does, in one sentence.';

create table public.pipeline_task_dependencies (
  pipeline text not null,
  task text not null,
  depends_on text not null,
  primary key (pipeline, task, depends_on),
  foreign key (pipeline, task) references public.pipeline_tasks (pipeline, name) on update cascade on delete cascade,
  foreign key (pipeline, depends_on) references public.pipeline_tasks (pipeline, name)
  on update cascade on delete cascade,
  check (task <> depends_on)
);
create index pipeline_task_dependencies_by_upstream on public.pipeline_task_dependencies (pipeline, depends_on);

comment on table public.pipeline_task_dependencies is
  'Edges of the graph: a task begins when everything it depends on has succeeded. There are no cycles.';
comment on column public.pipeline_task_dependencies.pipeline is 'Pipeline of both tasks.';
comment on column public.pipeline_task_dependencies.task is 'The task that waits.';
comment on column public.pipeline_task_dependencies.depends_on is 'The task it waits for.';

-- Refuses a sql task whose function does not exist, when the row is written and not an hour later.
create or replace function public.require_task_handler()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if new.kind = 'sql' and not exists (
    select from pg_catalog.pg_proc
    where oid = to_regprocedure(format('public.%I(timestamptz)', new.handler))
      and prorettype = 'jsonb'::regtype
      and not proretset
      and prokind = 'f'
  ) then
    raise exception 'Cannot save task % as handler must be a function public.<handler>(timestamptz) returns jsonb: current value is %',
      new.name, new.handler
      using errcode = '23514';
  end if;
  return new;
end;
$$;

comment on function public.require_task_handler() is
  'Trigger of pipeline_tasks: the handler of a sql task must be a function of public that takes a timestamptz and returns jsonb.';

create trigger require_task_handler
before insert or update of kind, handler on public.pipeline_tasks
for each row execute function public.require_task_handler();

-- Refuses an edge that closes a circle: its tasks would wait for each other for ever.
create or replace function public.require_acyclic_tasks()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  -- two sessions that each add one half of a circle must not both look before either has committed
  perform pg_advisory_xact_lock(hashtext('public.pipeline_task_dependencies'));
  if exists (
    with recursive upstream (name) as (
      select new.depends_on
      union
      select edge.depends_on
      from upstream
      join public.pipeline_task_dependencies as edge on edge.pipeline = new.pipeline and edge.task = upstream.name
    )
    select from upstream where name = new.task
  ) then
    raise exception 'Cannot make % depend on % as there must be no cycle: % depends on % already',
      new.task, new.depends_on, new.depends_on, new.task
      using errcode = '23514';
  end if;
  return new;
end;
$$;

comment on function public.require_acyclic_tasks() is
  'Trigger of pipeline_task_dependencies: a task must not depend on itself, through whatever others.';

create trigger require_acyclic_tasks
after insert or update on public.pipeline_task_dependencies
for each row execute function public.require_acyclic_tasks();
