-- Forgets a day that has no readings any more: there is nothing to archive. What the lake has of it stays.
--
--   day, version  the day, and the version at which it was seen to be empty: one that has changed since is kept
--
--   select forget_empty_day('2024-01-31', 3);
create or replace function public.forget_empty_day(day date, version bigint)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  delete from public.sensor_data_days as days
  where days.day = forget_empty_day.day
    and days.version = forget_empty_day.version
    and days.retired_at is null;
$$;

comment on function public.forget_empty_day(date, bigint) is
  'Forgets a day of sensor_data_days whose readings are gone, unless it has changed since.';
