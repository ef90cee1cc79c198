-- Completeness: received against expected readings, per engine, from the engine's own cadence.
--
-- An engine that sends nothing is the worst case, not a missing group: it is expected as long as its status is
-- active. Engines that are retired or have failed are not. Nothing is rounded before it is compared.
--
--   check_window, as_of   the window ends at as_of and begins at a whole hour
--   seen                  engine_windows of this window, where a run has it already
--   returns               a row per active engine, with its gaps, and one about the table. The value is the share
--                         of the expected readings that came.
--
--   select evidence -> 'gaps' from check_completeness('24 hours') where status = 'fail' and engine_id is not null;
create or replace function public.check_completeness(
  check_window interval default '24 hours', as_of timestamptz default now(),
  seen public.engine_window[] default null
)
returns setof public.check_result
language sql
stable
parallel safe
security invoker
set search_path = ''
as $$
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
$$;

comment on function public.check_completeness(interval, timestamptz, public.engine_window[]) is
  'Received against expected readings of each active engine by its own cadence, silent engines included, with the gaps.';
