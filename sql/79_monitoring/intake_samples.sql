-- Part of service_metrics: what comes in, and what could not.
--
--   returns  samples; place is the order of a histogram's buckets
create or replace function public.intake_samples(as_of timestamptz)
returns table (family text, suffix text, labels jsonb, value double precision, place bigint)
language sql
stable
security invoker
set search_path = ''
as $$
  with totals as materialized (
    select * from public.intake_totals(as_of)
  ),
  histogram as (
    select 'ingest_processing_seconds' as family, 'processing' as measure, source, processing_buckets as buckets, processing_seconds as total
    from totals
    union all
    select 'ingest_event_lag_seconds', 'event_lag', source, event_lag_buckets, event_lag_seconds
    from totals
  )
  select
    'ingest_readings_total', '', jsonb_build_object('source', totals.source, 'outcome', counted.outcome),
    counted.readings::double precision, 0
  from totals
  cross join lateral (
    values ('accepted', totals.accepted), ('duplicate', totals.duplicates), ('rejected', totals.rejected)
  ) as counted (outcome, readings)
  union all
  select 'ingest_batches_total', '', jsonb_build_object('source', totals.source), totals.batches, 0
  from totals
  union all
  select
    histogram.family, 'bucket',
    jsonb_build_object('source', histogram.source, 'le', coalesce(bounds.bound::text, '+Inf')),
    sum(bucket.amount) over (partition by histogram.family, histogram.source order by bucket.place),
    bucket.place
  from histogram
  cross join lateral unnest(histogram.buckets) with ordinality as bucket (amount, place)
  cross join lateral (select (public.histogram_bounds(histogram.measure))[bucket.place] as bound) as bounds
  union all
  select histogram.family, 'sum', jsonb_build_object('source', histogram.source), histogram.total, 0
  from histogram
  union all
  select
    histogram.family, 'count', jsonb_build_object('source', histogram.source),
    (select sum(amount) from unnest(histogram.buckets) as amount), 0
  from histogram
  union all
  select
    'source_silence_seconds', '', jsonb_build_object('source', totals.source),
    extract(epoch from as_of - totals.last_received_at), 0
  from totals
  union all
  select
    'source_reading_age_seconds', '', jsonb_build_object('source', totals.source),
    extract(epoch from as_of - totals.newest_timestamp), 0
  from totals
  union all
  -- a door that has none shows 0: an alert on what is not there never fires
  select
    'dead_letters_open', '', jsonb_build_object('source', doors.source),
    (select count(*) from public.dead_letters where replayed_at is null and dead_letters.source = doors.source), 0
  from (
    select totals.source from totals where totals.source <> 'replay'
    union
    select distinct dead_letters.source from public.dead_letters where replayed_at is null
  ) as doors
  union all
  select
    'dead_letters_oldest_age_seconds', '', '{}', extract(epoch from as_of - min(dead_letters.first_seen_at)), 0
  from public.dead_letters
  where replayed_at is null;
$$;

comment on function public.intake_samples(timestamptz) is 'Part of service_metrics: what comes in, how fast, and what could not be accepted.';
