-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."check_runs" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "window_start" timestamp with time zone NOT NULL, "as_of" timestamp with time zone NOT NULL, "started_at" timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "finished_at" timestamp with time zone, "passed" integer NOT NULL DEFAULT 0, "warned" integer NOT NULL DEFAULT 0, "failed" integer NOT NULL DEFAULT 0, "not_evaluated" integer NOT NULL DEFAULT 0, CONSTRAINT "check_runs_as_of_window_start_key" UNIQUE (as_of, window_start), CONSTRAINT "check_runs_check" CHECK ((window_start < as_of)), CONSTRAINT "check_runs_pkey" PRIMARY KEY (id));

ALTER TABLE "public"."check_runs" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."check_runs" OWNER TO "postgres";

CREATE TABLE "public"."engine_baselines" ("engine_id" uuid NOT NULL, "readings" integer NOT NULL, "complete" boolean NOT NULL, "first_timestamp" timestamp with time zone NOT NULL, "last_timestamp" timestamp with time zone NOT NULL, "cadence" interval, "learned_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "engine_baselines_cadence_check" CHECK ((cadence > '00:00:00'::interval)), CONSTRAINT "engine_baselines_check" CHECK ((first_timestamp <= last_timestamp)), CONSTRAINT "engine_baselines_pkey" PRIMARY KEY (engine_id), CONSTRAINT "engine_baselines_readings_check" CHECK ((readings > 0)));

ALTER TABLE "public"."engine_baselines" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."engine_baselines" OWNER TO "postgres";

CREATE TABLE "public"."expectation_versions" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "expectation_id" bigint NOT NULL, "version" integer NOT NULL, "operation" text NOT NULL, "before" jsonb, "after" jsonb, "changed_at" timestamp with time zone NOT NULL, "changed_by" text NOT NULL, CONSTRAINT "expectation_versions_check1" CHECK (((operation = 'delete'::text) = (after IS NULL))), CONSTRAINT "expectation_versions_check" CHECK (((operation = 'insert'::text) = (before IS NULL))), CONSTRAINT "expectation_versions_expectation_id_version_key" UNIQUE (expectation_id, version), CONSTRAINT "expectation_versions_operation_check" CHECK ((operation = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text]))), CONSTRAINT "expectation_versions_pkey" PRIMARY KEY (id), CONSTRAINT "expectation_versions_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."expectation_versions" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."expectation_versions" OWNER TO "postgres";

CREATE TABLE "public"."expectations" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "dataset" text, "subset" text, "kind" text NOT NULL, "column_name" text, "condition" smallint, "min" double precision, "max" double precision, "mostly" double precision NOT NULL DEFAULT 1, "severity" text NOT NULL DEFAULT 'fail'::text, "at_intake" text NOT NULL DEFAULT 'accept'::text, "active" boolean NOT NULL DEFAULT true, "description" text NOT NULL, "version" integer NOT NULL DEFAULT 1, "updated_at" timestamp with time zone NOT NULL DEFAULT now(), "updated_by" text NOT NULL DEFAULT CURRENT_USER, CONSTRAINT "expectations_at_intake_check" CHECK ((at_intake = ANY (ARRAY['accept'::text, 'reject'::text]))), CONSTRAINT "expectations_check1" CHECK (((kind <> 'range'::text) OR (column_name IS NOT NULL))), CONSTRAINT "expectations_check2" CHECK (((condition IS NULL) OR (kind = 'range'::text))), CONSTRAINT "expectations_check3" CHECK (((column_name IS NULL) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text, 'stuck'::text, 'drift'::text, 'fleet_drift'::text])))), CONSTRAINT "expectations_check4" CHECK (((at_intake = 'accept'::text) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text])))), CONSTRAINT "expectations_check" CHECK ((min <= max)), CONSTRAINT "expectations_dataset_subset_kind_column_name_condition_key" UNIQUE NULLS NOT DISTINCT (dataset, subset, kind, column_name, condition), CONSTRAINT "expectations_kind_check" CHECK ((kind = ANY (ARRAY['text'::text, 'columns'::text, 'types'::text, 'nulls'::text, 'range'::text, 'cycles'::text, 'duplicates'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'stuck'::text, 'rejected'::text, 'drift'::text, 'fleet_drift'::text, 'degradation'::text]))), CONSTRAINT "expectations_mostly_check" CHECK (((mostly > (0)::double precision) AND (mostly <= (1)::double precision))), CONSTRAINT "expectations_pkey" PRIMARY KEY (id), CONSTRAINT "expectations_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))), CONSTRAINT "expectations_subset_check" CHECK ((subset = ANY (ARRAY['train'::text, 'test'::text]))));

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

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX expectations_at_intake ON public.expectations USING btree (id) WHERE ((at_intake = 'reject'::text) AND active);

CREATE TRIGGER expectations_record AFTER INSERT OR DELETE OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.record_expectation_version();

CREATE TRIGGER expectations_validate BEFORE INSERT OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.validate_expectation();

CREATE TRIGGER expectations_version BEFORE INSERT OR UPDATE ON public.expectations FOR EACH ROW EXECUTE FUNCTION public.stamp_expectation();

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectation_versions_read" ON "public"."expectation_versions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "expectations_read" ON "public"."expectations" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "operating_conditions_read" ON "public"."operating_conditions" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "quality_settings_read" ON "public"."quality_settings" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_baselines_read" ON "public"."sensor_baselines" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "sensor_drift_read" ON "public"."sensor_drift" FOR SELECT TO "authenticated" USING (true);

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

COMMENT ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) IS 'Verdict on a measured value: pass, the rule''s severity when it lies outside min and max, not_evaluated when it is null.';

COMMENT ON FUNCTION "public"."export_expectation_suite"(text) IS 'Rules of one set of engines (null: those of every engine) as a suite of Great Expectations 1.x; import_expectation_suite reads it back without loss.';

COMMENT ON FUNCTION "public"."import_expectation_suite"(jsonb, boolean) IS 'Reads a suite of Great Expectations (1.x or 0.18) into expectations and says what was imported, unchanged and skipped, with the reasons.';

COMMENT ON FUNCTION "public"."read_great_expectation"(jsonb) IS 'One expectation of Great Expectations (1.x or 0.18) as a rule of expectations, or the reason why there is none.';

COMMENT ON FUNCTION "public"."readings_against_rules"(text[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]) IS 'Values of a batch that break a rule whose at_intake is reject, with the reason. Part of ingest_readings.';

COMMENT ON FUNCTION "public"."record_expectation_version"() IS 'Trigger of expectations: writes each change to expectation_versions.';

COMMENT ON FUNCTION "public"."stamp_expectation"() IS 'Trigger of expectations: counts the version and notes who changed the rule and when.';

COMMENT ON FUNCTION "public"."validate_expectation"() IS 'Trigger of expectations: refuses a rule that makes no sense and says what is wrong with it.';

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."expectation_versions" IS 'Every change of expectations: the rule before and after it, who made it and when. Written by a trigger, never by hand.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."effective_expectations" IS 'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';

COMMENT ON VIEW "public"."reading_bounds" IS 'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';

REVOKE ALL ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."expectation_verdict"(double precision, double precision, double precision, text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."export_expectation_suite"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."export_expectation_suite"(text) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."import_expectation_suite"(jsonb, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."read_great_expectation"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."readings_against_rules"(text[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[], real[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."record_expectation_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."stamp_expectation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."validate_expectation"() FROM PUBLIC;

GRANT SELECT ON TABLE "public"."check_runs" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."expectation_versions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."expectations" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."expectations" TO "service_role";

GRANT SELECT ON TABLE "public"."operating_conditions" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."operating_conditions" TO "service_role";

GRANT SELECT ON TABLE "public"."quality_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."quality_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."sensor_baselines" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_drift" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."classified_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."effective_expectations" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."reading_bounds" TO "authenticated", "service_role";

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

COMMENT ON COLUMN reading_bounds.dataset IS 'Set of engines; null: engines without a dataset, and datasets that are not here.';

COMMENT ON COLUMN reading_bounds.condition IS 'Operating condition; 0: none of the known ones.';

COMMENT ON COLUMN reading_bounds.minima IS 'Smallest value of each column; null: no lower bound.';

COMMENT ON COLUMN reading_bounds.maxima IS 'Largest value of each column; null: no upper bound.';

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
        'readings_against_rules',
        'record_dead_letters',
        -- expectations
        'expectation_verdict',
        'export_expectation_suite',
        'import_expectation_suite',
        'read_great_expectation',
        'record_expectation_version',
        'stamp_expectation',
        'validate_expectation'
      )
  ) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', routine);
  end loop;
end;
$$;

grant execute on function public.sensor_data_partition_report(timestamptz, integer) to authenticated, service_role;
grant execute on function public.expectation_verdict(double precision, double precision, double precision, text),
  public.export_expectation_suite(text) to authenticated, service_role;

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
    'public.check_runs',
    'public.data_quality_metrics',
    'public.engine_baselines',
    'public.quality_settings',
    'public.sensor_baselines',
    'public.sensor_drift',
    -- predictions
    'public.rul_predictions',
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
alter table public.expectation_versions enable row level security;
alter table public.expectations enable row level security;
alter table public.operating_conditions enable row level security;
alter table public.check_runs enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.engine_baselines enable row level security;
alter table public.quality_settings enable row level security;
alter table public.sensor_baselines enable row level security;
alter table public.sensor_drift enable row level security;
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
    'expectation_versions',
    'expectations',
    'operating_conditions',
    -- quality
    'check_runs',
    'data_quality_metrics',
    'engine_baselines',
    'quality_settings',
    'sensor_baselines',
    'sensor_drift',
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
grant select on public.effective_expectations, public.reading_bounds to authenticated;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions to service_role;
grant update on public.intake_settings, public.quality_settings to service_role; -- their one row must stay

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
