-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

ALTER TABLE "public"."quality_settings" DROP CONSTRAINT "quality_settings_anomaly_score_check";

DROP FUNCTION "public"."detect_anomalies"(timestamp with time zone);

DROP FUNCTION "public"."task_anomalies"(timestamp with time zone);

CREATE TABLE "public"."anomaly_episodes" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "engine_id" uuid NOT NULL, "detector" text NOT NULL, "started_at" timestamp with time zone NOT NULL, "ended_at" timestamp with time zone NOT NULL, "first_cycle" integer NOT NULL, "last_cycle" integer NOT NULL, "readings" integer NOT NULL, "severe_readings" integer NOT NULL, "peak_score" double precision NOT NULL, "peak_threshold" double precision NOT NULL, "peak_at" timestamp with time zone NOT NULL, "sensors" jsonb NOT NULL, "severity" text NOT NULL, "open" boolean NOT NULL, "detected_at" timestamp with time zone NOT NULL, CONSTRAINT "anomaly_episodes_check1" CHECK (((started_at <= peak_at) AND (peak_at <= ended_at))), CONSTRAINT "anomaly_episodes_check" CHECK (((severe_readings >= 0) AND (severe_readings <= readings))), CONSTRAINT "anomaly_episodes_engine_id_detector_started_at_first_cycle_key" UNIQUE (engine_id, detector, started_at, first_cycle), CONSTRAINT "anomaly_episodes_pkey" PRIMARY KEY (id), CONSTRAINT "anomaly_episodes_readings_check" CHECK ((readings > 0)), CONSTRAINT "anomaly_episodes_sensors_check" CHECK ((jsonb_typeof(sensors) = 'object'::text)), CONSTRAINT "anomaly_episodes_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))));

ALTER TABLE "public"."anomaly_episodes" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."anomaly_episodes" OWNER TO "postgres";

CREATE TABLE "public"."model_settings" ("id" boolean NOT NULL DEFAULT true, "anomaly_detector" text NOT NULL DEFAULT 'mean_abs_z'::text, "score_at_intake" boolean NOT NULL DEFAULT false, "intake_budget" interval NOT NULL DEFAULT '00:00:00.05'::interval, "rul_model" text, "most_drifting_share" double precision NOT NULL DEFAULT 0.2, "most_prediction_rmse" double precision NOT NULL DEFAULT 20, "least_predictions" integer NOT NULL DEFAULT 30, "least_coverage" double precision NOT NULL DEFAULT 0.75, "oldest_model" interval NOT NULL DEFAULT '180 days'::interval, "retrain_again_after" interval NOT NULL DEFAULT '7 days'::interval, CONSTRAINT "model_settings_anomaly_detector_check" CHECK ((anomaly_detector = ANY (ARRAY['mean_abs_z'::text, 'isolation_forest'::text, 'mahalanobis'::text]))), CONSTRAINT "model_settings_id_check" CHECK (id), CONSTRAINT "model_settings_intake_budget_check" CHECK (((intake_budget > '00:00:00'::interval) AND (intake_budget <= '00:00:05'::interval))), CONSTRAINT "model_settings_least_coverage_check" CHECK (((least_coverage >= (0)::double precision) AND (least_coverage <= (1)::double precision))), CONSTRAINT "model_settings_least_predictions_check" CHECK ((least_predictions > 0)), CONSTRAINT "model_settings_most_drifting_share_check" CHECK (((most_drifting_share >= (0)::double precision) AND (most_drifting_share <= (1)::double precision))), CONSTRAINT "model_settings_most_prediction_rmse_check" CHECK ((most_prediction_rmse > (0)::double precision)), CONSTRAINT "model_settings_oldest_model_check" CHECK ((oldest_model > '00:00:00'::interval)), CONSTRAINT "model_settings_pkey" PRIMARY KEY (id), CONSTRAINT "model_settings_retrain_again_after_check" CHECK ((retrain_again_after > '00:00:00'::interval)), CONSTRAINT "model_settings_rul_model_check" CHECK ((rul_model <> ''::text)));

ALTER TABLE "public"."model_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."model_settings" OWNER TO "postgres";

CREATE TABLE "public"."models" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "purpose" text NOT NULL, "name" text NOT NULL, "version" integer NOT NULL, "dataset" text, "active" boolean NOT NULL DEFAULT true, "features" text[] NOT NULL, "trained_from" timestamp with time zone NOT NULL, "trained_until" timestamp with time zone NOT NULL, "engines" integer NOT NULL, "readings" bigint NOT NULL, "seed" bigint NOT NULL, "settings" jsonb NOT NULL, "metrics" jsonb NOT NULL, "content" jsonb NOT NULL, "code_version" text NOT NULL, "trained_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "models_check" CHECK ((trained_from <= trained_until)), CONSTRAINT "models_content_check" CHECK ((jsonb_typeof(content) = 'object'::text)), CONSTRAINT "models_engines_check" CHECK ((engines > 0)), CONSTRAINT "models_features_check" CHECK ((cardinality(features) > 0)), CONSTRAINT "models_metrics_check" CHECK ((jsonb_typeof(metrics) = 'object'::text)), CONSTRAINT "models_name_check" CHECK ((name <> ''::text)), CONSTRAINT "models_name_version_key" UNIQUE (name, version), CONSTRAINT "models_pkey" PRIMARY KEY (id), CONSTRAINT "models_purpose_check" CHECK ((purpose = ANY (ARRAY['anomaly'::text, 'rul'::text]))), CONSTRAINT "models_readings_check" CHECK ((readings > 0)), CONSTRAINT "models_settings_check" CHECK ((jsonb_typeof(settings) = 'object'::text)), CONSTRAINT "models_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."models" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."models" OWNER TO "postgres";

CREATE TABLE "public"."sensor_modules" ("column_name" text NOT NULL, "module" text NOT NULL, "measures" text NOT NULL, CONSTRAINT "sensor_modules_column_name_check" CHECK ((column_name ~ '^s[0-9]{1,2}$'::text)), CONSTRAINT "sensor_modules_measures_check" CHECK ((measures <> ''::text)), CONSTRAINT "sensor_modules_module_check" CHECK ((module = ANY (ARRAY['fan'::text, 'LPC'::text, 'HPC'::text, 'combustor'::text, 'HPT'::text, 'LPT'::text, 'bypass'::text]))), CONSTRAINT "sensor_modules_pkey" PRIMARY KEY (column_name, module));

ALTER TABLE "public"."sensor_modules" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_modules" OWNER TO "postgres";

CREATE TABLE "public"."unscored_readings" ("engine_id" uuid NOT NULL, "times" tstzmultirange NOT NULL, "noted_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "unscored_readings_pkey" PRIMARY KEY (engine_id), CONSTRAINT "unscored_readings_times_check" CHECK ((NOT isempty(times))));

ALTER TABLE "public"."unscored_readings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."unscored_readings" OWNER TO "postgres";

ALTER TABLE "public"."anomalies" ADD COLUMN "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL;

ALTER TABLE "public"."anomalies" ADD COLUMN "severity" text NOT NULL DEFAULT 'warning'::text;

ALTER TABLE "public"."anomalies" ADD COLUMN "values" jsonb NOT NULL DEFAULT '{}'::jsonb;

ALTER TABLE "public"."anomalies" ADD COLUMN "model_id" bigint;

ALTER TABLE "public"."anomalies" ADD COLUMN "run_id" uuid;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "last_cycle" integer;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "recent_anomalies" integer;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "anomalous_since" timestamp with time zone;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "predicted_rul" real;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "lower_bound" real;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "upper_bound" real;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "criteria" text[] NOT NULL DEFAULT '{}'::text[];

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_state" text NOT NULL DEFAULT 'not_needed'::text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_note" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_key" uuid NOT NULL DEFAULT gen_random_uuid();

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_attempts" integer NOT NULL DEFAULT 0;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_next_at" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_lease" uuid;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_leased_until" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_error" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_called_at" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_receiver" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_answer" text;

ALTER TABLE "public"."sensor_data_changes" ADD COLUMN "scores" boolean NOT NULL DEFAULT true;

CREATE OR REPLACE FUNCTION public.check_retraining(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  failing text[];
  words text[];
  grounds jsonb;
  note text;
begin
  -- two that decide at once would both find that nobody has been called
  perform pg_advisory_xact_lock(hashtext('public.retraining_decisions'));
  select
    coalesce(array_agg(judged.criterion order by judged.place) filter (where judged.verdict = 'fail'), '{}'),
    coalesce(
      array_agg(
        case judged.criterion
          when 'drift' then
            format('%s of %s engines drift', judged.details ->> 'drifting_engines', judged.details ->> 'judged_engines')
          when 'fleet_drift' then 'cohorts of the fleet differ'
          when 'prediction_error' then format('predictions miss by %s cycles', round(judged.value::numeric, 1))
          when 'interval_coverage' then
            format('prediction intervals keep %s %% of what they promise', round(judged.value::numeric * 100))
          when 'model_age' then format('a model is %s days old', floor(judged.value))
        end
        order by judged.place
      ) filter (where judged.verdict = 'fail'),
      '{}'
    ),
    jsonb_object_agg(
      judged.criterion,
      jsonb_strip_nulls(jsonb_build_object(
        'verdict', judged.verdict, 'value', judged.value, 'threshold', judged.threshold, 'reason', judged.reason
      )) || jsonb_build_object('details', judged.details)
    )
  into failing, words, grounds
  from public.retraining_criteria(check_retraining.as_of) with ordinality as judged (
    criterion, verdict, value, threshold, reason, details, place
  );
  note := public.retraining_hook_note(check_retraining.as_of, failing);

  insert into public.retraining_decisions as decision (as_of, retrain, reasons, evidence, criteria, hook_state, hook_note)
  values (
    check_retraining.as_of, cardinality(failing) > 0, words, grounds, failing,
    case when cardinality(failing) > 0 and note is null then 'due' else 'not_needed' end, note
  )
  on conflict on constraint retraining_decisions_pkey do update set
    retrain = excluded.retrain, reasons = excluded.reasons, evidence = excluded.evidence, criteria = excluded.criteria,
    hook_state = excluded.hook_state, hook_note = excluded.hook_note, decided_at = now()
  where decision.hook_attempts = 0;

  update public.retraining_decisions as earlier
  set
    hook_state = 'not_needed',
    hook_note = case
      when newest.retrain then 'a newer decision takes its place'
      else 'a newer decision says that it is not needed any more'
    end,
    hook_lease = null,
    hook_leased_until = null
  from public.retraining_decisions as newest
  where newest.as_of = check_retraining.as_of
    and (newest.hook_state = 'due' or not newest.retrain)
    and earlier.as_of < newest.as_of
    and earlier.hook_state in ('due', 'failed')
    and coalesce(earlier.hook_leased_until <= now(), true);

  return (
    select jsonb_build_object(
      'retrain', decision.retrain, 'reasons', to_jsonb(decision.reasons), 'evidence', decision.evidence,
      'hook_state', decision.hook_state, 'hook_note', decision.hook_note
    )
    from public.retraining_decisions as decision
    where decision.as_of = check_retraining.as_of
  );
end;
$function$
;

CREATE OR REPLACE FUNCTION public.engines_to_predict(first integer, "window" integer, after uuid, most integer)
 RETURNS TABLE(engine_id uuid, model_id bigint, cycle integer, first_until timestamp with time zone, window_from timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with due as materialized ( -- before the readings of an engine are looked for
    select engines.id as engine_id, model.id as model_id, last.cycle
    from public.engines
    cross join lateral (
      select models.id, models.name, models.version
      from public.models
      where models.purpose = 'rul' and models.active
        and (models.dataset = engines.dataset or models.dataset is null)
      order by models.dataset nulls last
      limit 1
    ) as model
    cross join lateral (
      select reading.cycle
      from public.sensor_data as reading
      where reading.engine_id = engines.id
      order by reading."timestamp" desc, reading.cycle desc
      limit 1
    ) as last
    where engines.status = 'active'
      and (engines_to_predict.after is null or engines.id > engines_to_predict.after)
      and not exists (
        select
        from public.rul_predictions as prediction
        where prediction.engine_id = engines.id
          and prediction.model_name = model.name
          and prediction.model_version = model.version::text
          and prediction.cycle = last.cycle
      )
    order by engines.id
    limit engines_to_predict.most
  )
  select due.engine_id, due.model_id, due.cycle, beginning.until, ending.since
  from due
  cross join lateral (
    select max(reading."timestamp") + interval '1 microsecond' as until
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp"
      limit engines_to_predict.first
    ) as reading
  ) as beginning
  cross join lateral (
    select min(reading."timestamp") as since
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp" desc
      limit engines_to_predict."window"
    ) as reading
  ) as ending
  order by due.engine_id;
$function$
;

ALTER FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.note_rule_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.sensor_data_changes (hours, scores)
  select
    tstzmultirange(tstzrange(
      -- baselines are by operating condition, too, and as long as the settings say
      case when tg_table_name in ('operating_conditions', 'quality_settings') then null else rollup_horizon.kept_from end, null
    )),
    tg_table_name in ('operating_conditions', 'quality_settings')
  from public.rollup_horizon
  where exists (select from public.sensor_data);
  return null;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.note_unscored_readings(engine_ids uuid[], ranges tstzrange[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  -- of hours that do not touch, 100 are four days of readings two hours apart; a row stays below 4 kB
  most_ranges constant integer := 100;
begin
  insert into public.unscored_readings (engine_id, times)
  select
    engines.id,
    case
      when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(target.range)))
      else range_agg(target.range)
    end
  from unnest(engine_ids, ranges) as target (engine_id, range)
  join public.engines on engines.id = target.engine_id
  where not isempty(target.range)
  group by engines.id
  -- whoever else notes waits instead of deadlocking; who scores waits for nobody
  order by engines.id
  on conflict (engine_id) do update
  set times = (
    select case when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(range))) else range_agg(range) end
    from unnest(unscored_readings.times + excluded.times) as range
  );
end;
$function$
;

ALTER FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_anomalies(engine_ids uuid[], detector text, only_failing boolean DEFAULT false, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
declare
  looked_at constant integer := 5;
  persistent constant integer := 3;
  worn_from constant double precision := 0.5;
  observations jsonb;
begin
  -- so many fail that they are one alert: whether that is over is seen by all engines
  if not only_failing and exists (
    select from public.alerts where kind = 'anomaly' and subject = '*' and resolved_at is null
  ) then
    engine_ids := array(select engines.id from public.engines where engines.status = 'active');
  end if;

  with judged as (
    select
      engines.unit_number,
      engines.status = 'active' as is_active,
      recent.*,
      drift.wear,
      recent.anomalous >= persistent as failing
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
    left join lateral (
      select max(sensor_drift.wear) as wear from public.sensor_drift where sensor_drift.engine_id = engines.id
    ) as drift on recent.anomalous >= persistent
    where engines.id = any (engine_ids)
      and recent.last_at > as_of - interval '7 days'
      and not exists (
        select
        from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times && tstzrange(recent.first_at, recent.last_at, '[]')
      )
  ),
  observation as (
    select
      'anomaly' as kind,
      judged.unit_number as subject,
      true as failing,
      case when judged.severe >= persistent and not worn.is_worn then 'fail' else 'warning' end as severity,
      format(
        '%s of the last %s readings of %s are unlike healthy ones, %s most: %s is %s, above %s%s',
        judged.anomalous,
        looked_at,
        judged.unit_number,
        strongest.names,
        observe_anomalies.detector,
        round(judged.score::numeric, 3),
        round(judged.threshold::numeric, 3),
        case when worn.is_worn then format('; it is worn (%s), which makes them so', round(judged.wear::numeric, 2)) end
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
        'worn', worn.is_worn,
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
    cross join lateral (select coalesce(judged.wear >= worn_from, false) as is_worn) as worn
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
$function$
;

ALTER FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_retraining_hook(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), observe_retraining_hook.as_of)
  from (
    select
      'retraining' as kind,
      'hook' as subject,
      decision.hook_state = 'dead' as failing,
      'fail' as severity,
      format(
        'Training that was decided at %s has not been started: %s',
        to_char(decision.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), decision.hook_error
      ) as summary,
      jsonb_build_object(
        'as_of', decision.as_of, 'reasons', decision.reasons, 'attempts', decision.hook_attempts,
        'receiver', decision.hook_receiver
      ) as evidence
    from public.retraining_decisions as decision
    where decision.hook_state in ('called', 'dead') or not decision.retrain
    order by decision.as_of desc
    limit 1
  ) as observation;
$function$
;

ALTER FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prunable_assets()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select array[
    'alerts', 'anomaly_episodes', 'anomalies', 'audit_log', 'data_quality_metrics', 'check_runs', 'dead_letters', 'delivery_receipts',
    'engine_health_reports', 'lineage_events', 'lineage_forwards', 'pipeline_runs', 'retraining_decisions', 'rul_predictions'
  ];
$function$
;

CREATE OR REPLACE FUNCTION public.prune_asset(asset text, before timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  most constant integer := 50000;
  -- a run of the checks has thousands of metrics, a run of a pipeline and an alert a few dozen rows
  most_check_runs constant integer := 100;
  most_parents constant integer := 5000;
  of_runs bigint := 0;
  deleted bigint;
begin
  case asset
    when 'alerts' then
      delete from public.alerts where ctid = any (array(
        select old.ctid
        from public.alerts as old
        where old.resolved_at < before
          and not exists (
            select from public.alert_deliveries
            where alert_deliveries.alert_id = old.id and alert_deliveries.state = 'pending'
          )
        limit most_parents
        for update skip locked
      ));
    when 'anomalies' then
      delete from public.anomalies where ctid = any (array(
        select old.ctid
        from public.anomalies as old
        where old.detected_at < before
          -- an episode is kept whole
          and not exists (
            select
            from public.anomaly_episodes as episode
            where episode.engine_id = old.engine_id and episode.detector = old.detector
              and episode.started_at <= old."timestamp" and episode.ended_at >= old."timestamp"
          )
        limit most for update skip locked
      ));
    when 'anomaly_episodes' then
      delete from public.anomaly_episodes where ctid = any (array(
        select old.ctid
        from public.anomaly_episodes as old
        where old.detected_at < before
        limit most for update skip locked
      ));
    when 'audit_log' then
      -- the log keeps what is younger by the clock, whatever moment it is asked for
      delete from public.audit_log where ctid = any (array(
        select old.ctid from public.audit_log as old
        where old.at < least(
          before, now() - make_interval(days => (select retention_days from public.data_assets where name = 'audit_log'))
        )
        limit most for update skip locked
      ));
    when 'check_runs' then
      -- their metrics go with them, so the metrics' own retention must have passed as well
      delete from public.check_runs where ctid = any (array(
        select old.ctid
        from public.check_runs as old
        where old.as_of < before
          and not exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        limit most for update skip locked
      ));
    when 'data_quality_metrics' then
      delete from public.data_quality_metrics where run_id = any (array(
        select old.id
        from public.check_runs as old
        where old.as_of < before
          and exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        order by old.as_of
        limit most_check_runs
      ));
      get diagnostics of_runs = row_count;
      delete from public.data_quality_metrics where ctid = any (array(
        select old.ctid
        from public.data_quality_metrics as old
        where old.run_id is null and old.check_timestamp < before
        limit most for update skip locked
      ));
    when 'dead_letters' then
      delete from public.dead_letters where ctid = any (array(
        select old.ctid
        from public.dead_letters as old
        where old.first_seen_at < before and coalesce(old.replayed_at, old.last_seen_at) < before
        limit most for update skip locked
      ));
    when 'delivery_receipts' then
      delete from public.delivery_receipts where ctid = any (array(
        select old.ctid
        from public.delivery_receipts as old
        where old.received_at < before
        limit most for update skip locked
      ));
    when 'engine_health_reports' then
      delete from public.engine_health_reports where ctid = any (array(
        select old.ctid
        from public.engine_health_reports as old
        where old.as_of < before
        limit most for update skip locked
      ));
    when 'lineage_events' then
      delete from public.lineage_events where ctid = any (array(
        select old.ctid
        from public.lineage_events as old
        where old.event_time < before
        limit most for update skip locked
      ));
    when 'lineage_forwards' then
      delete from public.lineage_forwards where ctid = any (array(
        select old.ctid
        from public.lineage_forwards as old
        where old.settled_at < before
        limit most for update skip locked
      ));
    when 'pipeline_runs' then
      delete from public.pipeline_runs where ctid = any (array(
        select old.ctid
        from public.pipeline_runs as old
        where old.finished_at < before
        limit most_parents
        for update skip locked
      ));
    when 'retraining_decisions' then
      delete from public.retraining_decisions where ctid = any (array(
        select old.ctid
        from public.retraining_decisions as old
        where old.decided_at < before
        limit most for update skip locked
      ));
    when 'rul_predictions' then
      delete from public.rul_predictions where ctid = any (array(
        select old.ctid
        from public.rul_predictions as old
        where old.predicted_at < before
        limit most for update skip locked
      ));
    else
      raise exception 'Cannot prune as asset must be one of prunable_assets(): current value is %', asset
        using errcode = '22023';
  end case;
  get diagnostics deleted = row_count;
  return of_runs + deleted;
end;
$function$
;

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
    select sensor_data."timestamp", sensor_data.cycle
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

ALTER FUNCTION "public"."recent_anomalies"(text, integer) OWNER TO "postgres";

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
      and earlier."timestamp" >= coalesce(lower(scored.range), '-infinity')
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

ALTER FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.renew_anomaly_episodes(engine_ids uuid[], ranges tstzrange[], detector text)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with touched as (
    select target.engine_id, range_merge(range_agg(target.range)) as span
    from unnest(engine_ids, ranges) as target (engine_id, range)
    where not isempty(target.range)
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
    ) as between_them on member."timestamp" >= member.changed_from and member.previous_at <= member.changed_until
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
$function$
;

ALTER FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.report_engine_health(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  reported integer;
begin
  insert into public.engine_health_reports (
    engine_id, as_of, health, reasons, completeness, wear, last_reading_at, last_cycle, recent_anomalies, anomalous_since,
    predicted_rul, lower_bound, upper_bound
  )
  select
    engines.id, report_engine_health.as_of, state.health, state.reasons, state.completeness, state.wear,
    state.last_reading_at, state.last_cycle, state.recent_anomalies, state.anomalous_since, state.predicted_rul,
    state.lower_bound, state.upper_bound
  from public.engine_health as state
  join public.engines using (unit_number)
  where report_engine_health.as_of > now() - interval '1 hour'
  on conflict on constraint engine_health_reports_pkey do update set
    health = excluded.health,
    reasons = excluded.reasons,
    completeness = excluded.completeness,
    wear = excluded.wear,
    last_reading_at = excluded.last_reading_at,
    last_cycle = excluded.last_cycle,
    recent_anomalies = excluded.recent_anomalies,
    anomalous_since = excluded.anomalous_since,
    predicted_rul = excluded.predicted_rul,
    lower_bound = excluded.lower_bound,
    upper_bound = excluded.upper_bound;
  get diagnostics reported = row_count;
  return reported;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.retraining_criteria(as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(criterion text, verdict text, value double precision, threshold double precision, reason text, details jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  moment constant timestamptz := retraining_criteria.as_of;
begin
  return query
  with settings as (
    select * from public.model_settings
  ),
  checked as (
    select distinct on (metric.metric_name) metric.metric_name, metric.status, metric.metric_value, metric.evidence,
      metric.check_timestamp
    from public.data_quality_metrics as metric
    where metric.metric_name in ('drift', 'fleet_drift') and metric.engine_id is null
      and metric.check_timestamp <= moment and metric.check_timestamp > moment - interval '24 hours'
    order by metric.metric_name, metric.check_timestamp desc, metric.id desc
  ),
  drift as (
    select
      (checked.evidence ->> 'engines')::integer - coalesce((checked.evidence ->> 'not_evaluated_engines')::integer, 0) as judged,
      coalesce((checked.evidence ->> 'failing_count')::integer, 0) as drifting,
      checked.check_timestamp
    from checked
    where checked.metric_name = 'drift'
  ),
  predicted as materialized (
    select prediction.model_name, prediction.model_version, max(prediction.predicted_at) as last_predicted_at
    from public.rul_predictions as prediction
    where prediction.predicted_at > moment - interval '90 days' and prediction.predicted_at <= moment
    group by prediction.model_name, prediction.model_version
  ),
  -- of a model that was trained here its active version, of somebody's own the one that predicted last
  used as materialized (
    select distinct on (predicted.model_name) predicted.model_name, predicted.model_version
    from predicted
    left join public.models on models.purpose = 'rul' and models.name = predicted.model_name
      and models.version::text = predicted.model_version
    where models.active
      or models.id is null and not exists (
        select from public.models as own where own.purpose = 'rul' and own.name = predicted.model_name
      )
    order by predicted.model_name, predicted.last_predicted_at desc, predicted.model_version desc
  ),
  accuracy as (
    select
      used.model_name,
      used.model_version,
      count(*) as predictions,
      count(distinct missed.engine_id) as engines,
      sqrt(avg((missed.predicted_rul::double precision - missed.actual_rul) ^ 2)) as rmse,
      count(distinct missed.engine_id) filter (where missed.in_interval is not null) as engines_with_interval,
      count(missed.in_interval) as intervals,
      avg(missed.in_interval::integer::double precision) as coverage,
      avg(missed.interval_level::numeric)::double precision as promised
    from used
    -- the view knows that only engines that have failed have an answer, the planner does not
    join public.engines on engines.status = 'failed'
    join public.engine_predictions as missed
      on missed.engine_id = engines.id
      and missed.model_name = used.model_name and missed.model_version = used.model_version
    where missed.actual_rul is not null
      and missed.predicted_at > moment - interval '90 days' and missed.predicted_at <= moment
    group by used.model_name, used.model_version
  ),
  errors as (
    select
      max(accuracy.rmse) filter (where accuracy.predictions >= settings.least_predictions) as rmse,
      sum(accuracy.predictions) as predictions,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.predictions,
          'engines', accuracy.engines, 'rmse', accuracy.rmse
        )
        order by accuracy.rmse desc
      ) as models,
      min(accuracy.coverage / accuracy.promised) filter (
        where accuracy.intervals >= settings.least_predictions and accuracy.engines_with_interval >= 10
      ) as kept,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.intervals,
          'engines', accuracy.engines_with_interval, 'coverage', accuracy.coverage, 'promised', accuracy.promised
        )
        order by accuracy.coverage / accuracy.promised
      ) filter (where accuracy.intervals > 0) as intervals
    from settings
    left join accuracy on true
    group by settings.least_predictions
  ),
  age as (
    select
      extract(epoch from moment - min(models.trained_at))::double precision / 86400 as days,
      jsonb_agg(
        jsonb_build_object(
          'model', models.name, 'version', models.version, 'purpose', models.purpose, 'trained_at', models.trained_at
        )
        order by models.trained_at, models.name
      ) as models
    from public.models
    where models.active and models.trained_at <= moment
  ),
  measured (place, criterion, value, threshold, unjudged, fails_below, details) as (
    select
      1, 'drift',
      case when drift.judged >= 5 then drift.drifting::double precision / drift.judged end,
      settings.most_drifting_share,
      case
        when drift.judged is null then 'no run of the checks in the 24 hours before has judged drift'
        when drift.judged < 5 then format('%s engines are judged, and 5 must be', drift.judged)
      end,
      false,
      jsonb_build_object('judged_engines', drift.judged, 'drifting_engines', drift.drifting, 'checked_at', drift.check_timestamp)
    from settings
    left join drift on true
    union all
    select
      2, 'fleet_drift',
      checked.metric_value,
      0,
      case
        when checked.status is null then 'no run of the checks in the 24 hours before has judged it'
        when checked.status = 'not_evaluated' then coalesce(checked.evidence ->> 'reason', 'the checks could not judge it')
      end,
      false,
      jsonb_build_object('failing', checked.evidence -> 'failing', 'checked_at', checked.check_timestamp)
    from settings
    left join checked on checked.metric_name = 'fleet_drift'
    union all
    select
      3, 'prediction_error',
      errors.rmse,
      settings.most_prediction_rmse,
      case
        when errors.rmse is null then format(
          'no model in use has %s predictions of the last 90 days for engines that have failed since',
          settings.least_predictions
        )
      end,
      false,
      jsonb_build_object('predictions', coalesce(errors.predictions, 0), 'models', case when errors.predictions > 0 then errors.models end)
    from settings
    cross join errors
    union all
    select
      4, 'interval_coverage',
      errors.kept,
      settings.least_coverage,
      case
        when errors.kept is null then format(
          'no model in use has intervals of %s such predictions for 10 engines', settings.least_predictions
        )
      end,
      true,
      jsonb_build_object('models', errors.intervals)
    from settings
    cross join errors
    union all
    select
      5, 'model_age',
      age.days,
      extract(epoch from settings.oldest_model)::double precision / 86400,
      case when age.days is null then 'no model has been trained here: deno task train' end,
      false,
      jsonb_build_object('models', age.models)
    from settings
    cross join age
  )
  select
    measured.criterion,
    case
      when measured.unjudged is not null then 'not_evaluated'
      when measured.fails_below and measured.value < measured.threshold then 'fail'
      when not measured.fails_below and measured.value > measured.threshold then 'fail'
      else 'pass'
    end,
    measured.value,
    measured.threshold,
    measured.unjudged,
    jsonb_strip_nulls(measured.details)
  from measured
  order by measured.place;
end;
$function$
;

ALTER FUNCTION "public"."retraining_criteria"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.retraining_hook_note(as_of timestamp with time zone, criteria text[])
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  earlier record;
begin
  if cardinality(retraining_hook_note.criteria) = 0 then
    return null;
  end if;
  if retraining_hook_note.as_of <= now() - interval '1 day' then
    return 'it is about a moment more than a day ago';
  end if;
  if exists (
    select from public.retraining_decisions as decision where decision.as_of > retraining_hook_note.as_of
  ) then
    return 'a decision about a later moment has been made';
  end if;

  for earlier in
    select decision.as_of, decision.hook_state, decision.hook_called_at
    from public.retraining_decisions as decision
    cross join public.model_settings as settings
    where decision.as_of < retraining_hook_note.as_of
      and decision.criteria @> retraining_hook_note.criteria
      and decision.hook_state in ('due', 'failed', 'called')
      and coalesce(decision.hook_called_at, decision.as_of) > retraining_hook_note.as_of - settings.retrain_again_after
    order by decision.as_of desc
  loop
    if earlier.hook_state <> 'called' then
      return format(
        'the call for the decision of %s, for the same reasons, is still to be made',
        to_char(earlier.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
    if not exists (
      select from public.models where models.trained_at > earlier.hook_called_at
    ) and not exists (
      select
      from (
        select distinct prediction.model_name, prediction.model_version
        from public.rul_predictions as prediction
        where prediction.predicted_at > earlier.hook_called_at
      ) as arrived
      where not exists (
        select
        from public.rul_predictions as known
        where known.model_name = arrived.model_name and known.model_version = arrived.model_version
          and known.predicted_at <= earlier.hook_called_at
      )
    ) then
      return format(
        'it was called for the same reasons at %s, and no model has come since',
        to_char(earlier.hook_called_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
  end loop;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.roll_up_readings()
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
declare
  kept_from timestamptz;
  engine_ids uuid[];
  ranges tstzrange[];
  scored_ids uuid[];
  scored_ranges tstzrange[];
  measured integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return null;
  end if;
  select rollup_horizon.kept_from into strict kept_from from public.rollup_horizon;

  with taken as (
    delete from public.sensor_data_changes returning sensor_data_changes.engine_ids, hours, scores
  ),
  changed as (
    select
      target.engine_id,
      range_agg(taken.hours) as hours,
      range_agg(taken.hours) filter (where taken.scores) as scored_hours
    from taken
    cross join lateral (
      select unnest(taken.engine_ids) as engine_id
      union all
      select engines.id from public.engines where taken.engine_ids is null
    ) as target
    group by target.engine_id
  )
  select
    array_agg(changed.engine_id) filter (where not piece.is_scored),
    array_agg(piece.range) filter (where not piece.is_scored),
    coalesce(array_agg(changed.engine_id) filter (where piece.is_scored), '{}'),
    coalesce(array_agg(piece.range) filter (where piece.is_scored), '{}')
  into engine_ids, ranges, scored_ids, scored_ranges
  from changed
  cross join lateral (
    select range, false from unnest(changed.hours) as range
    union all
    select range, true from unnest(changed.scored_hours) as range
  ) as piece (range, is_scored);
  if engine_ids is null then
    return 0;
  end if;

  perform public.raise_day_versions(engine_ids, ranges);
  perform public.learn_baselines(engine_ids, ranges);
  -- with another baseline all readings of an engine compare otherwise, and those that came before there was one for the
  -- first time; without one there is nothing to say, except that what was said does not hold
  select scored_ids || array_agg(learned.engine_id), scored_ranges || array_agg(tstzrange(null, null))
  into scored_ids, scored_ranges
  from public.engine_baselines as learned
  where learned.engine_id = any (engine_ids) and learned.learned_at = now()
    and (learned.complete or exists (select from public.anomalies where anomalies.engine_id = learned.engine_id));
  perform public.note_unscored_readings(scored_ids, scored_ranges);

  select array_agg(target.engine_id), array_agg(kept.range)
  into engine_ids, ranges
  from unnest(engine_ids, ranges) as target (engine_id, range)
  cross join lateral (select target.range * tstzrange(kept_from, null) as range) as kept
  where not isempty(kept.range);

  delete from public.reading_rollups
  using unnest(engine_ids, ranges) as target (engine_id, range)
  where reading_rollups.engine_id = target.engine_id
    and hour >= coalesce(lower(target.range), '-infinity') and hour < coalesce(upper(target.range), 'infinity')
    -- the hours of all of them together, for the index: without it all rollups are read
    and hour >= (select min(coalesce(lower(range), '-infinity')) from unnest(ranges) as range)
    and hour < (select max(coalesce(upper(range), 'infinity')) from unnest(ranges) as range);
  insert into public.reading_rollups select * from public.measure_hours(engine_ids, ranges);
  get diagnostics measured = row_count;
  return measured;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.take_unscored_readings(most integer, datasets text[] DEFAULT NULL::text[])
 RETURNS TABLE(engine_id uuid, range tstzrange)
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
declare
  -- an engine costs some 0.1 ms besides its readings
  most_engines constant integer := 1000;
  room integer := most;
  waiting record;
  piece tstzrange;
  found_here timestamptz[];
  taken tstzmultirange;
begin
  if most is null or most < 1 then
    raise exception 'Cannot take readings as most must be at least 1: current value is %', coalesce(most::text, 'null')
      using errcode = '22023';
  end if;
  for waiting in
    select unscored.engine_id, unscored.times
    from public.unscored_readings as unscored
    join public.engines on engines.id = unscored.engine_id
    where datasets is null or engines.dataset = any (datasets)
    order by unscored.noted_at, unscored.engine_id
    limit most_engines
    for update of unscored skip locked
  loop
    exit when room < 1;
    taken := '{}';
    foreach piece in array array(select unnest(waiting.times)) loop
      exit when room < 1;
      -- one more than there is room for shows whether the piece is to be cut
      select array_agg(reading."timestamp")
      into found_here
      from (
        select sensor_data."timestamp"
        from public.sensor_data
        where sensor_data.engine_id = waiting.engine_id
          and sensor_data."timestamp" >= coalesce(lower(piece), '-infinity')
          and sensor_data."timestamp" <= coalesce(upper(piece), 'infinity')
          and piece @> sensor_data."timestamp"
        order by sensor_data."timestamp"
        limit room + 1
      ) as reading;
      if cardinality(found_here) > room then
        piece := piece * tstzrange(null, found_here[room] + interval '1 microsecond');
      end if;
      room := room - coalesce(cardinality(found_here), 0);
      taken := taken + tstzmultirange(piece);
      engine_id := waiting.engine_id;
      range := piece;
      return next;
    end loop;
    if taken = waiting.times then
      delete from public.unscored_readings where unscored_readings.engine_id = waiting.engine_id;
    else
      -- it goes on where it is, and not behind engines that have come since
      update public.unscored_readings
      set times = waiting.times - taken
      where unscored_readings.engine_id = waiting.engine_id;
    end if;
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."take_unscored_readings"(integer, text[]) OWNER TO "postgres";

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_id_key" UNIQUE (id);

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text])));

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_values_check" CHECK ((jsonb_typeof("values") = 'object'::text));

ALTER TABLE "public"."anomaly_episodes" ADD CONSTRAINT "anomaly_episodes_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_model_id_fkey" FOREIGN KEY (model_id) REFERENCES public.models(id);

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check1" CHECK (((hook_state = 'not_needed'::text) OR retrain));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check2" CHECK (((hook_state = 'called'::text) = (hook_called_at IS NOT NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check3" CHECK (((hook_lease IS NULL) = (hook_leased_until IS NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check4" CHECK (((hook_state <> ALL (ARRAY['failed'::text, 'dead'::text])) OR (hook_error IS NOT NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_attempts_check" CHECK ((hook_attempts >= 0));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_key_key" UNIQUE (hook_key);

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_receiver_check" CHECK ((hook_receiver = ANY (ARRAY['webhook'::text, 'sagemaker'::text])));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_state_check" CHECK ((hook_state = ANY (ARRAY['not_needed'::text, 'due'::text, 'failed'::text, 'called'::text, 'dead'::text])));

ALTER TABLE "public"."unscored_readings" ADD CONSTRAINT "unscored_readings_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

CREATE VIEW "public"."engine_predictions" WITH (security_invoker=true) AS  SELECT prediction.id,
    engines.unit_number,
    prediction.engine_id,
    prediction.cycle,
    prediction.predicted_rul,
    prediction.lower_bound,
    prediction.upper_bound,
    prediction.interval_level,
    prediction.model_name,
    prediction.model_version,
    prediction.predicted_at,
    truth.actual_rul,
    (((truth.actual_rul)::double precision >= prediction.lower_bound) AND ((truth.actual_rul)::double precision <= prediction.upper_bound)) AS in_interval
   FROM (((public.rul_predictions prediction
     JOIN public.engines ON ((engines.id = prediction.engine_id)))
     LEFT JOIN public.models ON (((models.purpose = 'rul'::text) AND (models.name = prediction.model_name) AND ((models.version)::text = prediction.model_version))))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN ((engines.status = 'failed'::text) AND (engines.life_cycles >= prediction.cycle)) THEN LEAST(engines.rul_cap, ((models.settings ->> 'rul_cap'::text))::integer, (engines.life_cycles - prediction.cycle))
                    ELSE NULL::integer
                END AS actual_rul) truth)
  WHERE ( SELECT public.may_read('engine_predictions'::text) AS may_read);;

ALTER VIEW "public"."engine_predictions" OWNER TO "postgres";

CREATE VIEW "public"."latest_predictions" WITH (security_invoker=true) AS  SELECT engines.unit_number,
    engines.status,
    newest.id,
    newest.engine_id,
    newest.cycle,
    newest.predicted_rul,
    newest.lower_bound,
    newest.upper_bound,
    newest.interval_level,
    newest.model_name,
    newest.model_version,
    newest.predicted_at,
    (row_number() OVER (PARTITION BY newest.engine_id ORDER BY (NOT (newest.model_name IS DISTINCT FROM settings.rul_model)) DESC, (EXISTS ( SELECT
           FROM public.models
          WHERE ((models.purpose = 'rul'::text) AND (models.name = newest.model_name)))) DESC, newest.cycle DESC, newest.predicted_at DESC, newest.id DESC) = 1) AS preferred
   FROM ((public.engines
     LEFT JOIN public.model_settings settings ON (true))
     CROSS JOIN LATERAL ( WITH RECURSIVE names AS (
                ( SELECT prediction.model_name
                   FROM public.rul_predictions prediction
                  WHERE (prediction.engine_id = engines.id)
                  ORDER BY prediction.model_name
                 LIMIT 1)
                UNION ALL
                 SELECT ( SELECT prediction.model_name
                           FROM public.rul_predictions prediction
                          WHERE ((prediction.engine_id = engines.id) AND (prediction.model_name > names_1.model_name))
                          ORDER BY prediction.model_name
                         LIMIT 1) AS model_name
                   FROM names names_1
                  WHERE (names_1.model_name IS NOT NULL)
                )
         SELECT latest.id,
            latest.engine_id,
            latest.cycle,
            latest.predicted_rul,
            latest.lower_bound,
            latest.upper_bound,
            latest.interval_level,
            latest.model_name,
            latest.model_version,
            latest.predicted_at
           FROM (names
             CROSS JOIN LATERAL ( SELECT prediction.id,
                    prediction.engine_id,
                    prediction.cycle,
                    prediction.predicted_rul,
                    prediction.lower_bound,
                    prediction.upper_bound,
                    prediction.interval_level,
                    prediction.model_name,
                    prediction.model_version,
                    prediction.predicted_at
                   FROM public.rul_predictions prediction
                  WHERE ((prediction.engine_id = engines.id) AND (prediction.model_name = names.model_name))
                  ORDER BY prediction.cycle DESC, prediction.predicted_at DESC, prediction.id DESC
                 LIMIT 1) latest)) newest)
  WHERE ( SELECT public.may_read('latest_predictions'::text) AS may_read);;

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
            WHEN ((sensors.wear - earlier.wear) >= (0.1)::double precision) THEN 'rising'::text
            WHEN ((sensors.wear - earlier.wear) <= ('-0.1'::numeric)::double precision) THEN 'falling'::text
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
          WHERE ((anomaly.engine_id = engines.id) AND (anomaly.detector = settings.anomaly_detector) AND (anomaly."timestamp" >= COALESCE(( SELECT reading."timestamp"
                   FROM public.sensor_data reading
                  WHERE (reading.engine_id = engines.id)
                  ORDER BY reading."timestamp" DESC
                 OFFSET 29
                 LIMIT 1), '-infinity'::timestamp with time zone)))) found ON (true))
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

CREATE VIEW "public"."fleet_health" WITH (security_invoker=true) AS  WITH engine AS (
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

ALTER VIEW "public"."latest_predictions" OWNER TO "postgres";

CREATE VIEW "public"."prediction_errors" WITH (security_invoker=true) AS  SELECT model_name,
    model_version,
    engine_id,
    cycle,
    predicted_rul,
    actual_rul,
    predicted_at,
    in_interval
   FROM public.engine_predictions prediction
  WHERE ((actual_rul IS NOT NULL) AND ( SELECT public.may_read('prediction_errors'::text) AS may_read));;

CREATE VIEW "public"."prediction_accuracy" WITH (security_invoker=true) AS  SELECT errors.model_name,
    errors.model_version,
    count(*) AS predictions,
    count(DISTINCT errors.engine_id) AS engines,
    sqrt(avg((missed.by ^ (2)::double precision))) AS rmse,
    avg(abs(missed.by)) AS mae,
    avg(missed.by) AS bias,
    sum((exp(LEAST(
        CASE
            WHEN (missed.by < (0)::double precision) THEN ((- missed.by) / (13)::double precision)
            ELSE (missed.by / (10)::double precision)
        END, (500)::double precision)) - (1)::double precision)) AS phm08,
    avg(((errors.in_interval)::integer)::double precision) AS coverage,
    min(errors.predicted_at) AS first_predicted_at,
    max(errors.predicted_at) AS last_predicted_at
   FROM (public.prediction_errors errors
     CROSS JOIN LATERAL ( SELECT ((errors.predicted_rul)::double precision - (errors.actual_rul)::double precision) AS by) missed)
  WHERE ( SELECT public.may_read('prediction_accuracy'::text) AS may_read)
  GROUP BY errors.model_name, errors.model_version;;

ALTER VIEW "public"."prediction_accuracy" OWNER TO "postgres";

ALTER VIEW "public"."prediction_errors" OWNER TO "postgres";

CREATE INDEX anomaly_episodes_by_end ON public.anomaly_episodes USING btree (engine_id, detector, ended_at);

CREATE INDEX anomaly_episodes_detected_at ON public.anomaly_episodes USING btree (detected_at);

CREATE INDEX engine_health_reports_by_cycle ON public.engine_health_reports USING btree (engine_id, last_cycle) WHERE (wear IS NOT NULL);

CREATE UNIQUE INDEX models_active ON public.models USING btree (purpose, COALESCE(dataset, ''::text)) WHERE active;

CREATE INDEX retraining_decisions_to_call ON public.retraining_decisions USING btree (as_of) WHERE (hook_state = ANY (ARRAY['due'::text, 'failed'::text]));

CREATE INDEX rul_predictions_newest ON public.rul_predictions USING btree (engine_id, model_name, cycle DESC, predicted_at DESC, id DESC);

CREATE INDEX unscored_readings_noted_at ON public.unscored_readings USING btree (noted_at, engine_id);

CREATE TRIGGER audit_delete AFTER DELETE ON public.model_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.model_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.model_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE POLICY "anomaly_episodes_read" ON "public"."anomaly_episodes" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('anomaly_episodes'::text) AS may_read));

CREATE POLICY "model_settings_read" ON "public"."model_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('model_settings'::text) AS may_read));

CREATE POLICY "models_read" ON "public"."models" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('models'::text) AS may_read));

CREATE POLICY "sensor_modules_read" ON "public"."sensor_modules" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_modules'::text) AS may_read));

CREATE POLICY "unscored_readings_read" ON "public"."unscored_readings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('unscored_readings'::text) AS may_read));

COMMENT ON COLUMN "public"."anomalies"."detected_at" IS 'When it was found with this score (UTC).';

COMMENT ON COLUMN "public"."anomalies"."detector" IS 'How it was found: mean_abs_z, isolation_forest or mahalanobis (model_settings.anomaly_detector at that time).';

COMMENT ON COLUMN "public"."anomalies"."id" IS 'Identifier; a reading that was none and is one again has another.';

COMMENT ON COLUMN "public"."anomalies"."model_id" IS 'Model that found it; models.id. Null: found before there were models.';

COMMENT ON COLUMN "public"."anomalies"."run_id" IS 'Run that found it with this score, as lineage has it; of what was found at the intake, the batch. Null: found before there were models.';

COMMENT ON COLUMN "public"."anomalies"."sensors" IS 'How much each of the sensors that contributed most did, by column, in the detector''s own unit.';

COMMENT ON COLUMN "public"."anomalies"."severity" IS 'warning, or fail: the score is far above the threshold.';

COMMENT ON COLUMN "public"."anomalies"."threshold" IS 'Score above which a reading was an anomaly, by that model.';

COMMENT ON COLUMN "public"."anomalies"."values" IS 'What these sensors measured, by column, in the units of sensor_data.';

COMMENT ON COLUMN "public"."anomaly_episodes"."detected_at" IS 'When the latest of its anomalies was found (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."detector" IS 'Detector that found them.';

COMMENT ON COLUMN "public"."anomaly_episodes"."ended_at" IS 'Time of the last anomaly so far (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."anomaly_episodes"."first_cycle" IS 'Flight cycle of the first anomaly.';

COMMENT ON COLUMN "public"."anomaly_episodes"."id" IS 'Identifier. It stays when the episode grows; of episodes that are joined the first keeps its own.';

COMMENT ON COLUMN "public"."anomaly_episodes"."last_cycle" IS 'Flight cycle of the last anomaly.';

COMMENT ON COLUMN "public"."anomaly_episodes"."open" IS 'Whether the next anomaly may belong to it: fewer than three readings have come after the last.';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_at" IS 'Time of that reading (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_score" IS 'Largest score.';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_threshold" IS 'Threshold of the reading with that score.';

COMMENT ON COLUMN "public"."anomaly_episodes"."readings" IS 'How many anomalies it has.';

COMMENT ON COLUMN "public"."anomaly_episodes"."sensors" IS 'Sensors that contributed most to that score, as in anomalies.';

COMMENT ON COLUMN "public"."anomaly_episodes"."severe_readings" IS 'How many of them are of severity fail.';

COMMENT ON COLUMN "public"."anomaly_episodes"."severity" IS 'fail: three or more of its anomalies are; else warning.';

COMMENT ON COLUMN "public"."anomaly_episodes"."started_at" IS 'Time of the first anomaly (UTC).';

COMMENT ON COLUMN "public"."engine_health_reports"."anomalous_since" IS 'Since when it was in an episode of anomalies (UTC); null when it was in none.';

COMMENT ON COLUMN "public"."engine_health_reports"."last_cycle" IS 'Flight cycle of its latest reading.';

COMMENT ON COLUMN "public"."engine_health_reports"."lower_bound" IS 'Lower end of its interval, in flight cycles.';

COMMENT ON COLUMN "public"."engine_health_reports"."predicted_rul" IS 'Predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN "public"."engine_health_reports"."recent_anomalies" IS 'Anomalies among its last 30 readings.';

COMMENT ON COLUMN "public"."engine_health_reports"."upper_bound" IS 'Upper end of its interval, in flight cycles.';

COMMENT ON COLUMN "public"."model_settings"."anomaly_detector" IS 'Which detector decides what an anomaly is: mean_abs_z, isolation_forest or mahalanobis. models.metrics compares them.';

COMMENT ON COLUMN "public"."model_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."model_settings"."intake_budget" IS 'How long scoring may take of a request; what is not scored by then is left to the pipeline.';

COMMENT ON COLUMN "public"."model_settings"."least_coverage" IS 'How much of the coverage that prediction intervals promise they must have: 0.75 of 0.8 is 0.6.';

COMMENT ON COLUMN "public"."model_settings"."least_predictions" IS 'Fewest such predictions that their error is judged by.';

COMMENT ON COLUMN "public"."model_settings"."most_drifting_share" IS 'Share of the judged engines that may drift before models are to be trained again.';

COMMENT ON COLUMN "public"."model_settings"."most_prediction_rmse" IS 'Root mean square error, in flight cycles, that predictions for engines which have since failed may have.';

COMMENT ON COLUMN "public"."model_settings"."oldest_model" IS 'Age from which on a model is to be trained again.';

COMMENT ON COLUMN "public"."model_settings"."retrain_again_after" IS 'How long after a call of the hook the same reasons do not call it again, unless a model has been trained since.';

COMMENT ON COLUMN "public"."model_settings"."rul_model" IS 'Name of the model whose predicted remaining life is preferred; null: one that was trained here.';

COMMENT ON COLUMN "public"."model_settings"."score_at_intake" IS 'Whether readings are scored as they arrive, and not only by the hourly pipeline.';

COMMENT ON COLUMN "public"."models"."active" IS 'Whether it is in use; one for each purpose and set of engines.';

COMMENT ON COLUMN "public"."models"."code_version" IS 'Version of the code that trained it.';

COMMENT ON COLUMN "public"."models"."content" IS 'The model itself, as the code that made it reads it.';

COMMENT ON COLUMN "public"."models"."dataset" IS 'Set of engines it is for (engines.dataset, FD001 for example); null: every engine without a model of its own.';

COMMENT ON COLUMN "public"."models"."engines" IS 'How many engines it was trained on.';

COMMENT ON COLUMN "public"."models"."features" IS 'Columns of sensor_data that it looks at, in its order.';

COMMENT ON COLUMN "public"."models"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."models"."metrics" IS 'Evaluation on engines it was not trained on. Of anomaly: of every detector, with its threshold.';

COMMENT ON COLUMN "public"."models"."name" IS 'Name, which all versions share.';

COMMENT ON COLUMN "public"."models"."purpose" IS 'anomaly: scores how unlike healthy readings a reading is; rul: predicts remaining useful life.';

COMMENT ON COLUMN "public"."models"."readings" IS 'How many readings it was trained on.';

COMMENT ON COLUMN "public"."models"."seed" IS 'Seed of all that was drawn: with the same readings it gives the same model.';

COMMENT ON COLUMN "public"."models"."settings" IS 'Hyperparameters.';

COMMENT ON COLUMN "public"."models"."trained_at" IS 'When it was trained (UTC).';

COMMENT ON COLUMN "public"."models"."trained_from" IS 'Time of the first reading it was trained on (UTC).';

COMMENT ON COLUMN "public"."models"."trained_until" IS 'Time of the last reading it was trained on (UTC).';

COMMENT ON COLUMN "public"."models"."version" IS 'Version, counted from 1 by name.';

COMMENT ON COLUMN "public"."retraining_decisions"."criteria" IS 'Names of the criteria that failed, in the order of reasons.';

COMMENT ON COLUMN "public"."retraining_decisions"."evidence" IS 'Each criterion by name: verdict (pass, fail or not_evaluated), value, threshold, reason where it was not judged, and details.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_answer" IS 'What the receiver called what it started: the PipelineExecutionArn, or the id that a webhook answers with.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_attempts" IS 'How often the hook has been called, or begun to be.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_called_at" IS 'When the receiver accepted it (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_error" IS 'Why the last call failed.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_key" IS 'What each call for this decision carries, so that the receiver can tell a repetition: Idempotency-Key, ClientRequestToken.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_lease" IS 'Whoever is calling it; null when nobody is.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_leased_until" IS 'When that one is taken for dead (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_next_at" IS 'Before this moment it is not called again (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_note" IS 'Why nobody is to be called although models should be trained again.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_receiver" IS 'What was called: webhook or sagemaker.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_state" IS 'not_needed: nobody is to be called; due; failed: to be called again; called; dead: refused, or tried too often.';

COMMENT ON COLUMN "public"."sensor_data_changes"."scores" IS 'Whether their readings are to be scored again, too; false where only what rollups count has changed, such as a rule.';

COMMENT ON COLUMN "public"."sensor_modules"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_modules"."measures" IS 'What the sensor measures.';

COMMENT ON COLUMN "public"."sensor_modules"."module" IS 'fan; LPC, HPC: low- and high-pressure compressor; combustor; HPT, LPT: high- and low-pressure turbine; bypass.';

COMMENT ON COLUMN "public"."unscored_readings"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."unscored_readings"."noted_at" IS 'Since when readings of the engine wait (UTC); those that wait longest go first.';

COMMENT ON COLUMN "public"."unscored_readings"."times" IS 'Times (UTC) in which its readings have changed, or what they are compared with; may hold some that have not.';

COMMENT ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) IS 'Active engines whose last reading the model of remaining life in use has not seen, and where the readings are that it looks at.';

COMMENT ON FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) IS 'Writes down that the readings of the given times are to be scored; also to have them scored once more.';

COMMENT ON FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) IS 'Opens and resolves alerts of kind anomaly by the last five readings of engines.';

COMMENT ON FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) IS 'Observes for alerts whether the hook of retraining could be called.';

COMMENT ON FUNCTION "public"."recent_anomalies"(text, integer) IS 'The last readings of an engine, each with whether it is an anomaly by the detector that decides, its score, sensors and episode.';

COMMENT ON FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) IS 'Writes the anomalies that a detector found in the given times, takes back those that it no longer finds, and renews their episodes.';

COMMENT ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) IS 'Makes the episodes of a detector''s anomalies again around the times in which readings or anomalies have changed.';

COMMENT ON FUNCTION "public"."retraining_criteria"(timestamp with time zone) IS 'What speaks for training models again as of a moment: value, threshold and verdict of each criterion.';

COMMENT ON FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) IS 'Why a decision to train models again calls nobody; null when it does.';

COMMENT ON FUNCTION "public"."roll_up_readings"() IS 'Brings hourly rollups, baselines and the versions of days up to date with the readings written since the last time, and notes what is to be scored; returns how many engine-hours it measured.';

COMMENT ON FUNCTION "public"."take_unscored_readings"(integer, text[]) IS 'Takes times of engines whose readings are to be scored, about as many readings as asked for, and forgets them; in the transaction that scores them.';

COMMENT ON TABLE "public"."anomalies" IS 'Readings whose score is above the threshold of a detector: one row per reading and detector. Consecutive ones are an episode (anomaly_episodes).';

COMMENT ON TABLE "public"."anomaly_episodes" IS 'Anomalies of an engine and detector with at most two other readings between them: when, how many, how far above the threshold.';

COMMENT ON TABLE "public"."model_settings" IS 'How models are used and when they are to be trained again. Exactly one row; a change takes effect with the next run.';

COMMENT ON TABLE "public"."models" IS 'Versions of trained models: what each was trained on, how it was evaluated, and its content.';

COMMENT ON TABLE "public"."retraining_decisions" IS 'Decisions whether to train models again: one per run of the pipeline, with reasons and evidence, and what became of the call of the hook.';

COMMENT ON TABLE "public"."sensor_modules" IS 'Modules of the engine that each sensor tells of, after Saxena et al. 2008, table 2. A hint where to look, not a diagnosis: modules act on each other.';

COMMENT ON TABLE "public"."unscored_readings" IS 'Times of each engine whose readings are still to be scored: written by roll_up_readings, deleted with what the detectors found. Without a model they stay.';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."engine_predictions" IS 'Predictions by name of the engine, with the remaining life that it turned out to have where it has failed since.';

COMMENT ON VIEW "public"."fleet_health" IS 'One row per fleet (dataset and cohort): its engines by status and health, anomalies, predicted lives, and which engines to look at first.';

COMMENT ON VIEW "public"."latest_predictions" IS 'The newest prediction of each model for each engine, and which model is preferred (model_settings.rul_model).';

COMMENT ON VIEW "public"."prediction_accuracy" IS 'How each version of each model has done on engines that have failed since: errors of its predictions and coverage of its intervals.';

COMMENT ON VIEW "public"."prediction_errors" IS 'Predictions for engines that have failed since, with the remaining life that they turned out to have, capped as labels are.';

REVOKE ALL ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."recent_anomalies"(text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."recent_anomalies"(text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retraining_criteria"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."take_unscored_readings"(integer, text[]) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."anomaly_episodes" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."model_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."model_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."models" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_modules" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."sensor_modules" TO "service_role";

GRANT SELECT ON TABLE "public"."unscored_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."fleet_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."latest_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_accuracy" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_errors" TO "authenticated", "service_role";

COMMENT ON COLUMN engine_health.health IS 'ok; warning: a check warned, or a sensor of an active engine drifts, or it is in an episode of anomalies; fail: a check failed, or that episode is severe; unknown: no reading, or no verdict in the last 24 hours.';

COMMENT ON COLUMN engine_health.earlier_wear IS 'Its wear as reported at least 50 flight cycles ago; null where no report is as old.';

COMMENT ON COLUMN engine_health.earlier_cycle IS 'Flight cycle of that report.';

COMMENT ON COLUMN engine_health.wear_per_100_cycles IS 'How much wear has risen since then, in 100 flight cycles.';

COMMENT ON COLUMN engine_health.wear_trend IS 'rising or falling: wear has changed by 0.1 or more since then; steady: by less; null where no report is as old.';

COMMENT ON COLUMN engine_health.recent_anomalies IS 'Anomalies among its last 30 readings, by the detector that decides (model_settings).';

COMMENT ON COLUMN engine_health.anomalous_since IS 'Since when it has been in an episode of anomalies (UTC); null when it is in none.';

COMMENT ON COLUMN engine_health.anomaly_severity IS 'warning or fail, as in anomaly_episodes.';

COMMENT ON COLUMN engine_health.predicted_rul IS 'Predicted remaining useful life after predicted_at_cycle, in flight cycles, by the model to go by (latest_predictions).';

COMMENT ON COLUMN engine_health.lower_bound IS 'Lower end of its interval, in flight cycles.';

COMMENT ON COLUMN engine_health.upper_bound IS 'Upper end of its interval, in flight cycles.';

COMMENT ON COLUMN engine_health.interval_level IS 'Nominal coverage of the interval.';

COMMENT ON COLUMN engine_health.predicted_at_cycle IS 'Last flight cycle that the model had seen.';

COMMENT ON COLUMN engine_health.predicted_by IS 'Name and version of the model.';

COMMENT ON COLUMN engine_health.inspect_first IS 'Modules of an active engine to look at, the first one first, with the sensors that point there and why: drift before anomalies before wear. Where to look, not what is broken.';

COMMENT ON COLUMN engine_predictions.id IS 'Identifier.';

COMMENT ON COLUMN engine_predictions.unit_number IS 'Public name of the engine.';

COMMENT ON COLUMN engine_predictions.engine_id IS 'Engine the prediction is about; engines.id.';

COMMENT ON COLUMN engine_predictions.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN engine_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN engine_predictions.lower_bound IS 'Lower end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN engine_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN engine_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none.';

COMMENT ON COLUMN engine_predictions.model_name IS 'Name of the model.';

COMMENT ON COLUMN engine_predictions.model_version IS 'Version of the model.';

COMMENT ON COLUMN engine_predictions.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN engine_predictions.actual_rul IS 'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label; null while it has not failed.';

COMMENT ON COLUMN engine_predictions.in_interval IS 'Whether actual_rul lies in the prediction interval; null where one of them is missing.';

COMMENT ON COLUMN fleet_health.dataset IS 'Set of engines, FD001 for example; null: engines of none.';

COMMENT ON COLUMN fleet_health.cohort IS 'Cohort of the engines (engines.cohort), else train or test; null: neither.';

COMMENT ON COLUMN fleet_health.engines IS 'All engines.';

COMMENT ON COLUMN fleet_health.active IS 'Engines that are active; what follows is about these, but for retired and failed.';

COMMENT ON COLUMN fleet_health.retired IS 'Engines that are retired.';

COMMENT ON COLUMN fleet_health.failed IS 'Engines that have failed.';

COMMENT ON COLUMN fleet_health.healthy IS 'Engines whose health is ok.';

COMMENT ON COLUMN fleet_health.warning IS 'Engines whose health is warning.';

COMMENT ON COLUMN fleet_health.failing IS 'Engines whose health is fail.';

COMMENT ON COLUMN fleet_health.unknown IS 'Engines whose health nobody has judged.';

COMMENT ON COLUMN fleet_health.anomalous IS 'Engines that are in an episode of anomalies.';

COMMENT ON COLUMN fleet_health.anomalous_share IS 'Their share; null without active engines.';

COMMENT ON COLUMN fleet_health.mean_wear IS 'Mean wear of those whose wear is known.';

COMMENT ON COLUMN fleet_health.wear_rising IS 'Engines whose wear rises (engine_health.wear_trend).';

COMMENT ON COLUMN fleet_health.predicted IS 'Engines for which there is a prediction.';

COMMENT ON COLUMN fleet_health.mean_predicted_rul IS 'Mean predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN fleet_health.least_predicted_rul IS 'Least predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN fleet_health.look_at_first IS 'Up to ten active engines to look at, the first one first: unit_number, health, predicted_rul, least_cycles_left (lower end of the interval less the cycles flown since), anomalous_since, wear, modules.';

COMMENT ON COLUMN latest_predictions.unit_number IS 'Public name of the engine.';

COMMENT ON COLUMN latest_predictions.status IS 'Status of the engine: active, retired or failed.';

COMMENT ON COLUMN latest_predictions.id IS 'Identifier.';

COMMENT ON COLUMN latest_predictions.engine_id IS 'Engine the prediction is about; engines.id.';

COMMENT ON COLUMN latest_predictions.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN latest_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN latest_predictions.lower_bound IS 'Lower end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN latest_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN latest_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none.';

COMMENT ON COLUMN latest_predictions.model_name IS 'Name of the model.';

COMMENT ON COLUMN latest_predictions.model_version IS 'Version of the model.';

COMMENT ON COLUMN latest_predictions.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN latest_predictions.preferred IS 'Whether this is the one of the engine''s models to go by: true for exactly one.';

COMMENT ON COLUMN prediction_accuracy.model_name IS 'Name of the model.';

COMMENT ON COLUMN prediction_accuracy.model_version IS 'Version of the model.';

COMMENT ON COLUMN prediction_accuracy.predictions IS 'How many of its predictions are judged.';

COMMENT ON COLUMN prediction_accuracy.engines IS 'How many engines they are about.';

COMMENT ON COLUMN prediction_accuracy.rmse IS 'Root mean square error, in flight cycles.';

COMMENT ON COLUMN prediction_accuracy.mae IS 'Mean absolute error, in flight cycles.';

COMMENT ON COLUMN prediction_accuracy.bias IS 'Mean of predicted less actual, in flight cycles: above 0 it promises more life than there was.';

COMMENT ON COLUMN prediction_accuracy.phm08 IS 'Score of the PHM08 challenge, summed over the predictions; 0 is best.';

COMMENT ON COLUMN prediction_accuracy.coverage IS 'Share of the intervals that held the actual remaining life; null where no prediction has one.';

COMMENT ON COLUMN prediction_accuracy.first_predicted_at IS 'When the first of them was made (UTC).';

COMMENT ON COLUMN prediction_accuracy.last_predicted_at IS 'When the last of them was made (UTC).';

COMMENT ON COLUMN prediction_errors.model_name IS 'Name of the model.';

COMMENT ON COLUMN prediction_errors.model_version IS 'Version of the model.';

COMMENT ON COLUMN prediction_errors.engine_id IS 'Engine the prediction was about; engines.id.';

COMMENT ON COLUMN prediction_errors.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN prediction_errors.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN prediction_errors.actual_rul IS 'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label.';

COMMENT ON COLUMN prediction_errors.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN prediction_errors.in_interval IS 'Whether actual_rul lies in the prediction interval; null where the prediction has none.';

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
        'renew_anomaly_episodes',
        'take_unscored_readings',
        -- quality
        'baseline_references',
        'check_clock',
        'check_completeness',
        'check_conditions',
        'check_cycles',
        'check_drift',
        'check_duplicates',
        'check_fleet_drift',
        'check_freshness',
        'check_nulls',
        'check_range',
        'check_rejected',
        'check_retraining',
        'observe_retraining_hook',
        'retraining_criteria',
        'retraining_hook_note',
        'check_schema',
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

-- sql/80_policies/table_access.sql
-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           reads what is classified public in data_assets, which at first is nothing
-- authenticated  reads what is not classified higher than the user's clearance: the policies decide, by may_read
-- service_role   reads everything and writes what is edited; bypasses row-level security by its own attribute
--
-- Each statement can run again: this file is part of every migration that changes it, because what an older project
-- grants by default cannot be seen in the difference of two new ones.
do $$
declare
  relation regclass;
  name text;
  is_table boolean;
  identity_sequence text;
begin
  foreach relation in array array[
    -- readings
    'public.engines',
    'public.sensor_data',
    'public.training_data',
    -- intake
    'public.batches',
    'public.dead_letters',
    'public.delivery_receipts',
    'public.intake_settings',
    'public.stream_checkpoints',
    'public.stream_readers',
    -- expectations
    'public.classified_readings',
    'public.effective_expectations',
    'public.expectation_versions',
    'public.expectations',
    'public.operating_conditions',
    'public.reading_bounds',
    -- quality
    'public.anomalies',
    'public.anomaly_episodes',
    'public.unscored_readings',
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
    'public.sensor_modules',
    'public.declared_columns',
    'public.engine_cadences',
    'public.reading_rollups',
    'public.rollup_horizon',
    'public.sensor_data_changes',
    'public.sensor_values',
    'public.wear_signatures',
    'public.data_quality_metrics',
    'public.engine_baselines',
    'public.quality_settings',
    'public.sensor_baselines',
    'public.sensor_drift',
    -- alerts
    'public.alert_channels',
    'public.alert_deliveries',
    'public.alert_events',
    'public.alert_settings',
    'public.alerts',
    'public.open_alerts',
    -- models
    'public.model_settings',
    'public.engine_predictions',
    'public.latest_predictions',
    'public.models',
    'public.prediction_accuracy',
    'public.prediction_errors',
    'public.rul_predictions',
    -- pipeline
    'public.pipeline_runs',
    'public.pipeline_status',
    'public.pipeline_task_dependencies',
    'public.pipeline_tasks',
    'public.pipelines',
    'public.task_attempts',
    'public.task_runs',
    -- lake, lineage, catalogue, audit
    'public.asset_schema_changes',
    'public.asset_schemas',
    'public.audit_log',
    'public.catalog_assets',
    'public.data_assets',
    'public.lake_object_batches',
    'public.lake_objects',
    'public.lineage',
    'public.lineage_events',
    'public.lineage_forwarding',
    'public.lineage_forwards',
    'public.retired_months',
    'public.sensor_data_days',
    -- jobs
    'public.jobs',
    -- views of quality
    'public.engine_health',
    'public.fleet_health',
    'public.quality_summary'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to authenticated, service_role', relation);
    -- an identity column's sequence needs no grant, and whoever holds one could wind it forward or back
    for identity_sequence in
      select pg_get_serial_sequence(relation::text, attname)
      from pg_catalog.pg_attribute
      where attrelid = relation and attidentity <> ''
    loop
      execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role', identity_sequence
      );
    end loop;
    -- a view has no policies: its definition asks may_read, and its caller needs the rights on its tables as well
    select relname, relkind in ('r', 'p') into name, is_table from pg_catalog.pg_class where oid = relation;
    if is_table then
      execute format('alter table %s enable row level security', relation);
      execute format('drop policy if exists %I on %s', name || '_read', relation);
      execute format(
        'create policy %I on %s for select to anon, authenticated using ((select public.may_read(%L)))',
        name || '_read', relation, name
      );
    end if;
    perform public.grant_to_strangers(name);
  end loop;
end;
$$;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions, public.sensor_modules to service_role;
grant update on public.intake_settings, public.model_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;

-- sql/90_jobs/health_assets.sql
-- What the catalogue says of health and of decisions to train again, brought up to date where it is still as it was seeded.
update public.data_assets
set sources =
  '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}'
where name = 'engine_health'
  and sources = '{check_runs, data_quality_metrics, engine_cadences, engines, sensor_data, sensor_drift}';

update public.data_assets
set
  sources = '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}',
  transforms = '{check_retraining(), task_retraining_check(), /worker}',
  consumers = '{/quality, /worker}'
where name = 'retraining_decisions' and sources = '{sensor_drift, data_quality_metrics, anomalies}';

update public.data_assets
set sources = sources || '{retraining_decisions}'::text[]
where name = 'alerts' and sources in (
  '{data_quality_metrics, jobs, pipeline_runs}', '{anomalies, data_quality_metrics, jobs, pipeline_runs}'
);

-- sql/90_jobs/model_settings.sql
-- The one row that model_settings consists of.
insert into public.model_settings default values on conflict do nothing;

-- sql/90_jobs/pipeline.sql
-- The pipelines of the product. What somebody has changed stays: its period, its limits, whether it is active.
insert into public.pipelines (name, description, period, next_logical_time, sla)
values (
  'hourly',
  'Checks the readings of the last 24 hours, scores them for anomalies, predicts remaining life, reports the engines'' health, and decides about retraining.',
  '1 hour',
  -- the hour that has just ended, so that there is something to see at once, unless its run would be late already
  date_trunc('hour', now() + interval '35 minutes', 'UTC'),
  '30 minutes'
),
(
  'daily',
  'Archives the days that are over into the lake, reports on them, reads back what is there, and lets go of readings whose retention has passed.',
  '1 day',
  -- two hours after midnight (UTC): what arrives late on its day is there, and the hourly run has seen it
  date_trunc('day', now() + interval '22 hours', 'UTC') + interval '2 hours',
  '4 hours'
)
on conflict do nothing;

insert into public.pipeline_tasks (pipeline, name, kind, handler, description)
values
  ('hourly', 'quality', 'sql', 'task_quality', 'Runs all checks.'),
  ('hourly', 'health_report', 'sql', 'task_health_report', 'Reports the health of each engine.'),
  ('hourly', 'retraining_check', 'sql', 'task_retraining_check', 'Decides whether models are to be trained again.'),
  ('hourly', 'retraining_hook', 'queue', 'call_retraining_hook', 'Starts the training that was decided, where a hook is configured.'),
  ('hourly', 'alert_delivery', 'queue', 'deliver_alerts', 'Delivers the alerts that the checks raised.'),
  ('daily', 'close_months', 'sql', 'task_close_months', 'Lets no more readings in of the months whose retention has passed.'),
  ('daily', 'report', 'queue', 'report', 'Writes the report of the day that is over, and the suites that have changed.'),
  ('daily', 'verify_lake', 'queue', 'verify_lake', 'Reads back what is in the lake, and compares it with its listing.'),
  ('daily', 'lineage', 'sql', 'task_lineage', 'Measures how much of what is stored can be traced to where it came from.')
on conflict do nothing;

-- it reads a whole month
insert into public.pipeline_tasks (pipeline, name, kind, handler, timeout, description)
values
  (
    'daily', 'retention', 'sql', 'task_retention', '2 hours',
    'Drops the oldest month of readings whose retention has passed, when the lake verifiably holds it.'
  )
on conflict do nothing;

-- many attempts soon after each other: each does as much as a function may, so a backlog takes several
insert into public.pipeline_tasks (pipeline, name, kind, handler, max_attempts, backoff_base, backoff_cap, description)
values
  (
    'hourly', 'anomalies', 'queue', 'score_anomalies', 100, '1 second', '10 seconds',
    'Scores the readings that have come, and looks for anomalies among them.'
  ),
  (
    'hourly', 'predictions', 'queue', 'predict_rul', 100, '1 second', '10 seconds',
    'Predicts the remaining life of the engines that have sent readings.'
  ),
  (
    'daily', 'archive', 'queue', 'archive', 100, '10 seconds', '1 minute',
    'Writes the days that are over and not in the lake as they are now.'
  )
on conflict do nothing;

-- Until 0.5 anomalies were looked for by a function in Postgres that is gone. A task that somebody has pointed at a
-- handler of their own is theirs; of the others, what somebody has changed beside the handler stays.
update public.pipeline_tasks
set
  kind = 'queue',
  handler = 'score_anomalies',
  max_attempts = case max_attempts when 5 then 100 else max_attempts end,
  backoff_base = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '1 second' else backoff_base end,
  backoff_cap = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '10 seconds' else backoff_cap end,
  description = case description
    when 'Looks for anomalies.' then 'Scores the readings that have come, and looks for anomalies among them.'
    else description
  end
where kind = 'sql' and handler = 'task_anomalies';

update public.pipelines
set description =
  'Checks the readings of the last 24 hours, scores them for anomalies, predicts remaining life, reports the engines'' health, and decides about retraining.'
where name = 'hourly' and description =
  'Checks the readings of the last 24 hours, then looks for anomalies, reports the engines'' health, and decides about retraining.';

insert into public.pipeline_task_dependencies (pipeline, task, depends_on)
values
  ('hourly', 'anomalies', 'quality'),
  ('hourly', 'predictions', 'quality'),
  ('hourly', 'health_report', 'quality'),
  ('hourly', 'health_report', 'anomalies'),
  ('hourly', 'health_report', 'predictions'),
  ('hourly', 'retraining_check', 'anomalies'),
  ('hourly', 'retraining_check', 'predictions'),
  ('hourly', 'retraining_check', 'health_report'),
  ('hourly', 'retraining_hook', 'retraining_check'),
  ('hourly', 'alert_delivery', 'quality'),
  ('daily', 'report', 'archive'),
  ('daily', 'lineage', 'archive'),
  ('daily', 'verify_lake', 'archive'),
  -- the archive does not wait for the retention, only the retention for the archive
  ('daily', 'retention', 'close_months'),
  ('daily', 'retention', 'verify_lake')
on conflict do nothing;

-- sql/90_jobs/scoring_assets.sql
-- Until 0.5 a function in Postgres, which is gone, looked for anomalies, and they were kept for ever. What the catalogue says
-- of that is brought up to date where it is still as it was seeded.
update public.data_assets
set
  sources = '{models, sensor_data, sensor_baselines, unscored_readings}',
  transforms = '{/worker, record_anomalies()}',
  retention_days = coalesce(retention_days, 365)
where name = 'anomalies' and transforms = '{detect_anomalies(), task_anomalies()}';

update public.data_assets
set consumers = case name when 'sensor_values' then array_remove(consumers, 'detect_anomalies()')
  else array_replace(consumers, 'detect_anomalies()', '/worker') end
where 'detect_anomalies()' = any (consumers);

update public.data_assets
set sources = '{anomalies, data_quality_metrics, jobs, pipeline_runs}'
where name = 'alerts' and sources = '{data_quality_metrics, jobs, pipeline_runs}';

-- sql/90_jobs/sensor_modules.sql
-- What each sensor measures is table 2 of Saxena, Goebel, Simon & Eklund, "Damage propagation modeling for aircraft engine
-- run-to-failure simulation" (PHM 2008). The module is the one the measured gas has just passed, or that the shaft, bleed
-- or fuel belongs to; both ends of the core shaft turn at its speed. What somebody has changed stays.
insert into public.sensor_modules (column_name, module, measures)
values
  ('s2', 'LPC', 'total temperature at LPC outlet'),
  ('s3', 'HPC', 'total temperature at HPC outlet'),
  ('s4', 'LPT', 'total temperature at LPT outlet'),
  ('s7', 'HPC', 'total pressure at HPC outlet'),
  ('s8', 'fan', 'physical fan speed'),
  ('s9', 'HPC', 'physical core speed'),
  ('s9', 'HPT', 'physical core speed'),
  ('s11', 'HPC', 'static pressure at HPC outlet'),
  ('s12', 'combustor', 'ratio of fuel flow to static pressure at HPC outlet'),
  ('s13', 'fan', 'corrected fan speed'),
  ('s14', 'HPC', 'corrected core speed'),
  ('s14', 'HPT', 'corrected core speed'),
  ('s15', 'bypass', 'bypass ratio'),
  ('s17', 'HPC', 'bleed enthalpy'),
  ('s20', 'HPT', 'HPT coolant bleed'),
  ('s21', 'LPT', 'LPT coolant bleed')
on conflict do nothing;

-- sql/90_jobs/standard_assets.sql
-- The catalogue of what is in public and in the lake. What somebody has changed stays, all but schema_version: that is
-- raised here, in the release that changes the asset's columns, and never goes down. Descriptions of tables and views are
-- their comments, so that there are no two.
--
-- sources, transforms and consumers are names of assets; NAME() of functions in SQL; /NAME of edge functions;
-- deno task NAME; and whatever is outside, after "outside: ". A test looks whether they exist.
insert into public.data_assets (
  name, kind, description, owner, classification, quality_level, schema_version, retention_days, tags, sources, transforms,
  consumers
)
select
  name,
  kind,
  coalesce(description, obj_description(to_regclass('public.' || name), 'pg_class')),
  owner,
  classification,
  quality_level,
  schema_version,
  retention_days,
  tags,
  sources,
  transforms,
  consumers
from (
  values
    -- readings
    ('engines', 'table', null::text, 'data-engineering', 'internal', 'silver', 1, null::integer,
      '{engines}'::text[], '{"outside: NASA C-MAPSS files", "outside: senders of readings"}'::text[], '{"deno task load", ingest_readings()}'::text[], '{/quality, "outside: people in Studio"}'::text[]),
    ('sensor_data', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
      '{readings, sensors}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream", dead_letters}', '{ingest_readings()}', '{run_checks(), /worker, /quality}'),
    ('training_data', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{readings, labels, rul, training}', '{engines, sensor_data}', '{}', '{"deno task export", "outside: models"}'),
    ('classified_readings', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, conditions}', '{operating_conditions, sensor_data}', '{}', '{run_checks()}'),
    ('sensor_values', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, sensors}', '{classified_readings}', '{}', '{learn_baselines()}'),
    ('sensor_data_changes', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
      '{readings, bookkeeping}', '{sensor_data}', '{note_sensor_data_change()}', '{roll_up_readings()}'),
    ('sensor_data_days', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, bookkeeping}', '{sensor_data_changes}', '{raise_day_versions()}', '{days_to_archive(), lineage_coverage()}'),
    -- intake
    ('batches', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{intake, lineage}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream"}', '{ingest_readings()}', '{reading_lineage(), lineage_coverage()}'),
    ('dead_letters', 'table', null, 'data-engineering', 'confidential', 'bronze', 1, 365,
      '{intake, rejected}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream"}', '{record_dead_letters()}', '{"deno task dead-letters", /quality}'),
    ('delivery_receipts', 'table', null, 'data-engineering', 'internal', 'bronze', 1, 3,
      '{intake, streaming}', '{"outside: Kinesis stream"}', '{/kinesis}', '{/kinesis}'),
    ('intake_settings', 'table', null, 'operations', 'confidential', 'silver', 1, null,
      '{intake, settings}', '{"outside: people in Studio"}', '{}', '{ingest_readings()}'),
    ('stream_checkpoints', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{streaming, bookkeeping}', '{"outside: Kinesis stream"}', '{"deno task deliver"}', '{"deno task deliver"}'),
    ('stream_readers', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{streaming, bookkeeping}', '{"outside: Kinesis stream"}', '{"deno task deliver"}', '{"deno task deliver"}'),
    -- expectations
    ('expectations', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules, settings}', '{"outside: people in Studio"}', '{import_expectation_suite()}', '{"deno task expectations", "deno task load", ingest_readings()}'),
    ('expectation_versions', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules, history}', '{expectations}', '{record_expectation_version()}', '{"outside: people in Studio"}'),
    ('effective_expectations', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules}', '{engines, expectations, operating_conditions}', '{}', '{run_checks()}'),
    ('reading_bounds', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, rules}', '{effective_expectations, engines, expectations, operating_conditions}', '{}', '{run_checks()}'),
    ('operating_conditions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{conditions, settings}', '{"outside: NASA C-MAPSS files", "outside: people in Studio"}', '{}', '{run_checks()}'),
    -- quality
    ('check_runs', 'table', null, 'data-engineering', 'internal', 'gold', 1, 90,
      '{quality, checks}', '{sensor_data, expectations}', '{run_checks()}', '{/quality}'),
    ('data_quality_metrics', 'table', null, 'data-engineering', 'internal', 'gold', 1, 90,
      '{quality, checks, metrics}', '{sensor_data, expectations, reading_rollups}', '{run_checks(), task_lineage()}', '{/quality}'),
    ('quality_summary', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{quality, checks, dashboard}', '{data_quality_metrics, expectations}', '{quality_summary_between()}', '{"outside: people in Studio"}'),
    ('quality_settings', 'table', null, 'operations', 'internal', 'silver', 2, null,
      '{quality, settings}', '{"outside: people in Studio"}', '{}', '{run_checks()}'),
    ('declared_columns', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, schema, bookkeeping}', '{"outside: migrations"}', '{declare_schema()}', '{check_schema()}'),
    ('reading_rollups', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, readings, rollups}', '{sensor_data}', '{roll_up_readings()}', '{run_checks()}'),
    ('rollup_horizon', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, rollups, bookkeeping}', '{reading_rollups}', '{prune_rollups()}', '{roll_up_readings()}'),
    ('engine_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines, sensors}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_drift', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, sensors}', '{sensor_data, sensor_baselines, wear_signatures}', '{run_drift()}', '{/quality}'),
    ('wear_signatures', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, wear}', '{sensor_data, sensor_baselines, engines}', '{learn_wear_signatures()}', '{run_drift()}'),
    ('unscored_readings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{anomalies, bookkeeping}', '{sensor_data_changes}', '{note_unscored_readings()}', '{/worker}'),
    ('anomalies', 'table', null, 'data-science', 'internal', 'gold', 2, 365,
      '{anomalies, readings}', '{models, sensor_data, sensor_baselines, unscored_readings}', '{/worker, record_anomalies()}', '{/quality}'),
    ('anomaly_episodes', 'table', null, 'data-science', 'internal', 'gold', 1, 365,
      '{anomalies, episodes}', '{anomalies, sensor_data}', '{renew_anomaly_episodes()}', '{/quality}'),
    ('engine_health', 'view', null, 'operations', 'internal', 'gold', 2, null,
      '{engines, health, dashboard}', '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}', '{}', '{/quality}'),
    ('fleet_health', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{engines, health, dashboard}', '{engine_health, engines}', '{}', '{/quality}'),
    ('sensor_modules', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{engines, health, settings}', '{"outside: people in Studio"}', '{}', '{"outside: people in Studio"}'),
    ('engine_health_reports', 'table', null, 'operations', 'internal', 'gold', 2, 90,
      '{engines, health, history}', '{engine_health}', '{report_engine_health(), task_health_report()}', '{"outside: people in Studio"}'),
    ('engine_cadences', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{engines, completeness}', '{engine_baselines, engines}', '{}', '{run_checks()}'),
    ('retraining_decisions', 'table', null, 'data-science', 'internal', 'gold', 2, null,
      '{models, decisions}', '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}', '{check_retraining(), task_retraining_check(), /worker}', '{/quality, /worker}'),
    ('models', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models}', '{sensor_data, engines, sensor_baselines}', '{"deno task train"}', '{/worker}'),
    ('model_settings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{models, settings}', '{"outside: people in Studio"}', '{}', '{/worker, check_retraining()}'),
    ('rul_predictions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models, predictions, rul}', '{models, sensor_data, "outside: models"}', '{/quality, /worker}', '{/quality}'),
    ('latest_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul, dashboard}', '{engines, model_settings, models, rul_predictions}', '{}', '{/quality}'),
    ('prediction_errors', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engine_predictions}', '{}', '{prediction_accuracy, check_retraining()}'),
    ('engine_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engines, models, rul_predictions}', '{}', '{/quality, prediction_errors}'),
    ('prediction_accuracy', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{prediction_errors}', '{}', '{/quality, "outside: people in Studio"}'),
    -- alerts
    ('alerts', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{alerts}', '{anomalies, data_quality_metrics, jobs, pipeline_runs}', '{observe_alerts()}', '{/quality}'),
    ('open_alerts', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{alerts, dashboard}', '{alerts, alert_deliveries}', '{}', '{"outside: people in Studio"}'),
    ('alert_events', 'table', null, 'operations', 'internal', 'gold', 1, null,
      '{alerts, history}', '{alerts}', '{record_alert_events()}', '{/worker}'),
    ('alert_deliveries', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, outbox}', '{alert_events, alert_channels}', '{record_alert_events()}', '{/worker}'),
    ('alert_channels', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, settings}', '{"outside: people in Studio"}', '{activate_alert_channels()}', '{/worker}'),
    ('alert_settings', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{alerts, settings}', '{"outside: people in Studio"}', '{}', '{observe_alerts()}'),
    -- pipeline
    ('pipelines', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{schedule_pipeline_runs()}', '{schedule_pipeline_runs()}'),
    ('pipeline_tasks', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{}', '{make_pipeline_run()}'),
    ('pipeline_task_dependencies', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, settings}', '{"outside: people in Studio"}', '{}', '{advance_pipelines()}'),
    ('pipeline_runs', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{pipeline, history}', '{pipelines}', '{make_pipeline_run()}', '{watch_jobs()}'),
    ('task_runs', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, history}', '{pipeline_runs, pipeline_tasks}', '{make_pipeline_run()}', '{/worker}'),
    ('task_attempts', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, history}', '{task_runs}', '{end_task_attempt()}', '{"outside: people in Studio"}'),
    ('pipeline_status', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{pipeline, dashboard}', '{pipeline_runs, pipeline_tasks, pipelines, task_runs}', '{}', '{"outside: people in Studio"}'),
    ('jobs', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, bookkeeping}', '{"outside: pg_cron"}', '{pipeline_tick(), wake_worker(), prune_history()}', '{watch_jobs()}'),
    -- lake, lineage, catalogue, audit
    ('lake_objects', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake}', '{"outside: the lake"}', '{record_lake_object(), note_lake_verification()}', '{/catalog, days_to_archive(), lake_objects_to_verify(), retire_months()}'),
    ('lake_object_batches', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake, lineage}', '{sensor_data}', '{record_lake_object()}', '{/catalog}'),
    ('lineage_events', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
      '{lineage}', '{"outside: runs of commands and of the worker"}', '{"deno task load", "deno task export", "deno task backup", "deno task restore", /worker}', '{find_lineage()}'),
    ('lineage', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{lineage}', '{batches, check_runs, lineage_events, pipeline_tasks, task_runs}', '{}', '{/catalog, /worker}'),
    ('lineage_forwarding', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{lineage, bookkeeping}', '{lineage}', '{settle_forwarding()}', '{/worker}'),
    ('lineage_forwards', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{lineage, bookkeeping}', '{lineage}', '{/worker}', '{/worker}'),
    ('retired_months', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, retention}', '{sensor_data, sensor_data_days, lake_objects}', '{close_months(), retire_months()}', '{watch_jobs()}'),
    ('data_assets', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{"outside: people in Studio"}', '{}', '{/catalog}'),
    ('catalog_assets', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{batches, check_runs, data_assets, lake_objects, lineage_events}', '{}', '{/catalog}'),
    ('asset_schemas', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{data_assets}', '{record_asset_schema()}', '{/catalog}'),
    ('asset_schema_changes', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{asset_schemas, data_assets}', '{}', '{/catalog}'),
    ('audit_log', 'table', null, 'security', 'confidential', 'gold', 1, 2555,
      '{audit}', '{"outside: people in Studio"}', '{record_audit(), audit_change()}', '{"outside: people in Studio"}'),
    -- the lake
    ('raw/', 'lake', 'Original C-MAPSS files, as NASA published them.', 'data-engineering', 'internal', 'bronze', 1, null,
      '{lake, readings}', '{"outside: NASA C-MAPSS files"}', '{"outside: people with aws s3 cp"}', '{"deno task load"}'),
    ('processed/', 'lake', 'Readings by UTC day as Parquet, under year=/month=/day=, for whatever reads Hive partitions.', 'data-engineering', 'internal', 'silver', 1, null,
      '{lake, readings, parquet}', '{sensor_data, sensor_data_days}', '{"deno task export", /worker}', '{"outside: DuckDB, Athena, Spark, Trino"}'),
    ('processed/train-test-split/', 'lake', 'X_train, y_train, X_test and y_test with capped RUL labels; no engine is in both halves.', 'data-science', 'internal', 'gold', 1, null,
      '{lake, training, rul, parquet}', '{training_data, engines}', '{"deno task export"}', '{"outside: models"}'),
    ('streaming/kinesis-firehose/', 'lake', 'Firehose''s copy of everything it delivered, by hour, and under failed/ what it could not deliver. It holds what became dead letters, too.', 'data-engineering', 'confidential', 'bronze', 1, 30,
      '{lake, streaming}', '{"outside: Kinesis stream"}', '{"outside: Firehose"}', '{"outside: people who replay deliveries"}'),
    ('streaming/archived/', 'lake', 'Deliveries that somebody has set aside to be kept, such as those under failed/ once they were replayed.', 'data-engineering', 'confidential', 'bronze', 1, null,
      '{lake, streaming}', '{streaming/kinesis-firehose/}', '{"outside: people who replay deliveries"}', '{"outside: people who replay deliveries"}'),
    ('quality/expectations/', 'lake', 'Suites of expectations as Great Expectations JSON, one per dataset.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, rules}', '{expectations}', '{"deno task export", export_expectation_suite(), /worker}', '{"deno task expectations"}'),
    ('quality/reports/', 'lake', 'What the checks said of each day, as JSON and as a page of HTML.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, reports}', '{check_runs, data_quality_metrics}', '{"deno task export", /worker}', '{"outside: people with a browser"}'),
    ('backups/daily/', 'lake', 'Backups of the whole database by date. They hold what is confidential in it.', 'operations', 'confidential', 'silver', 1, 35,
      '{lake, backup}', '{"outside: the whole database"}', '{"deno task backup"}', '{"deno task restore"}')
) as asset (
  name, kind, description, owner, classification, quality_level, schema_version, retention_days, tags, sources, transforms,
  consumers
)
on conflict (name) do update
set schema_version = excluded.schema_version
where data_assets.schema_version < excluded.schema_version;

-- The one row that lineage_forwarding consists of.
insert into public.lineage_forwarding default values on conflict do nothing;

ALTER TABLE "public"."quality_settings" DROP COLUMN "anomaly_score";

select public.declare_schema();

select public.record_audit('migration.apply', '20261124020829_models');
