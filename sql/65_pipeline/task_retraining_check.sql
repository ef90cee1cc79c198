-- Task retraining_check of the pipeline hourly.
create or replace function public.task_retraining_check(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.check_retraining(as_of);
$$;

comment on function public.task_retraining_check(timestamptz) is
  'Pipeline task: decides as of the logical time whether the model needs training again.';
