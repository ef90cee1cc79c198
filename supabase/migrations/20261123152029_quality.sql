-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

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
  cross join lateral (
    select count(distinct failing.engine_id)::integer as failing
    from public.data_quality_metrics as failing
    where failing.run_id = latest.run_id
      and failing.engine_id is not null
      and failing.metric_name = latest.metric_name
      and coalesce(failing.column_name, '') = latest.column_key
      and failing.status in ('warning', 'fail')
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
            array_agg(concat_ws(' '::text, metrics.metric_name, metrics.column_name, (metrics.status || ':'::text), (metrics.metric_value)::real,
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

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX data_quality_metrics_of_the_table ON public.data_quality_metrics USING btree (metric_name, COALESCE(column_name, ''::text), check_timestamp DESC) WHERE (engine_id IS NULL);

CREATE POLICY "check_runs_read" ON "public"."check_runs" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "engine_baselines_read" ON "public"."engine_baselines" FOR SELECT TO "authenticated" USING (true);

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

COMMENT ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) IS 'Latest verdict of each check in a stretch of time, with evidence, counts of verdicts, and since when it stands; checks without a verdict in that time are not_evaluated. Without arguments: the last 24 hours.';

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."quality_summary" IS 'Latest verdict of each check in the last 24 hours, with its evidence; checks without one are not_evaluated. The same rows as GET /quality/summary.';

REVOKE ALL ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."quality_summary_between"(timestamp with time zone, timestamp with time zone) TO "authenticated", "service_role";

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

COMMENT ON COLUMN quality_summary.engines_failing IS 'How many engines warned or failed in the run of the latest verdict.';

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
        'quality_summary_between'
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
