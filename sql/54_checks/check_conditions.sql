-- Readings in one of the known operating conditions. What is in none of them can be compared with nothing.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings in a known condition.
create or replace function public.check_conditions(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - received.unknown_conditions::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('unknown', received.unknown_conditions)
    )::public.engine_measurement) as engines
    from received
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('conditions', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_conditions(interval, timestamptz, public.engine_window[]) is
  'Share of the readings in one of the known operating conditions, per engine.';
