-- What is wrong with the copy of a day in the lake, or nothing: whether the day may leave Postgres, as far as the listing of the
-- lake and the counted changes of the day tell.
--
--   day             the day (UTC)
--   verified_from   when it must have been read back and compared, at the earliest; null: need not have been
--   returns         the first fault in words; null when there is none. A day that holds no readings needs no copy.
--
--   select archive_fault('2017-01-31', now() - interval '24 hours');
create or replace function public.archive_fault(day date, verified_from timestamptz)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when object.key is null then format('%s is not in the lake', days.day)
    when object.day_version <> days.version then
      format('%s has changed since it was archived: version %s, in the lake %s', days.day, days.version, object.day_version)
    when object.fault is not null then format('%s is not as it should be in the lake: %s', days.day, object.fault)
    when object.verified_at is null and verified_from is not null then format('%s has not been read back from the lake', days.day)
    when object.verified_at < verified_from then
      format('%s was last read back from the lake at %s', days.day, object.verified_at at time zone 'UTC')
  end
  from public.sensor_data_days as days
  left join lateral (
    select lake_objects.*
    from public.lake_objects
    where lake_objects.kind = 'sensor_data' and lake_objects.day = days.day
    order by lake_objects.day_version desc
    limit 1
  ) as object on true
  where days.day = archive_fault.day;
$$;

comment on function public.archive_fault(date, timestamptz) is
  'What is wrong with the copy of a day in the lake; null when nothing is, or the day holds no readings.';
