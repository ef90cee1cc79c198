-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

ALTER TABLE "public"."task_attempts" DROP CONSTRAINT "task_attempts_outcome_check";

DROP FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text);

CREATE OR REPLACE FUNCTION public.end_task_attempt(task_run_id bigint, attempt integer, outcome text, as_of timestamp with time zone, transient boolean DEFAULT NULL::boolean, error text DEFAULT NULL::text, sqlstate text DEFAULT NULL::text, result jsonb DEFAULT NULL::jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  current public.task_runs;
  task public.pipeline_tasks;
  counted integer;
  next_state text;
begin
  perform from public.pipeline_runs
  where pipeline_runs.id = (select run_id from public.task_runs where task_runs.id = end_task_attempt.task_run_id)
  for update;
  select task_runs.* into current
  from public.task_runs
  where task_runs.id = end_task_attempt.task_run_id
    and task_runs.attempt = end_task_attempt.attempt
    and task_runs.state = 'running'
  for update;
  if not found then
    return false;
  end if;
  select tasks.* into strict task
  from public.pipeline_tasks as tasks
  where tasks.pipeline = current.pipeline and tasks.name = current.task;

  insert into public.task_attempts (task_run_id, attempt, executor, started_at, outcome, transient, error, sqlstate)
  values (
    current.id, current.attempt, coalesce(current.worker, 'postgres ' || current.backend_pid), current.started_at,
    outcome, transient, error, sqlstate
  );

  counted := current.attempt - current.attempts_before_rerun;
  next_state := case
    when outcome = 'succeeded' then 'succeeded'
    when (transient or outcome = 'unfinished') and counted < task.max_attempts then 'retrying'
    else 'failed'
  end;
  update public.task_runs
  set
    state = next_state,
    next_attempt_at = case when next_state = 'retrying' then
      case when outcome = 'unfinished' then as_of else as_of + public.retry_delay(counted, task.backoff_base, task.backoff_cap) end
    end,
    finished_at = case when next_state <> 'retrying' then clock_timestamp() end,
    timeout_at = null,
    lease_until = null,
    worker = null,
    backend_pid = null,
    error = end_task_attempt.error,
    sqlstate = end_task_attempt.sqlstate,
    result = end_task_attempt.result
  where task_runs.id = current.id;
  perform public.settle_pipeline_run(current.run_id, as_of);
  return true;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.forget_rollups()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if tg_relid = 'public.sensor_data'::regclass then
    delete from public.sensor_data_changes;
    delete from public.reading_rollups;
    delete from public.unscored_readings;
    delete from public.anomalies;
    delete from public.anomaly_episodes;
  else
    -- a partition: its month is in its name
    insert into public.sensor_data_changes (hours)
    select tstzmultirange(tstzrange(month.begins, month.begins + interval '1 month'))
    from (
      select to_date(right(tg_table_name, 7), 'YYYY_MM')::timestamp at time zone 'UTC' as begins
    ) as month;
  end if;
  return null;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.put_back_task(task_run_id bigint, attempt integer, worker text, said text, as_of timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select coalesce((
    select public.end_task_attempt(
      task_runs.id, task_runs.attempt, 'unfinished', as_of, error => coalesce(nullif(said, ''), 'A part is left')
    )
    from public.task_runs
    where task_runs.id = put_back_task.task_run_id
      and task_runs.attempt = put_back_task.attempt
      and task_runs.worker = put_back_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$function$
;

ALTER FUNCTION "public"."put_back_task"(bigint, integer, text, text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.readings_kept_from()
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (
    select coalesce(max((retired.month + interval '1 month') at time zone 'UTC'), '-infinity')
    from public.retired_months as retired
    where retired.dropped_at is not null
  );
end;
$function$
;

ALTER FUNCTION "public"."readings_kept_from"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.recent_anomalies(unit_number text, n integer DEFAULT 20)
 RETURNS TABLE("timestamp" timestamp with time zone, cycle integer, detector text, is_anomaly boolean, score double precision, threshold double precision, severity text, sensors jsonb, "values" jsonb, model_id bigint, episode_id bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.record_anomalies(engine_ids uuid[], ranges tstzrange[], detector text, findings jsonb, replaces boolean, run uuid, OUT written integer, OUT withdrawn integer)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtext('public.anomalies'));
  withdrawn := 0;
  if replaces then
    delete from public.anomalies as earlier
    using unnest(engine_ids, ranges) as scored (engine_id, range)
    where earlier.engine_id = scored.engine_id
      and earlier.detector = record_anomalies.detector
      and earlier."timestamp" >= greatest(coalesce(lower(scored.range), '-infinity'), public.readings_kept_from())
      and earlier."timestamp" <= coalesce(upper(scored.range), 'infinity')
      and scored.range @> earlier."timestamp"
      and not exists (
        select
        from jsonb_to_recordset(findings) as anomaly (engine_id uuid, at bigint, cycle integer)
        where anomaly.engine_id = earlier.engine_id
          and timestamptz 'epoch' + anomaly.at * interval '1 microsecond' = earlier."timestamp"
          and anomaly.cycle = earlier.cycle
      );
    get diagnostics withdrawn = row_count;
  end if;

  insert into public.anomalies as known (
    engine_id, "timestamp", cycle, detector, score, threshold, severity, sensors, "values", model_id, run_id
  )
  select
    anomaly.engine_id,
    timestamptz 'epoch' + anomaly.at * interval '1 microsecond',
    anomaly.cycle,
    record_anomalies.detector,
    anomaly.score,
    anomaly.threshold,
    anomaly.severity,
    anomaly.sensors,
    anomaly."values",
    anomaly.model_id,
    record_anomalies.run
  from jsonb_to_recordset(findings) as anomaly (
    engine_id uuid, at bigint, cycle integer, score double precision, threshold double precision, severity text,
    sensors jsonb, "values" jsonb, model_id bigint
  )
  order by anomaly.engine_id, anomaly.at, anomaly.cycle
  on conflict (engine_id, "timestamp", cycle, detector) do update
  set
    score = excluded.score,
    threshold = excluded.threshold,
    severity = excluded.severity,
    sensors = excluded.sensors,
    "values" = excluded."values",
    model_id = excluded.model_id,
    run_id = excluded.run_id,
    detected_at = now()
  where record_anomalies.replaces
    and (known.score, known.threshold, known.severity, known.sensors, known."values", known.model_id)
      is distinct from (
        excluded.score, excluded.threshold, excluded.severity, excluded.sensors, excluded."values", excluded.model_id
      );
  get diagnostics written = row_count;

  perform public.renew_anomaly_episodes(engine_ids, ranges, record_anomalies.detector);
end;
$function$
;

CREATE OR REPLACE FUNCTION public.renew_anomaly_episodes(engine_ids uuid[], ranges tstzrange[], detector text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
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
$function$
;

ALTER FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) OWNER TO "postgres";

ALTER TABLE "public"."task_attempts" ADD CONSTRAINT "task_attempts_outcome_check" CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'unfinished'::text, 'failed'::text, 'lost'::text, 'timed_out'::text, 'cancelled'::text])));

CREATE OR REPLACE VIEW "public"."engine_health" WITH (security_invoker=true) AS  WITH latest_run AS (
         SELECT check_runs.id
           FROM public.check_runs
          WHERE ((check_runs.finished_at IS NOT NULL) AND (check_runs.as_of > (now() - '24:00:00'::interval)) AND (check_runs.as_of <= now()))
          ORDER BY check_runs.as_of DESC, check_runs.id DESC
         LIMIT 1
        ), verdicts AS (
         SELECT metrics.engine_id,
            max(metrics.metric_value) FILTER (WHERE (metrics.metric_name = 'completeness'::text)) AS completeness,
            bool_or((metrics.status = 'fail'::text)) AS fails,
            bool_or((metrics.status = 'warning'::text)) AS warns,
            bool_and((metrics.status = 'not_evaluated'::text)) AS unjudged,
            jsonb_agg(jsonb_build_object('metric_name', metrics.metric_name, 'column_name', metrics.column_name, 'status', metrics.status, 'metric_value', metrics.metric_value, 'threshold_min', metrics.threshold_min, 'threshold_max', metrics.threshold_max, 'check_timestamp', metrics.check_timestamp, 'evidence', metrics.evidence) ORDER BY metrics.status, metrics.metric_name, metrics.column_name) FILTER (WHERE (metrics.status = ANY (ARRAY['warning'::text, 'fail'::text]))) AS problems,
            array_agg(concat_ws(' '::text, metrics.metric_name, COALESCE(metrics.column_name,
                CASE jsonb_typeof((metrics.evidence -> 'columns'::text))
                    WHEN 'object'::text THEN ( SELECT string_agg(broken.name, ', '::text ORDER BY (length(broken.name)), broken.name) AS string_agg
                       FROM jsonb_object_keys((metrics.evidence -> 'columns'::text)) broken(name))
                    ELSE NULL::text
                END), (metrics.status || ':'::text), (metrics.metric_value)::real,
                CASE
                    WHEN (metrics.threshold_min IS NOT NULL) THEN (('(at least '::text || metrics.threshold_min) || ')'::text)
                    ELSE NULL::text
                END,
                CASE
                    WHEN (metrics.threshold_max IS NOT NULL) THEN (('(at most '::text || metrics.threshold_max) || ')'::text)
                    ELSE NULL::text
                END) ORDER BY metrics.status, metrics.metric_name, metrics.column_name) FILTER (WHERE (metrics.status = ANY (ARRAY['warning'::text, 'fail'::text]))) AS reasons
           FROM (public.data_quality_metrics metrics
             JOIN latest_run ON ((latest_run.id = metrics.run_id)))
          WHERE (metrics.engine_id IS NOT NULL)
          GROUP BY metrics.engine_id
        ), predictions AS MATERIALIZED (
         SELECT latest_predictions.unit_number,
            latest_predictions.status,
            latest_predictions.id,
            latest_predictions.engine_id,
            latest_predictions.cycle,
            latest_predictions.predicted_rul,
            latest_predictions.lower_bound,
            latest_predictions.upper_bound,
            latest_predictions.interval_level,
            latest_predictions.model_name,
            latest_predictions.model_version,
            latest_predictions.predicted_at,
            latest_predictions.preferred
           FROM public.latest_predictions
          WHERE latest_predictions.preferred
        ), sensors AS (
         SELECT sensor_drift.engine_id,
            array_agg(sensor_drift.column_name ORDER BY (length(sensor_drift.column_name)), sensor_drift.column_name) FILTER (WHERE (sensor_drift.verdict = 'drift'::text)) AS drifting,
            array_agg(sensor_drift.column_name ORDER BY (length(sensor_drift.column_name)), sensor_drift.column_name) FILTER (WHERE (sensor_drift.verdict = 'degradation'::text)) AS degrading,
            max(sensor_drift.wear) AS wear
           FROM public.sensor_drift
          GROUP BY sensor_drift.engine_id
        )
 SELECT engines.unit_number,
    engines.dataset,
    engines.status,
    last_reading."timestamp" AS last_reading_at,
    last_reading.cycle AS last_cycle,
    (now() - last_reading."timestamp") AS silent_for,
    engine_cadences.cadence,
    verdicts.completeness,
    COALESCE(sensors.drifting, '{}'::text[]) AS sensors_drifting,
    COALESCE(sensors.degrading, '{}'::text[]) AS sensors_degrading,
    sensors.wear,
    COALESCE(verdicts.problems, '[]'::jsonb) AS problems,
        CASE
            WHEN (verdicts.fails OR ((engines.status = 'active'::text) AND (episode.severity = 'fail'::text))) THEN 'fail'::text
            WHEN (verdicts.warns OR ((engines.status = 'active'::text) AND (episode.severity = 'warning'::text))) THEN 'warning'::text
            WHEN ((engines.status = 'active'::text) AND (sensors.drifting IS NOT NULL)) THEN 'warning'::text
            WHEN ((last_reading."timestamp" IS NULL) OR COALESCE(verdicts.unjudged, true)) THEN 'unknown'::text
            ELSE 'ok'::text
        END AS health,
    (array_remove(ARRAY[
        CASE
            WHEN (last_reading."timestamp" IS NULL) THEN 'it has sent no reading'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (engines.status <> 'active'::text) THEN ('its status is '::text || engines.status)
            ELSE NULL::text
        END,
        CASE
            WHEN (NOT (EXISTS ( SELECT
               FROM latest_run))) THEN 'no run of the checks in the last 24 hours'::text
            WHEN (verdicts.engine_id IS NULL) THEN 'the latest run of the checks has no verdict on it'::text
            WHEN verdicts.unjudged THEN 'the latest run of the checks had too little to judge it'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((engines.status = 'active'::text) AND (sensors.drifting IS NOT NULL)) THEN ('drifting: '::text || array_to_string(sensors.drifting, ', '::text))
            ELSE NULL::text
        END,
        CASE
            WHEN ((engines.status = 'active'::text) AND (episode.started_at IS NOT NULL)) THEN format('%s anomalies since %s'::text, episode.readings, to_char((episode.started_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD HH24:MI "UTC"'::text))
            ELSE NULL::text
        END], NULL::text) || COALESCE(verdicts.reasons, '{}'::text[])) AS reasons,
    earlier.wear AS earlier_wear,
    earlier.last_cycle AS earlier_cycle,
    (((100)::double precision * (sensors.wear - earlier.wear)) / ((last_reading.cycle - earlier.last_cycle))::double precision) AS wear_per_100_cycles,
        CASE
            WHEN ((sensors.wear - earlier.wear) >= (0.05)::double precision) THEN 'rising'::text
            WHEN ((sensors.wear - earlier.wear) <= ('-0.05'::numeric)::double precision) THEN 'falling'::text
            WHEN ((sensors.wear - earlier.wear) IS NOT NULL) THEN 'steady'::text
            ELSE NULL::text
        END AS wear_trend,
    found.anomalies AS recent_anomalies,
    episode.started_at AS anomalous_since,
    episode.severity AS anomaly_severity,
    prediction.predicted_rul,
    prediction.lower_bound,
    prediction.upper_bound,
    prediction.interval_level,
    prediction.cycle AS predicted_at_cycle,
    ((prediction.model_name || ' '::text) || prediction.model_version) AS predicted_by,
    COALESCE(place.modules, '[]'::jsonb) AS inspect_first
   FROM ((((((((((public.engines
     LEFT JOIN LATERAL ( SELECT sensor_data."timestamp",
            sensor_data.cycle
           FROM public.sensor_data
          WHERE (sensor_data.engine_id = engines.id)
          ORDER BY sensor_data."timestamp" DESC
         LIMIT 1) last_reading ON (true))
     LEFT JOIN public.engine_cadences ON ((engine_cadences.engine_id = engines.id)))
     LEFT JOIN verdicts ON ((verdicts.engine_id = engines.id)))
     LEFT JOIN sensors ON ((sensors.engine_id = engines.id)))
     LEFT JOIN public.model_settings settings ON (true))
     LEFT JOIN predictions prediction ON ((prediction.engine_id = engines.id)))
     LEFT JOIN LATERAL ( SELECT report.wear,
            report.last_cycle
           FROM public.engine_health_reports report
          WHERE ((report.engine_id = engines.id) AND (report.wear IS NOT NULL) AND (report.last_cycle <= (last_reading.cycle - 50)))
          ORDER BY report.last_cycle DESC
         LIMIT 1) earlier ON (true))
     LEFT JOIN LATERAL ( SELECT open_episode.started_at,
            open_episode.severity,
            open_episode.readings
           FROM public.anomaly_episodes open_episode
          WHERE ((open_episode.engine_id = engines.id) AND (open_episode.detector = settings.anomaly_detector) AND open_episode.open)
          ORDER BY open_episode.ended_at DESC
         LIMIT 1) episode ON (true))
     LEFT JOIN LATERAL ( SELECT (count(*))::integer AS anomalies,
            jsonb_agg(anomaly.sensors) AS sensors
           FROM public.anomalies anomaly
          WHERE ((anomaly.engine_id = engines.id) AND (anomaly.detector = settings.anomaly_detector) AND (anomaly."timestamp" >= ( SELECT min(last_ones."timestamp") AS min
                   FROM ( SELECT reading."timestamp"
                           FROM public.sensor_data reading
                          WHERE (reading.engine_id = engines.id)
                          ORDER BY reading."timestamp" DESC
                         LIMIT 30) last_ones)))) found ON (true))
     LEFT JOIN LATERAL ( SELECT jsonb_agg(jsonb_build_object('module', hint.module, 'sensors', hint.sensors, 'why', hint.why) ORDER BY hint.rank, hint.strength DESC, hint.module) AS modules
           FROM ( SELECT modules.module,
                    min(sign.rank) AS rank,
                    (array_agg(sign.strength ORDER BY sign.rank, sign.strength DESC))[1] AS strength,
                    to_jsonb(array_agg(sign.column_name ORDER BY sign.rank, sign.strength DESC, sign.column_name)) AS sensors,
                    string_agg(sign.words, '; '::text ORDER BY sign.rank, sign.strength DESC, sign.column_name) AS why
                   FROM (( SELECT DISTINCT ON (shown.column_name) shown.rank,
                            shown.column_name,
                            shown.strength,
                            shown.words
                           FROM ( SELECT 1 AS rank,
                                    drift.column_name,
                                    COALESCE(abs((drift.mean_shift - COALESCE(drift.wear_shift, (0)::double precision))), (0)::double precision) AS strength,
CASE
 WHEN (drift.mean_shift IS NULL) THEN format('%s drifts, and did not vary in its baseline'::text, drift.column_name)
 ELSE format('%s has moved by %s baseline SD beyond what wear explains'::text, drift.column_name, round((abs((drift.mean_shift - COALESCE(drift.wear_shift, (0)::double precision))))::numeric, 1))
END AS words
                                   FROM public.sensor_drift drift
                                  WHERE ((drift.engine_id = engines.id) AND (drift.verdict = 'drift'::text))
                                UNION ALL
                                 SELECT 2,
                                    contribution.column_name,
                                    contribution.share,
                                    format('%s makes %s %% of the last anomalies'::text, contribution.column_name, round((((100)::double precision * contribution.share))::numeric)) AS format
                                   FROM ( SELECT sensor.key AS column_name,
    (sum(abs((sensor.value)::double precision)) / sum(sum(abs((sensor.value)::double precision))) OVER ()) AS share
   FROM (jsonb_array_elements(found.sensors) each(value)
     CROSS JOIN LATERAL jsonb_each_text(each.value) sensor(key, value))
  GROUP BY sensor.key) contribution
                                  WHERE (contribution.share >= (0.1)::double precision)
                                UNION ALL
                                 SELECT 3,
                                    drift.column_name,
                                    abs(drift.wear_shift) AS abs,
                                    format('%s has moved by %s baseline SD with wear'::text, drift.column_name, round((abs(drift.wear_shift))::numeric, 1)) AS format
                                   FROM public.sensor_drift drift
                                  WHERE ((drift.engine_id = engines.id) AND (drift.verdict = 'degradation'::text) AND (drift.wear_shift IS NOT NULL))) shown
                          ORDER BY shown.column_name, shown.rank) sign
                     JOIN public.sensor_modules modules ON ((modules.column_name = sign.column_name)))
                  GROUP BY modules.module) hint) place ON ((engines.status = 'active'::text)))
  WHERE ( SELECT public.may_read('engine_health'::text) AS may_read);;

ALTER VIEW "public"."engine_health" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."fleet_health" WITH (security_invoker=true) AS  WITH engine AS (
         SELECT health.unit_number,
            health.dataset,
            health.status,
            health.last_reading_at,
            health.last_cycle,
            health.silent_for,
            health.cadence,
            health.completeness,
            health.sensors_drifting,
            health.sensors_degrading,
            health.wear,
            health.problems,
            health.health,
            health.reasons,
            health.earlier_wear,
            health.earlier_cycle,
            health.wear_per_100_cycles,
            health.wear_trend,
            health.recent_anomalies,
            health.anomalous_since,
            health.anomaly_severity,
            health.predicted_rul,
            health.lower_bound,
            health.upper_bound,
            health.interval_level,
            health.predicted_at_cycle,
            health.predicted_by,
            health.inspect_first,
            COALESCE(engines.cohort, engines.subset) AS cohort,
                CASE
                    WHEN (health.predicted_rul IS NOT NULL) THEN GREATEST((COALESCE(health.lower_bound, health.predicted_rul) - (GREATEST((health.last_cycle - health.predicted_at_cycle), 0))::double precision), (0)::double precision)
                    ELSE NULL::double precision
                END AS least_cycles_left
           FROM (public.engine_health health
             JOIN public.engines ON ((engines.unit_number = health.unit_number)))
        ), ranked AS (
         SELECT engine.unit_number,
            engine.dataset,
            engine.status,
            engine.last_reading_at,
            engine.last_cycle,
            engine.silent_for,
            engine.cadence,
            engine.completeness,
            engine.sensors_drifting,
            engine.sensors_degrading,
            engine.wear,
            engine.problems,
            engine.health,
            engine.reasons,
            engine.earlier_wear,
            engine.earlier_cycle,
            engine.wear_per_100_cycles,
            engine.wear_trend,
            engine.recent_anomalies,
            engine.anomalous_since,
            engine.anomaly_severity,
            engine.predicted_rul,
            engine.lower_bound,
            engine.upper_bound,
            engine.interval_level,
            engine.predicted_at_cycle,
            engine.predicted_by,
            engine.inspect_first,
            engine.cohort,
            engine.least_cycles_left,
            row_number() OVER (PARTITION BY engine.dataset, engine.cohort ORDER BY tier.number, engine.least_cycles_left, engine.wear DESC NULLS LAST, engine.unit_number) AS place,
            tier.number AS tier
           FROM (engine
             CROSS JOIN LATERAL ( SELECT
                        CASE
                            WHEN (engine.status <> 'active'::text) THEN NULL::integer
                            WHEN ((engine.least_cycles_left <= (30)::double precision) OR (engine.anomaly_severity = 'fail'::text)) THEN 1
                            WHEN (engine.anomalous_since IS NOT NULL) THEN 2
                            WHEN (engine.health = ANY (ARRAY['fail'::text, 'warning'::text])) THEN 3
                            ELSE NULL::integer
                        END AS number) tier)
        )
 SELECT dataset,
    cohort,
    count(*) AS engines,
    count(*) FILTER (WHERE (status = 'active'::text)) AS active,
    count(*) FILTER (WHERE (status = 'retired'::text)) AS retired,
    count(*) FILTER (WHERE (status = 'failed'::text)) AS failed,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'ok'::text))) AS healthy,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'warning'::text))) AS warning,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'fail'::text))) AS failing,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'unknown'::text))) AS unknown,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (anomalous_since IS NOT NULL))) AS anomalous,
    ((count(*) FILTER (WHERE ((status = 'active'::text) AND (anomalous_since IS NOT NULL))))::double precision / (NULLIF(count(*) FILTER (WHERE (status = 'active'::text)), 0))::double precision) AS anomalous_share,
    avg(wear) FILTER (WHERE (status = 'active'::text)) AS mean_wear,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (wear_trend = 'rising'::text))) AS wear_rising,
    count(predicted_rul) FILTER (WHERE (status = 'active'::text)) AS predicted,
    avg((predicted_rul)::double precision) FILTER (WHERE (status = 'active'::text)) AS mean_predicted_rul,
    min(predicted_rul) FILTER (WHERE (status = 'active'::text)) AS least_predicted_rul,
    COALESCE(jsonb_agg(jsonb_build_object('unit_number', unit_number, 'health', health, 'predicted_rul', predicted_rul, 'least_cycles_left', least_cycles_left, 'anomalous_since', anomalous_since, 'wear', wear, 'modules', ( SELECT COALESCE(jsonb_agg((hint.value -> 'module'::text)), '[]'::jsonb) AS "coalesce"
           FROM jsonb_array_elements(ranked.inspect_first) hint(value))) ORDER BY place) FILTER (WHERE ((tier IS NOT NULL) AND (place <= 10))), '[]'::jsonb) AS look_at_first
   FROM ranked
  WHERE ( SELECT public.may_read('fleet_health'::text) AS may_read)
  GROUP BY dataset, cohort;;

ALTER VIEW "public"."fleet_health" OWNER TO "postgres";

CREATE INDEX anomaly_episodes_open ON public.anomaly_episodes USING btree (engine_id, detector, ended_at) WHERE open;

COMMENT ON COLUMN "public"."rul_predictions"."interval_level" IS 'Nominal coverage of the interval, for example 0.9; null when there is none. Of a model trained here: how many of the remaining lives, capped as its labels are, such intervals hold. Of lives without a cap they hold fewer.';

COMMENT ON COLUMN "public"."rul_predictions"."predicted_rul" IS 'Predicted remaining useful life after that cycle, in flight cycles. Of a model trained here at most its cap (models.settings, 125), which means as many or more.';

COMMENT ON COLUMN "public"."rul_predictions"."upper_bound" IS 'Upper end of the prediction interval, in flight cycles. Of a model trained here at most its cap: an end there is open, as more may be left.';

COMMENT ON COLUMN "public"."task_attempts"."outcome" IS 'succeeded; unfinished: it did a part, and the next attempt goes on; failed: it reported an error; lost: its session or worker ended, and it was rolled back or is not known to have ended; timed_out; cancelled.';

COMMENT ON FUNCTION "public"."forget_rollups"() IS 'Trigger: an emptied sensor_data has no rollups and no anomalies, and those of an emptied partition are looked for again.';

COMMENT ON FUNCTION "public"."put_back_task"(bigint, integer, text, text, timestamp with time zone) IS 'Records that a worker has done a part of its task, which goes on at once; false when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."readings_kept_from"() IS 'From when on Postgres has all readings that it has got: months before it have gone to the lake; -infinity while none has.';

COMMENT ON FUNCTION "public"."recent_anomalies"(text, integer) IS 'The last readings of an engine, each with whether it is an anomaly by the detector that decides (null: nobody can tell), its score, sensors and episode.';

COMMENT ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) IS 'Makes the episodes of a detector''s anomalies again around the times in which readings or anomalies have changed.';

COMMENT ON TABLE "public"."anomalies" IS 'Readings whose score is above the threshold of a detector: one row per reading and detector. Consecutive ones are an episode (anomaly_episodes). They outlive readings that have gone to the lake, for as long as data_assets.retention_days says.';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."fleet_health" IS 'One row per fleet (dataset and cohort): its engines by status and health, anomalies, predicted lives, and which engines to look at first.';

REVOKE ALL ON FUNCTION "public"."put_back_task"(bigint, integer, text, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."readings_kept_from"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."fleet_health" TO "authenticated", "service_role";

COMMENT ON COLUMN engine_health.wear_trend IS 'rising or falling: wear has changed by 0.05 or more since then; steady: by less; null where no report is as old.';

COMMENT ON COLUMN engine_health.upper_bound IS 'Upper end of its interval, in flight cycles; at the cap of a model trained here it is open.';

COMMENT ON COLUMN engine_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles. Of a model trained here at most its cap (models.settings, 125), which means as many or more.';

COMMENT ON COLUMN engine_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles. Of a model trained here at most its cap: an end there is open, as more may be left.';

COMMENT ON COLUMN engine_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none. Of a model trained here: how many of the remaining lives, capped as its labels are, such intervals hold. Of lives without a cap they hold fewer.';

COMMENT ON COLUMN latest_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles. Of a model trained here at most its cap (models.settings, 125), which means as many or more.';

COMMENT ON COLUMN latest_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles. Of a model trained here at most its cap: an end there is open, as more may be left.';

COMMENT ON COLUMN latest_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none. Of a model trained here: how many of the remaining lives, capped as its labels are, such intervals hold. Of lives without a cap they hold fewer.';

-- sql/80_policies/function_access.sql
-- Postgres lets everybody execute a new function. Nobody may here; who should is granted by name. Functions
-- that write are for the database's owner: edge functions connect as it, and jobs run as it.
do $$
declare
  routine regprocedure;
begin
  foreach routine in array (
    select array_agg(oid::regprocedure)
    from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace
      and proname in (
        -- sensor data
        'create_sensor_data_partitions',
        'fill_sensor_data_partition_gaps',
        'maintain_sensor_data_partitions',
        'sensor_data_partition_report',
        'value_columns',
        'watch_sensor_data_writes',
        -- intake
        'ingest_readings',
        'readings_against_rules',
        'record_dead_letters',
        -- summaries
        'quality_summary_between',
        -- expectations
        'expectation_verdict',
        'export_expectation_suite',
        'import_expectation_suite',
        'read_great_expectation',
        'record_expectation_version',
        'stamp_expectation',
        'validate_expectation',
        -- anomalies
        'note_unscored_readings',
        'observe_anomalies',
        'recent_anomalies',
        'record_anomalies',
        'readings_kept_from',
        'renew_anomaly_episodes',
        'take_unscored_readings',
        -- quality
        'baseline_references',
        'check_arrival',
        'check_clock',
        'check_completeness',
        'check_conditions',
        'check_copies',
        'check_cycles',
        'check_drift',
        'check_duplicates',
        'check_fleet_drift',
        'check_freshness',
        'check_levels',
        'check_nulls',
        'check_range',
        'check_rejected',
        'check_retraining',
        'observe_retraining_hook',
        'retraining_criteria',
        'retraining_hook_note',
        'check_schema',
        'check_spikes',
        'check_stuck',
        'check_types',
        'check_volume',
        'comparable_baselines',
        'declare_schema',
        'engine_windows',
        'engines_to_compare',
        'fleet_drift',
        'fleet_fingerprint',
        'forget_rollups',
        'hourly_readings',
        'judge_columns',
        'judge_drift',
        'judge_engines',
        'ks_p_value',
        'ks_statistic',
        'last_readings',
        'learn_baselines',
        'learn_wear_signatures',
        'live_columns',
        'measure_drift',
        'measure_hours',
        'measure_shifts',
        'measure_window_drift',
        'milliseconds_since',
        'missed_readings',
        'note_rule_change',
        'note_sensor_data_change',
        'observe_checks',
        'prune_rollups',
        'report_engine_health',
        'roll_up_readings',
        'run_check',
        'run_checks',
        'run_drift',
        'run_fleet_drift',
        'wear_of',
        -- alerts
        'acknowledge_alert',
        'activate_alert_channels',
        'alert_changes',
        'observe_alerts',
        'record_alert_events',
        'release_held_back_alerts',
        'require_alert_observations',
        'require_open_alert',
        'resolve_alert',
        'retry_delivery',
        -- models
        'engines_to_predict',
        -- lake
        'forget_lake_objects',
        'lake_objects_to_verify',
        'note_lake_verification',
        'observe_lake_objects',
        'record_lake_object',
        'days_to_archive',
        'forget_empty_day',
        'keep_archived_day',
        'raise_day_versions',
        'hash_reading',
        'sensor_data_digest',
        -- lineage
        'abort_lost_runs',
        'batch_input',
        'check_assertions',
        'find_lineage',
        'lineage_coverage',
        'lineage_graph',
        'lineage_to_forward',
        'openlineage_datasets',
        'openlineage_event',
        'openlineage_facets',
        'reading_lineage',
        'settle_forwarding',
        'spool_version',
        'task_datasets',
        'task_lineage',
        -- catalogue
        'asset_columns',
        'find_assets',
        'lake_listing',
        'lake_object_contents',
        'record_asset_schema',
        -- retention
        'archive_fault',
        'close_months',
        'due_months',
        'month_refusal',
        'prunable_assets',
        'prune_asset',
        'prune_history',
        'refuse_month',
        'require_retention_acts',
        'retire_months',
        'task_close_months',
        'task_retention',
        'unarchived_day',
        -- access
        'classification_acts',
        'grant_to_strangers',
        'may_read',
        -- audit
        'audit_actor',
        'audit_change',
        'keep_audit_log',
        'record_audit',
        -- pipeline
        'advance_pipelines',
        'backfill_pipeline',
        'cancel_overdue_tasks',
        'cancel_run',
        'cancel_sql_task',
        'claim_sql_task',
        'claim_task',
        'complete_task',
        'end_task_attempt',
        'extend_lease',
        'fail_task',
        'is_transient_sqlstate',
        'make_pipeline_run',
        'pipeline_tick',
        'put_back_task',
        'require_acyclic_tasks',
        'require_task_handler',
        'rerun_task',
        'retry_delay',
        'run_sql_task',
        'schedule_pipeline_runs',
        'settle_pipeline_run',
        'start_pipeline_run',
        'task_health_report',
        'task_quality',
        'task_retraining_check',
        'wake_worker',
        'watch_jobs'
      )
  ) loop
    execute format('revoke all on routine %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;
grant execute on function public.expectation_verdict(double precision, double precision, double precision, text),
  public.export_expectation_suite(text) to authenticated, service_role;
grant execute on function public.quality_summary_between(timestamptz, timestamptz) to authenticated, service_role;
-- anomalies
grant execute on function public.recent_anomalies(text, integer) to authenticated, service_role;
-- policies and views call it with the rights of whoever reads
grant execute on function public.may_read(text) to anon, authenticated, service_role;
-- the trigger of expectations runs as whoever changes a rule
grant execute on function public.audit_actor() to service_role;
-- lineage: what the view lineage calls must be callable by whoever reads it
grant execute on function public.batch_input(text, text), public.check_assertions(bigint), public.task_datasets(text),
  public.openlineage_datasets(jsonb, text, text, timestamptz), public.openlineage_facets(jsonb, text),
  public.openlineage_event(text, text, timestamptz, text, uuid, text, text),
  public.find_lineage(text, uuid, text, timestamptz, timestamptz, text, integer),
  public.reading_lineage(text, integer, timestamptz), public.lineage_coverage(interval, timestamptz),
  public.lineage_graph(timestamptz, timestamptz), public.spool_version() to authenticated, service_role;
-- catalogue
grant execute on function public.asset_columns(text), public.find_assets(text, text, text, text, text),
  public.lake_listing(text, text, integer), public.lake_object_contents(text) to authenticated, service_role;
-- whoever edits the catalogue is told by it which retention would not act
grant execute on function public.prunable_assets() to authenticated, service_role;

select public.declare_schema();

select public.record_audit('migration.apply', '20261124034128_operations');
