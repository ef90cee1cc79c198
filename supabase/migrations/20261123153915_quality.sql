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

CREATE TABLE "public"."alerts" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "kind" text NOT NULL, "subject" text NOT NULL, "severity" text NOT NULL, "state" text NOT NULL DEFAULT 'open'::text, "summary" text NOT NULL, "evidence" jsonb NOT NULL DEFAULT '{}'::jsonb, "opened_at" timestamp with time zone NOT NULL, "last_seen_at" timestamp with time zone NOT NULL, "last_observed_at" timestamp with time zone NOT NULL, "occurrences" integer NOT NULL DEFAULT 1, "passes" integer NOT NULL DEFAULT 0, "reopened" integer NOT NULL DEFAULT 0, "reopened_at" timestamp with time zone, "held_back" boolean NOT NULL DEFAULT false, "acknowledged_at" timestamp with time zone, "acknowledged_by" text, "resolved_at" timestamp with time zone, "resolved_by" text, "last_event" integer NOT NULL DEFAULT 0, CONSTRAINT "alerts_acknowledged_by_check" CHECK ((acknowledged_by <> ''::text)), CONSTRAINT "alerts_check1" CHECK (((resolved_at IS NULL) = (resolved_by IS NULL))), CONSTRAINT "alerts_check2" CHECK (((reopened_at IS NULL) = (reopened = 0))), CONSTRAINT "alerts_check3" CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))), CONSTRAINT "alerts_check4" CHECK (((state <> 'open'::text) OR (acknowledged_at IS NULL))), CONSTRAINT "alerts_check5" CHECK (((state <> 'acknowledged'::text) OR (acknowledged_at IS NOT NULL))), CONSTRAINT "alerts_check" CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))), CONSTRAINT "alerts_evidence_check" CHECK ((jsonb_typeof(evidence) = 'object'::text)), CONSTRAINT "alerts_kind_check" CHECK ((kind <> ''::text)), CONSTRAINT "alerts_last_event_check" CHECK ((last_event >= 0)), CONSTRAINT "alerts_occurrences_check" CHECK ((occurrences > 0)), CONSTRAINT "alerts_passes_check" CHECK ((passes >= 0)), CONSTRAINT "alerts_pkey" PRIMARY KEY (id), CONSTRAINT "alerts_reopened_check" CHECK ((reopened >= 0)), CONSTRAINT "alerts_resolved_by_check" CHECK ((resolved_by <> ''::text)), CONSTRAINT "alerts_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "alerts_state_check" CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text]))), CONSTRAINT "alerts_subject_check" CHECK ((subject <> ''::text)));

ALTER TABLE "public"."alerts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."alerts" OWNER TO "postgres";

CREATE TABLE "public"."check_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "window_start" timestamp with time zone NOT NULL, "as_of" timestamp with time zone NOT NULL, "started_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "finished_at" timestamp with time zone, "passed" integer NOT NULL DEFAULT 0, "warned" integer NOT NULL DEFAULT 0, "failed" integer NOT NULL DEFAULT 0, "not_evaluated" integer NOT NULL DEFAULT 0, CONSTRAINT "check_runs_as_of_window_start_key" UNIQUE (as_of, window_start), CONSTRAINT "check_runs_check" CHECK ((window_start < as_of)), CONSTRAINT "check_runs_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."check_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."check_runs" OWNER TO "postgres";

CREATE TABLE "public"."engine_baselines" ("engine_id" uuid NOT NULL, "readings" integer NOT NULL, "complete" boolean NOT NULL, "first_timestamp" timestamp with time zone NOT NULL, "last_timestamp" timestamp with time zone NOT NULL, "cadence" interval, "learned_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "engine_baselines_cadence_check" CHECK ((cadence > '00:00:00'::interval)), CONSTRAINT "engine_baselines_check" CHECK ((first_timestamp <= last_timestamp)), CONSTRAINT "engine_baselines_pkey" PRIMARY KEY (engine_id), CONSTRAINT "engine_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."engine_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."engine_baselines" OWNER TO "postgres";

CREATE TABLE "public"."expectations" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "dataset" text, "subset" text, "kind" text NOT NULL, "column_name" text, "condition" smallint, "min" double precision, "max" double precision, "mostly" double precision NOT NULL DEFAULT 1, "severity" text NOT NULL DEFAULT 'fail'::text, "at_intake" text NOT NULL DEFAULT 'accept'::text, "active" boolean NOT NULL DEFAULT true, "description" text NOT NULL, "version" integer NOT NULL DEFAULT 1, "updated_at" timestamp with time zone NOT NULL DEFAULT now(), "updated_by" text NOT NULL DEFAULT CURRENT_USER, CONSTRAINT "expectations_at_intake_check" CHECK ((at_intake = ANY (ARRAY['accept'::text, 'reject'::text]))), CONSTRAINT "expectations_check1" CHECK (((kind <> 'range'::text) OR (column_name IS NOT NULL))), CONSTRAINT "expectations_check2" CHECK (((column_name IS NULL) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text, 'stuck'::text, 'drift'::text, 'fleet_drift'::text])))), CONSTRAINT "expectations_check3" CHECK (((at_intake = 'accept'::text) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text])))), CONSTRAINT "expectations_check" CHECK ((min <= max)), CONSTRAINT "expectations_dataset_subset_kind_column_name_condition_key" UNIQUE NULLS NOT DISTINCT (dataset, subset, kind, column_name, condition), CONSTRAINT "expectations_kind_check" CHECK ((kind = ANY (ARRAY['text'::text, 'columns'::text, 'types'::text, 'nulls'::text, 'range'::text, 'cycles'::text, 'duplicates'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'stuck'::text, 'rejected'::text, 'drift'::text, 'fleet_drift'::text, 'degradation'::text]))), CONSTRAINT "expectations_mostly_check" CHECK (((mostly > (0)::double precision) AND (mostly <= (1)::double precision))), CONSTRAINT "expectations_pkey" PRIMARY KEY (id), CONSTRAINT "expectations_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "expectations_subset_check" CHECK ((subset = ANY (ARRAY['train'::text, 'test'::text]))));

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

CREATE TABLE "public"."quality_settings" ("id" boolean NOT NULL DEFAULT true, "baseline_readings" integer NOT NULL DEFAULT 100, "drift_readings" integer NOT NULL DEFAULT 100, "drift_alpha" double precision NOT NULL DEFAULT 0.05, "least_readings" integer NOT NULL DEFAULT 50, "rollups_kept" interval NOT NULL DEFAULT '35 days'::interval, "metrics_kept" interval NOT NULL DEFAULT '90 days'::interval, CONSTRAINT "quality_settings_baseline_readings_check" CHECK (((baseline_readings >= 50) AND (baseline_readings <= 1000))), CONSTRAINT "quality_settings_drift_alpha_check" CHECK (((drift_alpha > (0)::double precision) AND (drift_alpha < (1)::double precision))), CONSTRAINT "quality_settings_drift_readings_check" CHECK (((drift_readings >= 50) AND (drift_readings <= 10000))), CONSTRAINT "quality_settings_id_check" CHECK (id), CONSTRAINT "quality_settings_least_readings_check" CHECK (((least_readings >= 8) AND (least_readings <= 1000))), CONSTRAINT "quality_settings_metrics_kept_check" CHECK ((metrics_kept >= '2 days'::interval)), CONSTRAINT "quality_settings_pkey" PRIMARY KEY (id), CONSTRAINT "quality_settings_rollups_kept_check" CHECK ((rollups_kept >= '2 days'::interval)));

ALTER TABLE "public"."quality_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."quality_settings" OWNER TO "postgres";

CREATE TABLE "public"."sensor_baselines" ("engine_id" uuid NOT NULL, "condition" smallint NOT NULL, "column_name" text NOT NULL, "readings" integer NOT NULL, "mean" double precision NOT NULL, "sd" double precision, "sorted_values" real[] NOT NULL, CONSTRAINT "sensor_baselines_condition_check" CHECK ((condition >= 0)), CONSTRAINT "sensor_baselines_pkey" PRIMARY KEY (engine_id, condition, column_name), CONSTRAINT "sensor_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."sensor_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_baselines" OWNER TO "postgres";

CREATE TABLE "public"."sensor_drift" ("engine_id" uuid NOT NULL, "column_name" text NOT NULL, "verdict" text NOT NULL, "ks_statistic" double precision, "p_value" double precision, "q_value" double precision, "mean_shift" double precision, "wear_shift" double precision, "baseline_readings" integer NOT NULL, "window_readings" integer NOT NULL, "window_start" timestamp with time zone, "window_end" timestamp with time zone, "as_of" timestamp with time zone NOT NULL, CONSTRAINT "sensor_drift_baseline_readings_check" CHECK ((baseline_readings >= 0)), CONSTRAINT "sensor_drift_check" CHECK (((verdict = 'insufficient_data'::text) OR ((ks_statistic IS NOT NULL) AND (p_value IS NOT NULL) AND (q_value IS NOT NULL)))), CONSTRAINT "sensor_drift_ks_statistic_check" CHECK (((ks_statistic >= (0)::double precision) AND (ks_statistic <= (1)::double precision))), CONSTRAINT "sensor_drift_p_value_check" CHECK (((p_value >= (0)::double precision) AND (p_value <= (1)::double precision))), CONSTRAINT "sensor_drift_pkey" PRIMARY KEY (engine_id, column_name), CONSTRAINT "sensor_drift_q_value_check" CHECK (((q_value >= (0)::double precision) AND (q_value <= (1)::double precision))), CONSTRAINT "sensor_drift_verdict_check" CHECK ((verdict = ANY (ARRAY['stable'::text, 'degradation'::text, 'drift'::text, 'insufficient_data'::text]))), CONSTRAINT "sensor_drift_window_readings_check" CHECK ((window_readings >= 0)));

ALTER TABLE "public"."sensor_drift" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_drift" OWNER TO "postgres";

CREATE TABLE "public"."task_attempts" ("task_run_id" bigint NOT NULL, "attempt" integer NOT NULL, "executor" text NOT NULL, "started_at" timestamp with time zone NOT NULL, "finished_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "outcome" text NOT NULL, "transient" boolean, "error" text, "sqlstate" text, CONSTRAINT "task_attempts_attempt_check" CHECK ((attempt > 0)), CONSTRAINT "task_attempts_check1" CHECK (((outcome = ANY (ARRAY['failed'::text, 'lost'::text, 'timed_out'::text])) = (transient IS NOT NULL))), CONSTRAINT "task_attempts_check" CHECK (((outcome = 'succeeded'::text) = (error IS NULL))), CONSTRAINT "task_attempts_outcome_check" CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'lost'::text, 'timed_out'::text, 'cancelled'::text]))), CONSTRAINT "task_attempts_pkey" PRIMARY KEY (task_run_id, attempt));

ALTER TABLE "public"."task_attempts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."task_attempts" OWNER TO "postgres";

CREATE TABLE "public"."task_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "run_id" bigint NOT NULL, "pipeline" text NOT NULL, "task" text NOT NULL, "state" text NOT NULL DEFAULT 'waiting'::text, "attempt" integer NOT NULL DEFAULT 0, "attempts_before_rerun" integer NOT NULL DEFAULT 0, "ready_at" timestamp with time zone, "next_attempt_at" timestamp with time zone, "started_at" timestamp with time zone, "finished_at" timestamp with time zone, "timeout_at" timestamp with time zone, "lease_until" timestamp with time zone, "worker" text, "backend_pid" integer, "error" text, "sqlstate" text, "result" jsonb, CONSTRAINT "task_runs_attempt_check" CHECK ((attempt >= 0)), CONSTRAINT "task_runs_attempts_before_rerun_check" CHECK ((attempts_before_rerun >= 0)), CONSTRAINT "task_runs_check1" CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))), CONSTRAINT "task_runs_check2" CHECK (((state = 'running'::text) = (timeout_at IS NOT NULL))), CONSTRAINT "task_runs_check3" CHECK (((state = 'running'::text) = (num_nonnulls(worker, backend_pid) = 1))), CONSTRAINT "task_runs_check4" CHECK (((worker IS NULL) = (lease_until IS NULL))), CONSTRAINT "task_runs_check5" CHECK (((state <> 'running'::text) OR ((attempt > attempts_before_rerun) AND (started_at IS NOT NULL)))), CONSTRAINT "task_runs_check6" CHECK (((state = 'retrying'::text) = (next_attempt_at IS NOT NULL))), CONSTRAINT "task_runs_check7" CHECK (((state <> 'ready'::text) OR (ready_at IS NOT NULL))), CONSTRAINT "task_runs_check8" CHECK (((state <> ALL (ARRAY['failed'::text, 'retrying'::text])) OR (error IS NOT NULL))), CONSTRAINT "task_runs_check9" CHECK (((result IS NULL) OR (state = 'succeeded'::text))), CONSTRAINT "task_runs_check" CHECK ((attempts_before_rerun <= attempt)), CONSTRAINT "task_runs_pkey" PRIMARY KEY (id), CONSTRAINT "task_runs_run_id_task_key" UNIQUE (run_id, task), CONSTRAINT "task_runs_state_check" CHECK ((state = ANY (ARRAY['waiting'::text, 'ready'::text, 'running'::text, 'retrying'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text]))));

ALTER TABLE "public"."task_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."task_runs" OWNER TO "postgres";

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "column_name" text;

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "run_id" bigint;

ALTER TABLE "public"."engines" ADD COLUMN "cadence" interval;

ALTER TABLE "public"."engines" ADD COLUMN "cohort" text;

ALTER TABLE "public"."jobs" ADD COLUMN "period" interval NOT NULL DEFAULT '1 day'::interval;

ALTER TABLE "public"."jobs" ADD COLUMN "registered_at" timestamp with time zone NOT NULL DEFAULT now();

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
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with activated as (
    update public.alert_channels
    set active = true
    where active is null and kind = any (kinds)
    returning name, minimum_severity
  ),
  queued as (
    insert into public.alert_deliveries (alert_id, event_number, channel, next_attempt_at)
    select told.alert_id, told.number, activated.name, as_of
    from activated
    join (
      select distinct on (alert_events.alert_id) alert_events.alert_id, alert_events.number, alert_events.severity
      from public.alert_events
      join public.alerts on alerts.id = alert_events.alert_id and alerts.resolved_at is null
      where not alert_events.held_back and alert_events.event not in ('acknowledged', 'resolved')
      order by alert_events.alert_id, alert_events.number desc
    ) as told on activated.minimum_severity = 'warning' or told.severity = 'fail'
    on conflict do nothing
  )
  select count(*)::integer from activated;
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
  -- few observations can neither begin a storm nor show that one is over
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
    having count(*) > min(settings.most_subjects)
  ),
  observed as (
    select counted.kind, counted.subject, failing, counted.severity, summary, evidence
    from counted
    left join storms on storms.kind = counted.kind
    where not (begins and rages is true)
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
      and observation ->> 'kind' <> ''
      and jsonb_typeof(observation -> 'subject') = 'string'
      and observation ->> 'subject' not in ('', '*')
      and jsonb_typeof(observation -> 'failing') = 'boolean'
      and (
        observation -> 'failing' = 'false'
        or (
          jsonb_typeof(observation -> 'summary') = 'string'
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
      'Cannot observe alerts as observations[%] must have kind, subject (not *), failing and, where it fails, summary, '
      'a severity of warning or fail, and evidence that is an object: current value is %',
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
      coalesce(jobs.last_success_at, jobs.registered_at) < as_of - 2 * jobs.period as failing,
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

CREATE OR REPLACE PROCEDURE public.pipeline_tick(IN as_of timestamp with time zone DEFAULT now())
 LANGUAGE plpgsql
AS $procedure$
declare
  started_at constant pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  claimed pg_catalog.record;
  tasks_run pg_catalog.int4 := 0;
  code pg_catalog.text;
  message pg_catalog.text;
begin
  commit; -- inside a transaction this fails, before there is a lock to release
  if not pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext('public.pipeline_tick')) then
    perform public.cancel_overdue_tasks();
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
    exit when code is not null;
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

ALTER TABLE "public"."data_quality_metrics" ADD CONSTRAINT "data_quality_metrics_run_id_fkey" FOREIGN KEY (run_id) REFERENCES public.check_runs(id) ON DELETE CASCADE;

ALTER TABLE "public"."engine_baselines" ADD CONSTRAINT "engine_baselines_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."engines" ADD CONSTRAINT "engines_cadence_check" CHECK ((cadence > '00:00:00'::interval));

ALTER TABLE "public"."jobs" ADD CONSTRAINT "jobs_period_check" CHECK ((period > '00:00:00'::interval));

ALTER TABLE "public"."expectations" ADD CONSTRAINT "expectations_condition_fkey" FOREIGN KEY (condition) REFERENCES public.operating_conditions(condition);

ALTER TABLE "public"."pipeline_task_dependencies" ADD CONSTRAINT "pipeline_task_dependencies_pipeline_depends_on_fkey" FOREIGN KEY (pipeline, depends_on) REFERENCES public.pipeline_tasks(pipeline, name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."pipeline_task_dependencies" ADD CONSTRAINT "pipeline_task_dependencies_pipeline_task_fkey" FOREIGN KEY (pipeline, task) REFERENCES public.pipeline_tasks(pipeline, name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."pipeline_runs" ADD CONSTRAINT "pipeline_runs_pipeline_fkey" FOREIGN KEY (pipeline) REFERENCES public.pipelines(name) ON UPDATE CASCADE;

ALTER TABLE "public"."pipeline_tasks" ADD CONSTRAINT "pipeline_tasks_pipeline_fkey" FOREIGN KEY (pipeline) REFERENCES public.pipelines(name) ON UPDATE CASCADE ON DELETE CASCADE;

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
    (COALESCE(task_runs.finished_at, clock_timestamp()) - task_runs.started_at) AS duration,
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

CREATE INDEX alert_deliveries_dead ON public.alert_deliveries USING btree (alert_id) WHERE (state = 'dead'::text);

CREATE INDEX alert_deliveries_pending ON public.alert_deliveries USING btree (next_attempt_at, id) WHERE (state = 'pending'::text);

CREATE INDEX alerts_by_subject ON public.alerts USING btree (kind, subject, id DESC);

CREATE INDEX alerts_held_back ON public.alerts USING btree (id) WHERE held_back;

CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (kind, subject) WHERE (resolved_at IS NULL);

CREATE INDEX alerts_resolved_at ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX pipeline_runs_by_finish ON public.pipeline_runs USING btree (finished_at);

CREATE INDEX pipeline_runs_open ON public.pipeline_runs USING btree (pipeline, logical_time) WHERE (finished_at IS NULL);

CREATE INDEX pipeline_task_dependencies_by_upstream ON public.pipeline_task_dependencies USING btree (pipeline, depends_on);

CREATE INDEX task_runs_by_task ON public.task_runs USING btree (pipeline, task);

CREATE INDEX task_runs_to_do ON public.task_runs USING btree (state, next_attempt_at) WHERE (state = ANY (ARRAY['ready'::text, 'running'::text, 'retrying'::text]));

CREATE TRIGGER require_acyclic_tasks AFTER INSERT OR UPDATE ON public.pipeline_task_dependencies FOR EACH ROW EXECUTE FUNCTION public.require_acyclic_tasks();

CREATE TRIGGER require_task_handler BEFORE INSERT OR UPDATE OF kind, handler ON public.pipeline_tasks FOR EACH ROW EXECUTE FUNCTION public.require_task_handler();

CREATE POLICY "alert_channels_read" ON "public"."alert_channels" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_deliveries_read" ON "public"."alert_deliveries" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_events_read" ON "public"."alert_events" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_settings_read" ON "public"."alert_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alerts_read" ON "public"."alerts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectations_read" ON "public"."expectations" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "operating_conditions_read" ON "public"."operating_conditions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_runs_read" ON "public"."pipeline_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_task_dependencies_read" ON "public"."pipeline_task_dependencies" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipeline_tasks_read" ON "public"."pipeline_tasks" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "pipelines_read" ON "public"."pipelines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "quality_settings_read" ON "public"."quality_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_baselines_read" ON "public"."sensor_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_drift_read" ON "public"."sensor_drift" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "task_attempts_read" ON "public"."task_attempts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "task_runs_read" ON "public"."task_runs" FOR SELECT TO "authenticated" USING (true);

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

COMMENT ON COLUMN "public"."check_runs"."as_of" IS 'End of the window and moment of the verdicts (UTC); readings after it were not looked at.';

COMMENT ON COLUMN "public"."check_runs"."failed" IS 'Table-wide checks that failed.';

COMMENT ON COLUMN "public"."check_runs"."finished_at" IS 'When the run ended (UTC).';

COMMENT ON COLUMN "public"."check_runs"."id" IS 'Identifier; data_quality_metrics.run_id refers to it.';

COMMENT ON COLUMN "public"."check_runs"."not_evaluated" IS 'Table-wide checks that had too little to judge.';

COMMENT ON COLUMN "public"."check_runs"."passed" IS 'Table-wide checks that passed.';

COMMENT ON COLUMN "public"."check_runs"."started_at" IS 'When the run began (UTC).';

COMMENT ON COLUMN "public"."check_runs"."warned" IS 'Table-wide checks that warned.';

COMMENT ON COLUMN "public"."check_runs"."window_start" IS 'Start of the window (UTC, a whole hour); readings at or after it were looked at.';

COMMENT ON COLUMN "public"."data_quality_metrics"."column_name" IS 'Column the verdict is about; null when it is about whole readings.';

COMMENT ON COLUMN "public"."data_quality_metrics"."run_id" IS 'Run of the checks that wrote it; check_runs.id. Null for metrics that came from elsewhere.';

COMMENT ON COLUMN "public"."engine_baselines"."cadence" IS 'Median time between two of its readings; null while there are fewer than ten steps. engines.cadence goes before it.';

COMMENT ON COLUMN "public"."engine_baselines"."complete" IS 'Whether it has as many readings as quality_settings.baseline_readings asks for. Only then are values compared with it.';

COMMENT ON COLUMN "public"."engine_baselines"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."engine_baselines"."first_timestamp" IS 'Time of its first reading (UTC).';

COMMENT ON COLUMN "public"."engine_baselines"."last_timestamp" IS 'Time of its last reading (UTC); readings after it can be compared with it.';

COMMENT ON COLUMN "public"."engine_baselines"."learned_at" IS 'When it was learned (UTC).';

COMMENT ON COLUMN "public"."engine_baselines"."readings" IS 'How many readings the baseline consists of.';

COMMENT ON COLUMN "public"."engines"."cadence" IS 'Time between two readings that completeness expects; null means it is learned from the first readings.';

COMMENT ON COLUMN "public"."engines"."cohort" IS 'Group that fleet drift compares with the other groups of the same dataset or model, for example a production lot or a site; the loader writes train and test.';

COMMENT ON COLUMN "public"."expectations"."active" IS 'Off: the rule is not checked, nor a less specific one in its place.';

COMMENT ON COLUMN "public"."expectations"."at_intake" IS 'accept: readings that break a range or nulls rule are stored, and the scheduled check reports them; reject: they become dead letters.';

COMMENT ON COLUMN "public"."expectations"."column_name" IS 'Column of a range rule (always), or of a nulls, stuck or drift rule that is for one column only; null: whole readings, or every column.';

COMMENT ON COLUMN "public"."expectations"."condition" IS 'Operating condition the rule is for; null: all of them.';

COMMENT ON COLUMN "public"."expectations"."dataset" IS 'Set of engines the rule is for (engines.dataset, FD001 for example); null: every engine without a rule of its own.';

COMMENT ON COLUMN "public"."expectations"."description" IS 'The rule in words.';

COMMENT ON COLUMN "public"."expectations"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."expectations"."kind" IS 'What is measured. Of files only: text, columns, units, not_empty, row_count, unit_count, rul_*. Of stored readings only: completeness, freshness, volume, schema, conditions, clock, stuck, rejected, drift, fleet_drift, degradation. Of both: types, nulls, range, cycles, duplicates.';

COMMENT ON COLUMN "public"."expectations"."max" IS 'Largest value that passes: of a range rule the largest value of the column, else the largest measured value; null: no upper bound.';

COMMENT ON COLUMN "public"."expectations"."min" IS 'Smallest value that passes: of a range rule the smallest value of the column, else the smallest measured value; null: no lower bound.';

COMMENT ON COLUMN "public"."expectations"."mostly" IS 'Share of the rows that must keep a rule of rows (types, nulls, range, cycles, duplicates), more than 0 and at most 1, as in Great Expectations.';

COMMENT ON COLUMN "public"."expectations"."severity" IS 'Verdict when the rule is broken: warning or fail.';

COMMENT ON COLUMN "public"."expectations"."subset" IS 'Rules of files: train or test; null: both.';

COMMENT ON COLUMN "public"."expectations"."updated_at" IS 'When it was last changed (UTC).';

COMMENT ON COLUMN "public"."expectations"."updated_by" IS 'Role, or the signed-in user, that changed it last.';

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

COMMENT ON COLUMN "public"."quality_settings"."baseline_readings" IS 'How many of an engine''s first readings are its baseline.';

COMMENT ON COLUMN "public"."quality_settings"."drift_alpha" IS 'Level of the Benjamini-Hochberg procedure: drift needs q below it.';

COMMENT ON COLUMN "public"."quality_settings"."drift_readings" IS 'How many of an engine''s latest readings are compared with its baseline; never readings of the baseline itself.';

COMMENT ON COLUMN "public"."quality_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."quality_settings"."least_readings" IS 'Fewest readings on either side of a comparison; below it the verdict is insufficient_data.';

COMMENT ON COLUMN "public"."quality_settings"."metrics_kept" IS 'How long runs of checks, their metrics and the history of jobs are kept.';

COMMENT ON COLUMN "public"."quality_settings"."rollups_kept" IS 'How long hourly rollups are kept. Checks of older windows read the readings themselves.';

COMMENT ON COLUMN "public"."sensor_baselines"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_baselines"."condition" IS 'Operating condition; 0: none of the known ones.';

COMMENT ON COLUMN "public"."sensor_baselines"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."sensor_baselines"."mean" IS 'Their mean, in the sensor''s unit.';

COMMENT ON COLUMN "public"."sensor_baselines"."readings" IS 'How many values there are.';

COMMENT ON COLUMN "public"."sensor_baselines"."sd" IS 'Their sample standard deviation, in the sensor''s unit; null of a single value.';

COMMENT ON COLUMN "public"."sensor_baselines"."sorted_values" IS 'The values in ascending order, in the sensor''s unit.';

COMMENT ON COLUMN "public"."sensor_drift"."as_of" IS 'Moment the verdict is about (UTC).';

COMMENT ON COLUMN "public"."sensor_drift"."baseline_readings" IS 'Values in the baseline.';

COMMENT ON COLUMN "public"."sensor_drift"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_drift"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."sensor_drift"."ks_statistic" IS 'Two-sample Kolmogorov-Smirnov D: largest distance of the two empirical distribution functions, 0 to 1.';

COMMENT ON COLUMN "public"."sensor_drift"."mean_shift" IS 'Mean of the recent readings minus mean of the baseline, in baseline standard deviations.';

COMMENT ON COLUMN "public"."sensor_drift"."p_value" IS 'Asymptotic p of D with Stephens'' correction.';

COMMENT ON COLUMN "public"."sensor_drift"."q_value" IS 'p after Benjamini and Hochberg across the engine''s sensors.';

COMMENT ON COLUMN "public"."sensor_drift"."verdict" IS 'stable; degradation: it has moved as wear moves all sensors; drift: it has moved in a way that wear does not explain; insufficient_data: too few readings on one side.';

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

COMMENT ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) IS 'Notes that somebody has taken an open alert on; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) IS 'Makes channels active that nobody has decided about, and queues what is unresolved; returns how many.';

COMMENT ON FUNCTION "public"."advance_pipelines"(timestamp with time zone) IS 'Bookkeeping of the tick: due runs, lost attempts, tasks no worker took, runs that may begin, missed SLAs. Call pipeline_tick().';

COMMENT ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) IS 'What observations mean for the alerts as they are; observe_alerts applies it.';

COMMENT ON FUNCTION "public"."backfill_pipeline"(text, timestamp with time zone, timestamp with time zone, timestamp with time zone) IS 'Makes the runs of every past logical time in a range that has none; returns how many.';

COMMENT ON FUNCTION "public"."cancel_overdue_tasks"(timestamp with time zone) IS 'Job spool-timeouts: cancels the query of sql tasks that have run longer than their timeout; returns how many.';

COMMENT ON FUNCTION "public"."cancel_run"(bigint) IS 'Ends a run that is queued or under way, with all of its tasks.';

COMMENT ON FUNCTION "public"."cancel_sql_task"(bigint) IS 'Cancels the query of the session that runs a sql task; returns whether there was one.';

COMMENT ON FUNCTION "public"."claim_sql_task"(timestamp with time zone) IS 'Takes the next sql task for this session and returns the attempt; part of pipeline_tick().';

COMMENT ON FUNCTION "public"."claim_task"(text, interval, timestamp with time zone) IS 'Gives a worker one task of the queue under a lease; no row when there is none.';

COMMENT ON FUNCTION "public"."complete_task"(bigint, integer, text, jsonb, timestamp with time zone) IS 'Records that a worker has done its task; false, and nothing recorded, when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."end_task_attempt"(bigint, integer, text, timestamp with time zone, boolean, text, text, jsonb) IS 'Records how an attempt ended: the task succeeded, is tried again later, or failed. False when it is not the attempt that runs.';

COMMENT ON FUNCTION "public"."extend_lease"(bigint, integer, text, interval, timestamp with time zone) IS 'Extends a worker''s lease up to the task''s timeout; null when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."fail_task"(bigint, integer, text, text, boolean, timestamp with time zone) IS 'Records that a worker could not do its task, and whether it may be tried again; false when the task is not the worker''s any more.';

COMMENT ON FUNCTION "public"."is_transient_sqlstate"(text) IS 'Whether a failure with this SQLSTATE may pass by itself: connection, resources, cancellation, deadlock, serialization, lock timeout.';

COMMENT ON FUNCTION "public"."make_pipeline_run"(text, timestamp with time zone, text) IS 'Makes the run of a logical time and its task runs; null when there is one already. Use start_pipeline_run or backfill_pipeline.';

COMMENT ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) IS 'Opens, updates, reopens and resolves alerts by what was observed at a moment; returns how many of each.';

COMMENT ON FUNCTION "public"."prune_history"(timestamp with time zone) IS 'Job spool-retention: deletes finished history older than quality_settings.metrics_kept and rollups older than rollups_kept.';

COMMENT ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) IS 'Writes events of alerts and queues their deliveries in the same transaction; returns how many are held back.';

COMMENT ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) IS 'Ends the holding back of alerts that have become stable, and tells of their state; returns how many.';

COMMENT ON FUNCTION "public"."require_acyclic_tasks"() IS 'Trigger of pipeline_task_dependencies: a task must not depend on itself, through whatever others.';

COMMENT ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) IS 'Raises 22023 where observations are not of the form that observe_alerts takes.';

COMMENT ON FUNCTION "public"."require_open_alert"(text, bigint, text) IS 'Locks and returns an alert that is not resolved; SP551 when there is none.';

COMMENT ON FUNCTION "public"."require_task_handler"() IS 'Trigger of pipeline_tasks: the handler of a sql task must be a function of public that takes a timestamptz and returns jsonb.';

COMMENT ON FUNCTION "public"."rerun_task"(bigint, text) IS 'Runs a task of a run that has ended again, and everything that follows it; the next tick lets it begin.';

COMMENT ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) IS 'Resolves an alert because a person says so; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."retry_delay"(integer, interval, interval) IS 'Random wait before the next attempt: up to base, doubled with each attempt after the first, at most cap.';

COMMENT ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) IS 'Puts a dead delivery into the outbox again; SP552 when it is not dead.';

COMMENT ON FUNCTION "public"."run_sql_task"(bigint, integer, timestamp with time zone) IS 'Runs a claimed sql task and records its end in the same transaction; part of pipeline_tick().';

COMMENT ON FUNCTION "public"."schedule_pipeline_runs"(timestamp with time zone) IS 'Makes the runs that are due at a moment: all that were missed where the pipeline catches up, else the latest; returns how many.';

COMMENT ON FUNCTION "public"."settle_pipeline_run"(bigint, timestamp with time zone) IS 'Makes tasks ready or skipped by what they depend on, and ends a run whose tasks have all ended.';

COMMENT ON FUNCTION "public"."start_pipeline_run"(text, timestamp with time zone, timestamp with time zone) IS 'Starts a run by hand, for the latest logical time unless told; returns its id.';

COMMENT ON FUNCTION "public"."task_anomalies"(timestamp with time zone) IS 'Pipeline task: looks for anomalies as of the logical time and counts the rows it wrote.';

COMMENT ON FUNCTION "public"."task_health_report"(timestamp with time zone) IS 'Pipeline task: reports the health of the engines as of the logical time and counts the rows it wrote.';

COMMENT ON FUNCTION "public"."task_quality"(timestamp with time zone) IS 'Pipeline task: runs all checks of the 24 hours before the logical time and counts their verdicts.';

COMMENT ON FUNCTION "public"."task_retraining_check"(timestamp with time zone) IS 'Pipeline task: decides as of the logical time whether the model needs training again.';

COMMENT ON FUNCTION "public"."wake_worker"(timestamp with time zone) IS 'Job spool-worker: calls the edge function worker through pg_net when there are tasks or alerts for it; returns what it did.';

COMMENT ON FUNCTION "public"."watch_jobs"(timestamp with time zone) IS 'Job spool-watch: observes for alerts whether jobs still succeed and whether pipelines ran well and on time.';

COMMENT ON PROCEDURE "public"."pipeline_tick"(timestamp with time zone) IS 'Job spool-pipeline: makes the runs that are due and runs every sql task that is ready, each in a transaction of its own.';

COMMENT ON TABLE "public"."alert_channels" IS 'Where alerts are delivered to. The addresses are in the environment: ALERT_WEBHOOK_URL, ALERT_SNS_TOPIC_ARN.';

COMMENT ON TABLE "public"."alert_deliveries" IS 'Outbox of alerts: one row per event and channel. A dead one is sent again by retry_delivery.';

COMMENT ON TABLE "public"."alert_events" IS 'What happened to each alert, when and by whom. Events that are not held back are delivered (alert_deliveries), acknowledgements excepted.';

COMMENT ON TABLE "public"."alert_settings" IS 'When observations open, reopen and resolve alerts, and when people hear of it. Exactly one row; a change takes effect with the next observation.';

COMMENT ON TABLE "public"."alerts" IS 'What is or was wrong: at most one unresolved alert per kind and subject. Written by observe_alerts, acknowledge_alert and resolve_alert.';

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."pipeline_runs" IS 'Runs of pipelines: one for each logical time. Every run ends as succeeded, failed or cancelled.';

COMMENT ON TABLE "public"."pipeline_task_dependencies" IS 'Edges of the graph: a task begins when everything it depends on has succeeded. There are no cycles.';

COMMENT ON TABLE "public"."pipeline_tasks" IS 'Tasks of pipelines: what each run of a pipeline does.';

COMMENT ON TABLE "public"."pipelines" IS 'Pipelines: what runs each period. The run of a logical time covers the period that ends then, and is due then.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON TABLE "public"."task_attempts" IS 'History: one row for each attempt that has ended, written once and never changed.';

COMMENT ON TABLE "public"."task_runs" IS 'Tasks of runs, with the state each is in.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."open_alerts" IS 'Alerts that are not resolved, worst first. acknowledge_alert(id, who) and resolve_alert(id, who) change them.';

COMMENT ON VIEW "public"."pipeline_status" IS 'The run of each pipeline that began last, with a row for each of its tasks. What was before is in pipeline_runs, task_runs and task_attempts.';

REVOKE ALL ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."advance_pipelines"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."backfill_pipeline"(text, timestamp with time zone, timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_overdue_tasks"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_run"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."cancel_sql_task"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."claim_sql_task"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."claim_task"(text, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."complete_task"(bigint, integer, text, jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."end_task_attempt"(bigint, integer, text, timestamp with time zone, boolean, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."extend_lease"(bigint, integer, text, interval, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."fail_task"(bigint, integer, text, text, boolean, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."is_transient_sqlstate"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."make_pipeline_run"(text, timestamp with time zone, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."prune_history"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_acyclic_tasks"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_open_alert"(text, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_task_handler"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."rerun_task"(bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retry_delay"(integer, interval, interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_sql_task"(bigint, integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."schedule_pipeline_runs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."settle_pipeline_run"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."start_pipeline_run"(text, timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_anomalies"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_health_report"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_quality"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_retraining_check"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."wake_worker"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."watch_jobs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON PROCEDURE "public"."pipeline_tick"(timestamp with time zone) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."alert_channels" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."alert_channels" TO "service_role";

GRANT SELECT ON TABLE "public"."alert_deliveries" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."alert_events" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."alert_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."alert_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."check_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_baselines" TO "authenticated", "service_role";

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

GRANT SELECT ON TABLE "public"."sensor_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_drift" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."task_attempts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."task_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."classified_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."open_alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipeline_status" TO "authenticated", "service_role";

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

COMMENT ON COLUMN pipeline_status.duration IS 'How long that attempt took, or has taken so far.';

COMMENT ON COLUMN pipeline_status.worker IS 'The worker that runs it.';

COMMENT ON COLUMN pipeline_status.backend_pid IS 'The process of Postgres that runs it.';

COMMENT ON COLUMN pipeline_status.error IS 'Why the last attempt failed.';

COMMENT ON COLUMN pipeline_status.result IS 'What the task returned.';

COMMENT ON COLUMN pipeline_status.next_logical_time IS 'When the next run is due (UTC).';

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
        -- intake
        'ingest_readings',
        'record_dead_letters',
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
    'public.expectations',
    'public.operating_conditions',
    -- quality
    'public.check_runs',
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
    'public.jobs'
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
alter table public.expectations enable row level security;
alter table public.operating_conditions enable row level security;
alter table public.check_runs enable row level security;
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
    'expectations',
    'operating_conditions',
    -- quality
    'check_runs',
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
grant select on public.training_data, public.classified_readings, public.pipeline_status to authenticated;

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
  date_trunc('hour', now(), 'UTC'), -- the hour that has just ended, so that there is something to see at once
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
          'spool-watch', '*/10 * * * *', interval '10 minutes', 'select public.watch_jobs()',
          'Raises alerts about jobs that have stopped and pipelines that failed or were late.'
        ),
        (
          'spool-retention', '47 3 * * *', interval '1 day', 'select public.prune_history()',
          'Deletes finished history that is older than quality_settings says.'
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

-- sql/90_jobs/quality_settings.sql
-- The one row that quality_settings consists of.
insert into public.quality_settings default values on conflict do nothing;
