-- Schema compliance: the live catalog against the declared one, and every partition attached to sensor_data.
--
--   check_window  not used: it is about as_of's catalog, which is the present one
--   returns       one row about the tables; the value is the number of differences. Tables that were never declared
--                 are somebody else's and do not count.
--
--   select evidence -> 'failing' from check_schema();
create or replace function public.check_schema(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with compared as (
    select
      coalesce(declared.table_name, live.table_name) as table_name,
      coalesce(declared.column_name, live.column_name) as column_name,
      concat(declared.data_type, case when not declared.is_nullable then ' not null' end) as declared,
      concat(live.data_type, case when not live.is_nullable then ' not null' end) as live
    from public.declared_columns as declared
    full join public.live_columns() as live
      on live.table_name = declared.table_name and live.column_name = declared.column_name
    where coalesce(declared.table_name, live.table_name) in (select known.table_name from public.declared_columns as known)
  ),
  difference as (
    select table_name, column_name, nullif(declared, '') as declared, nullif(live, '') as live
    from compared
    where declared <> live
    union all
    select stray.relname::text, null, 'partition of sensor_data', 'not attached'
    from pg_catalog.pg_class as stray
    where stray.relnamespace = to_regnamespace('partitions') and stray.relkind = 'r' and not stray.relispartition
  ),
  measured as (
    select
      (select count(*) from public.declared_columns) as columns,
      count(*) as differences,
      jsonb_agg(
        jsonb_build_object('table', table_name, 'column', column_name, 'declared', declared, 'live', live)
        order by table_name, column_name
      ) as listed
    from difference
  )
  select
    'schema',
    null::text,
    null::uuid,
    case when measured.columns > 0 then measured.differences::double precision end,
    rule.min,
    rule.max,
    public.expectation_verdict(
      case when measured.columns > 0 then measured.differences::double precision end, rule.min, rule.max, rule.severity
    ),
    measured.columns,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'failing_count', measured.differences,
      'failing', measured.listed,
      'reason', case when measured.columns = 0 then 'no schema was declared' end
    ))
  from measured
  join public.effective_expectations as rule on rule.kind = 'schema' and rule.dataset is null;
$$;

comment on function public.check_schema(interval, timestamptz) is
  'Differences between the live catalog and the declared columns, and partitions that are not attached.';
