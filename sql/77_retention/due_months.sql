-- The months of sensor_data whose last reading is older than data_assets.retention_days, the oldest first. They leave in this
-- order: a month that cannot go holds up the later ones, so that sensor_data never has a hole that
-- fill_sensor_data_partition_gaps would fill again.
--
--   as_of    the present moment
--   returns  a row for each month that has a partition; none when readings are kept for ever
--
--   select * from due_months();
create or replace function public.due_months(as_of timestamptz default now())
returns table (month date, begins timestamptz, ends timestamptz, partition regclass)
language sql
stable
security invoker
set search_path = ''
as $$
  select present.month, present.begins, present.ends, present.partition
  from public.data_assets as asset
  cross join lateral (
    select
      named.month,
      named.month::timestamp at time zone 'UTC' as begins,
      (named.month + interval '1 month') at time zone 'UTC' as ends,
      link.inhrelid::regclass as partition
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    cross join lateral (select to_date(right(part.relname, 7), 'YYYY_MM') as month) as named
    where link.inhparent = 'public.sensor_data'::regclass
  ) as present
  where asset.name = 'sensor_data' and present.ends <= as_of - make_interval(days => asset.retention_days)
  order by present.month;
$$;

comment on function public.due_months(timestamptz) is
  'Months of sensor_data whose retention has passed and that still have a partition, the oldest first.';
