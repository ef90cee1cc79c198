-- Starts a run by hand; the next tick lets it begin.
--
--   logical_time  end of the period it is about: null for the latest that has ended
--   returns       the run's id
--   raises        22023 for a pipeline that does not exist, or a time that is not the end of one of its periods or is
--                 in the future; 23505 when the logical time has a run already
--
--   select start_pipeline_run('hourly', '2024-01-01 10:00+00');
create or replace function public.start_pipeline_run(
  pipeline text,
  logical_time timestamptz default null,
  as_of timestamptz default now()
)
returns bigint
language plpgsql
security invoker
set search_path = ''
as $$
declare
  period_seconds numeric;
  known_time timestamptz;
  wanted timestamptz := start_pipeline_run.logical_time;
  made bigint;
begin
  select extract(epoch from pipelines.period), pipelines.next_logical_time
  into period_seconds, known_time
  from public.pipelines
  where pipelines.name = start_pipeline_run.pipeline;
  if not found then
    raise exception 'Cannot start a run as pipeline must be the name of one: current value is %', start_pipeline_run.pipeline
      using errcode = '22023';
  end if;
  wanted := coalesce(wanted, known_time + make_interval(
    secs => (floor(extract(epoch from as_of - known_time) / period_seconds) * period_seconds)::double precision
  ));
  if wanted > as_of or extract(epoch from wanted - known_time) % period_seconds <> 0 then
    raise exception 'Cannot start a run as logical_time must be the end of a period that has ended: current value is %', wanted
      using errcode = '22023', hint = format('%s is one, and periods are %s seconds long.', known_time, period_seconds);
  end if;
  made := public.make_pipeline_run(start_pipeline_run.pipeline, wanted, 'manual');
  if made is null then
    raise exception 'Cannot start a run as its logical time must have none: current value is %', wanted
      using errcode = '23505', hint = 'rerun_task() repeats a task of it and what follows.';
  end if;
  perform public.record_audit(
    'pipeline.start', start_pipeline_run.pipeline, jsonb_build_object('run_id', made, 'logical_time', wanted)
  );
  return made;
end;
$$;

comment on function public.start_pipeline_run(text, timestamptz, timestamptz) is
  'Starts a run by hand, for the latest logical time unless told; returns its id.';
