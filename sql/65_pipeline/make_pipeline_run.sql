-- Makes a run and its task runs, all of them waiting. The tick lets it begin.
--
--   logical_time  end of the period it is about; callers see to it that it is one of the pipeline's
--   trigger       schedule, catch_up, backfill or manual
--   returns       its id; null when the logical time has a run already
create or replace function public.make_pipeline_run(pipeline text, logical_time timestamptz, trigger text)
returns bigint
language plpgsql
security invoker
set search_path = ''
as $$
declare
  made bigint;
begin
  insert into public.pipeline_runs (pipeline, logical_time, trigger, sla_due_at)
  select
    pipelines.name,
    make_pipeline_run.logical_time,
    make_pipeline_run.trigger,
    -- what was asked for later is late by nature: its time runs from when it begins
    case when make_pipeline_run.trigger in ('schedule', 'catch_up') then make_pipeline_run.logical_time + pipelines.sla end
  from public.pipelines
  where pipelines.name = make_pipeline_run.pipeline
  on conflict do nothing
  returning id into made;

  insert into public.task_runs (run_id, pipeline, task)
  select made, tasks.pipeline, tasks.name
  from public.pipeline_tasks as tasks
  where tasks.pipeline = make_pipeline_run.pipeline and made is not null;
  return made;
end;
$$;

comment on function public.make_pipeline_run(text, timestamptz, text) is
  'Makes the run of a logical time and its task runs; null when there is one already. Use start_pipeline_run or backfill_pipeline.';
