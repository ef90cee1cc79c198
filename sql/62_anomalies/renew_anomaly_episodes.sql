-- Makes the episodes of anomalies again where readings or anomalies have changed: part of record_anomalies.
--
--   engine_ids, ranges   parallel arrays: the times of engines in which they may have changed
--   detector             whose anomalies
--
-- Of an engine, what changed lies between the episode that begins before it and the one that ends after it: these two and
-- what is between them is made again, and nothing else can be other than it was. Whether two anomalies are separate is asked
-- of the readings between them only where some of these may be new: elsewhere they are of one episode already.
--
-- Anomalies and episodes outlive readings that have gone to the lake (retire_months). Where readings are gone, nothing is
-- asked of them: what was one episode stays one, and what was two stays two.
create or replace function public.renew_anomaly_episodes(engine_ids uuid[], ranges tstzrange[], detector text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
declare
  kept_from constant timestamptz := public.readings_kept_from();
begin
  with touched as (
    select target.engine_id, range_merge(range_agg(target.range * tstzrange(kept_from, null))) as span
    from unnest(engine_ids, ranges) as target (engine_id, range)
    where not isempty(target.range * tstzrange(kept_from, null))
    group by target.engine_id
  ),
  stretch as materialized (
    select
      touched.engine_id,
      coalesce(lower(touched.span), '-infinity') as changed_from,
      coalesce(upper(touched.span), 'infinity') as changed_until,
      coalesce(before.started_at, lower(touched.span), '-infinity') as begins_at,
      coalesce(after.ended_at, upper(touched.span), 'infinity') as ends_at
    from touched
    left join lateral (
      select episode.started_at
      from public.anomaly_episodes as episode
      where episode.engine_id = touched.engine_id and episode.detector = renew_anomaly_episodes.detector
        and episode.started_at <= lower(touched.span)
      order by episode.started_at desc
      limit 1
    ) as before on true
    left join lateral (
      select episode.ended_at
      from public.anomaly_episodes as episode
      where episode.engine_id = touched.engine_id and episode.detector = renew_anomaly_episodes.detector
        and episode.ended_at >= upper(touched.span)
      order by episode.ended_at
      limit 1
    ) as after on true
  ),
  member as (
    select
      anomaly.*,
      stretch.changed_from,
      stretch.changed_until,
      lag(anomaly."timestamp") over in_order as previous_at,
      lag(anomaly.cycle) over in_order as previous_cycle
    from stretch
    join public.anomalies as anomaly
      on anomaly.engine_id = stretch.engine_id and anomaly.detector = renew_anomaly_episodes.detector
      and anomaly."timestamp" >= stretch.begins_at and anomaly."timestamp" <= stretch.ends_at
    window in_order as (partition by anomaly.engine_id order by anomaly."timestamp", anomaly.cycle)
  ),
  numbered as (
    select
      member.*,
      count(*) filter (where member.previous_at is null or between_them.readings > 2) over (
        partition by member.engine_id order by member."timestamp", member.cycle
      ) as number
    from member
    left join lateral (
      select count(*) as readings
      from (
        select
        from public.sensor_data as reading
        where reading.engine_id = member.engine_id
          and (reading."timestamp", reading.cycle) > (member.previous_at, member.previous_cycle)
          and (reading."timestamp", reading.cycle) < (member."timestamp", member.cycle)
          -- for the partitions: rows are not compared to find them
          and reading."timestamp" >= member.previous_at and reading."timestamp" <= member."timestamp"
        limit 3
      ) as reading
      having member.previous_at >= kept_from
      union all
      -- as it was
      select case when count(*) = 0 then 3 else 0 end
      from public.anomaly_episodes as known
      where member.previous_at < kept_from
        and known.engine_id = member.engine_id and known.detector = renew_anomaly_episodes.detector
        and known.started_at <= member.previous_at and known.ended_at >= member."timestamp"
      having member.previous_at < kept_from
    ) as between_them on member.previous_at < kept_from
      or member."timestamp" >= member.changed_from and member.previous_at <= member.changed_until
  ),
  episode as materialized (
    select
      numbered.engine_id,
      min(numbered."timestamp") as started_at,
      max(numbered."timestamp") as ended_at,
      (array_agg(numbered.cycle order by numbered."timestamp", numbered.cycle))[1] as first_cycle,
      (array_agg(numbered.cycle order by numbered."timestamp" desc, numbered.cycle desc))[1] as last_cycle,
      count(*)::integer as readings,
      (count(*) filter (where numbered.severity = 'fail'))::integer as severe_readings,
      max(numbered.score) as peak_score,
      (array_agg(numbered.threshold order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as peak_threshold,
      (array_agg(numbered."timestamp" order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as peak_at,
      (array_agg(numbered.sensors order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as sensors,
      case when count(*) filter (where numbered.severity = 'fail') >= 3 then 'fail' else 'warning' end as severity,
      max(numbered.detected_at) as detected_at
    from numbered
    group by numbered.engine_id, numbered.number
  ),
  -- an episode that was there goes on in the first that holds some of its time; of several, the first goes on
  known as (
    select known.id, known.started_at, stretch.engine_id, (
      select min(episode.started_at)
      from episode
      where episode.engine_id = known.engine_id
        and episode.started_at <= known.ended_at and episode.ended_at >= known.started_at
    ) as goes_on_at
    from stretch
    join public.anomaly_episodes as known
      on known.engine_id = stretch.engine_id and known.detector = renew_anomaly_episodes.detector
      and known.started_at >= stretch.begins_at and known.ended_at <= stretch.ends_at
  ),
  kept as (
    select distinct on (known.engine_id, known.goes_on_at) known.id, known.engine_id, known.goes_on_at
    from known
    where known.goes_on_at is not null
    order by known.engine_id, known.goes_on_at, known.started_at
  ),
  renewed as (
    select
      kept.id,
      episode.*,
      (
        select count(*)
        from (
          select
          from public.sensor_data as reading
          where reading.engine_id = episode.engine_id
            and (reading."timestamp", reading.cycle) > (episode.ended_at, episode.last_cycle)
            and reading."timestamp" >= episode.ended_at
          limit 3
        ) as reading
      ) < 3 as open
    from episode
    left join kept on kept.engine_id = episode.engine_id and kept.goes_on_at = episode.started_at
  ),
  gone as (
    delete from public.anomaly_episodes
    where anomaly_episodes.id in (select known.id from known except select kept.id from kept)
  ),
  changed as (
    update public.anomaly_episodes as known
    set
      started_at = renewed.started_at,
      ended_at = renewed.ended_at,
      first_cycle = renewed.first_cycle,
      last_cycle = renewed.last_cycle,
      readings = renewed.readings,
      severe_readings = renewed.severe_readings,
      peak_score = renewed.peak_score,
      peak_threshold = renewed.peak_threshold,
      peak_at = renewed.peak_at,
      sensors = renewed.sensors,
      severity = renewed.severity,
      open = renewed.open,
      detected_at = renewed.detected_at
    from renewed
    where known.id = renewed.id
      and (
        known.started_at, known.ended_at, known.first_cycle, known.last_cycle, known.readings, known.severe_readings,
        known.peak_score, known.peak_threshold, known.peak_at, known.sensors, known.severity, known.open, known.detected_at
      ) is distinct from (
        renewed.started_at, renewed.ended_at, renewed.first_cycle, renewed.last_cycle, renewed.readings, renewed.severe_readings,
        renewed.peak_score, renewed.peak_threshold, renewed.peak_at, renewed.sensors, renewed.severity, renewed.open,
        renewed.detected_at
      )
  )
  insert into public.anomaly_episodes (
    engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score, peak_threshold,
    peak_at, sensors, severity, open, detected_at
  )
  select
    renewed.engine_id, renew_anomaly_episodes.detector, renewed.started_at, renewed.ended_at, renewed.first_cycle,
    renewed.last_cycle, renewed.readings, renewed.severe_readings, renewed.peak_score, renewed.peak_threshold, renewed.peak_at,
    renewed.sensors, renewed.severity, renewed.open, renewed.detected_at
  from renewed
  where renewed.id is null
  order by renewed.started_at, renewed.engine_id;
end;
$$;

comment on function public.renew_anomaly_episodes(uuid[], tstzrange[], text) is
  'Makes the episodes of a detector''s anomalies again around the times in which readings or anomalies have changed.';
