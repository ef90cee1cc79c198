-- Missing values, by column.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   returns               as judge_columns; the value is the share of the readings with a value
--
--   select * from check_nulls('24 hours') where status <> 'pass';
create or replace function public.check_nulls(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  measured as (
    select array_agg(row(
      counted.engine_id, counted.column_name, counted.readings, counted.nulls
    )::public.column_measurement) as columns
    from (
      select
        hourly.engine_id,
        counted.column_name,
        sum(hourly.readings)::bigint as readings,
        sum(counted.nulls)::bigint as nulls
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      cross join lateral unnest(public.value_columns(), hourly.nulls) as counted (column_name, nulls)
      group by hourly.engine_id, counted.column_name
    ) as counted
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_columns('nulls', bounds.window_start, as_of, measured.columns) as result;
$$;

comment on function public.check_nulls(interval, timestamptz) is 'Share of the readings with a value, by column.';
