-- The last readings of an engine, and which of them are anomalies by the detector that decides (model_settings).
--
--   unit_number  public name of the engine
--   n            how many readings, 1 to 1000
--   returns      the readings, the latest first. is_anomaly is null where nobody can tell: the reading is still to be
--                scored, has fewer than seven sensors, or, with mean_abs_z, is of the engine's baseline or before there is
--                one. Readings from before another detector was chosen are none, until they are scored again
--                (note_unscored_readings). Scores are kept of anomalies alone: of other readings score, threshold,
--                severity, sensors, values and episode are null
--   raises       22023 for another number of readings
--
--   select "timestamp", cycle, is_anomaly, score, sensors from recent_anomalies('ENGINE_001', 5);
create or replace function public.recent_anomalies(unit_number text, n integer default 20)
returns table (
  "timestamp" timestamptz,
  cycle integer,
  detector text,
  is_anomaly boolean,
  score double precision,
  threshold double precision,
  severity text,
  sensors jsonb,
  "values" jsonb,
  model_id bigint,
  episode_id bigint
)
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
begin
  if n is null or n not between 1 and 1000 then
    raise exception 'Cannot list readings as n must be between 1 and 1000: current value is %', coalesce(n::text, 'null')
      using errcode = '22023';
  end if;
  return query
  select
    reading."timestamp",
    reading.cycle,
    settings.anomaly_detector,
    case
      when anomaly.score is not null then true
      when exists (
        select from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times @> reading."timestamp"
      ) or exists (
        select from public.sensor_data_changes as change
        where change.scores and (change.engine_ids is null or engines.id = any (change.engine_ids))
          and change.hours @> reading."timestamp"
      ) or reading.sensors < 7 or settings.anomaly_detector = 'mean_abs_z' and not exists (
        select from public.engine_baselines as baseline
        where baseline.engine_id = engines.id and baseline.complete and baseline.last_timestamp < reading."timestamp"
      ) then null
      else false
    end,
    anomaly.score,
    anomaly.threshold,
    anomaly.severity,
    anomaly.sensors,
    anomaly."values",
    anomaly.model_id,
    episode.id
  from public.model_settings as settings
  cross join public.engines
  cross join lateral (
    select
      sensor_data."timestamp",
      sensor_data.cycle,
      num_nonnulls(s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21) as sensors
    from public.sensor_data
    where sensor_data.engine_id = engines.id
    order by sensor_data."timestamp" desc, sensor_data.cycle desc
    limit recent_anomalies.n
  ) as reading
  left join public.anomalies as anomaly
    on anomaly.engine_id = engines.id and anomaly."timestamp" = reading."timestamp"
    and anomaly.cycle = reading.cycle and anomaly.detector = settings.anomaly_detector
  left join public.anomaly_episodes as episode
    on episode.engine_id = anomaly.engine_id and episode.detector = anomaly.detector
    and (episode.started_at, episode.first_cycle) <= (anomaly."timestamp", anomaly.cycle)
    and (episode.ended_at, episode.last_cycle) >= (anomaly."timestamp", anomaly.cycle)
  where engines.unit_number = recent_anomalies.unit_number
  order by reading."timestamp" desc, reading.cycle desc;
end;
$$;

comment on function public.recent_anomalies(text, integer) is
  'The last readings of an engine, each with whether it is an anomaly by the detector that decides (null: nobody can tell), its score, sensors and episode.';
