-- Task quality of the pipeline hourly: all checks over the 24 hours before the logical time. A check that fails is a
-- result and not an error, so it stops nothing.
create or replace function public.task_quality(as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'passed', count(*) filter (where metrics.status = 'pass'),
    'warned', count(*) filter (where metrics.status = 'warning'),
    'failed', count(*) filter (where metrics.status = 'fail'),
    'not_evaluated', count(*) filter (where metrics.status = 'not_evaluated')
  )
  from public.run_checks(interval '24 hours', as_of) as metrics;
$$;

comment on function public.task_quality(timestamptz) is
  'Pipeline task: runs all checks of the 24 hours before the logical time and counts their verdicts.';
