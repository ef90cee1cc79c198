-- Upper bounds of the histograms of the intake, in seconds and ascending; a bound belongs to its bucket, and what is above
-- the last one has a bucket of its own. 300 is the service level of the plan, so whether it is kept can be told exactly.
--
--   measure  processing: batches.processing; event_lag: from the newest reading of a batch to its arrival
--
-- The buckets of intake_counters are counted by these: with other bounds that table has to be emptied.
create or replace function public.histogram_bounds(measure text)
returns double precision[]
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case measure
    when 'processing' then
      array[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]::double precision[]
    when 'event_lag' then
      array[1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800, 2592000]::double precision[]
  end;
$$;

comment on function public.histogram_bounds(text) is
  'Upper bounds, in seconds, of the buckets that intake_counters counts processing and event_lag by.';
