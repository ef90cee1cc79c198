-- How many readings should have come between two that did, as far as they fall into the window. Steps are rounded to
-- whole cadences, so that a step may be up to half a cadence too long or too short.
--
--   previous, next   two readings that follow each other; or the last one, and the moment up to which one waits
--   cadence          expected time from one reading to the next
--   window_start     readings that should have come before it are not counted
--   returns          0 or more, at most what an integer holds; null where the cadence is not known
--
--   select missed_readings('2024-01-01 00:00Z', '2024-01-01 05:00Z', '1 hour', '2024-01-01 02:00Z');   -- 3
create or replace function public.missed_readings(
  previous timestamptz, next timestamptz, cadence interval, window_start timestamptz
)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  -- greatest and least pass over a null
  select case when cadence is not null then least(2147483647, greatest(
    0,
    floor(extract(epoch from next - previous) / extract(epoch from cadence) + 0.5) - 1
    - greatest(0, ceil(extract(epoch from window_start - previous) / extract(epoch from cadence)) - 1)
  ))::integer end;
$$;

comment on function public.missed_readings(timestamptz, timestamptz, interval, timestamptz) is
  'Readings that should have come between two readings at a cadence, counted from window_start.';
