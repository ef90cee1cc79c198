-- Ends runs whose process died before it could: a run that began more than a day ago and has no end is given the event
-- ABORT. One that ends after all adds its own end to it.
--
--   as_of    the present moment
--   returns  how many there were
create or replace function public.abort_lost_runs(as_of timestamptz default now())
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  aborted integer;
begin
  insert into public.lineage_events (event_time, event_type, run_id, job_name, inputs, outputs, run_facets, code_version)
  select
    clock_timestamp(), 'ABORT', begun.run_id, begun.job_name, begun.inputs, begun.outputs,
    '{"errorMessage": {"message": "The process that ran it ended without saying how it went", "programmingLanguage": "TypeScript"}}',
    begun.code_version
  from public.lineage_events as begun
  where begun.event_type = 'START' and begun.event_time < as_of - interval '1 day'
    and not exists (
      select from public.lineage_events as ended
      where ended.run_id = begun.run_id and ended.event_type in ('COMPLETE', 'FAIL', 'ABORT')
    )
  on conflict do nothing;
  get diagnostics aborted = row_count;
  return aborted;
end;
$$;

comment on function public.abort_lost_runs(timestamptz) is
  'Ends with ABORT the runs that began more than a day ago and never said how they went; returns how many.';
