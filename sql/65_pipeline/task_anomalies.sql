-- Task anomalies of the pipeline hourly.
create or replace function public.task_anomalies(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select jsonb_build_object('rows', public.detect_anomalies(as_of));
$$;

comment on function public.task_anomalies(timestamptz) is
  'Pipeline task: looks for anomalies as of the logical time and counts the rows it wrote.';
