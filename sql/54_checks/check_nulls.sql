-- Missing values, by column.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               as judge_columns; the value is the share of the readings with a value
--
--   select * from check_nulls('24 hours') where status <> 'pass';
create or replace function public.check_nulls(
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
      received.engine_id, columns.column_name, received.readings, coalesce(received.nulls[columns.place], 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) with ordinality as columns (column_name, place)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_columns('nulls', bounds.window_start, as_of, measured.columns) as result;
$$;

comment on function public.check_nulls(interval, timestamptz, public.engine_window[]) is 'Share of the readings with a value, by column.';
