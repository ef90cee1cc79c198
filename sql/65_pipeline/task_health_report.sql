-- Task health_report of the pipeline hourly.
create or replace function public.task_health_report(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select jsonb_build_object('rows', public.report_engine_health(as_of));
$$;

comment on function public.task_health_report(timestamptz) is
  'Pipeline task: reports the health of the engines as of the logical time and counts the rows it wrote.';
