-- Values that are numbers: neither NaN nor infinite. The intake refuses them; this finds what came another way.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per engine with readings, and one about the table. The value is the share of the
--                         readings whose values are all finite or missing.
create or replace function public.check_types(
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
      1 - received.not_finite::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('not_finite', received.not_finite)
    )::public.engine_measurement) as engines
    from received
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('types', 'mean', bounds.window_start, as_of, measured.engines) as result;
$$;

comment on function public.check_types(interval, timestamptz, public.engine_window[]) is 'Readings with a value that is NaN or infinite, per engine.';
