-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

DROP FUNCTION "public"."ks_statistic"(double precision[], double precision[]);

CREATE OR REPLACE FUNCTION public.check_arrival(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_clock(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_completeness(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_conditions(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_copies(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_cycles(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_duplicates(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_levels(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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
  -- Only of finite ones: infinity minus itself, and what is not a number, are not 0.
  stretch as materialized (
    select engine.engine_id, engine.dataset, 'first' as place, moments.*
    from engine
    cross join lateral (
      select
        reading.condition, max(reading."timestamp") as until,
        array[
          count(reading.s2), count(reading.s3), count(reading.s4), count(reading.s7), count(reading.s8),
          count(reading.s9), count(reading.s11), count(reading.s12), count(reading.s13), count(reading.s14),
          count(reading.s15), count(reading.s17), count(reading.s20), count(reading.s21)
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
        select
          first.condition, first."timestamp",
          case when first.s2 - first.s2 = 0 then first.s2 end as s2,
          case when first.s3 - first.s3 = 0 then first.s3 end as s3,
          case when first.s4 - first.s4 = 0 then first.s4 end as s4,
          case when first.s7 - first.s7 = 0 then first.s7 end as s7,
          case when first.s8 - first.s8 = 0 then first.s8 end as s8,
          case when first.s9 - first.s9 = 0 then first.s9 end as s9,
          case when first.s11 - first.s11 = 0 then first.s11 end as s11,
          case when first.s12 - first.s12 = 0 then first.s12 end as s12,
          case when first.s13 - first.s13 = 0 then first.s13 end as s13,
          case when first.s14 - first.s14 = 0 then first.s14 end as s14,
          case when first.s15 - first.s15 = 0 then first.s15 end as s15,
          case when first.s17 - first.s17 = 0 then first.s17 end as s17,
          case when first.s20 - first.s20 = 0 then first.s20 end as s20,
          case when first.s21 - first.s21 = 0 then first.s21 end as s21
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
          count(reading.s2), count(reading.s3), count(reading.s4), count(reading.s7), count(reading.s8),
          count(reading.s9), count(reading.s11), count(reading.s12), count(reading.s13), count(reading.s14),
          count(reading.s15), count(reading.s17), count(reading.s20), count(reading.s21)
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
        select
          last.condition, last."timestamp",
          case when last.s2 - last.s2 = 0 then last.s2 end as s2,
          case when last.s3 - last.s3 = 0 then last.s3 end as s3,
          case when last.s4 - last.s4 = 0 then last.s4 end as s4,
          case when last.s7 - last.s7 = 0 then last.s7 end as s7,
          case when last.s8 - last.s8 = 0 then last.s8 end as s8,
          case when last.s9 - last.s9 = 0 then last.s9 end as s9,
          case when last.s11 - last.s11 = 0 then last.s11 end as s11,
          case when last.s12 - last.s12 = 0 then last.s12 end as s12,
          case when last.s13 - last.s13 = 0 then last.s13 end as s13,
          case when last.s14 - last.s14 = 0 then last.s14 end as s14,
          case when last.s15 - last.s15 = 0 then last.s15 end as s15,
          case when last.s17 - last.s17 = 0 then last.s17 end as s17,
          case when last.s20 - last.s20 = 0 then last.s20 end as s20,
          case when last.s21 - last.s21 = 0 then last.s21 end as s21
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
  -- numbers of readings as doubles: sums of whole numbers are of type numeric, a tenth as fast
  sample as materialized (
    select
      stretch.engine_id, stretch.dataset, stretch.place, stretch.condition, sensor.column_name,
      sensor.readings::double precision as readings, sensor.mean, sensor.variance
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
  -- What there is to know of a sensor beside its engine's readings: what it is like in a condition, and, the same in
  -- each, how wear moves it and what its rule is.
  reference as materialized (
    select typical.*, rule.errors, signature.shift as wear_shift, signature.spread as wear_spread
    from (
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
    ) as typical
    left join rule
      on coalesce(rule.dataset, '') = coalesce(typical.dataset, '') and rule.column_name = typical.column_name
    left join public.wear_signatures as signature
      -- of each dataset its own signature, or the one for all
      on signature.column_name = typical.column_name
      and coalesce(signature.dataset, '') = case
        when exists (select from public.wear_signatures as own where own.dataset = typical.dataset) then typical.dataset
        else ''
      end
    where typical.sd > 0
  ),
  shift as (
    select
      sample.engine_id,
      sample.column_name,
      sum(scaled.value * sample.readings) filter (where sample.place = 'last') / sum(sample.readings) filter (where sample.place = 'last')
      - sum(scaled.value * sample.readings) filter (where sample.place = 'first') / sum(sample.readings) filter (where sample.place = 'first')
        as shift,
      sqrt(
        1 / sum(sample.readings) filter (where sample.place = 'last')
        + 1.57 / sum(sample.readings) filter (where sample.place = 'first') -- π/2: a median is less exact than a mean
      ) as error,
      min(reference.errors) as errors,
      min(reference.wear_shift) as wear_shift,
      min(reference.wear_spread) as wear_spread
    from sample
    join reference
      on coalesce(reference.dataset, '') = coalesce(sample.dataset, '')
      and reference.condition = sample.condition and reference.column_name = sample.column_name
    cross join lateral (select (sample.mean - reference.mean) / reference.sd as value) as scaled
    group by sample.engine_id, sample.column_name
    having sum(sample.readings) filter (where sample.place = 'last') >= 8
      and sum(sample.readings) filter (where sample.place = 'first') >= 20
  ),
  -- one row per engine, with its sensors as arrays: wear is what most of them agree on
  shifted as materialized (
    select
      shift.engine_id,
      coalesce(greatest(0, public.wear_of(array_agg(shift.shift), array_agg(shift.wear_shift))), 0) as wear,
      array_agg(shift.column_name) as columns,
      array_agg(shift.shift) as shifts,
      array_agg(shift.error) as shift_errors,
      array_agg(shift.errors) as errors,
      array_agg(coalesce(shift.wear_shift, 0)) as wear_shifts,
      array_agg(coalesce(shift.wear_spread, 0)) as wear_spreads
    from shift
    group by shift.engine_id
  ),
  judged as (
    select
      shifted.engine_id,
      sensor.column_name,
      sensor.shift,
      shifted.wear * sensor.wear_shift as wear_shift,
      abs(sensor.shift - shifted.wear * sensor.wear_shift)
        > sensor.errors * sensor.shift_error + 3 * shifted.wear * sensor.wear_spread as is_off
    from compared
    join shifted on shifted.engine_id = compared.engine_id
    cross join lateral unnest(
      shifted.columns, shifted.shifts, shifted.shift_errors, shifted.errors, shifted.wear_shifts, shifted.wear_spreads
    ) as sensor (column_name, shift, shift_error, errors, wear_shift, wear_spread)
    where sensor.errors is not null
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

CREATE OR REPLACE FUNCTION public.check_nulls(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_range(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_spikes(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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
        array_agg(reading.condition) as conditions, min(reading.condition) <> max(reading.condition) as is_mixed,
        array_agg(reading.s2) as s2, array_agg(reading.s3) as s3, array_agg(reading.s4) as s4,
        array_agg(reading.s7) as s7, array_agg(reading.s8) as s8, array_agg(reading.s9) as s9,
        array_agg(reading.s11) as s11, array_agg(reading.s12) as s12, array_agg(reading.s13) as s13,
        array_agg(reading.s14) as s14, array_agg(reading.s15) as s15, array_agg(reading.s17) as s17,
        array_agg(reading.s20) as s20, array_agg(reading.s21) as s21,
        array[
          min(reading.s2), min(reading.s3), min(reading.s4), min(reading.s7), min(reading.s8), min(reading.s9),
          min(reading.s11), min(reading.s12), min(reading.s13), min(reading.s14), min(reading.s15), min(reading.s17),
          min(reading.s20), min(reading.s21)
        ] as lowest,
        array[
          max(reading.s2), max(reading.s3), max(reading.s4), max(reading.s7), max(reading.s8), max(reading.s9),
          max(reading.s11), max(reading.s12), max(reading.s13), max(reading.s14), max(reading.s15), max(reading.s17),
          max(reading.s20), max(reading.s21)
        ] as highest
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
      latest.engine_id, latest.dataset, latest.timestamps, latest.cycles, latest.conditions, latest.is_mixed,
      sensor.column_name, sensor.readings,
      latest.highest[sensor.place]::double precision - latest.lowest[sensor.place] as span
    from latest
    cross join lateral (
      values
        (1, 's2', latest.s2), (2, 's3', latest.s3), (3, 's4', latest.s4), (4, 's7', latest.s7), (5, 's8', latest.s8),
        (6, 's9', latest.s9), (7, 's11', latest.s11), (8, 's12', latest.s12), (9, 's13', latest.s13),
        (10, 's14', latest.s14), (11, 's15', latest.s15), (12, 's17', latest.s17), (13, 's20', latest.s20),
        (14, 's21', latest.s21)
    ) as sensor (place, column_name, readings)
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
          where latest.is_mixed
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
  -- Few sensors have a reading that stands out: of those of one condition the extremes say so, and the others are not
  -- taken apart.
  comparable as (
    select
      sampled.*,
      known.sd as known_sd,
      case when sampled.is_mixed then scaled.values else sampled.readings::double precision[] end as values
    from sampled
    left join known
      on coalesce(known.dataset, '') = coalesce(sampled.dataset, '') and known.column_name = sampled.column_name
      and known.condition is not distinct from case when not sampled.is_mixed then sampled.conditions[1] end
    left join scale
      on sampled.is_mixed
      and scale.column_name = sampled.column_name and coalesce(scale.dataset, '') = coalesce(sampled.dataset, '')
    cross join lateral (
      select case when sampled.is_mixed then array(
        select (reading.value - scale.centres[reading.place]) / scale.deviations[reading.place]
        from (
          select
            unnest(sampled.readings) as value,
            array_position(scale.conditions, unnest(sampled.conditions)) as place
        ) as reading
      ) end as values
      offset 0 -- once, not wherever it is mentioned
    ) as scaled
    where sampled.is_mixed or sampled.span > coalesce(5.5 * known.sd, 0)
  ),
  -- Tenths are worth their sorting only where something stands out: 36 readings of noise span more than 5.5 standard
  -- deviations of it once in a hundred times.
  outstanding as materialized (
    select comparable.*, moments.readings as counted
    from comparable
    cross join lateral (
      select count(*) as readings, min(sample.value) as lowest, max(sample.value) as highest
      from (select unnest(comparable.values) as value) as sample
      where sample.value - sample.value = 0
    ) as moments
    where moments.readings >= 20 and moments.highest - moments.lowest > coalesce(5.5 * comparable.known_sd, 0)
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
      and reading.value - reading.value = 0 -- what is not a number is larger than any
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

CREATE OR REPLACE FUNCTION public.check_stuck(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.check_types(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now(), seen public.engine_window[] DEFAULT NULL::public.engine_window[])
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE PARALLEL SAFE
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

CREATE OR REPLACE FUNCTION public.ks_statistic(reference double precision[], current double precision[])
 RETURNS SETOF double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE ROWS 1
AS $function$
  -- in whole numbers, which is exact and a sixth faster: place / n - bucket / m is (place * m - bucket * n) / (n * m)
  select greatest(
    max(place * m - width_bucket(reference_value, current) * n),
    max(place * n - width_bucket(current_value, reference) * m)
  )::double precision / nullif(cardinality(reference)::bigint * cardinality(current), 0)
  from (
    -- in the select list unnest streams, and gives nulls where one sample is shorter
    select
      unnest(reference) as reference_value,
      unnest(current) as current_value,
      generate_series(1::bigint, greatest(n, m)) as place,
      n,
      m
    from (
      select cardinality(reference)::bigint as n, cardinality(current)::bigint as m
      offset 0 -- once, not for each value
    ) as size
  ) as sorted;
$function$
;

ALTER FUNCTION "public"."ks_statistic"(double precision[], double precision[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.measure_drift(of_engines uuid[], as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.sensor_drift
 LANGUAGE sql
 STABLE PARALLEL SAFE COST 1e+07
 SET search_path TO ''
AS $function$
  with shift as materialized (
    select
      measured.*,
      measured.baseline_readings >= measured.least_readings
        and measured.window_readings >= measured.least_readings as is_enough,
      -- D of samples of a hundred is one of few numbers, which many sensors share: of each p is computed once
      max(case when measured.place = 1 then public.ks_p_value(
        measured.ks_statistic,
        measured.baseline_readings::double precision * measured.window_readings
          / (measured.baseline_readings + measured.window_readings)
      ) end) over (
        partition by measured.ks_statistic, measured.baseline_readings, measured.window_readings
      ) as p_value,
      engines.dataset
    from (
      select
        shift.*,
        settings.least_readings,
        settings.drift_alpha,
        row_number() over (partition by shift.ks_statistic, shift.baseline_readings, shift.window_readings) as place
      from public.quality_settings as settings
      cross join lateral public.measure_shifts(of_engines, settings.drift_readings, as_of) as shift
    ) as measured
    join public.engines on engines.id = measured.engine_id
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
    ks.statistic,
    (current.mean - baseline.mean) / nullif(baseline.sd, 0),
    cardinality(baseline.sorted_values),
    cardinality(current.sorted_values),
    current.window_start,
    current.window_end
  from current
  join baseline on baseline.engine_id = current.engine_id and baseline.column_name = current.column_name
  cross join lateral public.ks_statistic(baseline.sorted_values, current.sorted_values) as ks (statistic);
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
  names constant text[] := array[
    'schema', 'rejected', 'freshness', 'volume', 'completeness', 'arrival', 'cycles', 'duplicates', 'copies', 'clock',
    'types', 'nulls', 'conditions', 'range', 'stuck', 'spikes', 'levels', 'drift', 'degradation', 'fleet_drift'
  ];
  seen public.engine_window[];
  shared record;
  shared_results public.check_result[] := '{}';
  shared_took jsonb := '{}';
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

  begin
    for shared in select * from public.time_window_checks(check_window, as_of, seen) loop
      shared_results := shared_results || shared.results;
      shared_took := shared_took || jsonb_build_object(shared.check_name, shared.milliseconds);
    end loop;
    results := shared_results;
    took := took || shared_took;
  exception when others then
    if public.is_transient_sqlstate(sqlstate) then
      raise;
    end if;
    -- each runs by itself, and those that fail say why
  end;

  foreach name in array array_remove(names, 'degradation') loop -- which comes with drift
    continue when took ? name;
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
  from unnest(results) with ordinality as result (
    metric_name, column_name, engine_id, metric_value, threshold_min, threshold_max, status, rows_checked, evidence, place
  )
  where engine_id is null or status in ('warning', 'fail') or metric_name in ('completeness', 'degradation')
    or metric_name = 'copies' and metric_value > 0
  order by array_position(names, metric_name), place;
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

CREATE OR REPLACE FUNCTION public.time_checks(check_names text[], check_window interval, as_of timestamp with time zone, seen public.engine_window[])
 RETURNS TABLE(check_name text, milliseconds integer, results public.check_result[])
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE COST 1e+07
 SET search_path TO ''
AS $function$
declare
  begun timestamptz;
begin
  foreach check_name in array check_names loop
    begun := clock_timestamp();
    execute format('select array(select found from public.%I($1, $2, $3) as found)', 'check_' || check_name)
      into results
      using check_window, as_of, seen;
    milliseconds := public.milliseconds_since(begun);
    return next;
  end loop;
end;
$function$
;

ALTER FUNCTION "public"."time_checks"(text[], interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

CREATE OR REPLACE FUNCTION public.time_window_checks(check_window interval, as_of timestamp with time zone, seen public.engine_window[])
 RETURNS TABLE(check_name text, milliseconds integer, results public.check_result[])
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return query
  select half.*
  from public.time_checks('{levels,stuck,range,types}', check_window, as_of, seen) as half
  union all
  select half.*
  from public.time_checks(
    '{spikes,completeness,nulls,arrival,cycles,duplicates,copies,clock,conditions}', check_window, as_of, seen
  ) as half;
end;
$function$
;

ALTER FUNCTION "public"."time_window_checks"(interval, timestamp with time zone, public.engine_window[]) OWNER TO "postgres";

COMMENT ON FUNCTION "public"."ks_statistic"(double precision[], double precision[]) IS 'Two-sample Kolmogorov-Smirnov D of two sorted arrays: 0 for equal distributions, 1 for disjoint ones.';

COMMENT ON FUNCTION "public"."time_checks"(text[], interval, timestamp with time zone, public.engine_window[]) IS 'Runs checks that share what engine_windows has measured, one after the other, and tells how long each took.';

COMMENT ON FUNCTION "public"."time_window_checks"(interval, timestamp with time zone, public.engine_window[]) IS 'Checks of a run that share what engine_windows has measured, in two sessions where there is a worker to spare.';

REVOKE ALL ON FUNCTION "public"."ks_statistic"(double precision[], double precision[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."time_checks"(text[], interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "public"."time_window_checks"(interval, timestamp with time zone, public.engine_window[]) FROM PUBLIC;

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
        'time_checks',
        'time_window_checks',
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

select public.declare_schema();

select public.record_audit('migration.apply', '20261124033843_operations');
