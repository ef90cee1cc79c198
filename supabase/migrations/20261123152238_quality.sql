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

CREATE TABLE "public"."quality_settings" ("id" boolean NOT NULL DEFAULT true, "baseline_readings" integer NOT NULL DEFAULT 100, "drift_readings" integer NOT NULL DEFAULT 100, "drift_alpha" double precision NOT NULL DEFAULT 0.05, "least_readings" integer NOT NULL DEFAULT 50, "rollups_kept" interval NOT NULL DEFAULT '35 days'::interval, "metrics_kept" interval NOT NULL DEFAULT '90 days'::interval, CONSTRAINT "quality_settings_baseline_readings_check" CHECK (((baseline_readings >= 50) AND (baseline_readings <= 1000))), CONSTRAINT "quality_settings_drift_alpha_check" CHECK (((drift_alpha > (0)::double precision) AND (drift_alpha < (1)::double precision))), CONSTRAINT "quality_settings_drift_readings_check" CHECK (((drift_readings >= 50) AND (drift_readings <= 10000))), CONSTRAINT "quality_settings_id_check" CHECK (id), CONSTRAINT "quality_settings_least_readings_check" CHECK (((least_readings >= 8) AND (least_readings <= 1000))), CONSTRAINT "quality_settings_metrics_kept_check" CHECK ((metrics_kept >= '2 days'::interval)), CONSTRAINT "quality_settings_pkey" PRIMARY KEY (id), CONSTRAINT "quality_settings_rollups_kept_check" CHECK ((rollups_kept >= '2 days'::interval)));

ALTER TABLE "public"."quality_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."quality_settings" OWNER TO "postgres";

CREATE TABLE "public"."sensor_baselines" ("engine_id" uuid NOT NULL, "condition" smallint NOT NULL, "column_name" text NOT NULL, "readings" integer NOT NULL, "mean" double precision NOT NULL, "sd" double precision, "sorted_values" real[] NOT NULL, CONSTRAINT "sensor_baselines_condition_check" CHECK ((condition >= 0)), CONSTRAINT "sensor_baselines_pkey" PRIMARY KEY (engine_id, condition, column_name), CONSTRAINT "sensor_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."sensor_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_baselines" OWNER TO "postgres";

CREATE TABLE "public"."sensor_drift" ("engine_id" uuid NOT NULL, "column_name" text NOT NULL, "verdict" text NOT NULL, "ks_statistic" double precision, "p_value" double precision, "q_value" double precision, "mean_shift" double precision, "wear_shift" double precision, "baseline_readings" integer NOT NULL, "window_readings" integer NOT NULL, "window_start" timestamp with time zone, "window_end" timestamp with time zone, "as_of" timestamp with time zone NOT NULL, CONSTRAINT "sensor_drift_baseline_readings_check" CHECK ((baseline_readings >= 0)), CONSTRAINT "sensor_drift_check" CHECK (((verdict = 'insufficient_data'::text) OR ((ks_statistic IS NOT NULL) AND (p_value IS NOT NULL) AND (q_value IS NOT NULL)))), CONSTRAINT "sensor_drift_ks_statistic_check" CHECK (((ks_statistic >= (0)::double precision) AND (ks_statistic <= (1)::double precision))), CONSTRAINT "sensor_drift_p_value_check" CHECK (((p_value >= (0)::double precision) AND (p_value <= (1)::double precision))), CONSTRAINT "sensor_drift_pkey" PRIMARY KEY (engine_id, column_name), CONSTRAINT "sensor_drift_q_value_check" CHECK (((q_value >= (0)::double precision) AND (q_value <= (1)::double precision))), CONSTRAINT "sensor_drift_verdict_check" CHECK ((verdict = ANY (ARRAY['stable'::text, 'degradation'::text, 'drift'::text, 'insufficient_data'::text]))), CONSTRAINT "sensor_drift_window_readings_check" CHECK ((window_readings >= 0)));

ALTER TABLE "public"."sensor_drift" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_drift" OWNER TO "postgres";

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "column_name" text;

ALTER TABLE "public"."data_quality_metrics" ADD COLUMN "run_id" bigint;

ALTER TABLE "public"."engines" ADD COLUMN "cadence" interval;

ALTER TABLE "public"."engines" ADD COLUMN "cohort" text;

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

CREATE OR REPLACE FUNCTION public.alert_changes(observations jsonb, as_of timestamp with time zone)
 RETURNS TABLE(alert_id bigint, kind text, subject text, failing boolean, severity text, summary text, evidence jsonb, event text, flapping boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with given as (
    -- the worst of what is said about a subject counts
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
    case when latest.is_open or comes_back then latest.id end,
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
  latest as (
    select distinct on (verdicts.table_name, verdicts.metric_name, verdicts.column_key) verdicts.*
    from verdicts
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
  -- rules of stored readings only: those of files and of one subset are the loader's
  unjudged as (
    select distinct expectations.kind, expectations.column_name
    from public.expectations
    where expectations.active
      and expectations.subset is null
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
  -- a verdict on one column says itself in how many engines it is broken: an engine's verdict is on all its columns
  cross join lateral (
    select case jsonb_typeof(latest.evidence -> 'broken_engines')
      when 'number' then (latest.evidence ->> 'broken_engines')::integer
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

ALTER TABLE "public"."alert_deliveries" ADD CONSTRAINT "alert_deliveries_channel_fkey" FOREIGN KEY (channel) REFERENCES public.alert_channels(name) ON UPDATE CASCADE;

ALTER TABLE "public"."alert_deliveries" ADD CONSTRAINT "alert_deliveries_alert_id_event_number_fkey" FOREIGN KEY (alert_id, event_number) REFERENCES public.alert_events(alert_id, number) ON DELETE CASCADE;

ALTER TABLE "public"."alert_events" ADD CONSTRAINT "alert_events_alert_id_fkey" FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE;

ALTER TABLE "public"."data_quality_metrics" ADD CONSTRAINT "data_quality_metrics_run_id_fkey" FOREIGN KEY (run_id) REFERENCES public.check_runs(id) ON DELETE CASCADE;

ALTER TABLE "public"."engine_baselines" ADD CONSTRAINT "engine_baselines_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."engines" ADD CONSTRAINT "engines_cadence_check" CHECK ((cadence > '00:00:00'::interval));

ALTER TABLE "public"."expectations" ADD CONSTRAINT "expectations_condition_fkey" FOREIGN KEY (condition) REFERENCES public.operating_conditions(condition);

ALTER TABLE "public"."sensor_baselines" ADD CONSTRAINT "sensor_baselines_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engine_baselines(engine_id) ON DELETE CASCADE;

ALTER TABLE "public"."sensor_drift" ADD CONSTRAINT "sensor_drift_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

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
            max(abs(sensor_drift.wear_shift)) AS wear
           FROM public.sensor_drift
          GROUP BY sensor_drift.engine_id
        )
 SELECT engines.unit_number,
    engines.dataset,
    engines.status,
    last_reading."timestamp" AS last_reading_at,
    last_reading.cycle AS last_cycle,
    (now() - last_reading."timestamp") AS silent_for,
    COALESCE(engines.cadence, engine_baselines.cadence) AS cadence,
    verdicts.completeness,
    COALESCE(sensors.drifting, '{}'::text[]) AS sensors_drifting,
    COALESCE(sensors.degrading, '{}'::text[]) AS sensors_degrading,
    sensors.wear,
    COALESCE(verdicts.problems, '[]'::jsonb) AS problems,
        CASE
            WHEN verdicts.fails THEN 'fail'::text
            WHEN verdicts.warns THEN 'warning'::text
            WHEN ((engines.status = 'active'::text) AND (COALESCE(sensors.drifting, sensors.degrading) IS NOT NULL)) THEN 'warning'::text
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
            WHEN ((engines.status = 'active'::text) AND (sensors.degrading IS NOT NULL)) THEN ('wearing: '::text || array_to_string(sensors.degrading, ', '::text))
            ELSE NULL::text
        END], NULL::text) || COALESCE(verdicts.reasons, '{}'::text[])) AS reasons
   FROM ((((public.engines
     LEFT JOIN LATERAL ( SELECT sensor_data."timestamp",
            sensor_data.cycle
           FROM public.sensor_data
          WHERE (sensor_data.engine_id = engines.id)
          ORDER BY sensor_data."timestamp" DESC
         LIMIT 1) last_reading ON (true))
     LEFT JOIN public.engine_baselines ON ((engine_baselines.engine_id = engines.id)))
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

CREATE INDEX alert_deliveries_dead ON public.alert_deliveries USING btree (alert_id) WHERE (state = 'dead'::text);

CREATE INDEX alert_deliveries_pending ON public.alert_deliveries USING btree (next_attempt_at, id) WHERE (state = 'pending'::text);

CREATE INDEX alerts_by_subject ON public.alerts USING btree (kind, subject, id DESC);

CREATE INDEX alerts_held_back ON public.alerts USING btree (id) WHERE held_back;

CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (kind, subject) WHERE (resolved_at IS NULL);

CREATE INDEX alerts_resolved_at ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX data_quality_metrics_of_the_table ON public.data_quality_metrics USING btree (metric_name, COALESCE(column_name, ''::text), check_timestamp DESC) WHERE (engine_id IS NULL);

CREATE POLICY "alert_channels_read" ON "public"."alert_channels" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_deliveries_read" ON "public"."alert_deliveries" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_events_read" ON "public"."alert_events" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alert_settings_read" ON "public"."alert_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "alerts_read" ON "public"."alerts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectations_read" ON "public"."expectations" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "operating_conditions_read" ON "public"."operating_conditions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "quality_settings_read" ON "public"."quality_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_baselines_read" ON "public"."sensor_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_drift_read" ON "public"."sensor_drift" FOR SELECT TO "authenticated" USING (true);

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

COMMENT ON COLUMN "public"."operating_conditions"."altitude_max" IS 'Highest altitude, in 1,000 ft.';

COMMENT ON COLUMN "public"."operating_conditions"."altitude_min" IS 'Lowest altitude, in 1,000 ft.';

COMMENT ON COLUMN "public"."operating_conditions"."condition" IS 'Number of the condition, from 1; 0 stands for none of them.';

COMMENT ON COLUMN "public"."operating_conditions"."mach_number_max" IS 'Highest Mach number.';

COMMENT ON COLUMN "public"."operating_conditions"."mach_number_min" IS 'Lowest Mach number.';

COMMENT ON COLUMN "public"."operating_conditions"."name" IS 'What people call it.';

COMMENT ON COLUMN "public"."operating_conditions"."tra_max" IS 'Highest throttle resolver angle, in percent.';

COMMENT ON COLUMN "public"."operating_conditions"."tra_min" IS 'Lowest throttle resolver angle, in percent.';

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

COMMENT ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) IS 'Notes that somebody has taken an open alert on; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) IS 'Makes channels active that nobody has decided about, and queues what is unresolved; returns how many.';

COMMENT ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) IS 'What observations mean for the alerts as they are; observe_alerts applies it.';

COMMENT ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) IS 'Opens, updates, reopens and resolves alerts by what was observed at a moment; returns how many of each.';

COMMENT ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) IS 'Latest verdict of each check in a stretch of time, with evidence, counts of verdicts, and since when it stands; checks without a verdict in that time are not_evaluated. Without arguments: the last 24 hours.';

COMMENT ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) IS 'Writes events of alerts and queues their deliveries in the same transaction; returns how many are held back.';

COMMENT ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) IS 'Ends the holding back of alerts that have become stable, and tells of their state; returns how many.';

COMMENT ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) IS 'Raises 22023 where observations are not of the form that observe_alerts takes.';

COMMENT ON FUNCTION "public"."require_open_alert"(text, bigint, text) IS 'Locks and returns an alert that is not resolved; SP551 when there is none.';

COMMENT ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) IS 'Resolves an alert because a person says so; SP551 when there is no such open alert.';

COMMENT ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) IS 'Puts a dead delivery into the outbox again; SP552 when it is not dead.';

COMMENT ON TABLE "public"."alert_channels" IS 'Where alerts are delivered to. The addresses are in the environment: ALERT_WEBHOOK_URL, ALERT_SNS_TOPIC_ARN.';

COMMENT ON TABLE "public"."alert_deliveries" IS 'Outbox of alerts: one row per event and channel. A dead one is sent again by retry_delivery.';

COMMENT ON TABLE "public"."alert_events" IS 'What happened to each alert, when and by whom. Events that are not held back are delivered (alert_deliveries), acknowledgements excepted.';

COMMENT ON TABLE "public"."alert_settings" IS 'When observations open, reopen and resolve alerts, and when people hear of it. Exactly one row; a change takes effect with the next observation.';

COMMENT ON TABLE "public"."alerts" IS 'What is or was wrong: at most one unresolved alert per kind and subject. Written by observe_alerts, acknowledge_alert and resolve_alert.';

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."open_alerts" IS 'Alerts that are not resolved, worst first. acknowledge_alert(id, who) and resolve_alert(id, who) change them.';

COMMENT ON VIEW "public"."quality_summary" IS 'Latest verdict of each check in the last 24 hours, with its evidence; checks without one are not_evaluated. The same rows as GET /quality/summary.';

REVOKE ALL ON FUNCTION "public"."acknowledge_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."activate_alert_channels"(text[], timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."alert_changes"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_alerts"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_alert_events"(bigint[], text[], text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."release_held_back_alerts"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_alert_observations"(jsonb, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_open_alert"(text, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."resolve_alert"(bigint, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retry_delivery"(bigint, timestamp with time zone) FROM PUBLIC;

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

GRANT SELECT ON TABLE "public"."quality_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."quality_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."sensor_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_drift" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."classified_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."open_alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."quality_summary" TO "authenticated", "service_role";

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

COMMENT ON COLUMN engine_health.unit_number IS 'Public name of the engine, ENGINE_001 for example.';

COMMENT ON COLUMN engine_health.dataset IS 'C-MAPSS set the engine belongs to; null for other engines.';

COMMENT ON COLUMN engine_health.status IS 'active, retired or failed, as in engines.';

COMMENT ON COLUMN engine_health.last_reading_at IS 'Time of its latest reading (UTC); null when it has sent none.';

COMMENT ON COLUMN engine_health.last_cycle IS 'Flight cycle of its latest reading.';

COMMENT ON COLUMN engine_health.silent_for IS 'Time since its latest reading; negative when its clock is ahead.';

COMMENT ON COLUMN engine_health.cadence IS 'Time between two readings that is expected: engines.cadence, else what was learned from its first readings.';

COMMENT ON COLUMN engine_health.completeness IS 'Share of the expected readings that were there in the latest run of the checks; null when that was not judged.';

COMMENT ON COLUMN engine_health.sensors_drifting IS 'Sensors that have moved away from their baseline in a way that wear does not explain.';

COMMENT ON COLUMN engine_health.sensors_degrading IS 'Sensors that have moved as wear moves them.';

COMMENT ON COLUMN engine_health.wear IS 'Largest shift of a sensor that wear explains, in baseline standard deviations; null while nothing is compared.';

COMMENT ON COLUMN engine_health.problems IS 'Verdicts of the latest run on this engine that warned or failed, with thresholds and evidence.';

COMMENT ON COLUMN engine_health.health IS 'ok; warning: a check warned, or a sensor of an active engine drifts or wears; fail: a check failed; unknown: no reading, or no verdict in the last 24 hours.';

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
        -- summaries
        'quality_summary_between',
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
        'retry_delivery'
      )
  ) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;
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
    -- jobs
    'jobs'
  ] loop
    execute format('grant select on public.%I to authenticated', name);
    execute format('drop policy if exists %I on public.%I', name || '_read', name);
    execute format('create policy %I on public.%I for select to authenticated using (true)', name || '_read', name);
  end loop;
end;
$$;
grant select on public.training_data, public.classified_readings to authenticated;
grant select on public.engine_health, public.quality_summary to authenticated;

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

-- sql/90_jobs/quality_settings.sql
-- The one row that quality_settings consists of.
insert into public.quality_settings default values on conflict do nothing;
