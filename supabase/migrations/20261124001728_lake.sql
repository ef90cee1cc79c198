-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

DROP POLICY "alert_channels_read" ON "public"."alert_channels";

DROP POLICY "alert_deliveries_read" ON "public"."alert_deliveries";

DROP POLICY "alert_events_read" ON "public"."alert_events";

DROP POLICY "alert_settings_read" ON "public"."alert_settings";

DROP POLICY "alerts_read" ON "public"."alerts";

DROP POLICY "anomalies_read" ON "public"."anomalies";

DROP POLICY "batches_read" ON "public"."batches";

DROP POLICY "check_runs_read" ON "public"."check_runs";

DROP POLICY "data_quality_metrics_read" ON "public"."data_quality_metrics";

DROP POLICY "declared_columns_read" ON "public"."declared_columns";

DROP POLICY "delivery_receipts_read" ON "public"."delivery_receipts";

DROP POLICY "engine_baselines_read" ON "public"."engine_baselines";

DROP POLICY "engine_health_reports_read" ON "public"."engine_health_reports";

DROP POLICY "engines_read" ON "public"."engines";

DROP POLICY "expectation_versions_read" ON "public"."expectation_versions";

DROP POLICY "expectations_read" ON "public"."expectations";

DROP POLICY "jobs_read" ON "public"."jobs";

DROP POLICY "operating_conditions_read" ON "public"."operating_conditions";

DROP POLICY "pipeline_runs_read" ON "public"."pipeline_runs";

DROP POLICY "pipeline_task_dependencies_read" ON "public"."pipeline_task_dependencies";

DROP POLICY "pipeline_tasks_read" ON "public"."pipeline_tasks";

DROP POLICY "pipelines_read" ON "public"."pipelines";

DROP POLICY "quality_settings_read" ON "public"."quality_settings";

DROP POLICY "reading_rollups_read" ON "public"."reading_rollups";

DROP POLICY "retraining_decisions_read" ON "public"."retraining_decisions";

DROP POLICY "rollup_horizon_read" ON "public"."rollup_horizon";

DROP POLICY "rul_predictions_read" ON "public"."rul_predictions";

DROP POLICY "sensor_baselines_read" ON "public"."sensor_baselines";

DROP POLICY "sensor_data_read" ON "public"."sensor_data";

DROP POLICY "sensor_data_changes_read" ON "public"."sensor_data_changes";

DROP POLICY "sensor_drift_read" ON "public"."sensor_drift";

DROP POLICY "stream_checkpoints_read" ON "public"."stream_checkpoints";

DROP POLICY "stream_readers_read" ON "public"."stream_readers";

DROP POLICY "task_attempts_read" ON "public"."task_attempts";

DROP POLICY "task_runs_read" ON "public"."task_runs";

DROP POLICY "wear_signatures_read" ON "public"."wear_signatures";

ALTER TABLE "public"."intake_settings" DROP CONSTRAINT "intake_settings_receipts_kept_check";

ALTER TABLE "public"."quality_settings" DROP CONSTRAINT "quality_settings_metrics_kept_check";

DROP FUNCTION "public"."declare_schema"();

DROP FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]);

CREATE TABLE "public"."asset_schemas" ("asset" text NOT NULL, "version" integer NOT NULL, "columns" jsonb NOT NULL, "recorded_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "asset_schemas_columns_check" CHECK ((jsonb_typeof(columns) = 'array'::text)), CONSTRAINT "asset_schemas_pkey" PRIMARY KEY (asset, version), CONSTRAINT "asset_schemas_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."asset_schemas" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."asset_schemas" OWNER TO "postgres";

CREATE TABLE "public"."audit_log" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "actor" text NOT NULL, "action" text NOT NULL, "target" text NOT NULL, "details" jsonb NOT NULL DEFAULT '{}'::jsonb, CONSTRAINT "audit_log_action_check" CHECK ((action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'::text)), CONSTRAINT "audit_log_details_check" CHECK ((jsonb_typeof(details) = 'object'::text)), CONSTRAINT "audit_log_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."audit_log" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."audit_log" OWNER TO "postgres";

CREATE TABLE "public"."data_assets" ("name" text NOT NULL, "kind" text NOT NULL, "description" text NOT NULL, "owner" text NOT NULL DEFAULT 'data-engineering'::text, "classification" text NOT NULL DEFAULT 'internal'::text, "quality_level" text NOT NULL DEFAULT 'silver'::text, "schema_version" integer NOT NULL DEFAULT 1, "retention_days" integer, "tags" text[] NOT NULL DEFAULT '{}'::text[], "sources" text[] NOT NULL DEFAULT '{}'::text[], "transforms" text[] NOT NULL DEFAULT '{}'::text[], "consumers" text[] NOT NULL DEFAULT '{}'::text[], "updated_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "data_assets_classification_check" CHECK ((classification = ANY (ARRAY['public'::text, 'internal'::text, 'confidential'::text, 'restricted'::text]))), CONSTRAINT "data_assets_kind_check" CHECK ((kind = ANY (ARRAY['table'::text, 'view'::text, 'lake'::text]))), CONSTRAINT "data_assets_name_check" CHECK ((name <> ''::text)), CONSTRAINT "data_assets_pkey" PRIMARY KEY (name), CONSTRAINT "data_assets_quality_level_check" CHECK ((quality_level = ANY (ARRAY['bronze'::text, 'silver'::text, 'gold'::text]))), CONSTRAINT "data_assets_retention_days_check" CHECK ((retention_days > 0)), CONSTRAINT "data_assets_schema_version_check" CHECK ((schema_version > 0)));

ALTER TABLE "public"."data_assets" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."data_assets" OWNER TO "postgres";

CREATE TABLE "public"."lake_object_batches" ("key" text NOT NULL, "batch_id" uuid NOT NULL, "row_count" bigint NOT NULL, CONSTRAINT "lake_object_batches_pkey" PRIMARY KEY (key, batch_id), CONSTRAINT "lake_object_batches_row_count_check" CHECK ((row_count > 0)));

ALTER TABLE "public"."lake_object_batches" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lake_object_batches" OWNER TO "postgres";

CREATE TABLE "public"."lake_objects" ("key" text NOT NULL, "kind" text NOT NULL, "day" date, "day_version" bigint, "row_count" bigint, "row_digest" text, "bytes" bigint NOT NULL, "sha256" text NOT NULL, "written_at" timestamp with time zone NOT NULL DEFAULT now(), "written_by" uuid, "verified_at" timestamp with time zone, "fault" text, CONSTRAINT "lake_objects_bytes_check" CHECK ((bytes >= 0)), CONSTRAINT "lake_objects_check" CHECK (((kind <> 'sensor_data'::text) OR ((day IS NOT NULL) AND (day_version IS NOT NULL) AND (row_count IS NOT NULL) AND (row_digest IS NOT NULL)))), CONSTRAINT "lake_objects_day_version_check" CHECK ((day_version > 0)), CONSTRAINT "lake_objects_key_check" CHECK (((key !~ '(^|/)(\.|/|$)'::text) AND (key !~ '[\u0001-\u001f\u007f-\u009f\\]'::text) AND (octet_length(key) <= 900))), CONSTRAINT "lake_objects_kind_check" CHECK ((kind = ANY (ARRAY['sensor_data'::text, 'split'::text, 'expectations'::text, 'report'::text, 'backup'::text]))), CONSTRAINT "lake_objects_pkey" PRIMARY KEY (key), CONSTRAINT "lake_objects_row_count_check" CHECK ((row_count >= 0)), CONSTRAINT "lake_objects_sha256_check" CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)));

ALTER TABLE "public"."lake_objects" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lake_objects" OWNER TO "postgres";

CREATE TABLE "public"."lineage_events" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "event_time" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "event_type" text NOT NULL, "run_id" uuid NOT NULL, "job_name" text NOT NULL, "inputs" jsonb NOT NULL DEFAULT '[]'::jsonb, "outputs" jsonb NOT NULL DEFAULT '[]'::jsonb, "run_facets" jsonb NOT NULL DEFAULT '{}'::jsonb, "code_version" text NOT NULL, CONSTRAINT "lineage_events_event_type_check" CHECK ((event_type = ANY (ARRAY['START'::text, 'RUNNING'::text, 'COMPLETE'::text, 'ABORT'::text, 'FAIL'::text, 'OTHER'::text]))), CONSTRAINT "lineage_events_inputs_check" CHECK ((jsonb_typeof(inputs) = 'array'::text)), CONSTRAINT "lineage_events_job_name_check" CHECK ((job_name <> ''::text)), CONSTRAINT "lineage_events_outputs_check" CHECK ((jsonb_typeof(outputs) = 'array'::text)), CONSTRAINT "lineage_events_pkey" PRIMARY KEY (id), CONSTRAINT "lineage_events_run_facets_check" CHECK ((jsonb_typeof(run_facets) = 'object'::text)), CONSTRAINT "lineage_events_run_id_event_type_key" UNIQUE (run_id, event_type));

ALTER TABLE "public"."lineage_events" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_events" OWNER TO "postgres";

CREATE TABLE "public"."lineage_forwarding" ("id" boolean NOT NULL DEFAULT true, "since" timestamp with time zone, "settled_until" timestamp with time zone, "lease" uuid, "leased_until" timestamp with time zone, "failures" integer NOT NULL DEFAULT 0, "paused_until" timestamp with time zone, "last_error" text, CONSTRAINT "lineage_forwarding_check1" CHECK (((lease IS NULL) = (leased_until IS NULL))), CONSTRAINT "lineage_forwarding_check" CHECK (((since IS NULL) = (settled_until IS NULL))), CONSTRAINT "lineage_forwarding_failures_check" CHECK ((failures >= 0)), CONSTRAINT "lineage_forwarding_id_check" CHECK (id), CONSTRAINT "lineage_forwarding_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."lineage_forwarding" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_forwarding" OWNER TO "postgres";

CREATE TABLE "public"."lineage_forwards" ("event_id" text NOT NULL, "run_id" uuid NOT NULL, "event_time" timestamp with time zone NOT NULL, "state" text NOT NULL, "attempts" integer NOT NULL, "next_attempt_at" timestamp with time zone, "settled_at" timestamp with time zone, "error" text, CONSTRAINT "lineage_forwards_attempts_check" CHECK ((attempts > 0)), CONSTRAINT "lineage_forwards_check1" CHECK (((state = 'retrying'::text) = (settled_at IS NULL))), CONSTRAINT "lineage_forwards_check2" CHECK (((state = 'sent'::text) OR (error IS NOT NULL))), CONSTRAINT "lineage_forwards_check" CHECK (((state = 'retrying'::text) = (next_attempt_at IS NOT NULL))), CONSTRAINT "lineage_forwards_pkey" PRIMARY KEY (event_id), CONSTRAINT "lineage_forwards_state_check" CHECK ((state = ANY (ARRAY['sent'::text, 'retrying'::text, 'dead'::text]))));

ALTER TABLE "public"."lineage_forwards" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_forwards" OWNER TO "postgres";

CREATE TABLE "public"."retired_months" ("month" date NOT NULL, "closed_at" timestamp with time zone, "dropped_at" timestamp with time zone, "readings" bigint, "refused_since" timestamp with time zone, "refusal" text, CONSTRAINT "retired_months_check1" CHECK (((dropped_at IS NULL) = (readings IS NULL))), CONSTRAINT "retired_months_check2" CHECK (((refused_since IS NULL) = (refusal IS NULL))), CONSTRAINT "retired_months_check3" CHECK (((dropped_at IS NULL) OR (refusal IS NULL))), CONSTRAINT "retired_months_check" CHECK (((dropped_at IS NULL) OR (closed_at IS NOT NULL))), CONSTRAINT "retired_months_month_check" CHECK ((EXTRACT(day FROM month) = (1)::numeric)), CONSTRAINT "retired_months_pkey" PRIMARY KEY (month), CONSTRAINT "retired_months_readings_check" CHECK ((readings >= 0)));

ALTER TABLE "public"."retired_months" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."retired_months" OWNER TO "postgres";

CREATE TABLE "public"."sensor_data_days" ("day" date NOT NULL, "version" bigint NOT NULL DEFAULT 1, "changed_at" timestamp with time zone NOT NULL DEFAULT now(), "retired_at" timestamp with time zone, CONSTRAINT "sensor_data_days_pkey" PRIMARY KEY (day), CONSTRAINT "sensor_data_days_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."sensor_data_days" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_data_days" OWNER TO "postgres";

ALTER TABLE "public"."batches" ADD COLUMN "code_version" text;

ALTER TABLE "public"."check_runs" ADD COLUMN "code_version" text;

ALTER TABLE "public"."check_runs" ADD COLUMN "lineage_run_id" uuid NOT NULL DEFAULT gen_random_uuid();

ALTER TABLE "public"."task_runs" ADD COLUMN "lineage_run_id" uuid NOT NULL DEFAULT gen_random_uuid();

CREATE OR REPLACE FUNCTION public.abort_lost_runs(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  aborted integer;
begin
  insert into public.lineage_events (event_time, event_type, run_id, job_name, inputs, outputs, run_facets, code_version)
  select
    clock_timestamp(), 'ABORT', begun.run_id, begun.job_name, begun.inputs, begun.outputs,
    '{"errorMessage": {"message": "The process that ran it ended without saying how it went", "programmingLanguage": "TypeScript"}}',
    begun.code_version
  from public.lineage_events as begun
  where begun.event_type = 'START' and begun.event_time < as_of - interval '1 day'
    and not exists (
      select from public.lineage_events as ended
      where ended.run_id = begun.run_id and ended.event_type in ('COMPLETE', 'FAIL', 'ABORT')
    )
  on conflict do nothing;
  get diagnostics aborted = row_count;
  return aborted;
end;
$function$
;

ALTER FUNCTION "public"."abort_lost_runs"(timestamp with time zone) OWNER TO "postgres";

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
  perform public.record_audit(
    'alert.acknowledge',
    alert_id::text,
    jsonb_build_object('kind', alert.kind, 'subject', alert.subject, 'acknowledged_by', acknowledged_by)
  );
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$function$
;

CREATE OR REPLACE FUNCTION public.archive_fault(day date, verified_from timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case
    when object.key is null then format('%s is not in the lake', days.day)
    when object.day_version <> days.version then
      format('%s has changed since it was archived: version %s, in the lake %s', days.day, days.version, object.day_version)
    when object.fault is not null then format('%s is not as it should be in the lake: %s', days.day, object.fault)
    when object.verified_at is null and verified_from is not null then format('%s has not been read back from the lake', days.day)
    when object.verified_at < verified_from then
      format('%s was last read back from the lake at %s', days.day, object.verified_at at time zone 'UTC')
  end
  from public.sensor_data_days as days
  left join lateral (
    select lake_objects.*
    from public.lake_objects
    where lake_objects.kind = 'sensor_data' and lake_objects.day = days.day
    order by lake_objects.day_version desc
    limit 1
  ) as object on true
  where days.day = archive_fault.day;
$function$
;

ALTER FUNCTION "public"."archive_fault"(date, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.asset_columns(name text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select jsonb_agg(
    jsonb_build_object(
      'name', attribute.attname,
      'type', format_type(attribute.atttypid, attribute.atttypmod),
      'nullable', not attribute.attnotnull,
      'description', col_description(relation.oid, attribute.attnum)
    )
    order by attribute.attnum
  )
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
  where relation.relnamespace = 'public'::regnamespace and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and relation.relname = asset_columns.name;
$function$
;

ALTER FUNCTION "public"."asset_columns"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.audit_actor()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(
    nullif(claims ->> 'email', ''),
    nullif(claims ->> 'sub', ''),
    nullif(current_setting('role'), 'none'),
    nullif(current_setting('spool.actor', true), ''),
    session_user
  )
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as request;
$function$
;

ALTER FUNCTION "public"."audit_actor"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  -- longer changes are told by their number
  most constant integer := 20;
  subject constant text := tg_argv[0];
  keys constant text[] := string_to_array(tg_argv[1], ',');
  ignored constant text[] := string_to_array(coalesce(tg_argv[2], ''), ',');
  befores jsonb := '[]';
  afters jsonb := '[]';
  changes jsonb[];
begin
  if tg_op <> 'INSERT' then
    select coalesce(jsonb_agg(to_jsonb(before_rows)), '[]') into befores from before_rows;
  end if;
  if tg_op <> 'DELETE' then
    select coalesce(jsonb_agg(to_jsonb(after_rows)), '[]') into afters from after_rows;
  end if;

  with keyed as (
    select
      stage,
      -- a table of one row is named by itself
      coalesce(
        (select string_agg(value ->> name, '/' order by place) from unnest(keys) with ordinality as named (name, place)),
        tg_table_name
      ) as key,
      value
    from (values ('was', befores), ('became', afters)) as stages (stage, rows)
    cross join jsonb_array_elements(stages.rows) as value
  ),
  was as (
    select key, value from keyed where stage = 'was'
  ),
  became as (
    select key, value from keyed where stage = 'became'
  ),
  compared as (
    select
      key,
      case
        when was.value is null then jsonb_build_object('new', became.value)
        when became.value is null then jsonb_build_object('old', was.value)
        else (
          select jsonb_build_object(
            'old', jsonb_object_agg(name, was.value -> name), 'new', jsonb_object_agg(name, became.value -> name)
          )
          from jsonb_object_keys(became.value) as name
          where was.value -> name is distinct from became.value -> name and name <> all (ignored)
        )
      end as change
    from was
    full join became using (key)
  )
  select array_agg(jsonb_build_object('target', key, 'change', change) order by key)
  into changes
  from compared
  where change -> 'old' <> 'null' or change -> 'new' <> 'null';

  if cardinality(changes) > most then
    perform public.record_audit(
      subject || '.' || lower(tg_op),
      tg_table_name,
      jsonb_build_object('rows', cardinality(changes), 'first', to_jsonb(changes[:most]))
    );
  else
    perform public.record_audit(subject || '.' || lower(tg_op), entry ->> 'target', entry -> 'change')
    from unnest(changes) as entry;
  end if;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."audit_change"() OWNER TO "postgres";

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
  perform public.record_audit(
    'pipeline.backfill',
    backfill_pipeline.pipeline,
    jsonb_build_object('from_time', from_time, 'to_time', to_time, 'runs', made)
  );
  return made;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.batch_input(source text, reference text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_strip_nulls(jsonb_build_object(
    'namespace', named.namespace,
    'name', named.name,
    'inputFacets', case when named.part <> '{}' then jsonb_build_object('spool_part', named.part) end
  ))
  from (
    select
      regexp_match(reference, '^(.+) lines (\d+)-(\d+)$') as lines,
      regexp_match(reference, '^(arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*):(\S+)(?: (.+))?$') as arn,
      regexp_match(reference, '^dead letters (\d+) to (\d+)$') as letters
  ) as parsed
  cross join lateral (
    select regexp_match(
      case when parsed.arn is null then reference else parsed.arn[3] end, '^(?:(shardId-\d+) )?(\d+)\.\.(\d+)$'
    ) as records
  ) as sequenced
  cross join lateral (
    select
      case
        when source = 'load' and parsed.lines is not null then 'file'
        when source = 'kinesis' and parsed.arn is not null then parsed.arn[1]
        when source = 'replay' then 'postgres'
        else 'spool'
      end as namespace,
      case
        when source = 'load' and parsed.lines is not null then parsed.lines[1]
        when source = 'kinesis' and parsed.arn is not null then parsed.arn[2]
        when source = 'replay' then 'public.dead_letters'
        else '/' || source
      end as name,
      jsonb_strip_nulls(case
        when source = 'load' and parsed.lines is not null then
          jsonb_build_object('lines', jsonb_build_array(parsed.lines[2]::bigint, parsed.lines[3]::bigint))
        when source = 'replay' and parsed.letters is not null then
          jsonb_build_object('ids', jsonb_build_array(parsed.letters[1]::bigint, parsed.letters[2]::bigint))
        when source = 'kinesis' and sequenced.records is not null then
          jsonb_build_object(
            'shard', sequenced.records[1],
            'sequence_numbers', jsonb_build_array(sequenced.records[2], sequenced.records[3])
          )
        when source = 'kinesis' and parsed.arn is not null then jsonb_build_object('request', parsed.arn[3])
        else jsonb_build_object('request', reference)
      end) as part
  ) as named;
$function$
;

ALTER FUNCTION "public"."batch_input"(text, text) OWNER TO "postgres";

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
  perform public.record_audit('run.cancel', cancel_run.run_id::text, jsonb_build_object('state', current_state));
end;
$function$
;

CREATE OR REPLACE FUNCTION public.check_assertions(run_id bigint)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(
    jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object(
        'assertion', metrics.metric_name,
        'success', metrics.status = 'pass',
        'column', metrics.column_name,
        'severity', case metrics.status when 'warning' then 'warn' else 'error' end,
        'expected', nullif(concat_ws(
          ' and ', 'at least ' || metrics.threshold_min::text, 'at most ' || metrics.threshold_max::text
        ), ''),
        'actual', metrics.metric_value::text
      ))
      order by metrics.id
    ),
    '[]'
  )
  from public.data_quality_metrics as metrics
  where metrics.run_id = check_assertions.run_id and metrics.engine_id is null and metrics.status <> 'not_evaluated';
$function$
;

ALTER FUNCTION "public"."check_assertions"(bigint) OWNER TO "postgres";

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
  -- hour by hour first: whether an hour is rolled up is then asked once for it, and not once for each engine
  rolled_up as materialized (
    select hourly.hour, hourly.readings
    from bounds
    cross join lateral (
      select rollup.hour, sum(rollup.readings) as readings
      from public.reading_rollups as rollup
      where rollup.hour >= bounds.window_start - make_interval(hours => 7 * bounds.hours)
        and rollup.hour < bounds.window_start + make_interval(hours => bounds.hours)
      group by rollup.hour
    ) as hourly
    where not hourly.hour <@ bounds.not_rolled_up
  ),
  -- this window is place 0
  span as (
    select
      place,
      tstzrange(
        bounds.window_start - make_interval(hours => place * bounds.hours),
        bounds.window_start - make_interval(hours => (place - 1) * bounds.hours)
      ) as range
    from bounds
    cross join generate_series(0, 7) as place
  ),
  counted as (
    select
      span.place,
      (
        select coalesce(sum(rolled_up.readings), 0) from rolled_up where rolled_up.hour <@ span.range
      ) + (
        select count(*)
        from unnest(bounds.not_rolled_up * tstzmultirange(span.range)) as part (range)
        join public.sensor_data as reading
          on reading."timestamp" >= lower(part.range) and reading."timestamp" < upper(part.range)
      ) as readings
    from bounds
    cross join span
  ),
  compared as (
    select
      (select counted.readings from counted where counted.place = 0) as readings,
      percentile_cont(0.5) within group (order by counted.readings) as usual,
      count(*) as windows,
      jsonb_agg(counted.readings order by counted.place) as listed
    from counted
    -- what is older than the oldest window with readings is before the beginning
    where counted.place between 1 and (select max(oldest.place) from counted as oldest where oldest.readings > 0)
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

CREATE OR REPLACE FUNCTION public.classification_acts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op <> 'INSERT' then
    perform public.grant_to_strangers(old.name);
  end if;
  if tg_op <> 'DELETE' then
    perform public.grant_to_strangers(new.name);
  end if;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."classification_acts"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.close_months(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  due record;
  reason text;
  closed date[] := '{}';
begin
  perform pg_advisory_xact_lock(hashtext('public.retire_months'));
  perform set_config('spool.actor', 'retention', true);
  -- what is no longer due, as the retention has been made longer
  delete from public.retired_months
  where dropped_at is null and month not in (select due_months.month from public.due_months(as_of));

  for due in select * from public.due_months(as_of) loop
    if reason is not null then
      perform public.refuse_month(due.month, format('it comes after %s', reason));
      continue;
    end if;
    select fault into reason
    from generate_series(due.month, due.month + interval '1 month' - interval '1 day', interval '1 day') as day
    cross join lateral public.archive_fault(day::date, null) as fault
    where fault is not null
    order by day
    limit 1;
    if reason is null and exists (
      select from public.sensor_data_changes where hours && tstzrange(due.begins, due.ends)
    ) then
      reason := 'readings of it have been written since the last run of the checks';
    end if;
    if reason is not null then
      perform public.refuse_month(due.month, reason);
      reason := to_char(due.month, 'YYYY-MM');
      continue;
    end if;

    update public.intake_settings set accepted_from = due.ends where accepted_from < due.ends;
    if found then
      closed := closed || due.month;
    end if;
    insert into public.retired_months as known (month, closed_at)
    values (due.month, now())
    on conflict on constraint retired_months_pkey do update
    set
      -- somebody has opened it again, or it was dropped once and has a partition again
      closed_at = case
        when due.month = any (closed) or known.dropped_at is not null then now()
        else coalesce(known.closed_at, now())
      end,
      dropped_at = null,
      readings = null,
      refused_since = null,
      refusal = null;
  end loop;

  return jsonb_build_object(
    'closed', to_jsonb(closed),
    'refused', (
      select coalesce(jsonb_object_agg(month, refusal), '{}') from public.retired_months where refusal is not null
    )
  );
end;
$function$
;

ALTER FUNCTION "public"."close_months"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.days_to_archive(as_of timestamp with time zone DEFAULT now(), days_late integer DEFAULT 0)
 RETURNS TABLE(day date, version bigint, archived_version bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select days.day, days.version, object.day_version
  from public.sensor_data_days as days
  left join public.lake_objects as object
    on object.kind = 'sensor_data' and object.day = days.day and object.fault is null
  where days.day < (as_of at time zone 'UTC')::date - days_late
    and days.retired_at is null
    and object.day_version is distinct from days.version
  order by days.day;
$function$
;

ALTER FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.declare_schema()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  delete from public.declared_columns;
  insert into public.declared_columns select * from public.live_columns();
  update public.asset_schemas
  set columns = live.columns
  from public.data_assets
  cross join lateral public.asset_columns(data_assets.name) as live (columns)
  where asset_schemas.asset = data_assets.name
    and asset_schemas.version = data_assets.schema_version
    and asset_schemas.recorded_at = now() -- in this transaction
    and live.columns is not null;
end;
$function$
;

ALTER FUNCTION "public"."declare_schema"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.due_months(as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(month date, begins timestamp with time zone, ends timestamp with time zone, partition regclass)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select present.month, present.begins, present.ends, present.partition
  from public.data_assets as asset
  cross join lateral (
    select
      named.month,
      named.month::timestamp at time zone 'UTC' as begins,
      (named.month + interval '1 month') at time zone 'UTC' as ends,
      link.inhrelid::regclass as partition
    from pg_catalog.pg_inherits as link
    join pg_catalog.pg_class as part on part.oid = link.inhrelid
    cross join lateral (select to_date(right(part.relname, 7), 'YYYY_MM') as month) as named
    where link.inhparent = 'public.sensor_data'::regclass
  ) as present
  where asset.name = 'sensor_data' and present.ends <= as_of - make_interval(days => asset.retention_days)
  order by present.month;
$function$
;

ALTER FUNCTION "public"."due_months"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.find_lineage(job text DEFAULT NULL::text, run uuid DEFAULT NULL::uuid, dataset text DEFAULT NULL::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, before text DEFAULT NULL::text, max_rows integer DEFAULT 100)
 RETURNS TABLE(place text, event jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  before_time timestamptz;
  before_id text;
begin
  if before is not null then
    if before !~ '^\d{1,18}\.[0-9a-f-]{36}\.[1-3][A-Z]+$' then
      raise exception 'Cannot go on as before must be a place of an earlier answer: current value is %', before
        using errcode = '22023';
    end if;
    before_time := timestamptz 'epoch' + split_part(before, '.', 1)::bigint * interval '1 microsecond';
    before_id := substr(before, strpos(before, '.') + 1);
  end if;
  return query
  select
    trunc(extract(epoch from found.event_time) * 1000000)::bigint || '.' || found.event_id,
    found.event
  from public.lineage as found
  where (job is null or found.job_name = job)
    and (run is null or found.run_id = run)
    and (dataset is null or (found.inputs || found.outputs) && array[dataset, 'public.' || dataset])
    and (since is null or found.event_time >= since)
    and (until is null or found.event_time < until)
    and (before is null or found.event_time <= before_time)
    and (before is null or (found.event_time, found.event_id collate "C") < (before_time, before_id collate "C"))
  order by found.event_time desc, found.event_id collate "C" desc
  limit max_rows;
end;
$function$
;

ALTER FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.forget_empty_day(day date, version bigint)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  delete from public.sensor_data_days as days
  where days.day = forget_empty_day.day
    and days.version = forget_empty_day.version
    and days.retired_at is null;
$function$
;

ALTER FUNCTION "public"."forget_empty_day"(date, bigint) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.forget_lake_objects(keys text[])
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with forgotten as (
    delete from public.lake_objects
    where key = any (keys)
    returning 1
  )
  select count(*)::integer from forgotten;
$function$
;

ALTER FUNCTION "public"."forget_lake_objects"(text[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.grant_to_strangers(asset text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  relation regclass;
  wanted boolean;
begin
  select oid into relation
  from pg_catalog.pg_class
  where relnamespace = 'public'::regnamespace and relname = asset and relkind in ('r', 'p', 'v');
  wanted := exists (
    select from public.data_assets where name = asset and kind in ('table', 'view') and classification = 'public'
  );
  if relation is null or wanted = has_table_privilege('anon', relation, 'select') then
    return;
  elsif wanted then
    execute format('grant select on %s to anon', relation);
  else
    execute format('revoke select on %s from anon', relation);
  end if;
end;
$function$
;

ALTER FUNCTION "public"."grant_to_strangers"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.hash_reading(reading public.sensor_data, seed bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hash_numeric_extended((hash_record_extended(reading, seed))::numeric, seed)
;

ALTER FUNCTION "public"."hash_reading"(public.sensor_data, bigint) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.ingest_readings(batch uuid, source text, reference text, invalid integer, all_or_none boolean, unit_numbers text[], units integer[], cycles integer[], timestamps timestamp with time zone[], altitude real[], mach_number real[], tra real[], s2 real[], s3 real[], s4 real[], s7 real[], s8 real[], s9 real[], s11 real[], s12 real[], s13 real[], s14 real[], s15 real[], s17 real[], s20 real[], s21 real[], code_version text DEFAULT NULL::text, OUT accepted integer, OUT duplicates integer, OUT rejections jsonb)
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

  insert into public.batches (id, source, reference, received, accepted, duplicates, rejected, code_version)
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections), code_version
  );
end;
$function$
;

ALTER FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.keep_archived_day(day date, version bigint, row_count bigint, row_digest text)
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with kept as (
    update public.lake_objects as object
    set day_version = keep_archived_day.version
    where object.kind = 'sensor_data'
      and object.day = keep_archived_day.day
      and object.row_count = keep_archived_day.row_count
      and object.row_digest = keep_archived_day.row_digest
      and object.fault is null
    returning object.key
  )
  select exists (select from kept);
$function$
;

ALTER FUNCTION "public"."keep_archived_day"(date, bigint, bigint, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.keep_audit_log()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  kept_days integer;
begin
  if tg_op <> 'DELETE' then
    raise exception 'Cannot % audit_log as its rows must stay as they were written', lower(tg_op)
      using errcode = '42501';
  end if;
  select retention_days into kept_days from public.data_assets where name = 'audit_log';
  if old.at < now() - make_interval(days => kept_days) then
    return old;
  end if;
  raise exception 'Cannot delete a row of audit_log as it must be older than its retention of % days: current value is %',
    coalesce(kept_days::text, 'unlimited'), old.at
    using errcode = '42501', hint = 'data_assets.retention_days of audit_log is that number.';
end;
$function$
;

ALTER FUNCTION "public"."keep_audit_log"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lake_listing(prefix text DEFAULT ''::text, after text DEFAULT NULL::text, max_rows integer DEFAULT 100)
 RETURNS SETOF public.lake_objects
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select *
  from public.lake_objects as objects
  where starts_with(objects.key, prefix) and (after is null or objects.key collate "C" > after)
  order by objects.key collate "C"
  limit max_rows;
$function$
;

ALTER FUNCTION "public"."lake_listing"(text, text, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lake_object_contents(key text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select to_jsonb(objects) || jsonb_build_object(
    'batches', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'batch_id', held.batch_id,
            'row_count', held.row_count,
            'source', batches.source,
            'reference', batches.reference,
            'input', case when batches.id is not null then public.batch_input(batches.source, batches.reference) end,
            'code_version', batches.code_version,
            'received_at', batches.received_at
          )
          order by batches.received_at, held.batch_id
        ),
        '[]'
      )
      from public.lake_object_batches as held
      left join public.batches on batches.id = held.batch_id
      where held.key = objects.key
    )
  )
  from public.lake_objects as objects
  where objects.key = lake_object_contents.key;
$function$
;

ALTER FUNCTION "public"."lake_object_contents"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lake_objects_to_verify(large bigint, as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(key text, bytes bigint, sha256 text, row_count bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select objects.key, objects.bytes, objects.sha256, objects.row_count
  from public.lake_objects as objects
  cross join public.intake_settings
  left join public.sensor_data_days as days on days.day = objects.day and objects.kind = 'sensor_data'
  where objects.verified_at is null or objects.verified_at < as_of
  order by
    objects.bytes > large,
    case
      when exists (
        select from public.alerts
        where alerts.kind = 'lake_object' and alerts.subject = left(objects.key, 300) and alerts.resolved_at is null
      ) then 1
      when objects.verified_at is null then 2
      when days.day < (intake_settings.accepted_from at time zone 'UTC')::date
        and objects.verified_at < as_of - interval '12 hours' then 3
      else 4
    end,
    objects.verified_at,
    objects.key;
$function$
;

ALTER FUNCTION "public"."lake_objects_to_verify"(bigint, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lineage_coverage(coverage_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(subject text, total bigint, traced bigint, untraced jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
  with days as (
    select day
    from public.sensor_data_days
    where changed_at > as_of - coverage_window
    union
    select generate_series(
      date_trunc('day', as_of - coverage_window, 'UTC') at time zone 'UTC', as_of at time zone 'UTC', interval '1 day'
    )::date
  ),
  by_batch as (
    -- day by day, so that only the months in question are read
    select counted.batch_id, sum(counted.readings)::bigint as readings
    from days
    cross join lateral (
      select readings.batch_id, count(*) as readings
      from public.sensor_data as readings
      where readings."timestamp" >= days.day::timestamp at time zone 'UTC'
        and readings."timestamp" < (days.day + 1)::timestamp at time zone 'UTC'
        and readings.created_at > as_of - coverage_window and readings.created_at <= as_of
      group by readings.batch_id
    ) as counted
    group by counted.batch_id
  ),
  judged as (
    select
      'readings' as subject,
      by_batch.batch_id::text as key,
      by_batch.readings as weight,
      coalesce(
        batches.source <> '' and batches.code_version is not null
        and (batches.source = 'ingest' or batches.reference is not null),
        false
      ) as is_traced
    from by_batch
    left join public.batches on batches.id = by_batch.batch_id
    union all
    select 'check_runs', runs.id::text, 1, runs.finished_at is not null and runs.code_version is not null
    from public.check_runs as runs
    where runs.started_at > lineage_coverage.as_of - coverage_window and runs.started_at <= lineage_coverage.as_of
    union all
    select
      'lake_objects', objects.key, 1,
      exists (
        select from public.lineage_events as begun
        where begun.run_id = objects.written_by and begun.event_type = 'START'
      ) and exists (
        select from public.lineage_events as ended
        where ended.run_id = objects.written_by and ended.event_type in ('COMPLETE', 'FAIL', 'ABORT')
      )
    from public.lake_objects as objects
    where objects.written_at > as_of - coverage_window and objects.written_at <= as_of
  )
  select
    subjects.subject,
    coalesce(sum(judged.weight), 0)::bigint,
    coalesce(sum(judged.weight) filter (where judged.is_traced), 0)::bigint,
    coalesce(
      to_jsonb((array_agg(judged.key order by judged.key) filter (where not judged.is_traced))[1:20]), '[]'
    )
  from unnest(array['readings', 'check_runs', 'lake_objects']) with ordinality as subjects (subject, place)
  left join judged on judged.subject = subjects.subject
  group by subjects.subject, subjects.place
  order by subjects.place;
$function$
;

ALTER FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lineage_graph(since timestamp with time zone DEFAULT (now() - '7 days'::interval), as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with ended as (
    select job_name, inputs, outputs, count(*) as runs, max(event_time) as last_run_at
    from public.lineage
    where event_type in ('COMPLETE', 'FAIL', 'ABORT') and event_time >= since and event_time <= as_of
    group by job_name, inputs, outputs
  ),
  touched as (
    select job_name, dataset, true as is_input, runs, last_run_at from ended, unnest(inputs) as dataset
    union all
    select job_name, dataset, false, runs, last_run_at from ended, unnest(outputs) as dataset
  ),
  named as (
    -- each dataset by the catalogue's name for it
    select dataset, coalesce(
      (select name from public.data_assets where kind <> 'lake' and 'public.' || name = dataset),
      (
        select name from public.data_assets
        where kind = 'lake' and starts_with(dataset, name)
        order by length(name) desc
        limit 1
      ),
      dataset
    ) as name
    from (select distinct dataset from touched) as datasets
  ),
  observed as (
    select
      case when touched.is_input then 'dataset:' || named.name else 'job:' || touched.job_name end as "from",
      case when touched.is_input then 'job:' || touched.job_name else 'dataset:' || named.name end as "to",
      sum(touched.runs) as runs,
      max(touched.last_run_at) as last_run_at
    from touched
    join named using (dataset)
    group by 1, 2
  ),
  declared as (
    select 'dataset:' || source as "from", 'job:' || transform as "to"
    from public.data_assets, unnest(sources) as source, unnest(transforms) as transform
    union
    select 'job:' || transform, 'dataset:' || name
    from public.data_assets, unnest(transforms) as transform
    union
    -- a view is made of its sources by nobody
    select 'dataset:' || source, 'dataset:' || name
    from public.data_assets, unnest(sources) as source
    where transforms = '{}'
  ),
  edges as (
    select "from", "to", declared."from" is not null as declared, coalesce(observed.runs, 0) as runs, observed.last_run_at
    from observed
    full join declared using ("from", "to")
  ),
  nodes as (
    select "from" as id from edges
    union
    select "to" from edges
    union
    select 'dataset:' || name from public.data_assets
  )
  select jsonb_build_object(
    'nodes', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', nodes.id,
            'type', split_part(nodes.id, ':', 1),
            'name', substr(nodes.id, strpos(nodes.id, ':') + 1),
            'kind', coalesce(assets.kind, 'outside'),
            'classification', assets.classification
          )
          order by nodes.id
        ),
        '[]'
      )
      from nodes
      left join public.data_assets as assets on 'dataset:' || assets.name = nodes.id
    ),
    'edges', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'from', edges."from", 'to', edges."to", 'declared', edges.declared, 'runs', edges.runs,
            'last_run_at', edges.last_run_at
          )
          order by edges."from", edges."to"
        ),
        '[]'
      )
      from edges
    )
  );
$function$
;

ALTER FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.lineage_to_forward(max_rows integer, as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(event_id text, run_id uuid, event_time timestamp with time zone, attempts integer, event jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  settled_until timestamptz;
begin
  select forwarding.settled_until into settled_until
  from public.lineage_forwarding as forwarding
  where forwarding.paused_until is null or forwarding.paused_until <= as_of;
  if settled_until is null then
    return;
  end if;
  return query
  select traced.event_id, traced.run_id, traced.event_time, coalesce(forwards.attempts, 0), traced.event
  from public.lineage as traced
  left join public.lineage_forwards as forwards on forwards.event_id = traced.event_id
  where traced.event_time >= settled_until
    and (forwards.event_id is null or forwards.next_attempt_at <= as_of)
    and not exists (
      select from public.lineage_forwards as earlier
      where earlier.run_id = traced.run_id and earlier.state = 'retrying'
        and earlier.next_attempt_at > as_of and earlier.event_id < traced.event_id
    )
  order by traced.event_time, traced.event_id
  limit max_rows;
end;
$function$
;

ALTER FUNCTION "public"."lineage_to_forward"(integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.may_read(asset text)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with caller as (
    select
      -- within a definer's function current_user is its owner; the caller's role is what was set, or has logged in
      coalesce(nullif(current_setting('role'), 'none'), session_user) as role,
      nullif(current_setting('request.jwt.claims', true), '')::jsonb #>> '{app_metadata,clearance}' as claimed,
      array['public', 'internal', 'confidential', 'restricted'] as levels
  )
  select
    exists (
      select
      from public.data_assets
      where data_assets.name = may_read.asset
        and array_position(caller.levels, data_assets.classification) <= case
          when caller.role = 'authenticated' then coalesce(array_position(caller.levels, caller.claimed), 2)
          else 1
        end
    )
    or exists (
      select
      from pg_catalog.pg_roles as roles
      where roles.rolname = caller.role
        and (
          roles.rolsuper or roles.rolbypassrls
          or pg_has_role(
            roles.oid,
            (select relowner from pg_catalog.pg_class where oid = 'public.data_assets'::regclass),
            'usage'
          )
        )
    )
  from caller;
$function$
;

ALTER FUNCTION "public"."may_read"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.month_refusal(month date)
 RETURNS text
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with bounds as (
    select
      month_refusal.month::timestamp at time zone 'UTC' as begins,
      (month_refusal.month + interval '1 month') at time zone 'UTC' as ends
  )
  select case
    when (select settings.accepted_from from public.intake_settings as settings) < bounds.ends
      then 'the intake accepts readings of it again: close_months() closes it'
    when exists (select from public.sensor_data_changes where hours && tstzrange(bounds.begins, bounds.ends))
      then 'readings of it have been written since the last run of the checks'
    else (
      select fault
      from generate_series(
        month_refusal.month, month_refusal.month + interval '1 month' - interval '1 day', interval '1 day'
      ) as day
      cross join lateral public.archive_fault(day::date, now() - interval '24 hours') as fault
      where fault is not null
      order by day
      limit 1
    )
  end
  from bounds;
$function$
;

ALTER FUNCTION "public"."month_refusal"(date) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.note_lake_verification(key text, sha256 text, fault text, as_of timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with noted as (
    update public.lake_objects as objects
    set
      verified_at = case when note_lake_verification.fault is null then as_of end,
      fault = note_lake_verification.fault
    where objects.key = note_lake_verification.key and objects.sha256 = note_lake_verification.sha256
    returning 1
  )
  select exists (select from noted);
$function$
;

ALTER FUNCTION "public"."note_lake_verification"(text, text, text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_lake_objects(since timestamp with time zone, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), as_of)
  from (
    select
      'lake_object' as kind,
      left(objects.key, 300) as subject, -- an alert's subject is no longer; Spool's own keys are much shorter
      objects.fault is not null as failing,
      'fail' as severity,
      format('Object %s of the lake is not as it was written: %s', objects.key, objects.fault) as summary,
      jsonb_build_object(
        'key', objects.key, 'kind', objects.kind, 'day', objects.day, 'bytes', objects.bytes,
        'sha256', objects.sha256, 'row_count', objects.row_count, 'written_at', objects.written_at,
        'fault', objects.fault
      ) as evidence
    from public.lake_objects as objects
    where objects.fault is not null or objects.verified_at >= since
    union all
    select 'lake_object', alerts.subject, false, null, null, null
    from public.alerts
    where alerts.kind = 'lake_object'
      and alerts.subject <> '*'
      and alerts.resolved_at is null
      and not exists (select from public.lake_objects as objects where left(objects.key, 300) = alerts.subject)
  ) as observation;
$function$
;

ALTER FUNCTION "public"."observe_lake_objects"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.openlineage_datasets(datasets jsonb, own text, producer text, at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'namespace', coalesce(bucket[1], case when folder is not null then 'file' end, dataset ->> 'namespace'),
        'name', concat(folder[1], case when bucket[2] <> '' or folder is not null then concat(bucket[2], '/') end, dataset ->> 'name'),
        'facets', public.openlineage_facets(
          case
            when known.fields is null then '{}'
            else jsonb_build_object('schema', jsonb_build_object('fields', known.fields))
          end || coalesce(dataset -> 'facets', '{}'),
          producer
        ),
        own, public.openlineage_facets(coalesce(dataset -> own, '{}'), producer)
      )
      order by place
    ),
    '[]'
  )
  from jsonb_array_elements(datasets) with ordinality as given (dataset, place)
  cross join lateral (
    select
      regexp_match(dataset ->> 'namespace', '^(s3://[^/]+)/*(.*?)/*$') as bucket,
      regexp_match(dataset ->> 'namespace', '^file://(/.*?)/*$') as folder
  ) as lake
  left join lateral (
    select (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'name', field -> 'name', 'type', field -> 'type', 'description', field -> 'description'
      )) order by position)
      from jsonb_array_elements(recorded.columns) with ordinality as listed (field, position)
    )
    from public.asset_schemas as recorded
    where dataset ->> 'namespace' = 'postgres' and recorded.asset = substr(dataset ->> 'name', length('public.') + 1)
    order by (recorded.recorded_at <= at) desc, abs(extract(epoch from recorded.recorded_at - at))
    limit 1
  ) as known (fields) on true;
$function$
;

ALTER FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.openlineage_event(origin text, origin_key text, event_time timestamp with time zone, event_type text, run_id uuid, job_name text, code_version text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE COST 10000
 SET search_path TO ''
AS $function$
  with details as (
    select stored.inputs, stored.outputs, stored.run_facets as facets
    from public.lineage_events as stored
    where origin = 'event' and stored.id = origin_key::bigint
    union all
    select
      jsonb_build_array(public.batch_input(batches.source, batches.reference)),
      case
        when event_type = 'START' then '[{"namespace": "postgres", "name": "public.sensor_data"}]'
        else jsonb_build_array(jsonb_build_object(
          'namespace', 'postgres', 'name', 'public.sensor_data',
          'outputFacets', jsonb_build_object('outputStatistics', jsonb_build_object('rowCount', batches.accepted))
        ))
        || case
          when batches.rejected = 0 or batches.source = 'replay' then '[]'
          else jsonb_build_array(jsonb_build_object(
            'namespace', 'postgres', 'name', 'public.dead_letters',
            'outputFacets', jsonb_build_object('outputStatistics', jsonb_build_object('rowCount', batches.rejected))
          ))
        end
      end,
      jsonb_build_object('spool_batch', jsonb_strip_nulls(jsonb_build_object(
        'source', batches.source,
        'reference', batches.reference,
        'received', batches.received,
        'accepted', batches.accepted,
        'duplicates', batches.duplicates,
        'rejected', batches.rejected
      )))
    from public.batches
    where origin = 'batch' and batches.id = origin_key::uuid
    union all
    select
      jsonb_build_array(jsonb_build_object('namespace', 'postgres', 'name', 'public.sensor_data') || case
        when event_type = 'START' then '{}'
        else jsonb_build_object('inputFacets', jsonb_build_object(
          'dataQualityAssertions', jsonb_build_object('assertions', public.check_assertions(runs.id))
        ))
      end),
      '[{"namespace": "postgres", "name": "public.data_quality_metrics"}]',
      jsonb_build_object(
        'nominalTime', jsonb_build_object('nominalStartTime', runs.window_start, 'nominalEndTime', runs.as_of)
      )
    from public.check_runs as runs
    where origin = 'check_run' and runs.id = origin_key::bigint
    union all
    select
      datasets.read_and_written -> 'inputs',
      datasets.read_and_written -> 'outputs',
      jsonb_build_object(
        'nominalTime', jsonb_build_object('nominalStartTime', pipeline_runs.logical_time)
      ) || case
        when event_type <> 'FAIL' then '{}'
        else jsonb_build_object('errorMessage', jsonb_build_object('message', task_runs.error, 'programmingLanguage', 'SQL'))
      end
    from public.task_runs
    join public.pipeline_runs on pipeline_runs.id = task_runs.run_id
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    cross join lateral (select public.task_datasets(tasks.handler)) as datasets (read_and_written)
    where origin = 'task_run' and task_runs.id = origin_key::bigint
  )
  select jsonb_build_object(
    'eventType', event_type,
    'eventTime', event_time,
    'run', jsonb_build_object(
      'runId', run_id,
      'facets', public.openlineage_facets(
        case
          when code_version is null then '{}'
          else jsonb_build_object('processing_engine', jsonb_build_object('name', 'Spool', 'version', code_version))
        end || details.facets,
        made.producer
      )
    ),
    'job', jsonb_build_object('namespace', 'spool', 'name', job_name),
    'inputs', public.openlineage_datasets(details.inputs, 'inputFacets', made.producer, event_time),
    'outputs', public.openlineage_datasets(details.outputs, 'outputFacets', made.producer, event_time),
    'producer', made.producer,
    'schemaURL', 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'
  )
  from details
  cross join (select 'urn:spool:' || coalesce(code_version, 'unknown')) as made (producer);
$function$
;

ALTER FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.openlineage_facets(facets jsonb, producer text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(
    jsonb_object_agg(
      facet.name,
      jsonb_build_object(
        '_producer', producer,
        '_schemaURL', 'https://openlineage.io/spec/' || coalesce(known.schema, '2-0-2/OpenLineage.json#/$defs/BaseFacet')
      ) || facet.content
    ),
    '{}'
  )
  from jsonb_each(facets) as facet (name, content)
  left join (
    values
      ('dataQualityAssertions', 'facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet'),
      ('errorMessage', 'facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet'),
      ('nominalTime', 'facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet'),
      ('outputStatistics', 'facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet'),
      ('parent', 'facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet'),
      ('processing_engine', 'facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet'),
      ('schema', 'facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet')
  ) as known (name, schema) using (name)
  where jsonb_typeof(facet.content) = 'object';
$function$
;

ALTER FUNCTION "public"."openlineage_facets"(jsonb, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prunable_assets()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select array[
    'alerts', 'anomalies', 'audit_log', 'data_quality_metrics', 'check_runs', 'dead_letters', 'delivery_receipts',
    'engine_health_reports', 'lineage_events', 'lineage_forwards', 'pipeline_runs', 'retraining_decisions', 'rul_predictions'
  ];
$function$
;

ALTER FUNCTION "public"."prunable_assets"() OWNER TO "postgres";

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
        select old.ctid from public.anomalies as old where old.detected_at < before limit most for update skip locked
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

ALTER FUNCTION "public"."prune_asset"(text, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prune_history(as_of timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  job constant text := 'spool-retention';
  started_at constant timestamptz := clock_timestamp();
  asset record;
  deleted bigint;
  unstored bigint;
  said text[] := '{}';
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is pruning the history';
  end if;
  perform set_config('spool.actor', job, true);

  for asset in
    select prunable.name, kept.retention_days, as_of - make_interval(days => kept.retention_days) as before
    from unnest(public.prunable_assets()) with ordinality as prunable (name, place)
    join public.data_assets as kept on kept.name = prunable.name and kept.retention_days is not null
    order by prunable.place
  loop
    select count(*) into unstored
    from public.dead_letters
    where asset.name = 'dead_letters' and replayed_at is null and first_seen_at < asset.before;
    deleted := public.prune_asset(asset.name, asset.before);
    continue when deleted = 0;
    -- readings that were never stored have gone with them, which must not be overlooked
    select unstored - count(*) into unstored
    from public.dead_letters
    where asset.name = 'dead_letters' and replayed_at is null and first_seen_at < asset.before;

    perform public.record_audit(
      'retention.delete',
      asset.name,
      jsonb_strip_nulls(jsonb_build_object(
        'rows', deleted,
        'never_stored', nullif(unstored, 0),
        'before', asset.before,
        'retention_days', asset.retention_days
      ))
    );
    said := said || (
      format('%s of %s', deleted, asset.name)
      || case when unstored > 0 then format(' (%s of them never stored)', unstored) else '' end
    );
  end loop;

  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as details
    where coalesce(details.end_time, details.start_time) < (
      select as_of - make_interval(days => retention_days) from public.data_assets where name = 'pipeline_runs'
    );
    get diagnostics deleted = row_count;
    said := said || case when deleted > 0 then format('%s runs of jobs', deleted) end;
  end if;
  perform public.prune_rollups(as_of);

  result := coalesce('deleted: ' || nullif(array_to_string(said, ', '), ''), 'nothing was old enough');
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.raise_day_versions(engine_ids uuid[], ranges tstzrange[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  changed_days date[];
begin
  select array_agg(distinct day::date)
  into changed_days
  from (
    select tstzrange(
      month.begins at time zone 'UTC', (month.begins + interval '1 month') at time zone 'UTC'
    ) as month
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as part on part.oid = pg_inherits.inhrelid
    cross join lateral (select to_date(right(part.relname, 7), 'YYYY_MM')::timestamp as begins) as month
    where pg_inherits.inhparent = 'public.sensor_data'::regclass
  ) as present
  cross join (select range_agg(range) as times from unnest(ranges) as range) as changed
  cross join unnest(changed.times * tstzmultirange(present.month)) as piece
  cross join generate_series(
    date_trunc('day', lower(piece) at time zone 'UTC'),
    upper(piece) at time zone 'UTC' - interval '1 microsecond',
    interval '1 day'
  ) as day;

  update public.sensor_data_days
  set version = sensor_data_days.version + 1, changed_at = now()
  where sensor_data_days.day = any (changed_days);

  insert into public.sensor_data_days (day, version)
  select
    unknown.day,
    -- a day that was emptied and forgotten: its object must not be taken for this version
    1 + coalesce((
      select max(lake_objects.day_version)
      from public.lake_objects
      where lake_objects.kind = 'sensor_data' and lake_objects.day = unknown.day
    ), 0)
  from (
    select day from unnest(changed_days) as day
    where not exists (select from public.sensor_data_days where sensor_data_days.day = day.day)
  ) as unknown
  where exists (
    select
    from unnest(engine_ids) as changed_engine (id)
    cross join lateral (
      select
      from public.sensor_data
      where sensor_data.engine_id = changed_engine.id
        and sensor_data."timestamp" >= unknown.day::timestamp at time zone 'UTC'
        and sensor_data."timestamp" < (unknown.day + 1)::timestamp at time zone 'UTC'
      limit 1
    ) as reading
  );
end;
$function$
;

ALTER FUNCTION "public"."raise_day_versions"(uuid[], tstzrange[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.reading_lineage(unit_number text, cycle integer, at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(reading_timestamp timestamp with time zone, in_postgres boolean, batch_id uuid, source text, reference text, input jsonb, code_version text, received_at timestamp with time zone, lake_key text, in_lake_object boolean, check_runs jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with stored as (
    select readings."timestamp", readings.batch_id
    from public.engines
    join public.sensor_data as readings on readings.engine_id = engines.id
    where engines.unit_number = reading_lineage.unit_number
      and readings.cycle = reading_lineage.cycle
      and (reading_lineage.at is null or readings."timestamp" = reading_lineage.at)
  ),
  asked as (
    select stored."timestamp", true as in_postgres, stored.batch_id from stored
    union all
    select reading_lineage.at, false, null
    where reading_lineage.at is not null and not exists (select from stored)
      and exists (select from public.engines where engines.unit_number = reading_lineage.unit_number)
  )
  select
    asked."timestamp",
    asked.in_postgres,
    asked.batch_id,
    batches.source,
    batches.reference,
    case when batches.id is not null then public.batch_input(batches.source, batches.reference) end,
    batches.code_version,
    batches.received_at,
    object.key,
    case when asked.batch_id is not null and object.key is not null then exists (
      select from public.lake_object_batches as held where held.key = object.key and held.batch_id = asked.batch_id
    ) end,
    (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', runs.id, 'as_of', runs.as_of, 'window_start', runs.window_start, 'finished_at', runs.finished_at,
            'failed', runs.failed, 'warned', runs.warned, 'passed', runs.passed
          )
          order by runs.as_of desc
        ),
        '[]'
      )
      from (
        select *
        from public.check_runs as over_it
        where over_it.window_start <= asked."timestamp" and over_it.as_of >= asked."timestamp"
          -- a run that was over before the reading was stored has not seen it
          and over_it.finished_at >= batches.received_at
        order by over_it.as_of desc
        limit 100
      ) as runs
    )
  from asked
  left join public.batches on batches.id = asked.batch_id
  left join public.lake_objects as object
    on object.kind = 'sensor_data' and object.day = (asked."timestamp" at time zone 'UTC')::date
  where asked.in_postgres or object.key is not null
  order by asked."timestamp";
$function$
;

ALTER FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_asset_schema()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  insert into public.asset_schemas (asset, version, columns)
  select new.name, new.schema_version, live.columns
  from public.asset_columns(new.name) as live (columns)
  where live.columns is not null
  on conflict do nothing;
  return new;
end;
$function$
;

ALTER FUNCTION "public"."record_asset_schema"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_audit(action text, target text, details jsonb DEFAULT '{}'::jsonb)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  insert into public.audit_log (actor, action, target, details)
  values (public.audit_actor(), record_audit.action, record_audit.target, coalesce(record_audit.details, '{}'));
$function$
;

ALTER FUNCTION "public"."record_audit"(text, text, jsonb) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_expectation_version()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'DELETE' then
    insert into public.expectation_versions (
      expectation_id, version, operation, before, after, changed_at, changed_by
    )
    values (
      old.id, old.version + 1, 'delete', to_jsonb(old), null, now(), public.audit_actor()
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

CREATE OR REPLACE FUNCTION public.record_lake_object(key text, kind text, bytes bigint, sha256 text, day date DEFAULT NULL::date, day_version bigint DEFAULT NULL::bigint, row_count bigint DEFAULT NULL::bigint, row_digest text DEFAULT NULL::text, batches jsonb DEFAULT '[]'::jsonb, written_by uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  insert into public.lake_objects (
    key, kind, day, day_version, row_count, row_digest, bytes, sha256, written_at, written_by
  )
  values (
    record_lake_object.key, record_lake_object.kind, record_lake_object.day, record_lake_object.day_version,
    record_lake_object.row_count, record_lake_object.row_digest, record_lake_object.bytes, record_lake_object.sha256,
    as_of, record_lake_object.written_by
  )
  on conflict on constraint lake_objects_pkey do update
  set
    kind = excluded.kind,
    day = excluded.day,
    day_version = excluded.day_version,
    row_count = excluded.row_count,
    row_digest = excluded.row_digest,
    bytes = excluded.bytes,
    sha256 = excluded.sha256,
    written_at = excluded.written_at,
    written_by = excluded.written_by,
    verified_at = null,
    fault = null;

  delete from public.lake_object_batches as listed
  where listed.key = record_lake_object.key;

  insert into public.lake_object_batches (key, batch_id, row_count)
  select record_lake_object.key, batch.batch_id, batch.row_count
  from jsonb_to_recordset(batches) as batch (batch_id uuid, row_count bigint);
$function$
;

ALTER FUNCTION "public"."record_lake_object"(text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.refuse_month(month date, reason text)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  insert into public.retired_months as known (month, refused_since, refusal)
  values (refuse_month.month, now(), reason)
  on conflict on constraint retired_months_pkey do update
  set
    refused_since = coalesce(known.refused_since, now()),
    refusal = excluded.refusal,
    -- it has been dropped once, and has a partition again
    dropped_at = null,
    readings = null;
$function$
;

ALTER FUNCTION "public"."refuse_month"(date, text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.require_retention_acts()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.retention_days is null or new.kind = 'lake' or new.name = any (public.prunable_assets()) then
    return new;
  end if;
  if new.name <> 'sensor_data' then
    raise exception 'Cannot set retention_days of % as it must be an asset that something deletes from: current value is %',
      new.name, new.retention_days
      using errcode = '23514',
        hint = format('These are sensor_data and %s; what depends on them goes with them.', array_to_string(public.prunable_assets(), ', '));
  end if;
  -- the checks compare a day with the week before it, and drift looks at an engine's latest hundred readings
  if new.retention_days < 31 then
    raise exception 'Cannot set retention_days of sensor_data as it must be at least 31: current value is %', new.retention_days
      using errcode = '23514';
  end if;
  return new;
end;
$function$
;

ALTER FUNCTION "public"."require_retention_acts"() OWNER TO "postgres";

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
  perform public.record_audit(
    'run.rerun',
    rerun_task.run_id::text,
    jsonb_build_object(
      'pipeline', current.pipeline, 'logical_time', current.logical_time, 'task', rerun_task.task, 'state', current.state
    )
  );
end;
$function$
;

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
  perform public.record_audit(
    'alert.resolve',
    alert_id::text,
    jsonb_build_object('kind', alert.kind, 'subject', alert.subject, 'resolved_by', resolved_by)
  );
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$function$
;

CREATE OR REPLACE FUNCTION public.retire_months(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
 SET lock_timeout TO '2s'
AS $function$
declare
  due record;
  others integer;
  closed timestamptz;
  reason text;
  gone bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.retire_months')) then
    return '{"waits": "another session is retiring months"}';
  end if;
  perform set_config('spool.actor', 'retention', true);
  select count(*) - 1 into others from public.due_months(as_of);
  select * into due from public.due_months(as_of) limit 1;
  if not found then
    return '{"due": 0}';
  end if;
  select known.closed_at into closed from public.retired_months as known where known.month = due.month;
  if closed is null then
    return jsonb_build_object('waits', format('%s is not closed yet', due.month), 'due', others + 1);
  elsif closed > now() - interval '1 hour' then
    -- who has read the settings before may still be storing readings of it
    return jsonb_build_object('waits', format('%s was closed less than an hour ago', due.month), 'due', others + 1);
  elsif not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return jsonb_build_object('waits', 'another session is running the checks', 'due', others + 1);
  end if;

  begin
    execute format('lock table %s in share mode', due.partition);
    reason := public.month_refusal(due.month);
    if reason is null then
      select compared.difference, compared.readings into reason, gone from public.unarchived_day(due.month) as compared;
    end if;
    if reason is null then
      delete from public.reading_rollups where hour >= due.begins and hour < due.ends;
      update public.sensor_data_days set retired_at = now() where day >= due.month and day < due.month + interval '1 month';
      insert into public.retired_months as known (month, closed_at, dropped_at, readings)
      values (due.month, closed, now(), gone)
      on conflict on constraint retired_months_pkey do update
      set dropped_at = now(), readings = gone, refused_since = null, refusal = null;
      perform public.record_audit(
        'retention.drop',
        due.partition::text,
        jsonb_build_object(
          'month', due.month,
          'readings', gone,
          'objects', (
            select coalesce(jsonb_agg(
              jsonb_build_object('key', key, 'sha256', sha256, 'rows', row_count, 'verified_at', verified_at) order by day
            ), '[]')
            from public.lake_objects
            where kind = 'sensor_data' and day >= due.month and day < due.month + interval '1 month'
          )
        )
      );
      -- last, and in the order in which the intake and a new month take them. DROP detaches by itself; to detach first
      -- would make foreign keys of the table that is about to go.
      perform pg_advisory_xact_lock(hashtext('public.sensor_data partitions'));
      lock table public.engines, public.sensor_data in access exclusive mode;
      execute format('drop table %s', due.partition);
    end if;
  exception when lock_not_available or deadlock_detected then
    reason := 'other sessions use it: ' || sqlerrm;
  end;

  if reason is not null then
    perform public.refuse_month(due.month, reason);
    return jsonb_build_object('refused', jsonb_build_object(due.month::text, reason), 'due', others + 1);
  end if;
  return jsonb_build_object('dropped', due.month, 'readings', gone, 'due', others);
end;
$function$
;

ALTER FUNCTION "public"."retire_months"(timestamp with time zone) OWNER TO "postgres";

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

  perform public.raise_day_versions(engine_ids, ranges);
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
  seen public.engine_window[];
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
  -- readings that have left Postgres would be taken for readings that never came
  if exists (
    select from public.retired_months
    where dropped_at is not null and window_start < (month + interval '1 month') at time zone 'UTC'
  ) then
    raise exception 'Cannot run the checks as their window must begin after the months that have left Postgres: current value is %',
      window_start
      using errcode = '22023', hint = 'retired_months lists them; their readings are in the lake.';
  end if;
  perform pg_advisory_xact_lock(hashtext('public.run_checks'));

  insert into public.check_runs (window_start, as_of, code_version)
  values (window_start, as_of, public.spool_version())
  on conflict on constraint check_runs_as_of_window_start_key
  do update set
    started_at = clock_timestamp(),
    finished_at = null,
    code_version = excluded.code_version,
    lineage_run_id = excluded.lineage_run_id -- another run, although it takes the place of the first
  returning id into run;
  delete from public.data_quality_metrics where run_id = run;

  begun := clock_timestamp();
  perform public.roll_up_readings();
  perform public.learn_wear_signatures();
  took := took || jsonb_build_object('roll_up', public.milliseconds_since(begun));

  begun := clock_timestamp();
  begin
    seen := array(select measured from public.engine_windows(window_start, as_of) as measured);
  exception when others then
    if public.is_transient_sqlstate(sqlstate) then
      raise;
    end if;
    -- the checks that need it fail by themselves, and say why
  end;
  took := took || jsonb_build_object('measure', public.milliseconds_since(begun));

  foreach name in array array[
    'schema', 'rejected', 'freshness', 'volume', 'completeness', 'cycles', 'duplicates', 'clock', 'types', 'nulls',
    'conditions', 'range', 'stuck', 'drift', 'fleet_drift'
  ] loop
    begun := clock_timestamp();
    results := results || array(select result from public.run_check(name, check_window, as_of, seen) as result);
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

CREATE OR REPLACE FUNCTION public.sensor_data_digest(day date)
 RETURNS TABLE(row_count bigint, digest text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
begin
  return query
  select
    count(*),
    format(
      '%s %s', coalesce(sum(public.hash_reading(reading, 0)), 0), coalesce(sum(public.hash_reading(reading, 1)), 0)
    )
  from public.sensor_data as reading
  -- each reading has its engine: this opens a way along the primary key, which begins with it
  join public.engines on engines.id = reading.engine_id
  where reading."timestamp" >= sensor_data_digest.day::timestamp at time zone 'UTC'
    and reading."timestamp" < (sensor_data_digest.day + 1)::timestamp at time zone 'UTC';
end;
$function$
;

ALTER FUNCTION "public"."sensor_data_digest"(date) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.settle_forwarding(as_of timestamp with time zone DEFAULT now())
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  settled timestamptz;
begin
  select least(
    as_of - interval '1 hour',
    min(activity.xact_start),
    -- what waits for another try is still to come
    (select min(forwards.event_time) from public.lineage_forwards as forwards where forwards.state = 'retrying')
  )
  into settled
  from pg_catalog.pg_stat_activity as activity
  where activity.datname = current_database();

  if exists (
    select from public.lineage_to_forward(1, as_of) as next where next.event_time < settled
  ) then
    return (select forwarding.settled_until from public.lineage_forwarding as forwarding);
  end if;
  update public.lineage_forwarding as forwarding
  set settled_until = greatest(forwarding.settled_until, settled)
  where forwarding.since is not null
  returning forwarding.settled_until into settled;
  delete from public.lineage_forwards as forwards
  where forwards.state = 'sent' and forwards.event_time < settled;
  return settled;
end;
$function$
;

ALTER FUNCTION "public"."settle_forwarding"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.spool_version()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select '0.4.0';
$function$
;

ALTER FUNCTION "public"."spool_version"() OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.stamp_expectation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
  new.updated_by := public.audit_actor();
  return new;
end;
$function$
;

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
  perform public.record_audit(
    'pipeline.start', start_pipeline_run.pipeline, jsonb_build_object('run_id', made, 'logical_time', wanted)
  );
  return made;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.task_close_months(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.close_months(as_of);
$function$
;

ALTER FUNCTION "public"."task_close_months"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_datasets(handler text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with made as (
    select name, sources from public.data_assets where handler || '()' = any (transforms) and kind = 'table'
  )
  select jsonb_build_object(
    'inputs', (
      select coalesce(jsonb_agg(jsonb_build_object('namespace', 'postgres', 'name', 'public.' || name) order by name), '[]')
      from public.data_assets
      where kind <> 'lake' and name in (select unnest(made.sources) from made)
    ),
    'outputs', jsonb_agg(jsonb_build_object('namespace', 'postgres', 'name', 'public.' || made.name) order by made.name)
  )
  from made
  having count(*) > 0;
$function$
;

ALTER FUNCTION "public"."task_datasets"(text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_lineage(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  aborted constant integer := public.abort_lost_runs(as_of);
  written record;
begin
  delete from public.data_quality_metrics as earlier
  where earlier.metric_name = 'lineage_coverage' and earlier.check_timestamp = as_of;
  insert into public.data_quality_metrics (
    table_name, metric_name, metric_value, threshold_min, status, rows_checked, evidence, check_timestamp
  )
  select
    'sensor_data',
    'lineage_coverage',
    min(covered.share),
    1,
    case when min(covered.share) is null then 'not_evaluated' when min(covered.share) < 1 then 'fail' else 'pass' end,
    sum(covered.total),
    jsonb_build_object(
      'window_start', as_of - interval '24 hours',
      'window_end', as_of,
      'subjects', jsonb_object_agg(
        covered.subject,
        jsonb_build_object('total', covered.total, 'traced', covered.traced, 'untraced', covered.untraced)
      )
    ) || case
      when min(covered.share) is null then '{"reason": "nothing was stored, checked or written"}'::jsonb else '{}'
    end,
    as_of
  from (
    select *, traced::double precision / nullif(total, 0) as share
    from public.lineage_coverage(interval '24 hours', as_of)
  ) as covered
  returning metric_value, status into written;
  return jsonb_build_object('coverage', written.metric_value, 'status', written.status, 'aborted', aborted);
end;
$function$
;

ALTER FUNCTION "public"."task_lineage"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.task_retention(as_of timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.retire_months(as_of);
$function$
;

ALTER FUNCTION "public"."task_retention"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.unarchived_day(month date, OUT difference text, OUT readings bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  compared record;
begin
  readings := 0;
  for compared in
    select day::date as day, held.row_count, held.digest, object.row_count as archived_count, object.row_digest
    from generate_series(
      unarchived_day.month, unarchived_day.month + interval '1 month' - interval '1 day', interval '1 day'
    ) as day
    cross join lateral public.sensor_data_digest(day::date) as held
    left join lateral (
      select lake_objects.row_count, lake_objects.row_digest
      from public.lake_objects
      where lake_objects.kind = 'sensor_data' and lake_objects.day = day.day::date
      order by lake_objects.day_version desc
      limit 1
    ) as object on true
    where held.row_count > 0
    order by day.day
  loop
    if compared.archived_count is null then
      difference := format('%s holds %s readings and is not in the lake', compared.day, compared.row_count);
    elsif compared.archived_count <> compared.row_count then
      difference := format(
        '%s holds %s readings, and %s in the lake', compared.day, compared.row_count, compared.archived_count
      );
    elsif compared.row_digest <> compared.digest then
      difference := format('%s holds other values than it does in the lake', compared.day);
    end if;
    exit when difference is not null;
    readings := readings + compared.row_count;
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."unarchived_day"(date) OWNER TO "postgres";

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
  ) or exists (
    select from public.lineage_to_forward(1, as_of)
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
    union all
    select
      'retention',
      'sensor_data',
      coalesce(min(months.refused_since) < as_of - interval '3 days', false),
      'warning',
      format(
        'Readings of %s are kept longer than data_assets.retention_days says: %s',
        to_char(min(months.month), 'YYYY-MM'), (array_agg(months.refusal order by months.month))[1]
      ),
      jsonb_build_object('months', count(*), 'refused_since', min(months.refused_since))
    from public.retired_months as months
    where months.refusal is not null
    union all
    -- whatever the reason: the pipeline is switched off, the worker is away, a day is too large for it
    select
      'lake',
      'archive',
      late.days > 0,
      'warning',
      format('%s days are not in the lake as they are now, two days after their end; the first is %s', late.days, late.first),
      jsonb_build_object('days', late.days, 'first', late.first)
    from (
      select count(*) as days, min(day) as first from public.days_to_archive(as_of, days_late => 2)
    ) as late
    -- nobody who has no lake wants to hear of it
    where exists (select from public.lake_objects where kind = 'sensor_data')
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

ALTER TABLE "public"."batches" ADD CONSTRAINT "batches_code_version_check" CHECK ((code_version <> ''::text));

ALTER TABLE "public"."check_runs" ADD CONSTRAINT "check_runs_code_version_check" CHECK ((code_version <> ''::text));

ALTER TABLE "public"."check_runs" ADD CONSTRAINT "check_runs_lineage_run_id_key" UNIQUE (lineage_run_id);

ALTER TABLE "public"."asset_schemas" ADD CONSTRAINT "asset_schemas_asset_fkey" FOREIGN KEY (asset) REFERENCES public.data_assets(name) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."lake_object_batches" ADD CONSTRAINT "lake_object_batches_key_fkey" FOREIGN KEY (key) REFERENCES public.lake_objects(key) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE "public"."task_runs" ADD CONSTRAINT "task_runs_lineage_run_id_key" UNIQUE (lineage_run_id);

CREATE VIEW "public"."asset_schema_changes" WITH (security_invoker=true) AS  WITH recorded AS (
         SELECT assets.name AS asset,
            assets.schema_version AS version,
            (listed.value ->> 'name'::text) AS column_name,
            (listed.value ->> 'type'::text) AS data_type,
            ((listed.value -> 'nullable'::text))::boolean AS is_nullable
           FROM ((public.data_assets assets
             JOIN public.asset_schemas schemas ON (((schemas.asset = assets.name) AND (schemas.version = assets.schema_version))))
             CROSS JOIN LATERAL jsonb_array_elements(schemas.columns) listed(value))
        ), live AS (
         SELECT assets.name AS asset,
            assets.schema_version AS version,
            (listed.value ->> 'name'::text) AS column_name,
            (listed.value ->> 'type'::text) AS data_type,
            ((listed.value -> 'nullable'::text))::boolean AS is_nullable
           FROM (public.data_assets assets
             CROSS JOIN LATERAL jsonb_array_elements(public.asset_columns(assets.name)) listed(value))
          WHERE (assets.kind <> 'lake'::text)
        )
 SELECT asset,
    version,
    column_name,
        CASE
            WHEN (recorded.data_type IS NULL) THEN 'added'::text
            WHEN (live.data_type IS NULL) THEN 'removed'::text
            WHEN (recorded.data_type <> live.data_type) THEN 'type changed'::text
            ELSE 'nullability changed'::text
        END AS change,
    (recorded.data_type ||
        CASE
            WHEN recorded.is_nullable THEN ''::text
            ELSE ' not null'::text
        END) AS recorded,
    (live.data_type ||
        CASE
            WHEN live.is_nullable THEN ''::text
            ELSE ' not null'::text
        END) AS live
   FROM (recorded
     FULL JOIN live USING (asset, version, column_name))
  WHERE (((recorded.data_type IS DISTINCT FROM live.data_type) OR (recorded.is_nullable IS DISTINCT FROM live.is_nullable)) AND ( SELECT public.may_read('asset_schema_changes'::text) AS may_read));;

ALTER VIEW "public"."asset_schema_changes" OWNER TO "postgres";

CREATE VIEW "public"."catalog_assets" WITH (security_invoker=true) AS  SELECT assets.name,
    assets.kind,
    assets.description,
    assets.owner,
    assets.classification,
    assets.quality_level,
    assets.schema_version,
    assets.retention_days,
    assets.tags,
    assets.sources,
    assets.transforms,
    assets.consumers,
    assets.updated_at,
    ARRAY( SELECT made.name
           FROM public.data_assets made
          WHERE (assets.name = ANY (made.sources))
          ORDER BY made.name) AS downstream,
        CASE
            WHEN (assets.kind <> 'lake'::text) THEN public.asset_columns(assets.name)
            ELSE NULL::jsonb
        END AS columns,
    measured.approximate_rows,
    lake.objects,
    lake.bytes,
        CASE assets.name
            WHEN 'sensor_data'::text THEN ( SELECT max(batches.received_at) AS max
               FROM public.batches)
            WHEN 'batches'::text THEN ( SELECT max(batches.received_at) AS max
               FROM public.batches)
            WHEN 'check_runs'::text THEN ( SELECT max(runs.finished_at) AS max
               FROM public.check_runs runs)
            WHEN 'data_quality_metrics'::text THEN ( SELECT max(runs.finished_at) AS max
               FROM public.check_runs runs)
            WHEN 'lake_objects'::text THEN ( SELECT max(objects.written_at) AS max
               FROM public.lake_objects objects)
            WHEN 'lineage_events'::text THEN ( SELECT max(events.event_time) AS max
               FROM public.lineage_events events)
            ELSE lake.last_change
        END AS last_change
   FROM ((public.data_assets assets
     LEFT JOIN LATERAL ( SELECT (sum(leaf.reltuples) FILTER (WHERE (leaf.reltuples >= (0)::double precision)))::bigint AS approximate_rows
           FROM ((pg_class relation
             LEFT JOIN LATERAL pg_partition_tree((relation.oid)::regclass) part(relid, parentrelid, isleaf, level) ON (part.isleaf))
             JOIN pg_class leaf ON ((leaf.oid = (
                CASE relation.relkind
                    WHEN 'r'::"char" THEN (relation.oid)::regclass
                    ELSE part.relid
                END)::oid)))
          WHERE ((assets.kind = 'table'::text) AND (relation.relnamespace = ('public'::regnamespace)::oid) AND (relation.relname = assets.name) AND (relation.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])))) measured ON (true))
     LEFT JOIN LATERAL ( SELECT count(*) AS objects,
            (COALESCE(sum(objects.bytes), (0)::numeric))::bigint AS bytes,
            max(objects.written_at) AS last_change
           FROM public.lake_objects objects
          WHERE ((assets.kind = 'lake'::text) AND starts_with(objects.key, assets.name))
         HAVING (assets.kind = 'lake'::text)) lake ON (true))
  WHERE ( SELECT public.may_read('catalog_assets'::text) AS may_read);;

CREATE OR REPLACE FUNCTION public.find_assets(kind text DEFAULT NULL::text, tag text DEFAULT NULL::text, classification text DEFAULT NULL::text, owner text DEFAULT NULL::text, q text DEFAULT NULL::text)
 RETURNS SETOF public.catalog_assets
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select *
  from public.catalog_assets as assets
  where (find_assets.kind is null or assets.kind = find_assets.kind)
    and (find_assets.tag is null or find_assets.tag = any (assets.tags))
    and (find_assets.classification is null or assets.classification = find_assets.classification)
    and (find_assets.owner is null or assets.owner = find_assets.owner)
    and not exists (
      select from regexp_split_to_table(lower(trim(find_assets.q)), '\s+') as word
      where strpos(lower(concat_ws(' ', assets.name, assets.description, array_to_string(assets.tags, ' '))), word) = 0
    )
  order by assets.name collate "C";
$function$
;

ALTER FUNCTION "public"."find_assets"(text, text, text, text, text) OWNER TO "postgres";

ALTER VIEW "public"."catalog_assets" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."classified_readings" WITH (security_invoker=true) AS  SELECT reading.engine_id,
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
     LEFT JOIN public.operating_conditions ON (((reading.altitude >= operating_conditions.altitude_min) AND (reading.altitude <= operating_conditions.altitude_max) AND (reading.mach_number >= operating_conditions.mach_number_min) AND (reading.mach_number <= operating_conditions.mach_number_max) AND (reading.tra >= operating_conditions.tra_min) AND (reading.tra <= operating_conditions.tra_max))))
  WHERE ( SELECT public.may_read('classified_readings'::text) AS may_read);;

ALTER VIEW "public"."classified_readings" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."effective_expectations" WITH (security_invoker=true) AS  WITH datasets AS (
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
  WHERE (active AND ( SELECT public.may_read('effective_expectations'::text) AS may_read));;

ALTER VIEW "public"."effective_expectations" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."engine_cadences" WITH (security_invoker=true) AS  WITH learned AS (
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
     JOIN fleet ON ((fleet.fleet = learned.fleet)))
  WHERE ( SELECT public.may_read('engine_cadences'::text) AS may_read);;

ALTER VIEW "public"."engine_cadences" OWNER TO "postgres";

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
     LEFT JOIN sensors ON ((sensors.engine_id = engines.id)))
  WHERE ( SELECT public.may_read('engine_health'::text) AS may_read);;

ALTER VIEW "public"."engine_health" OWNER TO "postgres";

CREATE VIEW "public"."lineage" WITH (security_invoker=true) AS  SELECT ((run_id ||
        CASE event_type
            WHEN 'START'::text THEN '.1'::text
            WHEN 'COMPLETE'::text THEN '.3'::text
            WHEN 'ABORT'::text THEN '.3'::text
            WHEN 'FAIL'::text THEN '.3'::text
            ELSE '.2'::text
        END) || event_type) AS event_id,
    event_time,
    event_type,
    run_id,
    job_name,
    code_version,
    inputs,
    outputs,
    public.openlineage_event(origin, origin_key, event_time, event_type, run_id, job_name, code_version) AS event
   FROM ( SELECT stored.event_time,
            stored.event_type,
            stored.run_id,
            stored.job_name,
            stored.code_version,
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements(stored.inputs) dataset(value)) AS inputs,
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements(stored.outputs) dataset(value)) AS outputs,
            'event'::text AS origin,
            (stored.id)::text AS origin_key
           FROM public.lineage_events stored
        UNION ALL
         SELECT batches.received_at,
            'START'::text AS text,
            batches.id,
                CASE batches.source
                    WHEN 'load'::text THEN 'load.batch'::text
                    ELSE batches.source
                END AS source,
            batches.code_version,
            ARRAY[
                CASE batches.source
                    WHEN 'load'::text THEN COALESCE("substring"(batches.reference, '^(.+) lines \d+-\d+$'::text), '/load'::text)
                    WHEN 'kinesis'::text THEN COALESCE("substring"(batches.reference, '^arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*:(\S+)'::text), '/kinesis'::text)
                    WHEN 'replay'::text THEN 'public.dead_letters'::text
                    ELSE ('/'::text || batches.source)
                END] AS "array",
            ARRAY['public.sensor_data'::text] AS "array",
            'batch'::text AS text,
            (batches.id)::text AS id
           FROM public.batches
        UNION ALL
         SELECT batches.received_at,
            'COMPLETE'::text AS text,
            batches.id,
                CASE batches.source
                    WHEN 'load'::text THEN 'load.batch'::text
                    ELSE batches.source
                END AS source,
            batches.code_version,
            ARRAY[
                CASE batches.source
                    WHEN 'load'::text THEN COALESCE("substring"(batches.reference, '^(.+) lines \d+-\d+$'::text), '/load'::text)
                    WHEN 'kinesis'::text THEN COALESCE("substring"(batches.reference, '^arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*:(\S+)'::text), '/kinesis'::text)
                    WHEN 'replay'::text THEN 'public.dead_letters'::text
                    ELSE ('/'::text || batches.source)
                END] AS "array",
                CASE
                    WHEN ((batches.rejected = 0) OR (batches.source = 'replay'::text)) THEN ARRAY['public.sensor_data'::text]
                    ELSE ARRAY['public.sensor_data'::text, 'public.dead_letters'::text]
                END AS "array",
            'batch'::text AS text,
            (batches.id)::text AS id
           FROM public.batches
        UNION ALL
         SELECT check_runs.started_at,
            'START'::text AS text,
            check_runs.lineage_run_id,
            'run_checks'::text AS text,
            check_runs.code_version,
            ARRAY['public.sensor_data'::text] AS "array",
            ARRAY['public.data_quality_metrics'::text] AS "array",
            'check_run'::text AS text,
            (check_runs.id)::text AS id
           FROM public.check_runs
        UNION ALL
         SELECT check_runs.finished_at,
            'COMPLETE'::text AS text,
            check_runs.lineage_run_id,
            'run_checks'::text AS text,
            check_runs.code_version,
            ARRAY['public.sensor_data'::text] AS "array",
            ARRAY['public.data_quality_metrics'::text] AS "array",
            'check_run'::text AS text,
            (check_runs.id)::text AS id
           FROM public.check_runs
          WHERE (check_runs.finished_at IS NOT NULL)
        UNION ALL
         SELECT task_runs.started_at,
            'START'::text AS text,
            task_runs.lineage_run_id,
            ((task_runs.pipeline || '.'::text) || task_runs.task),
            NULL::text AS text,
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements((sql_tasks.datasets -> 'inputs'::text)) dataset(value)) AS "array",
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements((sql_tasks.datasets -> 'outputs'::text)) dataset(value)) AS "array",
            'task_run'::text AS text,
            (task_runs.id)::text AS id
           FROM (public.task_runs
             JOIN ( SELECT pipeline_tasks.pipeline,
                    pipeline_tasks.name,
                    public.task_datasets(pipeline_tasks.handler) AS datasets
                   FROM public.pipeline_tasks
                  WHERE (pipeline_tasks.kind = 'sql'::text)
                 OFFSET 0) sql_tasks ON (((sql_tasks.pipeline = task_runs.pipeline) AND (sql_tasks.name = task_runs.task))))
          WHERE ((task_runs.started_at IS NOT NULL) AND (sql_tasks.datasets IS NOT NULL))
        UNION ALL
         SELECT task_runs.finished_at,
                CASE task_runs.state
                    WHEN 'succeeded'::text THEN 'COMPLETE'::text
                    WHEN 'failed'::text THEN 'FAIL'::text
                    ELSE 'ABORT'::text
                END AS "case",
            task_runs.lineage_run_id,
            ((task_runs.pipeline || '.'::text) || task_runs.task),
            NULL::text AS text,
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements((sql_tasks.datasets -> 'inputs'::text)) dataset(value)) AS "array",
            ARRAY( SELECT (dataset.value ->> 'name'::text)
                   FROM jsonb_array_elements((sql_tasks.datasets -> 'outputs'::text)) dataset(value)) AS "array",
            'task_run'::text AS text,
            (task_runs.id)::text AS id
           FROM (public.task_runs
             JOIN ( SELECT pipeline_tasks.pipeline,
                    pipeline_tasks.name,
                    public.task_datasets(pipeline_tasks.handler) AS datasets
                   FROM public.pipeline_tasks
                  WHERE (pipeline_tasks.kind = 'sql'::text)
                 OFFSET 0) sql_tasks ON (((sql_tasks.pipeline = task_runs.pipeline) AND (sql_tasks.name = task_runs.task))))
          WHERE ((task_runs.started_at IS NOT NULL) AND (task_runs.finished_at IS NOT NULL) AND (sql_tasks.datasets IS NOT NULL))) traced
  WHERE ( SELECT public.may_read('lineage'::text) AS may_read);;

ALTER VIEW "public"."lineage" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."open_alerts" WITH (security_invoker=true) AS  SELECT alerts.id,
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
  WHERE ((alerts.resolved_at IS NULL) AND ( SELECT public.may_read('open_alerts'::text) AS may_read))
  ORDER BY (alerts.severity = 'fail'::text) DESC, (alerts.state = 'open'::text) DESC, alerts.opened_at, alerts.id;;

ALTER VIEW "public"."open_alerts" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."pipeline_status" WITH (security_invoker=true) AS  SELECT pipelines.name AS pipeline,
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
  WHERE ( SELECT public.may_read('pipeline_status'::text) AS may_read)
  ORDER BY pipelines.name, task_runs.id;;

ALTER VIEW "public"."pipeline_status" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."quality_summary" WITH (security_invoker=true) AS  SELECT table_name,
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
   FROM public.quality_summary_between((now() - '24:00:00'::interval), now()) quality_summary_between(table_name, metric_name, column_name, status, metric_value, threshold_min, threshold_max, rows_checked, check_timestamp, state_since, engines_failing, runs_passed, runs_warned, runs_failed, runs_not_evaluated, evidence)
  WHERE ( SELECT public.may_read('quality_summary'::text) AS may_read);;

ALTER VIEW "public"."quality_summary" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."reading_bounds" WITH (security_invoker=true) AS  SELECT combined.dataset,
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
  WHERE ( SELECT public.may_read('reading_bounds'::text) AS may_read)
  GROUP BY combined.dataset, combined.condition;;

ALTER VIEW "public"."reading_bounds" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."sensor_values" WITH (security_invoker=true) AS  SELECT reading.engine_id,
    reading.cycle,
    reading."timestamp",
    reading.condition,
    sensor.column_name,
    sensor.value
   FROM (public.classified_readings reading
     CROSS JOIN LATERAL ( VALUES ('s2'::text,reading.s2), ('s3'::text,reading.s3), ('s4'::text,reading.s4), ('s7'::text,reading.s7), ('s8'::text,reading.s8), ('s9'::text,reading.s9), ('s11'::text,reading.s11), ('s12'::text,reading.s12), ('s13'::text,reading.s13), ('s14'::text,reading.s14), ('s15'::text,reading.s15), ('s17'::text,reading.s17), ('s20'::text,reading.s20), ('s21'::text,reading.s21)) sensor(column_name, value))
  WHERE ( SELECT public.may_read('sensor_values'::text) AS may_read);;

ALTER VIEW "public"."sensor_values" OWNER TO "postgres";

CREATE OR REPLACE VIEW "public"."training_data" WITH (security_invoker=true) AS  SELECT engines.dataset,
    engines.subset,
    engines.unit_number,
    sensor_data.cycle,
    sensor_data."timestamp",
    sensor_data.altitude,
    sensor_data.mach_number,
    sensor_data.tra,
    sensor_data.s2,
    sensor_data.s3,
    sensor_data.s4,
    sensor_data.s7,
    sensor_data.s8,
    sensor_data.s9,
    sensor_data.s11,
    sensor_data.s12,
    sensor_data.s13,
    sensor_data.s14,
    sensor_data.s15,
    sensor_data.s17,
    sensor_data.s20,
    sensor_data.s21,
    LEAST(engines.rul_cap, (engines.life_cycles - sensor_data.cycle)) AS rul,
    (engines.life_cycles - sensor_data.cycle) AS rul_uncapped,
    sensor_data.batch_id
   FROM (public.sensor_data
     JOIN public.engines ON ((engines.id = sensor_data.engine_id)))
  WHERE ((engines.life_cycles IS NOT NULL) AND ( SELECT public.may_read('training_data'::text) AS may_read));;

ALTER VIEW "public"."training_data" OWNER TO "postgres";

CREATE INDEX anomalies_detected_at ON public.anomalies USING btree (detected_at);

CREATE INDEX audit_log_at ON public.audit_log USING btree (at);

CREATE INDEX data_quality_metrics_without_run ON public.data_quality_metrics USING btree (check_timestamp) WHERE (run_id IS NULL);

CREATE INDEX lake_object_batches_by_batch ON public.lake_object_batches USING btree (batch_id);

CREATE INDEX lake_objects_day ON public.lake_objects USING btree (day) WHERE (kind = 'sensor_data'::text);

CREATE INDEX lineage_events_event_time ON public.lineage_events USING btree (event_time);

CREATE INDEX lineage_forwards_event_time ON public.lineage_forwards USING btree (event_time);

CREATE INDEX lineage_forwards_retrying ON public.lineage_forwards USING btree (run_id) WHERE (state = 'retrying'::text);

CREATE INDEX reading_rollups_counts ON public.reading_rollups USING btree (hour) INCLUDE (readings);

CREATE INDEX rul_predictions_predicted_at ON public.rul_predictions USING btree (predicted_at);

CREATE TRIGGER audit_delete AFTER DELETE ON public.alert_channels REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_channel', 'name', 'paused_until');

CREATE TRIGGER audit_insert AFTER INSERT ON public.alert_channels REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_channel', 'name', 'paused_until');

CREATE TRIGGER audit_update AFTER UPDATE ON public.alert_channels REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_channel', 'name', 'paused_until');

CREATE TRIGGER audit_delete AFTER DELETE ON public.alert_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.alert_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.alert_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('alert_settings', '', '');

CREATE TRIGGER keep_audit_log_whole BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.keep_audit_log();

CREATE TRIGGER keep_audit_log BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.keep_audit_log();

CREATE TRIGGER audit_delete AFTER DELETE ON public.data_assets REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('asset', 'name', 'updated_at');

CREATE TRIGGER audit_insert AFTER INSERT ON public.data_assets REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('asset', 'name', 'updated_at');

CREATE TRIGGER audit_update AFTER UPDATE ON public.data_assets REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('asset', 'name', 'updated_at');

CREATE TRIGGER classification_acts AFTER INSERT OR DELETE OR UPDATE OF name, kind, classification ON public.data_assets FOR EACH ROW EXECUTE FUNCTION public.classification_acts();

CREATE TRIGGER record_asset_schema AFTER INSERT OR UPDATE OF schema_version ON public.data_assets FOR EACH ROW WHEN ((new.kind <> 'lake'::text)) EXECUTE FUNCTION public.record_asset_schema();

CREATE TRIGGER require_retention_acts BEFORE INSERT OR UPDATE OF name, kind, retention_days ON public.data_assets FOR EACH ROW EXECUTE FUNCTION public.require_retention_acts();

CREATE TRIGGER audit_delete AFTER DELETE ON public.engines REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('engine', 'unit_number', 'model,manufactured_date,first_operation_date,dataset,subset,dataset_unit,life_cycles,rul_cap,updated_at');

CREATE TRIGGER audit_update AFTER UPDATE ON public.engines REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('engine', 'unit_number', 'model,manufactured_date,first_operation_date,dataset,subset,dataset_unit,life_cycles,rul_cap,updated_at');

CREATE TRIGGER audit_delete AFTER DELETE ON public.expectations REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('expectation', 'id', 'version,updated_at,updated_by');

CREATE TRIGGER audit_insert AFTER INSERT ON public.expectations REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('expectation', 'id', 'version,updated_at,updated_by');

CREATE TRIGGER audit_update AFTER UPDATE ON public.expectations REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('expectation', 'id', 'version,updated_at,updated_by');

CREATE TRIGGER audit_delete AFTER DELETE ON public.intake_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('intake_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.intake_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('intake_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.intake_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('intake_settings', '', '');

CREATE TRIGGER audit_delete AFTER DELETE ON public.operating_conditions REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('operating_condition', 'condition', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.operating_conditions REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('operating_condition', 'condition', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.operating_conditions REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('operating_condition', 'condition', '');

CREATE TRIGGER audit_delete AFTER DELETE ON public.pipeline_task_dependencies REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task_dependency', 'pipeline,task,depends_on', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.pipeline_task_dependencies REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task_dependency', 'pipeline,task,depends_on', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.pipeline_task_dependencies REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task_dependency', 'pipeline,task,depends_on', '');

CREATE TRIGGER audit_delete AFTER DELETE ON public.pipeline_tasks REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task', 'pipeline,name', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.pipeline_tasks REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task', 'pipeline,name', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.pipeline_tasks REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline_task', 'pipeline,name', '');

CREATE TRIGGER audit_delete AFTER DELETE ON public.pipelines REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline', 'name', 'next_logical_time');

CREATE TRIGGER audit_insert AFTER INSERT ON public.pipelines REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline', 'name', 'next_logical_time');

CREATE TRIGGER audit_update AFTER UPDATE ON public.pipelines REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('pipeline', 'name', 'next_logical_time');

CREATE TRIGGER audit_delete AFTER DELETE ON public.quality_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('quality_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.quality_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('quality_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.quality_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('quality_settings', '', '');

CREATE POLICY "alert_channels_read" ON "public"."alert_channels" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('alert_channels'::text) AS may_read));

CREATE POLICY "alert_deliveries_read" ON "public"."alert_deliveries" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('alert_deliveries'::text) AS may_read));

CREATE POLICY "alert_events_read" ON "public"."alert_events" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('alert_events'::text) AS may_read));

CREATE POLICY "alert_settings_read" ON "public"."alert_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('alert_settings'::text) AS may_read));

CREATE POLICY "alerts_read" ON "public"."alerts" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('alerts'::text) AS may_read));

CREATE POLICY "anomalies_read" ON "public"."anomalies" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('anomalies'::text) AS may_read));

CREATE POLICY "asset_schemas_read" ON "public"."asset_schemas" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('asset_schemas'::text) AS may_read));

CREATE POLICY "audit_log_read" ON "public"."audit_log" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('audit_log'::text) AS may_read));

CREATE POLICY "batches_read" ON "public"."batches" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('batches'::text) AS may_read));

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('check_runs'::text) AS may_read));

CREATE POLICY "data_assets_read" ON "public"."data_assets" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('data_assets'::text) AS may_read));

CREATE POLICY "data_quality_metrics_read" ON "public"."data_quality_metrics" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('data_quality_metrics'::text) AS may_read));

CREATE POLICY "dead_letters_read" ON "public"."dead_letters" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('dead_letters'::text) AS may_read));

CREATE POLICY "declared_columns_read" ON "public"."declared_columns" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('declared_columns'::text) AS may_read));

CREATE POLICY "delivery_receipts_read" ON "public"."delivery_receipts" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('delivery_receipts'::text) AS may_read));

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('engine_baselines'::text) AS may_read));

CREATE POLICY "engine_health_reports_read" ON "public"."engine_health_reports" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('engine_health_reports'::text) AS may_read));

CREATE POLICY "engines_read" ON "public"."engines" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('engines'::text) AS may_read));

CREATE POLICY "expectation_versions_read" ON "public"."expectation_versions" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('expectation_versions'::text) AS may_read));

CREATE POLICY "expectations_read" ON "public"."expectations" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('expectations'::text) AS may_read));

CREATE POLICY "intake_settings_read" ON "public"."intake_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('intake_settings'::text) AS may_read));

CREATE POLICY "jobs_read" ON "public"."jobs" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('jobs'::text) AS may_read));

CREATE POLICY "lake_object_batches_read" ON "public"."lake_object_batches" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('lake_object_batches'::text) AS may_read));

CREATE POLICY "lake_objects_read" ON "public"."lake_objects" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('lake_objects'::text) AS may_read));

CREATE POLICY "lineage_events_read" ON "public"."lineage_events" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('lineage_events'::text) AS may_read));

CREATE POLICY "lineage_forwarding_read" ON "public"."lineage_forwarding" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('lineage_forwarding'::text) AS may_read));

CREATE POLICY "lineage_forwards_read" ON "public"."lineage_forwards" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('lineage_forwards'::text) AS may_read));

CREATE POLICY "operating_conditions_read" ON "public"."operating_conditions" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('operating_conditions'::text) AS may_read));

CREATE POLICY "pipeline_runs_read" ON "public"."pipeline_runs" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('pipeline_runs'::text) AS may_read));

CREATE POLICY "pipeline_task_dependencies_read" ON "public"."pipeline_task_dependencies" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('pipeline_task_dependencies'::text) AS may_read));

CREATE POLICY "pipeline_tasks_read" ON "public"."pipeline_tasks" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('pipeline_tasks'::text) AS may_read));

CREATE POLICY "pipelines_read" ON "public"."pipelines" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('pipelines'::text) AS may_read));

CREATE POLICY "quality_settings_read" ON "public"."quality_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('quality_settings'::text) AS may_read));

CREATE POLICY "reading_rollups_read" ON "public"."reading_rollups" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('reading_rollups'::text) AS may_read));

CREATE POLICY "retired_months_read" ON "public"."retired_months" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('retired_months'::text) AS may_read));

CREATE POLICY "retraining_decisions_read" ON "public"."retraining_decisions" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('retraining_decisions'::text) AS may_read));

CREATE POLICY "rollup_horizon_read" ON "public"."rollup_horizon" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('rollup_horizon'::text) AS may_read));

CREATE POLICY "rul_predictions_read" ON "public"."rul_predictions" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('rul_predictions'::text) AS may_read));

CREATE POLICY "sensor_baselines_read" ON "public"."sensor_baselines" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_baselines'::text) AS may_read));

CREATE POLICY "sensor_data_read" ON "public"."sensor_data" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_data'::text) AS may_read));

CREATE POLICY "sensor_data_changes_read" ON "public"."sensor_data_changes" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_data_changes'::text) AS may_read));

CREATE POLICY "sensor_data_days_read" ON "public"."sensor_data_days" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_data_days'::text) AS may_read));

CREATE POLICY "sensor_drift_read" ON "public"."sensor_drift" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_drift'::text) AS may_read));

CREATE POLICY "stream_checkpoints_read" ON "public"."stream_checkpoints" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('stream_checkpoints'::text) AS may_read));

CREATE POLICY "stream_readers_read" ON "public"."stream_readers" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('stream_readers'::text) AS may_read));

CREATE POLICY "task_attempts_read" ON "public"."task_attempts" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('task_attempts'::text) AS may_read));

CREATE POLICY "task_runs_read" ON "public"."task_runs" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('task_runs'::text) AS may_read));

CREATE POLICY "wear_signatures_read" ON "public"."wear_signatures" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('wear_signatures'::text) AS may_read));

COMMENT ON COLUMN "public"."asset_schemas"."asset" IS 'Table or view; data_assets.name.';

COMMENT ON COLUMN "public"."asset_schemas"."columns" IS 'Its columns in their order: name, type, whether it may be null, description.';

COMMENT ON COLUMN "public"."asset_schemas"."recorded_at" IS 'When the version began (UTC).';

COMMENT ON COLUMN "public"."asset_schemas"."version" IS 'Version of its schema.';

COMMENT ON COLUMN "public"."audit_log"."action" IS 'What was done, as subject.verb: retention.drop, asset.update, backup.create.';

COMMENT ON COLUMN "public"."audit_log"."actor" IS 'Who did it: the signed-in user, the key, or the database role.';

COMMENT ON COLUMN "public"."audit_log"."at" IS 'When it was done (UTC).';

COMMENT ON COLUMN "public"."audit_log"."details" IS 'What changed, and the evidence: values before and after, counts, checksums.';

COMMENT ON COLUMN "public"."audit_log"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."audit_log"."target" IS 'What it was done to: the name of an asset, a partition, a setting.';

COMMENT ON COLUMN "public"."batches"."code_version" IS 'Version of Spool that validated and stored it; null for batches of versions before 0.5, which did not say.';

COMMENT ON COLUMN "public"."batches"."reference" IS 'What the batch was at its source, for example train_FD001.txt lines 1-2000, or a stream''s ARN with the request''s identifier, or with the shard and the first and last sequence number.';

COMMENT ON COLUMN "public"."check_runs"."code_version" IS 'Version of Spool whose checks these were; null for runs before 0.5, which did not say.';

COMMENT ON COLUMN "public"."check_runs"."lineage_run_id" IS 'Its run in the view lineage: unique everywhere, which id is not once events of several databases are in one place.';

COMMENT ON COLUMN "public"."data_assets"."classification" IS 'Who may read it: public everybody; internal every signed-in user; confidential and restricted those whose token has that clearance or a higher one.';

COMMENT ON COLUMN "public"."data_assets"."consumers" IS 'Who reads it besides other assets, in the words of transforms.';

COMMENT ON COLUMN "public"."data_assets"."description" IS 'What it holds, in a sentence or two.';

COMMENT ON COLUMN "public"."data_assets"."kind" IS 'table, view or lake.';

COMMENT ON COLUMN "public"."data_assets"."name" IS 'Name of the table or view, or the prefix within the lake with a slash at its end.';

COMMENT ON COLUMN "public"."data_assets"."owner" IS 'Who answers for it.';

COMMENT ON COLUMN "public"."data_assets"."quality_level" IS 'bronze: as it arrived; silver: validated and deduplicated; gold: derived for those who decide by it.';

COMMENT ON COLUMN "public"."data_assets"."retention_days" IS 'Days after which its rows are deleted; null: never. Readings leave Postgres only when their days are in the lake and verified.';

COMMENT ON COLUMN "public"."data_assets"."schema_version" IS 'Version of its columns; raised with every change of them. Raising it keeps the columns of that moment in asset_schemas.';

COMMENT ON COLUMN "public"."data_assets"."sources" IS 'What it is made of: names of assets, or "outside: " and what it is.';

COMMENT ON COLUMN "public"."data_assets"."tags" IS 'Words to find it by.';

COMMENT ON COLUMN "public"."data_assets"."transforms" IS 'What makes it: NAME() in SQL, /NAME for an edge function, deno task NAME, or "outside: " and who.';

COMMENT ON COLUMN "public"."data_assets"."updated_at" IS 'When the row was last changed (UTC).';

COMMENT ON COLUMN "public"."lake_object_batches"."batch_id" IS 'Batch; batches.id.';

COMMENT ON COLUMN "public"."lake_object_batches"."key" IS 'Object of the lake.';

COMMENT ON COLUMN "public"."lake_object_batches"."row_count" IS 'How many of its readings are in the object.';

COMMENT ON COLUMN "public"."lake_objects"."bytes" IS 'Its size in bytes.';

COMMENT ON COLUMN "public"."lake_objects"."day" IS 'Day that it is about (UTC).';

COMMENT ON COLUMN "public"."lake_objects"."day_version" IS 'Of sensor_data: sensor_data_days.version that it holds.';

COMMENT ON COLUMN "public"."lake_objects"."fault" IS 'What the last comparison found: missing, other size, other checksum, not Parquet, other row count, with the figures; null when it was as it should be.';

COMMENT ON COLUMN "public"."lake_objects"."key" IS 'Path within the lake, without a leading slash.';

COMMENT ON COLUMN "public"."lake_objects"."kind" IS 'sensor_data: readings of one UTC day; split: training data; expectations: a suite; report: a day''s quality; backup: part of a backup.';

COMMENT ON COLUMN "public"."lake_objects"."row_count" IS 'Rows in it; null for what has none.';

COMMENT ON COLUMN "public"."lake_objects"."row_digest" IS 'Of sensor_data: digest of its rows as Postgres computes it (sensor_data_digest), in any order.';

COMMENT ON COLUMN "public"."lake_objects"."sha256" IS 'SHA-256 of its content, in hexadecimal digits.';

COMMENT ON COLUMN "public"."lake_objects"."verified_at" IS 'When its content was last read back and compared with this row (UTC); null: never, or the comparison failed.';

COMMENT ON COLUMN "public"."lake_objects"."written_at" IS 'When it was written (UTC).';

COMMENT ON COLUMN "public"."lake_objects"."written_by" IS 'Run that wrote it; lineage_events.run_id.';

COMMENT ON COLUMN "public"."lineage_events"."code_version" IS 'Version of Spool that wrote the event.';

COMMENT ON COLUMN "public"."lineage_events"."event_time" IS 'When it happened (UTC).';

COMMENT ON COLUMN "public"."lineage_events"."event_type" IS 'START, COMPLETE, FAIL; OpenLineage knows RUNNING, ABORT and OTHER besides.';

COMMENT ON COLUMN "public"."lineage_events"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."lineage_events"."inputs" IS 'Datasets that it read, with their facets.';

COMMENT ON COLUMN "public"."lineage_events"."job_name" IS 'What ran: archive, export, backup, restore, load, report.';

COMMENT ON COLUMN "public"."lineage_events"."outputs" IS 'Datasets that it wrote, with their facets.';

COMMENT ON COLUMN "public"."lineage_events"."run_facets" IS 'Facets of the run; errorMessage where it failed.';

COMMENT ON COLUMN "public"."lineage_events"."run_id" IS 'Run; the same in all events of one run.';

COMMENT ON COLUMN "public"."lineage_forwarding"."failures" IS 'How many times in a row the server has taken nothing.';

COMMENT ON COLUMN "public"."lineage_forwarding"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."lineage_forwarding"."last_error" IS 'What was wrong the last time; null when the server takes what it is sent.';

COMMENT ON COLUMN "public"."lineage_forwarding"."lease" IS 'Who forwards now; null: nobody.';

COMMENT ON COLUMN "public"."lineage_forwarding"."leased_until" IS 'Until when it is believed to be alive (UTC).';

COMMENT ON COLUMN "public"."lineage_forwarding"."paused_until" IS 'When it is tried again (UTC); null: now.';

COMMENT ON COLUMN "public"."lineage_forwarding"."settled_until" IS 'Events before this (UTC) have been forwarded or given up.';

COMMENT ON COLUMN "public"."lineage_forwarding"."since" IS 'When forwarding was first on (UTC): events before it are not forwarded. Null: it never was. Set it to an earlier time, with settled_until, to forward history.';

COMMENT ON COLUMN "public"."lineage_forwards"."attempts" IS 'How often it was sent.';

COMMENT ON COLUMN "public"."lineage_forwards"."error" IS 'What the server answered last, when it was not a success.';

COMMENT ON COLUMN "public"."lineage_forwards"."event_id" IS 'Event; lineage.event_id.';

COMMENT ON COLUMN "public"."lineage_forwards"."event_time" IS 'Time of the event (UTC).';

COMMENT ON COLUMN "public"."lineage_forwards"."next_attempt_at" IS 'When it is sent again (UTC).';

COMMENT ON COLUMN "public"."lineage_forwards"."run_id" IS 'Run of the event.';

COMMENT ON COLUMN "public"."lineage_forwards"."settled_at" IS 'When it was sent or given up (UTC).';

COMMENT ON COLUMN "public"."lineage_forwards"."state" IS 'sent; retrying: at next_attempt_at, and later events of the run wait for it; dead: refused, or tried too often. A dead row deleted is tried again if settled_until is set back, too.';

COMMENT ON COLUMN "public"."retired_months"."closed_at" IS 'When intake_settings.accepted_from was moved beyond it (UTC): later readings of it are dead letters. Null while its days are not all in the lake.';

COMMENT ON COLUMN "public"."retired_months"."dropped_at" IS 'When its partition was dropped (UTC); null while Postgres has it.';

COMMENT ON COLUMN "public"."retired_months"."month" IS 'First day of the month (UTC).';

COMMENT ON COLUMN "public"."retired_months"."readings" IS 'How many readings left Postgres with it: each of them is in the lake.';

COMMENT ON COLUMN "public"."retired_months"."refusal" IS 'What is in the way, and of which day.';

COMMENT ON COLUMN "public"."retired_months"."refused_since" IS 'Since when it could not go on its way (UTC); null when nothing is in the way. After three days an alert is raised.';

COMMENT ON COLUMN "public"."sensor_data_days"."changed_at" IS 'When a change was last seen (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."day" IS 'The day (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."retired_at" IS 'When its readings left Postgres (UTC). From then on the lake has the only copy, and the archive does not write it again; null: they are here.';

COMMENT ON COLUMN "public"."sensor_data_days"."version" IS 'Counts the changes of its readings, from 1.';

COMMENT ON COLUMN "public"."task_runs"."lineage_run_id" IS 'Its run in the view lineage, with all its attempts: unique everywhere, which id is not once events of several databases are in one place.';

COMMENT ON FUNCTION "public"."abort_lost_runs"(timestamp with time zone) IS 'Ends with ABORT the runs that began more than a day ago and never said how they went; returns how many.';

COMMENT ON FUNCTION "public"."archive_fault"(date, timestamp with time zone) IS 'What is wrong with the copy of a day in the lake; null when nothing is, or the day holds no readings.';

COMMENT ON FUNCTION "public"."asset_columns"(text) IS 'Columns of a table or view as they are now, with their types, whether they may be null, and their comments.';

COMMENT ON FUNCTION "public"."audit_actor"() IS 'Who is acting: the signed-in user, the role of the key, the setting spool.actor, or the role of the session.';

COMMENT ON FUNCTION "public"."audit_change"() IS 'Trigger: writes to audit_log which rows a statement has changed, with the old and new values of the changed columns.';

COMMENT ON FUNCTION "public"."batch_input"(text, text) IS 'What a batch was made of, as an OpenLineage dataset: the file, stream, requests or dead letters that its reference names, and which part of them.';

COMMENT ON FUNCTION "public"."check_assertions"(bigint) IS 'Verdicts of a run of the checks about the table, as the assertions of OpenLineage''s facet dataQualityAssertions.';

COMMENT ON FUNCTION "public"."classification_acts"() IS 'Trigger of data_assets: a table or view that becomes public is granted to anon, one that no longer is is revoked.';

COMMENT ON FUNCTION "public"."close_months"(timestamp with time zone) IS 'First step of the retention of readings: moves intake_settings.accepted_from beyond the months that are to leave Postgres.';

COMMENT ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) IS 'UTC days that are over and whose readings are not in the lake as they are now, the oldest first.';

COMMENT ON FUNCTION "public"."declare_schema"() IS 'Writes down the columns of all tables as they are, for check_schema.';

COMMENT ON FUNCTION "public"."due_months"(timestamp with time zone) IS 'Months of sensor_data whose retention has passed and that still have a partition, the oldest first.';

COMMENT ON FUNCTION "public"."find_assets"(text, text, text, text, text) IS 'Assets of the catalogue by kind, tag, classification, owner and words; the same as GET /catalog/assets.';

COMMENT ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) IS 'OpenLineage run events, newest first, by job, run, dataset and time; the same as GET /catalog/lineage.';

COMMENT ON FUNCTION "public"."forget_empty_day"(date, bigint) IS 'Forgets a day of sensor_data_days whose readings are gone, unless it has changed since.';

COMMENT ON FUNCTION "public"."forget_lake_objects"(text[]) IS 'Takes objects off the listing before they are removed from the lake; how many were listed.';

COMMENT ON FUNCTION "public"."grant_to_strangers"(text) IS 'Lets the role anon select from a table or view when it is classified public, and no longer when it is not.';

COMMENT ON FUNCTION "public"."hash_reading"(public.sensor_data, bigint) IS 'Hash of a reading, all columns included, such that sums of it tell sets of readings apart.';

COMMENT ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text) IS 'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';

COMMENT ON FUNCTION "public"."keep_archived_day"(date, bigint, bigint, text) IS 'Says that the lake''s object of a day holds the day''s present version, where its readings are the same; returns whether.';

COMMENT ON FUNCTION "public"."keep_audit_log"() IS 'Trigger of audit_log: refuses to change rows, to empty the table, and to delete rows before their retention has passed.';

COMMENT ON FUNCTION "public"."lake_listing"(text, text, integer) IS 'Objects of the lake below a prefix as lake_objects lists them, in the order of their keys; the same as GET /catalog/lake.';

COMMENT ON FUNCTION "public"."lake_object_contents"(text) IS 'One object of the lake with the batches inside and where each came from; the same as GET /catalog/lake/{key}.';

COMMENT ON FUNCTION "public"."lake_objects_to_verify"(bigint, timestamp with time zone) IS 'Objects of the lake that should be read back, the most urgent first.';

COMMENT ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) IS 'How many of the readings, runs of the checks and objects of the lake of a window can be traced to what made them, with the first few that cannot.';

COMMENT ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) IS 'Datasets and jobs as nodes and edges: what the catalogue declares and what runs have done since a moment. The same as GET /catalog/lineage/graph.';

COMMENT ON FUNCTION "public"."lineage_to_forward"(integer, timestamp with time zone) IS 'Events that the worker is to forward to OPENLINEAGE_URL now, in their order; none while forwarding has never been on.';

COMMENT ON FUNCTION "public"."may_read"(text) IS 'Whether the caller''s clearance (app_metadata.clearance of the token) includes the classification of an asset; what row-level security goes by.';

COMMENT ON FUNCTION "public"."month_refusal"(date) IS 'What keeps a closed month from being dropped, by the listing of the lake; null when nothing does.';

COMMENT ON FUNCTION "public"."note_lake_verification"(text, text, text, timestamp with time zone) IS 'Notes what reading an object of the lake back has found, unless it has been listed anew meanwhile; whether it was noted.';

COMMENT ON FUNCTION "public"."observe_lake_objects"(timestamp with time zone, timestamp with time zone) IS 'Opens alerts about objects of the lake that are not as they are listed, and resolves those that are again.';

COMMENT ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) IS 'Datasets of an event as OpenLineage wants them: names as its naming says, facets stamped, tables with the columns they had at the time.';

COMMENT ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) IS 'One event of the view lineage as a run event of OpenLineage 2-0-2, with all its facets.';

COMMENT ON FUNCTION "public"."openlineage_facets"(jsonb, text) IS 'Facets with the producer and the schema that OpenLineage wants of each; those it does not know keep to its base facet.';

COMMENT ON FUNCTION "public"."prunable_assets"() IS 'Assets whose rows prune_history deletes when data_assets.retention_days have passed.';

COMMENT ON FUNCTION "public"."prune_asset"(text, timestamp with time zone) IS 'Deletes rows of an asset that are older than a moment, a bounded number at a time; returns how many.';

COMMENT ON FUNCTION "public"."prune_history"(timestamp with time zone) IS 'Job spool-retention: deletes what is older than data_assets.retention_days says, and rollups older than quality_settings.rollups_kept.';

COMMENT ON FUNCTION "public"."raise_day_versions"(uuid[], tstzrange[]) IS 'Raises the version of each day of sensor_data_days that the given times touch, and adds those that have readings now.';

COMMENT ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) IS 'Where a reading comes from and where it has gone: batch, source file or stream shard, code version, object of the lake, runs of the checks. The same as GET /catalog/lineage/readings.';

COMMENT ON FUNCTION "public"."record_asset_schema"() IS 'Trigger of data_assets: keeps the columns that a table or view has when its schema_version begins.';

COMMENT ON FUNCTION "public"."record_audit"(text, text, jsonb) IS 'Writes an administrative act to audit_log, with who does it; part of the act''s own transaction.';

COMMENT ON FUNCTION "public"."record_lake_object"(text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamp with time zone) IS 'Lists an object that has just been written to the lake, and which batches are in it; nothing has verified it yet.';

COMMENT ON FUNCTION "public"."refuse_month"(date, text) IS 'Writes down in retired_months what keeps a month from leaving Postgres; part of close_months and retire_months.';

COMMENT ON FUNCTION "public"."require_retention_acts"() IS 'Trigger of data_assets: only what something deletes from may have a retention.';

COMMENT ON FUNCTION "public"."retire_months"(timestamp with time zone) IS 'Second step of the retention of readings: drops the oldest closed month when the lake verifiably holds all of it, else says why not.';

COMMENT ON FUNCTION "public"."roll_up_readings"() IS 'Brings hourly rollups, baselines and the versions of days up to date with the readings written since the last time; returns how many engine-hours it measured.';

COMMENT ON FUNCTION "public"."sensor_data_digest"(date) IS 'Number of readings of a UTC day, and a digest of all their columns that does not depend on their order.';

COMMENT ON FUNCTION "public"."settle_forwarding"(timestamp with time zone) IS 'Moves lineage_forwarding.settled_until on past what has been forwarded or given up, and forgets what was sent before it.';

COMMENT ON FUNCTION "public"."spool_version"() IS 'Version of the functions and checks in this database, as runs of them say it.';

COMMENT ON FUNCTION "public"."task_close_months"(timestamp with time zone) IS 'Pipeline task: lets no more readings in of the months whose retention has passed.';

COMMENT ON FUNCTION "public"."task_datasets"(text) IS 'Tables that a sql task of a pipeline reads and writes, by the sources and transforms of the catalogue, as OpenLineage datasets.';

COMMENT ON FUNCTION "public"."task_lineage"(timestamp with time zone) IS 'Pipeline task: ends lost runs, and writes the metric lineage_coverage of the 24 hours before the logical time.';

COMMENT ON FUNCTION "public"."task_retention"(timestamp with time zone) IS 'Pipeline task: drops the oldest month of readings whose retention has passed, when the lake verifiably holds it.';

COMMENT ON FUNCTION "public"."unarchived_day"(date) IS 'First day of a month that does not hold what the lake holds of it by its listing; part of retire_months.';

COMMENT ON FUNCTION "public"."wake_worker"(timestamp with time zone) IS 'Job spool-worker: calls the edge function worker through pg_net when there are tasks, alerts or events of lineage for it; returns what it did.';

COMMENT ON FUNCTION "public"."watch_jobs"(timestamp with time zone) IS 'Job spool-watch: observes for alerts whether jobs still succeed, whether pipelines ran well and on time, whether the lake is up to date, and whether readings leave when their retention has passed.';

COMMENT ON TABLE "public"."asset_schemas" IS 'Columns of tables and views by version of their schema, as they were when data_assets.schema_version became it.';

COMMENT ON TABLE "public"."audit_log" IS 'Administrative acts: who did what to what, and when. Rows are added and never changed.';

COMMENT ON TABLE "public"."data_assets" IS 'Catalogue of data assets: every table and view of the schema public, and every prefix of the lake. Its rows act: see classification and retention_days.';

COMMENT ON TABLE "public"."delivery_receipts" IS 'Requests that have been stored, so that the same one again is answered without work. Kept for data_assets.retention_days; after that a request that comes again is stored again, which changes no reading.';

COMMENT ON TABLE "public"."lake_object_batches" IS 'Which batches are in which object of the lake; it stays when the readings have left Postgres.';

COMMENT ON TABLE "public"."lake_objects" IS 'Objects in the lake: one row per file, with its size, its checksum and what it holds.';

COMMENT ON TABLE "public"."lineage_events" IS 'OpenLineage run events of archives, exports, backups, restores, loads and reports. The view lineage adds those of batches and checks.';

COMMENT ON TABLE "public"."lineage_forwarding" IS 'How far lineage has been forwarded to OPENLINEAGE_URL. Exactly one row.';

COMMENT ON TABLE "public"."lineage_forwards" IS 'Events that were forwarded lately, are to be tried again, or were given up: one row an event. Sent ones are deleted once settled_until has passed them.';

COMMENT ON TABLE "public"."retired_months" IS 'Months of sensor_data whose retention has passed: closed, then dropped, or refused with the reason. Written by close_months and retire_months.';

COMMENT ON TABLE "public"."sensor_data_days" IS 'UTC days that hold readings, and how often their readings have changed. A day is archived when an object of lake_objects holds its version.';

COMMENT ON VIEW "public"."asset_schema_changes" IS 'Columns of tables and views that changed without a new data_assets.schema_version. Raise it, and what is there now becomes the new version.';

COMMENT ON VIEW "public"."catalog_assets" IS 'Catalogue of tables, views and prefixes of the lake, with what the live database knows of each. The same as GET /catalog/assets.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."effective_expectations" IS 'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';

COMMENT ON VIEW "public"."engine_cadences" IS 'Time between two readings that is expected of each engine, and where that is known from.';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."lineage" IS 'OpenLineage run events of everything: batches, runs of the checks, sql tasks, loads, archives, exports, backups, restores and reports.';

COMMENT ON VIEW "public"."open_alerts" IS 'Alerts that are not resolved, worst first. acknowledge_alert(id, who) and resolve_alert(id, who) change them.';

COMMENT ON VIEW "public"."pipeline_status" IS 'The run of each pipeline that began last, with a row for each of its tasks. What was before is in pipeline_runs, task_runs and task_attempts.';

COMMENT ON VIEW "public"."quality_summary" IS 'Latest verdict of each check in the last 24 hours, with its evidence; checks without one are not_evaluated. The same rows as GET /quality/summary.';

COMMENT ON VIEW "public"."reading_bounds" IS 'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';

COMMENT ON VIEW "public"."sensor_values" IS 'Readings in long form: one row per reading and sensor, with the operating condition.';

COMMENT ON VIEW "public"."training_data" IS 'Readings of engines whose life is known, with remaining-useful-life labels in cycles: rul is capped at engines.rul_cap, rul_uncapped is not.';

REVOKE ALL ON FUNCTION "public"."abort_lost_runs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."archive_fault"(date, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."asset_columns"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."asset_columns"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."audit_actor"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."audit_actor"() TO "service_role";

REVOKE ALL ON FUNCTION "public"."audit_change"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."batch_input"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."batch_input"(text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."check_assertions"(bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."check_assertions"(bigint) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."classification_acts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."close_months"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."declare_schema"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."due_months"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."find_assets"(text, text, text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."find_assets"(text, text, text, text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."forget_empty_day"(date, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."forget_lake_objects"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."grant_to_strangers"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."hash_reading"(public.sensor_data, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."keep_archived_day"(date, bigint, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."keep_audit_log"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."lake_listing"(text, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lake_listing"(text, text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lake_object_contents"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lake_object_contents"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lake_objects_to_verify"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lineage_to_forward"(integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."may_read"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."may_read"(text) TO "anon", "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."month_refusal"(date) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_lake_verification"(text, text, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_lake_objects"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."openlineage_facets"(jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_facets"(jsonb, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."prunable_assets"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."prunable_assets"() TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."prune_asset"(text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."raise_day_versions"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_asset_schema"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_audit"(text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_lake_object"(text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."refuse_month"(date, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."require_retention_acts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retire_months"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."sensor_data_digest"(date) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."settle_forwarding"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."spool_version"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."spool_version"() TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."task_close_months"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_datasets"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."task_datasets"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."task_lineage"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."task_retention"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."unarchived_day"(date) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."asset_schemas" TO "authenticated";

GRANT INSERT, SELECT ON TABLE "public"."asset_schemas" TO "service_role";

GRANT SELECT ON TABLE "public"."audit_log" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."data_assets" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."data_assets" TO "service_role";

REVOKE ALL ON TABLE "public"."dead_letters" FROM "authenticated";

GRANT SELECT ON TABLE "public"."dead_letters" TO "authenticated";

REVOKE ALL ON TABLE "public"."intake_settings" FROM "authenticated";

GRANT SELECT ON TABLE "public"."intake_settings" TO "authenticated";

GRANT SELECT ON TABLE "public"."lake_object_batches" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lake_objects" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_events" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_forwarding" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_forwards" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."retired_months" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_data_days" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."asset_schema_changes" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."catalog_assets" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."classified_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."effective_expectations" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_cadences" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."open_alerts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."pipeline_status" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."quality_summary" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."reading_bounds" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_values" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."training_data" TO "authenticated", "service_role";

COMMENT ON COLUMN asset_schema_changes.asset IS 'Table or view; data_assets.name.';

COMMENT ON COLUMN asset_schema_changes.version IS 'Its schema_version.';

COMMENT ON COLUMN asset_schema_changes.column_name IS 'Column that differs.';

COMMENT ON COLUMN asset_schema_changes.change IS 'added, removed, type changed or nullability changed.';

COMMENT ON COLUMN asset_schema_changes.recorded IS 'What it was when the version began; null: it was not there.';

COMMENT ON COLUMN asset_schema_changes.live IS 'What it is now; null: it is not there.';

COMMENT ON COLUMN catalog_assets.name IS 'Name of the table or view, or the prefix within the lake with a slash at its end.';

COMMENT ON COLUMN catalog_assets.kind IS 'table, view or lake.';

COMMENT ON COLUMN catalog_assets.description IS 'What it holds.';

COMMENT ON COLUMN catalog_assets.owner IS 'Who answers for it.';

COMMENT ON COLUMN catalog_assets.classification IS 'Who may read it: public, internal, confidential or restricted.';

COMMENT ON COLUMN catalog_assets.quality_level IS 'bronze, silver or gold.';

COMMENT ON COLUMN catalog_assets.schema_version IS 'Version of its columns.';

COMMENT ON COLUMN catalog_assets.retention_days IS 'Days after which its rows are deleted; null: never.';

COMMENT ON COLUMN catalog_assets.tags IS 'Words to find it by.';

COMMENT ON COLUMN catalog_assets.sources IS 'What it is made of.';

COMMENT ON COLUMN catalog_assets.transforms IS 'What makes it.';

COMMENT ON COLUMN catalog_assets.consumers IS 'Who reads it, besides the assets in downstream.';

COMMENT ON COLUMN catalog_assets.updated_at IS 'When its row in data_assets was last changed (UTC).';

COMMENT ON COLUMN catalog_assets.downstream IS 'Assets that are made of it.';

COMMENT ON COLUMN catalog_assets.columns IS 'Its columns as they are now: name, type, nullable, description. Null for prefixes of the lake.';

COMMENT ON COLUMN catalog_assets.approximate_rows IS 'Rows as Postgres estimated them when it last looked; null for views, and while it has not looked.';

COMMENT ON COLUMN catalog_assets.objects IS 'Of a prefix of the lake: objects that lake_objects lists below it.';

COMMENT ON COLUMN catalog_assets.bytes IS 'Of a prefix of the lake: their bytes.';

COMMENT ON COLUMN catalog_assets.last_change IS 'When something in it last changed (UTC), where that is known.';

COMMENT ON COLUMN lineage.event_id IS 'Identifier of the event; events of one run and moment come in its order.';

COMMENT ON COLUMN lineage.event_time IS 'When it happened (UTC); of a batch, when its transaction began.';

COMMENT ON COLUMN lineage.event_type IS 'START, COMPLETE, FAIL or ABORT.';

COMMENT ON COLUMN lineage.run_id IS 'Run; of a batch, batches.id.';

COMMENT ON COLUMN lineage.job_name IS 'What ran: ingest, kinesis, load.batch or replay of a batch; run_checks; PIPELINE.TASK of a sql task; load, archive, export, backup, restore, report.';

COMMENT ON COLUMN lineage.code_version IS 'Version of Spool that ran; null where it was not kept.';

COMMENT ON COLUMN lineage.inputs IS 'Names of the datasets that it read: public.TABLE, a file, a stream, a key of the lake.';

COMMENT ON COLUMN lineage.outputs IS 'Names of the datasets that it wrote.';

COMMENT ON COLUMN lineage.event IS 'The event as OpenLineage 2-0-2 has it.';

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
grant update on public.intake_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;

-- sql/90_jobs/pipeline.sql
-- The pipelines of the product. What somebody has changed stays: its period, its limits, whether it is active.
insert into public.pipelines (name, description, period, next_logical_time, sla)
values (
  'hourly',
  'Checks the readings of the last 24 hours, then looks for anomalies, reports the engines'' health, and decides about retraining.',
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
  ('hourly', 'anomalies', 'sql', 'task_anomalies', 'Looks for anomalies.'),
  ('hourly', 'health_report', 'sql', 'task_health_report', 'Reports the health of each engine.'),
  ('hourly', 'retraining_check', 'sql', 'task_retraining_check', 'Decides whether the model needs training again.'),
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

-- many attempts soon after each other: each does as much as a function may, so a backlog of days takes several
insert into public.pipeline_tasks (pipeline, name, kind, handler, max_attempts, backoff_base, backoff_cap, description)
values
  (
    'daily', 'archive', 'queue', 'archive', 100, '10 seconds', '1 minute',
    'Writes the days that are over and not in the lake as they are now.'
  )
on conflict do nothing;

insert into public.pipeline_task_dependencies (pipeline, task, depends_on)
values
  ('hourly', 'anomalies', 'quality'),
  ('hourly', 'health_report', 'quality'),
  ('hourly', 'retraining_check', 'anomalies'),
  ('hourly', 'retraining_check', 'health_report'),
  ('hourly', 'alert_delivery', 'quality'),
  ('daily', 'report', 'archive'),
  ('daily', 'lineage', 'archive'),
  ('daily', 'verify_lake', 'archive'),
  -- the archive does not wait for the retention, only the retention for the archive
  ('daily', 'retention', 'close_months'),
  ('daily', 'retention', 'verify_lake')
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
          'Calls the function worker when it has tasks, alerts to deliver or lineage to forward.'
        ),
        (
          'spool-retention', '47 * * * *', interval '1 hour', 'select public.prune_history()',
          'Deletes history that is older than data_assets.retention_days says.'
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

-- sql/90_jobs/sensor_data_days.sql
-- The days of readings that were there before days were counted: looked up once, by reading all of them.
insert into public.sensor_data_days (day)
select distinct ("timestamp" at time zone 'UTC')::date
from public.sensor_data
where not exists (select from public.sensor_data_days)
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

-- sql/90_jobs/standard_retention.sql
-- How long history is kept was a setting before it was a policy. What somebody had set is taken over while the columns are
-- still there: the migration that brings data_assets drops them after this.
update public.data_assets
set retention_days = kept.days
from (
  select
    asset.name,
    ceil(extract(epoch from (to_jsonb(settings) ->> 'metrics_kept')::interval) / 86400)::integer as days
  from public.quality_settings as settings
  cross join unnest(array[
    'alerts', 'check_runs', 'data_quality_metrics', 'engine_health_reports', 'pipeline_runs'
  ]) as asset (name)
  union all
  select
    'delivery_receipts',
    ceil(extract(epoch from (to_jsonb(settings) ->> 'receipts_kept')::interval) / 86400)::integer
  from public.intake_settings as settings
) as kept
where data_assets.name = kept.name and data_assets.retention_days <> kept.days;

ALTER TABLE "public"."intake_settings" DROP COLUMN "receipts_kept";

ALTER TABLE "public"."quality_settings" DROP COLUMN "metrics_kept";

select public.declare_schema();

select public.record_audit('migration.apply', '20261124001728_lake');
