-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."model_settings" ("id" boolean NOT NULL DEFAULT true, "anomaly_detector" text NOT NULL DEFAULT 'mean_abs_z'::text, "score_at_intake" boolean NOT NULL DEFAULT false, "intake_budget" interval NOT NULL DEFAULT '00:00:00.05'::interval, "most_drifting_share" double precision NOT NULL DEFAULT 0.2, "most_prediction_rmse" double precision NOT NULL DEFAULT 20, "least_predictions" integer NOT NULL DEFAULT 30, "oldest_model" interval NOT NULL DEFAULT '180 days'::interval, "retrain_again_after" interval NOT NULL DEFAULT '7 days'::interval, CONSTRAINT "model_settings_anomaly_detector_check" CHECK ((anomaly_detector = ANY (ARRAY['mean_abs_z'::text, 'isolation_forest'::text, 'mahalanobis'::text]))), CONSTRAINT "model_settings_id_check" CHECK (id), CONSTRAINT "model_settings_intake_budget_check" CHECK (((intake_budget > '00:00:00'::interval) AND (intake_budget <= '00:00:05'::interval))), CONSTRAINT "model_settings_least_predictions_check" CHECK ((least_predictions > 0)), CONSTRAINT "model_settings_most_drifting_share_check" CHECK (((most_drifting_share >= (0)::double precision) AND (most_drifting_share <= (1)::double precision))), CONSTRAINT "model_settings_most_prediction_rmse_check" CHECK ((most_prediction_rmse > (0)::double precision)), CONSTRAINT "model_settings_oldest_model_check" CHECK ((oldest_model > '00:00:00'::interval)), CONSTRAINT "model_settings_pkey" PRIMARY KEY (id), CONSTRAINT "model_settings_retrain_again_after_check" CHECK ((retrain_again_after > '00:00:00'::interval)));

ALTER TABLE "public"."model_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."model_settings" OWNER TO "postgres";

CREATE TABLE "public"."models" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "purpose" text NOT NULL, "name" text NOT NULL, "version" integer NOT NULL, "dataset" text, "active" boolean NOT NULL DEFAULT true, "features" text[] NOT NULL, "trained_from" timestamp with time zone NOT NULL, "trained_until" timestamp with time zone NOT NULL, "engines" integer NOT NULL, "readings" bigint NOT NULL, "seed" bigint NOT NULL, "settings" jsonb NOT NULL, "metrics" jsonb NOT NULL, "content" jsonb NOT NULL, "code_version" text NOT NULL, "trained_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "models_check" CHECK ((trained_from <= trained_until)), CONSTRAINT "models_content_check" CHECK ((jsonb_typeof(content) = 'object'::text)), CONSTRAINT "models_engines_check" CHECK ((engines > 0)), CONSTRAINT "models_features_check" CHECK ((cardinality(features) > 0)), CONSTRAINT "models_metrics_check" CHECK ((jsonb_typeof(metrics) = 'object'::text)), CONSTRAINT "models_name_check" CHECK ((name <> ''::text)), CONSTRAINT "models_name_version_key" UNIQUE (name, version), CONSTRAINT "models_pkey" PRIMARY KEY (id), CONSTRAINT "models_purpose_check" CHECK ((purpose = ANY (ARRAY['anomaly'::text, 'rul'::text]))), CONSTRAINT "models_readings_check" CHECK ((readings > 0)), CONSTRAINT "models_settings_check" CHECK ((jsonb_typeof(settings) = 'object'::text)), CONSTRAINT "models_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."models" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."models" OWNER TO "postgres";

CREATE UNIQUE INDEX models_active ON public.models USING btree (purpose, COALESCE(dataset, ''::text)) WHERE active;

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

COMMENT ON TABLE "public"."model_settings" IS 'How models are used and when they are to be trained again. Exactly one row; a change takes effect with the next run.';

COMMENT ON TABLE "public"."models" IS 'Versions of trained models: what each was trained on, how it was evaluated, and its content.';

GRANT SELECT ON TABLE "public"."model_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."model_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."models" TO "authenticated", "service_role";

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
    'public.models',
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
    'hourly', 'anomalies', 'queue', 'score_anomalies', 100, '10 seconds', '1 minute',
    'Scores the readings that have come since the last run.'
  ),
  (
    'hourly', 'predictions', 'queue', 'predict_rul', 100, '10 seconds', '1 minute',
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
  backoff_base = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '10 seconds' else backoff_base end,
  backoff_cap = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '1 minute' else backoff_cap end,
  description = case description
    when 'Looks for anomalies.' then 'Scores the readings that have come since the last run.'
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
      '{models}', '{sensor_data, engines}', '{"deno task train"}', '{/worker}'),
    ('model_settings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{models, settings}', '{"outside: people in Studio"}', '{}', '{/worker, check_retraining()}'),
    ('rul_predictions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models, predictions, rul}', '{"outside: models"}', '{}', '{"outside: people in Studio"}'),
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

select public.record_audit('migration.apply', '20261124002802_models');
