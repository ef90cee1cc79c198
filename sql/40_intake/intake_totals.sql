-- What the intake has done from the beginning to a moment, by source: the newest counters before it, and the batches since.
-- Between two moments it is the difference of the two. Its cost follows the batches of the last minutes, not the history.
--
--   as_of    batches that were received before are counted
--   returns  a row for each source; buckets as in intake_counters
--
--   select source, accepted + duplicates + rejected as received from intake_totals();
create or replace function public.intake_totals(as_of timestamptz default now())
returns table (
  source text,
  batches bigint,
  accepted bigint,
  duplicates bigint,
  rejected bigint,
  processing_seconds double precision,
  processing_buckets bigint[],
  event_lag_seconds double precision,
  event_lag_buckets bigint[],
  last_received_at timestamptz,
  newest_timestamp timestamptz
)
language sql
stable
security invoker
set search_path = ''
set jit = off
as $$
  with horizon as (
    select max(counters.until) as at from public.intake_counters as counters where counters.until <= as_of
  ),
  counted as (
    select counters.* from horizon join public.intake_counters as counters on counters.until = horizon.at
  ),
  bounds as (
    select measured.name, cardinality(limits.upper) as size, limits.upper, negative.lower
    from unnest(array['processing', 'event_lag']) as measured (name)
    cross join lateral (select public.histogram_bounds(measured.name) as upper) as limits
    -- width_bucket counts a bound to the bucket above it, and a histogram to the one below: so it looks from the other side
    cross join lateral (select array(select - bound from unnest(limits.upper) as bound order by bound desc) as lower) as negative
  ),
  since as (
    select
      batches.source,
      processing.size - width_bucket(- extract(epoch from batches.processing)::double precision, processing.lower)
        as processing_bucket,
      lag.size - width_bucket(- event_lag.seconds, lag.lower) as lag_bucket,
      count(*) as batches,
      sum(batches.accepted) as accepted,
      sum(batches.duplicates) as duplicates,
      sum(batches.rejected) as rejected,
      sum(extract(epoch from batches.processing)::double precision) as processing_seconds,
      sum(event_lag.seconds) as lag_seconds,
      max(batches.received_at) as last_received_at,
      max(batches.newest_timestamp) as newest_timestamp
    from public.batches
    join bounds as processing on processing.name = 'processing'
    join bounds as lag on lag.name = 'event_lag'
    cross join lateral (
      -- null stays null here, which greatest() would turn into 0
      select case
        when batches.newest_timestamp > batches.received_at then 0
        else extract(epoch from batches.received_at - batches.newest_timestamp)::double precision
      end as seconds
    ) as event_lag
    where batches.received_at >= coalesce((select horizon.at from horizon), '-infinity') and batches.received_at < as_of
    group by 1, 2, 3
  ),
  added as (
    select
      since.source,
      sum(since.batches) as batches,
      sum(since.accepted) as accepted,
      sum(since.duplicates) as duplicates,
      sum(since.rejected) as rejected,
      sum(since.processing_seconds) as processing_seconds,
      sum(since.lag_seconds) as lag_seconds,
      max(since.last_received_at) as last_received_at,
      max(since.newest_timestamp) as newest_timestamp
    from since
    group by since.source
  )
  select
    source,
    (coalesce(counted.batches, 0) + coalesce(added.batches, 0))::bigint,
    (coalesce(counted.accepted, 0) + coalesce(added.accepted, 0))::bigint,
    (coalesce(counted.duplicates, 0) + coalesce(added.duplicates, 0))::bigint,
    (coalesce(counted.rejected, 0) + coalesce(added.rejected, 0))::bigint,
    coalesce(counted.processing_seconds, 0) + coalesce(added.processing_seconds, 0),
    array(
      select (coalesce(counted.processing_buckets[place + 1], 0) + coalesce(
        (select sum(since.batches) from since where since.source = coalesce(counted.source, added.source) and since.processing_bucket = place), 0
      ))::bigint
      from generate_series(0, (select bounds.size from bounds where bounds.name = 'processing')) as place
      order by place
    ),
    coalesce(counted.event_lag_seconds, 0) + coalesce(added.lag_seconds, 0),
    array(
      select (coalesce(counted.event_lag_buckets[place + 1], 0) + coalesce(
        (select sum(since.batches) from since where since.source = coalesce(counted.source, added.source) and since.lag_bucket = place), 0
      ))::bigint
      from generate_series(0, (select bounds.size from bounds where bounds.name = 'event_lag')) as place
      order by place
    ),
    greatest(counted.last_received_at, added.last_received_at),
    greatest(counted.newest_timestamp, added.newest_timestamp)
  from counted
  full join added using (source)
  order by source;
$$;

comment on function public.intake_totals(timestamptz) is
  'What the intake has done from the beginning to a moment, by source; only the batches of the last minutes are read.';
