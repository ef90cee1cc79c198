-- Task retention of the pipeline daily.
create or replace function public.task_retention(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.retire_months(as_of);
$$;

comment on function public.task_retention(timestamptz) is
  'Pipeline task: drops the oldest month of readings whose retention has passed, when the lake verifiably holds it.';
