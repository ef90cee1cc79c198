-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."model_settings" ("id" boolean NOT NULL DEFAULT true, "anomaly_detector" text NOT NULL DEFAULT 'mean_abs_z'::text, "score_at_intake" boolean NOT NULL DEFAULT false, "intake_budget" interval NOT NULL DEFAULT '00:00:00.05'::interval, "rul_model" text, "most_drifting_share" double precision NOT NULL DEFAULT 0.2, "most_prediction_rmse" double precision NOT NULL DEFAULT 20, "least_predictions" integer NOT NULL DEFAULT 30, "oldest_model" interval NOT NULL DEFAULT '180 days'::interval, "retrain_again_after" interval NOT NULL DEFAULT '7 days'::interval, CONSTRAINT "model_settings_anomaly_detector_check" CHECK ((anomaly_detector = ANY (ARRAY['mean_abs_z'::text, 'isolation_forest'::text, 'mahalanobis'::text]))), CONSTRAINT "model_settings_id_check" CHECK (id), CONSTRAINT "model_settings_intake_budget_check" CHECK (((intake_budget > '00:00:00'::interval) AND (intake_budget <= '00:00:05'::interval))), CONSTRAINT "model_settings_least_predictions_check" CHECK ((least_predictions > 0)), CONSTRAINT "model_settings_most_drifting_share_check" CHECK (((most_drifting_share >= (0)::double precision) AND (most_drifting_share <= (1)::double precision))), CONSTRAINT "model_settings_most_prediction_rmse_check" CHECK ((most_prediction_rmse > (0)::double precision)), CONSTRAINT "model_settings_oldest_model_check" CHECK ((oldest_model > '00:00:00'::interval)), CONSTRAINT "model_settings_pkey" PRIMARY KEY (id), CONSTRAINT "model_settings_retrain_again_after_check" CHECK ((retrain_again_after > '00:00:00'::interval)), CONSTRAINT "model_settings_rul_model_check" CHECK ((rul_model <> ''::text)));

ALTER TABLE "public"."model_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."model_settings" OWNER TO "postgres";

CREATE TABLE "public"."models" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "purpose" text NOT NULL, "name" text NOT NULL, "version" integer NOT NULL, "dataset" text, "active" boolean NOT NULL DEFAULT true, "features" text[] NOT NULL, "trained_from" timestamp with time zone NOT NULL, "trained_until" timestamp with time zone NOT NULL, "engines" integer NOT NULL, "readings" bigint NOT NULL, "seed" bigint NOT NULL, "settings" jsonb NOT NULL, "metrics" jsonb NOT NULL, "content" jsonb NOT NULL, "code_version" text NOT NULL, "trained_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "models_check" CHECK ((trained_from <= trained_until)), CONSTRAINT "models_content_check" CHECK ((jsonb_typeof(content) = 'object'::text)), CONSTRAINT "models_engines_check" CHECK ((engines > 0)), CONSTRAINT "models_features_check" CHECK ((cardinality(features) > 0)), CONSTRAINT "models_metrics_check" CHECK ((jsonb_typeof(metrics) = 'object'::text)), CONSTRAINT "models_name_check" CHECK ((name <> ''::text)), CONSTRAINT "models_name_version_key" UNIQUE (name, version), CONSTRAINT "models_pkey" PRIMARY KEY (id), CONSTRAINT "models_purpose_check" CHECK ((purpose = ANY (ARRAY['anomaly'::text, 'rul'::text]))), CONSTRAINT "models_readings_check" CHECK ((readings > 0)), CONSTRAINT "models_settings_check" CHECK ((jsonb_typeof(settings) = 'object'::text)), CONSTRAINT "models_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."models" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."models" OWNER TO "postgres";

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

CREATE UNIQUE INDEX models_active ON public.models USING btree (purpose, COALESCE(dataset, ''::text)) WHERE active;

CREATE INDEX rul_predictions_newest ON public.rul_predictions USING btree (engine_id, model_name, cycle DESC, predicted_at DESC, id DESC);

CREATE TRIGGER audit_delete AFTER DELETE ON public.model_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.model_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.model_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE POLICY "model_settings_read" ON "public"."model_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('model_settings'::text) AS may_read));

CREATE POLICY "models_read" ON "public"."models" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('models'::text) AS may_read));

COMMENT ON COLUMN "public"."model_settings"."anomaly_detector" IS 'Which detector decides what an anomaly is: mean_abs_z, isolation_forest or mahalanobis. models.metrics compares them.';

COMMENT ON COLUMN "public"."model_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."model_settings"."intake_budget" IS 'How long scoring may take of a request; what is not scored by then is left to the pipeline.';

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

COMMENT ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) IS 'Active engines whose last reading the model of remaining life in use has not seen, and where the readings are that it looks at.';

COMMENT ON TABLE "public"."model_settings" IS 'How models are used and when they are to be trained again. Exactly one row; a change takes effect with the next run.';

COMMENT ON TABLE "public"."models" IS 'Versions of trained models: what each was trained on, how it was evaluated, and its content.';

COMMENT ON VIEW "public"."engine_predictions" IS 'Predictions by name of the engine, with the remaining life that it turned out to have where it has failed since.';

COMMENT ON VIEW "public"."latest_predictions" IS 'The newest prediction of each model for each engine, and which model is preferred (model_settings.rul_model).';

COMMENT ON VIEW "public"."prediction_accuracy" IS 'How each version of each model has done on engines that have failed since: errors of its predictions and coverage of its intervals.';

COMMENT ON VIEW "public"."prediction_errors" IS 'Predictions for engines that have failed since, with the remaining life that they turned out to have, capped as labels are.';

REVOKE ALL ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."model_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."model_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."models" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."latest_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_accuracy" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_errors" TO "authenticated", "service_role";

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
        'check_schema',
        'check_stuck',
        'check_types',
        'check_volume',
        'comparable_baselines',
        'declare_schema',
        'detect_anomalies',
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
        'task_anomalies',
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
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
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
  public.rul_predictions, public.expectations, public.operating_conditions to service_role;
grant update on public.intake_settings, public.model_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;

-- sql/90_jobs/model_settings.sql
-- The one row that model_settings consists of.
insert into public.model_settings default values on conflict do nothing;

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
      '{readings, sensors}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream", dead_letters}', '{ingest_readings()}', '{run_checks(), detect_anomalies(), /quality}'),
    ('training_data', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{readings, labels, rul, training}', '{engines, sensor_data}', '{}', '{"deno task export", "outside: models"}'),
    ('classified_readings', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, conditions}', '{operating_conditions, sensor_data}', '{}', '{run_checks()}'),
    ('sensor_values', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, sensors}', '{classified_readings}', '{}', '{detect_anomalies(), learn_baselines()}'),
    ('sensor_data_changes', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
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
    ('quality_settings', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{quality, settings}', '{"outside: people in Studio"}', '{}', '{run_checks()}'),
    ('declared_columns', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, schema, bookkeeping}', '{"outside: migrations"}', '{declare_schema()}', '{check_schema()}'),
    ('reading_rollups', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, readings, rollups}', '{sensor_data}', '{roll_up_readings()}', '{run_checks()}'),
    ('rollup_horizon', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, rollups, bookkeeping}', '{reading_rollups}', '{prune_rollups()}', '{roll_up_readings()}'),
    ('engine_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines}', '{sensor_data}', '{learn_baselines()}', '{detect_anomalies()}'),
    ('sensor_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines, sensors}', '{sensor_data}', '{learn_baselines()}', '{detect_anomalies()}'),
    ('sensor_drift', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, sensors}', '{sensor_data, sensor_baselines, wear_signatures}', '{run_drift()}', '{/quality}'),
    ('wear_signatures', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, wear}', '{sensor_data, sensor_baselines, engines}', '{learn_wear_signatures()}', '{run_drift()}'),
    ('anomalies', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{anomalies, readings}', '{sensor_values, sensor_baselines}', '{detect_anomalies(), task_anomalies()}', '{/quality}'),
    ('engine_health', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{engines, health, dashboard}', '{check_runs, data_quality_metrics, engine_cadences, engines, sensor_data, sensor_drift}', '{}', '{/quality}'),
    ('engine_health_reports', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{engines, health, history}', '{engine_health}', '{report_engine_health(), task_health_report()}', '{"outside: people in Studio"}'),
    ('engine_cadences', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{engines, completeness}', '{engine_baselines, engines}', '{}', '{run_checks()}'),
    ('retraining_decisions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models, decisions}', '{sensor_drift, data_quality_metrics, anomalies}', '{check_retraining(), task_retraining_check()}', '{"outside: people in Studio"}'),
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
      '{alerts}', '{data_quality_metrics, jobs, pipeline_runs}', '{observe_alerts()}', '{/quality}'),
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

select public.declare_schema();

select public.record_audit('migration.apply', '20261124011218_models');
