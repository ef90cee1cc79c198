-- Says that an object of the lake holds a later version of its day, too: the readings were written again and are the
-- same.
--
--   day, version           the day, and its version now
--   row_count, row_digest  its readings now
--   returns                whether the lake has an object that holds just these
--
--   select keep_archived_day('2024-01-31', 2, row_count, digest) from sensor_data_digest('2024-01-31');
create or replace function public.keep_archived_day(day date, version bigint, row_count bigint, row_digest text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  with kept as (
    update public.lake_objects as object
    set day_version = keep_archived_day.version
    where object.kind = 'sensor_data'
      and object.day = keep_archived_day.day
      and object.row_count = keep_archived_day.row_count
      and object.row_digest = keep_archived_day.row_digest
      and object.fault is null
    returning object.key
  )
  select exists (select from kept);
$$;

comment on function public.keep_archived_day(date, bigint, bigint, text) is
  'Says that the lake''s object of a day holds the day''s present version, where its readings are the same; returns whether.';
