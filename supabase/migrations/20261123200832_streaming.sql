-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

DROP FUNCTION "public"."check_clock"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_completeness"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_conditions"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_cycles"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_duplicates"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_nulls"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_range"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_stuck"(interval, timestamp with time zone);

DROP FUNCTION "public"."check_types"(interval, timestamp with time zone);

DROP FUNCTION "public"."reading_steps"(timestamp with time zone, timestamp with time zone);

DROP FUNCTION "public"."run_check"(text, interval, timestamp with time zone);

CREATE TABLE "public"."delivery_receipts" ("stream" text NOT NULL, "request_id" text NOT NULL, "digest" text NOT NULL, "batch_id" uuid NOT NULL, "received_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "delivery_receipts_pkey" PRIMARY KEY (request_id, stream, digest));

ALTER TABLE "public"."delivery_receipts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."delivery_receipts" OWNER TO "postgres";

CREATE TABLE "public"."stream_checkpoints" ("stream" text NOT NULL, "stream_created_at" timestamp with time zone NOT NULL, "shard_id" text NOT NULL, "parents" text[] NOT NULL DEFAULT '{}'::text[], "begin_at" text NOT NULL, "begin_timestamp" timestamp with time zone, "state" text NOT NULL DEFAULT 'open'::text, "sequence_number" text, "delivered_records" bigint NOT NULL DEFAULT 0, "delivered_bytes" bigint NOT NULL DEFAULT 0, "deliveries" bigint NOT NULL DEFAULT 0, "complete_until" timestamp with time zone, "lost_from" timestamp with time zone, "lost_until" timestamp with time zone, "updated_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "stream_checkpoints_begin_at_check" CHECK ((begin_at = ANY (ARRAY['trim_horizon'::text, 'latest'::text, 'at_timestamp'::text]))), CONSTRAINT "stream_checkpoints_check1" CHECK (((deliveries = 0) = (sequence_number IS NULL))), CONSTRAINT "stream_checkpoints_check2" CHECK ((((lost_from IS NULL) = (lost_until IS NULL)) AND (lost_from <= lost_until))), CONSTRAINT "stream_checkpoints_check" CHECK (((begin_at = 'trim_horizon'::text) = (begin_timestamp IS NULL))), CONSTRAINT "stream_checkpoints_delivered_bytes_check" CHECK ((delivered_bytes >= 0)), CONSTRAINT "stream_checkpoints_delivered_records_check" CHECK ((delivered_records >= 0)), CONSTRAINT "stream_checkpoints_deliveries_check" CHECK ((deliveries >= 0)), CONSTRAINT "stream_checkpoints_pkey" PRIMARY KEY (stream, stream_created_at, shard_id), CONSTRAINT "stream_checkpoints_state_check" CHECK ((state = ANY (ARRAY['open'::text, 'ended'::text, 'expired'::text]))));

ALTER TABLE "public"."stream_checkpoints" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."stream_checkpoints" OWNER TO "postgres";

CREATE TABLE "public"."stream_readers" ("stream" text NOT NULL, "owner" uuid, "held_by" text, "leased_until" timestamp with time zone, CONSTRAINT "stream_readers_check" CHECK ((((owner IS NULL) = (leased_until IS NULL)) AND ((owner IS NULL) = (held_by IS NULL)))), CONSTRAINT "stream_readers_pkey" PRIMARY KEY (stream), CONSTRAINT "stream_readers_stream_check" CHECK ((stream <> ''::text)));

ALTER TABLE "public"."stream_readers" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."stream_readers" OWNER TO "postgres";

ALTER TABLE "public"."dead_letters" ADD COLUMN "records" jsonb NOT NULL DEFAULT '[]'::jsonb;

ALTER TABLE "public"."intake_settings" ADD COLUMN "receipts_kept" interval NOT NULL DEFAULT '3 days'::interval;

CREATE TYPE "public"."reading_step" AS ("previous_timestamp" timestamp with time zone, "previous_cycle" integer, "timestamp" timestamp with time zone, "cycle" integer);

CREATE TYPE "public"."engine_window" AS ("engine_id" uuid, "readings" bigint, "unknown_conditions" bigint, "not_finite" bigint, "nulls" bigint[], "outside" bigint[], "cadence" interval, "steps" public.reading_step[]);

ALTER TYPE "public"."engine_window" OWNER TO "postgres";

ALTER TYPE "public"."reading_step" OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.baseline_references()
 RETURNS TABLE(dataset text, condition smallint, column_name text, mean double precision, sd double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_clock(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  step as (
    select received.engine_id, step."timestamp", step.cycle, step.previous_timestamp, step.previous_cycle
    from received
    cross join lateral unnest(received.steps) as step
    cross join lateral (
      select
        step.cycle - step.previous_cycle as cycles,
        extract(epoch from step."timestamp" - step.previous_timestamp) / extract(epoch from received.cadence) as cadences
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
    from received
    full join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('clock', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_clock"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_completeness(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  step as materialized (
    select received.engine_id, received.cadence, step.*
    from received
    cross join lateral unnest(received.steps) as step
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

ALTER FUNCTION "public"."check_completeness"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_conditions(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - received.unknown_conditions::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('unknown', received.unknown_conditions)
    )::public.engine_measurement) as engines
    from received
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('conditions', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_conditions"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_cycles(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  broken as (
    select
      step.engine_id,
      count(*) as steps,
      jsonb_agg(
        jsonb_build_object('timestamp', step."timestamp", 'cycle', step.cycle, 'previous_cycle', step.previous_cycle)
        order by step."timestamp", step.cycle
      ) filter (where step.place <= 20) as listed
    from (
      select
        received.engine_id, step.*,
        row_number() over (partition by received.engine_id order by step."timestamp", step.cycle) as place
      from received
      cross join lateral unnest(received.steps) as step
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
    from received
    left join broken using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('cycles', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_cycles"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

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
    array(select measured from public.measure_window_drift(bounds.window_start, as_of) as measured)
  ) as result;
$function$
;

CREATE OR REPLACE FUNCTION public.check_duplicates(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  suspect as (
    select received.engine_id
    from received
    where exists (select from unnest(received.steps) as step where step.cycle <= step.previous_cycle)
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
    from received
    left join repeated using (engine_id)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('duplicates', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_duplicates"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_nulls(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  measured as (
    select array_agg(row(
      received.engine_id, columns.column_name, received.readings, coalesce(received.nulls[columns.place], 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) with ordinality as columns (column_name, place)
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_columns('nulls', bounds.window_start, as_of, measured.columns) as result;
$function$
;

ALTER FUNCTION "public"."check_nulls"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_range(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  measured as (
    select array_agg(row(
      received.engine_id,
      columns.column_name,
      received.readings - coalesce(received.nulls[columns.place], 0),
      coalesce(received.outside[columns.place], 0)
    )::public.column_measurement) as columns
    from received
    cross join unnest(public.value_columns()) with ordinality as columns (column_name, place)
  ),
  -- the readings behind the counts, where there are any: only in the first hours that have some, of each column
  suspect as (
    select suspect.*
    from (
      select
        hourly.engine_id, hourly.first_timestamp, hourly.last_timestamp, counted.column_name, counted.place as column_place,
        row_number() over (partition by counted.column_name order by hourly.hour, hourly.engine_id) as place
      from bounds
      cross join lateral public.hourly_readings(bounds.window_start, as_of) as hourly
      cross join lateral unnest(public.value_columns(), hourly.outside)
        with ordinality as counted (column_name, outside, place)
      where counted.outside > 0
        and exists (select from received where 0 < any (received.outside))
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

ALTER FUNCTION "public"."check_range"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

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
      -- without the places in their events: records[3].data.s11 and records[7].data.s11 are one kind of fault
      select regexp_replace(letter.path, '\[\d+\]', '[]', 'g') as path, letter.source, count(*) as letters
      from bounds
      join public.dead_letters as letter
        on letter.first_seen_at >= bounds.window_start and letter.first_seen_at <= as_of
      group by 1, 2
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

CREATE OR REPLACE FUNCTION public.check_stuck(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  rule as (
    select rule.dataset, rule.column_name, rule.max::integer as most_equal
    from public.effective_expectations as rule
    where rule.kind = 'stuck' and rule.max is not null
  ),
  candidate as (
    select engines.id as engine_id, engines.dataset, max(rule.most_equal) as most_equal
    from received
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
  sampled as (
    select latest.engine_id, latest.dataset, latest.timestamps, sensor.*
    from latest
    cross join lateral (
      values
        ('s2', latest.s2), ('s3', latest.s3), ('s4', latest.s4), ('s7', latest.s7), ('s8', latest.s8),
        ('s9', latest.s9), ('s11', latest.s11), ('s12', latest.s12), ('s13', latest.s13), ('s14', latest.s14),
        ('s15', latest.s15), ('s17', latest.s17), ('s20', latest.s20), ('s21', latest.s21)
    ) as sensor (column_name, readings)
    offset 0 -- else engines are joined with rules first, and all sensors are gone through for each
  ),
  sensor as (
    select
      sampled.engine_id,
      rule.column_name,
      rule.most_equal,
      least(cardinality(sampled.timestamps), rule.most_equal + 1) as readings,
      sampled.readings[1] as value,
      -- All the same, but for those without a value, which check_nulls counts. Two readings are enough to tell most
      -- sensors that live.
      cardinality(sampled.timestamps) > rule.most_equal
        and coalesce(sampled.readings[1] = sampled.readings[rule.most_equal + 1], true)
        and (
          select count(distinct value) = 1 and count(value) > rule.most_equal / 2
          from unnest(sampled.readings[:rule.most_equal + 1]) as value
        ) as is_stuck,
      sampled.timestamps[rule.most_equal + 1] as since
    from sampled
    join rule
      on coalesce(rule.dataset, '') = coalesce(sampled.dataset, '') and rule.column_name = sampled.column_name
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

ALTER FUNCTION "public"."check_stuck"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.check_types(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
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
  measured as (
    select array_agg(row(
      received.engine_id,
      1 - received.not_finite::double precision / received.readings,
      received.readings,
      received.readings,
      jsonb_build_object('not_finite', received.not_finite)
    )::public.engine_measurement) as engines
    from received
  )
  select result.*
  from bounds
  cross join measured
  cross join lateral public.judge_engines('types', 'mean', bounds.window_start, as_of, measured.engines) as result;
$function$
;

ALTER FUNCTION "public"."check_types"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

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
        select coalesce(sum(rollup.readings), 0)
        from public.reading_rollups as rollup
        where rollup.hour >= lower(span.range) and rollup.hour < upper(span.range)
          and not rollup.hour <@ bounds.not_rolled_up
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

CREATE OR REPLACE FUNCTION public.comparable_baselines(of_engines uuid[])
 RETURNS TABLE(engine_id uuid, column_name text, conditions smallint[], sorted_values double precision[], mean double precision, sd double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
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
      sum(hourly.not_finite) as not_finite
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
    stepped.steps
  from received
  left join broken using (engine_id)
  left join stepped using (engine_id);
$function$
;

ALTER FUNCTION "public"."engine_windows"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

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
      min(verdict.status) as status, -- 'fail' < 'pass' < 'warning'
      bool_or(verdict.status = 'warning') as warned,
      sum(judged.rows_checked)::bigint as rows_checked,
      jsonb_object_agg(judged.column_name, judged.broken) filter (where judged.broken > 0) as columns
    from judged
    cross join lateral (
      -- nearly all of them: 17 for each engine
      select case
        when judged.broken = 0 then 'pass'
        else public.expectation_verdict(judged.value, judged.mostly, null, judged.severity)
      end as status
    ) as verdict
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
      -- from the last place to the first: a frame whose start moves is added up anew for each row of it
      min(least(1, ranked.smallest_q * ranked.tests / ranked.place)) over (
        order by ranked.place desc rows unbounded preceding
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

CREATE OR REPLACE FUNCTION public.ks_statistic(reference double precision[], current double precision[])
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  -- in whole numbers, which is exact and a sixth faster: place / n - bucket / m is (place * m - bucket * n) / (n * m)
  select greatest(
    max(place * cardinality(current) - width_bucket(reference_value, current) * cardinality(reference)::bigint),
    max(place * cardinality(reference) - width_bucket(current_value, reference) * cardinality(current)::bigint)
  )::double precision / nullif(cardinality(reference)::bigint * cardinality(current), 0)
  from (
    -- in the select list unnest streams, and gives nulls where one sample is shorter
    select
      unnest(reference) as reference_value,
      unnest(current) as current_value,
      generate_series(1::bigint, greatest(cardinality(reference), cardinality(current))) as place
  ) as sorted;
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
      worn.wear >= 0.05 and abs(shift.mean_shift - worn.wear * known.shift) <= tolerance.shift as is_worn,
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

CREATE OR REPLACE FUNCTION public.measure_shifts(of_engines uuid[], most integer, as_of timestamp with time zone)
 RETURNS TABLE(engine_id uuid, column_name text, ks_statistic double precision, mean_shift double precision, baseline_readings integer, window_readings integer, window_start timestamp with time zone, window_end timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
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
    select
      recent.engine_id,
      sensor.column_name,
      sample.sorted_values,
      sample.mean,
      coalesce(times.window_start, recent.timestamps[cardinality(recent.timestamps)]) as window_start,
      coalesce(times.window_end, recent.timestamps[1]) as window_end -- the latest are first
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
      select case
        when recent.is_one_condition then sensor.readings::double precision[]
        else array(
          select (reading.value - scale.means[reading.place]) / scale.deviations[reading.place]
          from (
            select
              unnest(sensor.readings) as value,
              array_position(scale.conditions, unnest(recent.conditions)) as place
          ) as reading
        )
      end as values
      offset 0 -- once, not wherever it is mentioned
    ) as comparable
    cross join lateral (
      select array_agg(reading.value order by reading.value) as sorted_values, avg(reading.value) as mean
      -- in the select list unnest streams; in the from list Postgres first copies the array into a tuplestore
      from (select unnest(comparable.values) as value) as reading
      where reading.value - reading.value = 0
      having count(*) > 0
    ) as sample
    cross join lateral (
      -- few sensors miss a value: the times of the others are those of the engine
      select min(reading."timestamp") as window_start, max(reading."timestamp") as window_end
      from (
        select unnest(comparable.values) as value, unnest(recent.timestamps) as "timestamp"
        where cardinality(sample.sorted_values) < cardinality(recent.timestamps)
      ) as reading
      where reading.value - reading.value = 0
    ) as times
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

CREATE OR REPLACE FUNCTION public.measure_window_drift(window_start timestamp with time zone, as_of timestamp with time zone)
 RETURNS SETOF public.sensor_drift
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  engine_ids constant uuid[] := public.engines_to_compare(window_start, as_of);
  half constant integer := cardinality(engine_ids) / 2;
begin
  return query
  select * from public.measure_drift(engine_ids[:half], as_of)
  union all
  select * from public.measure_drift(engine_ids[half + 1:], as_of);
end;
$function$
;

ALTER FUNCTION "public"."measure_window_drift"(timestamp with time zone, timestamp with time zone) OWNER TO "postgres";

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
  receipts_deleted bigint;
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

  delete from public.delivery_receipts
  where delivery_receipts.received_at < as_of - (select settings.receipts_kept from public.intake_settings as settings);
  get diagnostics receipts_deleted = row_count;

  perform public.prune_rollups(as_of);

  result := format(
    'deleted: %s runs of checks, %s runs of pipelines, %s alerts, %s runs of jobs, %s receipts',
    check_runs_deleted, runs_deleted, alerts_deleted, job_runs_deleted, receipts_deleted
  );
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$function$
;

CREATE OR REPLACE FUNCTION public.record_dead_letters(batch uuid, source text, reference text, letters json)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with arrived as (
    select
      md5(letter.payload) as digest,
      min(letter.payload) as payload,
      min(letter.position) as position,
      (array_agg(letter.path order by letter.position))[1] as path,
      (array_agg(letter.reason order by letter.position))[1] as reason,
      count(*) as seen,
      coalesce(
        to_jsonb((array_agg(letter.record order by letter.position) filter (where letter.record is not null))[1:100]),
        '[]'
      ) as records
    from json_to_recordset(letters) as letter (position integer, payload text, path text, reason text, record jsonb)
    group by md5(letter.payload)
  ),
  recorded as (
    insert into public.dead_letters as open (
      batch_id, source, reference, position, payload, payload_digest, path, reason, seen, records
    )
    select
      batch, record_dead_letters.source, record_dead_letters.reference,
      position, payload::json, digest, path, reason, seen, records
    from arrived
    order by digest
    on conflict (source, payload_digest) where replayed_at is null
    do update set
      seen = open.seen + excluded.seen,
      last_seen_at = now(),
      records = (
        -- a record that is delivered again is the same one
        select coalesce(jsonb_agg(record order by place), '[]')
        from (
          select record, min(place) as place
          from jsonb_array_elements(open.records || excluded.records) with ordinality as brought (record, place)
          group by record
          order by min(place)
          limit 100
        ) as known
      )
    returning xmax = 0 as is_new
  )
  select count(*)::integer from recorded where is_new;
$function$
;

CREATE OR REPLACE FUNCTION public.run_check(check_name text, check_window interval, as_of timestamp with time zone, seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  sharing constant regprocedure := to_regprocedure(
    format('public.%I(interval,timestamptz,public.engine_window[])', 'check_' || check_name)
  );
  routine constant regprocedure := coalesce(
    sharing,
    to_regprocedure(format('public.%I(interval,timestamptz)', 'run_' || check_name)),
    format('public.%I(interval,timestamptz)', 'check_' || check_name)::regprocedure
  );
begin
  -- %s is a function that exists, not text from outside
  if sharing is not null then
    return query execute format('select * from %s($1, $2, $3)', routine::regproc) using check_window, as_of, seen;
  else
    return query execute format('select * from %s($1, $2)', routine::regproc) using check_window, as_of;
  end if;
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

ALTER FUNCTION "public"."run_check"(text, interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

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

CREATE OR REPLACE FUNCTION public.run_drift(check_window interval, as_of timestamp with time zone)
 RETURNS SETOF public.check_result
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  window_start constant timestamptz := date_trunc('hour', as_of - check_window, 'UTC');
  drift constant public.sensor_drift[] := array(
    select measured
    from public.measure_window_drift(window_start, as_of) as measured
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

ALTER TABLE "public"."dead_letters" ADD CONSTRAINT "dead_letters_records_check" CHECK ((jsonb_typeof(records) = 'array'::text));

ALTER TABLE "public"."intake_settings" ADD CONSTRAINT "intake_settings_receipts_kept_check" CHECK (((receipts_kept >= '03:00:00'::interval) AND (receipts_kept <= '366 days'::interval)));

ALTER TABLE "public"."stream_checkpoints" ADD CONSTRAINT "stream_checkpoints_stream_fkey" FOREIGN KEY (stream) REFERENCES public.stream_readers(stream);

CREATE INDEX delivery_receipts_received_at ON public.delivery_receipts USING btree (received_at);

CREATE POLICY "delivery_receipts_read" ON "public"."delivery_receipts" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "stream_checkpoints_read" ON "public"."stream_checkpoints" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "stream_readers_read" ON "public"."stream_readers" FOR SELECT TO "authenticated" USING (true);

COMMENT ON COLUMN "public"."batches"."reference" IS 'What the batch was at its source, for example train_FD001.txt lines 1-2000, or a stream''s ARN with the request''s identifier or the first and last sequence number.';

COMMENT ON COLUMN "public"."batches"."source" IS 'Door the batch came through: ingest, kinesis, load or replay.';

COMMENT ON COLUMN "public"."dead_letters"."correction" IS 'What to replay instead of the payload: a reading, an array of readings or {"readings": […]}; fill it in Studio. The payload itself stays as it came.';

COMMENT ON COLUMN "public"."dead_letters"."path" IS 'Place of the first fault: in the payload, for example s11 (empty when it is the whole reading); of a record of a stream in the event that brought it, for example records[3].data.s11.';

COMMENT ON COLUMN "public"."dead_letters"."payload" IS 'The reading exactly as it came. Text that was not JSON (a line of a file, a whole record of a stream) is kept as a JSON string, and what was not text as {"base64": "…"}.';

COMMENT ON COLUMN "public"."dead_letters"."records" IS 'The first 100 records of a stream that brought this payload: stream, sequence_number, partition_key, event_id, arrived_at, request_id, index, as far as each is known. Empty for other doors.';

COMMENT ON COLUMN "public"."dead_letters"."source" IS 'Door it came through: ingest, kinesis, load.';

COMMENT ON COLUMN "public"."delivery_receipts"."batch_id" IS 'Batch that the request was stored as; batches.id.';

COMMENT ON COLUMN "public"."delivery_receipts"."digest" IS 'SHA-256 of the request''s records, in hexadecimal digits.';

COMMENT ON COLUMN "public"."delivery_receipts"."received_at" IS 'When it was stored: start of its transaction (UTC).';

COMMENT ON COLUMN "public"."delivery_receipts"."request_id" IS 'Identifier that the sender gave the request; Firehose keeps it when it tries again.';

COMMENT ON COLUMN "public"."delivery_receipts"."stream" IS 'ARN of the delivery stream that sent the request, as it says itself; empty where it does not.';

COMMENT ON COLUMN "public"."intake_settings"."receipts_kept" IS 'How long the receipts of stored requests are kept, at least. A request that comes again later is stored again, which changes no reading.';

COMMENT ON COLUMN "public"."stream_checkpoints"."begin_at" IS 'Where reading began: trim_horizon is the oldest record that the stream keeps; latest and at_timestamp are begin_timestamp.';

COMMENT ON COLUMN "public"."stream_checkpoints"."begin_timestamp" IS 'Records that arrived before were not wanted (UTC); null where all were.';

COMMENT ON COLUMN "public"."stream_checkpoints"."complete_until" IS 'Everything that arrived on the shard before is delivered, or lost as lost_until says (UTC); null before the first delivery.';

COMMENT ON COLUMN "public"."stream_checkpoints"."delivered_bytes" IS 'Their size in bytes.';

COMMENT ON COLUMN "public"."stream_checkpoints"."delivered_records" IS 'Records acknowledged, repetitions included.';

COMMENT ON COLUMN "public"."stream_checkpoints"."deliveries" IS 'Requests acknowledged.';

COMMENT ON COLUMN "public"."stream_checkpoints"."lost_from" IS 'Records that arrived from here on may be lost, because they were not read while the stream kept them (UTC); null when none are.';

COMMENT ON COLUMN "public"."stream_checkpoints"."lost_until" IS 'End of what may be lost (UTC); null when nothing is.';

COMMENT ON COLUMN "public"."stream_checkpoints"."parents" IS 'Shards that it was split from or merged of; they are read to their end before it is begun.';

COMMENT ON COLUMN "public"."stream_checkpoints"."sequence_number" IS 'Last record that the receiver has acknowledged; null before the first.';

COMMENT ON COLUMN "public"."stream_checkpoints"."shard_id" IS 'The shard''s name within the stream.';

COMMENT ON COLUMN "public"."stream_checkpoints"."state" IS 'open; ended: the shard was split or merged, and all of it is delivered; expired: the stream has forgotten the shard before its end was reached.';

COMMENT ON COLUMN "public"."stream_checkpoints"."stream" IS 'ARN of the stream.';

COMMENT ON COLUMN "public"."stream_checkpoints"."stream_created_at" IS 'When the stream was made (UTC): one that was made again has other sequence numbers.';

COMMENT ON COLUMN "public"."stream_checkpoints"."updated_at" IS 'When the row was last written (UTC).';

COMMENT ON COLUMN "public"."stream_readers"."held_by" IS 'Host and number of that process, for people.';

COMMENT ON COLUMN "public"."stream_readers"."leased_until" IS 'When another process may take over (UTC); the owner moves it on every two seconds.';

COMMENT ON COLUMN "public"."stream_readers"."owner" IS 'Names the process that reads it; null when none does. Only this one can move the stream''s checkpoints.';

COMMENT ON COLUMN "public"."stream_readers"."stream" IS 'ARN of the stream.';

COMMENT ON FUNCTION "public"."check_clock"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings whose time does not agree with their cycle, per engine: clocks that were set, and readings from the future.';

COMMENT ON FUNCTION "public"."check_completeness"(interval, timestamp with time zone, public.engine_window[]) IS 'Received against expected readings of each active engine by its own cadence, silent engines included, with the gaps.';

COMMENT ON FUNCTION "public"."check_conditions"(interval, timestamp with time zone, public.engine_window[]) IS 'Share of the readings in one of the known operating conditions, per engine.';

COMMENT ON FUNCTION "public"."check_cycles"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings whose cycle is not the one after that of the reading before, per engine.';

COMMENT ON FUNCTION "public"."check_duplicates"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings whose cycle their engine has more than once, per engine.';

COMMENT ON FUNCTION "public"."check_nulls"(interval, timestamp with time zone, public.engine_window[]) IS 'Share of the readings with a value, by column.';

COMMENT ON FUNCTION "public"."check_range"(interval, timestamp with time zone, public.engine_window[]) IS 'Share of the values inside of their range, by column; ranges are those of the dataset and the operating condition.';

COMMENT ON FUNCTION "public"."check_stuck"(interval, timestamp with time zone, public.engine_window[]) IS 'Sensors whose latest readings are all the same, per engine.';

COMMENT ON FUNCTION "public"."check_types"(interval, timestamp with time zone, public.engine_window[]) IS 'Readings with a value that is NaN or infinite, per engine.';

COMMENT ON FUNCTION "public"."engine_windows"(timestamp with time zone, timestamp with time zone) IS 'What a window has of each engine with readings in it: how many, how many of them break a rule of rows, and the steps that need a look.';

COMMENT ON FUNCTION "public"."measure_window_drift"(timestamp with time zone, timestamp with time zone) IS 'Drift of the active engines with readings in a window, measured in two sessions where there is a worker to spare.';

COMMENT ON FUNCTION "public"."prune_history"(timestamp with time zone) IS 'Job spool-retention: deletes finished history older than quality_settings.metrics_kept, rollups older than rollups_kept, and receipts of requests older than intake_settings.receipts_kept.';

COMMENT ON FUNCTION "public"."record_dead_letters"(uuid, text, text, json) IS 'Keeps readings that could not be accepted as dead letters; the same payload again only raises seen, and adds the records that brought it.';

COMMENT ON FUNCTION "public"."run_check"(text, interval, timestamp with time zone, public.engine_window[]) IS 'Runs one check by its name; an error inside it is returned as not_evaluated, with the error as evidence.';

COMMENT ON TABLE "public"."delivery_receipts" IS 'Requests that have been stored, so that the same one again is answered without work. Kept for intake_settings.receipts_kept.';

COMMENT ON TABLE "public"."stream_checkpoints" IS 'How far each shard of a Kinesis stream has been delivered by deno task deliver; one row per shard.';

COMMENT ON TABLE "public"."stream_readers" IS 'Streams that deno task deliver has read, and who reads them now: one process at a time.';

COMMENT ON TYPE "public"."engine_window" IS 'What a window has of one engine: its readings, those that break a rule of rows (nulls and outside by column, in the order of value_columns; null: none), and the steps between them that need a look.';

COMMENT ON TYPE "public"."reading_step" IS 'Step from one reading of an engine to its next one, in order of time.';

REVOKE ALL ON FUNCTION "public"."check_clock"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_completeness"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_conditions"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_cycles"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_duplicates"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_nulls"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_range"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_stuck"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."check_types"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."engine_windows"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."measure_window_drift"(timestamp with time zone, timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."run_check"(text, interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

GRANT SELECT ON TABLE "public"."delivery_receipts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."stream_checkpoints" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."stream_readers" TO "authenticated", "service_role";

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

select public.declare_schema();
