-- Drift and degradation of the active engines with readings in the window.
--
--   check_window, as_of   which engines are looked at; how many of their readings is in quality_settings
--   returns               as judge_drift: metrics drift (number of drifting sensors) and degradation (wear)
--
--   select evidence -> 'sensors' from check_drift('24 hours') where metric_name = 'drift' and status = 'fail';
create or replace function public.check_drift(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  select result.*
  from (select date_trunc('hour', as_of - check_window, 'UTC') as window_start) as bounds
  cross join lateral public.judge_drift(
    bounds.window_start,
    as_of,
    array(select measured from public.measure_window_drift(bounds.window_start, as_of) as measured)
  ) as result;
$$;

comment on function public.check_drift(interval, timestamptz) is
  'Sensors that have moved away from their engine''s baseline, told apart from wear; per engine and about the table.';
