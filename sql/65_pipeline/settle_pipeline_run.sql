-- Draws the conclusions from the states of a run's tasks: what waited for tasks that have all succeeded is ready,
-- what waited for one that did not is skipped, and a run with nothing left to do has ended. Does nothing to a run
-- that is not under way.
--
--   as_of  the present moment
create or replace function public.settle_pipeline_run(run_id bigint, as_of timestamptz)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform from public.pipeline_runs
  where pipeline_runs.id = settle_pipeline_run.run_id and pipeline_runs.state = 'running'
  for update;
  if not found then
    return;
  end if;

  loop -- a skipped task skips what waits for it
    update public.task_runs
    set state = 'skipped', finished_at = clock_timestamp()
    where task_runs.run_id = settle_pipeline_run.run_id
      and task_runs.state = 'waiting'
      and exists (
        select from public.pipeline_task_dependencies as edge
        join public.task_runs as upstream on upstream.run_id = task_runs.run_id and upstream.task = edge.depends_on
        where edge.pipeline = task_runs.pipeline
          and edge.task = task_runs.task
          and upstream.state in ('failed', 'skipped', 'cancelled')
      );
    exit when not found;
  end loop;

  update public.task_runs
  set state = 'ready', ready_at = as_of
  where task_runs.run_id = settle_pipeline_run.run_id
    and task_runs.state = 'waiting'
    and not exists (
      select from public.pipeline_task_dependencies as edge
      join public.task_runs as upstream on upstream.run_id = task_runs.run_id and upstream.task = edge.depends_on
      where edge.pipeline = task_runs.pipeline and edge.task = task_runs.task and upstream.state <> 'succeeded'
    );

  update public.pipeline_runs
  set
    finished_at = clock_timestamp(),
    state = (
      select case
        when coalesce(bool_or(task_runs.state in ('failed', 'skipped')), false) then 'failed'
        when bool_or(task_runs.state = 'cancelled') then 'cancelled'
        else 'succeeded'
      end
      from public.task_runs
      where task_runs.run_id = pipeline_runs.id
    )
  where pipeline_runs.id = settle_pipeline_run.run_id
    and not exists (
      select from public.task_runs where task_runs.run_id = pipeline_runs.id and task_runs.finished_at is null
    );
end;
$$;

comment on function public.settle_pipeline_run(bigint, timestamptz) is
  'Makes tasks ready or skipped by what they depend on, and ends a run whose tasks have all ended.';
