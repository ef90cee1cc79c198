-- What arrives, and how long it was on the way, in slots of time: how a stream is watched.
--
-- The latency of a reading is the time from its measurement to its being stored. It is told of readings that were measured at most
-- an hour before they arrived: what is loaded from a file or filled in later was not on the way all that time, and counts as
-- arrived, but not here. So is what claims to have been measured later than it arrived.
--
--   seconds   how far back, 60 to 86400
--   slots     how many slots that is, 2 to 500
--   as_of     end of the last slot
--   returns   an object of
--               since, until, slot_seconds   times are seconds since 1970
--               accepted, duplicates, rejected, batches   of each slot
--               latency   of all slots: readings, p50, p95 and max in seconds, null where there was none
--               timed, p50, p95               of each slot: readings with a latency, and two of its quantiles in seconds
--               sources   of each door: batches, accepted, duplicates, rejected, last_at
--               last_at   when the newest batch arrived, also before since; null where there is none
--   raises    22023 for other numbers
--
--   select arrivals(900) -> 'accepted';
create or replace function public.arrivals(
  seconds integer default 900, slots integer default 90, as_of timestamptz default now()
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
begin
  if seconds is null or seconds not between 60 and 86400 or slots is null or slots not between 2 and 500 then
    raise exception 'Cannot tell what arrives as seconds must be 60 to 86400 and slots 2 to 500: current values are % and %',
      coalesce(seconds::text, 'null'), coalesce(slots::text, 'null')
      using errcode = '22023';
  end if;
  return (
  with bounds as (
    select as_of - make_interval(secs => seconds) as since, seconds::numeric / slots as slot_seconds
  ),
  slot as (
    select generate_series(0, slots - 1) as place
  ),
  batch as materialized (
    select
      floor(extract(epoch from batches.received_at - bounds.since) / bounds.slot_seconds) as place,
      batches.*
    from bounds
    join public.batches on batches.received_at >= bounds.since and batches.received_at < as_of
  ),
  counted as (
    select
      place, count(*) as batches, sum(accepted) as accepted, sum(duplicates) as duplicates, sum(rejected) as rejected
    from batch
    group by place
  ),
  -- engine by engine along the primary key, which has no other way to the newest readings; none where nothing arrived
  timed as materialized (
    select
      floor(extract(epoch from reading.created_at - bounds.since) / bounds.slot_seconds) as place,
      extract(epoch from reading.created_at - reading."timestamp")::double precision as latency
    from bounds
    cross join public.engines
    cross join lateral (
      select stored."timestamp", stored.created_at
      from public.sensor_data as stored
      where stored.engine_id = engines.id
        and stored."timestamp" >= bounds.since - interval '1 hour' and stored."timestamp" < as_of
        and stored.created_at >= bounds.since and stored.created_at < as_of
        and stored.created_at - stored."timestamp" between interval '0' and interval '1 hour'
    ) as reading
    where exists (select from batch where batch.accepted > 0)
  ),
  quantiles as (
    select
      place,
      count(*) as readings,
      percentile_cont(0.5) within group (order by latency) as p50,
      percentile_cont(0.95) within group (order by latency) as p95
    from timed
    group by place
  )
  select jsonb_build_object(
    'since', extract(epoch from bounds.since),
    'until', extract(epoch from as_of),
    'slot_seconds', bounds.slot_seconds,
    'batches', per_slot.batches,
    'accepted', per_slot.accepted,
    'duplicates', per_slot.duplicates,
    'rejected', per_slot.rejected,
    'timed', per_slot.timed,
    'p50', per_slot.p50,
    'p95', per_slot.p95,
    'latency', (
      select jsonb_build_object(
        'readings', count(*),
        'p50', percentile_cont(0.5) within group (order by latency),
        'p95', percentile_cont(0.95) within group (order by latency),
        'max', max(latency)
      )
      from timed
    ),
    'sources', (
      select coalesce(jsonb_agg(to_jsonb(door) order by door.source), '[]')
      from (
        select
          batch.source,
          count(*) as batches,
          sum(batch.accepted) as accepted,
          sum(batch.duplicates) as duplicates,
          sum(batch.rejected) as rejected,
          max(batch.received_at) as last_at
        from batch
        group by batch.source
      ) as door
    ),
    'last_at', (select max(batches.received_at) from public.batches where batches.received_at < as_of)
  )
  from bounds
  cross join (
    select
      jsonb_agg(coalesce(counted.batches, 0) order by slot.place) as batches,
      jsonb_agg(coalesce(counted.accepted, 0) order by slot.place) as accepted,
      jsonb_agg(coalesce(counted.duplicates, 0) order by slot.place) as duplicates,
      jsonb_agg(coalesce(counted.rejected, 0) order by slot.place) as rejected,
      jsonb_agg(coalesce(quantiles.readings, 0) order by slot.place) as timed,
      jsonb_agg(quantiles.p50 order by slot.place) as p50,
      jsonb_agg(quantiles.p95 order by slot.place) as p95
    from slot
    left join counted on counted.place = slot.place
    left join quantiles on quantiles.place = slot.place
  ) as per_slot
  );
end;
$$;

comment on function public.arrivals(integer, integer, timestamptz) is
  'What has arrived and how long it was on the way, in slots of time, with what came through each door.';
