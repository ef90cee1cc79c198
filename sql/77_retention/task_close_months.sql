-- Task close_months of the pipeline daily.
create or replace function public.task_close_months(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.close_months(as_of);
$$;

comment on function public.task_close_months(timestamptz) is
  'Pipeline task: lets no more readings in of the months whose retention has passed.';
