-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

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

CREATE TABLE "public"."lake_objects" ("key" text NOT NULL, "kind" text NOT NULL, "day" date, "day_version" bigint, "row_count" bigint, "row_digest" text, "bytes" bigint NOT NULL, "sha256" text NOT NULL, "written_at" timestamp with time zone NOT NULL DEFAULT now(), "written_by" uuid, "verified_at" timestamp with time zone, "fault" text, CONSTRAINT "lake_objects_bytes_check" CHECK ((bytes >= 0)), CONSTRAINT "lake_objects_check" CHECK (((kind <> 'sensor_data'::text) OR ((day IS NOT NULL) AND (day_version IS NOT NULL) AND (row_count IS NOT NULL) AND (row_digest IS NOT NULL)))), CONSTRAINT "lake_objects_day_version_check" CHECK ((day_version > 0)), CONSTRAINT "lake_objects_key_check" CHECK (((key <> ''::text) AND (key !~ '(^|/)(\.{0,2})(/|$)'::text) AND (key !~ '[[:cntrl:]\\]'::text) AND (length(key) <= 900))), CONSTRAINT "lake_objects_kind_check" CHECK ((kind = ANY (ARRAY['sensor_data'::text, 'split'::text, 'expectations'::text, 'report'::text, 'backup'::text]))), CONSTRAINT "lake_objects_pkey" PRIMARY KEY (key), CONSTRAINT "lake_objects_row_count_check" CHECK ((row_count >= 0)), CONSTRAINT "lake_objects_sha256_check" CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)));

ALTER TABLE "public"."lake_objects" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lake_objects" OWNER TO "postgres";

CREATE TABLE "public"."lineage_events" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "event_time" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "event_type" text NOT NULL, "run_id" uuid NOT NULL, "job_name" text NOT NULL, "inputs" jsonb NOT NULL DEFAULT '[]'::jsonb, "outputs" jsonb NOT NULL DEFAULT '[]'::jsonb, "run_facets" jsonb NOT NULL DEFAULT '{}'::jsonb, "code_version" text NOT NULL, CONSTRAINT "lineage_events_event_type_check" CHECK ((event_type = ANY (ARRAY['START'::text, 'RUNNING'::text, 'COMPLETE'::text, 'ABORT'::text, 'FAIL'::text, 'OTHER'::text]))), CONSTRAINT "lineage_events_inputs_check" CHECK ((jsonb_typeof(inputs) = 'array'::text)), CONSTRAINT "lineage_events_job_name_check" CHECK ((job_name <> ''::text)), CONSTRAINT "lineage_events_outputs_check" CHECK ((jsonb_typeof(outputs) = 'array'::text)), CONSTRAINT "lineage_events_pkey" PRIMARY KEY (id), CONSTRAINT "lineage_events_run_facets_check" CHECK ((jsonb_typeof(run_facets) = 'object'::text)), CONSTRAINT "lineage_events_run_id_event_type_key" UNIQUE (run_id, event_type));

ALTER TABLE "public"."lineage_events" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_events" OWNER TO "postgres";

CREATE TABLE "public"."lineage_forwarding" ("id" boolean NOT NULL DEFAULT true, "since" timestamp with time zone, "settled_until" timestamp with time zone, "lease" uuid, "leased_until" timestamp with time zone, CONSTRAINT "lineage_forwarding_check1" CHECK (((lease IS NULL) = (leased_until IS NULL))), CONSTRAINT "lineage_forwarding_check" CHECK (((since IS NULL) = (settled_until IS NULL))), CONSTRAINT "lineage_forwarding_id_check" CHECK (id), CONSTRAINT "lineage_forwarding_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."lineage_forwarding" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_forwarding" OWNER TO "postgres";

CREATE TABLE "public"."lineage_forwards" ("event_id" text NOT NULL, "run_id" uuid NOT NULL, "event_time" timestamp with time zone NOT NULL, "state" text NOT NULL, "attempts" integer NOT NULL, "next_attempt_at" timestamp with time zone, "settled_at" timestamp with time zone, "error" text, CONSTRAINT "lineage_forwards_attempts_check" CHECK ((attempts > 0)), CONSTRAINT "lineage_forwards_check1" CHECK (((state = 'retrying'::text) = (settled_at IS NULL))), CONSTRAINT "lineage_forwards_check2" CHECK (((state = 'sent'::text) OR (error IS NOT NULL))), CONSTRAINT "lineage_forwards_check" CHECK (((state = 'retrying'::text) = (next_attempt_at IS NOT NULL))), CONSTRAINT "lineage_forwards_pkey" PRIMARY KEY (event_id), CONSTRAINT "lineage_forwards_state_check" CHECK ((state = ANY (ARRAY['sent'::text, 'retrying'::text, 'dead'::text]))));

ALTER TABLE "public"."lineage_forwards" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."lineage_forwards" OWNER TO "postgres";

CREATE TABLE "public"."sensor_data_days" ("day" date NOT NULL, "version" bigint NOT NULL DEFAULT 1, "changed_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "sensor_data_days_pkey" PRIMARY KEY (day), CONSTRAINT "sensor_data_days_version_check" CHECK ((version > 0)));

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
  select forwarding.settled_until into settled_until from public.lineage_forwarding as forwarding;
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

CREATE OR REPLACE FUNCTION public.reading_lineage(unit_number text, cycle integer, "timestamp" timestamp with time zone DEFAULT NULL::timestamp with time zone)
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
      and (reading_lineage."timestamp" is null or readings."timestamp" = reading_lineage."timestamp")
  ),
  asked as (
    select stored."timestamp", true as in_postgres, stored.batch_id from stored
    union all
    select reading_lineage."timestamp", false, null
    where reading_lineage."timestamp" is not null and not exists (select from stored)
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
  WHERE ((recorded.data_type IS DISTINCT FROM live.data_type) OR (recorded.is_nullable IS DISTINCT FROM live.is_nullable));;

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
             CROSS JOIN LATERAL pg_partition_tree((relation.oid)::regclass) part(relid, parentrelid, isleaf, level))
             JOIN pg_class leaf ON ((leaf.oid = (part.relid)::oid)))
          WHERE ((assets.kind = 'table'::text) AND part.isleaf AND (relation.relnamespace = ('public'::regnamespace)::oid) AND (relation.relname = assets.name) AND (relation.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])))) measured ON (true))
     LEFT JOIN LATERAL ( SELECT count(*) AS objects,
            (COALESCE(sum(objects.bytes), (0)::numeric))::bigint AS bytes,
            max(objects.written_at) AS last_change
           FROM public.lake_objects objects
          WHERE ((assets.kind = 'lake'::text) AND starts_with(objects.key, assets.name))
         HAVING (assets.kind = 'lake'::text)) lake ON (true));;

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
          WHERE ((task_runs.started_at IS NOT NULL) AND (task_runs.finished_at IS NOT NULL) AND (sql_tasks.datasets IS NOT NULL))) traced;;

ALTER VIEW "public"."lineage" OWNER TO "postgres";

CREATE INDEX audit_log_at ON public.audit_log USING btree (at);

CREATE INDEX lake_object_batches_by_batch ON public.lake_object_batches USING btree (batch_id);

CREATE INDEX lake_objects_day ON public.lake_objects USING btree (day) WHERE (kind = 'sensor_data'::text);

CREATE INDEX lineage_events_event_time ON public.lineage_events USING btree (event_time);

CREATE INDEX lineage_forwards_event_time ON public.lineage_forwards USING btree (event_time);

CREATE INDEX lineage_forwards_retrying ON public.lineage_forwards USING btree (run_id) WHERE (state = 'retrying'::text);

CREATE TRIGGER record_asset_schema AFTER INSERT OR UPDATE OF schema_version ON public.data_assets FOR EACH ROW WHEN ((new.kind <> 'lake'::text)) EXECUTE FUNCTION public.record_asset_schema();

CREATE POLICY "asset_schemas_read" ON "public"."asset_schemas" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "audit_log_read" ON "public"."audit_log" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "data_assets_read" ON "public"."data_assets" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lake_object_batches_read" ON "public"."lake_object_batches" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lake_objects_read" ON "public"."lake_objects" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lineage_events_read" ON "public"."lineage_events" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lineage_forwarding_read" ON "public"."lineage_forwarding" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "lineage_forwards_read" ON "public"."lineage_forwards" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_data_days_read" ON "public"."sensor_data_days" FOR SELECT TO "authenticated" USING (true);

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

COMMENT ON COLUMN "public"."lake_objects"."fault" IS 'What the last comparison found: missing, other size, other checksum; null when it was as it should be.';

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

COMMENT ON COLUMN "public"."lineage_forwarding"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."lineage_forwarding"."lease" IS 'Who forwards now; null: nobody.';

COMMENT ON COLUMN "public"."lineage_forwarding"."leased_until" IS 'Until when it is believed to be alive (UTC).';

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

COMMENT ON COLUMN "public"."sensor_data_days"."changed_at" IS 'When a change was last seen (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."day" IS 'The day (UTC).';

COMMENT ON COLUMN "public"."sensor_data_days"."version" IS 'Counts the changes of its readings, from 1.';

COMMENT ON COLUMN "public"."task_runs"."lineage_run_id" IS 'Its run in the view lineage, with all its attempts: unique everywhere, which id is not once events of several databases are in one place.';

COMMENT ON FUNCTION "public"."abort_lost_runs"(timestamp with time zone) IS 'Ends with ABORT the runs that began more than a day ago and never said how they went; returns how many.';

COMMENT ON FUNCTION "public"."asset_columns"(text) IS 'Columns of a table or view as they are now, with their types, whether they may be null, and their comments.';

COMMENT ON FUNCTION "public"."batch_input"(text, text) IS 'What a batch was made of, as an OpenLineage dataset: the file, stream, requests or dead letters that its reference names, and which part of them.';

COMMENT ON FUNCTION "public"."check_assertions"(bigint) IS 'Verdicts of a run of the checks about the table, as the assertions of OpenLineage''s facet dataQualityAssertions.';

COMMENT ON FUNCTION "public"."find_assets"(text, text, text, text, text) IS 'Assets of the catalogue by kind, tag, classification, owner and words; the same as GET /catalog/assets.';

COMMENT ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) IS 'OpenLineage run events, newest first, by job, run, dataset and time; the same as GET /catalog/lineage.';

COMMENT ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text) IS 'Stores one batch of validated readings in one transaction: partitions, engines, rows, batch. Returns accepted, duplicates and what the database''s own rules refuse.';

COMMENT ON FUNCTION "public"."lake_listing"(text, text, integer) IS 'Objects of the lake below a prefix as lake_objects lists them, in the order of their keys; the same as GET /catalog/lake.';

COMMENT ON FUNCTION "public"."lake_object_contents"(text) IS 'One object of the lake with the batches inside and where each came from; the same as GET /catalog/lake/{key}.';

COMMENT ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) IS 'How many of the readings, runs of the checks and objects of the lake of a window can be traced to what made them, with the first few that cannot.';

COMMENT ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) IS 'Datasets and jobs as nodes and edges: what the catalogue declares and what runs have done since a moment. The same as GET /catalog/lineage/graph.';

COMMENT ON FUNCTION "public"."lineage_to_forward"(integer, timestamp with time zone) IS 'Events that the worker is to forward to OPENLINEAGE_URL now, in their order; none while forwarding has never been on.';

COMMENT ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) IS 'Datasets of an event as OpenLineage wants them: names as its naming says, facets stamped, tables with the columns they had at the time.';

COMMENT ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) IS 'One event of the view lineage as a run event of OpenLineage 2-0-2, with all its facets.';

COMMENT ON FUNCTION "public"."openlineage_facets"(jsonb, text) IS 'Facets with the producer and the schema that OpenLineage wants of each; those it does not know keep to its base facet.';

COMMENT ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) IS 'Where a reading comes from and where it has gone: batch, source file or stream shard, code version, object of the lake, runs of the checks. The same as GET /catalog/lineage/readings.';

COMMENT ON FUNCTION "public"."record_asset_schema"() IS 'Trigger of data_assets: keeps the columns that a table or view has when its schema_version begins.';

COMMENT ON FUNCTION "public"."settle_forwarding"(timestamp with time zone) IS 'Moves lineage_forwarding.settled_until on past what has been forwarded or given up, and forgets what was sent before it.';

COMMENT ON FUNCTION "public"."spool_version"() IS 'Version of the functions and checks in this database, as runs of them say it.';

COMMENT ON FUNCTION "public"."task_datasets"(text) IS 'Tables that a sql task of a pipeline reads and writes, by the sources and transforms of the catalogue, as OpenLineage datasets.';

COMMENT ON FUNCTION "public"."task_lineage"(timestamp with time zone) IS 'Pipeline task: ends lost runs, and writes the metric lineage_coverage of the 24 hours before the logical time.';

COMMENT ON TABLE "public"."asset_schemas" IS 'Columns of tables and views by version of their schema, as they were when data_assets.schema_version became it.';

COMMENT ON TABLE "public"."audit_log" IS 'Administrative acts: who did what to what, and when. Rows are added and never changed.';

COMMENT ON TABLE "public"."data_assets" IS 'Catalogue of data assets: every table and view of the schema public, and every prefix of the lake. Its rows act: see classification and retention_days.';

COMMENT ON TABLE "public"."lake_object_batches" IS 'Which batches are in which object of the lake; it stays when the readings have left Postgres.';

COMMENT ON TABLE "public"."lake_objects" IS 'Objects in the lake: one row per file, with its size, its checksum and what it holds.';

COMMENT ON TABLE "public"."lineage_events" IS 'OpenLineage run events of archives, exports, backups, restores, loads and reports. The view lineage adds those of batches and checks.';

COMMENT ON TABLE "public"."lineage_forwarding" IS 'How far lineage has been forwarded to OPENLINEAGE_URL. Exactly one row.';

COMMENT ON TABLE "public"."lineage_forwards" IS 'Events that were forwarded lately, are to be tried again, or were given up: one row an event. Sent ones are deleted once settled_until has passed them.';

COMMENT ON TABLE "public"."sensor_data_days" IS 'UTC days that hold readings, and how often their readings have changed. A day is archived when an object of lake_objects holds its version.';

COMMENT ON VIEW "public"."asset_schema_changes" IS 'Columns of tables and views that changed without a new data_assets.schema_version. Raise it, and what is there now becomes the new version.';

COMMENT ON VIEW "public"."catalog_assets" IS 'Catalogue of tables, views and prefixes of the lake, with what the live database knows of each. The same as GET /catalog/assets.';

COMMENT ON VIEW "public"."lineage" IS 'OpenLineage run events of everything: batches, runs of the checks, sql tasks, loads, archives, exports, backups, restores and reports.';

REVOKE ALL ON FUNCTION "public"."abort_lost_runs"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."asset_columns"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."asset_columns"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."batch_input"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."batch_input"(text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."check_assertions"(bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."check_assertions"(bigint) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."find_assets"(text, text, text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."find_assets"(text, text, text, text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."find_lineage"(text, uuid, text, timestamp with time zone, timestamp with time zone, text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."ingest_readings"(uuid, text, text, integer, boolean, text[], integer[], integer[], timestamp with time zone[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."lake_listing"(text, text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lake_listing"(text, text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lake_object_contents"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lake_object_contents"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."lineage_graph"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."lineage_to_forward"(integer, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_datasets"(jsonb, text, text, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_event"(text, text, timestamp with time zone, text, uuid, text, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."openlineage_facets"(jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."openlineage_facets"(jsonb, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."reading_lineage"(text, integer, timestamp with time zone) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_asset_schema"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."settle_forwarding"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."spool_version"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."spool_version"() TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."task_datasets"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."task_datasets"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."task_lineage"(timestamp with time zone) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."asset_schemas" TO "authenticated";

GRANT INSERT, SELECT ON TABLE "public"."asset_schemas" TO "service_role";

GRANT SELECT ON TABLE "public"."audit_log" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."data_assets" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."data_assets" TO "service_role";

GRANT SELECT ON TABLE "public"."lake_object_batches" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lake_objects" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_events" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_forwarding" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage_forwards" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_data_days" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."asset_schema_changes" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."catalog_assets" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."lineage" TO "authenticated", "service_role";

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
alter table public.asset_schemas enable row level security;
alter table public.audit_log enable row level security;
alter table public.data_assets enable row level security;
alter table public.lake_object_batches enable row level security;
alter table public.lake_objects enable row level security;
alter table public.lineage_events enable row level security;
alter table public.lineage_forwarding enable row level security;
alter table public.lineage_forwards enable row level security;
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
    'asset_schemas',
    'audit_log',
    'data_assets',
    'lake_object_batches',
    'lake_objects',
    'lineage_events',
    'lineage_forwarding',
    'lineage_forwards',
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

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;
grant select on public.asset_schema_changes, public.catalog_assets, public.lineage to authenticated;

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
      '{readings, labels, rul, training}', '{engines, sensor_data}', '{}', '{"outside: models"}'),
    ('classified_readings', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, conditions}', '{operating_conditions, sensor_data}', '{}', '{run_checks()}'),
    ('sensor_values', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, sensors}', '{classified_readings}', '{}', '{detect_anomalies(), learn_baselines()}'),
    ('sensor_data_changes', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, bookkeeping}', '{sensor_data}', '{note_sensor_data_change()}', '{roll_up_readings()}'),
    ('sensor_data_days', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, bookkeeping}', '{sensor_data_changes}', '{roll_up_readings()}', '{lineage_coverage()}'),
    -- intake
    ('batches', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
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
    ('alert_events', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{alerts, history}', '{alerts}', '{record_alert_events()}', '{/worker}'),
    ('alert_deliveries', 'table', null, 'operations', 'internal', 'silver', 1, 90,
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
    ('task_runs', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{pipeline, history}', '{pipeline_runs, pipeline_tasks}', '{make_pipeline_run()}', '{/worker}'),
    ('task_attempts', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{pipeline, history}', '{task_runs}', '{end_task_attempt()}', '{"outside: people in Studio"}'),
    ('pipeline_status', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{pipeline, dashboard}', '{pipeline_runs, pipeline_tasks, pipelines, task_runs}', '{}', '{"outside: people in Studio"}'),
    ('jobs', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{pipeline, bookkeeping}', '{"outside: pg_cron"}', '{pipeline_tick(), wake_worker(), prune_history()}', '{watch_jobs()}'),
    -- lake, lineage, catalogue, audit
    ('lake_objects', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake}', '{"outside: the lake"}', '{/worker}', '{/catalog}'),
    ('lake_object_batches', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{lake, lineage}', '{sensor_data}', '{/worker}', '{/catalog}'),
    ('lineage_events', 'table', null, 'data-engineering', 'internal', 'silver', 1, 2555,
      '{lineage}', '{"outside: runs of commands and of the worker"}', '{"deno task load", /worker}', '{find_lineage()}'),
    ('lineage', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{lineage}', '{batches, check_runs, lineage_events, pipeline_tasks, task_runs}', '{}', '{/catalog, /worker}'),
    ('lineage_forwarding', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{lineage, bookkeeping}', '{lineage}', '{settle_forwarding()}', '{/worker}'),
    ('lineage_forwards', 'table', null, 'operations', 'internal', 'silver', 1, 90,
      '{lineage, bookkeeping}', '{lineage}', '{/worker}', '{/worker}'),
    ('data_assets', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{"outside: people in Studio"}', '{}', '{/catalog}'),
    ('catalog_assets', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue}', '{batches, check_runs, data_assets, lake_objects, lineage_events}', '{}', '{/catalog}'),
    ('asset_schemas', 'table', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{data_assets}', '{record_asset_schema()}', '{/catalog}'),
    ('asset_schema_changes', 'view', null, 'data-engineering', 'internal', 'gold', 1, null,
      '{catalogue, schema}', '{asset_schemas, data_assets}', '{}', '{/catalog}'),
    ('audit_log', 'table', null, 'security', 'confidential', 'gold', 1, 2555,
      '{audit}', '{"outside: people in Studio"}', '{}', '{"outside: people in Studio"}'),
    -- the lake
    ('raw/', 'lake', 'Original C-MAPSS files, as NASA published them.', 'data-engineering', 'internal', 'bronze', 1, null,
      '{lake, readings}', '{"outside: NASA C-MAPSS files"}', '{"outside: people with aws s3 cp"}', '{"deno task load"}'),
    ('processed/', 'lake', 'Readings by UTC day as Parquet, under year=/month=/day=, for whatever reads Hive partitions.', 'data-engineering', 'internal', 'silver', 1, 2555,
      '{lake, readings, parquet}', '{sensor_data, sensor_data_days}', '{/worker}', '{"outside: DuckDB, Athena, Spark, Trino"}'),
    ('processed/train-test-split/', 'lake', 'X_train, y_train, X_test and y_test with capped RUL labels; no engine is in both halves.', 'data-science', 'internal', 'gold', 1, null,
      '{lake, training, rul, parquet}', '{training_data, engines}', '{}', '{"outside: models"}'),
    ('streaming/kinesis-firehose/', 'lake', 'Firehose''s copy of everything it delivered, by hour, and under failed/ what it could not deliver. It holds what became dead letters, too.', 'data-engineering', 'confidential', 'bronze', 1, 30,
      '{lake, streaming}', '{"outside: Kinesis stream"}', '{"outside: Firehose"}', '{"outside: people who replay deliveries"}'),
    ('streaming/archived/', 'lake', 'Deliveries that somebody has set aside to be kept, such as those under failed/ once they were replayed.', 'data-engineering', 'confidential', 'bronze', 1, null,
      '{lake, streaming}', '{streaming/kinesis-firehose/}', '{"outside: people who replay deliveries"}', '{"outside: people who replay deliveries"}'),
    ('quality/expectations/', 'lake', 'Suites of expectations as Great Expectations JSON, one per dataset.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, rules}', '{expectations}', '{export_expectation_suite()}', '{"deno task expectations"}'),
    ('quality/reports/', 'lake', 'What the checks said of each day, as JSON and as a page of HTML.', 'data-engineering', 'internal', 'gold', 1, null,
      '{lake, quality, reports}', '{check_runs, data_quality_metrics}', '{/worker}', '{"outside: people with a browser"}'),
    ('backups/daily/', 'lake', 'Backups of the whole database by date. They hold what is confidential in it.', 'operations', 'confidential', 'silver', 1, 35,
      '{lake, backup}', '{"outside: the whole database"}', '{}', '{"outside: people who restore"}')
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
