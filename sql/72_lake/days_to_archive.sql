-- Which days the archive has to write: days that are over, whose readings are not in the lake as they are now.
--
--   as_of      the present moment
--   days_late  how many days a day must have been over for, to ask which of them are late
--   returns    the oldest first: the day, its version, and the version that the lake has; null where it has none, or
--              what it has was found broken
--
--   select * from days_to_archive();
create or replace function public.days_to_archive(as_of timestamptz default now(), days_late integer default 0)
returns table (day date, version bigint, archived_version bigint)
language sql
stable
security invoker
set search_path = ''
as $$
  select days.day, days.version, object.day_version
  from public.sensor_data_days as days
  left join public.lake_objects as object
    on object.kind = 'sensor_data' and object.day = days.day and object.fault is null
  where days.day < (as_of at time zone 'UTC')::date - days_late
    and days.retired_at is null
    and object.day_version is distinct from days.version
  order by days.day;
$$;

comment on function public.days_to_archive(timestamptz, integer) is
  'UTC days that are over and whose readings are not in the lake as they are now, the oldest first.';
