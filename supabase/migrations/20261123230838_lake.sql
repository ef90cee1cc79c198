-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

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

CREATE TABLE "public"."sensor_data_days" ("day" date NOT NULL, "version" bigint NOT NULL DEFAULT 1, "changed_at" timestamp with time zone NOT NULL DEFAULT now(), "retired_at" timestamp with time zone, CONSTRAINT "sensor_data_days_pkey" PRIMARY KEY (day), CONSTRAINT "sensor_data_days_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."sensor_data_days" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_data_days" OWNER TO "postgres";

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
    format('%s %s', coalesce(sum(hash_record_extended(reading, 0)), 0), coalesce(sum(hash_record_extended(reading, 1)), 0))
  from public.sensor_data as reading
  -- each reading has its engine: this opens a way along the primary key, which begins with it
  join public.engines on engines.id = reading.engine_id
  where reading."timestamp" >= sensor_data_digest.day::timestamp at time zone 'UTC'
    and reading."timestamp" < (sensor_data_digest.day + 1)::timestamp at time zone 'UTC';
end;
$function$
;

ALTER FUNCTION "public"."sensor_data_digest"(date) OWNER TO "postgres";

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

ALTER TABLE "public"."lake_object_batches" ADD CONSTRAINT "lake_object_batches_key_fkey" FOREIGN KEY (key) REFERENCES public.lake_objects(key) ON UPDATE CASCADE ON DELETE CASCADE;

CREATE INDEX audit_log_at ON public.audit_log USING btree (at);

CREATE INDEX lake_object_batches_by_batch ON public.lake_object_batches USING btree (batch_id);

CREATE INDEX lake_objects_day ON public.lake_objects USING btree (day) WHERE (kind = 'sensor_data'::text);

CREATE INDEX lineage_events_event_time ON public.lineage_events USING btree (event_time);

CREATE POLICY "audit_log_read" ON "public"."audit_log" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "data_assets_read" ON "public"."data_assets" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lake_object_batches_read" ON "public"."lake_object_batches" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lake_objects_read" ON "public"."lake_objects" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lineage_events_read" ON "public"."lineage_events" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_data_days_read" ON "public"."sensor_data_days" FOR SELECT TO "authenticated" USING (true);

COMMENT ON COLUMN "public"."audit_log"."action" IS 'What was done, as subject.verb: retention.drop, asset.update, backup.create.';

COMMENT ON COLUMN "public"."audit_log"."actor" IS 'Who did it: the signed-in user, the key, or the database role.';

COMMENT ON COLUMN "public"."audit_log"."at" IS 'When it was done (UTC).';

COMMENT ON COLUMN "public"."audit_log"."details" IS 'What changed, and the evidence: values before and after, counts, checksums.';

COMMENT ON COLUMN "public"."audit_log"."id" IS 'Identifier.';

COMMENT ON COLUMN "public"."audit_log"."target" IS 'What it was done to: the name of an asset, a partition, a setting.';

COMMENT ON COLUMN "public"."data_assets"."classification" IS 'Who may read it: public everybody; internal every signed-in user; confidential and restricted those whose token has that clearance or a higher one.';

COMMENT ON COLUMN "public"."data_assets"."consumers" IS 'Who reads it: names of assets, functions, commands, people.';

COMMENT ON COLUMN "public"."data_assets"."description" IS 'What it holds, in a sentence or two.';

COMMENT ON COLUMN "public"."data_assets"."kind" IS 'table, view or lake.';

COMMENT ON COLUMN "public"."data_assets"."name" IS 'Name of the table or view, or the prefix within the lake with a slash at its end.';

COMMENT ON COLUMN "public"."data_assets"."owner" IS 'Who answers for it.';

COMMENT ON COLUMN "public"."data_assets"."quality_level" IS 'bronze: as it arrived; silver: validated and deduplicated; gold: derived for those who decide by it.';

COMMENT ON COLUMN "public"."data_assets"."retention_days" IS 'Days after which its rows are deleted; null: never. Readings leave Postgres only when their days are in the lake and verified.';

COMMENT ON COLUMN "public"."data_assets"."schema_version" IS 'Version of its columns; raised with every change of them.';

COMMENT ON COLUMN "public"."data_assets"."sources" IS 'What it is made of: names of assets, or of what is outside.';

COMMENT ON COLUMN "public"."data_assets"."tags" IS 'Words to find it by.';

COMMENT ON COLUMN "public"."data_assets"."transforms" IS 'What makes it: functions and commands.';

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

COMMENT ON COLUMN "public"."sensor_data_days"."changed_at" IS 'When a change was last seen (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."day" IS 'The day (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."retired_at" IS 'When its readings left Postgres (UTC). From then on the lake has the only copy, and the archive does not write it again; null: they are here.';

COMMENT ON COLUMN "public"."sensor_data_days"."version" IS 'Counts the changes of its readings, from 1.';

COMMENT ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) IS 'UTC days that are over and whose readings are not in the lake as they are now, the oldest first.';

COMMENT ON FUNCTION "public"."forget_empty_day"(date, bigint) IS 'Forgets a day of sensor_data_days whose readings are gone, unless it has changed since.';

COMMENT ON FUNCTION "public"."forget_lake_objects"(text[]) IS 'Takes objects off the listing before they are removed from the lake; how many were listed.';

COMMENT ON FUNCTION "public"."keep_archived_day"(date, bigint, bigint, text) IS 'Says that the lake''s object of a day holds the day''s present version, where its readings are the same; returns whether.';

COMMENT ON FUNCTION "public"."lake_objects_to_verify"(bigint, timestamp with time zone) IS 'Objects of the lake that should be read back, the most urgent first.';

COMMENT ON FUNCTION "public"."note_lake_verification"(text, text, text, timestamp with time zone) IS 'Notes what reading an object of the lake back has found, unless it has been listed anew meanwhile; whether it was noted.';

COMMENT ON FUNCTION "public"."observe_lake_objects"(timestamp with time zone, timestamp with time zone) IS 'Opens alerts about objects of the lake that are not as they are listed, and resolves those that are again.';

COMMENT ON FUNCTION "public"."raise_day_versions"(uuid[], tstzrange[]) IS 'Raises the version of each day of sensor_data_days that the given times touch, and adds those that have readings now.';

COMMENT ON FUNCTION "public"."record_lake_object"(text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamp with time zone) IS 'Lists an object that has just been written to the lake, and which batches are in it; nothing has verified it yet.';

COMMENT ON FUNCTION "public"."roll_up_readings"() IS 'Brings hourly rollups, baselines and the versions of days up to date with the readings written since the last time; returns how many engine-hours it measured.';

COMMENT ON FUNCTION "public"."sensor_data_digest"(date) IS 'Number of readings of a UTC day, and a digest of all their columns that does not depend on their order.';

COMMENT ON FUNCTION "public"."watch_jobs"(timestamp with time zone) IS 'Job spool-watch: observes for alerts whether jobs still succeed, whether pipelines ran well and on time, and whether the lake is up to date.';

COMMENT ON TABLE "public"."audit_log" IS 'Administrative acts: who did what to what, and when. Rows are added and never changed.';

COMMENT ON TABLE "public"."data_assets" IS 'Catalogue of data assets: every table and view of the schema public, and every prefix of the lake. Its rows act: see classification and retention_days.';

COMMENT ON TABLE "public"."lake_object_batches" IS 'Which batches are in which object of the lake; it stays when the readings have left Postgres.';

COMMENT ON TABLE "public"."lake_objects" IS 'Objects in the lake: one row per file, with its size, its checksum and what it holds.';

COMMENT ON TABLE "public"."lineage_events" IS 'OpenLineage run events of archives, exports, backups, restores, loads and reports. The view lineage adds those of batches and checks.';

COMMENT ON TABLE "public"."sensor_data_days" IS 'UTC days that hold readings, and how often their readings have changed. A day is archived when an object of lake_objects holds its version.';

REVOKE ALL ON FUNCTION "public"."days_to_archive"(timestamp with time zone, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."forget_empty_day"(date, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."forget_lake_objects"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."keep_archived_day"(date, bigint, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."lake_objects_to_verify"(bigint, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_lake_verification"(text, text, text, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_lake_objects"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."raise_day_versions"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_lake_object"(text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."sensor_data_digest"(date) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."audit_log" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."data_assets" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."data_assets" TO "service_role";

GRANT SELECT ON TABLE "public"."lake_object_batches" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lake_objects" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_events" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_data_days" TO "authenticated", "service_role";

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
        'sensor_data_digest',
        -- lineage
        -- catalogue
        -- audit
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
    'public.audit_log',
    'public.data_assets',
    'public.lake_object_batches',
    'public.lake_objects',
    'public.lineage_events',
    'public.sensor_data_days',
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
alter table public.delivery_receipts enable row level security;
alter table public.intake_settings enable row level security;
alter table public.stream_checkpoints enable row level security;
alter table public.stream_readers enable row level security;
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
alter table public.audit_log enable row level security;
alter table public.data_assets enable row level security;
alter table public.lake_object_batches enable row level security;
alter table public.lake_objects enable row level security;
alter table public.lineage_events enable row level security;
alter table public.sensor_data_days enable row level security;
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
    'delivery_receipts',
    'stream_checkpoints',
    'stream_readers',
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
    -- lake, lineage, catalogue, audit
    'audit_log',
    'data_assets',
    'lake_object_batches',
    'lake_objects',
    'lineage_events',
    'sensor_data_days',
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

-- catalogue: edited in Studio
grant insert, update, delete on public.data_assets to service_role;

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
  'Archives the days that are over into the lake, and reads back what is there.',
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
  ('daily', 'verify_lake', 'queue', 'verify_lake', 'Reads back what is in the lake, and compares it with its listing.')
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
  ('daily', 'verify_lake', 'archive')
on conflict do nothing;

-- sql/90_jobs/sensor_data_days.sql
-- The days of readings that were there before days were counted: looked up once, by reading all of them.
insert into public.sensor_data_days (day)
select distinct ("timestamp" at time zone 'UTC')::date
from public.sensor_data
where not exists (select from public.sensor_data_days)
on conflict do nothing;

select public.declare_schema();
