-- Makes the monthly partitions of sensor_data that do not exist yet.
--
--   months   any timestamps; each stands for its UTC month
--   returns  how many partitions were made
--   raises   22023 for a time that is null, infinite or not of the years 1900 to 2999
--            SP001 when a table of the partition's name exists but is not attached
--
-- Safe when many sessions meet a new month at once: one makes it, the others wait for that transaction and
-- then find it. The partition is built apart and attached, because ATTACH takes SHARE UPDATE EXCLUSIVE on
-- sensor_data and lets inserts go on, whereas CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE.
--
-- Call it before the transaction writes to engines: attaching clones the foreign key, which locks engines
-- against writers, and two sessions that took these locks in different order would deadlock.
--
--   select create_sensor_data_partitions(array['2024-01-15', '2024-02-01']::timestamptz[]);
create or replace function public.create_sensor_data_partitions(months timestamptz[])
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  month_start timestamp;
  partition_name text;
  created integer := 0;
begin
  if exists (
    select from unnest(months) as month
    where month is null or month not between '1900-01-01 00:00:00+00' and '2999-12-31 23:59:59+00'
  ) then
    raise exception 'Cannot make partitions as months must be times of the years 1900 to 2999: current value is %', months
      using errcode = '22023';
  end if;
  for month_start, partition_name in
    select distinct
      wanted.month_start,
      'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    from (
      select date_trunc('month', month at time zone 'UTC') as month_start from unnest(months) as month
    ) as wanted
    where not exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass
        and part.relname = 'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    )
    order by wanted.month_start
  loop
    perform pg_advisory_xact_lock(hashtext('public.sensor_data partitions'));
    if exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass and part.relname = partition_name
    ) then
      continue; -- another session made it while this one waited for the lock
    end if;
    if to_regclass(format('partitions.%I', partition_name)) is not null then
      raise exception 'Cannot make partition %: a table of that name exists but is not attached to sensor_data',
        partition_name
        using errcode = 'SP001',
          hint = format('Attach partitions.%I again, or rename or drop it.', partition_name);
    end if;

    execute format('create table partitions.%I (like public.sensor_data including all)', partition_name);
    execute format('alter table partitions.%I enable row level security', partition_name);
    execute format(
      'alter table public.sensor_data attach partition partitions.%I for values from (%L) to (%L)',
      partition_name,
      -- written out, because a timestamptz would be written as the session's DateStyle has it, which may name
      -- a zone that reads back as another one ("IST" is India's and Israel's)
      to_char(month_start, 'YYYY-MM-DD"T00:00:00Z"'),
      to_char(month_start + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"')
    );
    perform public.watch_sensor_data_writes(format('partitions.%I', partition_name)::regclass);
    created := created + 1;
  end loop;
  return created;
end;
$$;

comment on function public.create_sensor_data_partitions(timestamptz[]) is
  'Makes the missing monthly partitions of sensor_data for the given times; returns how many it made.';
