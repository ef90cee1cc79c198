-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."alert_channels" ("name" text NOT NULL, "kind" text NOT NULL, "minimum_severity" text NOT NULL DEFAULT 'warning'::text, "active" boolean, "paused_until" timestamp with time zone, CONSTRAINT "alert_channels_kind_check" CHECK ((kind = ANY (ARRAY['webhook'::text, 'sns'::text]))), CONSTRAINT "alert_channels_kind_key" UNIQUE (kind), CONSTRAINT "alert_channels_minimum_severity_check" CHECK ((minimum_severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "alert_channels_name_check" CHECK ((name <> ''::text)), CONSTRAINT "alert_channels_pkey" PRIMARY KEY (name));

ALTER TABLE "public"."alert_channels" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alert_channels" OWNER TO "postgres";

CREATE TABLE "public"."alert_deliveries" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "alert_id" bigint NOT NULL, "event_number" integer NOT NULL, "channel" text NOT NULL, "idempotency_key" uuid NOT NULL DEFAULT gen_random_uuid(), "state" text NOT NULL DEFAULT 'pending'::text, "attempts" integer NOT NULL DEFAULT 0, "next_attempt_at" timestamp with time zone NOT NULL, "lease" uuid, "leased_until" timestamp with time zone, "last_error" text, "sent_at" timestamp with time zone, CONSTRAINT "alert_deliveries_alert_id_event_number_channel_key" UNIQUE (alert_id, event_number, channel), CONSTRAINT "alert_deliveries_attempts_check" CHECK ((attempts >= 0)), CONSTRAINT "alert_deliveries_check1" CHECK (((state = 'pending'::text) OR (lease IS NULL))), CONSTRAINT "alert_deliveries_check2" CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))), CONSTRAINT "alert_deliveries_check3" CHECK (((state <> 'dead'::text) OR (last_error IS NOT NULL))), CONSTRAINT "alert_deliveries_check" CHECK (((lease IS NULL) = (leased_until IS NULL))), CONSTRAINT "alert_deliveries_pkey" PRIMARY KEY (id), CONSTRAINT "alert_deliveries_state_check" CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'dead'::text]))));

ALTER TABLE "public"."alert_deliveries" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alert_deliveries" OWNER TO "postgres";

CREATE TABLE "public"."alert_events" ("alert_id" bigint NOT NULL, "number" integer NOT NULL, "event" text NOT NULL, "at" timestamp with time zone NOT NULL, "actor" text NOT NULL, "severity" text NOT NULL, "summary" text NOT NULL, "evidence" jsonb NOT NULL, "held_back" boolean NOT NULL, CONSTRAINT "alert_events_actor_check" CHECK ((actor <> ''::text)), CONSTRAINT "alert_events_event_check" CHECK ((event = ANY (ARRAY['opened'::text, 'reopened'::text, 'escalated'::text, 'acknowledged'::text, 'resolved'::text, 'reminder'::text]))), CONSTRAINT "alert_events_evidence_check" CHECK ((jsonb_typeof(evidence) = 'object'::text)), CONSTRAINT "alert_events_number_check" CHECK ((number > 0)), CONSTRAINT "alert_events_pkey" PRIMARY KEY (alert_id, number), CONSTRAINT "alert_events_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))));

ALTER TABLE "public"."alert_events" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alert_events" OWNER TO "postgres";

CREATE TABLE "public"."alert_settings" ("id" boolean NOT NULL DEFAULT true, "resolve_after" integer NOT NULL DEFAULT 2, "flap_window" interval NOT NULL DEFAULT '02:00:00'::interval, "flap_limit" integer NOT NULL DEFAULT 3, "repeat_after" interval, "most_subjects" integer NOT NULL DEFAULT 20, "delivery_attempts" integer NOT NULL DEFAULT 12, CONSTRAINT "alert_settings_delivery_attempts_check" CHECK (((delivery_attempts >= 1) AND (delivery_attempts <= 100))), CONSTRAINT "alert_settings_flap_limit_check" CHECK (((flap_limit >= 1) AND (flap_limit <= 100))), CONSTRAINT "alert_settings_flap_window_check" CHECK ((flap_window >= '00:00:00'::interval)), CONSTRAINT "alert_settings_id_check" CHECK (id), CONSTRAINT "alert_settings_most_subjects_check" CHECK (((most_subjects >= 1) AND (most_subjects <= 1000))), CONSTRAINT "alert_settings_pkey" PRIMARY KEY (id), CONSTRAINT "alert_settings_repeat_after_check" CHECK ((repeat_after >= '00:01:00'::interval)), CONSTRAINT "alert_settings_resolve_after_check" CHECK (((resolve_after >= 1) AND (resolve_after <= 100))));

ALTER TABLE "public"."alert_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alert_settings" OWNER TO "postgres";

CREATE TABLE "public"."alerts" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "kind" text NOT NULL, "subject" text NOT NULL, "severity" text NOT NULL, "state" text NOT NULL DEFAULT 'open'::text, "summary" text NOT NULL, "evidence" jsonb NOT NULL DEFAULT '{}'::jsonb, "opened_at" timestamp with time zone NOT NULL, "last_seen_at" timestamp with time zone NOT NULL, "last_observed_at" timestamp with time zone NOT NULL, "occurrences" integer NOT NULL DEFAULT 1, "passes" integer NOT NULL DEFAULT 0, "reopened" integer NOT NULL DEFAULT 0, "reopened_at" timestamp with time zone, "held_back" boolean NOT NULL DEFAULT false, "acknowledged_at" timestamp with time zone, "acknowledged_by" text, "resolved_at" timestamp with time zone, "resolved_by" text, "last_event" integer NOT NULL DEFAULT 0, CONSTRAINT "alerts_acknowledged_by_check" CHECK ((acknowledged_by <> ''::text)), CONSTRAINT "alerts_check1" CHECK (((resolved_at IS NULL) = (resolved_by IS NULL))), CONSTRAINT "alerts_check2" CHECK (((reopened_at IS NULL) = (reopened = 0))), CONSTRAINT "alerts_check3" CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))), CONSTRAINT "alerts_check4" CHECK (((state <> 'open'::text) OR (acknowledged_at IS NULL))), CONSTRAINT "alerts_check5" CHECK (((state <> 'acknowledged'::text) OR (acknowledged_at IS NOT NULL))), CONSTRAINT "alerts_check" CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))), CONSTRAINT "alerts_evidence_check" CHECK ((jsonb_typeof(evidence) = 'object'::text)), CONSTRAINT "alerts_kind_check" CHECK (((length(kind) >= 1) AND (length(kind) <= 300))), CONSTRAINT "alerts_last_event_check" CHECK ((last_event >= 0)), CONSTRAINT "alerts_occurrences_check" CHECK ((occurrences > 0)), CONSTRAINT "alerts_passes_check" CHECK ((passes >= 0)), CONSTRAINT "alerts_pkey" PRIMARY KEY (id), CONSTRAINT "alerts_reopened_check" CHECK ((reopened >= 0)), CONSTRAINT "alerts_resolved_by_check" CHECK ((resolved_by <> ''::text)), CONSTRAINT "alerts_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "alerts_state_check" CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text]))), CONSTRAINT "alerts_subject_check" CHECK (((length(subject) >= 1) AND (length(subject) <= 300))));

ALTER TABLE "public"."alerts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alerts" OWNER TO "postgres";

CREATE TABLE "public"."anomalies" ("engine_id" uuid NOT NULL, "timestamp" timestamp with time zone NOT NULL, "cycle" integer NOT NULL, "detector" text NOT NULL, "score" double precision NOT NULL, "threshold" double precision NOT NULL, "sensors" jsonb NOT NULL, "detected_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "anomalies_pkey" PRIMARY KEY (engine_id, "timestamp", cycle, detector), CONSTRAINT "anomalies_sensors_check" CHECK ((jsonb_typeof(sensors) = 'object'::text)));

ALTER TABLE "public"."anomalies" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."anomalies" OWNER TO "postgres";

CREATE TABLE "public"."check_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "window_start" timestamp with time zone NOT NULL, "as_of" timestamp with time zone NOT NULL, "started_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "finished_at" timestamp with time zone, "passed" integer NOT NULL DEFAULT 0, "warned" integer NOT NULL DEFAULT 0, "failed" integer NOT NULL DEFAULT 0, "not_evaluated" integer NOT NULL DEFAULT 0, "milliseconds" jsonb NOT NULL DEFAULT '{}'::jsonb, CONSTRAINT "check_runs_as_of_window_start_key" UNIQUE (as_of, window_start), CONSTRAINT "check_runs_check" CHECK ((window_start < as_of)), CONSTRAINT "check_runs_milliseconds_check" CHECK ((jsonb_typeof(milliseconds) = 'object'::text)), CONSTRAINT "check_runs_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."check_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."check_runs" OWNER TO "postgres";

CREATE TABLE "public"."declared_columns" ("table_name" text NOT NULL, "column_name" text NOT NULL, "data_type" text NOT NULL, "is_nullable" boolean NOT NULL, CONSTRAINT "declared_columns_pkey" PRIMARY KEY (table_name, column_name));

ALTER TABLE "public"."declared_columns" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."declared_columns" OWNER TO "postgres";

CREATE TABLE "public"."engine_baselines" ("engine_id" uuid NOT NULL, "readings" integer NOT NULL, "complete" boolean NOT NULL, "first_timestamp" timestamp with time zone NOT NULL, "last_timestamp" timestamp with time zone NOT NULL, "cadence" interval, "learned_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "engine_baselines_cadence_check" CHECK ((cadence > '00:00:00'::interval)), CONSTRAINT "engine_baselines_check" CHECK ((first_timestamp <= last_timestamp)), CONSTRAINT "engine_baselines_pkey" PRIMARY KEY (engine_id), CONSTRAINT "engine_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."engine_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."engine_baselines" OWNER TO "postgres";

CREATE TABLE "public"."engine_health_reports" ("engine_id" uuid NOT NULL, "as_of" timestamp with time zone NOT NULL, "health" text NOT NULL, "reasons" text[] NOT NULL, "completeness" double precision, "wear" double precision, "last_reading_at" timestamp with time zone, CONSTRAINT "engine_health_reports_health_check" CHECK ((health = ANY (ARRAY['ok'::text, 'warning'::text, 'fail'::text, 'unknown'::text]))), CONSTRAINT "engine_health_reports_pkey" PRIMARY KEY (engine_id, as_of));

ALTER TABLE "public"."engine_health_reports" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."engine_health_reports" OWNER TO "postgres";

CREATE TABLE "public"."expectation_versions" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "expectation_id" bigint NOT NULL, "version" integer NOT NULL, "operation" text NOT NULL, "before" jsonb, "after" jsonb, "changed_at" timestamp with time zone NOT NULL, "changed_by" text NOT NULL, CONSTRAINT "expectation_versions_check1" CHECK (((operation = 'delete'::text) = (after IS NULL))), CONSTRAINT "expectation_versions_check" CHECK (((operation = 'insert'::text) = (before IS NULL))), CONSTRAINT "expectation_versions_expectation_id_version_key" UNIQUE (expectation_id, version), CONSTRAINT "expectation_versions_operation_check" CHECK ((operation = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text]))), CONSTRAINT "expectation_versions_pkey" PRIMARY KEY (id), CONSTRAINT "expectation_versions_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."expectation_versions" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."expectation_versions" OWNER TO "postgres";

CREATE TABLE "public"."expectations" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "dataset" text, "subset" text, "kind" text NOT NULL, "column_name" text, "condition" smallint, "min" double precision, "max" double precision, "mostly" double precision NOT NULL DEFAULT 1, "severity" text NOT NULL DEFAULT 'fail'::text, "at_intake" text NOT NULL DEFAULT 'accept'::text, "active" boolean NOT NULL DEFAULT true, "description" text NOT NULL, "version" integer NOT NULL DEFAULT 1, "updated_at" timestamp with time zone NOT NULL DEFAULT now(), "updated_by" text NOT NULL DEFAULT CURRENT_USER, CONSTRAINT "expectations_at_intake_check" CHECK ((at_intake = ANY (ARRAY['accept'::text, 'reject'::text]))), CONSTRAINT "expectations_check1" CHECK (((kind <> 'range'::text) OR (column_name IS NOT NULL))), CONSTRAINT "expectations_check2" CHECK (((condition IS NULL) OR (kind = 'range'::text))), CONSTRAINT "expectations_check3" CHECK (((column_name IS NULL) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text, 'stuck'::text, 'drift'::text, 'fleet_drift'::text])))), CONSTRAINT "expectations_check4" CHECK (((at_intake = 'accept'::text) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text])))), CONSTRAINT "expectations_check" CHECK ((min <= max)), CONSTRAINT "expectations_dataset_subset_kind_column_name_condition_key" UNIQUE NULLS NOT DISTINCT (dataset, subset, kind, column_name, condition), CONSTRAINT "expectations_kind_check" CHECK ((kind = ANY (ARRAY['text'::text, 'columns'::text, 'types'::text, 'nulls'::text, 'range'::text, 'cycles'::text, 'duplicates'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'stuck'::text, 'rejected'::text, 'drift'::text, 'fleet_drift'::text, 'degradation'::text]))), CONSTRAINT "expectations_mostly_check" CHECK (((mostly > (0)::double precision) AND (mostly <= (1)::double precision))), CONSTRAINT "expectations_pkey" PRIMARY KEY (id), CONSTRAINT "expectations_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "expectations_subset_check" CHECK ((subset = ANY (ARRAY['train'::text, 'test'::text]))));

ALTER TABLE "public"."expectations" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."expectations" OWNER TO "postgres";

CREATE TABLE "public"."operating_conditions" ("condition" smallint NOT NULL, "name" text NOT NULL, "altitude_min" real NOT NULL, "altitude_max" real NOT NULL, "mach_number_min" real NOT NULL, "mach_number_max" real NOT NULL, "tra_min" real NOT NULL, "tra_max" real NOT NULL, CONSTRAINT "operating_conditions_check" CHECK (((altitude_min < altitude_max) AND (mach_number_min < mach_number_max) AND (tra_min < tra_max))), CONSTRAINT "operating_conditions_condition_check" CHECK ((condition > 0)), CONSTRAINT "operating_conditions_name_key" UNIQUE (name), CONSTRAINT "operating_conditions_pkey" PRIMARY KEY (condition));

ALTER TABLE "public"."operating_conditions" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."operating_conditions" OWNER TO "postgres";

CREATE TABLE "public"."pipeline_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "pipeline" text NOT NULL, "logical_time" timestamp with time zone NOT NULL, "state" text NOT NULL DEFAULT 'queued'::text, "trigger" text NOT NULL, "created_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "started_at" timestamp with time zone, "finished_at" timestamp with time zone, "sla_due_at" timestamp with time zone, "sla_missed_at" timestamp with time zone, CONSTRAINT "pipeline_runs_check1" CHECK (((started_at IS NOT NULL) OR (state = ANY (ARRAY['queued'::text, 'cancelled'::text])))), CONSTRAINT "pipeline_runs_check2" CHECK (((sla_missed_at IS NULL) OR (sla_due_at IS NOT NULL))), CONSTRAINT "pipeline_runs_check" CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))), CONSTRAINT "pipeline_runs_logical_time_check" CHECK (isfinite(logical_time)), CONSTRAINT "pipeline_runs_pipeline_logical_time_key" UNIQUE (pipeline, logical_time), CONSTRAINT "pipeline_runs_pkey" PRIMARY KEY (id), CONSTRAINT "pipeline_runs_state_check" CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text]))), CONSTRAINT "pipeline_runs_trigger_check" CHECK ((trigger = ANY (ARRAY['schedule'::text, 'catch_up'::text, 'backfill'::text, 'manual'::text]))));

ALTER TABLE "public"."pipeline_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."pipeline_runs" OWNER TO "postgres";

CREATE TABLE "public"."pipeline_task_dependencies" ("pipeline" text NOT NULL, "task" text NOT NULL, "depends_on" text NOT NULL, CONSTRAINT "pipeline_task_dependencies_check" CHECK ((task <> depends_on)), CONSTRAINT "pipeline_task_dependencies_pkey" PRIMARY KEY (pipeline, task, depends_on));

ALTER TABLE "public"."pipeline_task_dependencies" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."pipeline_task_dependencies" OWNER TO "postgres";

CREATE TABLE "public"."pipeline_tasks" ("pipeline" text NOT NULL, "name" text NOT NULL, "kind" text NOT NULL, "handler" text NOT NULL, "timeout" interval NOT NULL DEFAULT '00:10:00'::interval, "max_attempts" integer NOT NULL DEFAULT 5, "backoff_base" interval NOT NULL DEFAULT '00:01:00'::interval, "backoff_cap" interval NOT NULL DEFAULT '00:15:00'::interval, "claim_within" interval NOT NULL DEFAULT '00:15:00'::interval, "description" text NOT NULL, CONSTRAINT "pipeline_tasks_backoff_base_check" CHECK ((backoff_base > '00:00:00'::interval)), CONSTRAINT "pipeline_tasks_check" CHECK ((backoff_cap >= backoff_base)), CONSTRAINT "pipeline_tasks_claim_within_check" CHECK ((claim_within > '00:00:00'::interval)), CONSTRAINT "pipeline_tasks_handler_check" CHECK ((handler ~ '^[a-z][a-z0-9_]{0,62}$'::text)), CONSTRAINT "pipeline_tasks_kind_check" CHECK ((kind = ANY (ARRAY['sql'::text, 'queue'::text]))), CONSTRAINT "pipeline_tasks_max_attempts_check" CHECK (((max_attempts >= 1) AND (max_attempts <= 100))), CONSTRAINT "pipeline_tasks_name_check" CHECK ((name ~ '^[a-z][a-z0-9_]{0,62}$'::text)), CONSTRAINT "pipeline_tasks_pkey" PRIMARY KEY (pipeline, name), CONSTRAINT "pipeline_tasks_timeout_check" CHECK ((timeout > '00:00:00'::interval)));

ALTER TABLE "public"."pipeline_tasks" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."pipeline_tasks" OWNER TO "postgres";

CREATE TABLE "public"."pipelines" ("name" text NOT NULL, "description" text NOT NULL, "period" interval NOT NULL, "next_logical_time" timestamp with time zone NOT NULL, "max_active_runs" integer NOT NULL DEFAULT 1, "catch_up" boolean NOT NULL DEFAULT true, "sla" interval, "active" boolean NOT NULL DEFAULT true, CONSTRAINT "pipelines_max_active_runs_check" CHECK (((max_active_runs >= 1) AND (max_active_runs <= 100))), CONSTRAINT "pipelines_name_check" CHECK ((name ~ '^[a-z][a-z0-9_]{0,62}$'::text)), CONSTRAINT "pipelines_next_logical_time_check" CHECK (isfinite(next_logical_time)), CONSTRAINT "pipelines_period_check" CHECK (((EXTRACT(epoch FROM period) >= (60)::numeric) AND ((EXTRACT(epoch FROM period) % (60)::numeric) = (0)::numeric) AND (EXTRACT(year FROM period) = (0)::numeric) AND (EXTRACT(month FROM period) = (0)::numeric))), CONSTRAINT "pipelines_pkey" PRIMARY KEY (name), CONSTRAINT "pipelines_sla_check" CHECK ((sla > '00:00:00'::interval)));

ALTER TABLE "public"."pipelines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."pipelines" OWNER TO "postgres";

CREATE TABLE "public"."quality_settings" ("id" boolean NOT NULL DEFAULT true, "baseline_readings" integer NOT NULL DEFAULT 100, "drift_readings" integer NOT NULL DEFAULT 100, "drift_alpha" double precision NOT NULL DEFAULT 0.05, "least_readings" integer NOT NULL DEFAULT 50, "anomaly_score" double precision NOT NULL DEFAULT 2.5, "rollups_kept" interval NOT NULL DEFAULT '35 days'::interval, "metrics_kept" interval NOT NULL DEFAULT '90 days'::interval, CONSTRAINT "quality_settings_anomaly_score_check" CHECK ((anomaly_score > (0)::double precision)), CONSTRAINT "quality_settings_baseline_readings_check" CHECK (((baseline_readings >= 50) AND (baseline_readings <= 1000))), CONSTRAINT "quality_settings_check" CHECK (((least_readings <= baseline_readings) AND (least_readings <= drift_readings))), CONSTRAINT "quality_settings_drift_alpha_check" CHECK (((drift_alpha > (0)::double precision) AND (drift_alpha < (1)::double precision))), CONSTRAINT "quality_settings_drift_readings_check" CHECK (((drift_readings >= 50) AND (drift_readings <= 10000))), CONSTRAINT "quality_settings_id_check" CHECK (id), CONSTRAINT "quality_settings_least_readings_check" CHECK (((least_readings >= 8) AND (least_readings <= 1000))), CONSTRAINT "quality_settings_metrics_kept_check" CHECK ((metrics_kept >= '2 days'::interval)), CONSTRAINT "quality_settings_pkey" PRIMARY KEY (id), CONSTRAINT "quality_settings_rollups_kept_check" CHECK ((rollups_kept >= '2 days'::interval)));

ALTER TABLE "public"."quality_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."quality_settings" OWNER TO "postgres";

CREATE TABLE "public"."reading_rollups" ("hour" timestamp with time zone NOT NULL, "engine_id" uuid NOT NULL, "readings" integer NOT NULL, "first_timestamp" timestamp with time zone NOT NULL, "last_timestamp" timestamp with time zone NOT NULL, "first_cycle" integer NOT NULL, "last_cycle" integer NOT NULL, "shortest_step" interval, "longest_step" interval, "cycle_breaks" integer NOT NULL, "unknown_conditions" integer NOT NULL, "not_finite" integer NOT NULL, "nulls" integer[] NOT NULL, "outside" integer[] NOT NULL, CONSTRAINT "reading_rollups_pkey" PRIMARY KEY (hour, engine_id));

ALTER TABLE "public"."reading_rollups" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."reading_rollups" OWNER TO "postgres";

CREATE TABLE "public"."retraining_decisions" ("as_of" timestamp with time zone NOT NULL, "retrain" boolean NOT NULL, "reasons" text[] NOT NULL, "evidence" jsonb NOT NULL, "decided_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "retraining_decisions_check" CHECK ((retrain = (cardinality(reasons) > 0))), CONSTRAINT "retraining_decisions_evidence_check" CHECK ((jsonb_typeof(evidence) = 'object'::text)), CONSTRAINT "retraining_decisions_pkey" PRIMARY KEY (as_of));

ALTER TABLE "public"."retraining_decisions" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."retraining_decisions" OWNER TO "postgres";

CREATE TABLE "public"."rollup_horizon" ("id" boolean NOT NULL DEFAULT true, "kept_from" timestamp with time zone NOT NULL DEFAULT date_trunc('hour'::text, (now() - '35 days'::interval), 'UTC'::text), CONSTRAINT "rollup_horizon_id_check" CHECK (id), CONSTRAINT "rollup_horizon_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."rollup_horizon" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."rollup_horizon" OWNER TO "postgres";

CREATE TABLE "public"."sensor_baselines" ("engine_id" uuid NOT NULL, "condition" smallint NOT NULL, "column_name" text NOT NULL, "readings" integer NOT NULL, "mean" double precision NOT NULL, "sd" double precision, "sorted_values" real[] NOT NULL, CONSTRAINT "sensor_baselines_condition_check" CHECK ((condition >= 0)), CONSTRAINT "sensor_baselines_pkey" PRIMARY KEY (engine_id, condition, column_name), CONSTRAINT "sensor_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."sensor_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_baselines" OWNER TO "postgres";

CREATE TABLE "public"."sensor_data_changes" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "engine_ids" uuid[], "hours" tstzmultirange NOT NULL, "changed_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "sensor_data_changes_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."sensor_data_changes" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_data_changes" OWNER TO "postgres";

CREATE TABLE "public"."sensor_drift" ("engine_id" uuid NOT NULL, "column_name" text NOT NULL, "verdict" text NOT NULL, "ks_statistic" double precision, "p_value" double precision, "q_value" double precision, "mean_shift" double precision, "wear_shift" double precision, "wear" double precision, "baseline_readings" integer NOT NULL, "window_readings" integer NOT NULL, "window_start" timestamp with time zone, "window_end" timestamp with time zone, "as_of" timestamp with time zone NOT NULL, CONSTRAINT "sensor_drift_baseline_readings_check" CHECK ((baseline_readings >= 0)), CONSTRAINT "sensor_drift_check" CHECK (((verdict = 'insufficient_data'::text) OR ((ks_statistic IS NOT NULL) AND (p_value IS NOT NULL) AND (q_value IS NOT NULL)))), CONSTRAINT "sensor_drift_ks_statistic_check" CHECK (((ks_statistic >= (0)::double precision) AND (ks_statistic <= (1)::double precision))), CONSTRAINT "sensor_drift_p_value_check" CHECK (((p_value >= (0)::double precision) AND (p_value <= (1)::double precision))), CONSTRAINT "sensor_drift_pkey" PRIMARY KEY (engine_id, column_name), CONSTRAINT "sensor_drift_q_value_check" CHECK (((q_value >= (0)::double precision) AND (q_value <= (1)::double precision))), CONSTRAINT "sensor_drift_verdict_check" CHECK ((verdict = ANY (ARRAY['stable'::text, 'degradation'::text, 'drift'::text, 'insufficient_data'::text]))), CONSTRAINT "sensor_drift_window_readings_check" CHECK ((window_readings >= 0)));

ALTER TABLE "public"."sensor_drift" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_drift" OWNER TO "postgres";

CREATE TABLE "public"."task_attempts" ("task_run_id" bigint NOT NULL, "attempt" integer NOT NULL, "executor" text NOT NULL, "started_at" timestamp with time zone NOT NULL, "finished_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "outcome" text NOT NULL, "transient" boolean, "error" text, "sqlstate" text, CONSTRAINT "task_attempts_attempt_check" CHECK ((attempt > 0)), CONSTRAINT "task_attempts_check1" CHECK (((outcome = ANY (ARRAY['failed'::text, 'lost'::text, 'timed_out'::text])) = (transient IS NOT NULL))), CONSTRAINT "task_attempts_check" CHECK (((outcome = 'succeeded'::text) = (error IS NULL))), CONSTRAINT "task_attempts_outcome_check" CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'lost'::text, 'timed_out'::text, 'cancelled'::text]))), CONSTRAINT "task_attempts_pkey" PRIMARY KEY (task_run_id, attempt));

ALTER TABLE "public"."task_attempts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."task_attempts" OWNER TO "postgres";

CREATE TABLE "public"."task_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "run_id" bigint NOT NULL, "pipeline" text NOT NULL, "task" text NOT NULL, "state" text NOT NULL DEFAULT 'waiting'::text, "attempt" integer NOT NULL DEFAULT 0, "attempts_before_rerun" integer NOT NULL DEFAULT 0, "ready_at" timestamp with time zone, "next_attempt_at" timestamp with time zone, "started_at" timestamp with time zone, "finished_at" timestamp with time zone, "timeout_at" timestamp with time zone, "lease_until" timestamp with time zone, "worker" text, "backend_pid" integer, "error" text, "sqlstate" text, "result" jsonb, CONSTRAINT "task_runs_attempt_check" CHECK ((attempt >= 0)), CONSTRAINT "task_runs_attempts_before_rerun_check" CHECK ((attempts_before_rerun >= 0)), CONSTRAINT "task_runs_check1" CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))), CONSTRAINT "task_runs_check2" CHECK (((state = 'running'::text) = (timeout_at IS NOT NULL))), CONSTRAINT "task_runs_check3" CHECK (((state = 'running'::text) = (num_nonnulls(worker, backend_pid) = 1))), CONSTRAINT "task_runs_check4" CHECK (((worker IS NULL) = (lease_until IS NULL))), CONSTRAINT "task_runs_check5" CHECK (((state <> 'running'::text) OR ((attempt > attempts_before_rerun) AND (started_at IS NOT NULL)))), CONSTRAINT "task_runs_check6" CHECK (((state = 'retrying'::text) = (next_attempt_at IS NOT NULL))), CONSTRAINT "task_runs_check7" CHECK (((state <> 'ready'::text) OR (ready_at IS NOT NULL))), CONSTRAINT "task_runs_check8" CHECK (((state <> ALL (ARRAY['failed'::text, 'retrying'::text])) OR (error IS NOT NULL))), CONSTRAINT "task_runs_check9" CHECK (((result IS NULL) OR (state = 'succeeded'::text))), CONSTRAINT "task_runs_check" CHECK ((attempts_before_rerun <= attempt)), CONSTRAINT "task_runs_pkey" PRIMARY KEY (id), CONSTRAINT "task_runs_run_id_task_key" UNIQUE (run_id, task), CONSTRAINT "task_runs_state_check" CHECK ((state = ANY (ARRAY['waiting'::text, 'ready'::text, 'running'::text, 'retrying'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text]))));

ALTER TABLE "public"."task_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."task_runs" OWNER TO "postgres";

CREATE TABLE "public"."wear_signatures" ("dataset" text, "column_name" text NOT NULL, "shift" double precision NOT NULL, "spread" double precision NOT NULL, "engines" integer NOT NULL, "learned_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "wear_signatures_dataset_column_name_key" UNIQUE NULLS NOT DISTINCT (dataset, column_name), CONSTRAINT "wear_signatures_engines_check" CHECK ((engines > 0)), CONSTRAINT "wear_signatures_spread_check" CHECK ((spread >= (0)::double precision)));

ALTER TABLE "public"."wear_signatures" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."wear_signatures" OWNER TO "postgres";

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "column_name" text;

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "run_id" bigint;

ALTER TABLE "public"."engines" ADD COLUMN "cadence" interval;

ALTER TABLE "public"."engines" ADD COLUMN "cohort" text;

ALTER TABLE "public"."jobs" ADD COLUMN "period" interval NOT NULL DEFAULT '1 day'::interval;

ALTER TABLE "public"."jobs" ADD COLUMN "registered_at" timestamp with time zone NOT NULL DEFAULT now();

CREATE TYPE "public"."check_result" AS ("metric_name" text, "column_name" text, "engine_id" uuid, "metric_value" double precision, "threshold_min" double precision, "threshold_max" double precision, "status" text, "rows_checked" bigint, "evidence" jsonb);

ALTER TYPE "public"."check_result" OWNER TO "postgres";

CREATE TYPE "public"."column_measurement" AS ("engine_id" uuid, "column_name" text, "rows_checked" bigint, "broken" bigint);

ALTER TYPE "public"."column_measurement" OWNER TO "postgres";

CREATE TYPE "public"."engine_measurement" AS ("engine_id" uuid, "value" double precision, "weight" double precision, "rows_checked" bigint, "evidence" jsonb);

ALTER TYPE "public"."engine_measurement" OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.acknowledge_alert(alert_id bigint, acknowledged_by text, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  alert public.alerts;
begin
  alert := public.require_open_alert('acknowledge', alert_id, acknowledged_by);
  if alert.state = 'acknowledged' then
    raise exception 'Cannot acknowledge alert % as it must be open: current value is acknowledged', alert_id
      using errcode = 'SP551',
        hint = format('%s has acknowledged it at %s.', alert.acknowledged_by, alert.acknowledged_at);
  end if;
  update public.alerts
  set
    state = 'acknowledged',
    acknowledged_at = acknowledge_alert.as_of,
    acknowledged_by = acknowledge_alert.acknowledged_by
  where id = acknowledge_alert.alert_id;
  perform public.record_alert_events(array[alert_id], array['acknowledged'], acknowledged_by, as_of);
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$function$
;

ALTER FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.activate_alert_channels(kinds text[], as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  activated text[];
begin
  if not exists (select from public.alert_channels where active is null and kind = any (kinds)) then
    return 0;
  end if;
  -- or an alert that is opened or resolved at this moment would see no channel here, and not be seen itself
  perform pg_advisory_xact_lock(hashtext('public.alerts'));
  perform from public.alerts where resolved_at is null order by id for update;

  with changed as (
    update public.alert_channels set active = true where active is null and kind = any (kinds) returning name
  )
  select coalesce(array_agg(name), '{}') into activated from changed;

  insert into public.alert_deliveries (alert_id, event_number, channel, next_attempt_at)
  select told.alert_id, told.number, alert_channels.name, as_of
  from public.alert_channels
  join (
    select distinct on (alert_events.alert_id) alert_events.alert_id, alert_events.number, alert_events.severity
    from public.alert_events
    join public.alerts on alerts.id = alert_events.alert_id and alerts.resolved_at is null
    where not alert_events.held_back and alert_events.event not in ('acknowledged', 'resolved')
    order by alert_events.alert_id, alert_events.number desc
  ) as told on alert_channels.minimum_severity = 'warning' or told.severity = 'fail'
  where alert_channels.name = any (activated);
  return cardinality(activated);
end;
$function$
;

ALTER FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.advance_pipelines(as_of timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  gone record;
  open_run bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.pipeline_tick')) then
    raise exception 'Cannot advance the pipelines as no other session must be doing so' using errcode = '55P03';
  end if;

  perform public.schedule_pipeline_runs(as_of);

  for gone in
    select
      task_runs.id, task_runs.attempt, task_runs.worker, task_runs.lease_until >= task_runs.timeout_at as out_of_time
    from public.task_runs
    where task_runs.state = 'running' and (task_runs.worker is null or task_runs.lease_until < as_of)
    order by task_runs.id
  loop
    perform public.end_task_attempt(
      gone.id,
      gone.attempt,
      case when gone.out_of_time then 'timed_out' else 'lost' end,
      as_of,
      transient => true,
      error => case
        when gone.worker is null then 'The session that ran it has ended before the task did'
        when gone.out_of_time then 'Cannot go on as the task must end within its timeout'
        else format('Worker %s has not extended its lease', gone.worker)
      end
    );
  end loop;

  for open_run in
    update public.task_runs
    set
      state = 'failed',
      finished_at = clock_timestamp(),
      error = format('Cannot start as a worker must take it within %s; job spool-worker says: %s', tasks.claim_within, (
        select coalesce(jobs.last_result, 'nothing') from public.jobs where jobs.name = 'spool-worker'
      ))
    from public.pipeline_tasks as tasks
    where tasks.pipeline = task_runs.pipeline
      and tasks.name = task_runs.task
      and tasks.kind = 'queue'
      and task_runs.state = 'ready'
      and task_runs.ready_at + tasks.claim_within < as_of
    returning task_runs.run_id
  loop
    perform public.settle_pipeline_run(open_run, as_of);
  end loop;

  for open_run in
    update public.pipeline_runs
    set
      state = 'running',
      started_at = clock_timestamp(),
      sla_due_at = case
        when pipeline_runs.trigger in ('backfill', 'manual') and pipeline_runs.sla_missed_at is null
        then as_of + pipelines.sla
        else pipeline_runs.sla_due_at
      end
    from public.pipelines
    cross join lateral (
      select queued.id
      from public.pipeline_runs as queued
      where queued.pipeline = pipelines.name and queued.state = 'queued'
      order by queued.trigger = 'backfill', queued.logical_time
      limit greatest(0, pipelines.max_active_runs - (
        select count(*) from public.pipeline_runs as active
        where active.pipeline = pipelines.name and active.state = 'running'
      ))
    ) as next
    where pipeline_runs.id = next.id
    returning pipeline_runs.id
  loop
    perform public.settle_pipeline_run(open_run, as_of);
  end loop;

  update public.pipeline_runs
  set sla_missed_at = as_of
  where pipeline_runs.sla_due_at < as_of
    and pipeline_runs.sla_missed_at is null
    and pipeline_runs.state in ('queued', 'running', 'failed');
end;
$function$
;

ALTER FUNCTION "public"."advance_pipelines"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.alert_changes(observations jsonb, as_of timestamp with time zone)
 RETURNS TABLE(alert_id bigint, kind text, subject text, failing boolean, severity text, summary text, evidence jsonb, event text, flapping boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with given as (
    -- the worst of what is said about a subject counts; fail is before warning in any order of letters
    select distinct on (kind, subject)
      kind, subject, failing, coalesce(severity, 'fail') as severity, summary, coalesce(evidence, '{}') as evidence
    from jsonb_to_recordset(observations)
      as observation (kind text, subject text, failing boolean, severity text, summary text, evidence jsonb)
    order by kind, subject, failing desc, coalesce(severity, 'fail')
  ),
  counted as (
    select
      given.*,
      failing and latest.is_open is not true and (latest.last_observed_at < as_of) is not false as begins
    from given
    left join lateral (
      select resolved_at is null as is_open, last_observed_at
      from public.alerts
      where alerts.kind = given.kind and alerts.subject = given.subject
      order by id desc
      limit 1
    ) as latest on true
  ),
  -- few observations can neither begin a storm nor show that one is over, unless they say so
  storms as (
    select
      counted.kind,
      count(*) filter (where begins) as beginning,
      count(*) filter (where begins) > min(settings.most_subjects) as rages,
      min(counted.severity) filter (where begins) as severity,
      (array_agg(counted.subject order by counted.subject) filter (where begins))[:min(settings.most_subjects)]
        as first_subjects
    from counted
    cross join public.alert_settings as settings
    group by counted.kind
    having count(*) filter (where subject <> '*') > min(settings.most_subjects) or bool_or(subject = '*')
  ),
  observed as (
    select counted.kind, counted.subject, failing, counted.severity, summary, evidence
    from counted
    left join storms on storms.kind = counted.kind
    where subject <> '*' and not (begins and rages is true)
    union all
    select
      kind, '*', rages, coalesce(severity, 'fail'),
      format(
        '%s subjects of kind %s began to fail at once, %s first among them', beginning, kind, first_subjects[1]
      ),
      jsonb_build_object('count', beginning, 'first_subjects', to_jsonb(first_subjects))
    from storms
  )
  select
    case when latest.is_open or comes_back or not observed.failing then latest.id end,
    observed.kind,
    observed.subject,
    observed.failing,
    observed.severity,
    observed.summary,
    observed.evidence,
    case
      when not observed.failing and latest.is_open and latest.passes + 1 >= settings.resolve_after then 'resolved'
      when not observed.failing then null
      when comes_back then 'reopened'
      when latest.is_open is not true then 'opened'
      when latest.severity = 'warning' and observed.severity = 'fail' then 'escalated'
      when latest.state = 'open' and not latest.held_back and as_of >= told.last_at + settings.repeat_after
        then 'reminder'
    end,
    comes_back and reopenings.recent >= settings.flap_limit
  from observed
  cross join public.alert_settings as settings
  left join lateral (
    select alerts.*, resolved_at is null as is_open
    from public.alerts
    where alerts.kind = observed.kind and alerts.subject = observed.subject
    order by id desc
    limit 1
  ) as latest on true
  cross join lateral (
    select coalesce(observed.failing and as_of < latest.resolved_at + settings.flap_window, false) as comes_back
  ) as return
  cross join lateral (
    select max(alert_events.at) as last_at
    from public.alert_events
    where alert_events.alert_id = latest.id and not alert_events.held_back and alert_events.event <> 'acknowledged'
  ) as told
  cross join lateral (
    select count(*) as recent
    from public.alert_events
    where alert_events.alert_id = latest.id
      and alert_events.event = 'reopened'
      and alert_events.at > as_of - settings.flap_window
  ) as reopenings
  where (latest.last_observed_at < as_of) is not false
    and (observed.failing or latest.id is not null);
$function$
;

ALTER FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.backfill_pipeline(pipeline text, from_time timestamp with time zone, to_time timestamp with time zone, as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  period_seconds numeric;
  known_time timestamptz;
  first_place bigint;
  last_place bigint;
  made integer;
begin
  select extract(epoch from pipelines.period), pipelines.next_logical_time
  into period_seconds, known_time
  from public.pipelines
  where pipelines.name = backfill_pipeline.pipeline;
  if not found then
    raise exception 'Cannot backfill as pipeline must be the name of one: current value is %', backfill_pipeline.pipeline
      using errcode = '22023';
  end if;
  if not coalesce(isfinite(from_time) and isfinite(to_time) and from_time <= to_time and to_time <= as_of, false) then
    raise exception 'Cannot backfill as from_time and to_time must be past moments in this order: current value is % to %',
      from_time, to_time
      using errcode = '22023';
  end if;
  -- periods are counted from a known logical time: backwards too, so that places may be negative
  first_place := ceil(extract(epoch from from_time - known_time) / period_seconds);
  last_place := floor(extract(epoch from to_time - known_time) / period_seconds);
  if last_place - first_place >= 10000 then
    raise exception 'Cannot backfill as there must be at most 10000 periods: current value is %', last_place - first_place + 1
      using errcode = '22023';
  end if;
  select count(public.make_pipeline_run(
    backfill_pipeline.pipeline,
    known_time + make_interval(secs => (place * period_seconds)::double precision),
    'backfill'
  ))
  into made
  from generate_series(first_place, last_place) as place;
  return made;
end;
$function$
;

ALTER FUNCTION "public"."backfill_pipeline"(text, timestamp with time zone, timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.baseline_references()
 RETURNS TABLE(dataset text, condition smallint, column_name text, mean double precision, sd double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select
    engines.dataset,
    baseline.condition,
    baseline.column_name,
    sum(baseline.mean * baseline.readings) / sum(baseline.readings),
    sqrt(sum(baseline.sd ^ 2 * (baseline.readings - 1)) / nullif(sum(baseline.readings - 1), 0))
  from public.sensor_baselines as baseline
  join public.engines on engines.id = baseline.engine_id
  group by engines.dataset, baseline.condition, baseline.column_name;
$function$
;

ALTER FUNCTION "public"."baseline_references"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.cancel_overdue_tasks(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  cancelled integer;
begin
  select count(*) filter (where public.cancel_sql_task(task_runs.id))
  into cancelled
  from public.task_runs
  where task_runs.state = 'running' and task_runs.backend_pid is not null and task_runs.timeout_at <= as_of;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = format('%s tasks cancelled', cancelled)
  where name = 'spool-timeouts';
  return cancelled;
end;
$function$
;

ALTER FUNCTION "public"."cancel_overdue_tasks"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.cancel_run(run_id bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  current_state text;
begin
  select pipeline_runs.state into current_state
  from public.pipeline_runs
  where pipeline_runs.id = cancel_run.run_id
  for update;
  if current_state is null or current_state not in ('queued', 'running') then
    raise exception 'Cannot cancel a run as it must be queued or running: current value is %',
      coalesce(current_state, format('no run %s', cancel_run.run_id))
      using errcode = '22023';
  end if;
  -- before they are looked at, as a worker may be claiming one of them
  perform from public.task_runs where task_runs.run_id = cancel_run.run_id for update;
  perform public.cancel_sql_task(task_runs.id)
  from public.task_runs
  where task_runs.run_id = cancel_run.run_id and task_runs.backend_pid is not null;

  with ended as (
    update public.task_runs
    set
      state = 'cancelled',
      finished_at = clock_timestamp(),
      next_attempt_at = null,
      timeout_at = null,
      lease_until = null,
      worker = null,
      backend_pid = null
    from public.task_runs as before
    where before.id = task_runs.id
      and task_runs.run_id = cancel_run.run_id
      and task_runs.finished_at is null
    returning before.id, before.attempt, before.state, before.started_at, before.worker, before.backend_pid
  )
  insert into public.task_attempts (task_run_id, attempt, executor, started_at, outcome, error)
  select
    ended.id, ended.attempt, coalesce(ended.worker, 'postgres ' || ended.backend_pid), ended.started_at,
    'cancelled', 'The run was cancelled'
  from ended
  where ended.state = 'running';
  update public.pipeline_runs
  set state = 'cancelled', finished_at = clock_timestamp()
  where pipeline_runs.id = cancel_run.run_id;
end;
$function$
;

ALTER FUNCTION "public"."cancel_run"(bigint) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.cancel_sql_task(task_run_id bigint)
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select coalesce(bool_or(pg_cancel_backend(task_runs.backend_pid)), false)
  from public.task_runs
  join pg_catalog.pg_locks as tick on tick.pid = task_runs.backend_pid
  where task_runs.id = cancel_sql_task.task_run_id
    and task_runs.state = 'running'
    and tick.locktype = 'advisory'
    and tick.database = (select oid from pg_catalog.pg_database where datname = current_database())
    and tick.objid::bigint = hashtext('public.pipeline_tick')::bigint & 4294967295
    and tick.objsubid = 1
    and tick.mode = 'ExclusiveLock'
    and tick.granted;
$function$
;

ALTER FUNCTION "public"."cancel_sql_task"(bigint) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_clock(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  step as (
    select step.engine_id, step."timestamp", step.cycle, step.previous_timestamp, step.previous_cycle
    from bounds
    cross join lateral public.reading_steps(bounds.window_start, as_of) as step
    cross join lateral (
      select
        step.cycle - step.previous_cycle as cycles,
        extract(epoch from step."timestamp" - step.previous_timestamp) / extract(epoch from step.cadence) as cadences
    ) as advanced
    -- two cadences of slack above, because one reading may be late and the next one early
    where advanced.cycles < 0
      or advanced.cycles > 0 and (
        advanced.cadences > 1.5 * advanced.cycles + 2 or advanced.cadences < 0.25 * advanced.cycles
      )
    union all
    select engines.id, ahead."timestamp", ahead.cycle, null, null
    from public.engines
    cross join lateral (
      select reading."timestamp", reading.cycle
      from public.sensor_data as reading
      where reading.engine_id = engines.id and reading."timestamp" > as_of and reading.created_at <= as_of
      order by reading."timestamp"
      limit 1
    ) as ahead
  ),
  broken as (
    select
      step.engine_id,
      count(*) as steps,
      jsonb_agg(
        jsonb_build_object(
          'timestamp', step."timestamp", 'cycle', step.cycle,
          'previous_timestamp', step.previous_timestamp, 'previous_cycle', step.previous_cycle
        )
        order by step."timestamp", step.cycle
      ) filter (where step.place <= 20) as listed
    from (
      select step.*, row_number() over (partition by step.engine_id order by step."timestamp", step.cycle) as place
      from step
    ) as step
    group by step.engine_id
  ),
  measured as (
    select array_agg(row(
      engine_id,
      1 - least(coalesce(broken.steps, 0), coalesce(received.readings, 1))::double precision / coalesce(received.readings, 1),
      coalesce(received.readings, 1),
      coalesce(received.readings, 1),
      jsonb_build_object('breaks', coalesce(broken.steps, 0), 'failing', broken.listed)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as received
    full join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('clock', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_clock"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_completeness(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  step as materialized (
    select step.* from bounds cross join lateral public.reading_steps(bounds.window_start, as_of) as step
  ),
  engine as materialized (
    select
      engines.id as engine_id,
      cadence.cadence,
      cadence.source,
      coalesce(last."timestamp", engines.created_at) as last_timestamp,
      last."timestamp" is null as never_sent
    from public.engines
    join public.engine_cadences as cadence on cadence.engine_id = engines.id
    left join public.last_readings(as_of + interval '1 microsecond') as last on last.engine_id = engines.id
    where engines.status = 'active' and coalesce(last."timestamp", engines.created_at) <= as_of
  ),
  gap as (
    select step.engine_id, step.previous_timestamp as gap_start, step."timestamp" as gap_end, missed.readings
    from bounds
    cross join step
    cross join lateral public.missed_readings(
      step.previous_timestamp, step."timestamp", step.cadence, bounds.window_start
    ) as missed (readings)
    where missed.readings > 0
    union all
    select engine.engine_id, engine.last_timestamp, null, missed.readings
    from bounds
    cross join engine
    cross join lateral (
      select greatest(
        public.missed_readings(engine.last_timestamp, as_of, engine.cadence, bounds.window_start),
        -- A reading that was due before the window and has not come yet is missing in it, too: with a cadence longer
        -- than the window no reading may ever be due in it.
        (as_of - engine.last_timestamp >= 1.5 * engine.cadence)::integer
      ) as readings
    ) as missed
    where missed.readings > 0
  ),
  gaps as (
    select
      gap.engine_id,
      sum(gap.readings) as missed,
      count(*) as gap_count,
      jsonb_agg(
        jsonb_build_object('after', gap.gap_start, 'before', gap.gap_end, 'missed', gap.readings) order by gap.gap_start
      ) filter (where gap.place <= 20) as listed
    from (select gap.*, row_number() over (partition by gap.engine_id order by gap.gap_start) as place from gap) as gap
    group by gap.engine_id
  ),
  received as (
    select hourly.engine_id, sum(hourly.readings) as readings
    from bounds
    cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
    group by hourly.engine_id
  ),
  -- a reading that repeats the cycle before it does not make up for one that is missing
  repeated as (
    select step.engine_id, count(*) as readings from step where step.cycle = step.previous_cycle group by step.engine_id
  ),
  counted as (
    select
      engine.*,
      coalesce(received.readings, 0) as received,
      coalesce(gaps.missed, 0) as missed,
      coalesce(received.readings, 0) - coalesce(repeated.readings, 0) + coalesce(gaps.missed, 0) as expected,
      gaps.gap_count,
      gaps.listed
    from engine
    left join received using (engine_id)
    left join repeated using (engine_id)
    left join gaps using (engine_id)
  ),
  measured as (
    select array_agg(row(
      counted.engine_id,
      case when counted.cadence is not null then
        1 - counted.missed::double precision / nullif(counted.expected, 0)::double precision
      end,
      counted.expected,
      counted.received,
      jsonb_build_object(
        'cadence_seconds', extract(epoch from counted.cadence),
        'cadence_source', counted.source,
        'expected', counted.expected,
        'missed', counted.missed,
        'silent_since', case when counted.received = 0 and not counted.never_sent then counted.last_timestamp end,
        'never_sent', nullif(counted.never_sent, false),
        'gap_count', counted.gap_count,
        'gaps', counted.listed,
        'reason', case
          when counted.cadence is null then 'how often it should send is not known: set engines.cadence'
          when counted.expected = 0 then 'nothing was due in the window'
        end
      )
    )::public.engine_measurement) as engines
    from counted
  )
  select
    result.metric_name,
    result.column_name,
    result.engine_id,
    result.metric_value,
    result.threshold_min,
    result.threshold_max,
    result.status,
    result.rows_checked,
    case
      when result.engine_id is not null then result.evidence
      else result.evidence || (
        select jsonb_build_object(
          'expected', coalesce(sum(expected), 0),
          'missed', coalesce(sum(missed), 0),
          'silent_engines', count(*) filter (where received = 0 and missed > 0)
        )
        from counted
      )
    end
  from bounds
  cross join measured
  cross join lateral public.judge_engines(
    'completeness', 'mean', bounds.window_start, as_of, measured.engines
  ) as result;
$function$
;

ALTER FUNCTION "public"."check_completeness"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_conditions(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  measured as (
    select array_agg(row(
      counted.engine_id,
      1 - counted.unknown::double precision / counted.readings,
      counted.readings,
      counted.readings,
      jsonb_build_object('unknown', counted.unknown)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings, sum(hourly.unknown_conditions) as unknown
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as counted
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('conditions', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_conditions"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_cycles(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  broken as (
    select
      step.engine_id,
      count(*) as steps,
      jsonb_agg(
        jsonb_build_object('timestamp', step."timestamp", 'cycle', step.cycle, 'previous_cycle', step.previous_cycle)
        order by step."timestamp", step.cycle
      ) filter (where step.place <= 20) as listed
    from (
      select step.*, row_number() over (partition by step.engine_id order by step."timestamp", step.cycle) as place
      from bounds
      cross join lateral public.reading_steps(bounds.window_start, as_of) as step
      where step.cycle <> step.previous_cycle and step.cycle <> step.previous_cycle + 1
    ) as step
    group by step.engine_id
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - coalesce(broken.steps, 0)::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('breaks', coalesce(broken.steps, 0), 'failing', broken.listed)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as received
    left join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('cycles', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_cycles"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_drift(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select result.*
  from (select date_trunc('hour', as_of - check_window, 'UTC') as window_start) as bounds
  cross join lateral public.judge_drift(
    bounds.window_start,
    as_of,
    array(select measured from public.measure_drift(public.engines_to_compare(bounds.window_start, as_of), as_of) as measured)
  ) as result;
$function$
;

ALTER FUNCTION "public"."check_drift"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_duplicates(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  suspect as (
    select distinct step.engine_id
    from bounds
    cross join lateral public.reading_steps(bounds.window_start, as_of) as step
    where step.cycle <= step.previous_cycle
  ),
  repeated as (
    select
      copies.engine_id,
      sum(copies.within) as readings,
      jsonb_agg(
        jsonb_build_object('cycle', copies.cycle, 'timestamps', copies.timestamps) order by copies.cycle
      ) filter (where copies.place <= 20) as listed
    from (
      select
        reading.engine_id,
        reading.cycle,
        count(*) filter (where reading."timestamp" >= bounds.window_start) as within,
        to_jsonb((array_agg(reading."timestamp" order by reading."timestamp"))[:5]) as timestamps,
        row_number() over (partition by reading.engine_id order by reading.cycle) as place
      from bounds
      cross join suspect
      cross join lateral (
        select stored.engine_id, stored.cycle, stored."timestamp"
        from public.sensor_data as stored
        where stored.engine_id = suspect.engine_id and stored."timestamp" <= as_of
        offset 0 -- as a join it may be a hash join, which reads all engines
      ) as reading
      group by reading.engine_id, reading.cycle
      having count(*) > 1 and count(*) filter (where reading."timestamp" >= bounds.window_start) > 0
    ) as copies
    group by copies.engine_id
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - coalesce(repeated.readings, 0)::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('repeated', coalesce(repeated.readings, 0), 'failing', repeated.listed)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as received
    left join repeated using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('duplicates', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_duplicates"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_fleet_drift(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with cohort as (
    select
      coalesce(engines.dataset, engines.model, '') as fleet,
      engines.cohort,
      array_agg(engines.id) as engine_ids,
      row_number() over (
        partition by coalesce(engines.dataset, engines.model, '') order by count(*) desc, engines.cohort
      ) as place
    from public.engines
    join public.engine_baselines as baseline on baseline.engine_id = engines.id
    where engines.cohort is not null and baseline.complete and baseline.last_timestamp <= as_of
    group by coalesce(engines.dataset, engines.model, ''), engines.cohort
  ),
  compared as (
    select reference.fleet, reference.cohort as reference, other.cohort as current, drift.*
    from cohort as reference
    join cohort as other on other.fleet = reference.fleet and other.place > 1
    cross join lateral public.fleet_drift(reference.engine_ids, other.engine_ids) as drift
    where reference.place = 1
  ),
  measured as (
    select
      count(*) filter (where verdict <> 'insufficient_data') as tests,
      count(*) filter (where verdict = 'drift') as drifting,
      coalesce(sum(distinct reference_readings + current_readings), 0) as readings,
      jsonb_agg(distinct jsonb_build_object('fleet', fleet, 'reference', reference, 'current', current)) as compared,
      jsonb_agg(
        jsonb_build_object(
          'fleet', fleet, 'reference', reference, 'current', current, 'column', column_name,
          'ks_statistic', ks_statistic, 'q_value', q_value, 'mean_shift', mean_shift, 'icc', icc,
          'reference_effective', reference_effective, 'current_effective', current_effective
        )
        order by ks_statistic desc
      ) filter (where verdict = 'drift') as failing
    from compared
  )
  select
    'fleet_drift',
    null::text,
    null::uuid,
    case when measured.tests > 0 then measured.drifting::double precision end,
    null::double precision,
    0::double precision,
    public.expectation_verdict(
      case when measured.tests > 0 then measured.drifting::double precision end, null, 0, rule.severity
    ),
    measured.readings::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'least_ks_statistic', rule.max,
      'fingerprint', public.fleet_fingerprint(as_of),
      'compared', measured.compared,
      'failing_count', measured.drifting,
      'failing', measured.failing,
      'reason', case
        when measured.compared is null then 'no fleet has two cohorts with baselines (engines.cohort)'
        when measured.tests = 0 then 'insufficient_data'
      end
    ))
  from measured
  join (
    select min(effective.max) as max, min(effective.severity) as severity, count(*) as rules
    from public.effective_expectations as effective
    where effective.kind = 'fleet_drift' and effective.dataset is null
  ) as rule on rule.rules > 0;
$function$
;

ALTER FUNCTION "public"."check_fleet_drift"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_freshness(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with fleet as (
    select
      count(*) as engines,
      max(last."timestamp") as newest,
      percentile_cont(0.5) within group (order by cadence.cadence) as cadence
    from public.engines
    join public.engine_cadences as cadence on cadence.engine_id = engines.id
    left join public.last_readings(as_of + interval '1 microsecond') as last on last.engine_id = engines.id
    where engines.status = 'active'
  ),
  age as (
    select fleet.*, extract(epoch from as_of - fleet.newest) / extract(epoch from fleet.cadence) as cadences
    from fleet
  )
  select
    'freshness',
    null::text,
    null::uuid,
    age.cadences::double precision,
    rule.min,
    rule.max,
    public.expectation_verdict(age.cadences::double precision, rule.min, rule.max, rule.severity),
    age.engines,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'newest_reading', age.newest,
      'age_seconds', extract(epoch from as_of - age.newest),
      'cadence_seconds', extract(epoch from age.cadence),
      'reason', case
        when age.engines = 0 then 'there is no active engine'
        when age.newest is null then 'no active engine has sent a reading'
        when age.cadence is null then 'how often engines should send is not known: set engines.cadence'
      end
    ))
  from age
  join public.effective_expectations as rule on rule.kind = 'freshness' and rule.dataset is null;
$function$
;

ALTER FUNCTION "public"."check_freshness"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_nulls(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  hourly as materialized (
    select hourly.*
    from bounds
    cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
  ),
  received as (
    select hourly.engine_id, sum(hourly.readings)::bigint as readings from hourly group by hourly.engine_id
  ),
  -- few hours have any: only those are taken apart
  missing as (
    select hourly.engine_id, counted.column_name, sum(counted.nulls)::bigint as nulls
    from hourly
    cross join lateral unnest(public.value_columns(), hourly.nulls) as counted (column_name, nulls)
    where 0 < any (hourly.nulls)
    group by hourly.engine_id, counted.column_name
  ),
  measured as (
    select array_agg(row(
      received.engine_id, columns.column_name, received.readings, coalesce(missing.nulls, 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) as columns (column_name)
    left join missing on missing.engine_id = received.engine_id and missing.column_name = columns.column_name
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_columns('nulls', bounds.window_start, as_of, measured.columns) as result;
$function$
;

ALTER FUNCTION "public"."check_nulls"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_range(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  hourly as materialized (
    select hourly.*
    from bounds
    cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
  ),
  received as (
    select hourly.engine_id, sum(hourly.readings)::bigint as readings from hourly group by hourly.engine_id
  ),
  -- few hours have any: only those are taken apart
  counted as (
    select
      hourly.engine_id,
      counted.column_name,
      sum(counted.nulls)::bigint as nulls,
      sum(counted.outside)::bigint as outside
    from hourly
    cross join lateral unnest(public.value_columns(), hourly.nulls, hourly.outside)
      as counted (column_name, nulls, outside)
    where 0 < any (hourly.nulls) or 0 < any (hourly.outside)
    group by hourly.engine_id, counted.column_name
  ),
  measured as (
    select array_agg(row(
      received.engine_id,
      columns.column_name,
      received.readings - coalesce(counted.nulls, 0),
      coalesce(counted.outside, 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) as columns (column_name)
    left join counted on counted.engine_id = received.engine_id and counted.column_name = columns.column_name
  ),
  -- the readings behind the counts: only in the first hours that have any, of each column
  suspect as (
    select suspect.*
    from (
      select
        hourly.engine_id, hourly.first_timestamp, hourly.last_timestamp, counted.column_name, counted.place as column_place,
        row_number() over (partition by counted.column_name order by hourly.hour, hourly.engine_id) as place
      from hourly
      cross join lateral unnest(public.value_columns(), hourly.outside)
        with ordinality as counted (column_name, outside, place)
      where 0 < any (hourly.outside) and counted.outside > 0
    ) as suspect
    where suspect.place <= 20
  ),
  failing as (
    select
      found.column_name,
      jsonb_agg(
        jsonb_build_object(
          'engine', found.unit_number, 'cycle', found.cycle, 'timestamp', found."timestamp", 'value', found.value,
          'condition', found.condition, 'min', found.min, 'max', found.max
        )
        order by found."timestamp", found.unit_number, found.cycle
      ) as listed
    from (
      select
        suspect.column_name, engines.unit_number, reading.cycle, reading."timestamp", reading.condition,
        measurement.value::text as value, limits.minima[suspect.column_place] as min, limits.maxima[suspect.column_place] as max,
        row_number() over (
          partition by suspect.column_name order by reading."timestamp", engines.unit_number, reading.cycle
        ) as place
      from suspect
      join public.engines on engines.id = suspect.engine_id
      cross join lateral (
        select classified.*
        from public.classified_readings as classified
        where classified.engine_id = suspect.engine_id
          and classified."timestamp" >= suspect.first_timestamp and classified."timestamp" <= suspect.last_timestamp
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as reading
      join public.reading_bounds as limits
        on coalesce(limits.dataset, '') = coalesce(engines.dataset, '') and limits.condition = reading.condition
      cross join lateral (
        select (array[
          reading.altitude, reading.mach_number, reading.tra, reading.s2, reading.s3, reading.s4, reading.s7,
          reading.s8, reading.s9, reading.s11, reading.s12, reading.s13, reading.s14, reading.s15, reading.s17,
          reading.s20, reading.s21
        ])[suspect.column_place] as value
      ) as measurement
      where measurement.value < limits.minima[suspect.column_place]
        or measurement.value > limits.maxima[suspect.column_place]
    ) as found
    where found.place <= 20
    group by found.column_name
  )
  select
    result.metric_name,
    result.column_name,
    result.engine_id,
    result.metric_value,
    result.threshold_min,
    result.threshold_max,
    result.status,
    result.rows_checked,
    case
      when failing.listed is null then result.evidence
      else result.evidence || jsonb_build_object('failing', failing.listed)
    end
  from bounds
  cross join measured
  cross join lateral public.judge_columns('range', bounds.window_start, as_of, measured.columns) as result
  left join failing on failing.column_name = result.column_name and result.engine_id is null;
$function$
;

ALTER FUNCTION "public"."check_range"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_rejected(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  arrived as (
    select
      coalesce(sum(batches.received), 0) as received,
      coalesce(sum(batches.rejected), 0) as rejected,
      sum(batches.rejected)::double precision / nullif(sum(batches.received), 0) as value
    from bounds
    join public.batches on batches.received_at >= bounds.window_start and batches.received_at <= as_of
  ),
  reasons as (
    select jsonb_agg(jsonb_build_object('path', path, 'source', source, 'letters', letters) order by letters desc) as listed
    from (
      select letter.path, letter.source, count(*) as letters
      from bounds
      join public.dead_letters as letter
        on letter.first_seen_at >= bounds.window_start and letter.first_seen_at <= as_of
      group by letter.path, letter.source
      order by count(*) desc
      limit 20
    ) as reason
  )
  select
    'rejected',
    null::text,
    null::uuid,
    arrived.value,
    rule.min,
    rule.max,
    public.expectation_verdict(arrived.value, rule.min, rule.max, rule.severity),
    arrived.received::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', bounds.window_start,
      'window_end', as_of,
      'received', arrived.received,
      'rejected', arrived.rejected,
      'reasons', reasons.listed,
      'reason', case when arrived.value is null then 'nothing arrived in the window' end
    ))
  from bounds
  cross join arrived
  cross join reasons
  join public.effective_expectations as rule on rule.kind = 'rejected' and rule.dataset is null;
$function$
;

ALTER FUNCTION "public"."check_rejected"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_retraining(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  evidence jsonb;
  reasons text[];
begin
  select jsonb_build_object(
    'judged_engines', drift.judged,
    'drifting_engines', drift.drifting,
    'most_drifting_share', 0.2,
    'fleet_drift', fleet.status,
    'predictions', error.predictions,
    'prediction_rmse', error.rmse,
    'most_prediction_rmse', 20
  )
  into evidence
  from (
    -- of the run of the checks, not the present state: that may be later
    select
      coalesce(max((run.evidence ->> 'engines')::integer - coalesce((run.evidence ->> 'not_evaluated_engines')::integer, 0)), 0)
        as judged,
      coalesce(max((run.evidence ->> 'failing_count')::integer), 0) as drifting
    from (
      select metric.evidence
      from public.data_quality_metrics as metric
      where metric.metric_name = 'drift' and metric.engine_id is null
        and metric.check_timestamp <= check_retraining.as_of
      order by metric.check_timestamp desc
      limit 1
    ) as run
  ) as drift
  cross join (
    select (
      select metric.status
      from public.data_quality_metrics as metric
      where metric.metric_name = 'fleet_drift' and metric.engine_id is null
        and metric.check_timestamp <= check_retraining.as_of
      order by metric.check_timestamp desc
      limit 1
    ) as status
  ) as fleet
  cross join (
    select
      count(*) as predictions,
      sqrt(avg((prediction.predicted_rul - least(engines.rul_cap, engines.life_cycles - prediction.cycle)) ^ 2)) as rmse
    from public.rul_predictions as prediction
    join public.engines on engines.id = prediction.engine_id
    where engines.status = 'failed' and engines.life_cycles >= prediction.cycle
      and prediction.predicted_at > check_retraining.as_of - interval '90 days'
      and prediction.predicted_at <= check_retraining.as_of
  ) as error;

  reasons := array_remove(array[
    case when (evidence ->> 'drifting_engines')::numeric > 0.2 * (evidence ->> 'judged_engines')::numeric then
      format('%s of %s engines drift', evidence ->> 'drifting_engines', evidence ->> 'judged_engines')
    end,
    case when evidence ->> 'fleet_drift' = 'fail' then 'cohorts of the fleet differ' end,
    case when (evidence ->> 'prediction_rmse')::numeric > 20 then
      format('predictions miss by %s cycles', round((evidence ->> 'prediction_rmse')::numeric, 1))
    end
  ], null);

  insert into public.retraining_decisions (as_of, retrain, reasons, evidence)
  values (check_retraining.as_of, cardinality(reasons) > 0, reasons, evidence)
  on conflict on constraint retraining_decisions_pkey do update set
    retrain = excluded.retrain, reasons = excluded.reasons, evidence = excluded.evidence, decided_at = now();
  return jsonb_build_object('retrain', cardinality(reasons) > 0, 'reasons', to_jsonb(reasons), 'evidence', evidence);
end;
$function$
;

ALTER FUNCTION "public"."check_retraining"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_schema(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with compared as (
    select
      coalesce(declared.table_name, live.table_name) as table_name,
      coalesce(declared.column_name, live.column_name) as column_name,
      concat(declared.data_type, case when not declared.is_nullable then ' not null' end) as declared,
      concat(live.data_type, case when not live.is_nullable then ' not null' end) as live
    from public.declared_columns as declared
    full join public.live_columns() as live
      on live.table_name = declared.table_name and live.column_name = declared.column_name
    where coalesce(declared.table_name, live.table_name) in (select known.table_name from public.declared_columns as known)
  ),
  difference as (
    select table_name, column_name, nullif(declared, '') as declared, nullif(live, '') as live
    from compared
    where declared <> live
    union all
    select stray.relname::text, null, 'partition of sensor_data', 'not attached'
    from pg_catalog.pg_class as stray
    where stray.relnamespace = to_regnamespace('partitions') and stray.relkind = 'r' and not stray.relispartition
  ),
  measured as (
    select
      (select count(*) from public.declared_columns) as columns,
      count(*) as differences,
      jsonb_agg(
        jsonb_build_object('table', table_name, 'column', column_name, 'declared', declared, 'live', live)
        order by table_name, column_name
      ) as listed
    from difference
  )
  select
    'schema',
    null::text,
    null::uuid,
    case when measured.columns > 0 then measured.differences::double precision end,
    rule.min,
    rule.max,
    public.expectation_verdict(
      case when measured.columns > 0 then measured.differences::double precision end, rule.min, rule.max, rule.severity
    ),
    measured.columns,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'failing_count', measured.differences,
      'failing', measured.listed,
      'reason', case when measured.columns = 0 then 'no schema was declared' end
    ))
  from measured
  join public.effective_expectations as rule on rule.kind = 'schema' and rule.dataset is null;
$function$
;

ALTER FUNCTION "public"."check_schema"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_stuck(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  rule as (
    select rule.dataset, rule.column_name, rule.max::integer as most_equal
    from public.effective_expectations as rule
    where rule.kind = 'stuck' and rule.max is not null
  ),
  candidate as (
    select engines.id as engine_id, engines.dataset, max(rule.most_equal) as most_equal
    from (
      select distinct hourly.engine_id
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
    ) as received
    join public.engines on engines.id = received.engine_id
    join rule on coalesce(rule.dataset, '') = coalesce(engines.dataset, '')
    group by engines.id, engines.dataset
  ),
  -- one row per engine, with its readings as arrays, the latest first; materialised, or they are read for each rule
  latest as materialized (
    select candidate.engine_id, candidate.dataset, reading.*
    from candidate
    cross join lateral (
      select
        array_agg(reading."timestamp") as timestamps,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21
      from (
        select reading.*
        from public.sensor_data as reading
        where reading.engine_id = candidate.engine_id and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit candidate.most_equal + 1
      ) as reading
    ) as reading
  ),
  sensor as (
    select
      latest.engine_id,
      rule.column_name,
      rule.most_equal,
      least(cardinality(latest.timestamps), rule.most_equal + 1) as readings,
      sensor.readings[1] as value,
      -- All the same, but for those without a value, which check_nulls counts. Two readings are enough to tell most
      -- sensors that live.
      cardinality(latest.timestamps) > rule.most_equal
        and coalesce(sensor.readings[1] = sensor.readings[rule.most_equal + 1], true)
        and (
          select count(distinct value) = 1 and count(value) > rule.most_equal / 2
          from unnest(sensor.readings[:rule.most_equal + 1]) as value
        ) as is_stuck,
      latest.timestamps[rule.most_equal + 1] as since
    from latest
    cross join lateral (
      values
        ('s2', latest.s2), ('s3', latest.s3), ('s4', latest.s4), ('s7', latest.s7), ('s8', latest.s8),
        ('s9', latest.s9), ('s11', latest.s11), ('s12', latest.s12), ('s13', latest.s13), ('s14', latest.s14),
        ('s15', latest.s15), ('s17', latest.s17), ('s20', latest.s20), ('s21', latest.s21)
    ) as sensor (column_name, readings)
    join rule
      on coalesce(rule.dataset, '') = coalesce(latest.dataset, '') and rule.column_name = sensor.column_name
  ),
  measured as (
    select array_agg(row(
      engine.engine_id,
      case when engine.judged > 0 then coalesce(jsonb_array_length(engine.sensors), 0) end,
      1,
      engine.readings,
      jsonb_build_object(
        'most_equal_readings', engine.most_equal,
        'sensors', engine.sensors,
        'reason', case when engine.judged = 0 then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from (
      select
        sensor.engine_id,
        min(sensor.most_equal) as most_equal,
        max(sensor.readings) as readings,
        count(*) filter (where sensor.readings > sensor.most_equal) as judged,
        jsonb_agg(
          jsonb_build_object('column', sensor.column_name, 'value', sensor.value::text, 'since', sensor.since)
          order by sensor.column_name
        ) filter (where sensor.is_stuck) as sensors
      from sensor
      group by sensor.engine_id
    ) as engine
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('stuck', 'max', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_stuck"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_types(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  measured as (
    select array_agg(row(
      counted.engine_id,
      1 - counted.not_finite::double precision / counted.readings,
      counted.readings,
      counted.readings,
      jsonb_build_object('not_finite', counted.not_finite)
    )::public.engine_measurement) as engines
    from (
      select hourly.engine_id, sum(hourly.readings) as readings, sum(hourly.not_finite) as not_finite
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      group by hourly.engine_id
    ) as counted
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('types', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_types"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_volume(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select
      date_trunc('hour', as_of - check_window, 'UTC') as window_start,
      greatest(1, floor(extract(epoch from as_of - date_trunc('hour', as_of - check_window, 'UTC')) / 3600))::integer as hours,
      -- what has no rollup, or an old one
      tstzmultirange(tstzrange(null, (select kept_from from public.rollup_horizon)))
        + coalesce((select range_agg(changed.hours) from public.sensor_data_changes as changed), '{}') as not_rolled_up
  ),
  past as (
    select
      place,
      tstzrange(
        bounds.window_start - make_interval(hours => place * bounds.hours),
        bounds.window_start - make_interval(hours => (place - 1) * bounds.hours)
      ) as range
    from bounds
    cross join generate_series(1, 7) as place
  ),
  counted as (
    select
      past.place,
      (
        select coalesce(sum(rollup.readings), 0)
        from public.reading_rollups as rollup
        where rollup.hour >= lower(past.range) and rollup.hour < upper(past.range)
          and not rollup.hour <@ bounds.not_rolled_up
      ) + (
        select count(*)
        from unnest(bounds.not_rolled_up * tstzmultirange(past.range)) as part (range)
        join public.sensor_data as reading
          on reading."timestamp" >= lower(part.range) and reading."timestamp" < upper(part.range)
      ) as readings
    from bounds
    cross join past
  ),
  compared as (
    select
      (
        select coalesce(sum(hourly.readings), 0)
        from bounds
        cross join lateral public.hourly_readings(
          bounds.window_start, bounds.window_start + make_interval(hours => bounds.hours) - interval '1 microsecond'
        ) as hourly
      ) as readings,
      percentile_cont(0.5) within group (order by counted.readings) as usual,
      count(*) as windows,
      jsonb_agg(counted.readings order by counted.place) as listed
    from counted
    -- what is older than the oldest window with readings is before the beginning
    where counted.place <= (select max(oldest.place) from counted as oldest where oldest.readings > 0)
  ),
  measured as (
    select
      compared.*,
      case when compared.windows >= 3 then compared.readings::double precision / nullif(compared.usual, 0) end as value
    from compared
  )
  select
    'volume',
    null::text,
    null::uuid,
    measured.value,
    rule.min,
    rule.max,
    public.expectation_verdict(measured.value, rule.min, rule.max, rule.severity),
    measured.readings::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', bounds.window_start,
      'window_end', as_of,
      'readings', measured.readings,
      'usual', measured.usual,
      'windows_before', measured.listed,
      'reason', case
        when measured.windows < 3 then 'fewer than three windows before this one have readings'
        when measured.value is null then 'the windows before this one are empty'
      end
    ))
  from bounds
  cross join measured
  join public.effective_expectations as rule on rule.kind = 'volume' and rule.dataset is null;
$function$
;

ALTER FUNCTION "public"."check_volume"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.claim_sql_task(as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(task_run_id bigint, attempt integer)
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  update public.task_runs
  set
    state = 'running',
    attempt = task_runs.attempt + 1,
    started_at = clock_timestamp(),
    timeout_at = clock_timestamp() + next.timeout,
    next_attempt_at = null,
    backend_pid = pg_backend_pid(),
    error = null,
    sqlstate = null
  from (
    select candidate.id, tasks.timeout
    from public.task_runs as candidate
    join public.pipeline_runs as runs on runs.id = candidate.run_id and runs.state = 'running'
    join public.pipeline_tasks as tasks on tasks.pipeline = candidate.pipeline and tasks.name = candidate.task
    where tasks.kind = 'sql'
      and (candidate.state = 'ready' or candidate.state = 'retrying' and candidate.next_attempt_at <= as_of)
    order by runs.logical_time, candidate.id
    limit 1
    for update of candidate
  ) as next
  where task_runs.id = next.id
  returning task_runs.id, task_runs.attempt;
$function$
;

ALTER FUNCTION "public"."claim_sql_task"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.claim_task(worker text, lease interval, as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(task_run_id bigint, attempt integer, pipeline text, task text, handler text, logical_time timestamp with time zone, lease_until timestamp with time zone, timeout_at timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if coalesce(claim_task.worker, '') = '' then
    raise exception 'Cannot claim a task as worker must have a name: current value is %', claim_task.worker
      using errcode = '22023';
  end if;
  if lease is null or lease <= '0' or lease > interval '1 hour' then
    raise exception 'Cannot claim a task as lease must be more than 0 and at most 1 hour: current value is %', lease
      using errcode = '22023';
  end if;
  return query
  update public.task_runs
  set
    state = 'running',
    attempt = task_runs.attempt + 1,
    started_at = clock_timestamp(),
    timeout_at = as_of + next.timeout,
    lease_until = as_of + least(lease, next.timeout),
    next_attempt_at = null,
    worker = claim_task.worker,
    error = null,
    sqlstate = null
  from (
    select candidate.id, runs.logical_time, tasks.handler, tasks.timeout
    from public.task_runs as candidate
    join public.pipeline_runs as runs on runs.id = candidate.run_id and runs.state = 'running'
    join public.pipeline_tasks as tasks on tasks.pipeline = candidate.pipeline and tasks.name = candidate.task
    where tasks.kind = 'queue'
      and (candidate.state = 'ready' or candidate.state = 'retrying' and candidate.next_attempt_at <= as_of)
    order by runs.logical_time, candidate.id
    limit 1
    for update of candidate skip locked
  ) as next
  where task_runs.id = next.id
  returning
    task_runs.id, task_runs.attempt, task_runs.pipeline, task_runs.task, next.handler, next.logical_time,
    task_runs.lease_until, task_runs.timeout_at;
end;
$function$
;

ALTER FUNCTION "public"."claim_task"(text, interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.comparable_baselines(of_engines uuid[])
 RETURNS TABLE(engine_id uuid, column_name text, conditions smallint[], sorted_values double precision[], mean double precision, sd double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with flown as (
    -- of the engine, not of each sensor: a sensor that gave no value in one of the conditions is scaled like the others,
    -- because its later readings are
    select baseline.engine_id, array_agg(distinct baseline.condition order by baseline.condition) as conditions
    from public.sensor_baselines as baseline
    where baseline.engine_id = any (of_engines)
    group by baseline.engine_id
  )
  select baseline.engine_id, baseline.column_name, flown.conditions, baseline.sorted_values::double precision[], baseline.mean, baseline.sd
  from flown
  join public.sensor_baselines as baseline on baseline.engine_id = flown.engine_id
  where cardinality(flown.conditions) = 1
  union all
  select
    baseline.engine_id,
    baseline.column_name,
    flown.conditions,
    array_agg(scaled.value order by scaled.value),
    avg(scaled.value),
    stddev_samp(scaled.value)
  from flown
  join public.engines on engines.id = flown.engine_id
  join public.sensor_baselines as baseline on baseline.engine_id = flown.engine_id
  join public.baseline_references() as reference
    on coalesce(reference.dataset, '') = coalesce(engines.dataset, '')
    and reference.condition = baseline.condition and reference.column_name = baseline.column_name
  cross join lateral (
    select (value - reference.mean) / reference.sd as value
    from unnest(baseline.sorted_values) as value
  ) as scaled
  where cardinality(flown.conditions) > 1 and reference.sd > 0
  group by baseline.engine_id, baseline.column_name, flown.conditions;
$function$
;

ALTER FUNCTION "public"."comparable_baselines"(uuid[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.complete_task(task_run_id bigint, attempt integer, worker text, result jsonb DEFAULT NULL::jsonb, as_of timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select coalesce((
    select public.end_task_attempt(task_runs.id, task_runs.attempt, 'succeeded', as_of, result => complete_task.result)
    from public.task_runs
    where task_runs.id = complete_task.task_run_id
      and task_runs.attempt = complete_task.attempt
      and task_runs.worker = complete_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$function$
;

ALTER FUNCTION "public"."complete_task"(bigint, integer, text, jsonb, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.create_sensor_data_partitions(months timestamp with time zone[])
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  month_start timestamp;
  partition_name text;
  created integer := 0;
begin
  if exists (
    select from unnest(months) as month
    where month is null or month not between '1900-01-01 00:00:00+00' and '2999-12-31 23:59:59+00'
  ) then
    raise exception 'Cannot make partitions as months must be times of the years 1900 to 2999: current value is %', months
      using errcode = '22023';
  end if;
  for month_start, partition_name in
    select distinct
      wanted.month_start,
      'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    from (
      select date_trunc('month', month at time zone 'UTC') as month_start from unnest(months) as month
    ) as wanted
    where not exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass
        and part.relname = 'sensor_data_' || to_char(wanted.month_start, 'YYYY_MM')
    )
    order by wanted.month_start
  loop
    perform pg_advisory_xact_lock(hashtext('public.sensor_data partitions'));
    if exists (
      select from pg_catalog.pg_inherits as link
      join pg_catalog.pg_class as part on part.oid = link.inhrelid
      where link.inhparent = 'public.sensor_data'::regclass and part.relname = partition_name
    ) then
      continue; -- another session made it while this one waited for the lock
    end if;
    if to_regclass(format('partitions.%I', partition_name)) is not null then
      raise exception 'Cannot make partition %: a table of that name exists but is not attached to sensor_data',
        partition_name
        using errcode = 'SP001',
          hint = format('Attach partitions.%I again, or rename or drop it.', partition_name);
    end if;

    execute format('create table partitions.%I (like public.sensor_data including all)', partition_name);
    execute format('alter table partitions.%I enable row level security', partition_name);
    execute format(
      'alter table public.sensor_data attach partition partitions.%I for values from (%L) to (%L)',
      partition_name,
      -- written out, because a timestamptz would be written as the session's DateStyle has it, which may name
      -- a zone that reads back as another one ("IST" is India's and Israel's)
      to_char(month_start, 'YYYY-MM-DD"T00:00:00Z"'),
      to_char(month_start + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"')
    );
    perform public.watch_sensor_data_writes(format('partitions.%I', partition_name)::regclass);
    created := created + 1;
  end loop;
  return created;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.declare_schema()
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  delete from public.declared_columns;
  insert into public.declared_columns select * from public.live_columns();
$function$
;

ALTER FUNCTION "public"."declare_schema"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.detect_anomalies(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  found_now integer;
begin
  with scored as (
    select
      sensor.engine_id,
      sensor."timestamp",
      sensor.cycle,
      avg(abs(deviation.z)) as score,
      jsonb_object_agg(sensor.column_name, round(deviation.z::numeric, 2)) as sensors
    from public.engines
    join public.sensor_values as sensor
      on sensor.engine_id = engines.id
      and sensor."timestamp" > as_of - interval '24 hours' and sensor."timestamp" <= as_of
    join public.engine_baselines as period
      on period.engine_id = sensor.engine_id and sensor."timestamp" > period.last_timestamp
    join public.sensor_baselines as baseline
      on baseline.engine_id = sensor.engine_id
      and baseline.condition = sensor.condition and baseline.column_name = sensor.column_name
    cross join lateral (select (sensor.value - baseline.mean) / baseline.sd as z) as deviation
    where baseline.readings >= 10 and baseline.sd > 0 and sensor.value - sensor.value = 0
    group by sensor.engine_id, sensor."timestamp", sensor.cycle
    having count(*) >= 7 -- half of the sensors
  )
  insert into public.anomalies (engine_id, "timestamp", cycle, detector, score, threshold, sensors)
  select
    scored.engine_id,
    scored."timestamp",
    scored.cycle,
    'mean_abs_z',
    scored.score,
    settings.anomaly_score,
    (
      select jsonb_object_agg(strongest.key, strongest.value)
      from (
        select sensor.key, sensor.value
        from jsonb_each(scored.sensors) as sensor
        order by abs(sensor.value::numeric) desc, sensor.key
        limit 5
      ) as strongest
    )
  from scored
  cross join public.quality_settings as settings
  where scored.score > settings.anomaly_score
  on conflict do nothing;
  get diagnostics found_now = row_count;
  return found_now;
end;
$function$
;

ALTER FUNCTION "public"."detect_anomalies"(timestamp with time zone) OWNER TO "postgres";

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
    when transient and counted < task.max_attempts then 'retrying'
    else 'failed'
  end;
  update public.task_runs
  set
    state = next_state,
    next_attempt_at = case when next_state = 'retrying'
      then as_of + public.retry_delay(counted, task.backoff_base, task.backoff_cap) end,
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

ALTER FUNCTION "public"."end_task_attempt"(bigint, integer, text, timestamp with time zone, boolean, text, text, jsonb) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.engines_to_compare(window_start timestamp with time zone, as_of timestamp with time zone)
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(array_agg(engines.id), '{}')
  from public.engines
  where engines.status = 'active'
    and exists (
      select from public.sensor_data as reading
      where reading.engine_id = engines.id and reading."timestamp" >= window_start and reading."timestamp" <= as_of
    );
$function$
;

ALTER FUNCTION "public"."engines_to_compare"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.expectation_verdict(value double precision, min double precision, max double precision, severity text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select case
    when value is null then 'not_evaluated'
    when value = 'NaN' or value < min or value > max then severity
    else 'pass'
  end
$function$
;

ALTER FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.export_expectation_suite(dataset text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with rules as (
    select
      expectations.*,
      -- the rule without what the database keeps by itself
      to_jsonb(expectations)
        - array['id', 'dataset', 'version', 'updated_at', 'updated_by'] as rule,
      jsonb_build_object(
        'kind', kind, 'severity', severity, 'at_intake', at_intake, 'description', description
      ) || case when kind = 'nulls' and column_name is null then '{"every_column": true}' else '{}' end::jsonb as spool
    from public.expectations
    where expectations.dataset is not distinct from export_expectation_suite.dataset
  ),
  expressed as (
    select
      rules.id,
      columns.place,
      mapped.type,
      jsonb_strip_nulls(mapped.kwargs) || case
        when rules.condition is not null then jsonb_build_object(
          'row_condition', format('col("condition")==%s', rules.condition), 'condition_parser', 'great_expectations'
        )
        when rules.subset is not null then jsonb_build_object(
          'row_condition', format('col("subset")=="%s"', rules.subset), 'condition_parser', 'great_expectations'
        )
        else '{}'
      end as kwargs,
      jsonb_build_object('spool', rules.spool) as meta
    from rules
    cross join lateral (
      select place, coalesce(rules.column_name, every.column_name) as column_name
      from unnest(case when rules.spool ? 'every_column' then array[
        'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
        's20', 's21'
      ] else array[null] end) with ordinality as every (column_name, place)
      where every.column_name is null or not exists (
        select from rules as own where own.kind = 'nulls' and own.active and own.column_name = every.column_name
      )
    ) as columns
    cross join lateral (
      select
        'expect_column_values_to_be_between' as type,
        jsonb_build_object(
          'column', columns.column_name, 'min_value', rules.min, 'max_value', rules.max, 'mostly', rules.mostly
        ) as kwargs
      where rules.kind = 'range'
      union all
      select
        'expect_column_values_to_not_be_null',
        jsonb_build_object('column', columns.column_name, 'mostly', rules.mostly)
      where rules.kind = 'nulls'
      union all
      select
        'expect_compound_columns_to_be_unique',
        jsonb_build_object('column_list', jsonb_build_array('engine_id', 'cycle'), 'mostly', rules.mostly)
      where rules.kind = 'duplicates'
      union all
      select 'expect_table_row_count_to_equal', jsonb_build_object('value', rules.min)
      where rules.kind in ('row_count', 'not_empty') and rules.min = rules.max
      union all
      select
        'expect_table_row_count_to_be_between', jsonb_build_object('min_value', rules.min, 'max_value', rules.max)
      where rules.kind in ('row_count', 'not_empty') and rules.min is distinct from rules.max
      union all
      select
        'expect_column_unique_value_count_to_be_between',
        jsonb_build_object('column', 'unit_number', 'min_value', rules.min, 'max_value', rules.max)
      where rules.kind = 'unit_count'
      union all
      select
        'expect_table_columns_to_match_set',
        jsonb_build_object(
          'column_set', (
            select jsonb_agg(attname order by attnum)
            from pg_catalog.pg_attribute
            where attrelid = 'public.classified_readings'::regclass and attnum > 0
          ),
          'exact_match', true
        )
      where rules.kind = 'schema' and rules.min is null and rules.max = 0
    ) as mapped
    where rules.active
  )
  select jsonb_build_object(
    'name', coalesce(export_expectation_suite.dataset, 'every engine'),
    'expectations', coalesce((
      select jsonb_agg(jsonb_build_object('type', type, 'kwargs', kwargs, 'meta', meta) order by id, place)
      from expressed
    ), '[]'),
    'meta', jsonb_build_object('spool', jsonb_build_object(
      'dataset', export_expectation_suite.dataset,
      'expectations', coalesce((
        select jsonb_agg(rule order by id) from rules where id not in (select id from expressed)
      ), '[]')
    ))
  )
$function$
;

ALTER FUNCTION "public"."export_expectation_suite"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.extend_lease(task_run_id bigint, attempt integer, worker text, lease interval, as_of timestamp with time zone DEFAULT now())
 RETURNS timestamp with time zone
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  update public.task_runs
  set lease_until = least(greatest(task_runs.lease_until, as_of + lease), task_runs.timeout_at)
  where task_runs.id = extend_lease.task_run_id
    and task_runs.attempt = extend_lease.attempt
    and task_runs.worker = extend_lease.worker
    and task_runs.state = 'running'
    and task_runs.lease_until >= as_of
  returning task_runs.lease_until;
$function$
;

ALTER FUNCTION "public"."extend_lease"(bigint, integer, text, interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.fail_task(task_run_id bigint, attempt integer, worker text, error text, transient boolean, as_of timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select coalesce((
    select public.end_task_attempt(
      task_runs.id, task_runs.attempt, 'failed', as_of,
      transient => coalesce(fail_task.transient, false),
      error => coalesce(nullif(fail_task.error, ''), 'The worker gave no reason')
    )
    from public.task_runs
    where task_runs.id = fail_task.task_run_id
      and task_runs.attempt = fail_task.attempt
      and task_runs.worker = fail_task.worker
      and task_runs.lease_until >= as_of
  ), false);
$function$
;

ALTER FUNCTION "public"."fail_task"(bigint, integer, text, text, boolean, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.fleet_drift(reference uuid[], current uuid[])
 RETURNS TABLE(column_name text, verdict text, ks_statistic double precision, p_value double precision, q_value double precision, mean_shift double precision, icc double precision, reference_engines integer, current_engines integer, reference_readings integer, current_readings integer, reference_effective double precision, current_effective double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with baseline as materialized (
    select
      baseline.engine_id,
      baseline.engine_id = any (current) as is_current,
      baseline.column_name,
      baseline.readings,
      (baseline.mean - reference.mean) / reference.sd as mean,
      coalesce(baseline.sd, 0) / reference.sd as sd,
      baseline.sorted_values,
      reference.mean as reference_mean,
      reference.sd as reference_sd
    from public.sensor_baselines as baseline
    join public.engines on engines.id = baseline.engine_id
    join public.baseline_references() as reference
      on reference.condition = baseline.condition
      and reference.column_name = baseline.column_name
      and coalesce(reference.dataset, '') = coalesce(engines.dataset, '')
    where baseline.engine_id = any (fleet_drift.reference || current) and reference.sd > 0
  ),
  engine as (
    select
      moments.column_name,
      moments.is_current,
      moments.n,
      moments.total / moments.n as mean,
      coalesce((moments.squares - moments.total ^ 2 / moments.n) / nullif(moments.n - 1, 0), 0) as variance
    from (
      select
        baseline.column_name, baseline.is_current, baseline.engine_id,
        sum(baseline.readings) as n,
        sum(baseline.readings * baseline.mean) as total,
        sum((baseline.readings - 1) * baseline.sd ^ 2 + baseline.readings * baseline.mean ^ 2) as squares
      from baseline
      group by baseline.column_name, baseline.is_current, baseline.engine_id
    ) as moments
  ),
  cohort as (
    select
      engine.column_name,
      engine.is_current,
      count(*) as engines,
      sum(engine.n) as n,
      sum(engine.n ^ 2) / sum(engine.n) as readings_each,
      sum(engine.n * engine.mean) / sum(engine.n) as mean,
      sum(engine.n * engine.mean ^ 2) - sum(engine.n * engine.mean) ^ 2 / sum(engine.n) as squares_between,
      sum((engine.n - 1) * engine.variance) as squares_within
    from engine
    group by engine.column_name, engine.is_current
  ),
  correlated as (
    select
      cohort.column_name,
      -- never quite outside of 0 to 1, whatever rounding does
      least(1, greatest(
        0, (between_engines - within_engines) / nullif(between_engines + (readings_each - 1) * within_engines, 0)
      )) as icc
    from (
      select
        cohort.column_name,
        sum(cohort.squares_between) / nullif(sum(cohort.engines - 1), 0) as between_engines,
        sum(cohort.squares_within) / nullif(sum(cohort.n - cohort.engines), 0) as within_engines,
        sum(cohort.n - cohort.readings_each) / nullif(sum(cohort.engines - 1), 0) as readings_each
      from cohort
      group by cohort.column_name
    ) as cohort
  ),
  -- D of both groups, all sensors in one pass: readings per value, then the running share of each group. Sensors have few
  -- different values, so that this is several times faster than sorting the samples whole.
  counted as (
    select
      baseline.column_name,
      (value - baseline.reference_mean) / baseline.reference_sd as value,
      count(*) filter (where not baseline.is_current) as reference_values,
      count(*) filter (where baseline.is_current) as current_values
    from baseline
    cross join lateral unnest(baseline.sorted_values) as value
    group by baseline.column_name, value, baseline.reference_mean, baseline.reference_sd
  ),
  sample as (
    select
      share.column_name,
      max(abs(
        share.reference_below::double precision / nullif(share.reference_values, 0)
        - share.current_below::double precision / nullif(share.current_values, 0)
      )) as ks_statistic
    from (
      select
        counted.column_name,
        sum(counted.reference_values) over below as reference_below,
        sum(counted.current_values) over below as current_below,
        sum(counted.reference_values) over (partition by counted.column_name) as reference_values,
        sum(counted.current_values) over (partition by counted.column_name) as current_values
      from counted
      window below as (partition by counted.column_name order by counted.value)
    ) as share
    group by share.column_name
  ),
  compared as (
    select
      sample.column_name,
      before.engines as reference_engines,
      after.engines as current_engines,
      before.n as reference_readings,
      after.n as current_readings,
      correlated.icc,
      before.n / (1 + (before.readings_each - 1) * 2 / pi() * asin(correlated.icc)) as reference_effective,
      after.n / (1 + (after.readings_each - 1) * 2 / pi() * asin(correlated.icc)) as current_effective,
      (after.mean - before.mean)
        / nullif(sqrt((before.squares_between + before.squares_within) / nullif(before.n - 1, 0)), 0) as mean_shift,
      case when before.engines >= 2 and after.engines >= 2 then sample.ks_statistic end as ks_statistic
    from sample
    left join correlated on correlated.column_name = sample.column_name
    left join cohort as before on before.column_name = sample.column_name and not before.is_current
    left join cohort as after on after.column_name = sample.column_name and after.is_current
  ),
  tested as (
    select
      compared.*,
      public.ks_p_value(
        compared.ks_statistic,
        (compared.reference_effective * compared.current_effective
          / (compared.reference_effective + compared.current_effective))::double precision
      ) as p_value
    from compared
  ),
  ranked as (
    select
      tested.*,
      count(tested.p_value) over () as tests,
      row_number() over (order by tested.p_value, tested.column_name) as rank -- nulls last
    from tested
  ),
  adjusted as (
    select
      ranked.*,
      case when ranked.p_value is not null then
        min(least(1, ranked.p_value * ranked.tests / ranked.rank)) over (
          order by ranked.rank rows between current row and unbounded following
        )
      end as q_value
    from ranked
  )
  select
    adjusted.column_name,
    case
      when adjusted.q_value is null then 'insufficient_data'
      when adjusted.q_value < settings.drift_alpha and adjusted.ks_statistic >= rule.max then 'drift'
      else 'stable'
    end,
    adjusted.ks_statistic,
    adjusted.p_value,
    adjusted.q_value,
    adjusted.mean_shift,
    adjusted.icc,
    coalesce(adjusted.reference_engines, 0)::integer,
    coalesce(adjusted.current_engines, 0)::integer,
    coalesce(adjusted.reference_readings, 0)::integer,
    coalesce(adjusted.current_readings, 0)::integer,
    adjusted.reference_effective,
    adjusted.current_effective
  from adjusted
  cross join public.quality_settings as settings
  left join public.effective_expectations as rule
    on rule.kind = 'fleet_drift' and rule.dataset is null and rule.column_name = adjusted.column_name;
$function$
;

ALTER FUNCTION "public"."fleet_drift"(uuid[], uuid[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.fleet_fingerprint(as_of timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select md5(concat_ws(
    ' ',
    (
      select string_agg(concat_ws(' ', engines.id, engines.cohort, engines.dataset, engines.model, baseline.learned_at), ',' order by engines.id)
      from public.engines
      join public.engine_baselines as baseline on baseline.engine_id = engines.id
      where engines.cohort is not null and baseline.complete and baseline.last_timestamp <= as_of
    ),
    (
      select string_agg(concat_ws(' ', rule.column_name, rule.max, rule.severity), ',' order by rule.column_name)
      from public.effective_expectations as rule
      where rule.kind = 'fleet_drift' and rule.dataset is null
    ),
    (select settings.drift_alpha from public.quality_settings as settings)
  ));
$function$
;

ALTER FUNCTION "public"."fleet_fingerprint"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.forget_rollups()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if tg_relid = 'public.sensor_data'::regclass then
    delete from public.sensor_data_changes;
    delete from public.reading_rollups;
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

ALTER FUNCTION "public"."forget_rollups"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.hourly_readings(window_start timestamp with time zone, as_of timestamp with time zone)
 RETURNS SETOF public.reading_rollups
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with measured as (
    select
      tstzmultirange(tstzrange(window_start, as_of + interval '1 microsecond'))
      * (
        tstzmultirange(tstzrange(date_trunc('hour', as_of, 'UTC'), null))
        + tstzmultirange(tstzrange(null, (select kept_from from public.rollup_horizon)))
        + coalesce((select range_agg(hours) from public.sensor_data_changes), '{}')
      ) as hours
  ),
  target as (
    select array_agg(engines.id) as engine_ids, array_agg(range) as ranges
    from measured
    cross join unnest(measured.hours) as range
    cross join public.engines
  )
  select stored.*
  from public.reading_rollups as stored
  where stored.hour >= window_start and stored.hour < as_of
    and not stored.hour <@ (select measured.hours from measured)
  union all
  select hourly.*
  from target
  cross join lateral public.measure_hours(target.engine_ids, target.ranges) as hourly;
$function$
;

ALTER FUNCTION "public"."hourly_readings"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.import_expectation_suite(suite jsonb, replace boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  into_dataset text;
  item record;
  rule jsonb;
  every_column_rule jsonb; -- the nulls rule for every column, of which the suite has one expectation a column
  old public.expectations%rowtype;
  new public.expectations%rowtype;
  kept bigint[] := '{}';
  imported integer := 0;
  unchanged integer := 0;
  deleted integer := 0;
  skipped jsonb := '[]';
begin
  if jsonb_typeof(suite -> 'expectations') is distinct from 'array' then
    raise exception 'Cannot import suite as it must have a list of expectations: current value is %',
      coalesce(left(suite ->> 'expectations', 80), 'none')
      using errcode = '22023', hint = 'A suite is {"name": "FD001", "expectations": [{"type": …, "kwargs": {…}}]}.';
  end if;
  into_dataset := case
    when coalesce(suite #> '{meta,spool}' ? 'dataset', false) then suite #>> '{meta,spool,dataset}'
    else coalesce(suite ->> 'name', suite ->> 'expectation_suite_name')
  end;
  if into_dataset is null and not coalesce(suite #> '{meta,spool}' ? 'dataset', false) or btrim(into_dataset) = '' then
    raise exception 'Cannot import suite as its name must be there: current value is %', coalesce(into_dataset, 'null')
      using errcode = '22023', hint = 'The name of a suite is the dataset that its rules are for.';
  end if;

  for item in
    select place - 1 as index, expectation, null::jsonb as rule
    from jsonb_array_elements(suite -> 'expectations') with ordinality as given (expectation, place)
    union all
    select null, null, given.rule
    from jsonb_array_elements(case jsonb_typeof(suite #> '{meta,spool,expectations}')
      when 'array' then suite #> '{meta,spool,expectations}' else '[]'
    end) as given (rule)
  loop
    rule := coalesce(item.rule, public.read_great_expectation(item.expectation));
    if rule ? 'reason' then
      skipped := skipped || jsonb_build_object(
        'index', item.index,
        'expectation_type', coalesce(item.expectation ->> 'type', item.expectation ->> 'expectation_type'),
        'reason', rule -> 'reason'
      );
      continue;
    end if;
    if rule ? 'every_column' then
      -- one of them that was changed by hand is a rule of its column
      every_column_rule := coalesce(every_column_rule, rule - 'column_name');
      if every_column_rule = rule - 'column_name' then
        rule := every_column_rule;
      end if;
    end if;

    begin
      select * into old from public.expectations
      where dataset is not distinct from into_dataset
        and kind = rule ->> 'kind'
        and subset is not distinct from rule ->> 'subset'
        and column_name is not distinct from rule ->> 'column_name'
        and condition is not distinct from (rule ->> 'condition')::smallint;
      new := old;
      new.dataset := into_dataset;
      new.kind := rule ->> 'kind';
      new.subset := rule ->> 'subset';
      new.column_name := rule ->> 'column_name';
      new.condition := (rule ->> 'condition')::smallint;
      new.min := (rule ->> 'min')::double precision;
      new.max := (rule ->> 'max')::double precision;
      new.mostly := coalesce((rule ->> 'mostly')::double precision, 1);
      new.severity := coalesce(rule ->> 'severity', old.severity, 'fail');
      new.at_intake := coalesce(rule ->> 'at_intake', old.at_intake, 'accept');
      new.active := coalesce((rule ->> 'active')::boolean, true);
      new.description := coalesce(rule ->> 'description', old.description, 'imported');
      if new is not distinct from old then
        unchanged := unchanged + case when old.id = any (kept) then 0 else 1 end;
      elsif old.id is not null then
        update public.expectations set
          min = new.min, max = new.max, mostly = new.mostly, severity = new.severity, at_intake = new.at_intake,
          active = new.active, description = new.description
        where id = old.id;
        imported := imported + case when old.id = any (kept) then 0 else 1 end;
      else
        insert into public.expectations (
          dataset, kind, subset, column_name, condition, min, max, mostly, severity, at_intake, active, description
        )
        values (
          new.dataset, new.kind, new.subset, new.column_name, new.condition, new.min, new.max, new.mostly,
          new.severity, new.at_intake, new.active, new.description
        )
        returning id into old.id;
        imported := imported + 1;
      end if;
      kept := kept || old.id;
    exception when check_violation or not_null_violation or data_exception then
      skipped := skipped || jsonb_build_object(
        'index', item.index,
        'expectation_type', coalesce(
          item.expectation ->> 'type', item.expectation ->> 'expectation_type', item.rule ->> 'kind'
        ),
        'reason', sqlerrm
      );
    end;
  end loop;

  if replace and skipped = '[]' then
    delete from public.expectations
    where dataset is not distinct from into_dataset and not id = any (kept);
    get diagnostics deleted = row_count;
  end if;
  return jsonb_build_object(
    'dataset', into_dataset, 'imported', imported, 'unchanged', unchanged, 'deleted', deleted, 'skipped', skipped
  );
end;
$function$
;

ALTER FUNCTION "public"."import_expectation_suite"(jsonb, boolean) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.ingest_readings(batch uuid, source text, reference text, invalid integer, all_or_none boolean, unit_numbers text[], units integer[], cycles integer[], timestamps timestamp with time zone[], altitude real[], mach_number real[], tra real[], s2 real[], s3 real[], s4 real[], s7 real[], s8 real[], s9 real[], s11 real[], s12 real[], s13 real[], s14 real[], s15 real[], s17 real[], s20 real[], s21 real[], OUT accepted integer, OUT duplicates integer, OUT rejections jsonb)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  settings public.intake_settings%rowtype;
  accepted_until timestamptz;
  engine_ids uuid[];
  datasets text[];
  refused jsonb;
  valid integer;
begin
  select * into strict settings from public.intake_settings;
  accepted_until := now() + settings.accepted_ahead;

  select array_agg(engines.id order by unit)
  into engine_ids
  from unnest(unit_numbers) with ordinality as named (unit_number, unit)
  left join public.engines using (unit_number);

  -- What the rules of this database refuse: the border cannot know them.
  select coalesce(
    jsonb_agg(jsonb_build_object('position', position - 1, 'path', path, 'reason', reason) order by position),
    '[]'
  )
  into rejections
  from (
    select position, 'timestamp' as path, format(
      'Cannot accept timestamp as it must be between %s and %s: current value is %s',
      to_char(settings.accepted_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char(accepted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
      to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ) as reason
    from unnest(timestamps) with ordinality as reading ("timestamp", position)
    where not "timestamp" between settings.accepted_from and accepted_until
    union all
    select position, 'engine_id', format(
      'Cannot accept engine_id as it must be a registered engine: current value is %s', unit_numbers[unit]
    )
    from unnest(units, timestamps) with ordinality as reading (unit, "timestamp", position)
    where engine_ids[unit] is null and settings.unknown_engines = 'reject'
      and "timestamp" between settings.accepted_from and accepted_until
  ) as refused;

  -- Ranges and nulls are checked later, unless a rule says that the intake refuses: where none does, this looks
  -- into an empty index.
  if exists (select from public.expectations where at_intake = 'reject' and active) then
    select array_agg(engines.dataset order by unit)
    into datasets
    from unnest(engine_ids) with ordinality as named (id, unit)
    left join public.engines using (id);

    select coalesce(
      jsonb_agg(jsonb_build_object('position', place - 1, 'path', path, 'reason', reason) order by place), '[]'
    )
    into refused
    from (
      select
        place,
        (array_agg(path order by column_place))[1] as path,
        string_agg(reason, '; ' order by column_place) as reason
      from public.readings_against_rules(
        array(select datasets[unit] from unnest(units) with ordinality as reading (unit, position) order by position),
        altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21
      )
      group by place
    ) as broken
    where not exists (
      select from jsonb_array_elements(rejections) as rejection where (rejection -> 'position')::bigint = place - 1
    );
    if refused <> '[]' then
      rejections := (
        select jsonb_agg(rejection order by (rejection -> 'position')::bigint)
        from jsonb_array_elements(rejections || refused) as rejection
      );
      -- a reading of no engine is left out below: it registers none and is not stored
      units := array(
        select case when rejected.position is null then unit end
        from unnest(units) with ordinality as reading (unit, position)
        left join (
          select (rejection -> 'position')::bigint + 1 as position from jsonb_array_elements(refused) as rejection
        ) as rejected using (position)
        order by position
      );
    end if;
  end if;

  valid := cardinality(units) - jsonb_array_length(rejections);
  accepted := 0;
  duplicates := 0;
  if all_or_none and (invalid > 0 or jsonb_array_length(rejections) > 0) then
    return;
  end if;

  perform public.create_sensor_data_partitions(array_agg(distinct "timestamp"))
  from unnest(timestamps) as "timestamp"
  where "timestamp" between settings.accepted_from and accepted_until;

  -- Only where an engine is new: even an insert of no rows would wait for whoever is attaching a month.
  if settings.unknown_engines = 'register' and array_position(engine_ids, null) is not null then
    insert into public.engines (unit_number)
    select unit_number
    from unnest(unit_numbers, engine_ids) with ordinality as named (unit_number, id, unit)
    where id is null
      and exists (
        select from unnest(units, timestamps) as reading (unit, "timestamp")
        where reading.unit = named.unit and "timestamp" between settings.accepted_from and accepted_until
      )
    order by unit_number
    on conflict do nothing;

    select array_agg(engines.id order by unit)
    into engine_ids
    from unnest(unit_numbers) with ordinality as named (unit_number, unit)
    left join public.engines using (unit_number);
  end if;

  -- unnest in the select list streams; in the from list it would first copy the batch into a tuplestore
  insert into public.sensor_data (
    engine_id, cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch_id
  )
  select
    engine_ids[unit], cycle, "timestamp",
    altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21,
    batch
  from (
    select
      unnest(units) as unit, unnest(cycles) as cycle, unnest(timestamps) as "timestamp",
      unnest(altitude) as altitude, unnest(mach_number) as mach_number, unnest(tra) as tra,
      unnest(s2) as s2, unnest(s3) as s3, unnest(s4) as s4, unnest(s7) as s7, unnest(s8) as s8,
      unnest(s9) as s9, unnest(s11) as s11, unnest(s12) as s12, unnest(s13) as s13, unnest(s14) as s14,
      unnest(s15) as s15, unnest(s17) as s17, unnest(s20) as s20, unnest(s21) as s21
  ) as reading
  where engine_ids[unit] is not null and "timestamp" between settings.accepted_from and accepted_until
  order by engine_ids[unit], "timestamp", cycle
  on conflict do nothing;
  get diagnostics accepted = row_count;
  duplicates := valid - accepted;

  insert into public.batches (id, source, reference, received, accepted, duplicates, rejected)
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections)
  );
end;
$function$
;

CREATE OR REPLACE FUNCTION public.is_transient_sqlstate(code text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select coalesce(code ~ '^(08...|53...|57P0[1-5]|57014|25006|25P0[34]|40001|40P01|55P03)$', false);
$function$
;

ALTER FUNCTION "public"."is_transient_sqlstate"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.judge_columns(kind text, window_start timestamp with time zone, as_of timestamp with time zone, measured public.column_measurement[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with rule as (
    -- ranges of several conditions are one rule here: the strictest share, the gravest severity
    select
      rule.dataset,
      rule.column_name,
      max(rule.mostly) as mostly,
      min(rule.severity) as severity -- 'fail' < 'warning'
    from public.effective_expectations as rule
    where rule.kind = judge_columns.kind
    group by rule.dataset, rule.column_name
  ),
  judged as (
    select
      measurement.*,
      engines.unit_number,
      engines.dataset,
      1 - measurement.broken::double precision / nullif(measurement.rows_checked, 0) as value,
      rule.mostly,
      rule.severity
    from unnest(measured) as measurement
    join public.engines on engines.id = measurement.engine_id
    join rule
      on coalesce(rule.dataset, '') = coalesce(engines.dataset, '') and rule.column_name = measurement.column_name
  ),
  by_dataset as (
    -- each dataset by its own rule
    select
      judged.dataset,
      judged.column_name,
      1 - sum(judged.broken)::double precision / nullif(sum(judged.rows_checked), 0)::double precision as value,
      min(judged.mostly) as mostly,
      min(judged.severity) as severity,
      sum(judged.rows_checked)::bigint as rows_checked,
      sum(judged.broken)::bigint as broken,
      count(*) filter (where judged.broken > 0) as broken_engines,
      count(*) filter (where judged.value < judged.mostly) as failing_engines
    from judged
    group by judged.dataset, judged.column_name
  ),
  by_column as (
    select distinct on (by_dataset.column_name)
      by_dataset.column_name,
      by_dataset.dataset,
      by_dataset.value,
      by_dataset.mostly,
      verdict.status,
      sum(by_dataset.rows_checked) over whole as rows_checked,
      sum(by_dataset.broken) over whole as broken,
      sum(by_dataset.broken_engines) over whole as broken_engines,
      sum(by_dataset.failing_engines) over whole as failing_engines
    from by_dataset
    cross join lateral (
      select public.expectation_verdict(by_dataset.value, by_dataset.mostly, null, by_dataset.severity) as status
    ) as verdict
    window whole as (partition by by_dataset.column_name)
    -- the worst dataset speaks for the column
    order by
      by_dataset.column_name,
      array_position(array['fail', 'warning', 'pass', 'not_evaluated'], verdict.status),
      by_dataset.value, by_dataset.dataset
  ),
  by_engine as (
    select
      judged.engine_id,
      min(judged.value) as value,
      max(judged.mostly) as mostly,
      min(public.expectation_verdict(judged.value, judged.mostly, null, judged.severity)) as status, -- 'fail' < 'pass' < 'warning'
      bool_or(public.expectation_verdict(judged.value, judged.mostly, null, judged.severity) = 'warning') as warned,
      sum(judged.rows_checked)::bigint as rows_checked,
      jsonb_object_agg(judged.column_name, judged.broken) filter (where judged.broken > 0) as columns
    from judged
    where judged.value is not null
    group by judged.engine_id
    having sum(judged.broken) > 0
  )
  select
    kind,
    by_column.column_name,
    null::uuid,
    by_column.value,
    by_column.mostly,
    null::double precision,
    -- one engine that fails is never a pass of its column
    case
      when by_column.status = 'pass' and by_column.failing_engines > 0 then 'warning'
      else by_column.status
    end,
    by_column.rows_checked::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', window_start,
      'window_end', as_of,
      'dataset', case when by_column.broken > 0 then by_column.dataset end,
      'broken', by_column.broken,
      'broken_engines', by_column.broken_engines,
      'failing_count', by_column.failing_engines,
      'reason', case when by_column.value is null then 'there was no value to look at' end
    ))
  from (select * from by_column order by array_position(public.value_columns(), by_column.column_name)) as by_column
  union all
  select
    kind,
    null,
    by_engine.engine_id,
    by_engine.value,
    by_engine.mostly,
    null,
    case when by_engine.status = 'pass' and by_engine.warned then 'warning' else by_engine.status end,
    by_engine.rows_checked,
    jsonb_build_object('window_start', window_start, 'window_end', as_of, 'columns', by_engine.columns)
  from by_engine
  union all
  select
    kind, null, null, null, null, null, 'not_evaluated', 0,
    jsonb_build_object('window_start', window_start, 'window_end', as_of, 'reason', 'there was no reading to look at')
  where measured is null and exists (select from rule);
$function$
;

ALTER FUNCTION "public"."judge_columns"(text, timestamp with time zone, timestamp with time zone, public.column_measurement[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.judge_drift(window_start timestamp with time zone, as_of timestamp with time zone, drift public.sensor_drift[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with engine as materialized (
    select
      sensor.engine_id,
      max(sensor.wear) as wear,
      sum(sensor.window_readings)::bigint as readings,
      count(*) filter (where sensor.verdict = 'drift') as drifting,
      count(*) filter (where sensor.verdict <> 'insufficient_data') as judged,
      min(sensor.q_value) filter (where sensor.verdict in ('stable', 'drift')) as smallest_q,
      jsonb_agg(
        jsonb_build_object(
          'column', sensor.column_name, 'ks_statistic', sensor.ks_statistic, 'q_value', sensor.q_value,
          'mean_shift', sensor.mean_shift, 'wear_shift', sensor.wear_shift
        )
        order by sensor.ks_statistic desc
      ) filter (where sensor.verdict = 'drift') as drifting_sensors,
      jsonb_agg(sensor.column_name order by sensor.column_name) filter (where sensor.verdict = 'degradation') as worn_sensors,
      jsonb_build_object(
        'baseline_readings', max(sensor.baseline_readings),
        'window_readings', max(sensor.window_readings),
        'compared_from', min(sensor.window_start),
        'compared_to', max(sensor.window_end),
        'reason', case when count(*) filter (where sensor.verdict <> 'insufficient_data') = 0 then 'insufficient_data' end
      ) as evidence
    from unnest(drift) as sensor
    group by sensor.engine_id
  ),
  adjusted as (
    select
      ranked.engine_id,
      min(least(1, ranked.smallest_q * ranked.tests / ranked.place)) over (
        order by ranked.place rows between current row and unbounded following
      ) as fleet_q
    from (
      select
        engine.engine_id,
        engine.smallest_q,
        count(*) over () as tests,
        row_number() over (order by engine.smallest_q, engine.engine_id) as place
      from engine
      where engine.smallest_q is not null
    ) as ranked
  ),
  alarmed as materialized (
    select
      engine.*,
      adjusted.fleet_q,
      engine.drifting > 0 and coalesce(adjusted.fleet_q >= settings.drift_alpha, false) as is_suspected
    from engine
    cross join public.quality_settings as settings
    left join adjusted on adjusted.engine_id = engine.engine_id
  )
  select
    judged.metric_name,
    judged.column_name,
    judged.engine_id,
    case when alarmed.is_suspected then alarmed.drifting else judged.metric_value end,
    judged.threshold_min,
    judged.threshold_max,
    case when alarmed.is_suspected then 'warning' else judged.status end,
    judged.rows_checked,
    case
      when judged.engine_id is null then
        judged.evidence || jsonb_build_object('suspected_engines', (select count(*) from alarmed where is_suspected))
      else judged.evidence
    end
  from public.judge_engines('drift', 'max', window_start, as_of, array(
    select row(
      alarmed.engine_id,
      case when alarmed.judged > 0 and alarmed.is_suspected then 0 when alarmed.judged > 0 then alarmed.drifting end,
      1,
      alarmed.readings,
      alarmed.evidence || jsonb_build_object(
        'sensors', alarmed.drifting_sensors,
        'fleet_q_value', case when alarmed.drifting > 0 then alarmed.fleet_q end,
        'suspected', nullif(alarmed.is_suspected, false)
      )
    )::public.engine_measurement
    from alarmed
  )) as judged
  left join alarmed on alarmed.engine_id = judged.engine_id
  union all
  select judged.*
  from public.judge_engines('degradation', 'max', window_start, as_of, array(
    select row(
      engine.engine_id,
      engine.wear,
      1,
      engine.readings,
      engine.evidence || jsonb_build_object('sensors', engine.worn_sensors)
    )::public.engine_measurement
    from engine
  )) as judged;
$function$
;

ALTER FUNCTION "public"."judge_drift"(timestamp with time zone, timestamp with time zone, public.sensor_drift[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.judge_engines(kind text, aggregate text, window_start timestamp with time zone, as_of timestamp with time zone, measured public.engine_measurement[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with rule as (
    -- rules about sensors are one rule here, about how many of them break theirs
    select
      rule.dataset,
      -- of a rule about rows the share that keeps it is measured
      min(case when rule.kind in ('types', 'cycles', 'duplicates', 'clock') then rule.mostly else rule.min end) as min,
      max(case
        when rule.kind in ('types', 'cycles', 'duplicates', 'clock') then null
        when rule.kind in ('stuck', 'drift') then 0
        else rule.max
      end) as max,
      min(rule.severity) as severity -- 'fail' < 'warning'
    from public.effective_expectations as rule
    where rule.kind = judge_engines.kind
    group by rule.dataset
  ),
  judged as (
    select
      measurement.*,
      engines.unit_number,
      rule.min,
      rule.max,
      public.expectation_verdict(measurement.value, rule.min, rule.max, rule.severity) as status
    from unnest(measured) as measurement
    join public.engines on engines.id = measurement.engine_id
    join rule on coalesce(rule.dataset, '') = coalesce(engines.dataset, '')
  ),
  placed as (
    select
      judged.*,
      row_number() over (
        partition by judged.status in ('warning', 'fail')
        order by judged.status, case when judged.min is null then -judged.value else judged.value end, judged.unit_number
      ) as place
    from judged
  ),
  total as (
    select
      case aggregate
        when 'max' then max(value)
        else sum(value * weight) / nullif(sum(weight) filter (where value is not null), 0)
      end as value,
      sum(rows_checked)::bigint as rows_checked,
      count(*) as engines,
      count(*) filter (where value is null) as not_evaluated,
      count(*) filter (where status in ('warning', 'fail')) as failing_count,
      jsonb_agg(jsonb_build_object('engine', unit_number, 'value', value) order by place)
        filter (where status in ('warning', 'fail') and place <= 20) as failing
    from placed
  )
  select
    kind,
    null::text,
    judged.engine_id,
    judged.value,
    judged.min,
    judged.max,
    judged.status,
    judged.rows_checked,
    jsonb_strip_nulls(jsonb_build_object('window_start', window_start, 'window_end', as_of) || judged.evidence)
  from judged
  union all
  select
    kind,
    null,
    null,
    total.value,
    rule.min,
    rule.max,
    -- one engine that fails is never a pass of the table
    case
      when verdict.status = 'pass' and total.failing_count > 0 then 'warning'
      else verdict.status
    end,
    coalesce(total.rows_checked, 0),
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', window_start,
      'window_end', as_of,
      'engines', total.engines,
      'not_evaluated_engines', nullif(total.not_evaluated, 0),
      'failing_count', total.failing_count,
      'failing', total.failing,
      'reason', case when total.value is null then 'there was nothing to look at' end
    ))
  from total
  left join rule on rule.dataset is null -- without one the engines' own verdicts are the table's
  cross join lateral (
    select public.expectation_verdict(total.value, rule.min, rule.max, rule.severity) as status
  ) as verdict
  where exists (select from rule);
$function$
;

ALTER FUNCTION "public"."judge_engines"(text, text, timestamp with time zone, timestamp with time zone, public.engine_measurement[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.ks_p_value(statistic double precision, effective_n double precision)
 RETURNS double precision
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
declare
  n constant double precision := case
    when effective_n >= 8 then round(effective_n) when effective_n > 0 then effective_n
  end;
  lambda constant double precision := (sqrt(n) + 0.12 + 0.11 / sqrt(n)) * statistic;
begin
  if lambda is null then
    return null;
  elsif lambda < 0.04 then
    return 1;
  elsif lambda < 1.18 then
    return least(1, 1 - sqrt(2 * pi()) / lambda * (
      exp(greatest(-700, (pi() / lambda) ^ 2 / -8)) + exp(greatest(-700, (3 * pi() / lambda) ^ 2 / -8))
      + exp(greatest(-700, (5 * pi() / lambda) ^ 2 / -8)) + exp(greatest(-700, (7 * pi() / lambda) ^ 2 / -8))
    ));
  elsif n < 8 then
    return least(1, greatest(0, 2 * (
      exp(greatest(-700, -2 * lambda ^ 2)) - exp(greatest(-700, -8 * lambda ^ 2))
      + exp(greatest(-700, -18 * lambda ^ 2)) - exp(greatest(-700, -32 * lambda ^ 2))
    )));
  elsif n <= 400 then
    return least(1, 2 * statistic * coalesce((
      select sum(exp(greatest(
        -700,
        term.choose + (n - j) * ln(1 - statistic - j / n) + (j - 1) * ln(statistic + j / n)
      )))
      from (
        -- logarithm of "n choose j"
        select j, sum(case when j > 0 then ln((n - j + 1) / j) else 0 end) over (order by j) as choose
        from generate_series(0, n::integer) as j
      ) as term
      where 1 - statistic - j / n > 0
    ), 0));
  end if;
  return 2 * exp(greatest(-700, -2 * n * statistic ^ 2 - 4.0 / 9 * n * statistic ^ 4 - 2.0 / 3 * statistic));
end;
$function$
;

ALTER FUNCTION "public"."ks_p_value"(double precision, double precision) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.ks_statistic(reference double precision[], current double precision[])
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select greatest(
    max(place / sample.n - width_bucket(reference_value, current) / sample.m),
    max(place / sample.m - width_bucket(current_value, reference) / sample.n)
  )
  from (
    select
      nullif(cardinality(reference), 0)::double precision as n,
      nullif(cardinality(current), 0)::double precision as m
  ) as sample
  -- in the select list unnest streams, and gives nulls where one sample is shorter
  cross join lateral (
    select
      unnest(reference) as reference_value,
      unnest(current) as current_value,
      generate_series(1, greatest(cardinality(reference), cardinality(current))) as place
  ) as sorted;
$function$
;

ALTER FUNCTION "public"."ks_statistic"(double precision[], double precision[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.last_readings(before timestamp with time zone)
 RETURNS TABLE(engine_id uuid, "timestamp" timestamp with time zone, cycle integer)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select engines.id, last."timestamp", last.cycle
  from public.engines
  cross join lateral (
    select reading."timestamp", reading.cycle
    from public.sensor_data as reading
    where reading.engine_id = engines.id and reading."timestamp" < before
    order by reading."timestamp" desc, reading.cycle desc
    limit 1
  ) as last;
$function$
;

ALTER FUNCTION "public"."last_readings"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.learn_baselines(engine_ids uuid[], ranges tstzrange[])
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  wanted integer;
  learners uuid[];
begin
  select baseline_readings into strict wanted from public.quality_settings;
  select array_agg(distinct target.engine_id)
  into learners
  from unnest(engine_ids, ranges) as target (engine_id, range)
  left join public.engine_baselines as baseline using (engine_id)
  where baseline.complete is not true
    or (lower_inf(target.range) or lower(target.range) <= baseline.last_timestamp)
      -- a baseline outlives its partition: what is learned without it would be another one
      and to_regclass(
        'partitions.sensor_data_' || to_char(baseline.first_timestamp at time zone 'UTC', 'YYYY_MM')
      ) is not null;

  delete from public.engine_baselines where engine_id = any (learners);

  insert into public.engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp, cadence)
  select
    first.engine_id,
    count(*),
    count(*) >= wanted,
    min(first."timestamp"),
    max(first."timestamp"),
    case when count(first.step) >= 10 then percentile_cont(0.5) within group (order by first.step) end
  from unnest(learners) as learner (id)
  cross join lateral (
    select
      reading.engine_id,
      reading."timestamp",
      nullif(reading."timestamp" - lag(reading."timestamp") over (order by reading."timestamp"), '0') as step
    from public.sensor_data as reading
    where reading.engine_id = learner.id
    order by reading."timestamp"
    limit wanted
  ) as first
  group by first.engine_id;

  insert into public.sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
  select
    sensor.engine_id,
    sensor.condition,
    sensor.column_name,
    count(*),
    avg(sensor.value::double precision),
    stddev_samp(sensor.value::double precision),
    array_agg(sensor.value order by sensor.value)
  from public.engine_baselines as baseline
  cross join lateral (
    select readings.*
    from public.sensor_values as readings
    where readings.engine_id = baseline.engine_id
      and readings."timestamp" >= baseline.first_timestamp and readings."timestamp" <= baseline.last_timestamp
    offset 0 -- as a join it may be a hash join, which reads all months
  ) as sensor
  where baseline.engine_id = any (learners) and baseline.complete
    and sensor.value - sensor.value = 0
  group by sensor.engine_id, sensor.condition, sensor.column_name;

  return coalesce(cardinality(learners), 0);
end;
$function$
;

ALTER FUNCTION "public"."learn_baselines"(uuid[], tstzrange[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.learn_wear_signatures()
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  fleet record;
  learned integer := 0;
begin
  for fleet in
    select failed.*
    from (
      select
        engines.dataset,
        array_agg(engines.id order by engines.unit_number) as engine_ids,
        count(*) as engines,
        max(baseline.learned_at) as learned_at
      from public.engines
      join public.engine_baselines as baseline on baseline.engine_id = engines.id and baseline.complete
      where engines.status = 'failed' and engines.dataset is not null
      group by engines.dataset
      having count(*) >= 10
    ) as failed
    where not exists (
      select from public.wear_signatures as known
      where known.dataset = failed.dataset
        and known.engines = failed.engines and known.learned_at >= failed.learned_at
    )
  loop
    with shifts as materialized (
      select shift.engine_id, shift.column_name, shift.mean_shift
      from public.measure_shifts(fleet.engine_ids, 30, 'infinity') as shift
      where shift.mean_shift is not null and shift.window_readings >= 15
    ),
    signature as materialized (
      select shifts.column_name, avg(shifts.mean_shift) as shift from shifts group by shifts.column_name
    ),
    worn as (
      select
        shifts.engine_id,
        public.wear_of(
          array_agg(shifts.mean_shift order by shifts.column_name), array_agg(signature.shift order by shifts.column_name)
        ) as wear
      from shifts
      join signature using (column_name)
      group by shifts.engine_id
    )
    insert into public.wear_signatures (dataset, column_name, shift, spread, engines)
    select
      fleet.dataset,
      shifts.column_name,
      min(signature.shift),
      stddev_samp((shifts.mean_shift - worn.wear * signature.shift) / worn.wear),
      fleet.engines
    from shifts
    join signature using (column_name)
    join worn using (engine_id)
    where worn.wear > 0.2
    group by shifts.column_name
    having count(*) > 1
    on conflict (dataset, column_name) do update set
      shift = excluded.shift, spread = excluded.spread, engines = excluded.engines, learned_at = now();
    learned := learned + 1;
  end loop;
  return learned;
end;
$function$
;

ALTER FUNCTION "public"."learn_wear_signatures"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.live_columns()
 RETURNS SETOF public.declared_columns
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select relation.relname::text, attribute.attname::text,
    format_type(attribute.atttypid, attribute.atttypmod), not attribute.attnotnull
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
  where relation.relnamespace = 'public'::regnamespace and relation.relkind in ('r', 'p');
$function$
;

ALTER FUNCTION "public"."live_columns"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.make_pipeline_run(pipeline text, logical_time timestamp with time zone, trigger text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  made bigint;
begin
  insert into public.pipeline_runs (pipeline, logical_time, trigger, sla_due_at)
  select
    pipelines.name,
    make_pipeline_run.logical_time,
    make_pipeline_run.trigger,
    -- what was asked for later is late by nature: its time runs from when it begins
    case when make_pipeline_run.trigger in ('schedule', 'catch_up') then make_pipeline_run.logical_time + pipelines.sla end
  from public.pipelines
  where pipelines.name = make_pipeline_run.pipeline
  on conflict do nothing
  returning id into made;

  insert into public.task_runs (run_id, pipeline, task)
  select made, tasks.pipeline, tasks.name
  from public.pipeline_tasks as tasks
  where tasks.pipeline = make_pipeline_run.pipeline and made is not null;
  return made;
end;
$function$
;

ALTER FUNCTION "public"."make_pipeline_run"(text, timestamp with time zone, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.measure_drift(of_engines uuid[], as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.sensor_drift
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with shift as materialized (
    select
      shift.*,
      shift.baseline_readings >= settings.least_readings
        and shift.window_readings >= settings.least_readings as is_enough,
      public.ks_p_value(
        shift.ks_statistic,
        shift.baseline_readings::double precision * shift.window_readings / (shift.baseline_readings + shift.window_readings)
      ) as p_value,
      engines.dataset,
      settings.drift_alpha
    from public.quality_settings as settings
    cross join lateral public.measure_shifts(of_engines, settings.drift_readings, as_of) as shift
    join public.engines on engines.id = shift.engine_id
  ),
  adjusted as (
    select
      ranked.engine_id,
      ranked.column_name,
      min(least(1, ranked.p_value * ranked.tests / ranked.rank)) over (
        partition by ranked.engine_id order by ranked.rank rows between current row and unbounded following
      ) as q_value
    from (
      select
        shift.engine_id,
        shift.column_name,
        shift.p_value,
        count(*) over (partition by shift.engine_id) as tests,
        row_number() over (partition by shift.engine_id order by shift.p_value, shift.column_name) as rank
      from shift
      where shift.is_enough
    ) as ranked
  ),
  known as materialized (
    -- of each dataset its own signature, or the one for all
    select fleet.dataset, signature.column_name, signature.shift, signature.spread
    from (select distinct shift.dataset from shift) as fleet
    join public.wear_signatures as signature
      on coalesce(signature.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = fleet.dataset) then fleet.dataset
        else ''
      end
  ),
  worn as materialized (
    select
      shift.engine_id,
      greatest(0, public.wear_of(
        array_agg(shift.mean_shift order by shift.column_name), array_agg(known.shift order by shift.column_name)
      )) as wear
    from shift
    join known on known.column_name = shift.column_name and coalesce(known.dataset, '') = coalesce(shift.dataset, '')
    where shift.is_enough
    group by shift.engine_id
  ),
  judged as (
    select
      shift.*,
      adjusted.q_value,
      worn.wear,
      worn.wear * known.shift as wear_shift,
      adjusted.q_value < shift.drift_alpha and shift.ks_statistic >= rule.max as differs,
      worn.wear >= 0.1 and abs(shift.mean_shift - worn.wear * known.shift) <= tolerance.shift as is_worn,
      -- a small shift of so many standard deviations makes a D of 0.4 of it
      worn.wear >= 0.1 and abs(shift.mean_shift - worn.wear * known.shift) > greatest(tolerance.shift, rule.max / 0.4)
        and rule.max is not null as is_elsewhere
    from shift
    left join adjusted on adjusted.engine_id = shift.engine_id and adjusted.column_name = shift.column_name
    left join worn on worn.engine_id = shift.engine_id
    left join known on known.column_name = shift.column_name and coalesce(known.dataset, '') = coalesce(shift.dataset, '')
    left join public.effective_expectations as rule
      on rule.kind = 'drift' and rule.column_name = shift.column_name
      and coalesce(rule.dataset, '') = coalesce(shift.dataset, '')
    cross join lateral (
      select
        3 * sqrt(1.0 / shift.baseline_readings + 1.0 / shift.window_readings) + 3 * worn.wear * known.spread as shift
    ) as tolerance
  )
  select
    engines.id,
    sensor.column_name,
    case
      when judged.is_enough is not true then 'insufficient_data'
      when judged.is_elsewhere then 'drift'
      when judged.differs is not true then 'stable'
      when judged.is_worn then 'degradation'
      else 'drift'
    end,
    judged.ks_statistic,
    judged.p_value,
    judged.q_value,
    judged.mean_shift,
    judged.wear_shift,
    judged.wear,
    coalesce(judged.baseline_readings, period.readings, 0),
    coalesce(judged.window_readings, 0),
    judged.window_start,
    judged.window_end,
    as_of
  from unnest(of_engines) as wanted (id)
  join public.engines on engines.id = wanted.id
  cross join unnest((public.value_columns())[4:]) as sensor (column_name)
  left join judged on judged.engine_id = engines.id and judged.column_name = sensor.column_name
  left join public.engine_baselines as period on period.engine_id = engines.id;
$function$
;

ALTER FUNCTION "public"."measure_drift"(uuid[], timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.measure_hours(engine_ids uuid[], ranges tstzrange[])
 RETURNS SETOF public.reading_rollups
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with reading as (
    select
      reading.*,
      engines.dataset,
      date_trunc('hour', reading."timestamp", 'UTC') as hour,
      reading."timestamp" - lag(reading."timestamp") over in_order as step,
      reading.cycle - lag(reading.cycle) over in_order as cycle_step,
      lead(reading.cycle) over in_order is null as is_last
    from unnest(engine_ids, ranges) as target (engine_id, range)
    join public.engines on engines.id = target.engine_id
    cross join lateral (
      select classified.*
      from public.classified_readings as classified
      where classified.engine_id = target.engine_id
        and classified."timestamp" >= coalesce(lower(target.range), '-infinity')
        and classified."timestamp" < coalesce(upper(target.range), 'infinity')
      offset 0 -- as a join, the planner reads all readings of the engine and filters them by time afterwards
    ) as reading
    window in_order as (
      partition by reading.engine_id, date_trunc('hour', reading."timestamp", 'UTC')
      order by reading."timestamp", reading.cycle
    )
  )
  select
    reading.hour,
    reading.engine_id,
    count(*)::integer,
    min(reading."timestamp"),
    max(reading."timestamp"),
    min(reading.cycle) filter (where reading.cycle_step is null),
    min(reading.cycle) filter (where reading.is_last),
    min(reading.step),
    max(reading.step),
    (count(*) filter (where reading.cycle_step <> 1))::integer,
    (count(*) filter (where reading.condition = 0))::integer,
    -- a number minus itself is 0; infinity minus itself, and what is not a number, are not
    (count(*) filter (where
      altitude - altitude <> 0 or mach_number - mach_number <> 0 or tra - tra <> 0
      or s2 - s2 <> 0 or s3 - s3 <> 0 or s4 - s4 <> 0 or s7 - s7 <> 0 or s8 - s8 <> 0 or s9 - s9 <> 0
      or s11 - s11 <> 0 or s12 - s12 <> 0 or s13 - s13 <> 0 or s14 - s14 <> 0 or s15 - s15 <> 0
      or s17 - s17 <> 0 or s20 - s20 <> 0 or s21 - s21 <> 0
    ))::integer,
    array[
      count(*) filter (where altitude is null),
      count(*) filter (where mach_number is null),
      count(*) filter (where tra is null),
      count(*) filter (where s2 is null),
      count(*) filter (where s3 is null),
      count(*) filter (where s4 is null),
      count(*) filter (where s7 is null),
      count(*) filter (where s8 is null),
      count(*) filter (where s9 is null),
      count(*) filter (where s11 is null),
      count(*) filter (where s12 is null),
      count(*) filter (where s13 is null),
      count(*) filter (where s14 is null),
      count(*) filter (where s15 is null),
      count(*) filter (where s17 is null),
      count(*) filter (where s20 is null),
      count(*) filter (where s21 is null)
    ]::integer[],
    array[
      count(*) filter (where altitude < bounds.minima[1] or altitude > bounds.maxima[1]),
      count(*) filter (where mach_number < bounds.minima[2] or mach_number > bounds.maxima[2]),
      count(*) filter (where tra < bounds.minima[3] or tra > bounds.maxima[3]),
      count(*) filter (where s2 < bounds.minima[4] or s2 > bounds.maxima[4]),
      count(*) filter (where s3 < bounds.minima[5] or s3 > bounds.maxima[5]),
      count(*) filter (where s4 < bounds.minima[6] or s4 > bounds.maxima[6]),
      count(*) filter (where s7 < bounds.minima[7] or s7 > bounds.maxima[7]),
      count(*) filter (where s8 < bounds.minima[8] or s8 > bounds.maxima[8]),
      count(*) filter (where s9 < bounds.minima[9] or s9 > bounds.maxima[9]),
      count(*) filter (where s11 < bounds.minima[10] or s11 > bounds.maxima[10]),
      count(*) filter (where s12 < bounds.minima[11] or s12 > bounds.maxima[11]),
      count(*) filter (where s13 < bounds.minima[12] or s13 > bounds.maxima[12]),
      count(*) filter (where s14 < bounds.minima[13] or s14 > bounds.maxima[13]),
      count(*) filter (where s15 < bounds.minima[14] or s15 > bounds.maxima[14]),
      count(*) filter (where s17 < bounds.minima[15] or s17 > bounds.maxima[15]),
      count(*) filter (where s20 < bounds.minima[16] or s20 > bounds.maxima[16]),
      count(*) filter (where s21 < bounds.minima[17] or s21 > bounds.maxima[17])
    ]::integer[]
  from reading
  left join public.reading_bounds as bounds
    on coalesce(bounds.dataset, '') = coalesce(reading.dataset, '') and bounds.condition = reading.condition
  group by reading.engine_id, reading.hour;
$function$
;

ALTER FUNCTION "public"."measure_hours"(uuid[], tstzrange[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.measure_shifts(of_engines uuid[], most integer, as_of timestamp with time zone)
 RETURNS TABLE(engine_id uuid, column_name text, ks_statistic double precision, mean_shift double precision, baseline_readings integer, window_readings integer, window_start timestamp with time zone, window_end timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  -- each part is materialised, so that what the planner cannot guess of one does not spoil the plan of the next
  with baseline as materialized (
    select * from public.comparable_baselines(of_engines)
  ),
  flown as materialized (
    select baseline.engine_id, min(baseline.conditions) as conditions from baseline group by baseline.engine_id
  ),
  -- means and deviations of the conditions of a sensor, in the order of scale.conditions
  scale as materialized (
    select
      reference.dataset,
      reference.column_name,
      array_agg(reference.condition) as conditions,
      array_agg(reference.mean) as means,
      array_agg(reference.sd) as deviations
    from public.baseline_references() as reference
    where reference.sd > 0
      and exists (select from flown where cardinality(flown.conditions) > 1)
    group by reference.dataset, reference.column_name
  ),
  -- One row per engine, with its readings as arrays: sorting each sensor's values apart takes a fifth of the time of
  -- sorting all values of all sensors of all engines at once, and nothing of it leaves memory.
  recent as materialized (
    select period.engine_id, cardinality(flown.conditions) = 1 as is_one_condition, reading.*
    from public.engine_baselines as period
    join flown on flown.engine_id = period.engine_id
    cross join lateral (
      select
        array_agg(latest."timestamp") as timestamps, array_agg(latest.condition) as conditions,
        array_agg(latest.s2) as s2, array_agg(latest.s3) as s3, array_agg(latest.s4) as s4, array_agg(latest.s7) as s7,
        array_agg(latest.s8) as s8, array_agg(latest.s9) as s9, array_agg(latest.s11) as s11,
        array_agg(latest.s12) as s12, array_agg(latest.s13) as s13, array_agg(latest.s14) as s14,
        array_agg(latest.s15) as s15, array_agg(latest.s17) as s17, array_agg(latest.s20) as s20,
        array_agg(latest.s21) as s21
      from (
        select reading.*
        from public.classified_readings as reading
        where reading.engine_id = period.engine_id
          and reading."timestamp" > period.last_timestamp and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit most
      ) as latest
      where latest.condition = any (flown.conditions)
    ) as reading
    where period.complete
  ),
  current as materialized (
    select recent.engine_id, sensor.column_name, sample.*
    from recent
    join public.engines on engines.id = recent.engine_id
    cross join lateral (
      values
        ('s2', recent.s2), ('s3', recent.s3), ('s4', recent.s4), ('s7', recent.s7), ('s8', recent.s8),
        ('s9', recent.s9), ('s11', recent.s11), ('s12', recent.s12), ('s13', recent.s13), ('s14', recent.s14),
        ('s15', recent.s15), ('s17', recent.s17), ('s20', recent.s20), ('s21', recent.s21)
    ) as sensor (column_name, readings)
    left join scale
      on not recent.is_one_condition
      and scale.column_name = sensor.column_name and coalesce(scale.dataset, '') = coalesce(engines.dataset, '')
    cross join lateral (
      select
        array_agg(comparable.value order by comparable.value) as sorted_values,
        avg(comparable.value) as mean,
        min(comparable."timestamp") as window_start,
        max(comparable."timestamp") as window_end
      from (
        -- in the select list unnest streams; in the from list Postgres first copies the arrays into a tuplestore
        select reading."timestamp", reading.value::double precision as value
        from (
          select unnest(sensor.readings) as value, unnest(recent.timestamps) as "timestamp"
        ) as reading
        where recent.is_one_condition and reading.value - reading.value = 0
        union all
        select reading."timestamp", (reading.value - scale.means[reading.place]) / scale.deviations[reading.place]
        from (
          select
            unnest(sensor.readings) as value,
            unnest(recent.timestamps) as "timestamp",
            array_position(scale.conditions, unnest(recent.conditions)) as place
        ) as reading
        where not recent.is_one_condition and reading.value - reading.value = 0 and reading.place is not null
      ) as comparable
      having count(*) > 0
    ) as sample
  )
  select
    current.engine_id,
    current.column_name,
    public.ks_statistic(baseline.sorted_values, current.sorted_values),
    (current.mean - baseline.mean) / nullif(baseline.sd, 0),
    cardinality(baseline.sorted_values),
    cardinality(current.sorted_values),
    current.window_start,
    current.window_end
  from current
  join baseline on baseline.engine_id = current.engine_id and baseline.column_name = current.column_name;
$function$
;

ALTER FUNCTION "public"."measure_shifts"(uuid[], integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.milliseconds_since(moment timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select round(extract(epoch from clock_timestamp() - moment) * 1000)::integer;
$function$
;

ALTER FUNCTION "public"."milliseconds_since"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.missed_readings(previous timestamp with time zone, next timestamp with time zone, cadence interval, window_start timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  -- greatest and least pass over a null
  select case when cadence is not null then least(2147483647, greatest(
    0,
    floor(extract(epoch from next - previous) / extract(epoch from cadence) + 0.5) - 1
    - greatest(0, ceil(extract(epoch from window_start - previous) / extract(epoch from cadence)) - 1)
  ))::integer end;
$function$
;

ALTER FUNCTION "public"."missed_readings"(timestamp with time zone, timestamp with time zone, interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.note_rule_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.sensor_data_changes (hours)
  select tstzmultirange(tstzrange(
    -- baselines are by operating condition, too, and as long as the settings say
    case when tg_table_name in ('operating_conditions', 'quality_settings') then null else rollup_horizon.kept_from end, null
  ))
  from public.rollup_horizon
  where exists (select from public.sensor_data);
  return null;
end;
$function$
;

ALTER FUNCTION "public"."note_rule_change"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.note_sensor_data_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  insert into public.sensor_data_changes (engine_ids, hours)
  select engines.ids, months.hours
  from (select array_agg(distinct engine_id) as ids from changed) as engines
  cross join (
    select range_agg(hours) as hours
    from (
      select tstzrange(
        date_trunc('hour', min("timestamp"), 'UTC'), date_trunc('hour', max("timestamp"), 'UTC') + interval '1 hour'
      ) as hours
      from changed
      group by date_trunc('month', "timestamp", 'UTC')
    ) as month
  ) as months
  where engines.ids is not null;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."note_sensor_data_change"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_alerts(observations jsonb, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  ids bigint[];
  events text[];
  held integer;
begin
  perform public.require_alert_observations(observations, as_of);
  perform pg_advisory_xact_lock(hashtext('public.alerts'));
  -- and against people who acknowledge and resolve, who take the row alone
  perform from public.alerts where resolved_at is null order by id for update;
  perform public.release_held_back_alerts(as_of);

  with change as materialized (
    select * from public.alert_changes(observations, as_of)
  ),
  changed as (
    update public.alerts
    set
      state = case change.event when 'reopened' then 'open' when 'resolved' then 'resolved' else state end,
      severity = case when change.event in ('reopened', 'escalated') then change.severity else alerts.severity end,
      summary = case when change.failing then change.summary else alerts.summary end,
      evidence = case when change.failing then change.evidence else alerts.evidence end,
      last_seen_at = case when change.failing then as_of else last_seen_at end,
      last_observed_at = as_of,
      occurrences = occurrences + change.failing::integer,
      passes = case when change.failing then 0 when resolved_at is null then passes + 1 else passes end,
      reopened = reopened + (change.event is not distinct from 'reopened')::integer,
      reopened_at = case when change.event = 'reopened' then as_of else reopened_at end,
      held_back = held_back or change.flapping,
      acknowledged_at = case when change.event = 'reopened' then null else acknowledged_at end,
      acknowledged_by = case when change.event = 'reopened' then null else acknowledged_by end,
      resolved_at = case change.event when 'reopened' then null when 'resolved' then as_of else resolved_at end,
      resolved_by = case change.event when 'reopened' then null when 'resolved' then 'spool' else resolved_by end
    from change
    where alerts.id = change.alert_id
    returning alerts.id, change.event
  ),
  opened as (
    insert into public.alerts (
      kind, subject, severity, summary, evidence, opened_at, last_seen_at, last_observed_at
    )
    select kind, subject, severity, summary, evidence, as_of, as_of, as_of
    from change
    where event = 'opened'
    order by kind, subject
    returning id, 'opened' as event
  ),
  happened as (
    select id, event from changed where event is not null
    union all
    select id, event from opened
  )
  select array_agg(id), array_agg(event) into ids, events from happened;

  held := public.record_alert_events(ids, events, null, as_of);
  return (
    select jsonb_build_object(
      'opened', count(*) filter (where event = 'opened'),
      'reopened', count(*) filter (where event = 'reopened'),
      'escalated', count(*) filter (where event = 'escalated'),
      'resolved', count(*) filter (where event = 'resolved'),
      'reminded', count(*) filter (where event = 'reminder'),
      'held_back', held
    )
    from unnest(events) as event
  );
end;
$function$
;

ALTER FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_checks(results public.check_result[], as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with judged as (
    select
      result.*,
      coalesce(engines.unit_number, result.column_name, 'sensor_data') as subject,
      -- the engines that fail speak for the table; one that is only suspected is no alert
      result.status in ('warning', 'fail') and not result.evidence ? 'suspected' and (result.engine_id is not null or not exists (
        select from unnest(results) as single
        where single.metric_name = result.metric_name and single.engine_id is not null
          and single.status in ('warning', 'fail')
      )) as failing
    from unnest(results) as result
    left join public.engines on engines.id = result.engine_id
  ),
  observation as (
    select
      judged.metric_name as kind,
      judged.subject,
      true as failing,
      judged.status as severity,
      format(
        '%s of %s is %s%s', judged.metric_name, judged.subject, round(judged.metric_value::numeric, 4),
        case
          when judged.metric_value < judged.threshold_min then ', below ' || judged.threshold_min
          when judged.metric_value > judged.threshold_max then ', above ' || judged.threshold_max
        end
      ) as summary,
      judged.evidence
    from judged
    where judged.failing
    union all
    select
      'check_error', judged.metric_name, bool_or(judged.evidence ? 'error'), 'fail',
      format('The check %s failed: %s', judged.metric_name, max(judged.evidence ->> 'error')),
      coalesce((jsonb_agg(judged.evidence) filter (where judged.evidence ? 'error')) -> 0, '{}')
    from judged
    where judged.engine_id is null
    group by judged.metric_name
    having bool_or(judged.evidence ? 'error') or exists (
      select from public.alerts as open
      where open.kind = 'check_error' and open.subject = judged.metric_name and open.resolved_at is null
    )
    union all
    select open.kind, open.subject, false, null, null, null
    from public.alerts as open
    left join public.engines on engines.unit_number = open.subject
    where open.resolved_at is null
      and (
        exists (
          select from judged
          where judged.metric_name = open.kind and judged.engine_id is null and judged.status <> 'not_evaluated'
        )
        and not exists (
          select from judged
          where judged.metric_name = open.kind and judged.subject = open.subject
            and (judged.failing or judged.status = 'not_evaluated')
        )
        and (
          engines.id is null or engines.status <> 'active' or exists (
            select from judged
            where judged.engine_id = engines.id and (judged.metric_name = open.kind or judged.metric_name <> 'completeness')
          )
        )
        -- the rules are switched off: nobody asks any more
        or exists (select from public.expectations as rule where rule.kind = open.kind)
        and not exists (select from public.effective_expectations as rule where rule.kind = open.kind)
      )
  )
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), as_of)
  from observation;
$function$
;

ALTER FUNCTION "public"."observe_checks"(public.check_result[], timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prune_history(as_of timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  job constant text := 'spool-retention';
  started_at constant timestamptz := clock_timestamp();
  history_from timestamptz;
  check_runs_deleted bigint;
  runs_deleted bigint;
  alerts_deleted bigint;
  job_runs_deleted bigint := 0;
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is pruning the history';
  end if;
  select as_of - settings.metrics_kept
  into strict history_from
  from public.quality_settings as settings;

  delete from public.check_runs where check_runs.as_of < history_from; -- and their metrics
  get diagnostics check_runs_deleted = row_count;
  delete from public.data_quality_metrics
  where data_quality_metrics.run_id is null and data_quality_metrics.check_timestamp < history_from;
  delete from public.pipeline_runs where pipeline_runs.finished_at < history_from; -- and their tasks and attempts
  get diagnostics runs_deleted = row_count;
  delete from public.engine_health_reports where engine_health_reports.as_of < history_from;
  delete from public.alerts
  where alerts.resolved_at < history_from
    and not exists (
      select from public.alert_deliveries
      where alert_deliveries.alert_id = alerts.id and alert_deliveries.state = 'pending'
    );
  get diagnostics alerts_deleted = row_count;
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as details
    where coalesce(details.end_time, details.start_time) < history_from;
    get diagnostics job_runs_deleted = row_count;
  end if;

  perform public.prune_rollups(as_of);

  result := format(
    'deleted: %s runs of checks, %s runs of pipelines, %s alerts, %s runs of jobs',
    check_runs_deleted, runs_deleted, alerts_deleted, job_runs_deleted
  );
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$function$
;

ALTER FUNCTION "public"."prune_history"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prune_rollups(as_of timestamp with time zone DEFAULT now())
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  deleted bigint;
begin
  update public.rollup_horizon
  set kept_from = greatest(kept_from, date_trunc('hour', as_of - settings.rollups_kept, 'UTC'))
  from public.quality_settings as settings;
  delete from public.reading_rollups where hour < (select kept_from from public.rollup_horizon);
  get diagnostics deleted = row_count;
  return deleted;
end;
$function$
;

ALTER FUNCTION "public"."prune_rollups"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.quality_summary_between(since timestamp with time zone DEFAULT (now() - '24:00:00'::interval), until timestamp with time zone DEFAULT now())
 RETURNS TABLE(table_name text, metric_name text, column_name text, status text, metric_value double precision, threshold_min double precision, threshold_max double precision, rows_checked bigint, check_timestamp timestamp with time zone, state_since timestamp with time zone, engines_failing integer, runs_passed integer, runs_warned integer, runs_failed integer, runs_not_evaluated integer, evidence jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with verdicts as (
    select metrics.*, coalesce(metrics.column_name, '') as column_key
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.check_timestamp > since
      and metrics.check_timestamp <= until
  ),
  -- of each metric the newest run in which it was: what earlier ones said of columns that it has no rule for any more,
  -- or of having nothing to look at, is past
  newest_runs as (
    select distinct on (verdicts.table_name, verdicts.metric_name)
      verdicts.table_name, verdicts.metric_name, verdicts.run_id
    from verdicts
    where verdicts.run_id is not null
    order by verdicts.table_name, verdicts.metric_name, verdicts.check_timestamp desc, verdicts.run_id desc
  ),
  latest as (
    select distinct on (verdicts.table_name, verdicts.metric_name, verdicts.column_key) verdicts.*
    from verdicts
    left join newest_runs using (table_name, metric_name)
    where (verdicts.run_id is null or verdicts.run_id = newest_runs.run_id)
      -- whose rules are all switched off is not checked any more
      and not (
        exists (select from public.expectations as rule where rule.kind = verdicts.metric_name)
        and not exists (select from public.effective_expectations as rule where rule.kind = verdicts.metric_name)
      )
    order by
      verdicts.table_name, verdicts.metric_name, verdicts.column_key, verdicts.check_timestamp desc, verdicts.id desc
  ),
  counts as (
    select
      verdicts.table_name,
      verdicts.metric_name,
      verdicts.column_key,
      (count(*) filter (where verdicts.status = 'pass'))::integer as passed,
      (count(*) filter (where verdicts.status = 'warning'))::integer as warned,
      (count(*) filter (where verdicts.status = 'fail'))::integer as failed,
      (count(*) filter (where verdicts.status = 'not_evaluated'))::integer as not_evaluated
    from verdicts
    group by verdicts.table_name, verdicts.metric_name, verdicts.column_key
  ),
  -- rules of stored readings only: those of files are the loader's
  unjudged as (
    select distinct expectations.kind, expectations.column_name
    from public.expectations
    where expectations.active
      and expectations.kind in (
        'types', 'nulls', 'range', 'cycles', 'duplicates', 'completeness', 'freshness', 'volume', 'schema',
        'conditions', 'clock', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation'
      )
      and not exists (
        select
        from latest
        where latest.metric_name = expectations.kind
          and (
            expectations.column_name is null
            or latest.column_name is null
            or latest.column_name = expectations.column_name
          )
      )
  )
  select
    latest.table_name,
    latest.metric_name,
    latest.column_name,
    latest.status,
    latest.metric_value,
    latest.threshold_min,
    latest.threshold_max,
    latest.rows_checked,
    latest.check_timestamp,
    first_of_state.at,
    engines.failing,
    counts.passed,
    counts.warned,
    counts.failed,
    counts.not_evaluated,
    latest.evidence
  from latest
  join counts using (table_name, metric_name, column_key)
  -- the last verdict that was another one, however long ago, and the first one after it
  cross join lateral (
    select max(earlier.check_timestamp) as at
    from public.data_quality_metrics as earlier
    where earlier.engine_id is null
      and earlier.table_name = latest.table_name
      and earlier.metric_name = latest.metric_name
      and coalesce(earlier.column_name, '') = latest.column_key
      and earlier.check_timestamp < latest.check_timestamp
      and earlier.status <> latest.status
  ) as last_other
  cross join lateral (
    select min(same.check_timestamp) as at
    from public.data_quality_metrics as same
    where same.engine_id is null
      and same.table_name = latest.table_name
      and same.metric_name = latest.metric_name
      and coalesce(same.column_name, '') = latest.column_key
      and same.check_timestamp > coalesce(last_other.at, '-infinity')
      and same.check_timestamp <= latest.check_timestamp
      and same.status = latest.status
  ) as first_of_state
  -- a verdict on one column says itself how many engines fail it: an engine's verdict is on all its columns
  cross join lateral (
    select case jsonb_typeof(latest.evidence -> 'broken_engines')
      when 'number' then coalesce(latest.evidence ->> 'failing_count', latest.evidence ->> 'broken_engines')::integer
      else (
        select count(distinct failing.engine_id)::integer
        from public.data_quality_metrics as failing
        where failing.run_id = latest.run_id
          and failing.engine_id is not null
          and failing.metric_name = latest.metric_name
          and coalesce(failing.column_name, '') = latest.column_key
          and failing.status in ('warning', 'fail')
      )
    end as failing
  ) as engines
  union all
  select
    'sensor_data',
    unjudged.kind,
    unjudged.column_name,
    'not_evaluated',
    null,
    null,
    null,
    null,
    null,
    before.at,
    0,
    0,
    0,
    0,
    0,
    jsonb_build_object('reason', 'No run in this time has judged it', 'last_judged_at', before.at)
  from unjudged
  cross join lateral (
    select max(metrics.check_timestamp) as at
    from public.data_quality_metrics as metrics
    where metrics.engine_id is null
      and metrics.metric_name = unjudged.kind
      and (
        unjudged.column_name is null or metrics.column_name is null or metrics.column_name = unjudged.column_name
      )
      and metrics.check_timestamp <= since
  ) as before
  order by 1, 2, 3 nulls first
$function$
;

ALTER FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.read_great_expectation(expectation jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  type constant text := coalesce(expectation ->> 'type', expectation ->> 'expectation_type');
  -- null and false say nothing; the others are about how results are shown
  kwargs constant jsonb := (
    select coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(case jsonb_typeof(expectation -> 'kwargs') when 'object' then expectation -> 'kwargs' else '{}' end)
    where not value in ('null', 'false')
      and not key in ('batch_id', 'result_format', 'catch_exceptions', 'include_config', 'condition_parser')
  );
  spool constant jsonb := case jsonb_typeof(expectation #> '{meta,spool}')
    when 'object' then expectation #> '{meta,spool}' else '{}'
  end;
  known text[]; -- the arguments that are understood
  rule jsonb;
  unknown text;
  row_condition constant text[] := regexp_match(
    kwargs ->> 'row_condition', '^\s*(?:col\("|)(condition|subset)(?:"\)|)\s*==\s*["'']?(\w+)["'']?\s*$'
  );
begin
  rule := case type
    when 'expect_column_values_to_be_between' then jsonb_build_object(
      'kind', 'range', 'column_name', kwargs -> 'column', 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_column_values_to_not_be_null' then jsonb_build_object(
      'kind', 'nulls', 'column_name', kwargs -> 'column'
    )
    when 'expect_compound_columns_to_be_unique' then '{"kind": "duplicates"}'
    when 'expect_table_row_count_to_equal' then jsonb_build_object(
      'kind', coalesce(spool ->> 'kind', 'row_count'), 'min', kwargs -> 'value', 'max', kwargs -> 'value'
    )
    when 'expect_table_row_count_to_be_between' then jsonb_build_object(
      'kind', coalesce(spool ->> 'kind', 'row_count'), 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_column_unique_value_count_to_be_between' then jsonb_build_object(
      'kind', 'unit_count', 'min', kwargs -> 'min_value', 'max', kwargs -> 'max_value'
    )
    when 'expect_table_columns_to_match_set' then '{"kind": "schema", "max": 0}'
    when 'expect_column_to_exist' then '{"kind": "schema", "max": 0}'
  end;
  if rule is null then
    return jsonb_build_object('reason', 'there is no rule of this type');
  end if;

  known := case type
    when 'expect_column_values_to_be_between' then array['column', 'min_value', 'max_value', 'mostly', 'row_condition']
    when 'expect_column_values_to_not_be_null' then array['column', 'mostly']
    when 'expect_compound_columns_to_be_unique' then array['column_list', 'mostly']
    when 'expect_table_row_count_to_equal' then array['value', 'row_condition']
    when 'expect_table_row_count_to_be_between' then array['min_value', 'max_value', 'row_condition']
    when 'expect_column_unique_value_count_to_be_between' then
      array['column', 'min_value', 'max_value', 'row_condition']
    when 'expect_table_columns_to_match_set' then array['column_set', 'exact_match']
    else array['column', 'column_index']
  end;
  select key into unknown from jsonb_object_keys(kwargs) as key where not key = any (known) order by key limit 1;
  if found then
    return jsonb_build_object('reason', format('its argument %s has no counterpart here', unknown));
  end if;
  select key into unknown from unnest(array['value', 'min_value', 'max_value', 'mostly']) as key
  where jsonb_typeof(kwargs -> key) <> 'number' limit 1;
  if found then
    return jsonb_build_object(
      'reason', format('its argument %s must be a number: current value is %s', unknown, kwargs -> unknown)
    );
  end if;
  if kwargs ? 'row_condition' and (
    row_condition is null
    or row_condition[1] <> case rule ->> 'kind' when 'range' then 'condition' else 'subset' end
    or row_condition[1] = 'condition' and row_condition[2] !~ '^\d{1,4}$'
  ) then
    return jsonb_build_object('reason', format(
      'its row_condition must be like %s: current value is %s',
      case rule ->> 'kind' when 'range' then 'col("condition")==1' else 'col("subset")=="train"' end,
      kwargs ->> 'row_condition'
    ));
  end if;
  if type = 'expect_column_unique_value_count_to_be_between' and kwargs ->> 'column' is distinct from 'unit_number' then
    return jsonb_build_object('reason', 'distinct values are counted of unit_number only');
  end if;
  if type = 'expect_compound_columns_to_be_unique' and not coalesce(
    kwargs -> 'column_list' in (
      '["engine_id", "cycle"]', '["cycle", "engine_id"]', '["unit_number", "cycle"]', '["cycle", "unit_number"]'
    ), false
  ) then
    return jsonb_build_object('reason', 'only engine_id and cycle together are held to be unique');
  end if;
  -- whatever the rule about the schema finds, it finds for all columns
  select name into unknown
  from jsonb_array_elements_text(case
    when type = 'expect_column_to_exist' then jsonb_build_array(kwargs -> 'column')
    when type = 'expect_table_columns_to_match_set' and jsonb_typeof(kwargs -> 'column_set') = 'array'
      then kwargs -> 'column_set'
    else '[]'
  end) as name
  where not exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.classified_readings'::regclass and attnum > 0 and attname = name
  )
  limit 1;
  if found then
    return jsonb_build_object('reason', format('readings have no column %s', unknown));
  end if;

  return jsonb_strip_nulls(rule || jsonb_build_object(
    'condition', case row_condition[1] when 'condition' then row_condition[2]::smallint end,
    'subset', case row_condition[1] when 'subset' then row_condition[2] end,
    'mostly', coalesce(kwargs -> 'mostly', '1'),
    'severity', coalesce(
      spool ->> 'severity',
      case expectation ->> 'severity' when 'critical' then 'fail' when 'warning' then 'warning' when 'info' then 'warning' end
    ),
    'at_intake', spool -> 'at_intake',
    'description', coalesce(
      spool ->> 'description', expectation ->> 'description',
      case jsonb_typeof(coalesce(expectation -> 'notes', expectation #> '{meta,notes}'))
        when 'string' then coalesce(expectation ->> 'notes', expectation #>> '{meta,notes}')
      end
    ),
    'every_column', spool -> 'every_column'
  ));
end;
$function$
;

ALTER FUNCTION "public"."read_great_expectation"(jsonb) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.reading_steps(window_start timestamp with time zone, as_of timestamp with time zone)
 RETURNS TABLE(engine_id uuid, previous_timestamp timestamp with time zone, previous_cycle integer, "timestamp" timestamp with time zone, cycle integer, cadence interval)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with hourly as materialized (
    select hourly.*, engine_cadences.cadence
    from public.hourly_readings(window_start, as_of) as hourly
    join public.engine_cadences using (engine_id)
  ),
  between_hours as (
    select
      hourly.engine_id,
      lag(hourly.last_timestamp, 1, before."timestamp") over in_order as previous_timestamp,
      lag(hourly.last_cycle, 1, before.cycle) over in_order as previous_cycle,
      hourly.first_timestamp,
      hourly.first_cycle,
      hourly.cadence
    from hourly
    left join public.last_readings(window_start) as before using (engine_id)
    window in_order as (partition by hourly.engine_id order by hourly.hour)
  ),
  within_hours as (
    select
      hourly.engine_id,
      lag(reading."timestamp") over in_order as previous_timestamp,
      lag(reading.cycle) over in_order as previous_cycle,
      reading."timestamp",
      reading.cycle,
      hourly.cadence
    from hourly
    cross join lateral (
      select stored.cycle, stored."timestamp"
      from public.sensor_data as stored
      where stored.engine_id = hourly.engine_id
        and stored."timestamp" >= hourly.first_timestamp and stored."timestamp" <= hourly.last_timestamp
      offset 0 -- as a join it may be a hash join, which reads all months
    ) as reading
    where hourly.cycle_breaks > 0
      or hourly.longest_step > 1.5 * hourly.cadence
      or hourly.shortest_step < 0.5 * hourly.cadence
    window in_order as (partition by hourly.engine_id, hourly.hour order by reading."timestamp", reading.cycle)
  )
  select step.*
  from (
    select * from between_hours
    union all
    select * from within_hours
  ) as step (engine_id, previous_timestamp, previous_cycle, "timestamp", cycle, cadence)
  where step.previous_timestamp is not null
    and (
      step.cycle <> step.previous_cycle + 1
      or step."timestamp" - step.previous_timestamp < 0.5 * step.cadence
      or step."timestamp" - step.previous_timestamp >= 1.5 * step.cadence
    );
$function$
;

ALTER FUNCTION "public"."reading_steps"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.readings_against_rules(datasets text[], altitude real[], mach_number real[], tra real[], s2 real[], s3 real[], s4 real[], s7 real[], s8 real[], s9 real[], s11 real[], s12 real[], s13 real[], s14 real[], s15 real[], s17 real[], s20 real[], s21 real[])
 RETURNS TABLE(place bigint, column_place integer, path text, reason text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  conditions smallint[];
  rules record; -- those of one kind about one column, as arrays
begin
  conditions := array(
    select coalesce(
      (
        select operating_conditions.condition
        from public.operating_conditions
        where reading.altitude between operating_conditions.altitude_min and operating_conditions.altitude_max
          and reading.mach_number between operating_conditions.mach_number_min and operating_conditions.mach_number_max
          and reading.tra between operating_conditions.tra_min and operating_conditions.tra_max
        order by operating_conditions.condition
        limit 1
      ),
      0
    )
    from unnest(altitude, mach_number, tra) with ordinality as reading (altitude, mach_number, tra, place)
    order by reading.place
  );

  for rules in
    select
      effective.kind,
      effective.column_name,
      array_position(array[
        'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
        's20', 's21'
      ], effective.column_name) as column_place,
      array_agg(effective.dataset) as datasets,
      array_agg(effective.condition) as conditions,
      array_agg(effective.min) as minima,
      array_agg(effective.max) as maxima,
      array_agg(expectations.condition) as own_conditions
    from public.effective_expectations as effective
    join public.expectations on expectations.id = effective.expectation_id
    where effective.at_intake = 'reject' and (effective.dataset is null or effective.dataset = any (datasets))
    group by effective.kind, effective.column_name
  loop
    return query
    select
      reading.place,
      rules.column_place,
      rules.column_name,
      case rules.kind
        when 'nulls' then format('Cannot accept %s as it must have a value: current value is missing', rules.column_name)
        else format(
          'Cannot accept %s as it must be %s%s: current value is %s',
          rules.column_name,
          case
            when rule.min is null then format('at most %s', rule.max)
            when rule.max is null then format('at least %s', rule.min)
            else format('between %s and %s', rule.min, rule.max)
          end,
          case
            when rule.own_condition is null then ' in ' || reading.dataset
            else concat_ws(' of ', format(' in condition %s', rule.own_condition), reading.dataset)
          end,
          reading.value
        )
      end
    from unnest(
      datasets,
      conditions,
      case rules.column_name
        when 'altitude' then altitude when 'mach_number' then mach_number when 'tra' then tra
        when 's2' then s2 when 's3' then s3 when 's4' then s4 when 's7' then s7 when 's8' then s8 when 's9' then s9
        when 's11' then s11 when 's12' then s12 when 's13' then s13 when 's14' then s14 when 's15' then s15
        when 's17' then s17 when 's20' then s20 when 's21' then s21
      end
    ) with ordinality as reading (dataset, condition, value, place)
    join unnest(rules.datasets, rules.conditions, rules.minima, rules.maxima, rules.own_conditions)
      as rule (dataset, condition, min, max, own_condition)
      on rule.dataset is not distinct from reading.dataset
    where case rules.kind
      when 'nulls' then reading.value is null
      -- in single precision, as everywhere
      else rule.condition = reading.condition and (reading.value < rule.min::real or reading.value > rule.max::real)
    end;
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."readings_against_rules"(text[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_alert_events(alert_ids bigint[], changes text[], actor text, as_of timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with numbered as (
    update public.alerts
    set last_event = last_event + 1
    from unnest(alert_ids, changes) as change (alert_id, event)
    where alerts.id = change.alert_id
    returning alerts.*, change.event
  ),
  recorded as (
    insert into public.alert_events (alert_id, number, event, at, actor, severity, summary, evidence, held_back)
    select
      id, last_event, event, as_of, coalesce(record_alert_events.actor, 'spool'), severity, summary, evidence,
      held_back and record_alert_events.actor is null and not (
        severity = 'fail' and event <> 'resolved' and not exists (
          select from public.alert_events as earlier
          where earlier.alert_id = numbered.id and earlier.severity = 'fail' and not earlier.held_back
        )
      )
    from numbered
    returning *
  ),
  queued as (
    insert into public.alert_deliveries (alert_id, event_number, channel, next_attempt_at)
    select recorded.alert_id, recorded.number, alert_channels.name, least(recorded.at, now())
    from recorded
    join public.alert_channels on active and (minimum_severity = 'warning' or recorded.severity = 'fail')
    where recorded.event <> 'acknowledged' and not recorded.held_back
    order by recorded.alert_id
  )
  select count(*) filter (where held_back)::integer from recorded;
$function$
;

ALTER FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_expectation_version()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '');
begin
  if tg_op = 'DELETE' then
    insert into public.expectation_versions (
      expectation_id, version, operation, before, after, changed_at, changed_by
    )
    values (
      old.id, old.version + 1, 'delete', to_jsonb(old), null, now(),
      coalesce(
        nullif(claims ->> 'email', ''), nullif(claims ->> 'sub', ''), nullif(current_setting('role'), 'none'), session_user
      )
    );
    return null;
  end if;
  -- an update that changed nothing left the version as it was
  if tg_op = 'INSERT' or new.version <> old.version then
    insert into public.expectation_versions (
      expectation_id, version, operation, before, after, changed_at, changed_by
    )
    values (
      new.id, new.version, lower(tg_op), case tg_op when 'UPDATE' then to_jsonb(old) end, to_jsonb(new),
      new.updated_at, new.updated_by
    );
  end if;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."record_expectation_version"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.release_held_back_alerts(as_of timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  released bigint[];
  told_ids bigint[];
  changes text[];
begin
  with stable as (
    update public.alerts
    set held_back = false
    from public.alert_settings as settings
    where alerts.held_back and as_of >= coalesce(alerts.resolved_at, alerts.reopened_at) + settings.flap_window
    returning alerts.id
  )
  select coalesce(array_agg(id), '{}') into released from stable;

  -- whoever has acknowledged an alert knows that it is open
  select array_agg(alerts.id), array_agg(case when alerts.state = 'open' then 'reminder' else 'resolved' end)
  into told_ids, changes
  from public.alerts
  cross join lateral (
    select event = 'resolved' as was_resolved
    from public.alert_events
    where alert_id = alerts.id and not held_back and event <> 'acknowledged'
    order by number desc
    limit 1
  ) as told
  where alerts.id = any (released)
    and alerts.state <> 'acknowledged'
    and told.was_resolved <> (alerts.state = 'resolved');

  perform public.record_alert_events(told_ids, changes, null, as_of);
  return cardinality(released);
end;
$function$
;

ALTER FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.report_engine_health(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  reported integer;
begin
  insert into public.engine_health_reports (engine_id, as_of, health, reasons, completeness, wear, last_reading_at)
  select engines.id, report_engine_health.as_of, state.health, state.reasons, state.completeness, state.wear, state.last_reading_at
  from public.engine_health as state
  join public.engines using (unit_number)
  where report_engine_health.as_of > now() - interval '1 hour'
  on conflict on constraint engine_health_reports_pkey do update set
    health = excluded.health,
    reasons = excluded.reasons,
    completeness = excluded.completeness,
    wear = excluded.wear,
    last_reading_at = excluded.last_reading_at;
  get diagnostics reported = row_count;
  return reported;
end;
$function$
;

ALTER FUNCTION "public"."report_engine_health"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_acyclic_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  -- two sessions that each add one half of a circle must not both look before either has committed
  perform pg_advisory_xact_lock(hashtext('public.pipeline_task_dependencies'));
  if exists (
    with recursive upstream (name) as (
      select new.depends_on
      union
      select edge.depends_on
      from upstream
      join public.pipeline_task_dependencies as edge on edge.pipeline = new.pipeline and edge.task = upstream.name
    )
    select from upstream where name = new.task
  ) then
    raise exception 'Cannot make % depend on % as there must be no cycle: % depends on % already',
      new.task, new.depends_on, new.depends_on, new.task
      using errcode = '23514';
  end if;
  return new;
end;
$function$
;

ALTER FUNCTION "public"."require_acyclic_tasks"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_alert_observations(observations jsonb, as_of timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  place bigint;
  wrong jsonb;
begin
  if as_of is null or not isfinite(as_of) then
    raise exception 'Cannot observe alerts as as_of must be a moment: current value is %', coalesce(as_of::text, 'null')
      using errcode = '22023';
  end if;
  if jsonb_typeof(observations) is distinct from 'array' then
    raise exception 'Cannot observe alerts as observations must be a JSON array: current value is %',
      coalesce(left(observations::text, 200), 'null')
      using errcode = '22023';
  end if;
  select number - 1, observation
  into place, wrong
  from jsonb_array_elements(observations) with ordinality as given (observation, number)
  where (
      jsonb_typeof(observation) = 'object'
      and jsonb_typeof(observation -> 'kind') = 'string'
      and length(observation ->> 'kind') between 1 and 300
      and jsonb_typeof(observation -> 'subject') = 'string'
      and length(observation ->> 'subject') between 1 and 300
      and jsonb_typeof(observation -> 'failing') = 'boolean'
      and (
        observation -> 'failing' = 'false'
        or (
          observation ->> 'subject' <> '*'
          and jsonb_typeof(observation -> 'summary') = 'string'
          and observation ->> 'summary' <> ''
          and coalesce(observation ->> 'severity', 'fail') in ('warning', 'fail')
          and coalesce(jsonb_typeof(observation -> 'evidence'), 'null') in ('object', 'null')
        )
      )
    ) is not true
  order by number
  limit 1;
  if found then
    raise exception
      'Cannot observe alerts as observations[%] must have kind and subject (1 to 300 characters), failing and, where it fails, a subject other '
      'than *, summary, a severity of warning or fail, and evidence that is an object: current value is %',
      place, left(wrong::text, 200)
      using errcode = '22023';
  end if;
end;
$function$
;

ALTER FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_open_alert(act text, alert_id bigint, person text)
 RETURNS public.alerts
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  alert public.alerts;
begin
  if coalesce(trim(person), '') = '' then
    raise exception 'Cannot % alert % as the person must be named: current value is %',
      act, alert_id, coalesce(quote_literal(person), 'null')
      using errcode = '22023';
  end if;
  select * into alert from public.alerts where id = alert_id for update;
  if not found then
    raise exception 'Cannot % alert % as it must be open: there is no such alert', act, alert_id
      using errcode = 'SP551',
        hint = 'open_alerts lists those that are; resolved ones are deleted in time.';
  end if;
  if alert.state = 'resolved' then
    raise exception 'Cannot % alert % as it must be open: current value is resolved', act, alert_id
      using errcode = 'SP551',
        hint = format('%s has resolved it at %s.', alert.resolved_by, alert.resolved_at);
  end if;
  return alert;
end;
$function$
;

ALTER FUNCTION "public"."require_open_alert"(text, bigint, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_task_handler()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.kind = 'sql' and not exists (
    select from pg_catalog.pg_proc
    where oid = to_regprocedure(format('public.%I(timestamptz)', new.handler))
      and prorettype = 'jsonb'::regtype
      and not proretset
      and prokind = 'f'
  ) then
    raise exception 'Cannot save task % as handler must be a function public.<handler>(timestamptz) returns jsonb: current value is %',
      new.name, new.handler
      using errcode = '23514';
  end if;
  return new;
end;
$function$
;

ALTER FUNCTION "public"."require_task_handler"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.rerun_task(run_id bigint, task text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  current public.pipeline_runs;
  missing text;
begin
  select pipeline_runs.* into current
  from public.pipeline_runs
  where pipeline_runs.id = rerun_task.run_id
  for update;
  if not exists (
    select from public.task_runs where task_runs.run_id = rerun_task.run_id and task_runs.task = rerun_task.task
  ) then
    raise exception 'Cannot rerun a task as it must be one of a run: current value is % of run %', rerun_task.task, rerun_task.run_id
      using errcode = '22023';
  end if;
  if current.finished_at is null then
    raise exception 'Cannot rerun a task as its run must have ended: current value is %', current.state
      using errcode = '22023', hint = format('select cancel_run(%s) ends it.', rerun_task.run_id);
  end if;
  select edge.depends_on into missing
  from public.pipeline_task_dependencies as edge
  join public.task_runs as upstream on upstream.run_id = rerun_task.run_id and upstream.task = edge.depends_on
  where edge.pipeline = current.pipeline and edge.task = rerun_task.task and upstream.state <> 'succeeded'
  limit 1;
  if found then
    raise exception 'Cannot rerun % as what it depends on must have succeeded: % has not', rerun_task.task, missing
      using errcode = '22023', hint = format('select rerun_task(%s, %L) runs both.', rerun_task.run_id, missing);
  end if;

  update public.task_runs
  set
    state = 'waiting',
    attempts_before_rerun = task_runs.attempt,
    ready_at = null,
    started_at = null,
    finished_at = null,
    error = null,
    sqlstate = null,
    result = null
  where task_runs.run_id = rerun_task.run_id
    and task_runs.task in (
      with recursive downstream (name) as (
        select rerun_task.task
        union
        select edge.task
        from downstream
        join public.pipeline_task_dependencies as edge
          on edge.pipeline = current.pipeline and edge.depends_on = downstream.name
      )
      select name from downstream
    );
  update public.pipeline_runs
  set
    state = 'queued',
    finished_at = null,
    -- a run that succeeded in time has kept its promise, whenever it is repeated
    sla_due_at = case when current.state <> 'succeeded' or current.sla_missed_at is not null then pipeline_runs.sla_due_at end
  where pipeline_runs.id = rerun_task.run_id;
end;
$function$
;

ALTER FUNCTION "public"."rerun_task"(bigint, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.resolve_alert(alert_id bigint, resolved_by text, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  alert public.alerts;
begin
  alert := public.require_open_alert('resolve', alert_id, resolved_by);
  update public.alerts
  set
    state = 'resolved',
    resolved_at = resolve_alert.as_of,
    resolved_by = resolve_alert.resolved_by,
    last_observed_at = greatest(last_observed_at, resolve_alert.as_of)
  where id = resolve_alert.alert_id;
  perform public.record_alert_events(array[alert_id], array['resolved'], resolved_by, as_of);
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$function$
;

ALTER FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.retry_delay(attempt integer, backoff_base interval, backoff_cap interval)
 RETURNS interval
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  -- in seconds, because an interval times 2^30 may be more than an interval holds
  select make_interval(secs => random() * least(
    extract(epoch from backoff_cap),
    extract(epoch from backoff_base) * power(2, least(attempt - 1, 30))
  ));
$function$
;

ALTER FUNCTION "public"."retry_delay"(integer, interval, interval) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.retry_delivery(delivery_id bigint, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  delivery public.alert_deliveries;
begin
  select * into delivery from public.alert_deliveries where id = delivery_id for update;
  if delivery.state is distinct from 'dead' then
    raise exception 'Cannot send delivery % again as it must be dead: %',
      delivery_id, coalesce('current value is ' || delivery.state, 'there is no such delivery')
      using errcode = 'SP552',
        hint = 'select * from alert_deliveries where state = ''dead'' lists those that are.';
  end if;
  update public.alert_deliveries
  set state = 'pending', attempts = 0, next_attempt_at = as_of
  where id = delivery_id
  returning * into delivery;
  return to_jsonb(delivery);
end;
$function$
;

ALTER FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) OWNER TO "postgres";

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
  measured integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return null;
  end if;
  select rollup_horizon.kept_from into strict kept_from from public.rollup_horizon;

  with taken as (
    delete from public.sensor_data_changes returning sensor_data_changes.engine_ids, hours
  ),
  changed as (
    select target.engine_id, range_agg(taken.hours) as hours
    from taken
    cross join lateral (
      select unnest(taken.engine_ids) as engine_id
      union all
      select engines.id from public.engines where taken.engine_ids is null
    ) as target
    group by target.engine_id
  )
  select array_agg(changed.engine_id), array_agg(range)
  into engine_ids, ranges
  from changed
  cross join unnest(changed.hours) as range;
  if engine_ids is null then
    return 0;
  end if;

  perform public.learn_baselines(engine_ids, ranges);

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

ALTER FUNCTION "public"."roll_up_readings"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.run_check(check_name text, check_window interval, as_of timestamp with time zone)
 RETURNS SETOF public.check_result
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  routine constant regprocedure := coalesce(
    to_regprocedure(format('public.%I(interval,timestamptz)', 'run_' || check_name)),
    format('public.%I(interval,timestamptz)', 'check_' || check_name)::regprocedure
  );
begin
  -- %s is a function that exists, not text from outside
  return query execute format('select * from %s($1, $2)', routine::regproc) using check_window, as_of;
exception when others then
  if public.is_transient_sqlstate(sqlstate) then
    raise;
  end if;
  return query select
    check_name, null::text, null::uuid, null::double precision, null::double precision, null::double precision,
    'not_evaluated', 0::bigint,
    jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'), 'window_end', as_of,
      'error', sqlerrm, 'sqlstate', sqlstate, 'reason', 'the check itself failed: ' || sqlerrm
    );
end;
$function$
;

ALTER FUNCTION "public"."run_check"(text, interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.run_checks(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.data_quality_metrics
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
declare
  window_start constant timestamptz := date_trunc('hour', as_of - check_window, 'UTC');
  run bigint;
  begun timestamptz;
  took jsonb := '{}';
  name text;
  results public.check_result[] := '{}';
begin
  if check_window is null or check_window not between '1 hour' and '366 days' then
    raise exception 'Cannot run the checks as check_window must be between 1 hour and 366 days: current value is %',
      coalesce(check_window::text, 'null')
      using errcode = '22023';
  end if;
  -- what is judged of the future would stand against everything that is found until then
  if as_of is null or not isfinite(as_of) or as_of > clock_timestamp() + interval '5 minutes' then
    raise exception 'Cannot run the checks as as_of must be a moment up to now: current value is %',
      coalesce(as_of::text, 'null')
      using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(hashtext('public.run_checks'));

  insert into public.check_runs (window_start, as_of)
  values (window_start, as_of)
  on conflict on constraint check_runs_as_of_window_start_key
  do update set started_at = clock_timestamp(), finished_at = null
  returning id into run;
  delete from public.data_quality_metrics where run_id = run;

  begun := clock_timestamp();
  perform public.roll_up_readings();
  perform public.learn_wear_signatures();
  took := took || jsonb_build_object('roll_up', public.milliseconds_since(begun));

  foreach name in array array[
    'schema', 'rejected', 'freshness', 'volume', 'completeness', 'cycles', 'duplicates', 'clock', 'types', 'nulls',
    'conditions', 'range', 'stuck', 'drift', 'fleet_drift'
  ] loop
    begun := clock_timestamp();
    results := results || array(select result from public.run_check(name, check_window, as_of) as result);
    took := took || jsonb_build_object(name, public.milliseconds_since(begun));
  end loop;

  begun := clock_timestamp();
  insert into public.data_quality_metrics (
    table_name, metric_name, column_name, engine_id, metric_value, threshold_min, threshold_max, status, rows_checked,
    evidence, check_timestamp, run_id
  )
  select
    'sensor_data', metric_name, column_name, engine_id, metric_value, threshold_min, threshold_max, status, rows_checked,
    evidence, as_of, run
  from unnest(results)
  where engine_id is null or status in ('warning', 'fail') or metric_name in ('completeness', 'degradation');
  -- what was wrong before a moment that has been judged already is history, and alerts nobody
  if not exists (
    select from public.check_runs as later where later.as_of > run_checks.as_of and later.finished_at is not null
  ) then
    perform public.observe_checks(results, as_of);
  end if;
  took := took || jsonb_build_object('record', public.milliseconds_since(begun));

  update public.check_runs
  set
    finished_at = clock_timestamp(),
    passed = counted.passed,
    warned = counted.warned,
    failed = counted.failed,
    not_evaluated = counted.not_evaluated,
    milliseconds = took
  from (
    select
      count(*) filter (where status = 'pass') as passed,
      count(*) filter (where status = 'warning') as warned,
      count(*) filter (where status = 'fail') as failed,
      count(*) filter (where status = 'not_evaluated') as not_evaluated
    from unnest(results)
    where engine_id is null
  ) as counted
  where id = run;

  return query
  select * from public.data_quality_metrics where run_id = run and engine_id is null order by id;
end;
$function$
;

ALTER FUNCTION "public"."run_checks"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.run_drift(check_window interval, as_of timestamp with time zone)
 RETURNS SETOF public.check_result
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  window_start constant timestamptz := date_trunc('hour', as_of - check_window, 'UTC');
  drift constant public.sensor_drift[] := array(
    select measured
    from public.measure_drift(public.engines_to_compare(window_start, as_of), as_of) as measured
  );
begin
  insert into public.sensor_drift as known
  select measured.* from unnest(drift) as measured order by measured.engine_id, measured.column_name
  on conflict (engine_id, column_name) do update set
    verdict = excluded.verdict,
    ks_statistic = excluded.ks_statistic,
    p_value = excluded.p_value,
    q_value = excluded.q_value,
    mean_shift = excluded.mean_shift,
    wear_shift = excluded.wear_shift,
    wear = excluded.wear,
    baseline_readings = excluded.baseline_readings,
    window_readings = excluded.window_readings,
    window_start = excluded.window_start,
    window_end = excluded.window_end,
    as_of = excluded.as_of
  where excluded.as_of >= known.as_of;
  return query select * from public.judge_drift(window_start, as_of, drift);
end;
$function$
;

ALTER FUNCTION "public"."run_drift"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.run_fleet_drift(check_window interval, as_of timestamp with time zone)
 RETURNS SETOF public.check_result
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  return query
  select
    known.metric_name, known.column_name, known.engine_id, known.metric_value, known.threshold_min, known.threshold_max,
    known.status, known.rows_checked,
    known.evidence
      || jsonb_build_object('window_start', date_trunc('hour', as_of - check_window, 'UTC'), 'window_end', as_of)
  from (
    select last.*
    from public.data_quality_metrics as last
    where last.metric_name = 'fleet_drift' and last.engine_id is null and last.check_timestamp <= as_of
    order by last.check_timestamp desc
    limit 1
  ) as known
  where known.evidence ->> 'fingerprint' = public.fleet_fingerprint(as_of);
  if not found then
    return query select * from public.check_fleet_drift(check_window, as_of);
  end if;
end;
$function$
;

ALTER FUNCTION "public"."run_fleet_drift"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.run_sql_task(task_run_id bigint, attempt integer, as_of timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  called record;
  returned jsonb;
  code text;
  message text;
  out_of_time boolean;
begin
  select tasks.handler, tasks.timeout, runs.logical_time, task_runs.timeout_at
  into called
  from public.task_runs
  join public.pipeline_runs as runs on runs.id = task_runs.run_id
  join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
  where task_runs.id = run_sql_task.task_run_id;

  begin
    execute format('select public.%I($1)', called.handler) into returned using called.logical_time;
    set constraints all immediate; -- what is deferred would fail at the commit, where nobody could record it
    if not public.end_task_attempt(task_run_id, attempt, 'succeeded', as_of, result => returned) then
      raise exception 'superseded' using errcode = 'SP061';
    end if;
    return 'succeeded';
  exception
    -- neither a cancellation nor a failed assertion is among the others
    when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
  end;
  if code = 'SP061' then
    return 'superseded';
  end if;
  out_of_time := code = '57014' and clock_timestamp() >= called.timeout_at;
  perform public.end_task_attempt(
    task_run_id,
    attempt,
    case when out_of_time then 'timed_out' else 'failed' end,
    as_of,
    transient => public.is_transient_sqlstate(code),
    error => case
      when out_of_time then format('Cannot go on as the task must end within %s', called.timeout)
      else message
    end,
    sqlstate => code
  );
  return 'failed';
end;
$function$
;

ALTER FUNCTION "public"."run_sql_task"(bigint, integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.schedule_pipeline_runs(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  due record;
  place integer;
  made integer := 0;
begin
  for due in
    select
      pipelines.name,
      pipelines.next_logical_time as first_time,
      pipelines.catch_up,
      -- hours and not days, as a day of the session's time zone may have 23 hours
      make_interval(secs => extract(epoch from pipelines.period)::double precision) as period,
      floor(
        extract(epoch from as_of - pipelines.next_logical_time) / extract(epoch from pipelines.period)
      )::integer as last_place
    from public.pipelines
    where pipelines.active and pipelines.next_logical_time <= as_of
    order by pipelines.name
    for update
  loop
    for place in case when due.catch_up then 0 else due.last_place end..due.last_place loop
      if public.make_pipeline_run(
        due.name,
        due.first_time + place * due.period,
        case when place = due.last_place then 'schedule' else 'catch_up' end
      ) is not null then
        made := made + 1;
      end if;
    end loop;
    update public.pipelines
    set next_logical_time = due.first_time + (due.last_place + 1) * due.period
    where pipelines.name = due.name;
  end loop;
  return made;
end;
$function$
;

ALTER FUNCTION "public"."schedule_pipeline_runs"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.settle_pipeline_run(run_id bigint, as_of timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform from public.pipeline_runs
  where pipeline_runs.id = settle_pipeline_run.run_id and pipeline_runs.state = 'running'
  for update;
  if not found then
    return;
  end if;

  loop -- a skipped task skips what waits for it
    update public.task_runs
    set state = 'skipped', finished_at = clock_timestamp()
    where task_runs.run_id = settle_pipeline_run.run_id
      and task_runs.state = 'waiting'
      and exists (
        select from public.pipeline_task_dependencies as edge
        join public.task_runs as upstream on upstream.run_id = task_runs.run_id and upstream.task = edge.depends_on
        where edge.pipeline = task_runs.pipeline
          and edge.task = task_runs.task
          and upstream.state in ('failed', 'skipped', 'cancelled')
      );
    exit when not found;
  end loop;

  update public.task_runs
  set state = 'ready', ready_at = as_of
  where task_runs.run_id = settle_pipeline_run.run_id
    and task_runs.state = 'waiting'
    and not exists (
      select from public.pipeline_task_dependencies as edge
      join public.task_runs as upstream on upstream.run_id = task_runs.run_id and upstream.task = edge.depends_on
      where edge.pipeline = task_runs.pipeline and edge.task = task_runs.task and upstream.state <> 'succeeded'
    );

  update public.pipeline_runs
  set
    finished_at = clock_timestamp(),
    state = (
      select case
        when coalesce(bool_or(task_runs.state in ('failed', 'skipped')), false) then 'failed'
        when bool_or(task_runs.state = 'cancelled') then 'cancelled'
        else 'succeeded'
      end
      from public.task_runs
      where task_runs.run_id = pipeline_runs.id
    )
  where pipeline_runs.id = settle_pipeline_run.run_id
    and not exists (
      select from public.task_runs where task_runs.run_id = pipeline_runs.id and task_runs.finished_at is null
    );
end;
$function$
;

ALTER FUNCTION "public"."settle_pipeline_run"(bigint, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.stamp_expectation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '');
begin
  if tg_op = 'UPDATE' then
    new.version := old.version;
    new.updated_at := old.updated_at;
    new.updated_by := old.updated_by;
    if new is not distinct from old then
      return new;
    end if;
    new.version := old.version + 1;
  else
    new.version := 1;
  end if;
  new.updated_at := now();
  new.updated_by := coalesce(nullif(claims ->> 'email', ''), nullif(claims ->> 'sub', ''), current_user);
  return new;
end;
$function$
;

ALTER FUNCTION "public"."stamp_expectation"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.start_pipeline_run(pipeline text, logical_time timestamp with time zone DEFAULT NULL::timestamp with time zone, as_of timestamp with time zone DEFAULT now())
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  period_seconds numeric;
  known_time timestamptz;
  wanted timestamptz := start_pipeline_run.logical_time;
  made bigint;
begin
  select extract(epoch from pipelines.period), pipelines.next_logical_time
  into period_seconds, known_time
  from public.pipelines
  where pipelines.name = start_pipeline_run.pipeline;
  if not found then
    raise exception 'Cannot start a run as pipeline must be the name of one: current value is %', start_pipeline_run.pipeline
      using errcode = '22023';
  end if;
  wanted := coalesce(wanted, known_time + make_interval(
    secs => (floor(extract(epoch from as_of - known_time) / period_seconds) * period_seconds)::double precision
  ));
  if wanted > as_of or extract(epoch from wanted - known_time) % period_seconds <> 0 then
    raise exception 'Cannot start a run as logical_time must be the end of a period that has ended: current value is %', wanted
      using errcode = '22023', hint = format('%s is one, and periods are %s seconds long.', known_time, period_seconds);
  end if;
  made := public.make_pipeline_run(start_pipeline_run.pipeline, wanted, 'manual');
  if made is null then
    raise exception 'Cannot start a run as its logical time must have none: current value is %', wanted
      using errcode = '23505', hint = 'rerun_task() repeats a task of it and what follows.';
  end if;
  return made;
end;
$function$
;

ALTER FUNCTION "public"."start_pipeline_run"(text, timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_anomalies(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select jsonb_build_object('rows', public.detect_anomalies(as_of));
$function$
;

ALTER FUNCTION "public"."task_anomalies"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_health_report(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select jsonb_build_object('rows', public.report_engine_health(as_of));
$function$
;

ALTER FUNCTION "public"."task_health_report"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_quality(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'passed', count(*) filter (where metrics.status = 'pass'),
    'warned', count(*) filter (where metrics.status = 'warning'),
    'failed', count(*) filter (where metrics.status = 'fail'),
    'not_evaluated', count(*) filter (where metrics.status = 'not_evaluated')
  )
  from public.run_checks(interval '24 hours', as_of) as metrics;
$function$
;

ALTER FUNCTION "public"."task_quality"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_retraining_check(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.check_retraining(as_of);
$function$
;

ALTER FUNCTION "public"."task_retraining_check"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.validate_expectation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  of_files constant text[] := array[
    'text', 'columns', 'units', 'not_empty', 'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count'
  ];
  of_rows constant text[] := array[
    'text', 'columns', 'types', 'nulls', 'range', 'cycles', 'duplicates', 'clock'
  ];
  of_measures constant text[] := array[
    'units', 'not_empty', 'row_count', 'unit_count', 'rul_file', 'rul_types', 'rul_count', 'completeness', 'freshness',
    'volume', 'schema', 'conditions', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation'
  ];
  sensors constant text[] := array[
    's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17', 's20', 's21'
  ];
  value_columns constant text[] := array['altitude', 'mach_number', 'tra'] || sensors;
  largest_real constant double precision := 3.4028234e38;
  smallest_real constant double precision := 1.1754944e-38;
  columns text[]; -- those the kind of rule can be about
  broken text; -- the column that is wrong,
  requirement text; -- what it must be,
  present text; -- and what it is
begin
  new.dataset := nullif(btrim(new.dataset), '');
  new.subset := nullif(btrim(new.subset), '');
  new.column_name := nullif(btrim(new.column_name), '');
  columns := case
    when new.kind in ('range', 'nulls') then value_columns
    when new.kind in ('stuck', 'drift', 'fleet_drift') then sensors
    else '{}'
  end;

  select problem.broken, problem.requirement, coalesce(problem.present, 'null')
  into broken, requirement, present
  from (
    values
      (1, 'kind', 'one of ' || array_to_string(of_files || of_rows[3:] || of_measures[8:], ', '), new.kind,
        new.kind is null or not new.kind = any (of_rows || of_measures)),
      (2, 'subset', 'null, train or test', new.subset, not new.subset in ('train', 'test')),
      (3, 'subset', 'null, as only rules of files tell train and test apart', new.subset,
        new.subset is not null and not new.kind = any (of_files)),
      (4, 'column_name', 'null, as the rule is about whole readings', new.column_name,
        new.column_name is not null and columns = '{}'),
      (5, 'column_name', 'one of ' || array_to_string(columns, ', '), new.column_name,
        columns <> '{}' and (not new.column_name = any (columns) or new.column_name is null and new.kind = 'range')),
      (6, 'condition', 'null, as only ranges tell operating conditions apart', new.condition::text,
        new.condition is not null and new.kind <> 'range'),
      (7, 'condition', 'null or a condition of operating_conditions', new.condition::text,
        new.condition is not null
        and not exists (select from public.operating_conditions where condition = new.condition)),
      (8, 'min', 'null, as the rule is about rows and mostly says how many', new.min::text,
        new.min is not null and new.kind = any (of_rows) and new.kind <> 'range'),
      (9, 'max', 'null, as the rule is about rows and mostly says how many', new.max::text,
        new.max is not null and new.kind = any (of_rows) and new.kind <> 'range'),
      (10, 'min', 'a number or null', new.min::text, abs(new.min) in ('Infinity', 'NaN')),
      (11, 'max', 'a number or null', new.max::text, abs(new.max) in ('Infinity', 'NaN')),
      (12, 'min', 'there, or max: a rule without bounds says nothing', null,
        new.min is null and new.max is null and (new.kind = 'range' or new.kind = any (of_measures))),
      (13, 'min', 'a number that a reading can have', new.min::text,
        new.kind = 'range' and new.min <> 0 and not abs(new.min) between smallest_real and largest_real),
      (14, 'max', 'a number that a reading can have', new.max::text,
        new.kind = 'range' and new.max <> 0 and not abs(new.max) between smallest_real and largest_real),
      (15, 'min', format('at most max, which is %s', new.max), new.min::text, new.min > new.max),
      (16, 'mostly', 'more than 0 and at most 1', new.mostly::text,
        new.mostly is null or not (new.mostly > 0 and new.mostly <= 1)),
      (17, 'mostly', '1, as the rule is about one number and has min and max', new.mostly::text,
        new.mostly <> 1 and new.kind = any (of_measures)),
      (21, 'min', 'between 0 and 1, as a share is measured', new.min::text,
        new.kind in ('completeness', 'conditions', 'rejected') and not new.min between 0 and 1),
      (22, 'max', 'between 0 and 1, as a share or a distance is measured', new.max::text,
        new.kind in ('completeness', 'conditions', 'rejected', 'drift', 'fleet_drift') and not new.max between 0 and 1),
      (18, 'severity', 'warning or fail', new.severity, new.severity is null or not new.severity in ('warning', 'fail')),
      (19, 'at_intake', 'accept or reject', new.at_intake,
        new.at_intake is null or not new.at_intake in ('accept', 'reject')),
      (20, 'at_intake', 'accept, as a single reading can only be held against ranges and nulls', new.at_intake,
        new.at_intake = 'reject' and not new.kind in ('nulls', 'range')),
      (21, 'active', 'true or false', new.active::text, new.active is null),
      (22, 'description', 'the rule in words', new.description, new.description is null or btrim(new.description) = '')
  ) as problem (place, broken, requirement, present, is_broken)
  where problem.is_broken
  order by problem.place
  limit 1;

  if broken is not null then
    raise exception 'Cannot save expectation as % must be %: current value is %', broken, requirement, present
      using errcode = 'check_violation', hint = 'The comments on the columns of expectations say what each is for.';
  end if;
  return new;
end;
$function$
;

ALTER FUNCTION "public"."validate_expectation"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.value_columns()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select array[
    'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
    's20', 's21'
  ];
$function$
;

ALTER FUNCTION "public"."value_columns"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.wake_worker(as_of timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  worker_url text;
  worker_key text;
  something boolean;
  result text;
begin
  select exists (
    select from public.task_runs
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    where tasks.kind = 'queue'
      and (task_runs.state = 'ready' or task_runs.state = 'retrying' and task_runs.next_attempt_at <= as_of)
  ) or exists (
    select from public.alert_deliveries
    where alert_deliveries.state = 'pending' and alert_deliveries.next_attempt_at <= as_of
  ) or exists (
    -- only a worker knows whether the channel has an address
    select from public.alert_channels
    where alert_channels.active is null and exists (select from public.alerts where alerts.resolved_at is null)
  )
  into something;

  if to_regclass('vault.decrypted_secrets') is not null then
    select
      max(decrypted_secret) filter (where name = 'spool_worker_url'),
      max(decrypted_secret) filter (where name = 'spool_worker_key')
    into worker_url, worker_key
    from vault.decrypted_secrets
    where name in ('spool_worker_url', 'spool_worker_key');
  end if;

  if to_regnamespace('net') is null then
    result := 'not configured: pg_net is not installed';
  elsif to_regclass('vault.decrypted_secrets') is null then
    result := 'not configured: Vault is not installed';
  elsif worker_url is null or worker_key is null then
    result := 'not configured: Vault must have the secrets spool_worker_url and spool_worker_key';
  elsif not something then
    result := 'nothing to do';
  else
    perform net.http_post(
      url => worker_url,
      body => '{}',
      headers => jsonb_build_object('content-type', 'application/json', 'authorization', 'Bearer ' || worker_key),
      -- ms; longer than the worker takes, so that net._http_response says how it went
      timeout_milliseconds => 150000
    );
    result := 'called';
  end if;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = result
  where name = 'spool-worker';
  return result;
end;
$function$
;

ALTER FUNCTION "public"."wake_worker"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.watch_jobs(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  started_at constant timestamptz := clock_timestamp();
  observations jsonb;
  observed jsonb;
begin
  select jsonb_agg(to_jsonb(observation))
  into observations
  from (
    select
      'job' as kind,
      jobs.name as subject,
      coalesce(jobs.last_success_at, jobs.registered_at) < as_of - 2 * jobs.period
        -- the tick is at a task that may take longer than that
        and not (jobs.name = 'spool-pipeline' and exists (
          select from public.task_runs
          where task_runs.state = 'running' and task_runs.backend_pid is not null and task_runs.timeout_at > as_of
        )) as failing,
      'fail' as severity,
      format(
        'Job %s has not succeeded since %s, and should every %s',
        jobs.name,
        coalesce(to_char(jobs.last_success_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'it was made'),
        jobs.period
      ) as summary,
      jsonb_build_object(
        'schedule', jobs.schedule, 'last_success_at', jobs.last_success_at, 'last_result', jobs.last_result
      ) as evidence
    from public.jobs
    where jobs.name <> 'spool-watch'
    union all
    select
      'run',
      last_run.pipeline,
      last_run.state = 'failed',
      'fail',
      format('Run %s of pipeline %s failed: %s', last_run.id, last_run.pipeline, failed.reasons),
      jsonb_build_object('run_id', last_run.id, 'logical_time', last_run.logical_time)
    from (
      select distinct on (runs.pipeline) runs.*
      from public.pipeline_runs as runs
      where runs.finished_at is not null and runs.state <> 'cancelled'
      order by runs.pipeline, runs.finished_at desc
    ) as last_run
    cross join lateral (
      select string_agg(format('%s: %s', task_runs.task, task_runs.error), '; ' order by task_runs.id) as reasons
      from public.task_runs
      where task_runs.run_id = last_run.id and task_runs.state = 'failed'
    ) as failed
    union all
    select
      'sla',
      last_run.pipeline,
      last_run.sla_missed_at is not null,
      'warning',
      format(
        'Run %s of pipeline %s had not succeeded by %s',
        last_run.id, last_run.pipeline, to_char(last_run.sla_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      ),
      jsonb_build_object('run_id', last_run.id, 'logical_time', last_run.logical_time, 'state', last_run.state)
    from (
      -- the last run whose SLA is decided
      select distinct on (runs.pipeline) runs.*
      from public.pipeline_runs as runs
      where runs.sla_due_at is not null and (runs.sla_missed_at is not null or runs.state = 'succeeded')
      order by runs.pipeline, runs.logical_time desc
    ) as last_run
  ) as observation;

  update public.jobs
  set
    last_started_at = started_at,
    last_success_at = clock_timestamp(),
    last_result = format('%s observations', jsonb_array_length(coalesce(observations, '[]')))
  where name = 'spool-watch';
  -- last, because sessions that observe wait for each other until they commit
  observed := public.observe_alerts(coalesce(observations, '[]'), as_of);
  return observed;
end;
$function$
;

ALTER FUNCTION "public"."watch_jobs"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.watch_sensor_data_writes(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  wanted record;
begin
  for wanted in
    select *
    from (
      values
        ('note_insert', 'insert', 'referencing new table as changed', 'note_sensor_data_change'),
        ('note_delete', 'delete', 'referencing old table as changed', 'note_sensor_data_change'),
        ('note_update_from', 'update', 'referencing old table as changed', 'note_sensor_data_change'),
        ('note_update_to', 'update', 'referencing new table as changed', 'note_sensor_data_change'),
        ('forget_rollups', 'truncate', '', 'forget_rollups')
    ) as triggers (name, event, transition, routine)
    where not exists (
      select from pg_catalog.pg_trigger as present where present.tgrelid = relation and present.tgname = triggers.name
    )
  loop
    execute format(
      'create trigger %I after %s on %s %s for each statement execute function public.%I()',
      wanted.name, wanted.event, relation, wanted.transition, wanted.routine
    );
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."watch_sensor_data_writes"(regclass) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.wear_of(shifts double precision[], signature double precision[])
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select min(ratio)
  from (
    select
      ratio,
      sum(weight) over (order by ratio) as below,
      sum(weight) over () as total
    from (
      select shift / moved as ratio, abs(moved) as weight
      from unnest(shifts, signature) as sensor (shift, moved)
      where shift is not null and moved <> 0
    ) as answer
  ) as ordered
  where below >= total / 2;
$function$
;

ALTER FUNCTION "public"."wear_of"(double precision[], double precision[]) OWNER TO "postgres";

CREATE OR REPLACE PROCEDURE public.pipeline_tick(IN as_of timestamp with time zone DEFAULT now())
 LANGUAGE plpgsql
AS $procedure$
declare
  started_at constant pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  begin_until constant pg_catalog.timestamptz := started_at operator(pg_catalog.+) interval '50 seconds';
  claimed pg_catalog.record;
  tasks_run pg_catalog.int4 := 0;
  code pg_catalog.text;
  message pg_catalog.text;
begin
  commit; -- inside a transaction this fails, before there is a lock to release
  if not pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('public.pipeline_tick')) then
    raise notice 'busy: another session is running the pipelines';
    return;
  end if;

  loop
    begin
      perform public.advance_pipelines(as_of);
      select * into claimed from public.claim_sql_task(as_of);
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
    exit when code is not null or claimed.task_run_id is null;

    begin
      perform public.run_sql_task(claimed.task_run_id, claimed.attempt, as_of);
      tasks_run := tasks_run operator(pg_catalog.+) 1;
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
    exit when code is not null or pg_catalog.clock_timestamp() operator(pg_catalog.>) begin_until;
  end loop;

  if code is null then
    begin
      update public.jobs
      set
        last_started_at = started_at,
        last_success_at = pg_catalog.clock_timestamp(),
        last_result = pg_catalog.format('%s tasks run', tasks_run)
      where name operator(pg_catalog.=) 'spool-pipeline';
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics code = returned_sqlstate, message = message_text;
    end;
    commit;
  end if;
  perform pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('public.pipeline_tick'));
  if code is not null then
    raise exception '%', message using errcode = code;
  end if;
end;
$procedure$
;

ALTER PROCEDURE "public"."pipeline_tick"(timestamp with time zone) OWNER TO "postgres";

ALTER TABLE "public"."alert_deliveries" ADD CONSTRAINT "alert_deliveries_channel_fkey" FOREIGN KEY (channel) REFERENCES public.alert_channels(name) ON UPDATE CASCADE;

ALTER TABLE "public"."alert_deliveries" ADD CONSTRAINT "alert_deliveries_alert_id_event_number_fkey" FOREIGN KEY (alert_id, event_number) REFERENCES public.alert_events(alert_id, number) ON DELETE CASCADE;

ALTER TABLE "public"."alert_events" ADD CONSTRAINT "alert_events_alert_id_fkey" FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE;

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."data_quality_metrics" ADD CONSTRAINT "data_quality_metrics_run_id_fkey" FOREIGN KEY (run_id) REFERENCES public.check_runs(id) ON DELETE CASCADE;

ALTER TABLE "public"."engine_baselines" ADD CONSTRAINT "engine_baselines_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."engine_health_reports" ADD CONSTRAINT "engine_health_reports_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."engines" ADD CONSTRAINT "engines_cadence_check" CHECK ((cadence > '00:00:00'::interval));

ALTER TABLE "public"."jobs" ADD CONSTRAINT "jobs_period_check" CHECK ((period > '00:00:00'::interval));

ALTER TABLE "public"."operating_conditions" ADD CONSTRAINT "operating_conditions_overlap" EXCLUDE USING gist (numrange((altitude_min)::numeric, (altitude_max)::numeric, '[]'::text) WITH &&, numrange((mach_number_min)::numeric, (mach_number_max)::numeric, '[]'::text) WITH &&, numrange((tra_min)::numeric, (tra_max)::numeric, '[]'::text) WITH &&);

ALTER TABLE "public"."expectations" ADD CONSTRAINT "expectations_condition_fkey" FOREIGN KEY (condition) REFERENCES public.operating_conditions(condition);

ALTER TABLE "public"."pipeline_task_dependencies" ADD CONSTRAINT "pipeline_task_dependencies_pipeline_depends_on_fkey" FOREIGN KEY (pipeline, depends_on) REFERENCES public.pipeline_tasks(pipeline, name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."pipeline_task_dependencies" ADD CONSTRAINT "pipeline_task_dependencies_pipeline_task_fkey" FOREIGN KEY (pipeline, task) REFERENCES public.pipeline_tasks(pipeline, name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."pipeline_runs" ADD CONSTRAINT "pipeline_runs_pipeline_fkey" FOREIGN KEY (pipeline) REFERENCES public.pipelines(name) ON UPDATE CASCADE;

ALTER TABLE "public"."pipeline_tasks" ADD CONSTRAINT "pipeline_tasks_pipeline_fkey" FOREIGN KEY (pipeline) REFERENCES public.pipelines(name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."reading_rollups" ADD CONSTRAINT "reading_rollups_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."sensor_baselines" ADD CONSTRAINT "sensor_baselines_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engine_baselines(engine_id) ON DELETE CASCADE;

ALTER TABLE "public"."sensor_drift" ADD CONSTRAINT "sensor_drift_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."task_runs" ADD CONSTRAINT "task_runs_pipeline_task_fkey" FOREIGN KEY (pipeline, task) REFERENCES public.pipeline_tasks(pipeline, name) ON UPDATE CASCADE;

ALTER TABLE "public"."task_attempts" ADD CONSTRAINT "task_attempts_task_run_id_fkey" FOREIGN KEY (task_run_id) REFERENCES public.task_runs(id) ON DELETE CASCADE;

ALTER TABLE "public"."task_runs" ADD CONSTRAINT "task_runs_run_id_fkey" FOREIGN KEY (run_id) REFERENCES public.pipeline_runs(id) ON DELETE CASCADE;

CREATE VIEW "public"."classified_readings" WITH (security_invoker=true) AS  SELECT reading.engine_id,
    reading.cycle,
    reading."timestamp",
    COALESCE(operating_conditions.condition, (0)::smallint) AS condition,
    reading.altitude,
    reading.mach_number,
    reading.tra,
    reading.s2,
    reading.s3,
    reading.s4,
    reading.s7,
    reading.s8,
    reading.s9,
    reading.s11,
    reading.s12,
    reading.s13,
    reading.s14,
    reading.s15,
    reading.s17,
    reading.s20,
    reading.s21,
    reading.batch_id,
    reading.created_at
   FROM (public.sensor_data reading
     LEFT JOIN public.operating_conditions ON (((reading.altitude >= operating_conditions.altitude_min) AND (reading.altitude <= operating_conditions.altitude_max) AND (reading.mach_number >= operating_conditions.mach_number_min) AND (reading.mach_number <= operating_conditions.mach_number_max) AND (reading.tra >= operating_conditions.tra_min) AND (reading.tra <= operating_conditions.tra_max))));;

ALTER VIEW "public"."classified_readings" OWNER TO "postgres";

CREATE VIEW "public"."effective_expectations" WITH (security_invoker=true) AS  WITH datasets AS (
         SELECT expectations.dataset
           FROM public.expectations
        UNION
         SELECT engines.dataset
           FROM public.engines
        UNION
         SELECT NULL::text AS dataset
        ), conditions AS (
         SELECT operating_conditions.condition
           FROM public.operating_conditions
        UNION ALL
         SELECT (0)::smallint AS condition
        ), subjects AS (
         SELECT kind.kind,
            NULL::text AS column_name,
            NULL::smallint AS condition,
            subset.subset
           FROM (unnest(ARRAY['text'::text, 'columns'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text]) kind(kind)
             CROSS JOIN unnest(ARRAY['train'::text, 'test'::text]) subset(subset))
        UNION ALL
         SELECT kind.kind,
            NULL::text AS column_name,
            NULL::smallint AS condition,
            NULL::text AS subset
           FROM unnest(ARRAY['types'::text, 'cycles'::text, 'duplicates'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'rejected'::text, 'degradation'::text]) kind(kind)
        UNION ALL
         SELECT 'nulls'::text AS kind,
            column_name.column_name,
            NULL::smallint AS condition,
            NULL::text AS subset
           FROM unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) column_name(column_name)
        UNION ALL
         SELECT 'range'::text AS kind,
            column_name.column_name,
            conditions.condition,
            NULL::text AS subset
           FROM (unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) column_name(column_name)
             CROSS JOIN conditions)
        UNION ALL
         SELECT kind.kind,
            column_name.column_name,
            NULL::smallint AS condition,
            NULL::text AS subset
           FROM (unnest(ARRAY['stuck'::text, 'drift'::text, 'fleet_drift'::text]) kind(kind)
             CROSS JOIN unnest(ARRAY['s2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) column_name(column_name))
        ), ranked AS (
         SELECT DISTINCT ON (datasets.dataset, subjects.kind, subjects.subset, subjects.column_name, subjects.condition) datasets.dataset,
            subjects.subset,
            subjects.kind,
            subjects.column_name,
            subjects.condition,
            rule.id AS expectation_id,
            rule.min,
            rule.max,
            rule.mostly,
            rule.severity,
            rule.at_intake,
            rule.active,
            rule.description
           FROM ((public.expectations rule
             JOIN datasets ON (((rule.dataset IS NULL) OR (rule.dataset = datasets.dataset))))
             JOIN subjects ON (((subjects.kind = rule.kind) AND ((rule.subset IS NULL) OR (rule.subset = subjects.subset)) AND ((rule.column_name IS NULL) OR (rule.column_name = subjects.column_name)) AND ((rule.condition IS NULL) OR (rule.condition = subjects.condition)))))
          ORDER BY datasets.dataset, subjects.kind, subjects.subset, subjects.column_name, subjects.condition, rule.dataset, rule.subset, rule.column_name, rule.condition
        )
 SELECT dataset,
    subset,
    kind,
    column_name,
    condition,
    expectation_id,
    min,
    max,
    mostly,
    severity,
    at_intake,
    description
   FROM ranked
  WHERE active;;

ALTER VIEW "public"."effective_expectations" OWNER TO "postgres";

CREATE VIEW "public"."engine_cadences" WITH (security_invoker=true) AS  WITH learned AS (
         SELECT engines.id AS engine_id,
            COALESCE(engines.dataset, engines.model, ''::text) AS fleet,
            engines.cadence AS configured,
            engine_baselines.cadence AS learned
           FROM (public.engines
             LEFT JOIN public.engine_baselines ON ((engine_baselines.engine_id = engines.id)))
        ), fleet AS (
         SELECT learned_1.fleet,
            percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY COALESCE(learned_1.configured, learned_1.learned)) AS cadence
           FROM learned learned_1
          GROUP BY learned_1.fleet
        )
 SELECT learned.engine_id,
    COALESCE(learned.configured, learned.learned, fleet.cadence) AS cadence,
        CASE
            WHEN (learned.configured IS NOT NULL) THEN 'configured'::text
            WHEN (learned.learned IS NOT NULL) THEN 'learned'::text
            WHEN (fleet.cadence IS NOT NULL) THEN 'fleet'::text
            ELSE NULL::text
        END AS source
   FROM (learned
     JOIN fleet ON ((fleet.fleet = learned.fleet)));;

ALTER VIEW "public"."engine_cadences" OWNER TO "postgres";

CREATE VIEW "public"."engine_health" WITH (security_invoker=true) AS  WITH latest_run AS (
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
            WHEN verdicts.fails THEN 'fail'::text
            WHEN verdicts.warns THEN 'warning'::text
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
        END], NULL::text) || COALESCE(verdicts.reasons, '{}'::text[])) AS reasons
   FROM ((((public.engines
     LEFT JOIN LATERAL ( SELECT sensor_data."timestamp",
            sensor_data.cycle
           FROM public.sensor_data
          WHERE (sensor_data.engine_id = engines.id)
          ORDER BY sensor_data."timestamp" DESC
         LIMIT 1) last_reading ON (true))
     LEFT JOIN public.engine_cadences ON ((engine_cadences.engine_id = engines.id)))
     LEFT JOIN verdicts ON ((verdicts.engine_id = engines.id)))
     LEFT JOIN sensors ON ((sensors.engine_id = engines.id)));;

ALTER VIEW "public"."engine_health" OWNER TO "postgres";

CREATE VIEW "public"."open_alerts" WITH (security_invoker=true) AS  SELECT alerts.id,
    alerts.severity,
    alerts.state,
    alerts.kind,
    alerts.subject,
    alerts.summary,
    (now() - alerts.opened_at) AS age,
    alerts.opened_at,
    alerts.last_seen_at,
    alerts.occurrences,
    alerts.reopened,
    alerts.held_back,
    alerts.acknowledged_by,
    alerts.acknowledged_at,
    deliveries.pending AS deliveries_pending,
    deliveries.dead AS deliveries_dead,
    deliveries.last_error AS delivery_error,
    alerts.evidence
   FROM (public.alerts
     CROSS JOIN LATERAL ( SELECT count(*) FILTER (WHERE (alert_deliveries.state = 'pending'::text)) AS pending,
            count(*) FILTER (WHERE (alert_deliveries.state = 'dead'::text)) AS dead,
            (array_agg(alert_deliveries.last_error ORDER BY alert_deliveries.id DESC) FILTER (WHERE ((alert_deliveries.state <> 'sent'::text) AND (alert_deliveries.last_error IS NOT NULL))))[1] AS last_error
           FROM public.alert_deliveries
          WHERE (alert_deliveries.alert_id = alerts.id)) deliveries)
  WHERE (alerts.resolved_at IS NULL)
  ORDER BY (alerts.severity = 'fail'::text) DESC, (alerts.state = 'open'::text) DESC, alerts.opened_at, alerts.id;;

ALTER VIEW "public"."open_alerts" OWNER TO "postgres";

CREATE VIEW "public"."pipeline_status" WITH (security_invoker=true) AS  SELECT pipelines.name AS pipeline,
    pipelines.active,
    runs.id AS run_id,
    runs.logical_time,
    runs.trigger,
    runs.state AS run_state,
    runs.started_at AS run_started_at,
    runs.finished_at AS run_finished_at,
    (runs.finished_at - runs.started_at) AS run_duration,
    runs.sla_due_at,
    runs.sla_missed_at,
    task_runs.id AS task_run_id,
    task_runs.task,
    tasks.kind,
    task_runs.state,
    task_runs.attempt,
    tasks.max_attempts,
    task_runs.next_attempt_at,
    task_runs.started_at,
    (COALESCE(task_runs.finished_at,
        CASE
            WHEN (task_runs.state = 'running'::text) THEN clock_timestamp()
            ELSE NULL::timestamp with time zone
        END) - task_runs.started_at) AS duration,
    task_runs.worker,
    task_runs.backend_pid,
    task_runs.error,
    task_runs.result,
    pipelines.next_logical_time
   FROM (((public.pipelines
     LEFT JOIN LATERAL ( SELECT latest.id,
            latest.pipeline,
            latest.logical_time,
            latest.state,
            latest.trigger,
            latest.created_at,
            latest.started_at,
            latest.finished_at,
            latest.sla_due_at,
            latest.sla_missed_at
           FROM public.pipeline_runs latest
          WHERE (latest.pipeline = pipelines.name)
          ORDER BY COALESCE(latest.started_at, '-infinity'::timestamp with time zone) DESC, latest.logical_time DESC
         LIMIT 1) runs ON (true))
     LEFT JOIN public.task_runs ON ((task_runs.run_id = runs.id)))
     LEFT JOIN public.pipeline_tasks tasks ON (((tasks.pipeline = task_runs.pipeline) AND (tasks.name = task_runs.task))))
  ORDER BY pipelines.name, task_runs.id;;

ALTER VIEW "public"."pipeline_status" OWNER TO "postgres";

CREATE VIEW "public"."quality_summary" WITH (security_invoker=true) AS  SELECT table_name,
    metric_name,
    column_name,
    status,
    metric_value,
    threshold_min,
    threshold_max,
    rows_checked,
    check_timestamp,
    state_since,
    engines_failing,
    runs_passed,
    runs_warned,
    runs_failed,
    runs_not_evaluated,
    evidence
   FROM public.quality_summary_between((now() - '24:00:00'::interval), now()) quality_summary_between(table_name, metric_name, column_name, status, metric_value, threshold_min, threshold_max, rows_checked, check_timestamp, state_since, engines_failing, runs_passed, runs_warned, runs_failed, runs_not_evaluated, evidence);;

ALTER VIEW "public"."quality_summary" OWNER TO "postgres";

CREATE VIEW "public"."reading_bounds" WITH (security_invoker=true) AS  SELECT combined.dataset,
    combined.condition,
    array_agg((rule.min)::real ORDER BY combined.place) AS minima,
    array_agg((rule.max)::real ORDER BY combined.place) AS maxima
   FROM (( SELECT datasets.dataset,
            conditions.condition,
            columns.column_name,
            columns.place
           FROM ((( SELECT expectations.dataset
                   FROM public.expectations
                UNION
                 SELECT engines.dataset
                   FROM public.engines
                UNION
                 SELECT NULL::text AS dataset) datasets
             CROSS JOIN ( SELECT operating_conditions.condition
                   FROM public.operating_conditions
                UNION ALL
                 SELECT (0)::smallint AS condition) conditions)
             CROSS JOIN unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) WITH ORDINALITY columns(column_name, place))) combined
     LEFT JOIN public.effective_expectations rule ON (((NOT (rule.dataset IS DISTINCT FROM combined.dataset)) AND (rule.kind = 'range'::text) AND (rule.column_name = combined.column_name) AND (rule.condition = combined.condition))))
  GROUP BY combined.dataset, combined.condition;;

ALTER VIEW "public"."reading_bounds" OWNER TO "postgres";

CREATE VIEW "public"."sensor_values" WITH (security_invoker=true) AS  SELECT reading.engine_id,
    reading.cycle,
    reading."timestamp",
    reading.condition,
    sensor.column_name,
    sensor.value
   FROM (public.classified_readings reading
     CROSS JOIN LATERAL ( VALUES ('s2'::text,reading.s2), ('s3'::text,reading.s3), ('s4'::text,reading.s4), ('s7'::text,reading.s7), ('s8'::text,reading.s8), ('s9'::text,reading.s9), ('s11'::text,reading.s11), ('s12'::text,reading.s12), ('s13'::text,reading.s13), ('s14'::text,reading.s14), ('s15'::text,reading.s15), ('s17'::text,reading.s17), ('s20'::text,reading.s20), ('s21'::text,reading.s21)) sensor(column_name, value));;

ALTER VIEW "public"."sensor_values" OWNER TO "postgres";

CREATE INDEX alert_deliveries_dead ON public.alert_deliveries USING btree (alert_id) WHERE (state = 'dead'::text);

CREATE INDEX alert_deliveries_pending ON public.alert_deliveries USING btree (next_attempt_at, id) WHERE (state = 'pending'::text);

CREATE INDEX alerts_by_subject ON public.alerts USING btree (kind, subject, id DESC);

CREATE INDEX alerts_held_back ON public.alerts USING btree (id) WHERE held_back;

CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (kind, subject) WHERE (resolved_at IS NULL);

CREATE INDEX alerts_resolved_at ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

CREATE INDEX anomalies_by_time ON public.anomalies USING btree ("timestamp" DESC);

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX data_quality_metrics_of_the_table ON public.data_quality_metrics USING btree (metric_name, COALESCE(column_name, ''::text), check_timestamp DESC) WHERE (engine_id IS NULL);

CREATE INDEX engine_health_reports_by_time ON public.engine_health_reports USING btree (as_of);

CREATE INDEX expectations_at_intake ON public.expectations USING btree (id) WHERE ((at_intake = 'reject'::text) AND active);

CREATE INDEX pipeline_runs_by_finish ON public.pipeline_runs USING btree (finished_at);

CREATE INDEX pipeline_runs_open ON public.pipeline_runs USING btree (pipeline, logical_time) WHERE (finished_at IS NULL);

CREATE INDEX pipeline_task_dependencies_by_upstream ON public.pipeline_task_dependencies USING btree (pipeline, depends_on);

CREATE INDEX task_runs_by_task ON public.task_runs USING btree (pipeline, task);

CREATE INDEX task_runs_to_do ON public.task_runs USING btree (state, next_attempt_at) WHERE (state = ANY (ARRAY['ready'::text, 'running'::text, 'retrying'::text]));

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON partitions.sensor_data_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON partitions.sensor_data_2026_11 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON partitions.sensor_data_2026_11 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON partitions.sensor_data_2026_11 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON partitions.sensor_data_2026_11 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON partitions.sensor_data_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON partitions.sensor_data_2026_12 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON partitions.sensor_data_2026_12 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON partitions.sensor_data_2026_12 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON partitions.sensor_data_2026_12 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON partitions.sensor_data_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON partitions.sensor_data_2027_01 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON partitions.sensor_data_2027_01 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON partitions.sensor_data_2027_01 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON partitions.sensor_data_2027_01 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON partitions.sensor_data_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON partitions.sensor_data_2027_02 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON partitions.sensor_data_2027_02 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON partitions.sensor_data_2027_02 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON partitions.sensor_data_2027_02 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON partitions.sensor_data_2027_03 FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON partitions.sensor_data_2027_03 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON partitions.sensor_data_2027_03 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON partitions.sensor_data_2027_03 REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON partitions.sensor_data_2027_03 REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_change AFTER UPDATE OF dataset ON public.engines FOR EACH STATEMENT EXECUTE FUNCTION public.note_rule_change();

CREATE TRIGGER expectations_record AFTER INSERT OR DELETE OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.record_expectation_version();

CREATE TRIGGER expectations_validate BEFORE INSERT OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.validate_expectation();

CREATE TRIGGER expectations_version BEFORE INSERT OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.stamp_expectation();

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON public.expectations FOR EACH STATEMENT EXECUTE FUNCTION public.note_rule_change();

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON public.operating_conditions FOR EACH STATEMENT EXECUTE FUNCTION public.note_rule_change();

CREATE TRIGGER require_acyclic_tasks AFTER INSERT OR UPDATE ON public.pipeline_task_dependencies FOR EACH ROW EXECUTE FUNCTION public.require_acyclic_tasks();

CREATE TRIGGER require_task_handler BEFORE INSERT OR UPDATE OF kind, handler ON public.pipeline_tasks FOR EACH ROW EXECUTE FUNCTION public.require_task_handler();

CREATE TRIGGER note_change AFTER UPDATE OF baseline_readings ON public.quality_settings FOR EACH STATEMENT EXECUTE FUNCTION public.note_rule_change();

CREATE TRIGGER forget_rollups AFTER TRUNCATE ON public.sensor_data FOR EACH STATEMENT EXECUTE FUNCTION public.forget_rollups();

CREATE TRIGGER note_delete AFTER DELETE ON public.sensor_data REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_insert AFTER INSERT ON public.sensor_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_from AFTER UPDATE ON public.sensor_data REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE TRIGGER note_update_to AFTER UPDATE ON public.sensor_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_sensor_data_change();

CREATE POLICY "alert_channels_read" ON "public"."alert_channels" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_deliveries_read" ON "public"."alert_deliveries" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_events_read" ON "public"."alert_events" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_settings_read" ON "public"."alert_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alerts_read" ON "public"."alerts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "anomalies_read" ON "public"."anomalies" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "declared_columns_read" ON "public"."declared_columns" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_health_reports_read" ON "public"."engine_health_reports" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectation_versions_read" ON "public"."expectation_versions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectations_read" ON "public"."expectations" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "operating_conditions_read" ON "public"."operating_conditions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_runs_read" ON "public"."pipeline_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_task_dependencies_read" ON "public"."pipeline_task_dependencies" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_tasks_read" ON "public"."pipeline_tasks" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipelines_read" ON "public"."pipelines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "quality_settings_read" ON "public"."quality_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "reading_rollups_read" ON "public"."reading_rollups" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "retraining_decisions_read" ON "public"."retraining_decisions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "rollup_horizon_read" ON "public"."rollup_horizon" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_baselines_read" ON "public"."sensor_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_data_changes_read" ON "public"."sensor_data_changes" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_drift_read" ON "public"."sensor_drift" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "task_attempts_read" ON "public"."task_attempts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "task_runs_read" ON "public"."task_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "wear_signatures_read" ON "public"."wear_signatures" FOR SELECT TO "authenticated" USING (true);

COMMENT ON COLUMN "public"."alert_channels"."active" IS 'Whether alerts are delivered here. Null until a worker first has the channel''s address, which makes it true and sends what is open then.';

COMMENT ON COLUMN "public"."alert_channels"."kind" IS 'webhook: Slack-compatible JSON to ALERT_WEBHOOK_URL; sns: ALERT_SNS_TOPIC_ARN.';

COMMENT ON COLUMN "public"."alert_channels"."minimum_severity" IS 'Alerts of this severity and worse are delivered: warning is everything, fail is failures alone.';

COMMENT ON COLUMN "public"."alert_channels"."name" IS 'Name of the channel.';

COMMENT ON COLUMN "public"."alert_channels"."paused_until" IS 'The receiver asked not to be sent anything before (UTC); null when it has not.';

COMMENT ON COLUMN "public"."alert_deliveries"."alert_id" IS 'The alert; alerts.id.';

COMMENT ON COLUMN "public"."alert_deliveries"."attempts" IS 'How often it has been tried, a try that is under way included.';

COMMENT ON COLUMN "public"."alert_deliveries"."channel" IS 'Where to; alert_channels.name.';

COMMENT ON COLUMN "public"."alert_deliveries"."event_number" IS 'What to tell of it; alert_events.number.';

COMMENT ON COLUMN "public"."alert_deliveries"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."alert_deliveries"."idempotency_key" IS 'Sent with every try, so that a receiver can tell a repetition from another message.';

COMMENT ON COLUMN "public"."alert_deliveries"."last_error" IS 'Why the last try that failed did; never an address or a key. Null when none did.';

COMMENT ON COLUMN "public"."alert_deliveries"."lease" IS 'Names the sender that is at it; null when none is.';

COMMENT ON COLUMN "public"."alert_deliveries"."leased_until" IS 'When another sender may take it over (UTC).';

COMMENT ON COLUMN "public"."alert_deliveries"."next_attempt_at" IS 'Not tried before (UTC).';

COMMENT ON COLUMN "public"."alert_deliveries"."sent_at" IS 'When the receiver confirmed it (UTC); null until then.';

COMMENT ON COLUMN "public"."alert_deliveries"."state" IS 'pending; sent: the receiver has confirmed it; dead: it was refused for good, or tried delivery_attempts times.';

COMMENT ON COLUMN "public"."alert_events"."actor" IS 'Who did it; spool when an observation did.';

COMMENT ON COLUMN "public"."alert_events"."alert_id" IS 'The alert; alerts.id.';

COMMENT ON COLUMN "public"."alert_events"."at" IS 'Moment of the observation or of the person''s act (UTC).';

COMMENT ON COLUMN "public"."alert_events"."event" IS 'opened, reopened, escalated (from warning to fail), acknowledged, resolved, or reminder: it is still open.';

COMMENT ON COLUMN "public"."alert_events"."evidence" IS 'The alert''s evidence then.';

COMMENT ON COLUMN "public"."alert_events"."held_back" IS 'Nobody is notified of it, because the alert was coming and going.';

COMMENT ON COLUMN "public"."alert_events"."number" IS 'Place among the alert''s events, from 1.';

COMMENT ON COLUMN "public"."alert_events"."severity" IS 'The alert''s severity then.';

COMMENT ON COLUMN "public"."alert_events"."summary" IS 'The alert''s summary then.';

COMMENT ON COLUMN "public"."alert_settings"."delivery_attempts" IS 'How often a delivery is tried before it is dead.';

COMMENT ON COLUMN "public"."alert_settings"."flap_limit" IS 'An alert that was reopened more often than this within flap_window is held back: nobody is notified until it has not changed for flap_window.';

COMMENT ON COLUMN "public"."alert_settings"."flap_window" IS 'An alert that fails again within this time of its resolution is reopened, instead of a new one being opened.';

COMMENT ON COLUMN "public"."alert_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."alert_settings"."most_subjects" IS 'When more subjects of one kind than this begin to fail in one observation, they become one alert with the subject *.';

COMMENT ON COLUMN "public"."alert_settings"."repeat_after" IS 'Time after which an open alert that still fails and that nobody has acknowledged is notified again; null means never.';

COMMENT ON COLUMN "public"."alert_settings"."resolve_after" IS 'How many observations in a row must pass before an alert is resolved.';

COMMENT ON COLUMN "public"."alerts"."acknowledged_at" IS 'When somebody took it on (UTC); null again when it is reopened.';

COMMENT ON COLUMN "public"."alerts"."acknowledged_by" IS 'Who took it on.';

COMMENT ON COLUMN "public"."alerts"."evidence" IS 'What the last failing observation rests on.';

COMMENT ON COLUMN "public"."alerts"."held_back" IS 'It comes and goes so often that nobody is notified until it has not changed for flap_window.';

COMMENT ON COLUMN "public"."alerts"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."alerts"."kind" IS 'What sort of thing fails, for example check, run or job.';

COMMENT ON COLUMN "public"."alerts"."last_event" IS 'Number of its latest event; alert_events.number.';

COMMENT ON COLUMN "public"."alerts"."last_observed_at" IS 'Moment of the last observation, or of its resolution by a person (UTC); earlier observations change nothing any more.';

COMMENT ON COLUMN "public"."alerts"."last_seen_at" IS 'Moment of the last failing observation (UTC).';

COMMENT ON COLUMN "public"."alerts"."occurrences" IS 'How many observations failed.';

COMMENT ON COLUMN "public"."alerts"."opened_at" IS 'Moment of the first failing observation (UTC).';

COMMENT ON COLUMN "public"."alerts"."passes" IS 'How many observations in a row have passed since the last one that failed.';

COMMENT ON COLUMN "public"."alerts"."reopened" IS 'How often it came back within flap_window of its resolution.';

COMMENT ON COLUMN "public"."alerts"."reopened_at" IS 'When it last came back (UTC); null when it never did.';

COMMENT ON COLUMN "public"."alerts"."resolved_at" IS 'When it was resolved (UTC); null while it is not.';

COMMENT ON COLUMN "public"."alerts"."resolved_by" IS 'Who resolved it; spool when observations passed.';

COMMENT ON COLUMN "public"."alerts"."severity" IS 'warning or fail: the worst that was observed since the alert was opened or reopened.';

COMMENT ON COLUMN "public"."alerts"."state" IS 'open; acknowledged: somebody has taken it on; resolved: it has passed, or somebody says so.';

COMMENT ON COLUMN "public"."alerts"."subject" IS 'Which one it is, for example the check''s name; * stands for so many subjects of the kind that they are one alert.';

COMMENT ON COLUMN "public"."alerts"."summary" IS 'What fails, in one sentence, as last observed.';

COMMENT ON COLUMN "public"."anomalies"."cycle" IS 'Flight cycle of the reading.';

COMMENT ON COLUMN "public"."anomalies"."detected_at" IS 'When it was found (UTC).';

COMMENT ON COLUMN "public"."anomalies"."detector" IS 'How it was found. mean_abs_z: mean of |z| over the sensors, z against the engine''s own baseline in the same operating condition.';

COMMENT ON COLUMN "public"."anomalies"."engine_id" IS 'Engine that was measured; engines.id.';

COMMENT ON COLUMN "public"."anomalies"."score" IS 'Score of the reading, in the detector''s own unit.';

COMMENT ON COLUMN "public"."anomalies"."sensors" IS 'z of the sensors that contributed most, by column, in baseline standard deviations.';

COMMENT ON COLUMN "public"."anomalies"."threshold" IS 'Score above which a reading is an anomaly.';

COMMENT ON COLUMN "public"."anomalies"."timestamp" IS 'Time of the reading (UTC).';

COMMENT ON COLUMN "public"."check_runs"."as_of" IS 'End of the window and moment of the verdicts (UTC); readings after it were not looked at.';

COMMENT ON COLUMN "public"."check_runs"."failed" IS 'Table-wide checks that failed.';

COMMENT ON COLUMN "public"."check_runs"."finished_at" IS 'When the run ended (UTC).';

COMMENT ON COLUMN "public"."check_runs"."id" IS 'Identifier; data_quality_metrics.run_id refers to it.';

COMMENT ON COLUMN "public"."check_runs"."milliseconds" IS 'How long each part of the run took, in milliseconds, by name.';

COMMENT ON COLUMN "public"."check_runs"."not_evaluated" IS 'Table-wide checks that had too little to judge.';

COMMENT ON COLUMN "public"."check_runs"."passed" IS 'Table-wide checks that passed.';

COMMENT ON COLUMN "public"."check_runs"."started_at" IS 'When the run began (UTC).';

COMMENT ON COLUMN "public"."check_runs"."warned" IS 'Table-wide checks that warned.';

COMMENT ON COLUMN "public"."check_runs"."window_start" IS 'Start of the window (UTC, a whole hour); readings at or after it were looked at.';

COMMENT ON COLUMN "public"."data_quality_metrics"."column_name" IS 'Column the verdict is about; null when it is about whole readings.';

COMMENT ON COLUMN "public"."data_quality_metrics"."run_id" IS 'Run of the checks that wrote it; check_runs.id. Null for metrics that came from elsewhere.';

COMMENT ON COLUMN "public"."declared_columns"."column_name" IS 'Column of it.';

COMMENT ON COLUMN "public"."declared_columns"."data_type" IS 'Its type, as format_type writes it.';

COMMENT ON COLUMN "public"."declared_columns"."is_nullable" IS 'Whether it may be null.';

COMMENT ON COLUMN "public"."declared_columns"."table_name" IS 'Table of the schema public.';

COMMENT ON COLUMN "public"."engine_baselines"."cadence" IS 'Median time between two of its readings; null while there are fewer than ten steps. engines.cadence goes before it.';

COMMENT ON COLUMN "public"."engine_baselines"."complete" IS 'Whether it has as many readings as quality_settings.baseline_readings asks for. Only then are values compared with it.';

COMMENT ON COLUMN "public"."engine_baselines"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."engine_baselines"."first_timestamp" IS 'Time of its first reading (UTC).';

COMMENT ON COLUMN "public"."engine_baselines"."last_timestamp" IS 'Time of its last reading (UTC); readings after it can be compared with it.';

COMMENT ON COLUMN "public"."engine_baselines"."learned_at" IS 'When it was learned (UTC).';

COMMENT ON COLUMN "public"."engine_baselines"."readings" IS 'How many readings the baseline consists of.';

COMMENT ON COLUMN "public"."engine_health_reports"."as_of" IS 'Moment of the report (UTC).';

COMMENT ON COLUMN "public"."engine_health_reports"."completeness" IS 'Share of the expected readings that were there; null when not judged.';

COMMENT ON COLUMN "public"."engine_health_reports"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."engine_health_reports"."health" IS 'ok, warning, fail or unknown, as in engine_health.';

COMMENT ON COLUMN "public"."engine_health_reports"."last_reading_at" IS 'Time of its latest reading (UTC).';

COMMENT ON COLUMN "public"."engine_health_reports"."reasons" IS 'Why, in words.';

COMMENT ON COLUMN "public"."engine_health_reports"."wear" IS 'Wear of the engine: 0 as in its baseline, 1 as engines are at failure.';

COMMENT ON COLUMN "public"."engines"."cadence" IS 'Time between two readings that completeness expects; null means it is learned from the first readings.';

COMMENT ON COLUMN "public"."engines"."cohort" IS 'Group that fleet drift compares with the other groups of the same dataset or model, for example a production lot or a site; the loader writes train and test.';

COMMENT ON COLUMN "public"."expectation_versions"."after" IS 'The whole row after the change; null when it was deleted.';

COMMENT ON COLUMN "public"."expectation_versions"."before" IS 'The whole row before the change; null when it was new.';

COMMENT ON COLUMN "public"."expectation_versions"."changed_at" IS 'When it was changed (UTC).';

COMMENT ON COLUMN "public"."expectation_versions"."changed_by" IS 'Who changed it: the signed-in user''s address or identifier where there is one, else the database role.';

COMMENT ON COLUMN "public"."expectation_versions"."expectation_id" IS 'The rule, which may be gone; expectations.id.';

COMMENT ON COLUMN "public"."expectation_versions"."id" IS 'Identifier; ascending in the order of the changes.';

COMMENT ON COLUMN "public"."expectation_versions"."operation" IS 'insert, update or delete.';

COMMENT ON COLUMN "public"."expectation_versions"."version" IS 'The version that the change made; 1 when the rule was new, one more than its last version when it was deleted.';

COMMENT ON COLUMN "public"."expectations"."active" IS 'Off: the rule is not checked, nor a less specific one in its place.';

COMMENT ON COLUMN "public"."expectations"."at_intake" IS 'accept: readings that break a range or nulls rule are stored, and the scheduled check reports them; reject: they become dead letters.';

COMMENT ON COLUMN "public"."expectations"."column_name" IS 'Column of a range rule (always), or of a nulls, stuck or drift rule that is for one column only; null: whole readings, or every column.';

COMMENT ON COLUMN "public"."expectations"."condition" IS 'Operating condition a range rule is for; null: all of them, and readings in none.';

COMMENT ON COLUMN "public"."expectations"."dataset" IS 'Set of engines the rule is for (engines.dataset, FD001 for example); null: every engine without a rule of its own.';

COMMENT ON COLUMN "public"."expectations"."description" IS 'The rule in words.';

COMMENT ON COLUMN "public"."expectations"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."expectations"."kind" IS 'What is measured. Of files only: text, columns, units, not_empty, row_count, unit_count, rul_*. Of stored readings only: completeness, freshness, volume, schema, conditions, clock, stuck, rejected, drift, fleet_drift, degradation. Of both: types, nulls, range, cycles, duplicates.';

COMMENT ON COLUMN "public"."expectations"."max" IS 'Largest value that passes: of a range rule the largest value of the column, else the largest measured value; null: no upper bound.';

COMMENT ON COLUMN "public"."expectations"."min" IS 'Smallest value that passes: of a range rule the smallest value of the column, else the smallest measured value; null: no lower bound. Rules of rows other than ranges have mostly instead.';

COMMENT ON COLUMN "public"."expectations"."mostly" IS 'Share of the rows that must keep a rule of rows (text, columns, types, nulls, range, cycles, duplicates, clock), more than 0 and at most 1, as in Great Expectations. The intake judges each reading by itself.';

COMMENT ON COLUMN "public"."expectations"."severity" IS 'Verdict when the rule is broken: warning or fail.';

COMMENT ON COLUMN "public"."expectations"."subset" IS 'Rules of files: train or test; null: both.';

COMMENT ON COLUMN "public"."expectations"."updated_at" IS 'When it was last changed (UTC).';

COMMENT ON COLUMN "public"."expectations"."updated_by" IS 'The signed-in user who changed it last, else the database role.';

COMMENT ON COLUMN "public"."expectations"."version" IS 'Counts up with each change.';

COMMENT ON COLUMN "public"."jobs"."period" IS 'Time between two runs by the schedule; a job that has not succeeded for two of them raises an alert.';

COMMENT ON COLUMN "public"."jobs"."registered_at" IS 'When the job was made (UTC); until its first success its age counts from here.';

COMMENT ON COLUMN "public"."operating_conditions"."altitude_max" IS 'Highest altitude, in 1,000 ft.';

COMMENT ON COLUMN "public"."operating_conditions"."altitude_min" IS 'Lowest altitude, in 1,000 ft.';

COMMENT ON COLUMN "public"."operating_conditions"."condition" IS 'Number of the condition, from 1; 0 stands for none of them.';

COMMENT ON COLUMN "public"."operating_conditions"."mach_number_max" IS 'Highest Mach number.';

COMMENT ON COLUMN "public"."operating_conditions"."mach_number_min" IS 'Lowest Mach number.';

COMMENT ON COLUMN "public"."operating_conditions"."name" IS 'What people call it.';

COMMENT ON COLUMN "public"."operating_conditions"."tra_max" IS 'Highest throttle resolver angle, in percent.';

COMMENT ON COLUMN "public"."operating_conditions"."tra_min" IS 'Lowest throttle resolver angle, in percent.';

COMMENT ON COLUMN "public"."pipeline_runs"."created_at" IS 'When the run was made (UTC).';

COMMENT ON COLUMN "public"."pipeline_runs"."finished_at" IS 'When it ended (UTC); null while it is open.';

COMMENT ON COLUMN "public"."pipeline_runs"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."pipeline_runs"."logical_time" IS 'End of the period that the run is about (UTC); what its tasks get as as_of, whenever they run.';

COMMENT ON COLUMN "public"."pipeline_runs"."pipeline" IS 'Pipeline that runs.';

COMMENT ON COLUMN "public"."pipeline_runs"."sla_due_at" IS 'When it must have succeeded (UTC); null: there is no SLA, or it was kept and the run was rerun since.';

COMMENT ON COLUMN "public"."pipeline_runs"."sla_missed_at" IS 'When it was noticed that it had not (UTC); null: it has kept its SLA so far.';

COMMENT ON COLUMN "public"."pipeline_runs"."started_at" IS 'When it was let through max_active_runs (UTC); after a rerun the latest time.';

COMMENT ON COLUMN "public"."pipeline_runs"."state" IS 'queued: waits for max_active_runs; running; succeeded: every task did; failed: a task did, and nothing is left to do; cancelled: by cancel_run.';

COMMENT ON COLUMN "public"."pipeline_runs"."trigger" IS 'schedule: on time; catch_up: its time passed while nothing ran; backfill: backfill_pipeline; manual: start_pipeline_run.';

COMMENT ON COLUMN "public"."pipeline_task_dependencies"."depends_on" IS 'The task it waits for.';

COMMENT ON COLUMN "public"."pipeline_task_dependencies"."pipeline" IS 'Pipeline of both tasks.';

COMMENT ON COLUMN "public"."pipeline_task_dependencies"."task" IS 'The task that waits.';

COMMENT ON COLUMN "public"."pipeline_tasks"."backoff_base" IS 'Upper bound of the wait before the second attempt; it doubles with each further one. The wait is random below its bound (full jitter).';

COMMENT ON COLUMN "public"."pipeline_tasks"."backoff_cap" IS 'Upper bound of any wait between two attempts.';

COMMENT ON COLUMN "public"."pipeline_tasks"."claim_within" IS 'Of queue: longest wait for a worker. Then the task fails, because a run that waits for a worker nobody has set up would hold up every later run.';

COMMENT ON COLUMN "public"."pipeline_tasks"."description" IS 'What the task does, in one sentence.';

COMMENT ON COLUMN "public"."pipeline_tasks"."handler" IS 'What is called. Of sql: name of a function public.<handler>(timestamptz) returns jsonb, called with the logical time; of queue: name of a handler of the worker.';

COMMENT ON COLUMN "public"."pipeline_tasks"."kind" IS 'sql: pipeline_tick() calls the function inside Postgres; queue: the function worker takes it, because it needs the outside.';

COMMENT ON COLUMN "public"."pipeline_tasks"."max_attempts" IS 'How many attempts a transient failure may take; any other failure is final.';

COMMENT ON COLUMN "public"."pipeline_tasks"."name" IS 'Name within the pipeline: lower-case letters, digits and _.';

COMMENT ON COLUMN "public"."pipeline_tasks"."pipeline" IS 'Pipeline that the task is part of.';

COMMENT ON COLUMN "public"."pipeline_tasks"."timeout" IS 'Longest time of one attempt; then it is cancelled and counts as a transient failure.';

COMMENT ON COLUMN "public"."pipelines"."active" IS 'Off: no run is scheduled. Runs that exist go on.';

COMMENT ON COLUMN "public"."pipelines"."catch_up" IS 'Whether periods that passed while nothing ran get their runs later, the oldest first; off: only the latest does.';

COMMENT ON COLUMN "public"."pipelines"."description" IS 'What the pipeline is for, in one sentence.';

COMMENT ON COLUMN "public"."pipelines"."max_active_runs" IS 'How many runs may be under way at a time; the others are queued, scheduled ones before backfills, older before newer.';

COMMENT ON COLUMN "public"."pipelines"."name" IS 'Name: lower-case letters, digits and _.';

COMMENT ON COLUMN "public"."pipelines"."next_logical_time" IS 'Logical time of the next run to be scheduled; it moves on by periods, and every logical time of the pipeline is whole periods away from it.';

COMMENT ON COLUMN "public"."pipelines"."period" IS 'Time between two runs: whole minutes, at least one; no months, as they differ in length.';

COMMENT ON COLUMN "public"."pipelines"."sla" IS 'Longest time from a run''s logical time (of backfills and manual runs: from their start) to its success; null: none.';

COMMENT ON COLUMN "public"."quality_settings"."anomaly_score" IS 'Mean |z| of a reading above which it is an anomaly; healthy readings of FD001 score 0.8, give or take 0.2.';

COMMENT ON COLUMN "public"."quality_settings"."baseline_readings" IS 'How many of an engine''s first readings are its baseline. A change makes all baselines be learned again.';

COMMENT ON COLUMN "public"."quality_settings"."drift_alpha" IS 'Level of the Benjamini-Hochberg procedures: of drift across the sensors of an engine, and of an alarm across the engines of a run.';

COMMENT ON COLUMN "public"."quality_settings"."drift_readings" IS 'How many of an engine''s latest readings are compared with its baseline; never readings of the baseline itself.';

COMMENT ON COLUMN "public"."quality_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."quality_settings"."least_readings" IS 'Fewest readings on either side of a comparison; below it the verdict is insufficient_data.';

COMMENT ON COLUMN "public"."quality_settings"."metrics_kept" IS 'How long runs of checks, their metrics and the history of jobs are kept.';

COMMENT ON COLUMN "public"."quality_settings"."rollups_kept" IS 'How long hourly rollups are kept. Checks of older windows read the readings themselves.';

COMMENT ON COLUMN "public"."reading_rollups"."cycle_breaks" IS 'Readings whose cycle is not the one after that of the reading before, in order of time and within the hour.';

COMMENT ON COLUMN "public"."reading_rollups"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."reading_rollups"."first_cycle" IS 'Cycle of the first of them.';

COMMENT ON COLUMN "public"."reading_rollups"."first_timestamp" IS 'Time of the first of them (UTC).';

COMMENT ON COLUMN "public"."reading_rollups"."hour" IS 'Start of the hour (UTC).';

COMMENT ON COLUMN "public"."reading_rollups"."last_cycle" IS 'Cycle of the last of them.';

COMMENT ON COLUMN "public"."reading_rollups"."last_timestamp" IS 'Time of the last of them (UTC).';

COMMENT ON COLUMN "public"."reading_rollups"."longest_step" IS 'Longest time from one to the next; null of a single reading.';

COMMENT ON COLUMN "public"."reading_rollups"."not_finite" IS 'Readings with a value that is not a number or infinite.';

COMMENT ON COLUMN "public"."reading_rollups"."nulls" IS 'Readings without a value, by column.';

COMMENT ON COLUMN "public"."reading_rollups"."outside" IS 'Readings outside of their range (reading_bounds), by column.';

COMMENT ON COLUMN "public"."reading_rollups"."readings" IS 'Readings in the hour.';

COMMENT ON COLUMN "public"."reading_rollups"."shortest_step" IS 'Shortest time from one to the next; null of a single reading.';

COMMENT ON COLUMN "public"."reading_rollups"."unknown_conditions" IS 'Readings in none of the operating conditions.';

COMMENT ON COLUMN "public"."retraining_decisions"."as_of" IS 'Moment the decision is about (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."decided_at" IS 'When it was decided (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."evidence" IS 'Measured values and their thresholds.';

COMMENT ON COLUMN "public"."retraining_decisions"."reasons" IS 'Which thresholds were crossed, in words; empty when none was.';

COMMENT ON COLUMN "public"."retraining_decisions"."retrain" IS 'Whether models should be trained again.';

COMMENT ON COLUMN "public"."rollup_horizon"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."rollup_horizon"."kept_from" IS 'First hour that is rolled up (UTC). Checks of earlier windows read the readings.';

COMMENT ON COLUMN "public"."sensor_baselines"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_baselines"."condition" IS 'Operating condition; 0: none of the known ones.';

COMMENT ON COLUMN "public"."sensor_baselines"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."sensor_baselines"."mean" IS 'Their mean, in the sensor''s unit.';

COMMENT ON COLUMN "public"."sensor_baselines"."readings" IS 'How many values there are.';

COMMENT ON COLUMN "public"."sensor_baselines"."sd" IS 'Their sample standard deviation, in the sensor''s unit; null of a single value.';

COMMENT ON COLUMN "public"."sensor_baselines"."sorted_values" IS 'The values in ascending order, in the sensor''s unit.';

COMMENT ON COLUMN "public"."sensor_data_changes"."changed_at" IS 'Start of the transaction that wrote (UTC).';

COMMENT ON COLUMN "public"."sensor_data_changes"."engine_ids" IS 'Engines that may have changed; null: all of them.';

COMMENT ON COLUMN "public"."sensor_data_changes"."hours" IS 'Whole hours (UTC) in which they may have changed: one range for each month that was written to.';

COMMENT ON COLUMN "public"."sensor_data_changes"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."sensor_drift"."as_of" IS 'Moment the verdict is about (UTC).';

COMMENT ON COLUMN "public"."sensor_drift"."baseline_readings" IS 'Values in the baseline.';

COMMENT ON COLUMN "public"."sensor_drift"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_drift"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."sensor_drift"."ks_statistic" IS 'Two-sample Kolmogorov-Smirnov D: largest distance of the two empirical distribution functions, 0 to 1.';

COMMENT ON COLUMN "public"."sensor_drift"."mean_shift" IS 'Mean of the recent readings minus mean of the baseline, in baseline standard deviations.';

COMMENT ON COLUMN "public"."sensor_drift"."p_value" IS 'Asymptotic p of D with Stephens'' correction.';

COMMENT ON COLUMN "public"."sensor_drift"."q_value" IS 'p after Benjamini and Hochberg across the engine''s sensors.';

COMMENT ON COLUMN "public"."sensor_drift"."verdict" IS 'stable; degradation: it has moved as wear moves all sensors; drift: it has moved in a way that wear does not explain; insufficient_data: too few readings on one side.';

COMMENT ON COLUMN "public"."sensor_drift"."wear" IS 'Wear of the engine: 0 as in its baseline, 1 as engines are on average in their last 30 readings before failure. The same in all its rows.';

COMMENT ON COLUMN "public"."sensor_drift"."wear_shift" IS 'The part of mean_shift that the engine''s wear explains, in baseline standard deviations (wear_signatures).';

COMMENT ON COLUMN "public"."sensor_drift"."window_end" IS 'Time of the last of them (UTC).';

COMMENT ON COLUMN "public"."sensor_drift"."window_readings" IS 'Recent values that were compared with it.';

COMMENT ON COLUMN "public"."sensor_drift"."window_start" IS 'Time of the first of them (UTC).';

COMMENT ON COLUMN "public"."task_attempts"."attempt" IS 'Number of the attempt, from 1.';

COMMENT ON COLUMN "public"."task_attempts"."error" IS 'Why it did not succeed.';

COMMENT ON COLUMN "public"."task_attempts"."executor" IS 'Who ran it: postgres and the process id of the session, or the name of the worker.';

COMMENT ON COLUMN "public"."task_attempts"."finished_at" IS 'When it ended, or was found to have ended (UTC).';

COMMENT ON COLUMN "public"."task_attempts"."outcome" IS 'succeeded; failed: it reported an error; lost: its session or worker ended, and it was rolled back or is not known to have ended; timed_out; cancelled.';

COMMENT ON COLUMN "public"."task_attempts"."sqlstate" IS 'SQLSTATE of the failure, where it has one.';

COMMENT ON COLUMN "public"."task_attempts"."started_at" IS 'When it began (UTC).';

COMMENT ON COLUMN "public"."task_attempts"."task_run_id" IS 'Task run that it was an attempt of.';

COMMENT ON COLUMN "public"."task_attempts"."transient" IS 'Whether the failure was one that may pass by itself.';

COMMENT ON COLUMN "public"."task_runs"."attempt" IS 'Number of the current or last attempt; it only ever counts up, so that no two attempts share a number.';

COMMENT ON COLUMN "public"."task_runs"."attempts_before_rerun" IS 'Attempts that do not count towards max_attempts, because rerun_task came after them.';

COMMENT ON COLUMN "public"."task_runs"."backend_pid" IS 'Process of Postgres that runs it; null for tasks of the queue.';

COMMENT ON COLUMN "public"."task_runs"."error" IS 'Why the last attempt failed.';

COMMENT ON COLUMN "public"."task_runs"."finished_at" IS 'When it reached a state it does not leave by itself (UTC).';

COMMENT ON COLUMN "public"."task_runs"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."task_runs"."lease_until" IS 'Until when the worker that runs it is believed to be alive (UTC); it extends this while it works.';

COMMENT ON COLUMN "public"."task_runs"."next_attempt_at" IS 'When a retrying task may be tried again (UTC).';

COMMENT ON COLUMN "public"."task_runs"."pipeline" IS 'Pipeline of the run.';

COMMENT ON COLUMN "public"."task_runs"."ready_at" IS 'When everything it depends on had succeeded (UTC).';

COMMENT ON COLUMN "public"."task_runs"."result" IS 'What the task returned.';

COMMENT ON COLUMN "public"."task_runs"."run_id" IS 'Run that it is part of.';

COMMENT ON COLUMN "public"."task_runs"."sqlstate" IS 'SQLSTATE of that failure, where it has one.';

COMMENT ON COLUMN "public"."task_runs"."started_at" IS 'Start of the current or last attempt (UTC).';

COMMENT ON COLUMN "public"."task_runs"."state" IS 'waiting: for what it depends on; ready; running; retrying: waits for its next attempt; succeeded; failed; skipped: something it depends on did not succeed; cancelled.';

COMMENT ON COLUMN "public"."task_runs"."task" IS 'Task of the pipeline.';

COMMENT ON COLUMN "public"."task_runs"."timeout_at" IS 'When the attempt that runs will have taken too long (UTC).';

COMMENT ON COLUMN "public"."task_runs"."worker" IS 'Name of the worker that runs it; null for tasks inside Postgres.';

COMMENT ON COLUMN "public"."wear_signatures"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."wear_signatures"."dataset" IS 'Dataset of the engines; null: for datasets of which too few engines have failed.';

COMMENT ON COLUMN "public"."wear_signatures"."engines" IS 'How many engines it was learned from.';

COMMENT ON COLUMN "public"."wear_signatures"."learned_at" IS 'When it was learned (UTC).';

COMMENT ON COLUMN "public"."wear_signatures"."shift" IS 'Mean over engines of: mean of the last 30 readings minus mean of the baseline, in baseline standard deviations.';

COMMENT ON COLUMN "public"."wear_signatures"."spread" IS 'Standard deviation over engines of what the signature leaves over, for an engine of wear 1.';

COMMENT ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) IS 'Notes that somebody has taken an open alert on; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) IS 'Makes channels active that nobody has decided about, and queues what is unresolved; returns how many.';

COMMENT ON FUNCTION "public"."advance_pipelines"(timestamp with time zone) IS 'Bookkeeping of the tick: due runs, lost attempts, tasks no worker took, runs that may begin, missed SLAs. Call pipeline_tick().';

COMMENT ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) IS 'What observations mean for the alerts as they are; observe_alerts applies it.';

COMMENT ON FUNCTION "public"."backfill_pipeline"(text, timestamp with time zone, timestamp with time zone, timestamp with time zone) IS 'Makes the runs of every past logical time in a range that has none; returns how many.';

COMMENT ON FUNCTION "public"."baseline_references"() IS 'Mean and within-engine standard deviation of each sensor by dataset and operating condition, over all baselines.';

COMMENT ON FUNCTION "public"."cancel_overdue_tasks"(timestamp with time zone) IS 'Job spool-timeouts: cancels the query of sql tasks that have run longer than their timeout; returns how many.';

COMMENT ON FUNCTION "public"."cancel_run"(bigint) IS 'Ends a run that is queued or under way, with all of its tasks.';

COMMENT ON FUNCTION "public"."cancel_sql_task"(bigint) IS 'Cancels the query of the session that runs a sql task; returns whether there was one.';

COMMENT ON FUNCTION "public"."check_clock"(interval, timestamp with time zone) IS 'Readings whose time does not agree with their cycle, per engine: clocks that were set, and readings from the future.';

COMMENT ON FUNCTION "public"."check_completeness"(interval, timestamp with time zone) IS 'Received against expected readings of each active engine by its own cadence, silent engines included, with the gaps.';

COMMENT ON FUNCTION "public"."check_conditions"(interval, timestamp with time zone) IS 'Share of the readings in one of the known operating conditions, per engine.';

COMMENT ON FUNCTION "public"."check_cycles"(interval, timestamp with time zone) IS 'Readings whose cycle is not the one after that of the reading before, per engine.';

COMMENT ON FUNCTION "public"."check_drift"(interval, timestamp with time zone) IS 'Sensors that have moved away from their engine''s baseline, told apart from wear; per engine and about the table.';

COMMENT ON FUNCTION "public"."check_duplicates"(interval, timestamp with time zone) IS 'Readings whose cycle their engine has more than once, per engine.';

COMMENT ON FUNCTION "public"."check_fleet_drift"(interval, timestamp with time zone) IS 'Cohorts of engines of the same dataset or model compared by their baselines, with the design effect of correlated readings.';

COMMENT ON FUNCTION "public"."check_freshness"(interval, timestamp with time zone) IS 'Age of the newest reading of the active engines, in cadences of the fleet.';

COMMENT ON FUNCTION "public"."check_nulls"(interval, timestamp with time zone) IS 'Share of the readings with a value, by column.';

COMMENT ON FUNCTION "public"."check_range"(interval, timestamp with time zone) IS 'Share of the values inside of their range, by column; ranges are those of the dataset and the operating condition.';

COMMENT ON FUNCTION "public"."check_rejected"(interval, timestamp with time zone) IS 'Share of the readings that arrived in the window and were rejected, with the paths they failed at.';

COMMENT ON FUNCTION "public"."check_retraining"(timestamp with time zone) IS 'Decides with evidence whether models should be trained again, and keeps the decision.';

COMMENT ON FUNCTION "public"."check_schema"(interval, timestamp with time zone) IS 'Differences between the live catalog and the declared columns, and partitions that are not attached.';

COMMENT ON FUNCTION "public"."check_stuck"(interval, timestamp with time zone) IS 'Sensors whose latest readings are all the same, per engine.';

COMMENT ON FUNCTION "public"."check_types"(interval, timestamp with time zone) IS 'Readings with a value that is NaN or infinite, per engine.';

COMMENT ON FUNCTION "public"."check_volume"(interval, timestamp with time zone) IS 'Readings in the window relative to the median of up to seven windows before it.';

COMMENT ON FUNCTION "public"."claim_sql_task"(timestamp with time zone) IS 'Takes the next sql task for this session and returns the attempt; part of pipeline_tick().';

COMMENT ON FUNCTION "public"."claim_task"(text, interval, timestamp with time zone) IS 'Gives a worker one task of the queue under a lease; no row when there is none.';

COMMENT ON FUNCTION "public"."comparable_baselines"(uuid[]) IS 'Baseline of each sensor of the given engines as one sorted sample, comparable across operating conditions.';

COMMENT ON FUNCTION "public"."complete_task"(bigint, integer, text, jsonb, timestamp with time zone) IS 'Records that a worker has done its task; false, and nothing recorded, when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."declare_schema"() IS 'Writes down the columns of all tables as they are, for check_schema.';

COMMENT ON FUNCTION "public"."detect_anomalies"(timestamp with time zone) IS 'Writes the anomalous readings of the 24 hours up to as_of (mean |z| against the engine''s own baseline); returns how many are new.';

COMMENT ON FUNCTION "public"."end_task_attempt"(bigint, integer, text, timestamp with time zone, boolean, text, text, jsonb) IS 'Records how an attempt ended: the task succeeded, is tried again later, or failed. False when it is not the attempt that runs.';

COMMENT ON FUNCTION "public"."engines_to_compare"(timestamp with time zone, timestamp with time zone) IS 'Active engines with readings in a window.';

COMMENT ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) IS 'Verdict on a measured value: pass, the rule''s severity when it lies outside min and max, not_evaluated when it is null.';

COMMENT ON FUNCTION "public"."export_expectation_suite"(text) IS 'Rules of one set of engines (null: those of every engine) as a suite of Great Expectations 1.x; import_expectation_suite reads it back without loss.';

COMMENT ON FUNCTION "public"."extend_lease"(bigint, integer, text, interval, timestamp with time zone) IS 'Extends a worker''s lease up to the task''s timeout; null when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."fail_task"(bigint, integer, text, text, boolean, timestamp with time zone) IS 'Records that a worker could not do its task, and whether it may be tried again; false when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."fleet_drift"(uuid[], uuid[]) IS 'Two groups of engines compared by the Kolmogorov-Smirnov statistic of their baselines, with the design effect of correlated readings.';

COMMENT ON FUNCTION "public"."fleet_fingerprint"(timestamp with time zone) IS 'Digest of everything that check_fleet_drift depends on.';

COMMENT ON FUNCTION "public"."forget_rollups"() IS 'Trigger: an emptied sensor_data has no rollups, and those of an emptied partition are measured again.';

COMMENT ON FUNCTION "public"."hourly_readings"(timestamp with time zone, timestamp with time zone) IS 'Rollups of a window that ends at as_of: stored ones where they are up to date, else measured from the readings.';

COMMENT ON FUNCTION "public"."import_expectation_suite"(jsonb, boolean) IS 'Reads a suite of Great Expectations (1.x or 0.18) into expectations and says what was imported, unchanged and skipped, with the reasons.';

COMMENT ON FUNCTION "public"."is_transient_sqlstate"(text) IS 'Whether a failure with this SQLSTATE may pass by itself: connection, resources, cancellation, deadlock, serialization, lock timeout.';

COMMENT ON FUNCTION "public"."judge_columns"(text, timestamp with time zone, timestamp with time zone, public.column_measurement[]) IS 'Verdicts on what a check has measured of each column: one per column, and one per engine that has broken a rule.';

COMMENT ON FUNCTION "public"."judge_drift"(timestamp with time zone, timestamp with time zone, public.sensor_drift[]) IS 'Verdicts on measured drift: metrics drift and degradation, per engine and about the table.';

COMMENT ON FUNCTION "public"."judge_engines"(text, text, timestamp with time zone, timestamp with time zone, public.engine_measurement[]) IS 'Verdicts on what a check has measured of each engine, and one about the table.';

COMMENT ON FUNCTION "public"."ks_p_value"(double precision, double precision) IS 'p of a two-sided Kolmogorov-Smirnov statistic for an effective sample size: exact where p is small, else asymptotic with Stephens'' correction.';

COMMENT ON FUNCTION "public"."ks_statistic"(double precision[], double precision[]) IS 'Two-sample Kolmogorov-Smirnov D of two sorted arrays: 0 for equal distributions, 1 for disjoint ones.';

COMMENT ON FUNCTION "public"."last_readings"(timestamp with time zone) IS 'Last reading of each engine before a moment.';

COMMENT ON FUNCTION "public"."learn_baselines"(uuid[], tstzrange[]) IS 'Learns the baselines (cadence, values of each sensor) of engines whose first readings have changed; returns how many.';

COMMENT ON FUNCTION "public"."learn_wear_signatures"() IS 'Learns from failed engines how wear moves the sensors of each dataset; returns how many datasets were learned.';

COMMENT ON FUNCTION "public"."live_columns"() IS 'Columns of the tables of public as they are now, in the form of declared_columns.';

COMMENT ON FUNCTION "public"."make_pipeline_run"(text, timestamp with time zone, text) IS 'Makes the run of a logical time and its task runs; null when there is one already. Use start_pipeline_run or backfill_pipeline.';

COMMENT ON FUNCTION "public"."measure_drift"(uuid[], timestamp with time zone) IS 'Latest readings of the given engines against their baselines: KS, Benjamini-Hochberg, mean shift, wear, verdict, by sensor.';

COMMENT ON FUNCTION "public"."measure_hours"(uuid[], tstzrange[]) IS 'Rollups of the given times of the given engines, measured from their readings.';

COMMENT ON FUNCTION "public"."measure_shifts"(uuid[], integer, timestamp with time zone) IS 'Kolmogorov-Smirnov D and mean shift of the latest readings of engines against their baselines, by sensor.';

COMMENT ON FUNCTION "public"."milliseconds_since"(timestamp with time zone) IS 'Milliseconds since a moment, by the wall clock.';

COMMENT ON FUNCTION "public"."missed_readings"(timestamp with time zone, timestamp with time zone, interval, timestamp with time zone) IS 'Readings that should have come between two readings at a cadence, counted from window_start.';

COMMENT ON FUNCTION "public"."note_rule_change"() IS 'Trigger: rollups are measured again after a change of expectations, operating conditions or an engine''s dataset, and baselines after one of conditions or of baseline_readings.';

COMMENT ON FUNCTION "public"."note_sensor_data_change"() IS 'Trigger: writes down which hours of which engines a statement on sensor_data has changed.';

COMMENT ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) IS 'Opens, updates, reopens and resolves alerts by what was observed at a moment; returns how many of each.';

COMMENT ON FUNCTION "public"."observe_checks"(public.check_result[], timestamp with time zone) IS 'Opens and resolves alerts by the verdicts of a run of the checks.';

COMMENT ON FUNCTION "public"."prune_history"(timestamp with time zone) IS 'Job spool-retention: deletes finished history older than quality_settings.metrics_kept and rollups older than rollups_kept.';

COMMENT ON FUNCTION "public"."prune_rollups"(timestamp with time zone) IS 'Deletes rollups older than quality_settings.rollups_kept and moves rollup_horizon on; returns how many.';

COMMENT ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) IS 'Latest verdict of each check in a stretch of time, with evidence, counts of verdicts, and since when it stands; checks without a verdict in that time are not_evaluated. Without arguments: the last 24 hours.';

COMMENT ON FUNCTION "public"."read_great_expectation"(jsonb) IS 'One expectation of Great Expectations (1.x or 0.18) as a rule of expectations, or the reason why there is none.';

COMMENT ON FUNCTION "public"."reading_steps"(timestamp with time zone, timestamp with time zone) IS 'Steps between readings of an engine that need a look: not to the next cycle, or not after about one cadence.';

COMMENT ON FUNCTION "public"."readings_against_rules"(text[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]) IS 'Values of a batch that break a rule whose at_intake is reject, with the reason. Part of ingest_readings.';

COMMENT ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) IS 'Writes events of alerts and queues their deliveries in the same transaction; returns how many are held back.';

COMMENT ON FUNCTION "public"."record_expectation_version"() IS 'Trigger of expectations: writes each change to expectation_versions.';

COMMENT ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) IS 'Ends the holding back of alerts that have become stable, and tells of their state; returns how many.';

COMMENT ON FUNCTION "public"."report_engine_health"(timestamp with time zone) IS 'Keeps what engine_health says of every engine at as_of; returns how many engines.';

COMMENT ON FUNCTION "public"."require_acyclic_tasks"() IS 'Trigger of pipeline_task_dependencies: a task must not depend on itself, through whatever others.';

COMMENT ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) IS 'Raises 22023 where observations are not of the form that observe_alerts takes.';

COMMENT ON FUNCTION "public"."require_open_alert"(text, bigint, text) IS 'Locks and returns an alert that is not resolved; SP551 when there is none.';

COMMENT ON FUNCTION "public"."require_task_handler"() IS 'Trigger of pipeline_tasks: the handler of a sql task must be a function of public that takes a timestamptz and returns jsonb.';

COMMENT ON FUNCTION "public"."rerun_task"(bigint, text) IS 'Runs a task of a run that has ended again, and everything that follows it; the next tick lets it begin.';

COMMENT ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) IS 'Resolves an alert because a person says so; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."retry_delay"(integer, interval, interval) IS 'Random wait before the next attempt: up to base, doubled with each attempt after the first, at most cap.';

COMMENT ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) IS 'Puts a dead delivery into the outbox again; SP552 when it is not dead.';

COMMENT ON FUNCTION "public"."roll_up_readings"() IS 'Brings hourly rollups and baselines up to date with the readings written since the last time; returns how many engine-hours it measured.';

COMMENT ON FUNCTION "public"."run_check"(text, interval, timestamp with time zone) IS 'Runs one check by its name; an error inside it is returned as not_evaluated, with the error as evidence.';

COMMENT ON FUNCTION "public"."run_checks"(interval, timestamp with time zone) IS 'Runs all checks for the window that ends at as_of, writes their results and opens and resolves alerts; returns the verdicts about the table.';

COMMENT ON FUNCTION "public"."run_drift"(interval, timestamp with time zone) IS 'Verdicts of check_drift; writes what was measured to sensor_drift.';

COMMENT ON FUNCTION "public"."run_fleet_drift"(interval, timestamp with time zone) IS 'Verdict of check_fleet_drift; the last one again while no baseline, cohort or rule has changed.';

COMMENT ON FUNCTION "public"."run_sql_task"(bigint, integer, timestamp with time zone) IS 'Runs a claimed sql task and records its end in the same transaction; part of pipeline_tick().';

COMMENT ON FUNCTION "public"."schedule_pipeline_runs"(timestamp with time zone) IS 'Makes the runs that are due at a moment: all that were missed where the pipeline catches up, else the latest; returns how many.';

COMMENT ON FUNCTION "public"."settle_pipeline_run"(bigint, timestamp with time zone) IS 'Makes tasks ready or skipped by what they depend on, and ends a run whose tasks have all ended.';

COMMENT ON FUNCTION "public"."stamp_expectation"() IS 'Trigger of expectations: counts the version and notes who changed the rule and when.';

COMMENT ON FUNCTION "public"."start_pipeline_run"(text, timestamp with time zone, timestamp with time zone) IS 'Starts a run by hand, for the latest logical time unless told; returns its id.';

COMMENT ON FUNCTION "public"."task_anomalies"(timestamp with time zone) IS 'Pipeline task: looks for anomalies as of the logical time and counts the rows it wrote.';

COMMENT ON FUNCTION "public"."task_health_report"(timestamp with time zone) IS 'Pipeline task: reports the health of the engines as of the logical time and counts the rows it wrote.';

COMMENT ON FUNCTION "public"."task_quality"(timestamp with time zone) IS 'Pipeline task: runs all checks of the 24 hours before the logical time and counts their verdicts.';

COMMENT ON FUNCTION "public"."task_retraining_check"(timestamp with time zone) IS 'Pipeline task: decides as of the logical time whether the model needs training again.';

COMMENT ON FUNCTION "public"."validate_expectation"() IS 'Trigger of expectations: refuses a rule that makes no sense and says what is wrong with it.';

COMMENT ON FUNCTION "public"."value_columns"() IS 'Names of the measured columns of sensor_data (three settings, fourteen sensors), in their order.';

COMMENT ON FUNCTION "public"."wake_worker"(timestamp with time zone) IS 'Job spool-worker: calls the edge function worker through pg_net when there are tasks or alerts for it; returns what it did.';

COMMENT ON FUNCTION "public"."watch_jobs"(timestamp with time zone) IS 'Job spool-watch: observes for alerts whether jobs still succeed and whether pipelines ran well and on time.';

COMMENT ON FUNCTION "public"."watch_sensor_data_writes"(regclass) IS 'Makes the triggers of sensor_data, or of a partition of it, that note which hours have changed.';

COMMENT ON FUNCTION "public"."wear_of"(double precision[], double precision[]) IS 'Factor by which a signature of wear explains the shifts of an engine''s sensors: weighted median over the sensors.';

COMMENT ON PROCEDURE "public"."pipeline_tick"(timestamp with time zone) IS 'Job spool-pipeline: makes the runs that are due and runs the sql tasks that are ready, each in a transaction of its own.';

COMMENT ON TABLE "public"."alert_channels" IS 'Where alerts are delivered to. The addresses are in the environment: ALERT_WEBHOOK_URL, ALERT_SNS_TOPIC_ARN.';

COMMENT ON TABLE "public"."alert_deliveries" IS 'Outbox of alerts: one row per event and channel. A dead one is sent again by retry_delivery.';

COMMENT ON TABLE "public"."alert_events" IS 'What happened to each alert, when and by whom. Events that are not held back are delivered (alert_deliveries), acknowledgements excepted.';

COMMENT ON TABLE "public"."alert_settings" IS 'When observations open, reopen and resolve alerts, and when people hear of it. Exactly one row; a change takes effect with the next observation.';

COMMENT ON TABLE "public"."alerts" IS 'What is or was wrong: at most one unresolved alert per kind and subject. Written by observe_alerts, acknowledge_alert and resolve_alert.';

COMMENT ON TABLE "public"."anomalies" IS 'Readings whose score is above the threshold of a detector: one row per reading and detector.';

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."declared_columns" IS 'Columns of all tables as the last migration left them; check_schema compares the live catalog with it.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."engine_health_reports" IS 'Health of every engine at each run of the pipeline: what engine_health said then.';

COMMENT ON TABLE "public"."expectation_versions" IS 'Every change of expectations: the rule before and after it, who made it and when. Written by a trigger, never by hand.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."pipeline_runs" IS 'Runs of pipelines: one for each logical time. Every run ends as succeeded, failed or cancelled.';

COMMENT ON TABLE "public"."pipeline_task_dependencies" IS 'Edges of the graph: a task begins when everything it depends on has succeeded. There are no cycles.';

COMMENT ON TABLE "public"."pipeline_tasks" IS 'Tasks of pipelines: what each run of a pipeline does.';

COMMENT ON TABLE "public"."pipelines" IS 'Pipelines: what runs each period. The run of a logical time covers the period that ends then, and is due then.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."reading_rollups" IS 'Hourly rollups of sensor_data, one row per engine and hour with readings. Kept by roll_up_readings; arrays are in the order altitude, mach_number, tra, s2 … s21.';

COMMENT ON TABLE "public"."retraining_decisions" IS 'Decisions whether to train models again: one per run of the pipeline, with reasons and evidence.';

COMMENT ON TABLE "public"."rollup_horizon" IS 'From when on reading_rollups has rollups. Exactly one row, moved on by prune_rollups.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_data_changes" IS 'Hours whose rollups are out of date: written with the readings, deleted by roll_up_readings. Empty when everything is rolled up.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON TABLE "public"."task_attempts" IS 'History: one row for each attempt that has ended, written once and never changed.';

COMMENT ON TABLE "public"."task_runs" IS 'Tasks of runs, with the state each is in.';

COMMENT ON TABLE "public"."wear_signatures" IS 'Mean shift of each sensor at the end of life, in standard deviations of the engine''s baseline. Learned from engines that have failed.';

COMMENT ON TYPE "public"."check_result" IS 'Verdict of a check with its evidence, as data_quality_metrics keeps it; engine_id is null for verdicts about the whole table.';

COMMENT ON TYPE "public"."column_measurement" IS 'Measurement of one column of one engine: how many values were looked at, and how many of them break the rule.';

COMMENT ON TYPE "public"."engine_measurement" IS 'Measurement of one engine: its value (null: nothing to measure), its weight in the value of the table, rows looked at, evidence.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."effective_expectations" IS 'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';

COMMENT ON VIEW "public"."engine_cadences" IS 'Time between two readings that is expected of each engine, and where that is known from.';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."open_alerts" IS 'Alerts that are not resolved, worst first. acknowledge_alert(id, who) and resolve_alert(id, who) change them.';

COMMENT ON VIEW "public"."pipeline_status" IS 'The run of each pipeline that began last, with a row for each of its tasks. What was before is in pipeline_runs, task_runs and task_attempts.';

COMMENT ON VIEW "public"."quality_summary" IS 'Latest verdict of each check in the last 24 hours, with its evidence; checks without one are not_evaluated. The same rows as GET /quality/summary.';

COMMENT ON VIEW "public"."reading_bounds" IS 'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';

COMMENT ON VIEW "public"."sensor_values" IS 'Readings in long form: one row per reading and sensor, with the operating condition.';

REVOKE ALL ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."advance_pipelines"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."backfill_pipeline"(text, timestamp with time zone, timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."baseline_references"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_overdue_tasks"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_run"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_sql_task"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_clock"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_completeness"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_conditions"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_cycles"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_drift"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_duplicates"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_fleet_drift"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_freshness"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_nulls"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_range"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_rejected"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_retraining"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_schema"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_stuck"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_types"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_volume"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."claim_sql_task"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."claim_task"(text, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."comparable_baselines"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."complete_task"(bigint, integer, text, jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."declare_schema"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."detect_anomalies"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."end_task_attempt"(bigint, integer, text, timestamp with time zone, boolean, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."engines_to_compare"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."export_expectation_suite"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."export_expectation_suite"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."extend_lease"(bigint, integer, text, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."fail_task"(bigint, integer, text, text, boolean, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."fleet_drift"(uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."fleet_fingerprint"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."forget_rollups"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."hourly_readings"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."import_expectation_suite"(jsonb, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."is_transient_sqlstate"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."judge_columns"(text, timestamp with time zone, timestamp with time zone, public.column_measurement[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."judge_drift"(timestamp with time zone, timestamp with time zone, public.sensor_drift[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."judge_engines"(text, text, timestamp with time zone, timestamp with time zone, public.engine_measurement[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."ks_p_value"(double precision, double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."ks_statistic"(double precision[], double precision[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."last_readings"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."learn_baselines"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."learn_wear_signatures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."live_columns"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."make_pipeline_run"(text, timestamp with time zone, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."measure_drift"(uuid[], timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."measure_hours"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."measure_shifts"(uuid[], integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."milliseconds_since"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."missed_readings"(timestamp with time zone, timestamp with time zone, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_rule_change"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_sensor_data_change"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_checks"(public.check_result[], timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."prune_history"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."prune_rollups"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."read_great_expectation"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."reading_steps"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."readings_against_rules"(text[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_expectation_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."report_engine_health"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_acyclic_tasks"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_open_alert"(text, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_task_handler"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."rerun_task"(bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retry_delay"(integer, interval, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."roll_up_readings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_check"(text, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_checks"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_drift"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_fleet_drift"(interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_sql_task"(bigint, integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."schedule_pipeline_runs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."settle_pipeline_run"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."stamp_expectation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."start_pipeline_run"(text, timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_anomalies"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_health_report"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_quality"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_retraining_check"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."validate_expectation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."value_columns"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."wake_worker"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."watch_jobs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."watch_sensor_data_writes"(regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."wear_of"(double precision[], double precision[]) FROM PUBLIC;

REVOKE ALL ON PROCEDURE "public"."pipeline_tick"(timestamp with time zone) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."alert_channels" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."alert_channels" TO "service_role";

GRANT SELECT ON TABLE "public"."alert_deliveries" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."alert_events" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."alert_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."alert_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."anomalies" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."check_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."declared_columns" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health_reports" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."expectation_versions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."expectations" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."expectations" TO "service_role";

GRANT SELECT ON TABLE "public"."operating_conditions" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."operating_conditions" TO "service_role";

GRANT SELECT ON TABLE "public"."pipeline_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipeline_task_dependencies" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipeline_tasks" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipelines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."quality_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."quality_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."reading_rollups" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."retraining_decisions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."rollup_horizon" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_data_changes" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_drift" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."task_attempts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."task_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."wear_signatures" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."classified_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."effective_expectations" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_cadences" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."open_alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipeline_status" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."quality_summary" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."reading_bounds" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_values" TO "authenticated", "service_role";

COMMENT ON COLUMN classified_readings.engine_id IS 'Engine that was measured; engines.id.';

COMMENT ON COLUMN classified_readings.cycle IS 'Flight cycle of the engine, counted from 1.';

COMMENT ON COLUMN classified_readings."timestamp" IS 'Time of the measurement (UTC); the partition key.';

COMMENT ON COLUMN classified_readings.condition IS 'Operating condition of the reading; 0 where its settings lie in none of the known ones.';

COMMENT ON COLUMN classified_readings.altitude IS 'Operating setting 1: altitude in 1,000 ft (C-MAPSS records it with noise around 0, 10, 20, 25, 35 and 42).';

COMMENT ON COLUMN classified_readings.mach_number IS 'Operating setting 2: Mach number, dimensionless, 0 to 0.84 in C-MAPSS.';

COMMENT ON COLUMN classified_readings.tra IS 'Operating setting 3: throttle resolver angle in percent, 60 or 100 in C-MAPSS.';

COMMENT ON COLUMN classified_readings.s2 IS 'T24, total temperature at LPC outlet, degrees Rankine.';

COMMENT ON COLUMN classified_readings.s3 IS 'T30, total temperature at HPC outlet, degrees Rankine.';

COMMENT ON COLUMN classified_readings.s4 IS 'T50, total temperature at LPT outlet, degrees Rankine.';

COMMENT ON COLUMN classified_readings.s7 IS 'P30, total pressure at HPC outlet, psia.';

COMMENT ON COLUMN classified_readings.s8 IS 'Nf, physical fan speed, rpm.';

COMMENT ON COLUMN classified_readings.s9 IS 'Nc, physical core speed, rpm.';

COMMENT ON COLUMN classified_readings.s11 IS 'Ps30, static pressure at HPC outlet, psia.';

COMMENT ON COLUMN classified_readings.s12 IS 'phi, ratio of fuel flow to Ps30, pps/psia.';

COMMENT ON COLUMN classified_readings.s13 IS 'NRf, corrected fan speed, rpm.';

COMMENT ON COLUMN classified_readings.s14 IS 'NRc, corrected core speed, rpm.';

COMMENT ON COLUMN classified_readings.s15 IS 'BPR, bypass ratio, dimensionless.';

COMMENT ON COLUMN classified_readings.s17 IS 'htBleed, bleed enthalpy, dimensionless as published.';

COMMENT ON COLUMN classified_readings.s20 IS 'W31, HPT coolant bleed, lbm/s.';

COMMENT ON COLUMN classified_readings.s21 IS 'W32, LPT coolant bleed, lbm/s.';

COMMENT ON COLUMN classified_readings.batch_id IS 'Batch the reading arrived in; batches.id.';

COMMENT ON COLUMN classified_readings.created_at IS 'When the row was stored: start of the storing transaction (UTC).';

COMMENT ON COLUMN effective_expectations.dataset IS 'Set of engines; null: engines without a dataset, and datasets that no engine and no rule names.';

COMMENT ON COLUMN effective_expectations.subset IS 'Rules of files: train or test; null for rules of readings.';

COMMENT ON COLUMN effective_expectations.kind IS 'What is measured, as in expectations.';

COMMENT ON COLUMN effective_expectations.column_name IS 'Column, where the kind of rule is about columns (range, nulls, stuck, drift, fleet_drift); else null.';

COMMENT ON COLUMN effective_expectations.condition IS 'Operating condition of a range, 0 for readings in none of them; null for other kinds.';

COMMENT ON COLUMN effective_expectations.expectation_id IS 'The rule; expectations.id.';

COMMENT ON COLUMN effective_expectations.min IS 'Its lower bound; null: none.';

COMMENT ON COLUMN effective_expectations.max IS 'Its upper bound; null: none.';

COMMENT ON COLUMN effective_expectations.mostly IS 'Share of the rows that must keep it.';

COMMENT ON COLUMN effective_expectations.severity IS 'Verdict when it is broken: warning or fail.';

COMMENT ON COLUMN effective_expectations.at_intake IS 'accept or reject, as in expectations.';

COMMENT ON COLUMN effective_expectations.description IS 'The rule in words.';

COMMENT ON COLUMN engine_cadences.engine_id IS 'Engine; engines.id.';

COMMENT ON COLUMN engine_cadences.cadence IS 'Expected time from one reading to the next; null where nothing is known.';

COMMENT ON COLUMN engine_cadences.source IS 'configured: engines.cadence; learned: from its own first readings; fleet: median of its dataset or model.';

COMMENT ON COLUMN engine_health.unit_number IS 'Public name of the engine, ENGINE_001 for example.';

COMMENT ON COLUMN engine_health.dataset IS 'C-MAPSS set the engine belongs to; null for other engines.';

COMMENT ON COLUMN engine_health.status IS 'active, retired or failed, as in engines.';

COMMENT ON COLUMN engine_health.last_reading_at IS 'Time of its latest reading (UTC); null when it has sent none.';

COMMENT ON COLUMN engine_health.last_cycle IS 'Flight cycle of its latest reading.';

COMMENT ON COLUMN engine_health.silent_for IS 'Time since its latest reading; negative when its clock is ahead.';

COMMENT ON COLUMN engine_health.cadence IS 'Time between two readings that is expected (engine_cadences): configured, learned, or that of its fleet.';

COMMENT ON COLUMN engine_health.completeness IS 'Share of the expected readings that were there in the latest run of the checks; null when that was not judged.';

COMMENT ON COLUMN engine_health.sensors_drifting IS 'Sensors that have moved away from their baseline in a way that wear does not explain.';

COMMENT ON COLUMN engine_health.sensors_degrading IS 'Sensors that have moved as wear moves them.';

COMMENT ON COLUMN engine_health.wear IS 'Its wear: 0 as in its baseline, 1 as engines are on average in their last 30 readings before failure; null while nothing is compared.';

COMMENT ON COLUMN engine_health.problems IS 'Verdicts of the latest run on this engine that warned or failed, with thresholds and evidence.';

COMMENT ON COLUMN engine_health.health IS 'ok; warning: a check warned, or a sensor of an active engine drifts; fail: a check failed; unknown: no reading, or no verdict in the last 24 hours.';

COMMENT ON COLUMN engine_health.reasons IS 'Why health is what it is, in words.';

COMMENT ON COLUMN open_alerts.id IS 'Identifier.';

COMMENT ON COLUMN open_alerts.severity IS 'warning or fail: the worst that was observed since the alert was opened or reopened.';

COMMENT ON COLUMN open_alerts.state IS 'open; acknowledged: somebody has taken it on; resolved: it has passed, or somebody says so.';

COMMENT ON COLUMN open_alerts.kind IS 'What sort of thing fails, for example check, run or job.';

COMMENT ON COLUMN open_alerts.subject IS 'Which one it is, for example the check''s name; * stands for so many subjects of the kind that they are one alert.';

COMMENT ON COLUMN open_alerts.summary IS 'What fails, in one sentence, as last observed.';

COMMENT ON COLUMN open_alerts.age IS 'Time since it was opened.';

COMMENT ON COLUMN open_alerts.opened_at IS 'Moment of the first failing observation (UTC).';

COMMENT ON COLUMN open_alerts.last_seen_at IS 'Moment of the last failing observation (UTC).';

COMMENT ON COLUMN open_alerts.occurrences IS 'How many observations failed.';

COMMENT ON COLUMN open_alerts.reopened IS 'How often it came back within flap_window of its resolution.';

COMMENT ON COLUMN open_alerts.held_back IS 'It comes and goes so often that nobody is notified until it has not changed for flap_window.';

COMMENT ON COLUMN open_alerts.acknowledged_by IS 'Who took it on.';

COMMENT ON COLUMN open_alerts.acknowledged_at IS 'When somebody took it on (UTC); null again when it is reopened.';

COMMENT ON COLUMN open_alerts.deliveries_pending IS 'Messages about it that are still to be sent.';

COMMENT ON COLUMN open_alerts.deliveries_dead IS 'Messages about it that could not be sent; retry_delivery sends one again.';

COMMENT ON COLUMN open_alerts.delivery_error IS 'Why the latest of these messages was not sent; null when none has failed.';

COMMENT ON COLUMN open_alerts.evidence IS 'What the last failing observation rests on.';

COMMENT ON COLUMN pipeline_status.pipeline IS 'Name of the pipeline.';

COMMENT ON COLUMN pipeline_status.active IS 'Whether runs are scheduled.';

COMMENT ON COLUMN pipeline_status.run_id IS 'The run; null before the first.';

COMMENT ON COLUMN pipeline_status.logical_time IS 'End of the period the run is about (UTC).';

COMMENT ON COLUMN pipeline_status.trigger IS 'Why there is a run: schedule, catch_up, backfill or manual.';

COMMENT ON COLUMN pipeline_status.run_state IS 'queued, running, succeeded, failed or cancelled.';

COMMENT ON COLUMN pipeline_status.run_started_at IS 'When the run began (UTC).';

COMMENT ON COLUMN pipeline_status.run_finished_at IS 'When the run ended (UTC); null while it is open.';

COMMENT ON COLUMN pipeline_status.run_duration IS 'How long the run took; null while it is open.';

COMMENT ON COLUMN pipeline_status.sla_due_at IS 'When the run must have succeeded (UTC).';

COMMENT ON COLUMN pipeline_status.sla_missed_at IS 'When it was noticed that it had not (UTC); null: it has kept its SLA so far.';

COMMENT ON COLUMN pipeline_status.task_run_id IS 'Identifier of the task run; task_attempts has each of its attempts.';

COMMENT ON COLUMN pipeline_status.task IS 'Name of the task.';

COMMENT ON COLUMN pipeline_status.kind IS 'sql: inside Postgres; queue: by the function worker.';

COMMENT ON COLUMN pipeline_status.state IS 'waiting, ready, running, retrying, succeeded, failed, skipped or cancelled.';

COMMENT ON COLUMN pipeline_status.attempt IS 'Number of the current or last attempt; 0 before the first.';

COMMENT ON COLUMN pipeline_status.max_attempts IS 'How many attempts a transient failure may take.';

COMMENT ON COLUMN pipeline_status.next_attempt_at IS 'When a retrying task may be tried again (UTC).';

COMMENT ON COLUMN pipeline_status.started_at IS 'Start of the current or last attempt (UTC).';

COMMENT ON COLUMN pipeline_status.duration IS 'How long that attempt took, or has taken so far; null where it failed and is tried again (task_attempts).';

COMMENT ON COLUMN pipeline_status.worker IS 'The worker that runs it.';

COMMENT ON COLUMN pipeline_status.backend_pid IS 'The process of Postgres that runs it.';

COMMENT ON COLUMN pipeline_status.error IS 'Why the last attempt failed.';

COMMENT ON COLUMN pipeline_status.result IS 'What the task returned.';

COMMENT ON COLUMN pipeline_status.next_logical_time IS 'When the next run is due (UTC).';

COMMENT ON COLUMN quality_summary.table_name IS 'Table that was checked, for example sensor_data.';

COMMENT ON COLUMN quality_summary.metric_name IS 'The check: the kind of its expectation, for example completeness.';

COMMENT ON COLUMN quality_summary.column_name IS 'Column the verdict is about; null when it is about whole readings.';

COMMENT ON COLUMN quality_summary.status IS 'Latest verdict: pass, warning, fail, or not_evaluated when there was too little to judge or no run judged it.';

COMMENT ON COLUMN quality_summary.metric_value IS 'The measured value, in the metric''s own unit; fractions are 0 to 1. Null only when not evaluated.';

COMMENT ON COLUMN quality_summary.threshold_min IS 'Smallest value that passes; null means no lower bound.';

COMMENT ON COLUMN quality_summary.threshold_max IS 'Largest value that passes; null means no upper bound.';

COMMENT ON COLUMN quality_summary.rows_checked IS 'How many rows the check looked at.';

COMMENT ON COLUMN quality_summary.check_timestamp IS 'Moment the verdict is about (UTC); null when no run in the last 24 hours has judged it.';

COMMENT ON COLUMN quality_summary.state_since IS 'Since when every verdict has been this one (UTC), looking back as far as metrics are kept; of a check without a verdict in the last 24 hours, its last one.';

COMMENT ON COLUMN quality_summary.engines_failing IS 'How many engines broke the rule in the run of the latest verdict; the table can pass all the same.';

COMMENT ON COLUMN quality_summary.runs_passed IS 'Verdicts of the last 24 hours that passed.';

COMMENT ON COLUMN quality_summary.runs_warned IS 'Verdicts of the last 24 hours that warned.';

COMMENT ON COLUMN quality_summary.runs_failed IS 'Verdicts of the last 24 hours that failed.';

COMMENT ON COLUMN quality_summary.runs_not_evaluated IS 'Verdicts of the last 24 hours that were not_evaluated.';

COMMENT ON COLUMN quality_summary.evidence IS 'What the latest verdict rests on; reason and last_judged_at when there is none.';

COMMENT ON COLUMN reading_bounds.dataset IS 'Set of engines; null: engines without a dataset, and datasets that are not here.';

COMMENT ON COLUMN reading_bounds.condition IS 'Operating condition; 0: none of the known ones.';

COMMENT ON COLUMN reading_bounds.minima IS 'Smallest value of each column; null: no lower bound.';

COMMENT ON COLUMN reading_bounds.maxima IS 'Largest value of each column; null: no upper bound.';

COMMENT ON COLUMN sensor_values.engine_id IS 'Engine that was measured; engines.id.';

COMMENT ON COLUMN sensor_values.cycle IS 'Flight cycle of the engine, counted from 1.';

COMMENT ON COLUMN sensor_values."timestamp" IS 'Time of the measurement (UTC).';

COMMENT ON COLUMN sensor_values.condition IS 'Operating condition; 0: none of the known ones.';

COMMENT ON COLUMN sensor_values.column_name IS 'Sensor: s2 to s21, as in sensor_data.';

COMMENT ON COLUMN sensor_values.value IS 'Its value, in the unit of sensor_data''s column; null where it gave none.';

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
        'milliseconds_since',
        'missed_readings',
        'note_rule_change',
        'note_sensor_data_change',
        'observe_checks',
        'prune_rollups',
        'reading_steps',
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
        'prune_history',
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

-- sql/80_policies/table_access.sql
-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           nothing: there is no public data here
-- authenticated  reads readings and results, not payloads of dead letters
-- service_role   reads and writes; bypasses row-level security by its own attribute
--
-- Each statement can run again: this file is part of every migration that changes it, because what an older project
-- grants by default cannot be seen in the difference of two new ones.
do $$
declare
  relation regclass;
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
    'public.intake_settings',
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
    -- predictions
    'public.rul_predictions',
    -- pipeline
    'public.pipeline_runs',
    'public.pipeline_status',
    'public.pipeline_task_dependencies',
    'public.pipeline_tasks',
    'public.pipelines',
    'public.task_attempts',
    'public.task_runs',
    -- jobs
    'public.jobs',
    -- views of quality
    'public.engine_health',
    'public.quality_summary'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to service_role', relation);
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
  end loop;
end;
$$;

alter table public.engines enable row level security;
alter table public.sensor_data enable row level security;
alter table public.batches enable row level security;
alter table public.dead_letters enable row level security;
alter table public.intake_settings enable row level security;
alter table public.expectation_versions enable row level security;
alter table public.expectations enable row level security;
alter table public.operating_conditions enable row level security;
alter table public.anomalies enable row level security;
alter table public.check_runs enable row level security;
alter table public.engine_health_reports enable row level security;
alter table public.retraining_decisions enable row level security;
alter table public.declared_columns enable row level security;
alter table public.reading_rollups enable row level security;
alter table public.rollup_horizon enable row level security;
alter table public.sensor_data_changes enable row level security;
alter table public.wear_signatures enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.engine_baselines enable row level security;
alter table public.quality_settings enable row level security;
alter table public.sensor_baselines enable row level security;
alter table public.sensor_drift enable row level security;
alter table public.alert_channels enable row level security;
alter table public.alert_deliveries enable row level security;
alter table public.alert_events enable row level security;
alter table public.alert_settings enable row level security;
alter table public.alerts enable row level security;
alter table public.rul_predictions enable row level security;
alter table public.pipeline_runs enable row level security;
alter table public.pipeline_task_dependencies enable row level security;
alter table public.pipeline_tasks enable row level security;
alter table public.pipelines enable row level security;
alter table public.task_attempts enable row level security;
alter table public.task_runs enable row level security;
alter table public.jobs enable row level security;

-- Readings and results: every signed-in user reads them.
do $$
declare
  name text;
begin
  foreach name in array array[
    -- readings
    'engines',
    'sensor_data',
    -- intake
    'batches',
    -- expectations
    'expectation_versions',
    'expectations',
    'operating_conditions',
    -- quality
    'anomalies',
    'check_runs',
    'engine_health_reports',
    'retraining_decisions',
    'declared_columns',
    'reading_rollups',
    'rollup_horizon',
    'sensor_data_changes',
    'wear_signatures',
    'data_quality_metrics',
    'engine_baselines',
    'quality_settings',
    'sensor_baselines',
    'sensor_drift',
    -- alerts
    'alert_channels',
    'alert_deliveries',
    'alert_events',
    'alert_settings',
    'alerts',
    -- predictions
    'rul_predictions',
    -- pipeline
    'pipeline_runs',
    'pipeline_task_dependencies',
    'pipeline_tasks',
    'pipelines',
    'task_attempts',
    'task_runs',
    -- jobs
    'jobs'
  ] loop
    execute format('grant select on public.%I to authenticated', name);
    execute format('drop policy if exists %I on public.%I', name || '_read', name);
    execute format('create policy %I on public.%I for select to authenticated using (true)', name || '_read', name);
  end loop;
end;
$$;
grant select on public.training_data, public.classified_readings, public.engine_cadences, public.sensor_values to authenticated;
grant select on public.effective_expectations, public.reading_bounds to authenticated;
grant select on public.engine_health, public.quality_summary to authenticated;
grant select on public.pipeline_status to authenticated;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions to service_role;
grant update on public.intake_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant select on public.open_alerts to authenticated;
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- sql/90_jobs/alert_settings.sql
-- The one row that alert_settings consists of, and a channel of each kind. What somebody has changed stays.
insert into public.alert_settings default values on conflict do nothing;
insert into public.alert_channels (name, kind) values ('webhook', 'webhook'), ('sns', 'sns') on conflict do nothing;

-- sql/90_jobs/operating_conditions.sql
-- The six conditions of C-MAPSS, each a box around its centre; FD001 and FD003 fly the first one only. What
-- somebody has changed stays.
insert into public.operating_conditions (
  condition, name, altitude_min, altitude_max, mach_number_min, mach_number_max, tra_min, tra_max
)
values
  (1, 'sea level', -1, 2, -0.01, 0.3, 95, 105),
  (2, '10,000 ft, Mach 0.25', 8, 12, 0.15, 0.35, 95, 105),
  (3, '20,000 ft, Mach 0.70', 18, 22, 0.6, 0.8, 95, 105),
  (4, '25,000 ft, Mach 0.62, 60 % throttle', 23, 27, 0.52, 0.72, 55, 65),
  (5, '35,000 ft, Mach 0.84', 33, 37, 0.74, 0.94, 95, 105),
  (6, '42,000 ft, Mach 0.84', 40, 44, 0.74, 0.94, 95, 105)
on conflict do nothing;

-- sql/90_jobs/partitions.sql
-- Registers the job that makes partitions ahead, runs it once so that the first reading finds its month, and
-- hands it to pg_cron. Where pg_cron is not installed the schema still works, and says so.
insert into public.jobs (name, schedule, period, description)
values ('spool-partitions', '17 3 * * *', '1 day', 'Makes the monthly partitions of sensor_data for this month and the next four.')
on conflict (name) do update set schedule = excluded.schedule, period = excluded.period, description = excluded.description;

select public.maintain_sensor_data_partitions();

do $$
begin
  if to_regnamespace('cron') is null then
    raise notice 'pg_cron is not installed: nothing runs select public.maintain_sensor_data_partitions() by itself';
    return;
  end if;
  perform cron.schedule('spool-partitions', '17 3 * * *', 'select public.maintain_sensor_data_partitions()');
end;
$$;

-- sql/90_jobs/pipeline.sql
-- The pipeline of the product. What somebody has changed stays: its period, its limits, whether it is active.
insert into public.pipelines (name, description, period, next_logical_time, sla)
values (
  'hourly',
  'Checks the readings of the last 24 hours, then looks for anomalies, reports the engines'' health, and decides about retraining.',
  '1 hour',
  -- the hour that has just ended, so that there is something to see at once, unless its run would be late already
  date_trunc('hour', now() + interval '35 minutes', 'UTC'),
  '30 minutes'
)
on conflict do nothing;

insert into public.pipeline_tasks (pipeline, name, kind, handler, description)
values
  ('hourly', 'quality', 'sql', 'task_quality', 'Runs all checks.'),
  ('hourly', 'anomalies', 'sql', 'task_anomalies', 'Looks for anomalies.'),
  ('hourly', 'health_report', 'sql', 'task_health_report', 'Reports the health of each engine.'),
  ('hourly', 'retraining_check', 'sql', 'task_retraining_check', 'Decides whether the model needs training again.'),
  ('hourly', 'alert_delivery', 'queue', 'deliver_alerts', 'Delivers the alerts that the checks raised.')
on conflict do nothing;

insert into public.pipeline_task_dependencies (pipeline, task, depends_on)
values
  ('hourly', 'anomalies', 'quality'),
  ('hourly', 'health_report', 'quality'),
  ('hourly', 'retraining_check', 'anomalies'),
  ('hourly', 'retraining_check', 'health_report'),
  ('hourly', 'alert_delivery', 'quality')
on conflict do nothing;

-- sql/90_jobs/pipeline_jobs.sql
-- pg_net calls the function worker, with a key that Vault keeps. Without them tasks of the queue wait until somebody
-- else calls it, and fail when nobody does, which the job spool-worker says each time in jobs.last_result.
do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net;
  end if;
exception when others then
  raise notice 'pg_net is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

do $$
begin
  if to_regnamespace('vault') is null then
    create extension supabase_vault cascade;
  end if;
exception when others then
  raise notice 'Vault is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

-- The jobs of the pipelines, handed to pg_cron. The checks have no job of their own: the pipeline hourly runs them, so
-- that what follows from them runs after them. Where pg_cron is not installed the schema still works, and says so.
do $$
declare
  job record;
begin
  for job in
    select *
    from (
      values
        (
          'spool-pipeline', '* * * * *', interval '1 minute', 'call public.pipeline_tick()',
          'Makes the pipeline runs that are due and runs their sql tasks.'
        ),
        (
          'spool-timeouts', '* * * * *', interval '1 minute', 'select public.cancel_overdue_tasks()',
          'Cancels sql tasks that have run longer than their timeout.'
        ),
        (
          'spool-worker', '* * * * *', interval '1 minute', 'select public.wake_worker()',
          'Calls the function worker when it has tasks or alerts to deliver.'
        ),
        (
          'spool-retention', '47 3 * * *', interval '1 day', 'select public.prune_history()',
          'Deletes finished history that is older than quality_settings says.'
        ),
        (
          'spool-watch', '*/10 * * * *', interval '10 minutes', 'select public.watch_jobs()',
          'Raises alerts about jobs that have stopped and pipelines that failed or were late.'
        )
    ) as jobs (name, schedule, period, command, description)
  loop
    insert into public.jobs (name, schedule, period, description)
    values (job.name, job.schedule, job.period, job.description)
    on conflict (name) do update
    set schedule = excluded.schedule, period = excluded.period, description = excluded.description;

    if to_regnamespace('cron') is null then
      raise notice 'pg_cron is not installed: nothing runs % by itself', job.command;
    else
      perform cron.schedule(job.name, job.schedule, job.command);
    end if;
  end loop;
end;
$$;

-- sql/90_jobs/quality.sql
-- The one row that rollup_horizon consists of, and the readings that were there before rollups were.
insert into public.rollup_horizon default values on conflict do nothing;

select public.watch_sensor_data_writes(relation::regclass)
from (
  select 'public.sensor_data'::regclass as relation
  union all
  select inhrelid from pg_catalog.pg_inherits where inhparent = 'public.sensor_data'::regclass
) as written;

insert into public.sensor_data_changes (hours)
select '{(,)}'
where exists (select from public.sensor_data) and not exists (select from public.engine_baselines);

-- How wear moves the sensors of FD001's hundred training engines, measured by learn_wear_signatures: what is assumed
-- of fleets of which fewer than ten engines have failed. Core speed (s9, s14) rises in some engines and falls in
-- others, hence their spread.
insert into public.wear_signatures (dataset, column_name, shift, spread, engines)
values
  (null, 's2', 3.10, 0.33, 100),
  (null, 's3', 2.77, 0.37, 100),
  (null, 's4', 4.56, 0.35, 100),
  (null, 's7', -4.27, 0.53, 100),
  (null, 's8', 3.90, 1.39, 100),
  (null, 's9', 6.48, 8.32, 100),
  (null, 's11', 5.41, 0.53, 100),
  (null, 's12', -4.90, 0.61, 100),
  (null, 's13', 3.95, 1.49, 100),
  (null, 's14', 5.81, 9.77, 100),
  (null, 's15', 3.70, 0.30, 100),
  (null, 's17', 3.09, 0.41, 100),
  (null, 's20', -3.45, 0.38, 100),
  (null, 's21', -3.50, 0.34, 100)
on conflict do nothing;

-- sql/90_jobs/quality_settings.sql
-- The one row that quality_settings consists of.
insert into public.quality_settings default values on conflict do nothing;

-- sql/90_jobs/standard_expectations.sql
-- The rules that every installation begins with. What somebody has changed stays; a rule that is not wanted is
-- switched off (active), because one that is deleted comes back with the next change of this file.
--
-- Ranges are those of the published files, by operating condition, widened on both sides by about a third of their
-- span to round numbers (fan and core speed, s8 and s13, by 8 rpm): they are to catch a column that has slipped or a
-- broken value, not an engine that wears in its own way. Sea level: all of FD001, 33,517 rows of FD003 and the rows
-- of FD002 and FD004 in that condition. Conditions 2 to 6: 34,276 rows of FD002 and 34,276 of FD004, from the
-- beginnings of their train and test files; all of these rows lie in one of the six conditions and within the ranges.
-- FD003 and FD004, whose fan wears, too, go further than FD001 and FD002 in s7, s8, s12, s13, s15, s20 and s21.
insert into public.expectations (dataset, kind, column_name, condition, min, max, description)
select suite.dataset, 'range', bounds.column_name, suite.condition, bounds.min, bounds.max, suite.description
from (
  values
    ('FD001', null::smallint, 1, 'sea level, the only condition of FD001'),
    ('FD002', 1, 1, 'sea level'),
    ('FD002', 2, 2, '10,000 ft, Mach 0.25'),
    ('FD002', 3, 3, '20,000 ft, Mach 0.70'),
    ('FD002', 4, 4, '25,000 ft, Mach 0.62, 60 % throttle'),
    ('FD002', 5, 5, '35,000 ft, Mach 0.84'),
    ('FD002', 6, 6, '42,000 ft, Mach 0.84'),
    ('FD002', null, 0, 'from the lowest to the highest of all conditions'),
    ('FD003', null, 1, 'sea level, the only condition of FD003'),
    ('FD004', 1, 1, 'sea level'),
    ('FD004', 2, 2, '10,000 ft, Mach 0.25'),
    ('FD004', 3, 3, '20,000 ft, Mach 0.70'),
    ('FD004', 4, 4, '25,000 ft, Mach 0.62, 60 % throttle'),
    ('FD004', 5, 5, '35,000 ft, Mach 0.84'),
    ('FD004', 6, 6, '42,000 ft, Mach 0.84'),
    ('FD004', null, 0, 'from the lowest to the highest of all conditions'),
    (null, 1, 1, 'sea level, for engines outside C-MAPSS'),
    (null, null, 0, 'from the lowest to the highest of all conditions, for engines outside C-MAPSS')
) as suite (dataset, condition, flown, description)
join (
  values
    -- flown 0: whatever the condition
    (0, 'altitude', -0.5, 45),
    (0, 'mach_number', -0.01, 0.9),
    (0, 'tra', 55, 105),
    (0, 's2', 525, 655),
    (0, 's3', 1200, 1660),
    (0, 's4', 980, 1480),
    (0, 's7', 120, 585),
    (0, 's8', 1870, 2410),
    (0, 's9', 7900, 9400),
    (0, 's11', 33, 50),
    (0, 's12', 115, 550),
    (0, 's13', 1990, 2420),
    (0, 's14', 7750, 8420),
    (0, 's15', 7.9, 11.6),
    (0, 's17', 290, 415),
    (0, 's20', 9, 41),
    (0, 's21', 5.4, 24.6),
    -- 1: sea level. Engines outside C-MAPSS take off and taxi there, so Mach goes further
    (1, 'altitude', -0.5, 0.5),
    (1, 'mach_number', -0.01, 0.3),
    (1, 'tra', 99, 101),
    (1, 's2', 635, 650),
    (1, 's3', 1550, 1640),
    (1, 's4', 1360, 1465),
    (1, 's7', 545, 575),
    (1, 's8', 2380, 2396),
    (1, 's9', 8950, 9350),
    (1, 's11', 46, 49.5),
    (1, 's12', 512, 545),
    (1, 's13', 2380, 2396),
    (1, 's14', 8050, 8380),
    (1, 's15', 8, 8.8),
    (1, 's17', 380, 410),
    (1, 's20', 37.5, 40.5),
    (1, 's21', 22.4, 24.4),
    -- 2: 10,000 ft, Mach 0.25
    (2, 'altitude', 9.5, 10.5),
    (2, 'mach_number', 0.24, 0.27),
    (2, 'tra', 99, 101),
    (2, 's2', 602, 608),
    (2, 's3', 1465, 1540),
    (2, 's4', 1265, 1360),
    (2, 's7', 385, 411),
    (2, 's8', 2311, 2327),
    (2, 's9', 8690, 8990),
    (2, 's11', 44, 47),
    (2, 's12', 363, 388),
    (2, 's13', 2380, 2396),
    (2, 's14', 8040, 8320),
    (2, 's15', 8.25, 8.95),
    (2, 's17', 360, 380),
    (2, 's20', 27.5, 29.7),
    (2, 's21', 16.5, 17.9),
    -- 3: 20,000 ft, Mach 0.70
    (3, 'altitude', 19.5, 20.5),
    (3, 'mach_number', 0.69, 0.72),
    (3, 'tra', 99, 101),
    (3, 's2', 604, 611),
    (3, 's3', 1445, 1525),
    (3, 's4', 1205, 1300),
    (3, 's7', 325, 351),
    (3, 's8', 2316, 2332),
    (3, 's9', 8620, 8950),
    (3, 's11', 42.8, 46),
    (3, 's12', 306, 331),
    (3, 's13', 2380, 2396),
    (3, 's14', 7980, 8250),
    (3, 's15', 8.8, 9.55),
    (3, 's17', 356, 375),
    (3, 's20', 23.5, 25.7),
    (3, 's21', 14.1, 15.4),
    -- 4: 25,000 ft, Mach 0.62, throttle at 60 %
    (4, 'altitude', 24.5, 25.5),
    (4, 'mach_number', 0.61, 0.64),
    (4, 'tra', 59, 61),
    (4, 's2', 534, 539),
    (4, 's3', 1225, 1296),
    (4, 's4', 1005, 1092),
    (4, 's7', 170, 183),
    (4, 's8', 1908, 1924),
    (4, 's9', 7940, 8165),
    (4, 's11', 35.5, 38.1),
    (4, 's12', 160, 172),
    (4, 's13', 2021, 2037),
    (4, 's14', 7810, 8020),
    (4, 's15', 10.45, 11.25),
    (4, 's17', 298, 317),
    (4, 's20', 13.6, 15.1),
    (4, 's21', 8.1, 9.1),
    -- 5: 35,000 ft, Mach 0.84
    (5, 'altitude', 34.5, 35.5),
    (5, 'mach_number', 0.83, 0.86),
    (5, 'tra', 99, 101),
    (5, 's2', 553, 559),
    (5, 's3', 1325, 1405),
    (5, 's4', 1085, 1175),
    (5, 's7', 188, 205),
    (5, 's8', 2216, 2232),
    (5, 's9', 8260, 8550),
    (5, 's11', 40.5, 43.3),
    (5, 's12', 177, 193),
    (5, 's13', 2381, 2397),
    (5, 's14', 7985, 8255),
    (5, 's15', 8.85, 9.65),
    (5, 's17', 324, 343),
    (5, 's20', 14.1, 15.8),
    (5, 's21', 8.4, 9.5),
    -- 6: 42,000 ft, Mach 0.84
    (6, 'altitude', 41.5, 42.5),
    (6, 'mach_number', 0.83, 0.86),
    (6, 'tra', 99, 101),
    (6, 's2', 546, 553),
    (6, 's3', 1315, 1395),
    (6, 's4', 1075, 1175),
    (6, 's7', 133, 147),
    (6, 's8', 2205, 2221),
    (6, 's9', 8225, 8545),
    (6, 's11', 40.6, 43.7),
    (6, 's12', 126, 138),
    (6, 's13', 2381, 2397),
    (6, 's14', 7990, 8280),
    (6, 's15', 8.85, 9.7),
    (6, 's17', 321, 340),
    (6, 's20', 9.8, 11.4),
    (6, 's21', 5.9, 6.9)
) as bounds (flown, column_name, min, max) using (flown)
on conflict do nothing;

-- Rows and units of the published files; NASA's readme swaps the units of FD004. A warning only, because people load
-- parts of files.
insert into public.expectations (dataset, subset, kind, min, max, severity, description)
select dataset, subset, kind, count, count, 'warning', 'as published'
from (
  values
    ('FD001', 'train', 20631, 100),
    ('FD001', 'test', 13096, 100),
    ('FD002', 'train', 53759, 260),
    ('FD002', 'test', 33991, 259),
    ('FD003', 'train', 24720, 100),
    ('FD003', 'test', 16596, 100),
    ('FD004', 'train', 61249, 249),
    ('FD004', 'test', 41214, 248)
) as published (dataset, subset, rows, units)
cross join lateral (values ('row_count', rows), ('unit_count', units)) as counted (kind, count)
on conflict do nothing;

-- The published files lack no value.
insert into public.expectations (dataset, kind, mostly, description)
select dataset, 'nulls', 1, 'no value missing, as in the published files'
from unnest(array['FD001', 'FD002', 'FD003', 'FD004']) as dataset
on conflict do nothing;

-- Rules of every file.
insert into public.expectations (subset, kind, min, max, severity, description)
values
  (null, 'text', null, null, 'fail', 'UTF-8 without NUL'),
  (null, 'columns', null, null, 'fail', '26 columns in each line'),
  (null, 'units', null, 0, 'fail', 'unit numbers consecutive from 1; counted are those left out'),
  (null, 'not_empty', 1, null, 'fail', 'at least one row'),
  ('test', 'rul_file', 1, 1, 'warning', 'the RUL file, which has the labels, is there'),
  ('test', 'rul_types', null, 0, 'fail', 'RUL file: one whole number a line; counted are other lines'),
  ('test', 'rul_count', 0, 0, 'fail', 'RUL file: one line a unit; measured are its lines minus the units')
on conflict do nothing;

-- Rules of stored readings; types, nulls, cycles and duplicates are also those of files.
insert into public.expectations (kind, min, max, mostly, severity, description)
values
  ('types', null, null, 1, 'fail', 'every value is a finite number'),
  ('nulls', null, null, 0.99, 'fail', 'share of the readings that have a value, in each column'),
  ('cycles', null, null, 1, 'fail', 'cycles of an engine are consecutive'),
  ('duplicates', null, null, 1, 'fail', 'each cycle of an engine once'),
  ('clock', null, null, 1, 'fail', 'time goes on with each cycle'),
  ('completeness', 0.98, null, 1, 'fail', 'share of the expected readings that arrived, by engine and of the fleet'),
  ('freshness', null, 3, 1, 'warning', 'age of the latest reading in cadences of its engine'),
  ('volume', 0.5, 2, 1, 'warning', 'readings of the window relative to the median of the windows before'),
  ('schema', null, 0, 1, 'fail', 'differences between the tables and what they should be'),
  ('conditions', 0.99, null, 1, 'warning', 'share of the readings in a known operating condition'),
  ('stuck', null, 20, 1, 'fail', 'equal readings of a sensor in a row'),
  ('rejected', null, 0.01, 1, 'warning', 'share of what was received that became dead letters'),
  ('drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor against its baseline; a larger one counts when it is significant'),
  ('fleet_drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor between groups of engines; a larger one counts when it is significant'),
  ('degradation', null, 0.5, 1, 'warning', 'wear of an engine; 1: as worn as engines are at failure')
on conflict do nothing;

select public.declare_schema();
