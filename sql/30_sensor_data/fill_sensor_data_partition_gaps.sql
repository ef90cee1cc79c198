-- Makes every month between the oldest and the newest partition that is missing. The intake makes the months
-- it needs by itself, so this is for people who want a history without holes; it is not scheduled, because
-- one reading from 2001 would then bring three hundred empty partitions that every plan has to consider.
--
--   select fill_sensor_data_partition_gaps();
create or replace function public.fill_sensor_data_partition_gaps(as_of timestamptz default now())
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.create_sensor_data_partitions(
    coalesce(array_agg(report.month::timestamp at time zone 'UTC'), '{}')
  )
  from public.sensor_data_partition_report(as_of, 0) as report
  where report.state <> 'present';
$$;

comment on function public.fill_sensor_data_partition_gaps(timestamptz) is
  'Makes the missing months between the oldest partition of sensor_data and the newest (or as_of); returns how many it made.';
