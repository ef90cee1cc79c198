-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

ALTER TABLE "public"."expectations" DROP CONSTRAINT "expectations_check3";

ALTER TABLE "public"."expectations" DROP CONSTRAINT "expectations_kind_check";

ALTER TABLE "public"."quality_settings" DROP CONSTRAINT "quality_settings_anomaly_score_check";

DROP FUNCTION "public"."detect_anomalies"(timestamp with time zone);

DROP FUNCTION "public"."task_anomalies"(timestamp with time zone);

CREATE TABLE "public"."anomaly_episodes" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "engine_id" uuid NOT NULL, "detector" text NOT NULL, "started_at" timestamp with time zone NOT NULL, "ended_at" timestamp with time zone NOT NULL, "first_cycle" integer NOT NULL, "last_cycle" integer NOT NULL, "readings" integer NOT NULL, "severe_readings" integer NOT NULL, "peak_score" double precision NOT NULL, "peak_threshold" double precision NOT NULL, "peak_at" timestamp with time zone NOT NULL, "sensors" jsonb NOT NULL, "severity" text NOT NULL, "open" boolean NOT NULL, "detected_at" timestamp with time zone NOT NULL, CONSTRAINT "anomaly_episodes_check1" CHECK (((started_at <= peak_at) AND (peak_at <= ended_at))), CONSTRAINT "anomaly_episodes_check" CHECK (((severe_readings >= 0) AND (severe_readings <= readings))), CONSTRAINT "anomaly_episodes_engine_id_detector_started_at_first_cycle_key" UNIQUE (engine_id, detector, started_at, first_cycle), CONSTRAINT "anomaly_episodes_pkey" PRIMARY KEY (id), CONSTRAINT "anomaly_episodes_readings_check" CHECK ((readings > 0)), CONSTRAINT "anomaly_episodes_sensors_check" CHECK ((jsonb_typeof(sensors) = 'object'::text)), CONSTRAINT "anomaly_episodes_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text]))));

ALTER TABLE "public"."anomaly_episodes" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."anomaly_episodes" OWNER TO "postgres";

CREATE TABLE "public"."model_settings" ("id" boolean NOT NULL DEFAULT true, "anomaly_detector" text NOT NULL DEFAULT 'mean_abs_z'::text, "score_at_intake" boolean NOT NULL DEFAULT false, "intake_budget" interval NOT NULL DEFAULT '00:00:00.05'::interval, "rul_model" text, "most_drifting_share" double precision NOT NULL DEFAULT 0.2, "most_prediction_rmse" double precision NOT NULL DEFAULT 20, "least_predictions" integer NOT NULL DEFAULT 30, "least_coverage" double precision NOT NULL DEFAULT 0.75, "oldest_model" interval NOT NULL DEFAULT '180 days'::interval, "retrain_again_after" interval NOT NULL DEFAULT '7 days'::interval, CONSTRAINT "model_settings_anomaly_detector_check" CHECK ((anomaly_detector = ANY (ARRAY['mean_abs_z'::text, 'isolation_forest'::text, 'mahalanobis'::text]))), CONSTRAINT "model_settings_id_check" CHECK (id), CONSTRAINT "model_settings_intake_budget_check" CHECK (((intake_budget > '00:00:00'::interval) AND (intake_budget <= '00:00:05'::interval))), CONSTRAINT "model_settings_least_coverage_check" CHECK (((least_coverage >= (0)::double precision) AND (least_coverage <= (1)::double precision))), CONSTRAINT "model_settings_least_predictions_check" CHECK ((least_predictions > 0)), CONSTRAINT "model_settings_most_drifting_share_check" CHECK (((most_drifting_share >= (0)::double precision) AND (most_drifting_share <= (1)::double precision))), CONSTRAINT "model_settings_most_prediction_rmse_check" CHECK ((most_prediction_rmse > (0)::double precision)), CONSTRAINT "model_settings_oldest_model_check" CHECK ((oldest_model > '00:00:00'::interval)), CONSTRAINT "model_settings_pkey" PRIMARY KEY (id), CONSTRAINT "model_settings_retrain_again_after_check" CHECK ((retrain_again_after > '00:00:00'::interval)), CONSTRAINT "model_settings_rul_model_check" CHECK ((rul_model <> ''::text)));

ALTER TABLE "public"."model_settings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."model_settings" OWNER TO "postgres";

CREATE TABLE "public"."models" ("id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "purpose" text NOT NULL, "name" text NOT NULL, "version" integer NOT NULL, "dataset" text, "active" boolean NOT NULL DEFAULT true, "features" text[] NOT NULL, "trained_from" timestamp with time zone NOT NULL, "trained_until" timestamp with time zone NOT NULL, "engines" integer NOT NULL, "readings" bigint NOT NULL, "seed" bigint NOT NULL, "settings" jsonb NOT NULL, "metrics" jsonb NOT NULL, "content" jsonb NOT NULL, "code_version" text NOT NULL, "trained_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "models_check" CHECK ((trained_from <= trained_until)), CONSTRAINT "models_content_check" CHECK ((jsonb_typeof(content) = 'object'::text)), CONSTRAINT "models_engines_check" CHECK ((engines > 0)), CONSTRAINT "models_features_check" CHECK ((cardinality(features) > 0)), CONSTRAINT "models_metrics_check" CHECK ((jsonb_typeof(metrics) = 'object'::text)), CONSTRAINT "models_name_check" CHECK ((name <> ''::text)), CONSTRAINT "models_name_version_key" UNIQUE (name, version), CONSTRAINT "models_pkey" PRIMARY KEY (id), CONSTRAINT "models_purpose_check" CHECK ((purpose = ANY (ARRAY['anomaly'::text, 'rul'::text]))), CONSTRAINT "models_readings_check" CHECK ((readings > 0)), CONSTRAINT "models_settings_check" CHECK ((jsonb_typeof(settings) = 'object'::text)), CONSTRAINT "models_version_check" CHECK ((version > 0)));

ALTER TABLE "public"."models" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."models" OWNER TO "postgres";

CREATE TABLE "public"."sensor_modules" ("column_name" text NOT NULL, "module" text NOT NULL, "measures" text NOT NULL, CONSTRAINT "sensor_modules_column_name_check" CHECK ((column_name ~ '^s[0-9]{1,2}$'::text)), CONSTRAINT "sensor_modules_measures_check" CHECK ((measures <> ''::text)), CONSTRAINT "sensor_modules_module_check" CHECK ((module = ANY (ARRAY['fan'::text, 'LPC'::text, 'HPC'::text, 'combustor'::text, 'HPT'::text, 'LPT'::text, 'bypass'::text]))), CONSTRAINT "sensor_modules_pkey" PRIMARY KEY (column_name, module));

ALTER TABLE "public"."sensor_modules" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."sensor_modules" OWNER TO "postgres";

CREATE TABLE "public"."unscored_readings" ("engine_id" uuid NOT NULL, "times" tstzmultirange NOT NULL, "noted_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "unscored_readings_pkey" PRIMARY KEY (engine_id), CONSTRAINT "unscored_readings_times_check" CHECK ((NOT isempty(times))));

ALTER TABLE "public"."unscored_readings" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."unscored_readings" OWNER TO "postgres";

ALTER TABLE "public"."anomalies" ADD COLUMN "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL;

ALTER TABLE "public"."anomalies" ADD COLUMN "severity" text NOT NULL DEFAULT 'warning'::text;

ALTER TABLE "public"."anomalies" ADD COLUMN "values" jsonb NOT NULL DEFAULT '{}'::jsonb;

ALTER TABLE "public"."anomalies" ADD COLUMN "model_id" bigint;

ALTER TABLE "public"."anomalies" ADD COLUMN "run_id" uuid;

ALTER TABLE "public"."batches" ADD COLUMN "duplicates_by_engine" jsonb;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "last_cycle" integer;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "recent_anomalies" integer;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "anomalous_since" timestamp with time zone;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "predicted_rul" real;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "lower_bound" real;

ALTER TABLE "public"."engine_health_reports" ADD COLUMN "upper_bound" real;

ALTER TABLE "public"."reading_rollups" ADD COLUMN "longest_delay" interval;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "criteria" text[] NOT NULL DEFAULT '{}'::text[];

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_state" text NOT NULL DEFAULT 'not_needed'::text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_note" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_key" uuid NOT NULL DEFAULT gen_random_uuid();

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_attempts" integer NOT NULL DEFAULT 0;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_next_at" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_lease" uuid;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_leased_until" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_error" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_called_at" timestamp with time zone;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_receiver" text;

ALTER TABLE "public"."retraining_decisions" ADD COLUMN "hook_answer" text;

ALTER TABLE "public"."sensor_data_changes" ADD COLUMN "scores" boolean NOT NULL DEFAULT true;

ALTER TYPE "public"."engine_window" ADD ATTRIBUTE "longest_delay" interval CASCADE;

ALTER TYPE "public"."engine_window" ADD ATTRIBUTE "usual_delay" interval CASCADE;

CREATE OR REPLACE FUNCTION public.check_arrival(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  fleet as (
    select percentile_disc(0.5) within group (order by coalesce(received.usual_delay, received.longest_delay)) as usual_delay
    from received
  ),
  expected as materialized (
    select
      received.engine_id,
      received.readings,
      received.longest_delay,
      greatest('0', 1.5 * coalesce(received.usual_delay, fleet.usual_delay)) + 0.5 * received.cadence as latest
    from received
    cross join fleet
  ),
  -- only readings of engines that have a late one are read, which are few
  late as (
    select
      late.engine_id,
      count(*) as readings,
      jsonb_agg(
        jsonb_build_object('timestamp', late."timestamp", 'cycle', late.cycle, 'arrived', late.created_at)
        order by late."timestamp", late.cycle
      ) filter (where late.place <= 20) as listed
    from (
      select
        expected.engine_id, reading.*,
        row_number() over (partition by expected.engine_id order by reading."timestamp", reading.cycle) as place
      from bounds
      cross join expected
      cross join lateral (
        select stored."timestamp", stored.cycle, stored.created_at
        from public.sensor_data as stored
        where stored.engine_id = expected.engine_id
          and stored."timestamp" >= bounds.window_start and stored."timestamp" <= as_of
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as reading
      where expected.longest_delay > expected.latest and reading.created_at - reading."timestamp" > expected.latest
    ) as late
    group by late.engine_id
  ),
  measured as (
    select array_agg(row(
      expected.engine_id,
      case when expected.latest is not null then
        1 - coalesce(late.readings, 0)::double precision / expected.readings
      end,
      expected.readings,
      expected.readings,
      jsonb_build_object(
        'late', coalesce(late.readings, 0),
        'expected_within_seconds', extract(epoch from expected.latest),
        'failing', late.listed,
        'reason', case when expected.latest is null then 'how often it should send is not known: set engines.cadence' end
      )
    )::public.engine_measurement) as engines
    from expected
    left join late using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('arrival', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_arrival"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_copies(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.engine_id, window_of.readings
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  copied as (
    select
      copies.engine_id,
      sum(copies.copies) as copies,
      jsonb_agg(
        jsonb_build_object('batch', copies.batch_id, 'arrived', copies.received_at, 'copies', copies.copies)
        order by copies.received_at, copies.batch_id
      ) filter (where copies.place <= 20) as listed
    from (
      select
        copied.key::uuid as engine_id, copied.value::bigint as copies, batches.id as batch_id, batches.received_at,
        row_number() over (partition by copied.key order by batches.received_at, batches.id) as place
      from bounds
      join public.batches on batches.received_at >= bounds.window_start and batches.received_at <= as_of
      cross join lateral jsonb_each_text(batches.duplicates_by_engine) as copied
    ) as copies
    group by copies.engine_id
  ),
  measured as (
    select array_agg(row(
      engine_id,
      coalesce(copied.copies, 0)::double precision / sent.readings::double precision,
      sent.readings,
      sent.readings,
      jsonb_build_object('copies', coalesce(copied.copies, 0), 'batches', copied.listed)
    )::public.engine_measurement) as engines
    from received
    full join copied using (engine_id)
    cross join lateral (select coalesce(copied.copies, 0) + coalesce(received.readings, 0) as readings) as sent
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines(
    'copies', 'mean', bounds.window_start, as_of, measured.engines
  ) as result;
$function$
;

ALTER FUNCTION "public"."check_copies"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_levels(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  rule as materialized (
    select rule.dataset, rule.column_name, rule.max as errors
    from public.effective_expectations as rule
    where rule.kind = 'levels' and rule.max is not null
  ),
  engine as materialized (
    select
      engines.id as engine_id, engines.dataset, coalesce(period.complete, false) as is_learned
    from received
    join public.engines on engines.id = received.engine_id
    left join public.engine_baselines as period on period.engine_id = engines.id
    where exists (select from rule)
  ),
  -- Moments of the readings of each condition: of the first ones of engines that have no baseline yet, and of the last.
  stretch as materialized (
    select engine.engine_id, engine.dataset, 'first' as place, moments.*
    from engine
    cross join lateral (
      select
        reading.condition, max(reading."timestamp") as until,
        array[
          count(reading.s2 - reading.s2), count(reading.s3 - reading.s3), count(reading.s4 - reading.s4),
          count(reading.s7 - reading.s7), count(reading.s8 - reading.s8), count(reading.s9 - reading.s9),
          count(reading.s11 - reading.s11), count(reading.s12 - reading.s12), count(reading.s13 - reading.s13),
          count(reading.s14 - reading.s14), count(reading.s15 - reading.s15), count(reading.s17 - reading.s17),
          count(reading.s20 - reading.s20), count(reading.s21 - reading.s21)
        ] as counts,
        array[
          percentile_cont(0.5) within group (order by reading.s2), percentile_cont(0.5) within group (order by reading.s3),
          percentile_cont(0.5) within group (order by reading.s4), percentile_cont(0.5) within group (order by reading.s7),
          percentile_cont(0.5) within group (order by reading.s8), percentile_cont(0.5) within group (order by reading.s9),
          percentile_cont(0.5) within group (order by reading.s11), percentile_cont(0.5) within group (order by reading.s12),
          percentile_cont(0.5) within group (order by reading.s13), percentile_cont(0.5) within group (order by reading.s14),
          percentile_cont(0.5) within group (order by reading.s15), percentile_cont(0.5) within group (order by reading.s17),
          percentile_cont(0.5) within group (order by reading.s20), percentile_cont(0.5) within group (order by reading.s21)
        ] as means,
        array[
          var_samp(reading.s2), var_samp(reading.s3), var_samp(reading.s4), var_samp(reading.s7),
          var_samp(reading.s8), var_samp(reading.s9), var_samp(reading.s11), var_samp(reading.s12),
          var_samp(reading.s13), var_samp(reading.s14), var_samp(reading.s15), var_samp(reading.s17),
          var_samp(reading.s20), var_samp(reading.s21)
        ] as variances
      from (
        select first.*
        from public.classified_readings as first
        where first.engine_id = engine.engine_id and first."timestamp" <= as_of
        order by first."timestamp"
        limit 30
      ) as reading
      group by reading.condition
    ) as moments
    where not engine.is_learned
    union all
    select engine.engine_id, engine.dataset, 'last', moments.*
    from engine
    cross join lateral (
      select
        reading.condition, min(reading."timestamp") as since,
        array[
          count(reading.s2 - reading.s2), count(reading.s3 - reading.s3), count(reading.s4 - reading.s4),
          count(reading.s7 - reading.s7), count(reading.s8 - reading.s8), count(reading.s9 - reading.s9),
          count(reading.s11 - reading.s11), count(reading.s12 - reading.s12), count(reading.s13 - reading.s13),
          count(reading.s14 - reading.s14), count(reading.s15 - reading.s15), count(reading.s17 - reading.s17),
          count(reading.s20 - reading.s20), count(reading.s21 - reading.s21)
        ] as counts,
        array[
          avg(reading.s2), avg(reading.s3), avg(reading.s4), avg(reading.s7), avg(reading.s8), avg(reading.s9),
          avg(reading.s11), avg(reading.s12), avg(reading.s13), avg(reading.s14), avg(reading.s15),
          avg(reading.s17), avg(reading.s20), avg(reading.s21)
        ] as means,
        array[
          var_samp(reading.s2), var_samp(reading.s3), var_samp(reading.s4), var_samp(reading.s7),
          var_samp(reading.s8), var_samp(reading.s9), var_samp(reading.s11), var_samp(reading.s12),
          var_samp(reading.s13), var_samp(reading.s14), var_samp(reading.s15), var_samp(reading.s17),
          var_samp(reading.s20), var_samp(reading.s21)
        ] as variances
      from (
        select last.*
        from public.classified_readings as last
        where last.engine_id = engine.engine_id and last."timestamp" <= as_of
        order by last."timestamp" desc
        limit 10
      ) as reading
      group by reading.condition
    ) as moments
  ),
  -- The last ten must not be the first ones. Of a baseline they may be a tenth.
  compared as materialized (
    select engine.*
    from engine
    where engine.is_learned
      or (select min(stretch.until) from stretch where stretch.engine_id = engine.engine_id and stretch.place = 'last')
        > (select max(stretch.until) from stretch where stretch.engine_id = engine.engine_id and stretch.place = 'first')
  ),
  sample as materialized (
    select
      stretch.engine_id, stretch.dataset, stretch.place, stretch.condition, sensor.column_name, sensor.readings,
      sensor.mean, sensor.variance
    from stretch
    cross join lateral unnest((public.value_columns())[4:], stretch.counts, stretch.means, stretch.variances)
      as sensor (column_name, readings, mean, variance)
    where stretch.condition <> 0 and sensor.readings > 0
    union all
    select
      engine.engine_id, engine.dataset, 'first', baseline.condition, baseline.column_name, baseline.readings,
      baseline.sorted_values[(cardinality(baseline.sorted_values) + 1) / 2], baseline.sd ^ 2
    from engine
    join public.sensor_baselines as baseline on baseline.engine_id = engine.engine_id
    where engine.is_learned and baseline.condition <> 0
  ),
  reference as materialized (
    select
      sample.dataset,
      sample.condition,
      sample.column_name,
      percentile_cont(0.5) within group (order by sample.mean) as mean,
      sqrt(percentile_cont(0.5) within group (order by sample.variance)) as sd
    from sample
    where sample.place = 'first' and sample.readings > 2
    group by sample.dataset, sample.condition, sample.column_name
    having sum(sample.readings - 1) >= 20
  ),
  shift as materialized (
    select
      sample.engine_id,
      sample.dataset,
      sample.column_name,
      sum(scaled.value * sample.readings) filter (where sample.place = 'last') / sum(sample.readings) filter (where sample.place = 'last')
      - sum(scaled.value * sample.readings) filter (where sample.place = 'first') / sum(sample.readings) filter (where sample.place = 'first')
        as shift,
      sqrt(
        1.0 / sum(sample.readings) filter (where sample.place = 'last')
        + 1.57 / sum(sample.readings) filter (where sample.place = 'first') -- π/2: a median is less exact than a mean
      ) as error
    from compared
    join sample on sample.engine_id = compared.engine_id
    join reference
      on coalesce(reference.dataset, '') = coalesce(sample.dataset, '')
      and reference.condition = sample.condition and reference.column_name = sample.column_name and reference.sd > 0
    cross join lateral (select (sample.mean - reference.mean) / reference.sd as value) as scaled
    group by sample.engine_id, sample.dataset, sample.column_name
    having sum(sample.readings) filter (where sample.place = 'last') >= 8
      and sum(sample.readings) filter (where sample.place = 'first') >= 20
  ),
  signature as materialized (
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
        array_agg(shift.shift order by shift.column_name), array_agg(signature.shift order by shift.column_name)
      )) as wear
    from shift
    join signature
      on signature.column_name = shift.column_name and coalesce(signature.dataset, '') = coalesce(shift.dataset, '')
    group by shift.engine_id
  ),
  judged as (
    select
      shift.*,
      coalesce(worn.wear * signature.shift, 0) as wear_shift,
      abs(shift.shift - coalesce(worn.wear * signature.shift, 0))
        > rule.errors * shift.error + coalesce(3 * worn.wear * signature.spread, 0) as is_off
    from shift
    join rule on coalesce(rule.dataset, '') = coalesce(shift.dataset, '') and rule.column_name = shift.column_name
    left join worn on worn.engine_id = shift.engine_id
    left join signature
      on signature.column_name = shift.column_name and coalesce(signature.dataset, '') = coalesce(shift.dataset, '')
  ),
  measured as (
    select array_agg(row(
      engine.engine_id,
      found.sensors,
      1,
      coalesce(found.judged, 0),
      jsonb_build_object(
        'sensors', found.listed,
        'reason', case when found.engine_id is null then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from engine
    left join (
      select
        judged.engine_id,
        count(*) as judged,
        count(*) filter (where judged.is_off) as sensors,
        jsonb_agg(
          jsonb_build_object('column', judged.column_name, 'shift', judged.shift, 'wear_shift', judged.wear_shift)
          order by judged.column_name
        ) filter (where judged.is_off) as listed
      from judged
      group by judged.engine_id
    ) as found using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('levels', 'max', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_levels"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_retraining(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  failing text[];
  words text[];
  grounds jsonb;
  note text;
begin
  -- two that decide at once would both find that nobody has been called
  perform pg_advisory_xact_lock(hashtext('public.retraining_decisions'));
  select
    coalesce(array_agg(judged.criterion order by judged.place) filter (where judged.verdict = 'fail'), '{}'),
    coalesce(
      array_agg(
        case judged.criterion
          when 'drift' then
            format('%s of %s engines drift', judged.details ->> 'drifting_engines', judged.details ->> 'judged_engines')
          when 'fleet_drift' then 'cohorts of the fleet differ'
          when 'prediction_error' then format('predictions miss by %s cycles', round(judged.value::numeric, 1))
          when 'interval_coverage' then
            format('prediction intervals keep %s %% of what they promise', round(judged.value::numeric * 100))
          when 'model_age' then format('a model is %s days old', floor(judged.value))
        end
        order by judged.place
      ) filter (where judged.verdict = 'fail'),
      '{}'
    ),
    jsonb_object_agg(
      judged.criterion,
      jsonb_strip_nulls(jsonb_build_object(
        'verdict', judged.verdict, 'value', judged.value, 'threshold', judged.threshold, 'reason', judged.reason
      )) || jsonb_build_object('details', judged.details)
    )
  into failing, words, grounds
  from public.retraining_criteria(check_retraining.as_of) with ordinality as judged (
    criterion, verdict, value, threshold, reason, details, place
  );
  note := public.retraining_hook_note(check_retraining.as_of, failing);

  insert into public.retraining_decisions as decision (as_of, retrain, reasons, evidence, criteria, hook_state, hook_note)
  values (
    check_retraining.as_of, cardinality(failing) > 0, words, grounds, failing,
    case when cardinality(failing) > 0 and note is null then 'due' else 'not_needed' end, note
  )
  on conflict on constraint retraining_decisions_pkey do update set
    retrain = excluded.retrain, reasons = excluded.reasons, evidence = excluded.evidence, criteria = excluded.criteria,
    hook_state = excluded.hook_state, hook_note = excluded.hook_note, decided_at = now()
  where decision.hook_attempts = 0;

  update public.retraining_decisions as earlier
  set
    hook_state = 'not_needed',
    hook_note = case
      when newest.retrain then 'a newer decision takes its place'
      else 'a newer decision says that it is not needed any more'
    end,
    hook_lease = null,
    hook_leased_until = null
  from public.retraining_decisions as newest
  where newest.as_of = check_retraining.as_of
    and (newest.hook_state = 'due' or not newest.retrain)
    and earlier.as_of < newest.as_of
    and earlier.hook_state in ('due', 'failed')
    and coalesce(earlier.hook_leased_until <= now(), true);

  return (
    select jsonb_build_object(
      'retrain', decision.retrain, 'reasons', to_jsonb(decision.reasons), 'evidence', decision.evidence,
      'hook_state', decision.hook_state, 'hook_note', decision.hook_note
    )
    from public.retraining_decisions as decision
    where decision.as_of = check_retraining.as_of
  );
end;
$function$
;

CREATE OR REPLACE FUNCTION public.check_spikes(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  received as (
    select window_of.*
    from unnest(coalesce(seen, array(
      select measured from bounds cross join lateral public.engine_windows(bounds.window_start, as_of) as measured
    ))) as window_of
  ),
  rule as materialized (
    select rule.dataset, rule.column_name, rule.max as deviations
    from public.effective_expectations as rule
    where rule.kind = 'spikes' and rule.max is not null
  ),
  -- one row per engine, with its readings as arrays, the latest first
  latest as materialized (
    select engines.id as engine_id, engines.dataset, reading.*
    from received
    join public.engines on engines.id = received.engine_id
    cross join lateral (
      select
        array_agg(reading."timestamp") as timestamps, array_agg(reading.cycle) as cycles,
        array_agg(reading.condition) as conditions, count(distinct reading.condition) as flown,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21
      from (
        select reading.*
        from public.classified_readings as reading
        where reading.engine_id = received.engine_id and reading."timestamp" <= as_of
        order by reading."timestamp" desc
        limit 36
      ) as reading
    ) as reading
    where exists (select from rule)
  ),
  sampled as materialized (
    select
      latest.engine_id, latest.dataset, latest.timestamps, latest.cycles, latest.conditions, latest.flown,
      sensor.column_name, sensor.readings
    from latest
    cross join lateral (
      values
        ('s2', latest.s2), ('s3', latest.s3), ('s4', latest.s4), ('s7', latest.s7), ('s8', latest.s8),
        ('s9', latest.s9), ('s11', latest.s11), ('s12', latest.s12), ('s13', latest.s13), ('s14', latest.s14),
        ('s15', latest.s15), ('s17', latest.s17), ('s20', latest.s20), ('s21', latest.s21)
    ) as sensor (column_name, readings)
  ),
  scale as materialized (
    select
      dataset, column_name,
      array_agg(condition) as conditions, array_agg(tenths.at[2]) as centres,
      array_agg((tenths.at[3] - tenths.at[1]) / 2.5631) as deviations
    from (
      select
        value.dataset, value.column_name, value.condition,
        percentile_cont(array[0.1, 0.5, 0.9]) within group (order by value.value) as at
      from (
        select
          sampled.dataset, sampled.column_name, unnest(sampled.conditions) as condition,
          unnest(sampled.readings)::double precision as value
        from sampled
        join (
          select latest.engine_id
          from latest
          where latest.flown > 1
          order by latest.engine_id
          limit 100
        ) as chosen using (engine_id)
      ) as value
      where value.value - value.value = 0 and value.condition <> 0
      group by value.dataset, value.column_name, value.condition
      having count(*) >= 12
    ) as tenths
    where tenths.at[3] > tenths.at[1]
    group by dataset, column_name
  ),
  -- medians, because a baseline with a fault in it is noisier than its sensor
  reference as materialized (
    select
      engines.dataset, baseline.column_name, baseline.condition,
      percentile_cont(0.5) within group (order by baseline.sd) as sd
    from public.sensor_baselines as baseline
    join public.engines on engines.id = baseline.engine_id
    where baseline.condition <> 0 and exists (select from rule)
    group by engines.dataset, baseline.column_name, baseline.condition
  ),
  -- noise of the baselines, in the unit that values are compared in
  known as materialized (
    select reference.dataset, reference.column_name, reference.condition, reference.sd
    from reference
    union all
    select reference.dataset, reference.column_name, null, avg(reference.sd / scale.deviations[place])
    from reference
    join scale
      on scale.column_name = reference.column_name and coalesce(scale.dataset, '') = coalesce(reference.dataset, '')
    cross join lateral array_position(scale.conditions, reference.condition) as place
    group by reference.dataset, reference.column_name
  ),
  comparable as (
    select
      sampled.*,
      case when sampled.flown = 1 then sampled.readings::double precision[] else scaled.values end as values
    from sampled
    left join scale
      on sampled.flown > 1
      and scale.column_name = sampled.column_name and coalesce(scale.dataset, '') = coalesce(sampled.dataset, '')
    cross join lateral (
      select case when sampled.flown > 1 then array(
        select (reading.value - scale.centres[reading.place]) / scale.deviations[reading.place]
        from (
          select
            unnest(sampled.readings) as value,
            array_position(scale.conditions, unnest(sampled.conditions)) as place
        ) as reading
      ) end as values
      offset 0 -- once, not wherever it is mentioned
    ) as scaled
  ),
  -- Tenths are worth their sorting only where something stands out: 36 readings of noise span more than 5.5 standard
  -- deviations of it once in a hundred times.
  outstanding as materialized (
    select comparable.*, moments.readings as counted, known.sd as known_sd
    from comparable
    left join known
      on coalesce(known.dataset, '') = coalesce(comparable.dataset, '') and known.column_name = comparable.column_name
      and known.condition is not distinct from case when comparable.flown = 1 then comparable.conditions[1] end
    cross join lateral (
      select count(*) as readings, min(sample.value) as lowest, max(sample.value) as highest
      from (select unnest(comparable.values) as value) as sample
      where sample.value - sample.value = 0
    ) as moments
    where moments.readings >= 20 and moments.highest - moments.lowest > coalesce(5.5 * known.sd, 0)
  ),
  spike as (
    select
      outstanding.engine_id, outstanding.column_name, reading."timestamp", reading.cycle, reading.raw,
      (reading.value - tenths.at[2]) / noise.sd as deviations
    from bounds
    cross join outstanding
    join rule
      on coalesce(rule.dataset, '') = coalesce(outstanding.dataset, '') and rule.column_name = outstanding.column_name
    cross join lateral (
      select percentile_cont(array[0.1, 0.5, 0.9]) within group (order by sample.value) as at
      from (select unnest(outstanding.values) as value) as sample
      where sample.value - sample.value = 0
    ) as tenths
    -- 2.5631: distance of the tenths of a normal distribution
    cross join lateral (
      select nullif(greatest((tenths.at[3] - tenths.at[1]) / 2.5631, outstanding.known_sd), 0) as sd
    ) as noise
    cross join lateral unnest(
      outstanding.values, outstanding.timestamps, outstanding.cycles, outstanding.readings
    ) as reading (value, "timestamp", cycle, raw)
    where reading."timestamp" >= bounds.window_start
      and abs(reading.value - tenths.at[2]) > noise.sd * rule.deviations
        * case when outstanding.known_sd is null then 1 + 8.0 / outstanding.counted else 1 end
  ),
  measured as (
    select array_agg(row(
      latest.engine_id,
      case when cardinality(latest.timestamps) >= 20 then coalesce(found.sensors, 0) end,
      1,
      cardinality(latest.timestamps),
      jsonb_build_object(
        'sensors', found.listed,
        'reason', case when cardinality(latest.timestamps) < 20 then 'too few readings' end
      )
    )::public.engine_measurement) as engines
    from latest
    left join (
      select
        sensor.engine_id,
        count(*) as sensors,
        jsonb_agg(jsonb_build_object('column', sensor.column_name, 'readings', sensor.readings) order by sensor.column_name) as listed
      from (
        select
          spike.engine_id,
          spike.column_name,
          jsonb_agg(
            jsonb_build_object(
              'timestamp', spike."timestamp", 'cycle', spike.cycle, 'value', spike.raw::text,
              'deviations', round(spike.deviations::numeric, 1)
            )
            order by spike."timestamp", spike.cycle
          ) as readings
        from spike
        group by spike.engine_id, spike.column_name
      ) as sensor
      group by sensor.engine_id
    ) as found using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('spikes', 'max', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_spikes"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.engine_windows(window_start timestamp with time zone, as_of timestamp with time zone)
 RETURNS SETOF public.engine_window
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with hourly as materialized (
    select hourly.*, engine_cadences.cadence
    from public.hourly_readings(window_start, as_of) as hourly
    join public.engine_cadences using (engine_id)
  ),
  received as (
    select
      hourly.engine_id,
      min(hourly.cadence) as cadence,
      sum(hourly.readings) as readings,
      sum(hourly.unknown_conditions) as unknown_conditions,
      sum(hourly.not_finite) as not_finite,
      case when count(hourly.longest_delay) >= 8 then
        percentile_disc(0.75) within group (order by hourly.longest_delay)
      end as usual_delay,
      max(hourly.longest_delay) as longest_delay
    from hourly
    group by hourly.engine_id
  ),
  -- few hours have any: only those are taken apart
  broken as (
    select
      counted.engine_id,
      array_agg(counted.nulls order by counted.place) as nulls,
      array_agg(counted.outside order by counted.place) as outside
    from (
      select hourly.engine_id, counted.place, sum(counted.nulls) as nulls, sum(counted.outside) as outside
      from hourly
      cross join lateral unnest(hourly.nulls, hourly.outside) with ordinality as counted (nulls, outside, place)
      where 0 < any (hourly.nulls) or 0 < any (hourly.outside)
      group by hourly.engine_id, counted.place
    ) as counted
    group by counted.engine_id
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
  ),
  stepped as (
    select
      step.engine_id,
      array_agg(
        row(step.previous_timestamp, step.previous_cycle, step."timestamp", step.cycle)::public.reading_step
        order by step."timestamp", step.cycle
      ) as steps
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
      )
    group by step.engine_id
  )
  select
    received.engine_id,
    received.readings,
    received.unknown_conditions,
    received.not_finite,
    broken.nulls,
    broken.outside,
    received.cadence,
    stepped.steps,
    received.longest_delay,
    received.usual_delay
  from received
  left join broken using (engine_id)
  left join stepped using (engine_id);
$function$
;

CREATE OR REPLACE FUNCTION public.engines_to_predict(first integer, "window" integer, after uuid, most integer)
 RETURNS TABLE(engine_id uuid, model_id bigint, cycle integer, first_until timestamp with time zone, window_from timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with due as materialized ( -- before the readings of an engine are looked for
    select engines.id as engine_id, model.id as model_id, last.cycle
    from public.engines
    cross join lateral (
      select models.id, models.name, models.version
      from public.models
      where models.purpose = 'rul' and models.active
        and (models.dataset = engines.dataset or models.dataset is null)
      order by models.dataset nulls last
      limit 1
    ) as model
    cross join lateral (
      select reading.cycle
      from public.sensor_data as reading
      where reading.engine_id = engines.id
      order by reading."timestamp" desc, reading.cycle desc
      limit 1
    ) as last
    where engines.status = 'active'
      and (engines_to_predict.after is null or engines.id > engines_to_predict.after)
      and not exists (
        select
        from public.rul_predictions as prediction
        where prediction.engine_id = engines.id
          and prediction.model_name = model.name
          and prediction.model_version = model.version::text
          and prediction.cycle = last.cycle
      )
    order by engines.id
    limit engines_to_predict.most
  )
  select due.engine_id, due.model_id, due.cycle, beginning.until, ending.since
  from due
  cross join lateral (
    select max(reading."timestamp") + interval '1 microsecond' as until
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp"
      limit engines_to_predict.first
    ) as reading
  ) as beginning
  cross join lateral (
    select min(reading."timestamp") as since
    from (
      select sensor_data."timestamp"
      from public.sensor_data
      where sensor_data.engine_id = due.engine_id
      order by sensor_data."timestamp" desc
      limit engines_to_predict."window"
    ) as reading
  ) as ending
  order by due.engine_id;
$function$
;

ALTER FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) OWNER TO "postgres";

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
  copies jsonb;
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

  -- Whose they were is worth a look at the stored rows only where there are some, and none where all of them are.
  if duplicates > 0 then
    select jsonb_object_agg(engine_ids[unit], given - new)
    into copies
    from (
      select reading.unit, count(*) as given, count(distinct (reading."timestamp", reading.cycle)) filter (where stored.is_new) as new
      from unnest(units, cycles, timestamps) as reading (unit, cycle, "timestamp")
      left join lateral (
        select true as is_new
        from public.sensor_data
        where sensor_data.engine_id = engine_ids[reading.unit]
          and sensor_data."timestamp" = reading."timestamp" and sensor_data.cycle = reading.cycle
          and sensor_data.batch_id = batch
        offset 0 -- as a join it may be a hash join, which reads all months
      ) as stored on accepted > 0
      where engine_ids[reading.unit] is not null
        and reading."timestamp" between settings.accepted_from and accepted_until
      group by reading.unit
    ) as counted
    where given > new;
  end if;

  insert into public.batches (
    id, source, reference, received, accepted, duplicates, rejected, code_version, duplicates_by_engine
  )
  values (
    batch, source, reference, cardinality(units) + invalid,
    accepted, duplicates, invalid + jsonb_array_length(rejections), code_version, copies
  );
end;
$function$
;

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
        when rule.kind in ('stuck', 'spikes', 'levels', 'drift') then 0
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
    union all
    select
      'anomalies', found.run_id::text, found.anomalies,
      exists (select from public.batches where batches.id = found.run_id) or exists (
        select from public.lineage_events as begun
        where begun.run_id = found.run_id and begun.event_type = 'START'
      ) and exists (
        select from public.lineage_events as ended
        where ended.run_id = found.run_id and ended.event_type in ('COMPLETE', 'FAIL', 'ABORT')
      )
    from (
      select anomalies.run_id, count(*) as anomalies
      from public.anomalies
      where anomalies.detected_at > as_of - coverage_window and anomalies.detected_at <= as_of
        and anomalies.model_id is not null
      group by anomalies.run_id
    ) as found
  )
  select
    subjects.subject,
    coalesce(sum(judged.weight), 0)::bigint,
    coalesce(sum(judged.weight) filter (where judged.is_traced), 0)::bigint,
    coalesce(
      to_jsonb((array_agg(judged.key order by judged.key) filter (where not judged.is_traced))[1:20]), '[]'
    )
  from unnest(array['readings', 'check_runs', 'lake_objects', 'anomalies']) with ordinality as subjects (subject, place)
  left join judged on judged.subject = subjects.subject
  group by subjects.subject, subjects.place
  order by subjects.place;
$function$
;

CREATE OR REPLACE FUNCTION public.measure_drift(of_engines uuid[], as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.sensor_drift
 LANGUAGE sql
 STABLE PARALLEL SAFE COST 1e+07
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
        partition by ranked.engine_id order by ranked.rank desc rows unbounded preceding
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
      worn.wear >= case when known.spread > abs(known.shift) then 1e-9 else 0.05 end
        and abs(shift.mean_shift - worn.wear * known.shift) <= tolerance.shift as is_worn,
      -- a small shift of so many standard deviations makes a D of 0.4 of it
      worn.wear >= 0.05 and abs(shift.mean_shift - worn.wear * known.shift) > greatest(tolerance.shift, rule.max / 0.4)
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
        3 * sqrt(1.0 / shift.baseline_readings + 1.0 / shift.window_readings) + 3 * greatest(worn.wear, 0.05) * known.spread as shift
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
    ]::integer[],
    max(reading.created_at - reading."timestamp")
  from reading
  left join public.reading_bounds as bounds
    on coalesce(bounds.dataset, '') = coalesce(reading.dataset, '') and bounds.condition = reading.condition
  group by reading.engine_id, reading.hour;
$function$
;

CREATE OR REPLACE FUNCTION public.note_rule_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.sensor_data_changes (hours, scores)
  select
    tstzmultirange(tstzrange(
      -- baselines are by operating condition, too, and as long as the settings say
      case when tg_table_name in ('operating_conditions', 'quality_settings') then null else rollup_horizon.kept_from end, null
    )),
    tg_table_name in ('operating_conditions', 'quality_settings')
  from public.rollup_horizon
  where exists (select from public.sensor_data);
  return null;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.note_unscored_readings(engine_ids uuid[], ranges tstzrange[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  -- of hours that do not touch, 100 are four days of readings two hours apart; a row stays below 4 kB
  most_ranges constant integer := 100;
begin
  insert into public.unscored_readings (engine_id, times)
  select
    engines.id,
    case
      when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(target.range)))
      else range_agg(target.range)
    end
  from unnest(engine_ids, ranges) as target (engine_id, range)
  join public.engines on engines.id = target.engine_id
  where not isempty(target.range)
  group by engines.id
  -- whoever else notes waits instead of deadlocking; who scores waits for nobody
  order by engines.id
  on conflict (engine_id) do update
  set times = (
    select case when count(*) > most_ranges then tstzmultirange(range_merge(range_agg(range))) else range_agg(range) end
    from unnest(unscored_readings.times + excluded.times) as range
  );
end;
$function$
;

ALTER FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_anomalies(engine_ids uuid[], detector text, only_failing boolean DEFAULT false, as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
declare
  looked_at constant integer := 5;
  persistent constant integer := 3;
  worn_from constant double precision := 0.5;
  observations jsonb;
begin
  -- so many fail that they are one alert: whether that is over is seen by all engines
  if not only_failing and exists (
    select from public.alerts where kind = 'anomaly' and subject = '*' and resolved_at is null
  ) then
    engine_ids := array(select engines.id from public.engines where engines.status = 'active');
  end if;

  with judged as (
    select
      engines.unit_number,
      engines.status = 'active' as is_active,
      recent.*,
      drift.wear,
      recent.severe >= persistent as failing
    from public.engines
    cross join lateral (
      select
        min(reading."timestamp") as first_at,
        max(reading."timestamp") as last_at,
        count(anomaly.score) as anomalous,
        count(*) filter (where anomaly.severity = 'fail') as severe,
        max(anomaly.score) as score,
        (array_agg(anomaly.threshold order by anomaly.score desc nulls last))[1] as threshold,
        (array_agg(anomaly.sensors order by anomaly.score desc nulls last))[1] as sensors
      from (
        select sensor_data."timestamp", sensor_data.cycle
        from public.sensor_data
        where sensor_data.engine_id = engines.id and sensor_data."timestamp" <= as_of
        order by sensor_data."timestamp" desc, sensor_data.cycle desc
        limit looked_at
      ) as reading
      left join public.anomalies as anomaly
        on anomaly.engine_id = engines.id and anomaly."timestamp" = reading."timestamp"
        and anomaly.cycle = reading.cycle and anomaly.detector = observe_anomalies.detector
    ) as recent
    left join lateral (
      select max(sensor_drift.wear) as wear from public.sensor_drift where sensor_drift.engine_id = engines.id
    ) as drift on recent.severe >= persistent
    where engines.id = any (engine_ids)
      and recent.last_at > as_of - interval '7 days'
      and not exists (
        select
        from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times && tstzrange(recent.first_at, recent.last_at, '[]')
      )
  ),
  observation as (
    select
      'anomaly' as kind,
      judged.unit_number as subject,
      true as failing,
      case when worn.is_worn then 'warning' else 'fail' end as severity,
      format(
        '%s of the last %s readings of %s are far from healthy ones, %s most: %s is %s, above %s%s',
        judged.severe,
        looked_at,
        judged.unit_number,
        strongest.names,
        observe_anomalies.detector,
        round(judged.score::numeric, 3),
        round(judged.threshold::numeric, 3),
        case when worn.is_worn then format('; it is worn (%s), which makes them so', round(judged.wear::numeric, 2)) end
      ) as summary,
      jsonb_build_object(
        'detector', observe_anomalies.detector,
        'score', judged.score,
        'threshold', judged.threshold,
        'anomalous', judged.anomalous,
        'severe', judged.severe,
        'readings', looked_at,
        'last_reading_at', judged.last_at,
        'sensors', judged.sensors,
        'wear', judged.wear,
        'worn', worn.is_worn,
        'episode', (
          select episode.id
          from public.engines
          join public.anomaly_episodes as episode
            on episode.engine_id = engines.id and episode.detector = observe_anomalies.detector
          where engines.unit_number = judged.unit_number and episode.started_at <= judged.last_at
          order by episode.started_at desc
          limit 1
        )
      ) as evidence
    from judged
    cross join lateral (select coalesce(judged.wear >= worn_from, false) as is_worn) as worn
    cross join lateral (
      select string_agg(sensor.key, ', ' order by abs(sensor.value::double precision) desc, sensor.key) as names
      from (
        select each.key, each.value
        from jsonb_each_text(judged.sensors) as each
        order by abs(each.value::double precision) desc, each.key
        limit 3
      ) as sensor
    ) as strongest
    where judged.failing and judged.is_active
    union all
    select 'anomaly', passing.subject, false, null, null, null
    from (
      select engines.unit_number as subject
      from public.engines
      join public.alerts as open on open.kind = 'anomaly' and open.subject = engines.unit_number and open.resolved_at is null
      where engines.id = any (engine_ids) and engines.status <> 'active'
      union
      select judged.unit_number
      from judged
      where not judged.failing
        and exists (
          select
          from public.alerts as open
          where open.kind = 'anomaly' and open.subject in (judged.unit_number, '*') and open.resolved_at is null
        )
      union
      -- it is looked at as a whole
      select '*'
      from public.alerts as open
      where open.kind = 'anomaly' and open.subject = '*' and open.resolved_at is null
    ) as passing
    where not only_failing
  )
  select jsonb_agg(to_jsonb(observation)) into observations from observation;

  -- sessions that observe wait for each other, so that it is asked only when there is something to say
  if observations is null then
    return '{}';
  end if;
  return public.observe_alerts(observations, as_of);
end;
$function$
;

ALTER FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.observe_retraining_hook(as_of timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), observe_retraining_hook.as_of)
  from (
    select
      'retraining' as kind,
      'hook' as subject,
      decision.hook_state = 'dead' as failing,
      'fail' as severity,
      format(
        'Training that was decided at %s has not been started: %s',
        to_char(decision.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), decision.hook_error
      ) as summary,
      jsonb_build_object(
        'as_of', decision.as_of, 'reasons', decision.reasons, 'attempts', decision.hook_attempts,
        'receiver', decision.hook_receiver
      ) as evidence
    from public.retraining_decisions as decision
    where decision.hook_state in ('called', 'dead') or not decision.retrain
    order by decision.as_of desc
    limit 1
  ) as observation;
$function$
;

ALTER FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.prunable_assets()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select array[
    'alerts', 'anomaly_episodes', 'anomalies', 'audit_log', 'data_quality_metrics', 'check_runs', 'dead_letters', 'delivery_receipts',
    'engine_health_reports', 'lineage_events', 'lineage_forwards', 'pipeline_runs', 'retraining_decisions', 'rul_predictions'
  ];
$function$
;

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
        select old.ctid
        from public.anomalies as old
        where old.detected_at < before
          -- an episode is kept whole
          and not exists (
            select
            from public.anomaly_episodes as episode
            where episode.engine_id = old.engine_id and episode.detector = old.detector
              and episode.started_at <= old."timestamp" and episode.ended_at >= old."timestamp"
          )
        limit most for update skip locked
      ));
    when 'anomaly_episodes' then
      delete from public.anomaly_episodes where ctid = any (array(
        select old.ctid
        from public.anomaly_episodes as old
        where old.detected_at < before
        limit most for update skip locked
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
        'conditions', 'clock', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation', 'arrival',
        'copies', 'spikes', 'levels'
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

CREATE OR REPLACE FUNCTION public.recent_anomalies(unit_number text, n integer DEFAULT 20)
 RETURNS TABLE("timestamp" timestamp with time zone, cycle integer, detector text, is_anomaly boolean, score double precision, threshold double precision, severity text, sensors jsonb, "values" jsonb, model_id bigint, episode_id bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  if n is null or n not between 1 and 1000 then
    raise exception 'Cannot list readings as n must be between 1 and 1000: current value is %', coalesce(n::text, 'null')
      using errcode = '22023';
  end if;
  return query
  select
    reading."timestamp",
    reading.cycle,
    settings.anomaly_detector,
    case
      when anomaly.score is not null then true
      when exists (
        select from public.unscored_readings as unscored
        where unscored.engine_id = engines.id and unscored.times @> reading."timestamp"
      ) or exists (
        select from public.sensor_data_changes as change
        where change.scores and (change.engine_ids is null or engines.id = any (change.engine_ids))
          and change.hours @> reading."timestamp"
      ) then null
      else false
    end,
    anomaly.score,
    anomaly.threshold,
    anomaly.severity,
    anomaly.sensors,
    anomaly."values",
    anomaly.model_id,
    episode.id
  from public.model_settings as settings
  cross join public.engines
  cross join lateral (
    select sensor_data."timestamp", sensor_data.cycle
    from public.sensor_data
    where sensor_data.engine_id = engines.id
    order by sensor_data."timestamp" desc, sensor_data.cycle desc
    limit recent_anomalies.n
  ) as reading
  left join public.anomalies as anomaly
    on anomaly.engine_id = engines.id and anomaly."timestamp" = reading."timestamp"
    and anomaly.cycle = reading.cycle and anomaly.detector = settings.anomaly_detector
  left join public.anomaly_episodes as episode
    on episode.engine_id = anomaly.engine_id and episode.detector = anomaly.detector
    and (episode.started_at, episode.first_cycle) <= (anomaly."timestamp", anomaly.cycle)
    and (episode.ended_at, episode.last_cycle) >= (anomaly."timestamp", anomaly.cycle)
  where engines.unit_number = recent_anomalies.unit_number
  order by reading."timestamp" desc, reading.cycle desc;
end;
$function$
;

ALTER FUNCTION "public"."recent_anomalies"(text, integer) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.record_anomalies(engine_ids uuid[], ranges tstzrange[], detector text, findings jsonb, replaces boolean, run uuid, OUT written integer, OUT withdrawn integer)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtext('public.anomalies'));
  withdrawn := 0;
  if replaces then
    delete from public.anomalies as earlier
    using unnest(engine_ids, ranges) as scored (engine_id, range)
    where earlier.engine_id = scored.engine_id
      and earlier.detector = record_anomalies.detector
      and earlier."timestamp" >= coalesce(lower(scored.range), '-infinity')
      and earlier."timestamp" <= coalesce(upper(scored.range), 'infinity')
      and scored.range @> earlier."timestamp"
      and not exists (
        select
        from jsonb_to_recordset(findings) as anomaly (engine_id uuid, at bigint, cycle integer)
        where anomaly.engine_id = earlier.engine_id
          and timestamptz 'epoch' + anomaly.at * interval '1 microsecond' = earlier."timestamp"
          and anomaly.cycle = earlier.cycle
      );
    get diagnostics withdrawn = row_count;
  end if;

  insert into public.anomalies as known (
    engine_id, "timestamp", cycle, detector, score, threshold, severity, sensors, "values", model_id, run_id
  )
  select
    anomaly.engine_id,
    timestamptz 'epoch' + anomaly.at * interval '1 microsecond',
    anomaly.cycle,
    record_anomalies.detector,
    anomaly.score,
    anomaly.threshold,
    anomaly.severity,
    anomaly.sensors,
    anomaly."values",
    anomaly.model_id,
    record_anomalies.run
  from jsonb_to_recordset(findings) as anomaly (
    engine_id uuid, at bigint, cycle integer, score double precision, threshold double precision, severity text,
    sensors jsonb, "values" jsonb, model_id bigint
  )
  order by anomaly.engine_id, anomaly.at, anomaly.cycle
  on conflict (engine_id, "timestamp", cycle, detector) do update
  set
    score = excluded.score,
    threshold = excluded.threshold,
    severity = excluded.severity,
    sensors = excluded.sensors,
    "values" = excluded."values",
    model_id = excluded.model_id,
    run_id = excluded.run_id,
    detected_at = now()
  where record_anomalies.replaces
    and (known.score, known.threshold, known.severity, known.sensors, known."values", known.model_id)
      is distinct from (
        excluded.score, excluded.threshold, excluded.severity, excluded.sensors, excluded."values", excluded.model_id
      );
  get diagnostics written = row_count;

  perform public.renew_anomaly_episodes(engine_ids, ranges, record_anomalies.detector);
end;
$function$
;

ALTER FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.renew_anomaly_episodes(engine_ids uuid[], ranges tstzrange[], detector text)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with touched as (
    select target.engine_id, range_merge(range_agg(target.range)) as span
    from unnest(engine_ids, ranges) as target (engine_id, range)
    where not isempty(target.range)
    group by target.engine_id
  ),
  stretch as materialized (
    select
      touched.engine_id,
      coalesce(lower(touched.span), '-infinity') as changed_from,
      coalesce(upper(touched.span), 'infinity') as changed_until,
      coalesce(before.started_at, lower(touched.span), '-infinity') as begins_at,
      coalesce(after.ended_at, upper(touched.span), 'infinity') as ends_at
    from touched
    left join lateral (
      select episode.started_at
      from public.anomaly_episodes as episode
      where episode.engine_id = touched.engine_id and episode.detector = renew_anomaly_episodes.detector
        and episode.started_at <= lower(touched.span)
      order by episode.started_at desc
      limit 1
    ) as before on true
    left join lateral (
      select episode.ended_at
      from public.anomaly_episodes as episode
      where episode.engine_id = touched.engine_id and episode.detector = renew_anomaly_episodes.detector
        and episode.ended_at >= upper(touched.span)
      order by episode.ended_at
      limit 1
    ) as after on true
  ),
  member as (
    select
      anomaly.*,
      stretch.changed_from,
      stretch.changed_until,
      lag(anomaly."timestamp") over in_order as previous_at,
      lag(anomaly.cycle) over in_order as previous_cycle
    from stretch
    join public.anomalies as anomaly
      on anomaly.engine_id = stretch.engine_id and anomaly.detector = renew_anomaly_episodes.detector
      and anomaly."timestamp" >= stretch.begins_at and anomaly."timestamp" <= stretch.ends_at
    window in_order as (partition by anomaly.engine_id order by anomaly."timestamp", anomaly.cycle)
  ),
  numbered as (
    select
      member.*,
      count(*) filter (where member.previous_at is null or between_them.readings > 2) over (
        partition by member.engine_id order by member."timestamp", member.cycle
      ) as number
    from member
    left join lateral (
      select count(*) as readings
      from (
        select
        from public.sensor_data as reading
        where reading.engine_id = member.engine_id
          and (reading."timestamp", reading.cycle) > (member.previous_at, member.previous_cycle)
          and (reading."timestamp", reading.cycle) < (member."timestamp", member.cycle)
          -- for the partitions: rows are not compared to find them
          and reading."timestamp" >= member.previous_at and reading."timestamp" <= member."timestamp"
        limit 3
      ) as reading
    ) as between_them on member."timestamp" >= member.changed_from and member.previous_at <= member.changed_until
  ),
  episode as materialized (
    select
      numbered.engine_id,
      min(numbered."timestamp") as started_at,
      max(numbered."timestamp") as ended_at,
      (array_agg(numbered.cycle order by numbered."timestamp", numbered.cycle))[1] as first_cycle,
      (array_agg(numbered.cycle order by numbered."timestamp" desc, numbered.cycle desc))[1] as last_cycle,
      count(*)::integer as readings,
      (count(*) filter (where numbered.severity = 'fail'))::integer as severe_readings,
      max(numbered.score) as peak_score,
      (array_agg(numbered.threshold order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as peak_threshold,
      (array_agg(numbered."timestamp" order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as peak_at,
      (array_agg(numbered.sensors order by numbered.score desc, numbered."timestamp", numbered.cycle))[1] as sensors,
      case when count(*) filter (where numbered.severity = 'fail') >= 3 then 'fail' else 'warning' end as severity,
      max(numbered.detected_at) as detected_at
    from numbered
    group by numbered.engine_id, numbered.number
  ),
  -- an episode that was there goes on in the first that holds some of its time; of several, the first goes on
  known as (
    select known.id, known.started_at, stretch.engine_id, (
      select min(episode.started_at)
      from episode
      where episode.engine_id = known.engine_id
        and episode.started_at <= known.ended_at and episode.ended_at >= known.started_at
    ) as goes_on_at
    from stretch
    join public.anomaly_episodes as known
      on known.engine_id = stretch.engine_id and known.detector = renew_anomaly_episodes.detector
      and known.started_at >= stretch.begins_at and known.ended_at <= stretch.ends_at
  ),
  kept as (
    select distinct on (known.engine_id, known.goes_on_at) known.id, known.engine_id, known.goes_on_at
    from known
    where known.goes_on_at is not null
    order by known.engine_id, known.goes_on_at, known.started_at
  ),
  renewed as (
    select
      kept.id,
      episode.*,
      (
        select count(*)
        from (
          select
          from public.sensor_data as reading
          where reading.engine_id = episode.engine_id
            and (reading."timestamp", reading.cycle) > (episode.ended_at, episode.last_cycle)
            and reading."timestamp" >= episode.ended_at
          limit 3
        ) as reading
      ) < 3 as open
    from episode
    left join kept on kept.engine_id = episode.engine_id and kept.goes_on_at = episode.started_at
  ),
  gone as (
    delete from public.anomaly_episodes
    where anomaly_episodes.id in (select known.id from known except select kept.id from kept)
  ),
  changed as (
    update public.anomaly_episodes as known
    set
      started_at = renewed.started_at,
      ended_at = renewed.ended_at,
      first_cycle = renewed.first_cycle,
      last_cycle = renewed.last_cycle,
      readings = renewed.readings,
      severe_readings = renewed.severe_readings,
      peak_score = renewed.peak_score,
      peak_threshold = renewed.peak_threshold,
      peak_at = renewed.peak_at,
      sensors = renewed.sensors,
      severity = renewed.severity,
      open = renewed.open,
      detected_at = renewed.detected_at
    from renewed
    where known.id = renewed.id
      and (
        known.started_at, known.ended_at, known.first_cycle, known.last_cycle, known.readings, known.severe_readings,
        known.peak_score, known.peak_threshold, known.peak_at, known.sensors, known.severity, known.open, known.detected_at
      ) is distinct from (
        renewed.started_at, renewed.ended_at, renewed.first_cycle, renewed.last_cycle, renewed.readings, renewed.severe_readings,
        renewed.peak_score, renewed.peak_threshold, renewed.peak_at, renewed.sensors, renewed.severity, renewed.open,
        renewed.detected_at
      )
  )
  insert into public.anomaly_episodes (
    engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score, peak_threshold,
    peak_at, sensors, severity, open, detected_at
  )
  select
    renewed.engine_id, renew_anomaly_episodes.detector, renewed.started_at, renewed.ended_at, renewed.first_cycle,
    renewed.last_cycle, renewed.readings, renewed.severe_readings, renewed.peak_score, renewed.peak_threshold, renewed.peak_at,
    renewed.sensors, renewed.severity, renewed.open, renewed.detected_at
  from renewed
  where renewed.id is null
  order by renewed.started_at, renewed.engine_id;
$function$
;

ALTER FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.report_engine_health(as_of timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  reported integer;
begin
  insert into public.engine_health_reports (
    engine_id, as_of, health, reasons, completeness, wear, last_reading_at, last_cycle, recent_anomalies, anomalous_since,
    predicted_rul, lower_bound, upper_bound
  )
  select
    engines.id, report_engine_health.as_of, state.health, state.reasons, state.completeness, state.wear,
    state.last_reading_at, state.last_cycle, state.recent_anomalies, state.anomalous_since, state.predicted_rul,
    state.lower_bound, state.upper_bound
  from public.engine_health as state
  join public.engines using (unit_number)
  where report_engine_health.as_of > now() - interval '1 hour'
  on conflict on constraint engine_health_reports_pkey do update set
    health = excluded.health,
    reasons = excluded.reasons,
    completeness = excluded.completeness,
    wear = excluded.wear,
    last_reading_at = excluded.last_reading_at,
    last_cycle = excluded.last_cycle,
    recent_anomalies = excluded.recent_anomalies,
    anomalous_since = excluded.anomalous_since,
    predicted_rul = excluded.predicted_rul,
    lower_bound = excluded.lower_bound,
    upper_bound = excluded.upper_bound;
  get diagnostics reported = row_count;
  return reported;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.retraining_criteria(as_of timestamp with time zone DEFAULT now())
 RETURNS TABLE(criterion text, verdict text, value double precision, threshold double precision, reason text, details jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
#variable_conflict use_column
declare
  moment constant timestamptz := retraining_criteria.as_of;
begin
  return query
  with settings as (
    select * from public.model_settings
  ),
  checked as (
    select distinct on (metric.metric_name) metric.metric_name, metric.status, metric.metric_value, metric.evidence,
      metric.check_timestamp
    from public.data_quality_metrics as metric
    where metric.metric_name in ('drift', 'fleet_drift') and metric.engine_id is null
      and metric.check_timestamp <= moment and metric.check_timestamp > moment - interval '24 hours'
    order by metric.metric_name, metric.check_timestamp desc, metric.id desc
  ),
  drift as (
    select
      (checked.evidence ->> 'engines')::integer - coalesce((checked.evidence ->> 'not_evaluated_engines')::integer, 0) as judged,
      coalesce((checked.evidence ->> 'failing_count')::integer, 0) as drifting,
      checked.check_timestamp
    from checked
    where checked.metric_name = 'drift'
  ),
  predicted as materialized (
    select prediction.model_name, prediction.model_version, max(prediction.predicted_at) as last_predicted_at
    from public.rul_predictions as prediction
    where prediction.predicted_at > moment - interval '90 days' and prediction.predicted_at <= moment
    group by prediction.model_name, prediction.model_version
  ),
  -- of a model that was trained here its active version, of somebody's own the one that predicted last
  used as materialized (
    select distinct on (predicted.model_name) predicted.model_name, predicted.model_version
    from predicted
    left join public.models on models.purpose = 'rul' and models.name = predicted.model_name
      and models.version::text = predicted.model_version
    where models.active
      or models.id is null and not exists (
        select from public.models as own where own.purpose = 'rul' and own.name = predicted.model_name
      )
    order by predicted.model_name, predicted.last_predicted_at desc, predicted.model_version desc
  ),
  accuracy as (
    select
      used.model_name,
      used.model_version,
      count(*) as predictions,
      count(distinct missed.engine_id) as engines,
      sqrt(avg((missed.predicted_rul::double precision - missed.actual_rul) ^ 2)) as rmse,
      count(distinct missed.engine_id) filter (where missed.in_interval is not null) as engines_with_interval,
      count(missed.in_interval) as intervals,
      avg(missed.in_interval::integer::double precision) as coverage,
      avg(missed.interval_level::numeric)::double precision as promised
    from used
    -- the view knows that only engines that have failed have an answer, the planner does not
    join public.engines on engines.status = 'failed'
    join public.engine_predictions as missed
      on missed.engine_id = engines.id
      and missed.model_name = used.model_name and missed.model_version = used.model_version
    where missed.actual_rul is not null
      and missed.predicted_at > moment - interval '90 days' and missed.predicted_at <= moment
    group by used.model_name, used.model_version
  ),
  errors as (
    select
      max(accuracy.rmse) filter (where accuracy.predictions >= settings.least_predictions) as rmse,
      sum(accuracy.predictions) as predictions,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.predictions,
          'engines', accuracy.engines, 'rmse', accuracy.rmse
        )
        order by accuracy.rmse desc
      ) as models,
      min(accuracy.coverage / accuracy.promised) filter (
        where accuracy.intervals >= settings.least_predictions and accuracy.engines_with_interval >= 10
      ) as kept,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.intervals,
          'engines', accuracy.engines_with_interval, 'coverage', accuracy.coverage, 'promised', accuracy.promised
        )
        order by accuracy.coverage / accuracy.promised
      ) filter (where accuracy.intervals > 0) as intervals
    from settings
    left join accuracy on true
    group by settings.least_predictions
  ),
  age as (
    select
      extract(epoch from moment - min(models.trained_at))::double precision / 86400 as days,
      jsonb_agg(
        jsonb_build_object(
          'model', models.name, 'version', models.version, 'purpose', models.purpose, 'trained_at', models.trained_at
        )
        order by models.trained_at, models.name
      ) as models
    from public.models
    where models.active and models.trained_at <= moment
  ),
  measured (place, criterion, value, threshold, unjudged, fails_below, details) as (
    select
      1, 'drift',
      case when drift.judged >= 5 then drift.drifting::double precision / drift.judged end,
      settings.most_drifting_share,
      case
        when drift.judged is null then 'no run of the checks in the 24 hours before has judged drift'
        when drift.judged < 5 then format('%s engines are judged, and 5 must be', drift.judged)
      end,
      false,
      jsonb_build_object('judged_engines', drift.judged, 'drifting_engines', drift.drifting, 'checked_at', drift.check_timestamp)
    from settings
    left join drift on true
    union all
    select
      2, 'fleet_drift',
      checked.metric_value,
      0,
      case
        when checked.status is null then 'no run of the checks in the 24 hours before has judged it'
        when checked.status = 'not_evaluated' then coalesce(checked.evidence ->> 'reason', 'the checks could not judge it')
      end,
      false,
      jsonb_build_object('failing', checked.evidence -> 'failing', 'checked_at', checked.check_timestamp)
    from settings
    left join checked on checked.metric_name = 'fleet_drift'
    union all
    select
      3, 'prediction_error',
      errors.rmse,
      settings.most_prediction_rmse,
      case
        when errors.rmse is null then format(
          'no model in use has %s predictions of the last 90 days for engines that have failed since',
          settings.least_predictions
        )
      end,
      false,
      jsonb_build_object('predictions', coalesce(errors.predictions, 0), 'models', case when errors.predictions > 0 then errors.models end)
    from settings
    cross join errors
    union all
    select
      4, 'interval_coverage',
      errors.kept,
      settings.least_coverage,
      case
        when errors.kept is null then format(
          'no model in use has intervals of %s such predictions for 10 engines', settings.least_predictions
        )
      end,
      true,
      jsonb_build_object('models', errors.intervals)
    from settings
    cross join errors
    union all
    select
      5, 'model_age',
      age.days,
      extract(epoch from settings.oldest_model)::double precision / 86400,
      case when age.days is null then 'no model has been trained here: deno task train' end,
      false,
      jsonb_build_object('models', age.models)
    from settings
    cross join age
  )
  select
    measured.criterion,
    case
      when measured.unjudged is not null then 'not_evaluated'
      when measured.fails_below and measured.value < measured.threshold then 'fail'
      when not measured.fails_below and measured.value > measured.threshold then 'fail'
      else 'pass'
    end,
    measured.value,
    measured.threshold,
    measured.unjudged,
    jsonb_strip_nulls(measured.details)
  from measured
  order by measured.place;
end;
$function$
;

ALTER FUNCTION "public"."retraining_criteria"(timestamp with time zone) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.retraining_hook_note(as_of timestamp with time zone, criteria text[])
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  earlier record;
begin
  if cardinality(retraining_hook_note.criteria) = 0 then
    return null;
  end if;
  if retraining_hook_note.as_of <= now() - interval '1 day' then
    return 'it is about a moment more than a day ago';
  end if;
  if exists (
    select from public.retraining_decisions as decision where decision.as_of > retraining_hook_note.as_of
  ) then
    return 'a decision about a later moment has been made';
  end if;

  for earlier in
    select decision.as_of, decision.hook_state, decision.hook_called_at
    from public.retraining_decisions as decision
    cross join public.model_settings as settings
    where decision.as_of < retraining_hook_note.as_of
      and decision.criteria @> retraining_hook_note.criteria
      and decision.hook_state in ('due', 'failed', 'called')
      and coalesce(decision.hook_called_at, decision.as_of) > retraining_hook_note.as_of - settings.retrain_again_after
    order by decision.as_of desc
  loop
    if earlier.hook_state <> 'called' then
      return format(
        'the call for the decision of %s, for the same reasons, is still to be made',
        to_char(earlier.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
    if not exists (
      select from public.models where models.trained_at > earlier.hook_called_at
    ) and not exists (
      select
      from (
        select distinct prediction.model_name, prediction.model_version
        from public.rul_predictions as prediction
        where prediction.predicted_at > earlier.hook_called_at
      ) as arrived
      where not exists (
        select
        from public.rul_predictions as known
        where known.model_name = arrived.model_name and known.model_version = arrived.model_version
          and known.predicted_at <= earlier.hook_called_at
      )
    ) then
      return format(
        'it was called for the same reasons at %s, and no model has come since',
        to_char(earlier.hook_called_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
  end loop;
  return null;
end;
$function$
;

ALTER FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) OWNER TO "postgres";

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
  scored_ids uuid[];
  scored_ranges tstzrange[];
  measured integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return null;
  end if;
  select rollup_horizon.kept_from into strict kept_from from public.rollup_horizon;

  with taken as (
    delete from public.sensor_data_changes returning sensor_data_changes.engine_ids, hours, scores
  ),
  changed as (
    select
      target.engine_id,
      range_agg(taken.hours) as hours,
      range_agg(taken.hours) filter (where taken.scores) as scored_hours
    from taken
    cross join lateral (
      select unnest(taken.engine_ids) as engine_id
      union all
      select engines.id from public.engines where taken.engine_ids is null
    ) as target
    group by target.engine_id
  )
  select
    array_agg(changed.engine_id) filter (where not piece.is_scored),
    array_agg(piece.range) filter (where not piece.is_scored),
    coalesce(array_agg(changed.engine_id) filter (where piece.is_scored), '{}'),
    coalesce(array_agg(piece.range) filter (where piece.is_scored), '{}')
  into engine_ids, ranges, scored_ids, scored_ranges
  from changed
  cross join lateral (
    select range, false from unnest(changed.hours) as range
    union all
    select range, true from unnest(changed.scored_hours) as range
  ) as piece (range, is_scored);
  if engine_ids is null then
    return 0;
  end if;

  perform public.raise_day_versions(engine_ids, ranges);
  perform public.learn_baselines(engine_ids, ranges);
  -- with another baseline all readings of an engine compare otherwise, and those that came before there was one for the
  -- first time; without one there is nothing to say, except that what was said does not hold
  select scored_ids || array_agg(learned.engine_id), scored_ranges || array_agg(tstzrange(null, null))
  into scored_ids, scored_ranges
  from public.engine_baselines as learned
  where learned.engine_id = any (engine_ids) and learned.learned_at = now()
    and (learned.complete or exists (select from public.anomalies where anomalies.engine_id = learned.engine_id));
  perform public.note_unscored_readings(scored_ids, scored_ranges);

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
    'schema', 'rejected', 'freshness', 'volume', 'completeness', 'arrival', 'cycles', 'duplicates', 'copies', 'clock',
    'types', 'nulls', 'conditions', 'range', 'stuck', 'spikes', 'levels', 'drift', 'fleet_drift'
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
  where engine_id is null or status in ('warning', 'fail') or metric_name in ('completeness', 'degradation')
    or metric_name = 'copies' and metric_value > 0;
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

CREATE OR REPLACE FUNCTION public.take_unscored_readings(most integer, datasets text[] DEFAULT NULL::text[])
 RETURNS TABLE(engine_id uuid, range tstzrange)
 LANGUAGE plpgsql
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
declare
  -- an engine costs some 0.1 ms besides its readings
  most_engines constant integer := 1000;
  room integer := most;
  waiting record;
  piece tstzrange;
  found_here timestamptz[];
  taken tstzmultirange;
begin
  if most is null or most < 1 then
    raise exception 'Cannot take readings as most must be at least 1: current value is %', coalesce(most::text, 'null')
      using errcode = '22023';
  end if;
  for waiting in
    select unscored.engine_id, unscored.times
    from public.unscored_readings as unscored
    join public.engines on engines.id = unscored.engine_id
    where datasets is null or engines.dataset = any (datasets)
    order by unscored.noted_at, unscored.engine_id
    limit most_engines
    for update of unscored skip locked
  loop
    exit when room < 1;
    taken := '{}';
    foreach piece in array array(select unnest(waiting.times)) loop
      exit when room < 1;
      -- one more than there is room for shows whether the piece is to be cut
      select array_agg(reading."timestamp")
      into found_here
      from (
        select sensor_data."timestamp"
        from public.sensor_data
        where sensor_data.engine_id = waiting.engine_id
          and sensor_data."timestamp" >= coalesce(lower(piece), '-infinity')
          and sensor_data."timestamp" <= coalesce(upper(piece), 'infinity')
          and piece @> sensor_data."timestamp"
        order by sensor_data."timestamp"
        limit room + 1
      ) as reading;
      if cardinality(found_here) > room then
        piece := piece * tstzrange(null, found_here[room] + interval '1 microsecond');
      end if;
      room := room - coalesce(cardinality(found_here), 0);
      taken := taken + tstzmultirange(piece);
      engine_id := waiting.engine_id;
      range := piece;
      return next;
    end loop;
    if taken = waiting.times then
      delete from public.unscored_readings where unscored_readings.engine_id = waiting.engine_id;
    else
      -- it goes on where it is, and not behind engines that have come since
      update public.unscored_readings
      set times = waiting.times - taken
      where unscored_readings.engine_id = waiting.engine_id;
    end if;
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."take_unscored_readings"(integer, text[]) OWNER TO "postgres";

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
    'volume', 'schema', 'conditions', 'stuck', 'rejected', 'drift', 'fleet_drift', 'degradation',
    'arrival', 'copies', 'spikes', 'levels'
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
    when new.kind in ('stuck', 'spikes', 'levels', 'drift', 'fleet_drift') then sensors
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

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_id_key" UNIQUE (id);

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_severity_check" CHECK ((severity = ANY (ARRAY['warning'::text, 'fail'::text])));

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_values_check" CHECK ((jsonb_typeof("values") = 'object'::text));

ALTER TABLE "public"."anomaly_episodes" ADD CONSTRAINT "anomaly_episodes_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

ALTER TABLE "public"."batches" ADD CONSTRAINT "batches_duplicates_by_engine_check" CHECK ((jsonb_typeof(duplicates_by_engine) = 'object'::text));

ALTER TABLE "public"."expectations" ADD CONSTRAINT "expectations_check3" CHECK (((column_name IS NULL) OR (kind = ANY (ARRAY['nulls'::text, 'range'::text, 'stuck'::text, 'spikes'::text, 'levels'::text, 'drift'::text, 'fleet_drift'::text]))));

ALTER TABLE "public"."expectations" ADD CONSTRAINT "expectations_kind_check" CHECK ((kind = ANY (ARRAY['text'::text, 'columns'::text, 'types'::text, 'nulls'::text, 'range'::text, 'cycles'::text, 'duplicates'::text, 'units'::text, 'not_empty'::text, 'row_count'::text, 'unit_count'::text, 'rul_file'::text, 'rul_types'::text, 'rul_count'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'stuck'::text, 'rejected'::text, 'drift'::text, 'fleet_drift'::text, 'degradation'::text, 'arrival'::text, 'copies'::text, 'spikes'::text, 'levels'::text])));

ALTER TABLE "public"."anomalies" ADD CONSTRAINT "anomalies_model_id_fkey" FOREIGN KEY (model_id) REFERENCES public.models(id);

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check1" CHECK (((hook_state = 'not_needed'::text) OR retrain));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check2" CHECK (((hook_state = 'called'::text) = (hook_called_at IS NOT NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check3" CHECK (((hook_lease IS NULL) = (hook_leased_until IS NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_check4" CHECK (((hook_state <> ALL (ARRAY['failed'::text, 'dead'::text])) OR (hook_error IS NOT NULL)));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_attempts_check" CHECK ((hook_attempts >= 0));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_key_key" UNIQUE (hook_key);

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_receiver_check" CHECK ((hook_receiver = ANY (ARRAY['webhook'::text, 'sagemaker'::text])));

ALTER TABLE "public"."retraining_decisions" ADD CONSTRAINT "retraining_decisions_hook_state_check" CHECK ((hook_state = ANY (ARRAY['not_needed'::text, 'due'::text, 'failed'::text, 'called'::text, 'dead'::text])));

ALTER TABLE "public"."unscored_readings" ADD CONSTRAINT "unscored_readings_engine_id_fkey" FOREIGN KEY (engine_id) REFERENCES public.engines(id) ON DELETE CASCADE;

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
           FROM unnest(ARRAY['types'::text, 'cycles'::text, 'duplicates'::text, 'completeness'::text, 'freshness'::text, 'volume'::text, 'schema'::text, 'conditions'::text, 'clock'::text, 'rejected'::text, 'degradation'::text, 'arrival'::text, 'copies'::text]) kind(kind)
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
           FROM (unnest(ARRAY['stuck'::text, 'spikes'::text, 'levels'::text, 'drift'::text, 'fleet_drift'::text]) kind(kind)
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

CREATE VIEW "public"."engine_predictions" WITH (security_invoker=true) AS  SELECT prediction.id,
    engines.unit_number,
    prediction.engine_id,
    prediction.cycle,
    prediction.predicted_rul,
    prediction.lower_bound,
    prediction.upper_bound,
    prediction.interval_level,
    prediction.model_name,
    prediction.model_version,
    prediction.predicted_at,
    truth.actual_rul,
    (((truth.actual_rul)::double precision >= prediction.lower_bound) AND ((truth.actual_rul)::double precision <= prediction.upper_bound)) AS in_interval
   FROM (((public.rul_predictions prediction
     JOIN public.engines ON ((engines.id = prediction.engine_id)))
     LEFT JOIN public.models ON (((models.purpose = 'rul'::text) AND (models.name = prediction.model_name) AND ((models.version)::text = prediction.model_version))))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN ((engines.status = 'failed'::text) AND (engines.life_cycles >= prediction.cycle)) THEN LEAST(engines.rul_cap, ((models.settings ->> 'rul_cap'::text))::integer, (engines.life_cycles - prediction.cycle))
                    ELSE NULL::integer
                END AS actual_rul) truth)
  WHERE ( SELECT public.may_read('engine_predictions'::text) AS may_read);;

ALTER VIEW "public"."engine_predictions" OWNER TO "postgres";

CREATE VIEW "public"."latest_predictions" WITH (security_invoker=true) AS  SELECT engines.unit_number,
    engines.status,
    newest.id,
    newest.engine_id,
    newest.cycle,
    newest.predicted_rul,
    newest.lower_bound,
    newest.upper_bound,
    newest.interval_level,
    newest.model_name,
    newest.model_version,
    newest.predicted_at,
    (row_number() OVER (PARTITION BY newest.engine_id ORDER BY (NOT (newest.model_name IS DISTINCT FROM settings.rul_model)) DESC, (EXISTS ( SELECT
           FROM public.models
          WHERE ((models.purpose = 'rul'::text) AND (models.name = newest.model_name)))) DESC, newest.cycle DESC, newest.predicted_at DESC, newest.id DESC) = 1) AS preferred
   FROM ((public.engines
     LEFT JOIN public.model_settings settings ON (true))
     CROSS JOIN LATERAL ( WITH RECURSIVE names AS (
                ( SELECT prediction.model_name
                   FROM public.rul_predictions prediction
                  WHERE (prediction.engine_id = engines.id)
                  ORDER BY prediction.model_name
                 LIMIT 1)
                UNION ALL
                 SELECT ( SELECT prediction.model_name
                           FROM public.rul_predictions prediction
                          WHERE ((prediction.engine_id = engines.id) AND (prediction.model_name > names_1.model_name))
                          ORDER BY prediction.model_name
                         LIMIT 1) AS model_name
                   FROM names names_1
                  WHERE (names_1.model_name IS NOT NULL)
                )
         SELECT latest.id,
            latest.engine_id,
            latest.cycle,
            latest.predicted_rul,
            latest.lower_bound,
            latest.upper_bound,
            latest.interval_level,
            latest.model_name,
            latest.model_version,
            latest.predicted_at
           FROM (names
             CROSS JOIN LATERAL ( SELECT prediction.id,
                    prediction.engine_id,
                    prediction.cycle,
                    prediction.predicted_rul,
                    prediction.lower_bound,
                    prediction.upper_bound,
                    prediction.interval_level,
                    prediction.model_name,
                    prediction.model_version,
                    prediction.predicted_at
                   FROM public.rul_predictions prediction
                  WHERE ((prediction.engine_id = engines.id) AND (prediction.model_name = names.model_name))
                  ORDER BY prediction.cycle DESC, prediction.predicted_at DESC, prediction.id DESC
                 LIMIT 1) latest)) newest)
  WHERE ( SELECT public.may_read('latest_predictions'::text) AS may_read);;

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
        ), predictions AS MATERIALIZED (
         SELECT latest_predictions.unit_number,
            latest_predictions.status,
            latest_predictions.id,
            latest_predictions.engine_id,
            latest_predictions.cycle,
            latest_predictions.predicted_rul,
            latest_predictions.lower_bound,
            latest_predictions.upper_bound,
            latest_predictions.interval_level,
            latest_predictions.model_name,
            latest_predictions.model_version,
            latest_predictions.predicted_at,
            latest_predictions.preferred
           FROM public.latest_predictions
          WHERE latest_predictions.preferred
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
            WHEN (verdicts.fails OR ((engines.status = 'active'::text) AND (episode.severity = 'fail'::text))) THEN 'fail'::text
            WHEN (verdicts.warns OR ((engines.status = 'active'::text) AND (episode.severity = 'warning'::text))) THEN 'warning'::text
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
        END,
        CASE
            WHEN ((engines.status = 'active'::text) AND (episode.started_at IS NOT NULL)) THEN format('%s anomalies since %s'::text, episode.readings, to_char((episode.started_at AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD HH24:MI "UTC"'::text))
            ELSE NULL::text
        END], NULL::text) || COALESCE(verdicts.reasons, '{}'::text[])) AS reasons,
    earlier.wear AS earlier_wear,
    earlier.last_cycle AS earlier_cycle,
    (((100)::double precision * (sensors.wear - earlier.wear)) / ((last_reading.cycle - earlier.last_cycle))::double precision) AS wear_per_100_cycles,
        CASE
            WHEN ((sensors.wear - earlier.wear) >= (0.1)::double precision) THEN 'rising'::text
            WHEN ((sensors.wear - earlier.wear) <= ('-0.1'::numeric)::double precision) THEN 'falling'::text
            WHEN ((sensors.wear - earlier.wear) IS NOT NULL) THEN 'steady'::text
            ELSE NULL::text
        END AS wear_trend,
    found.anomalies AS recent_anomalies,
    episode.started_at AS anomalous_since,
    episode.severity AS anomaly_severity,
    prediction.predicted_rul,
    prediction.lower_bound,
    prediction.upper_bound,
    prediction.interval_level,
    prediction.cycle AS predicted_at_cycle,
    ((prediction.model_name || ' '::text) || prediction.model_version) AS predicted_by,
    COALESCE(place.modules, '[]'::jsonb) AS inspect_first
   FROM ((((((((((public.engines
     LEFT JOIN LATERAL ( SELECT sensor_data."timestamp",
            sensor_data.cycle
           FROM public.sensor_data
          WHERE (sensor_data.engine_id = engines.id)
          ORDER BY sensor_data."timestamp" DESC
         LIMIT 1) last_reading ON (true))
     LEFT JOIN public.engine_cadences ON ((engine_cadences.engine_id = engines.id)))
     LEFT JOIN verdicts ON ((verdicts.engine_id = engines.id)))
     LEFT JOIN sensors ON ((sensors.engine_id = engines.id)))
     LEFT JOIN public.model_settings settings ON (true))
     LEFT JOIN predictions prediction ON ((prediction.engine_id = engines.id)))
     LEFT JOIN LATERAL ( SELECT report.wear,
            report.last_cycle
           FROM public.engine_health_reports report
          WHERE ((report.engine_id = engines.id) AND (report.wear IS NOT NULL) AND (report.last_cycle <= (last_reading.cycle - 50)))
          ORDER BY report.last_cycle DESC
         LIMIT 1) earlier ON (true))
     LEFT JOIN LATERAL ( SELECT open_episode.started_at,
            open_episode.severity,
            open_episode.readings
           FROM public.anomaly_episodes open_episode
          WHERE ((open_episode.engine_id = engines.id) AND (open_episode.detector = settings.anomaly_detector) AND open_episode.open)
          ORDER BY open_episode.ended_at DESC
         LIMIT 1) episode ON (true))
     LEFT JOIN LATERAL ( SELECT (count(*))::integer AS anomalies,
            jsonb_agg(anomaly.sensors) AS sensors
           FROM public.anomalies anomaly
          WHERE ((anomaly.engine_id = engines.id) AND (anomaly.detector = settings.anomaly_detector) AND (anomaly."timestamp" >= COALESCE(( SELECT reading."timestamp"
                   FROM public.sensor_data reading
                  WHERE (reading.engine_id = engines.id)
                  ORDER BY reading."timestamp" DESC
                 OFFSET 29
                 LIMIT 1), '-infinity'::timestamp with time zone)))) found ON (true))
     LEFT JOIN LATERAL ( SELECT jsonb_agg(jsonb_build_object('module', hint.module, 'sensors', hint.sensors, 'why', hint.why) ORDER BY hint.rank, hint.strength DESC, hint.module) AS modules
           FROM ( SELECT modules.module,
                    min(sign.rank) AS rank,
                    (array_agg(sign.strength ORDER BY sign.rank, sign.strength DESC))[1] AS strength,
                    to_jsonb(array_agg(sign.column_name ORDER BY sign.rank, sign.strength DESC, sign.column_name)) AS sensors,
                    string_agg(sign.words, '; '::text ORDER BY sign.rank, sign.strength DESC, sign.column_name) AS why
                   FROM (( SELECT DISTINCT ON (shown.column_name) shown.rank,
                            shown.column_name,
                            shown.strength,
                            shown.words
                           FROM ( SELECT 1 AS rank,
                                    drift.column_name,
                                    COALESCE(abs((drift.mean_shift - COALESCE(drift.wear_shift, (0)::double precision))), (0)::double precision) AS strength,
CASE
 WHEN (drift.mean_shift IS NULL) THEN format('%s drifts, and did not vary in its baseline'::text, drift.column_name)
 ELSE format('%s has moved by %s baseline SD beyond what wear explains'::text, drift.column_name, round((abs((drift.mean_shift - COALESCE(drift.wear_shift, (0)::double precision))))::numeric, 1))
END AS words
                                   FROM public.sensor_drift drift
                                  WHERE ((drift.engine_id = engines.id) AND (drift.verdict = 'drift'::text))
                                UNION ALL
                                 SELECT 2,
                                    contribution.column_name,
                                    contribution.share,
                                    format('%s makes %s %% of the last anomalies'::text, contribution.column_name, round((((100)::double precision * contribution.share))::numeric)) AS format
                                   FROM ( SELECT sensor.key AS column_name,
    (sum(abs((sensor.value)::double precision)) / sum(sum(abs((sensor.value)::double precision))) OVER ()) AS share
   FROM (jsonb_array_elements(found.sensors) each(value)
     CROSS JOIN LATERAL jsonb_each_text(each.value) sensor(key, value))
  GROUP BY sensor.key) contribution
                                  WHERE (contribution.share >= (0.1)::double precision)
                                UNION ALL
                                 SELECT 3,
                                    drift.column_name,
                                    abs(drift.wear_shift) AS abs,
                                    format('%s has moved by %s baseline SD with wear'::text, drift.column_name, round((abs(drift.wear_shift))::numeric, 1)) AS format
                                   FROM public.sensor_drift drift
                                  WHERE ((drift.engine_id = engines.id) AND (drift.verdict = 'degradation'::text) AND (drift.wear_shift IS NOT NULL))) shown
                          ORDER BY shown.column_name, shown.rank) sign
                     JOIN public.sensor_modules modules ON ((modules.column_name = sign.column_name)))
                  GROUP BY modules.module) hint) place ON ((engines.status = 'active'::text)))
  WHERE ( SELECT public.may_read('engine_health'::text) AS may_read);;

ALTER VIEW "public"."engine_health" OWNER TO "postgres";

CREATE VIEW "public"."fleet_health" WITH (security_invoker=true) AS  WITH engine AS (
         SELECT health.unit_number,
            health.dataset,
            health.status,
            health.last_reading_at,
            health.last_cycle,
            health.silent_for,
            health.cadence,
            health.completeness,
            health.sensors_drifting,
            health.sensors_degrading,
            health.wear,
            health.problems,
            health.health,
            health.reasons,
            health.earlier_wear,
            health.earlier_cycle,
            health.wear_per_100_cycles,
            health.wear_trend,
            health.recent_anomalies,
            health.anomalous_since,
            health.anomaly_severity,
            health.predicted_rul,
            health.lower_bound,
            health.upper_bound,
            health.interval_level,
            health.predicted_at_cycle,
            health.predicted_by,
            health.inspect_first,
            COALESCE(engines.cohort, engines.subset) AS cohort,
                CASE
                    WHEN (health.predicted_rul IS NOT NULL) THEN GREATEST((COALESCE(health.lower_bound, health.predicted_rul) - (GREATEST((health.last_cycle - health.predicted_at_cycle), 0))::double precision), (0)::double precision)
                    ELSE NULL::double precision
                END AS least_cycles_left
           FROM (public.engine_health health
             JOIN public.engines ON ((engines.unit_number = health.unit_number)))
        ), ranked AS (
         SELECT engine.unit_number,
            engine.dataset,
            engine.status,
            engine.last_reading_at,
            engine.last_cycle,
            engine.silent_for,
            engine.cadence,
            engine.completeness,
            engine.sensors_drifting,
            engine.sensors_degrading,
            engine.wear,
            engine.problems,
            engine.health,
            engine.reasons,
            engine.earlier_wear,
            engine.earlier_cycle,
            engine.wear_per_100_cycles,
            engine.wear_trend,
            engine.recent_anomalies,
            engine.anomalous_since,
            engine.anomaly_severity,
            engine.predicted_rul,
            engine.lower_bound,
            engine.upper_bound,
            engine.interval_level,
            engine.predicted_at_cycle,
            engine.predicted_by,
            engine.inspect_first,
            engine.cohort,
            engine.least_cycles_left,
            row_number() OVER (PARTITION BY engine.dataset, engine.cohort ORDER BY tier.number, engine.least_cycles_left, engine.wear DESC NULLS LAST, engine.unit_number) AS place,
            tier.number AS tier
           FROM (engine
             CROSS JOIN LATERAL ( SELECT
                        CASE
                            WHEN (engine.status <> 'active'::text) THEN NULL::integer
                            WHEN ((engine.least_cycles_left <= (30)::double precision) OR (engine.anomaly_severity = 'fail'::text)) THEN 1
                            WHEN (engine.anomalous_since IS NOT NULL) THEN 2
                            WHEN (engine.health = ANY (ARRAY['fail'::text, 'warning'::text])) THEN 3
                            ELSE NULL::integer
                        END AS number) tier)
        )
 SELECT dataset,
    cohort,
    count(*) AS engines,
    count(*) FILTER (WHERE (status = 'active'::text)) AS active,
    count(*) FILTER (WHERE (status = 'retired'::text)) AS retired,
    count(*) FILTER (WHERE (status = 'failed'::text)) AS failed,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'ok'::text))) AS healthy,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'warning'::text))) AS warning,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'fail'::text))) AS failing,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (health = 'unknown'::text))) AS unknown,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (anomalous_since IS NOT NULL))) AS anomalous,
    ((count(*) FILTER (WHERE ((status = 'active'::text) AND (anomalous_since IS NOT NULL))))::double precision / (NULLIF(count(*) FILTER (WHERE (status = 'active'::text)), 0))::double precision) AS anomalous_share,
    avg(wear) FILTER (WHERE (status = 'active'::text)) AS mean_wear,
    count(*) FILTER (WHERE ((status = 'active'::text) AND (wear_trend = 'rising'::text))) AS wear_rising,
    count(predicted_rul) FILTER (WHERE (status = 'active'::text)) AS predicted,
    avg((predicted_rul)::double precision) FILTER (WHERE (status = 'active'::text)) AS mean_predicted_rul,
    min(predicted_rul) FILTER (WHERE (status = 'active'::text)) AS least_predicted_rul,
    COALESCE(jsonb_agg(jsonb_build_object('unit_number', unit_number, 'health', health, 'predicted_rul', predicted_rul, 'least_cycles_left', least_cycles_left, 'anomalous_since', anomalous_since, 'wear', wear, 'modules', ( SELECT COALESCE(jsonb_agg((hint.value -> 'module'::text)), '[]'::jsonb) AS "coalesce"
           FROM jsonb_array_elements(ranked.inspect_first) hint(value))) ORDER BY place) FILTER (WHERE ((tier IS NOT NULL) AND (place <= 10))), '[]'::jsonb) AS look_at_first
   FROM ranked
  WHERE ( SELECT public.may_read('fleet_health'::text) AS may_read)
  GROUP BY dataset, cohort;;

ALTER VIEW "public"."fleet_health" OWNER TO "postgres";

ALTER VIEW "public"."latest_predictions" OWNER TO "postgres";

CREATE VIEW "public"."prediction_errors" WITH (security_invoker=true) AS  SELECT model_name,
    model_version,
    engine_id,
    cycle,
    predicted_rul,
    actual_rul,
    predicted_at,
    in_interval
   FROM public.engine_predictions prediction
  WHERE ((actual_rul IS NOT NULL) AND ( SELECT public.may_read('prediction_errors'::text) AS may_read));;

CREATE VIEW "public"."prediction_accuracy" WITH (security_invoker=true) AS  SELECT errors.model_name,
    errors.model_version,
    count(*) AS predictions,
    count(DISTINCT errors.engine_id) AS engines,
    sqrt(avg((missed.by ^ (2)::double precision))) AS rmse,
    avg(abs(missed.by)) AS mae,
    avg(missed.by) AS bias,
    sum((exp(LEAST(
        CASE
            WHEN (missed.by < (0)::double precision) THEN ((- missed.by) / (13)::double precision)
            ELSE (missed.by / (10)::double precision)
        END, (500)::double precision)) - (1)::double precision)) AS phm08,
    avg(((errors.in_interval)::integer)::double precision) AS coverage,
    min(errors.predicted_at) AS first_predicted_at,
    max(errors.predicted_at) AS last_predicted_at
   FROM (public.prediction_errors errors
     CROSS JOIN LATERAL ( SELECT ((errors.predicted_rul)::double precision - (errors.actual_rul)::double precision) AS by) missed)
  WHERE ( SELECT public.may_read('prediction_accuracy'::text) AS may_read)
  GROUP BY errors.model_name, errors.model_version;;

ALTER VIEW "public"."prediction_accuracy" OWNER TO "postgres";

ALTER VIEW "public"."prediction_errors" OWNER TO "postgres";

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

CREATE INDEX anomaly_episodes_by_end ON public.anomaly_episodes USING btree (engine_id, detector, ended_at);

CREATE INDEX anomaly_episodes_detected_at ON public.anomaly_episodes USING btree (detected_at);

CREATE INDEX engine_health_reports_by_cycle ON public.engine_health_reports USING btree (engine_id, last_cycle) WHERE (wear IS NOT NULL);

CREATE UNIQUE INDEX models_active ON public.models USING btree (purpose, COALESCE(dataset, ''::text)) WHERE active;

CREATE INDEX retraining_decisions_to_call ON public.retraining_decisions USING btree (as_of) WHERE (hook_state = ANY (ARRAY['due'::text, 'failed'::text]));

CREATE INDEX rul_predictions_newest ON public.rul_predictions USING btree (engine_id, model_name, cycle DESC, predicted_at DESC, id DESC);

CREATE INDEX unscored_readings_noted_at ON public.unscored_readings USING btree (noted_at, engine_id);

CREATE TRIGGER audit_delete AFTER DELETE ON public.model_settings REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_insert AFTER INSERT ON public.model_settings REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE TRIGGER audit_update AFTER UPDATE ON public.model_settings REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_change('model_settings', '', '');

CREATE POLICY "anomaly_episodes_read" ON "public"."anomaly_episodes" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('anomaly_episodes'::text) AS may_read));

CREATE POLICY "model_settings_read" ON "public"."model_settings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('model_settings'::text) AS may_read));

CREATE POLICY "models_read" ON "public"."models" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('models'::text) AS may_read));

CREATE POLICY "sensor_modules_read" ON "public"."sensor_modules" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('sensor_modules'::text) AS may_read));

CREATE POLICY "unscored_readings_read" ON "public"."unscored_readings" FOR SELECT TO "anon", "authenticated" USING (( SELECT public.may_read('unscored_readings'::text) AS may_read));

COMMENT ON COLUMN "public"."anomalies"."detected_at" IS 'When it was found with this score (UTC).';

COMMENT ON COLUMN "public"."anomalies"."detector" IS 'How it was found: mean_abs_z, isolation_forest or mahalanobis (model_settings.anomaly_detector at that time).';

COMMENT ON COLUMN "public"."anomalies"."id" IS 'Identifier; a reading that was none and is one again has another.';

COMMENT ON COLUMN "public"."anomalies"."model_id" IS 'Model that found it; models.id. Null: found before there were models.';

COMMENT ON COLUMN "public"."anomalies"."run_id" IS 'Run that found it with this score, as lineage has it; of what was found at the intake, the batch. Null: found before there were models.';

COMMENT ON COLUMN "public"."anomalies"."sensors" IS 'How much each of the sensors that contributed most did, by column, in the detector''s own unit.';

COMMENT ON COLUMN "public"."anomalies"."severity" IS 'warning, or fail: the score is far above the threshold.';

COMMENT ON COLUMN "public"."anomalies"."threshold" IS 'Score above which a reading was an anomaly, by that model.';

COMMENT ON COLUMN "public"."anomalies"."values" IS 'What these sensors measured, by column, in the units of sensor_data.';

COMMENT ON COLUMN "public"."anomaly_episodes"."detected_at" IS 'When the latest of its anomalies was found (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."detector" IS 'Detector that found them.';

COMMENT ON COLUMN "public"."anomaly_episodes"."ended_at" IS 'Time of the last anomaly so far (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."anomaly_episodes"."first_cycle" IS 'Flight cycle of the first anomaly.';

COMMENT ON COLUMN "public"."anomaly_episodes"."id" IS 'Identifier. It stays when the episode grows; of episodes that are joined the first keeps its own.';

COMMENT ON COLUMN "public"."anomaly_episodes"."last_cycle" IS 'Flight cycle of the last anomaly.';

COMMENT ON COLUMN "public"."anomaly_episodes"."open" IS 'Whether the next anomaly may belong to it: fewer than three readings have come after the last.';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_at" IS 'Time of that reading (UTC).';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_score" IS 'Largest score.';

COMMENT ON COLUMN "public"."anomaly_episodes"."peak_threshold" IS 'Threshold of the reading with that score.';

COMMENT ON COLUMN "public"."anomaly_episodes"."readings" IS 'How many anomalies it has.';

COMMENT ON COLUMN "public"."anomaly_episodes"."sensors" IS 'Sensors that contributed most to that score, as in anomalies.';

COMMENT ON COLUMN "public"."anomaly_episodes"."severe_readings" IS 'How many of them are of severity fail.';

COMMENT ON COLUMN "public"."anomaly_episodes"."severity" IS 'fail: three or more of its anomalies are; else warning.';

COMMENT ON COLUMN "public"."anomaly_episodes"."started_at" IS 'Time of the first anomaly (UTC).';

COMMENT ON COLUMN "public"."batches"."duplicates_by_engine" IS 'The same by engine, {"engines.id": how many}; null where there were none, and of versions before 0.6, which did not say.';

COMMENT ON COLUMN "public"."engine_health_reports"."anomalous_since" IS 'Since when it was in an episode of anomalies (UTC); null when it was in none.';

COMMENT ON COLUMN "public"."engine_health_reports"."last_cycle" IS 'Flight cycle of its latest reading.';

COMMENT ON COLUMN "public"."engine_health_reports"."lower_bound" IS 'Lower end of its interval, in flight cycles.';

COMMENT ON COLUMN "public"."engine_health_reports"."predicted_rul" IS 'Predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN "public"."engine_health_reports"."recent_anomalies" IS 'Anomalies among its last 30 readings.';

COMMENT ON COLUMN "public"."engine_health_reports"."upper_bound" IS 'Upper end of its interval, in flight cycles.';

COMMENT ON COLUMN "public"."expectations"."column_name" IS 'Column of a range rule (always), or of a nulls, stuck, spikes, levels or drift rule that is for one column only; null: whole readings, or every column.';

COMMENT ON COLUMN "public"."expectations"."kind" IS 'What is measured. Of files only: text, columns, units, not_empty, row_count, unit_count, rul_*. Of stored readings only: completeness, freshness, volume, schema, conditions, clock, stuck, spikes, levels, rejected, arrival, copies, drift, fleet_drift, degradation. Of both: types, nulls, range, cycles, duplicates.';

COMMENT ON COLUMN "public"."model_settings"."anomaly_detector" IS 'Which detector decides what an anomaly is: mean_abs_z, isolation_forest or mahalanobis. models.metrics compares them.';

COMMENT ON COLUMN "public"."model_settings"."id" IS 'Always true: it keeps the table at one row.';

COMMENT ON COLUMN "public"."model_settings"."intake_budget" IS 'How long scoring may take of a request; what is not scored by then is left to the pipeline.';

COMMENT ON COLUMN "public"."model_settings"."least_coverage" IS 'How much of the coverage that prediction intervals promise they must have: 0.75 of 0.8 is 0.6.';

COMMENT ON COLUMN "public"."model_settings"."least_predictions" IS 'Fewest such predictions that their error is judged by.';

COMMENT ON COLUMN "public"."model_settings"."most_drifting_share" IS 'Share of the judged engines that may drift before models are to be trained again.';

COMMENT ON COLUMN "public"."model_settings"."most_prediction_rmse" IS 'Root mean square error, in flight cycles, that predictions for engines which have since failed may have.';

COMMENT ON COLUMN "public"."model_settings"."oldest_model" IS 'Age from which on a model is to be trained again.';

COMMENT ON COLUMN "public"."model_settings"."retrain_again_after" IS 'How long after a call of the hook the same reasons do not call it again, unless a model has been trained since.';

COMMENT ON COLUMN "public"."model_settings"."rul_model" IS 'Name of the model whose predicted remaining life is preferred; null: one that was trained here.';

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

COMMENT ON COLUMN "public"."reading_rollups"."longest_delay" IS 'Longest time from a reading to its arrival here; null in rollups of versions before 0.6, which did not say.';

COMMENT ON COLUMN "public"."retraining_decisions"."criteria" IS 'Names of the criteria that failed, in the order of reasons.';

COMMENT ON COLUMN "public"."retraining_decisions"."evidence" IS 'Each criterion by name: verdict (pass, fail or not_evaluated), value, threshold, reason where it was not judged, and details.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_answer" IS 'What the receiver called what it started: the PipelineExecutionArn, or the id that a webhook answers with.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_attempts" IS 'How often the hook has been called, or begun to be.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_called_at" IS 'When the receiver accepted it (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_error" IS 'Why the last call failed.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_key" IS 'What each call for this decision carries, so that the receiver can tell a repetition: Idempotency-Key, ClientRequestToken.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_lease" IS 'Whoever is calling it; null when nobody is.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_leased_until" IS 'When that one is taken for dead (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_next_at" IS 'Before this moment it is not called again (UTC).';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_note" IS 'Why nobody is to be called although models should be trained again.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_receiver" IS 'What was called: webhook or sagemaker.';

COMMENT ON COLUMN "public"."retraining_decisions"."hook_state" IS 'not_needed: nobody is to be called; due; failed: to be called again; called; dead: refused, or tried too often.';

COMMENT ON COLUMN "public"."sensor_data_changes"."scores" IS 'Whether their readings are to be scored again, too; false where only what rollups count has changed, such as a rule.';

COMMENT ON COLUMN "public"."sensor_modules"."column_name" IS 'Sensor, s11 for example.';

COMMENT ON COLUMN "public"."sensor_modules"."measures" IS 'What the sensor measures.';

COMMENT ON COLUMN "public"."sensor_modules"."module" IS 'fan; LPC, HPC: low- and high-pressure compressor; combustor; HPT, LPT: high- and low-pressure turbine; bypass.';

COMMENT ON COLUMN "public"."unscored_readings"."engine_id" IS 'Engine; engines.id.';

COMMENT ON COLUMN "public"."unscored_readings"."noted_at" IS 'Since when readings of the engine wait (UTC); those that wait longest go first.';

COMMENT ON COLUMN "public"."unscored_readings"."times" IS 'Times (UTC) in which its readings have changed, or what they are compared with; may hold some that have not.';

COMMENT ON FUNCTION "public"."check_arrival"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings that arrived later than their engine''s usually do, per engine.';

COMMENT ON FUNCTION "public"."check_copies"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings that arrived although they were stored already, per engine.';

COMMENT ON FUNCTION "public"."check_levels"(interval, timestamp with time zone, public.engine_window[]) IS 'Sensors whose last ten readings are not where the engine''s first ones and its wear put them, per engine.';

COMMENT ON FUNCTION "public"."check_spikes"(interval, timestamp with time zone, public.engine_window[]) IS 'Single readings of a sensor that are further from those around them than its noise can explain, per engine.';

COMMENT ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) IS 'Active engines whose last reading the model of remaining life in use has not seen, and where the readings are that it looks at.';

COMMENT ON FUNCTION "public"."lineage_coverage"(interval, timestamp with time zone) IS 'How many of the readings, runs of the checks, objects of the lake and anomalies of a window can be traced to what made them, with the first few that cannot.';

COMMENT ON FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) IS 'Writes down that the readings of the given times are to be scored; also to have them scored once more.';

COMMENT ON FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) IS 'Opens and resolves alerts of kind anomaly by the last five readings of engines.';

COMMENT ON FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) IS 'Observes for alerts whether the hook of retraining could be called.';

COMMENT ON FUNCTION "public"."recent_anomalies"(text, integer) IS 'The last readings of an engine, each with whether it is an anomaly by the detector that decides, its score, sensors and episode.';

COMMENT ON FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) IS 'Writes the anomalies that a detector found in the given times, takes back those that it no longer finds, and renews their episodes.';

COMMENT ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) IS 'Makes the episodes of a detector''s anomalies again around the times in which readings or anomalies have changed.';

COMMENT ON FUNCTION "public"."retraining_criteria"(timestamp with time zone) IS 'What speaks for training models again as of a moment: value, threshold and verdict of each criterion.';

COMMENT ON FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) IS 'Why a decision to train models again calls nobody; null when it does.';

COMMENT ON FUNCTION "public"."roll_up_readings"() IS 'Brings hourly rollups, baselines and the versions of days up to date with the readings written since the last time, and notes what is to be scored; returns how many engine-hours it measured.';

COMMENT ON FUNCTION "public"."take_unscored_readings"(integer, text[]) IS 'Takes times of engines whose readings are to be scored, about as many readings as asked for, and forgets them; in the transaction that scores them.';

COMMENT ON TABLE "public"."anomalies" IS 'Readings whose score is above the threshold of a detector: one row per reading and detector. Consecutive ones are an episode (anomaly_episodes).';

COMMENT ON TABLE "public"."anomaly_episodes" IS 'Anomalies of an engine and detector with at most two other readings between them: when, how many, how far above the threshold.';

COMMENT ON TABLE "public"."model_settings" IS 'How models are used and when they are to be trained again. Exactly one row; a change takes effect with the next run.';

COMMENT ON TABLE "public"."models" IS 'Versions of trained models: what each was trained on, how it was evaluated, and its content.';

COMMENT ON TABLE "public"."retraining_decisions" IS 'Decisions whether to train models again: one per run of the pipeline, with reasons and evidence, and what became of the call of the hook.';

COMMENT ON TABLE "public"."sensor_modules" IS 'Modules of the engine that each sensor tells of, after Saxena et al. 2008, table 2. A hint where to look, not a diagnosis: modules act on each other.';

COMMENT ON TABLE "public"."unscored_readings" IS 'Times of each engine whose readings are still to be scored: written by roll_up_readings, deleted with what the detectors found. Without a model they stay.';

COMMENT ON TYPE "public"."engine_window" IS 'What a window has of one engine: its readings, those that break a rule of rows (nulls and outside by column, in the order of value_columns; null: none), the steps between them that need a look, how long the longest of its readings took to arrive, and how long at most those of three quarters of its hours (null: of fewer than eight hours).';

COMMENT ON VIEW "public"."effective_expectations" IS 'The rule of expectations that counts for each dataset, kind, column and operating condition: the most specific one, unless it is switched off.';

COMMENT ON VIEW "public"."engine_health" IS 'One row per engine: its last reading, the verdicts of the latest run of the checks, its drifting sensors, and one word for all of it with the reasons.';

COMMENT ON VIEW "public"."engine_predictions" IS 'Predictions by name of the engine, with the remaining life that it turned out to have where it has failed since.';

COMMENT ON VIEW "public"."fleet_health" IS 'One row per fleet (dataset and cohort): its engines by status and health, anomalies, predicted lives, and which engines to look at first.';

COMMENT ON VIEW "public"."latest_predictions" IS 'The newest prediction of each model for each engine, and which model is preferred (model_settings.rul_model).';

COMMENT ON VIEW "public"."prediction_accuracy" IS 'How each version of each model has done on engines that have failed since: errors of its predictions and coverage of its intervals.';

COMMENT ON VIEW "public"."prediction_errors" IS 'Predictions for engines that have failed since, with the remaining life that they turned out to have, capped as labels are.';

COMMENT ON VIEW "public"."reading_bounds" IS 'Ranges that count (effective_expectations) as arrays, one row per dataset and operating condition, in the order altitude, mach_number, tra, s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21.';

REVOKE ALL ON FUNCTION "public"."check_arrival"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_copies"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_levels"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_spikes"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."engines_to_predict"(integer, integer, uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."note_unscored_readings"(uuid[], tstzrange[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_anomalies"(uuid[], text, boolean, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."observe_retraining_hook"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."recent_anomalies"(text, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "public"."recent_anomalies"(text, integer) TO "authenticated", "service_role";

REVOKE ALL ON FUNCTION "public"."record_anomalies"(uuid[], tstzrange[], text, jsonb, boolean, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."renew_anomaly_episodes"(uuid[], tstzrange[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retraining_criteria"(timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."retraining_hook_note"(timestamp with time zone, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."take_unscored_readings"(integer, text[]) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."anomaly_episodes" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."model_settings" TO "authenticated";

GRANT SELECT, UPDATE ON TABLE "public"."model_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."models" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."sensor_modules" TO "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "public"."sensor_modules" TO "service_role";

GRANT SELECT ON TABLE "public"."unscored_readings" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."effective_expectations" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."engine_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."fleet_health" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."latest_predictions" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_accuracy" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."prediction_errors" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."reading_bounds" TO "authenticated", "service_role";

COMMENT ON COLUMN engine_health.health IS 'ok; warning: a check warned, or a sensor of an active engine drifts, or it is in an episode of anomalies; fail: a check failed, or that episode is severe; unknown: no reading, or no verdict in the last 24 hours.';

COMMENT ON COLUMN engine_health.earlier_wear IS 'Its wear as reported at least 50 flight cycles ago; null where no report is as old.';

COMMENT ON COLUMN engine_health.earlier_cycle IS 'Flight cycle of that report.';

COMMENT ON COLUMN engine_health.wear_per_100_cycles IS 'How much wear has risen since then, in 100 flight cycles.';

COMMENT ON COLUMN engine_health.wear_trend IS 'rising or falling: wear has changed by 0.1 or more since then; steady: by less; null where no report is as old.';

COMMENT ON COLUMN engine_health.recent_anomalies IS 'Anomalies among its last 30 readings, by the detector that decides (model_settings).';

COMMENT ON COLUMN engine_health.anomalous_since IS 'Since when it has been in an episode of anomalies (UTC); null when it is in none.';

COMMENT ON COLUMN engine_health.anomaly_severity IS 'warning or fail, as in anomaly_episodes.';

COMMENT ON COLUMN engine_health.predicted_rul IS 'Predicted remaining useful life after predicted_at_cycle, in flight cycles, by the model to go by (latest_predictions).';

COMMENT ON COLUMN engine_health.lower_bound IS 'Lower end of its interval, in flight cycles.';

COMMENT ON COLUMN engine_health.upper_bound IS 'Upper end of its interval, in flight cycles.';

COMMENT ON COLUMN engine_health.interval_level IS 'Nominal coverage of the interval.';

COMMENT ON COLUMN engine_health.predicted_at_cycle IS 'Last flight cycle that the model had seen.';

COMMENT ON COLUMN engine_health.predicted_by IS 'Name and version of the model.';

COMMENT ON COLUMN engine_health.inspect_first IS 'Modules of an active engine to look at, the first one first, with the sensors that point there and why: drift before anomalies before wear. Where to look, not what is broken.';

COMMENT ON COLUMN engine_predictions.id IS 'Identifier.';

COMMENT ON COLUMN engine_predictions.unit_number IS 'Public name of the engine.';

COMMENT ON COLUMN engine_predictions.engine_id IS 'Engine the prediction is about; engines.id.';

COMMENT ON COLUMN engine_predictions.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN engine_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN engine_predictions.lower_bound IS 'Lower end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN engine_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN engine_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none.';

COMMENT ON COLUMN engine_predictions.model_name IS 'Name of the model.';

COMMENT ON COLUMN engine_predictions.model_version IS 'Version of the model.';

COMMENT ON COLUMN engine_predictions.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN engine_predictions.actual_rul IS 'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label; null while it has not failed.';

COMMENT ON COLUMN engine_predictions.in_interval IS 'Whether actual_rul lies in the prediction interval; null where one of them is missing.';

COMMENT ON COLUMN fleet_health.dataset IS 'Set of engines, FD001 for example; null: engines of none.';

COMMENT ON COLUMN fleet_health.cohort IS 'Cohort of the engines (engines.cohort), else train or test; null: neither.';

COMMENT ON COLUMN fleet_health.engines IS 'All engines.';

COMMENT ON COLUMN fleet_health.active IS 'Engines that are active; what follows is about these, but for retired and failed.';

COMMENT ON COLUMN fleet_health.retired IS 'Engines that are retired.';

COMMENT ON COLUMN fleet_health.failed IS 'Engines that have failed.';

COMMENT ON COLUMN fleet_health.healthy IS 'Engines whose health is ok.';

COMMENT ON COLUMN fleet_health.warning IS 'Engines whose health is warning.';

COMMENT ON COLUMN fleet_health.failing IS 'Engines whose health is fail.';

COMMENT ON COLUMN fleet_health.unknown IS 'Engines whose health nobody has judged.';

COMMENT ON COLUMN fleet_health.anomalous IS 'Engines that are in an episode of anomalies.';

COMMENT ON COLUMN fleet_health.anomalous_share IS 'Their share; null without active engines.';

COMMENT ON COLUMN fleet_health.mean_wear IS 'Mean wear of those whose wear is known.';

COMMENT ON COLUMN fleet_health.wear_rising IS 'Engines whose wear rises (engine_health.wear_trend).';

COMMENT ON COLUMN fleet_health.predicted IS 'Engines for which there is a prediction.';

COMMENT ON COLUMN fleet_health.mean_predicted_rul IS 'Mean predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN fleet_health.least_predicted_rul IS 'Least predicted remaining useful life, in flight cycles.';

COMMENT ON COLUMN fleet_health.look_at_first IS 'Up to ten active engines to look at, the first one first: unit_number, health, predicted_rul, least_cycles_left (lower end of the interval less the cycles flown since), anomalous_since, wear, modules.';

COMMENT ON COLUMN latest_predictions.unit_number IS 'Public name of the engine.';

COMMENT ON COLUMN latest_predictions.status IS 'Status of the engine: active, retired or failed.';

COMMENT ON COLUMN latest_predictions.id IS 'Identifier.';

COMMENT ON COLUMN latest_predictions.engine_id IS 'Engine the prediction is about; engines.id.';

COMMENT ON COLUMN latest_predictions.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN latest_predictions.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN latest_predictions.lower_bound IS 'Lower end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN latest_predictions.upper_bound IS 'Upper end of the prediction interval, in flight cycles.';

COMMENT ON COLUMN latest_predictions.interval_level IS 'Nominal coverage of the interval, for example 0.9; null when there is none.';

COMMENT ON COLUMN latest_predictions.model_name IS 'Name of the model.';

COMMENT ON COLUMN latest_predictions.model_version IS 'Version of the model.';

COMMENT ON COLUMN latest_predictions.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN latest_predictions.preferred IS 'Whether this is the one of the engine''s models to go by: true for exactly one.';

COMMENT ON COLUMN prediction_accuracy.model_name IS 'Name of the model.';

COMMENT ON COLUMN prediction_accuracy.model_version IS 'Version of the model.';

COMMENT ON COLUMN prediction_accuracy.predictions IS 'How many of its predictions are judged.';

COMMENT ON COLUMN prediction_accuracy.engines IS 'How many engines they are about.';

COMMENT ON COLUMN prediction_accuracy.rmse IS 'Root mean square error, in flight cycles.';

COMMENT ON COLUMN prediction_accuracy.mae IS 'Mean absolute error, in flight cycles.';

COMMENT ON COLUMN prediction_accuracy.bias IS 'Mean of predicted less actual, in flight cycles: above 0 it promises more life than there was.';

COMMENT ON COLUMN prediction_accuracy.phm08 IS 'Score of the PHM08 challenge, summed over the predictions; 0 is best.';

COMMENT ON COLUMN prediction_accuracy.coverage IS 'Share of the intervals that held the actual remaining life; null where no prediction has one.';

COMMENT ON COLUMN prediction_accuracy.first_predicted_at IS 'When the first of them was made (UTC).';

COMMENT ON COLUMN prediction_accuracy.last_predicted_at IS 'When the last of them was made (UTC).';

COMMENT ON COLUMN prediction_errors.model_name IS 'Name of the model.';

COMMENT ON COLUMN prediction_errors.model_version IS 'Version of the model.';

COMMENT ON COLUMN prediction_errors.engine_id IS 'Engine the prediction was about; engines.id.';

COMMENT ON COLUMN prediction_errors.cycle IS 'Last flight cycle the model had seen.';

COMMENT ON COLUMN prediction_errors.predicted_rul IS 'Predicted remaining useful life after that cycle, in flight cycles.';

COMMENT ON COLUMN prediction_errors.actual_rul IS 'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label.';

COMMENT ON COLUMN prediction_errors.predicted_at IS 'When the prediction was made (UTC).';

COMMENT ON COLUMN prediction_errors.in_interval IS 'Whether actual_rul lies in the prediction interval; null where the prediction has none.';

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
        -- anomalies
        'note_unscored_readings',
        'observe_anomalies',
        'recent_anomalies',
        'record_anomalies',
        'renew_anomaly_episodes',
        'take_unscored_readings',
        -- quality
        'baseline_references',
        'check_arrival',
        'check_clock',
        'check_completeness',
        'check_conditions',
        'check_copies',
        'check_cycles',
        'check_drift',
        'check_duplicates',
        'check_fleet_drift',
        'check_freshness',
        'check_levels',
        'check_nulls',
        'check_range',
        'check_rejected',
        'check_retraining',
        'observe_retraining_hook',
        'retraining_criteria',
        'retraining_hook_note',
        'check_schema',
        'check_spikes',
        'check_stuck',
        'check_types',
        'check_volume',
        'comparable_baselines',
        'declare_schema',
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
        -- models
        'engines_to_predict',
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
-- anomalies
grant execute on function public.recent_anomalies(text, integer) to authenticated, service_role;
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
    'public.anomaly_episodes',
    'public.unscored_readings',
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
    'public.sensor_modules',
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
    'public.engine_predictions',
    'public.latest_predictions',
    'public.models',
    'public.prediction_accuracy',
    'public.prediction_errors',
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
    'public.fleet_health',
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
  public.rul_predictions, public.expectations, public.operating_conditions, public.sensor_modules to service_role;
grant update on public.intake_settings, public.model_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

-- catalogue: edited in Studio; a trigger keeps the columns of each version
grant insert, update, delete on public.data_assets to service_role;
grant insert on public.asset_schemas to service_role;

-- sql/90_jobs/health_assets.sql
-- What the catalogue says of health and of decisions to train again, brought up to date where it is still as it was seeded.
update public.data_assets
set sources =
  '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}'
where name = 'engine_health'
  and sources = '{check_runs, data_quality_metrics, engine_cadences, engines, sensor_data, sensor_drift}';

update public.data_assets
set
  sources = '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}',
  transforms = '{check_retraining(), task_retraining_check(), /worker}',
  consumers = '{/quality, /worker}'
where name = 'retraining_decisions' and sources = '{sensor_drift, data_quality_metrics, anomalies}';

update public.data_assets
set sources = '{anomalies, data_quality_metrics, jobs, pipeline_runs, retraining_decisions}'
where name = 'alerts' and sources = '{data_quality_metrics, jobs, pipeline_runs}';

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
  ('hourly', 'retraining_check', 'sql', 'task_retraining_check', 'Decides whether the model needs training again.'),
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
    'hourly', 'anomalies', 'queue', 'score_anomalies', 100, '1 second', '10 seconds',
    'Scores the readings that have come, and looks for anomalies among them.'
  ),
  (
    'hourly', 'predictions', 'queue', 'predict_rul', 100, '1 second', '10 seconds',
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
  backoff_base = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '1 second' else backoff_base end,
  backoff_cap = case when (backoff_base, backoff_cap) = ('1 minute', '15 minutes') then '10 seconds' else backoff_cap end,
  description = case description
    when 'Looks for anomalies.' then 'Scores the readings that have come, and looks for anomalies among them.'
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

-- sql/90_jobs/scoring_assets.sql
-- Until 0.5 a function in Postgres, which is gone, looked for anomalies, and they were kept for ever. What the catalogue says
-- of that is brought up to date where it is still as it was seeded.
update public.data_assets
set
  sources = '{models, sensor_data, sensor_baselines, unscored_readings}',
  transforms = '{/worker, record_anomalies()}',
  retention_days = coalesce(retention_days, 365)
where name = 'anomalies' and transforms = '{detect_anomalies(), task_anomalies()}';

update public.data_assets
set consumers = case name when 'sensor_values' then array_remove(consumers, 'detect_anomalies()')
  else array_replace(consumers, 'detect_anomalies()', '/worker') end
where 'detect_anomalies()' = any (consumers);

-- sql/90_jobs/sensor_modules.sql
-- What each sensor measures is table 2 of Saxena, Goebel, Simon & Eklund, "Damage propagation modeling for aircraft engine
-- run-to-failure simulation" (PHM 2008). The module is the one the measured gas has just passed, or that the shaft, bleed
-- or fuel belongs to; both ends of the core shaft turn at its speed. What somebody has changed stays.
insert into public.sensor_modules (column_name, module, measures)
values
  ('s2', 'LPC', 'total temperature at LPC outlet'),
  ('s3', 'HPC', 'total temperature at HPC outlet'),
  ('s4', 'LPT', 'total temperature at LPT outlet'),
  ('s7', 'HPC', 'total pressure at HPC outlet'),
  ('s8', 'fan', 'physical fan speed'),
  ('s9', 'HPC', 'physical core speed'),
  ('s9', 'HPT', 'physical core speed'),
  ('s11', 'HPC', 'static pressure at HPC outlet'),
  ('s12', 'combustor', 'ratio of fuel flow to static pressure at HPC outlet'),
  ('s13', 'fan', 'corrected fan speed'),
  ('s14', 'HPC', 'corrected core speed'),
  ('s14', 'HPT', 'corrected core speed'),
  ('s15', 'bypass', 'bypass ratio'),
  ('s17', 'HPC', 'bleed enthalpy'),
  ('s20', 'HPT', 'HPT coolant bleed'),
  ('s21', 'LPT', 'LPT coolant bleed')
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
      '{readings, sensors}', '{"outside: NASA C-MAPSS files", "outside: senders of readings", "outside: Kinesis stream", dead_letters}', '{ingest_readings()}', '{run_checks(), /worker, /quality}'),
    ('training_data', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{readings, labels, rul, training}', '{engines, sensor_data}', '{}', '{"deno task export", "outside: models"}'),
    ('classified_readings', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, conditions}', '{operating_conditions, sensor_data}', '{}', '{run_checks()}'),
    ('sensor_values', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, sensors}', '{classified_readings}', '{}', '{learn_baselines()}'),
    ('sensor_data_changes', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
      '{readings, bookkeeping}', '{sensor_data}', '{note_sensor_data_change()}', '{roll_up_readings()}'),
    ('sensor_data_days', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{readings, lake, bookkeeping}', '{sensor_data_changes}', '{raise_day_versions()}', '{days_to_archive(), lineage_coverage()}'),
    -- intake
    ('batches', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
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
    ('quality_settings', 'table', null, 'operations', 'internal', 'silver', 2, null,
      '{quality, settings}', '{"outside: people in Studio"}', '{}', '{run_checks()}'),
    ('declared_columns', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, schema, bookkeeping}', '{"outside: migrations"}', '{declare_schema()}', '{check_schema()}'),
    ('reading_rollups', 'table', null, 'data-engineering', 'internal', 'silver', 2, null,
      '{quality, readings, rollups}', '{sensor_data}', '{roll_up_readings()}', '{run_checks()}'),
    ('rollup_horizon', 'table', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{quality, rollups, bookkeeping}', '{reading_rollups}', '{prune_rollups()}', '{roll_up_readings()}'),
    ('engine_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_baselines', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, baselines, sensors}', '{sensor_data}', '{learn_baselines()}', '{/worker}'),
    ('sensor_drift', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, sensors}', '{sensor_data, sensor_baselines, wear_signatures}', '{run_drift()}', '{/quality}'),
    ('wear_signatures', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{drift, wear}', '{sensor_data, sensor_baselines, engines}', '{learn_wear_signatures()}', '{run_drift()}'),
    ('unscored_readings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{anomalies, bookkeeping}', '{sensor_data_changes}', '{note_unscored_readings()}', '{/worker}'),
    ('anomalies', 'table', null, 'data-science', 'internal', 'gold', 2, 365,
      '{anomalies, readings}', '{models, sensor_data, sensor_baselines, unscored_readings}', '{/worker, record_anomalies()}', '{/quality}'),
    ('anomaly_episodes', 'table', null, 'data-science', 'internal', 'gold', 1, 365,
      '{anomalies, episodes}', '{anomalies, sensor_data}', '{renew_anomaly_episodes()}', '{/quality}'),
    ('engine_health', 'view', null, 'operations', 'internal', 'gold', 2, null,
      '{engines, health, dashboard}', '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}', '{}', '{/quality}'),
    ('fleet_health', 'view', null, 'operations', 'internal', 'gold', 1, null,
      '{engines, health, dashboard}', '{engine_health, engines}', '{}', '{/quality}'),
    ('sensor_modules', 'table', null, 'operations', 'internal', 'silver', 1, null,
      '{engines, health, settings}', '{"outside: people in Studio"}', '{}', '{"outside: people in Studio"}'),
    ('engine_health_reports', 'table', null, 'operations', 'internal', 'gold', 2, 90,
      '{engines, health, history}', '{engine_health}', '{report_engine_health(), task_health_report()}', '{"outside: people in Studio"}'),
    ('engine_cadences', 'view', null, 'data-engineering', 'internal', 'silver', 1, null,
      '{engines, completeness}', '{engine_baselines, engines}', '{}', '{run_checks()}'),
    ('retraining_decisions', 'table', null, 'data-science', 'internal', 'gold', 2, null,
      '{models, decisions}', '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}', '{check_retraining(), task_retraining_check(), /worker}', '{/quality, /worker}'),
    ('models', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models}', '{sensor_data, engines, sensor_baselines}', '{"deno task train"}', '{/worker}'),
    ('model_settings', 'table', null, 'data-science', 'internal', 'silver', 1, null,
      '{models, settings}', '{"outside: people in Studio"}', '{}', '{/worker, check_retraining()}'),
    ('rul_predictions', 'table', null, 'data-science', 'internal', 'gold', 1, null,
      '{models, predictions, rul}', '{models, sensor_data, "outside: models"}', '{/quality, /worker}', '{/quality}'),
    ('latest_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul, dashboard}', '{engines, model_settings, models, rul_predictions}', '{}', '{/quality}'),
    ('prediction_errors', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engine_predictions}', '{}', '{prediction_accuracy, check_retraining()}'),
    ('engine_predictions', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{engines, models, rul_predictions}', '{}', '{/quality, prediction_errors}'),
    ('prediction_accuracy', 'view', null, 'data-science', 'internal', 'gold', 1, null,
      '{predictions, rul}', '{prediction_errors}', '{}', '{/quality, "outside: people in Studio"}'),
    -- alerts
    ('alerts', 'table', null, 'operations', 'internal', 'gold', 1, 90,
      '{alerts}', '{anomalies, data_quality_metrics, jobs, pipeline_runs, retraining_decisions}', '{observe_alerts()}', '{/quality}'),
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
  ('spikes', null, 7, 1, 'warning', 'standard deviations of its own noise that a reading of a sensor may be away from those around it'),
  ('levels', null, 6.5, 1, 'warning', 'standard errors that the mean of a sensor''s last ten readings may be away from where it should be'),
  ('arrival', 0.98, null, 1, 'warning', 'share of the readings that came when their engine''s usually do'),
  ('copies', null, 0.5, 1, 'warning', 'share of an engine''s received readings that were there already'),
  ('rejected', null, 0.01, 1, 'warning', 'share of what was received that became dead letters'),
  ('drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor against its baseline; a larger one counts when it is significant'),
  ('fleet_drift', null, 0.1, 1, 'fail', 'Kolmogorov-Smirnov D of a sensor between groups of engines; a larger one counts when it is significant'),
  ('degradation', null, 0.5, 1, 'warning', 'wear of an engine; 1: as worn as engines are at failure')
on conflict do nothing;

ALTER TABLE "public"."quality_settings" DROP COLUMN "anomaly_score";

select public.declare_schema();

select public.record_audit('migration.apply', '20261124022650_models');
