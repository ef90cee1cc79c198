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
         SELECT NULL::text
        ), conditions AS (
         SELECT operating_conditions.condition
           FROM public.operating_conditions
        UNION ALL
         SELECT (0)::smallint AS int2
        ), subjects AS (
         SELECT kind.kind,
            NULL::text AS column_name,
            NULL::smallint AS condition,
            subset.subset
           FROM (unnest(ARRAY['text'::text, 'columns'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text]) kind(kind)
             CROSS JOIN unnest(ARRAY['train'::text, 'test'::text]) subset(subset))
        UNION ALL
         SELECT kind.kind,
            NULL::text,
            NULL::smallint,
            NULL::text
           FROM unnest(ARRAY['types'::text, 'cycles'::text, 'duplicates'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'rejected'::text, 'degradation'::text]) kind(kind)
        UNION ALL
         SELECT 'nulls'::text,
            column_name.column_name,
            NULL::smallint,
            NULL::text
           FROM unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) column_name(column_name)
        UNION ALL
         SELECT 'range'::text,
            column_name.column_name,
            conditions.condition,
            NULL::text
           FROM (unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) column_name(column_name)
             CROSS JOIN conditions)
        UNION ALL
         SELECT kind.kind,
            column_name.column_name,
            NULL::smallint,
            NULL::text
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
                 SELECT NULL::text) datasets
             CROSS JOIN ( SELECT operating_conditions.condition
                   FROM public.operating_conditions
                UNION ALL
                 SELECT (0)::smallint AS int2) conditions)
             CROSS JOIN unnest(ARRAY['altitude'::text, 'mach_number'::text, 'tra'::text, 's2'::text, 's3'::text, 's4'::text, 's7'::text, 's8'::text, 's9'::text, 's11'::text, 's12'::text, 's13'::text, 's14'::text, 's15'::text, 's17'::text, 's20'::text, 's21'::text]) WITH ORDINALITY columns(column_name, place))) combined
     LEFT JOIN public.effective_expectations rule ON (((NOT (rule.dataset IS DISTINCT FROM combined.dataset)) AND (rule.kind = 'range'::text) AND (rule.column_name = combined.column_name) AND (rule.condition = combined.condition))))
  GROUP BY combined.dataset, combined.condition;;

ALTER VIEW "public"."reading_bounds" OWNER TO "postgres";

CREATE INDEX data_quality_metrics_by_run ON public.data_quality_metrics USING btree (run_id) WHERE (run_id IS NOT NULL);

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

COMMENT ON TABLE "public"."check_runs" IS 'Runs of all checks: one row per window and moment, with how many checks passed, warned, failed and could not be evaluated.';

COMMENT ON TABLE "public"."engine_baselines" IS 'First readings of each engine: how many, from when to when, how far apart. The values are in sensor_baselines.';

COMMENT ON TABLE "public"."expectations" IS 'Rules the data is held against, by the loader, the intake and the scheduled checks. Edit them here; each change is kept in expectation_versions.';

COMMENT ON TABLE "public"."operating_conditions" IS 'Operating conditions as boxes of altitude, Mach number and throttle. Edit them for a fleet that flies others; boxes must not overlap.';

COMMENT ON TABLE "public"."quality_settings" IS 'Sizes and levels of the checks'' statistics. Exactly one row; a change takes effect with the next run. Thresholds are in expectations.';

COMMENT ON TABLE "public"."sensor_baselines" IS 'Values of each engine''s baseline by operating condition and sensor, sorted, for drift and mean shift.';

COMMENT ON TABLE "public"."sensor_drift" IS 'Latest comparison of each engine''s recent readings with its baseline, one row per sensor. Rewritten when the engine has sent new readings.';

COMMENT ON VIEW "public"."classified_readings" IS 'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';

COMMENT ON VIEW "public"."effective_expectations" IS 'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';

COMMENT ON VIEW "public"."reading_bounds" IS 'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';

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
        'record_dead_letters'
      )
  ) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', routine);
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
    'public.effective_expectations',
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
