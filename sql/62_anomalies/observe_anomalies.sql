-- Hands what detectors found to the alerts: kind anomaly, one subject per engine. Part of the scoring in the worker and at
-- the intake, the last thing in their transaction.
--
--   engine_ids    engines of which readings have been scored
--   detector      by which detector
--   only_failing  mention no engine that passes: of readings that arrive, not all may have been scored yet
--   as_of         the moment it is about: readings up to it
--   returns       what observe_alerts returns
--
-- An engine fails when three of its last five readings are far above the threshold (severity fail of anomalies). What is
-- just above it is an episode and no alert: engines are that from the first signs of wear on, a hundred cycles before
-- they fail (docs/decisions/0022-detection-measured.md).
--
-- Wear makes readings unlike those of a healthy engine, and by itself is no fault. So each engine that would fail is asked
-- how worn it is by the same five readings (measure_wear): where wear explains half of their shifts or more, it is no
-- alert until the engine is as worn as engines are before failure, and then a warning that says so. Until then
-- engine_health and the predictions tell of it. Otherwise every engine of a fleet would alert once in its life, most of
-- them weeks early, and with a reading an hour that is an alert or two a day.
--
-- An engine that is not active, has sent nothing for a week, or has some of the five still to be scored, is not judged;
-- an open alert of one that is not active any more passes.
create or replace function public.observe_anomalies(
  engine_ids uuid[], detector text, only_failing boolean default false, as_of timestamptz default now()
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set jit = off
as $$
declare
  looked_at constant integer := 5;
  persistent constant integer := 3;
  worn_from constant double precision := 1;
  explained_from constant double precision := 0.5;
  observations jsonb;
begin
  -- so many fail that they are one alert: whether that is over is seen by all engines
  if not only_failing and exists (
    select from public.alerts where kind = 'anomaly' and subject = '*' and resolved_at is null
  ) then
    engine_ids := array(select engines.id from public.engines where engines.status = 'active');
  end if;

  with scored as materialized (
    select
      engines.id as engine_id,
      engines.unit_number,
      engines.status = 'active' as is_active,
      recent.*,
      recent.severe >= persistent as is_far
    from public.engines
    cross join lateral (
      select
        min(reading."timestamp") as first_at,
        max(reading."timestamp") as last_at,
        count(anomaly.score) as anomalous,
        count(*) filter (where anomaly.severity = 'fail') as severe,
        max(anomaly.score) as score,
        (array_agg(anomaly.threshold order by anomaly.score desc nulls last))[1] as threshold,
        (array_agg(anomaly.sensors order by anomaly.score desc nulls last))[1] as sensors
      from (
        select sensor_data."timestamp", sensor_data.cycle
        from public.sensor_data
        where sensor_data.engine_id = engines.id and sensor_data."timestamp" <= as_of
        order by sensor_data."timestamp" desc, sensor_data.cycle desc
        limit looked_at
      ) as reading
      left join public.anomalies as anomaly
        on anomaly.engine_id = engines.id and anomaly."timestamp" = reading."timestamp"
        and anomaly.cycle = reading.cycle and anomaly.detector = observe_anomalies.detector
    ) as recent
    where engines.id = any (engine_ids)
      and recent.last_at > as_of - interval '7 days'
      and not exists (
        select
        from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times && tstzrange(recent.first_at, recent.last_at, '[]')
      )
  ),
  judged as materialized (
    select
      engine.*,
      worn.wear,
      worn.unexplained,
      explained.is_worn,
      engine.is_far and (explained.is_worn is not true or worn.wear >= worn_from) as failing
    from scored as engine
    left join public.measure_wear(
      array(select far.engine_id from scored as far where far.is_far and far.is_active), looked_at, as_of
    ) as worn on worn.engine_id = engine.engine_id
    cross join lateral (select 1 - worn.unexplained >= explained_from as is_worn) as explained
  ),
  observation as (
    select
      'anomaly' as kind,
      judged.unit_number as subject,
      true as failing,
      case when judged.is_worn then 'warning' else 'fail' end as severity,
      format(
        '%s of the last %s readings of %s are far from healthy ones, %s most: %s is %s, above %s%s',
        judged.severe,
        looked_at,
        judged.unit_number,
        strongest.names,
        observe_anomalies.detector,
        round(judged.score::numeric, 3),
        round(judged.threshold::numeric, 3),
        case when judged.is_worn then format('; it is worn (%s), which makes them so', round(judged.wear::numeric, 2)) end
      ) as summary,
      jsonb_build_object(
        'detector', observe_anomalies.detector,
        'score', judged.score,
        'threshold', judged.threshold,
        'anomalous', judged.anomalous,
        'severe', judged.severe,
        'readings', looked_at,
        'last_reading_at', judged.last_at,
        'sensors', judged.sensors,
        'wear', judged.wear,
        'unexplained', judged.unexplained,
        'worn', coalesce(judged.is_worn, false),
        'episode', (
          select episode.id
          from public.engines
          join public.anomaly_episodes as episode
            on episode.engine_id = engines.id and episode.detector = observe_anomalies.detector
          where engines.unit_number = judged.unit_number and episode.started_at <= judged.last_at
          order by episode.started_at desc
          limit 1
        )
      ) as evidence
    from judged
    cross join lateral (
      select string_agg(sensor.key, ', ' order by abs(sensor.value::double precision) desc, sensor.key) as names
      from (
        select each.key, each.value
        from jsonb_each_text(judged.sensors) as each
        order by abs(each.value::double precision) desc, each.key
        limit 3
      ) as sensor
    ) as strongest
    where judged.failing and judged.is_active
    union all
    select 'anomaly', passing.subject, false, null, null, null
    from (
      select engines.unit_number as subject
      from public.engines
      join public.alerts as open on open.kind = 'anomaly' and open.subject = engines.unit_number and open.resolved_at is null
      where engines.id = any (engine_ids) and engines.status <> 'active'
      union
      select judged.unit_number
      from judged
      where not judged.failing
        and exists (
          select
          from public.alerts as open
          where open.kind = 'anomaly' and open.subject in (judged.unit_number, '*') and open.resolved_at is null
        )
      union
      -- it is looked at as a whole
      select '*'
      from public.alerts as open
      where open.kind = 'anomaly' and open.subject = '*' and open.resolved_at is null
    ) as passing
    where not only_failing
  )
  select jsonb_agg(to_jsonb(observation)) into observations from observation;

  -- sessions that observe wait for each other, so that it is asked only when there is something to say
  if observations is null then
    return '{}';
  end if;
  return public.observe_alerts(observations, as_of);
end;
$$;

comment on function public.observe_anomalies(uuid[], text, boolean, timestamptz) is
  'Opens and resolves alerts of kind anomaly by the last five readings of engines.';
