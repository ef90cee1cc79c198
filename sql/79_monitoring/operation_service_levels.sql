-- Part of service_levels: how the system itself did in a stretch of time.
--
--   ingestion_latency  how long it takes from the arrival of a request at a door to the row of its batch, for 95 of 100
--                      batches: the upper bound of the bucket of histogram_bounds in which the 95th lies. How long after
--                      the newest reading a batch came (event lag) is in the evidence: it is the senders' own
--   check_duration     the longest run of the checks. A task of the pipelines that ran them and failed misses it as well
--   availability       share of the minutes in which the scheduler ran and the database could write (heartbeats). Whether the
--                      functions could be reached cannot be seen from in here: /health/ready tells whoever asks from outside
--   recovery           longest time from one heartbeat to the next, of those with which the time began, and of the time
--                      since the last one
--   alert_response     longest time from the moment that an alert is about to its first delivery, its acknowledgement or its end;
--                      of one that still waits, so far. What is held back is nobody's to answer
--
--   since, until  the stretch of time
--   returns       a row for each
create or replace function public.operation_service_levels(since timestamptz, until timestamptz)
returns table (measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
  with intake as (
    select
      source,
      after.batches - coalesce(before.batches, 0) as batches,
      after.processing_seconds - coalesce(before.processing_seconds, 0) as seconds,
      array(
        select amount - coalesce(before.processing_buckets[place], 0)
        from unnest(after.processing_buckets) with ordinality as bucket (amount, place)
        order by place
      ) as processing,
      array(
        select amount - coalesce(before.event_lag_buckets[place], 0)
        from unnest(after.event_lag_buckets) with ordinality as bucket (amount, place)
        order by place
      ) as event_lag
    from public.intake_totals(until) as after
    left join public.intake_totals(since) as before using (source)
    where after.batches > coalesce(before.batches, 0)
  ),
  processed as (
    -- how many batches took at most this long, of all sources together
    select limits.bound, sum(sum(bucket.amount)) over (order by limits.bound nulls last) as up_to, sum(sum(bucket.amount)) over () as measured
    from intake
    cross join lateral unnest(intake.processing) with ordinality as bucket (amount, place)
    cross join lateral (select (public.histogram_bounds('processing'))[bucket.place] as bound) as limits
    group by limits.bound
  ),
  latency as (
    select
      max(processed.measured) as measured,
      min(processed.bound) filter (where processed.up_to >= 0.95 * processed.measured) as p95,
      max(processed.up_to) filter (where processed.bound = 300) as within_target
    from processed
    where processed.measured > 0
  ),
  lagging as (
    select
      jsonb_object_agg(
        intake.source,
        jsonb_build_object(
          'batches', intake.batches,
          'processing_seconds_mean', intake.seconds / nullif((select sum(amount) from unnest(intake.processing) as amount), 0),
          'event_lag_seconds_p95_at_most', (
            select min(bounds.bound)
            from unnest(public.histogram_bounds('event_lag')) with ordinality as bounds (bound, place)
            where (select sum(amount) from unnest(intake.event_lag[:bounds.place]) as amount)
              >= 0.95 * nullif((select sum(amount) from unnest(intake.event_lag) as amount), 0)
          )
        )
      ) as sources,
      sum(intake.batches) as batches
    from intake
  ),
  check_run as (
    select
      count(*) as runs,
      max(extract(epoch from coalesce(runs.finished_at, until) - runs.started_at)) as longest,
      (array_agg(runs.id order by coalesce(runs.finished_at, until) - runs.started_at desc))[1] as slowest
    from public.check_runs as runs
    where runs.started_at > since and runs.started_at <= until
  ),
  failed_checks as (
    select count(*) as tasks
    from public.pipeline_runs as runs
    join public.task_runs as task_run on task_run.run_id = runs.id and task_run.state = 'failed'
    join public.pipeline_tasks as tasks
      on tasks.pipeline = task_run.pipeline and tasks.name = task_run.task and tasks.handler = 'task_quality'
    where runs.finished_at > since and runs.finished_at <= until
  ),
  watched as (
    -- minutes that lie whole in the time, and not before there were heartbeats at all
    select
      greatest(
        date_trunc('minute', since + interval '1 minute' - interval '1 microsecond', 'UTC'), first_beat.minute
      ) as began,
      date_trunc('minute', until, 'UTC') as ended
    from (select min(heartbeats.minute) as minute from public.heartbeats) as first_beat
    where first_beat.minute is not null
  ),
  beat as materialized (
    -- by the order of the index alone: in ninety days there are 130,000
    select
      heartbeats.minute,
      -- the last one reaches to the minute that has not passed yet
      coalesce(lead(heartbeats.minute) over (order by heartbeats.minute), (select watched.ended from watched))
      - heartbeats.minute as silence
    from public.heartbeats
    where heartbeats.minute < (select watched.ended from watched)
      -- and the one before the time, too: it may have begun in silence
      and heartbeats.minute >= coalesce(
        (select max(earlier.minute) from public.heartbeats as earlier where earlier.minute <= (select watched.began from watched)),
        (select watched.began from watched)
      )
  ),
  life as (
    select
      watched.began,
      watched.ended,
      nullif(greatest(extract(epoch from watched.ended - watched.began) / 60, 0), 0)::double precision as minutes,
      beats.alive,
      beats.longest,
      beats.outages,
      (
        select beat.minute from beat where beat.silence > interval '1 minute' order by beat.silence desc, beat.minute limit 1
      ) as longest_after
    from (
      select
        count(*) filter (where beat.minute >= (select watched.began from watched)) as alive,
        extract(epoch from max(beat.silence)) as longest,
        count(*) filter (where beat.silence > interval '1 minute') as outages
      from beat
    ) as beats
    left join watched on true
  ),
  raised as materialized (
    select event.alert_id, event.number, event.at, response.answered_at
    from public.alert_events as event
    cross join lateral (
      select least(
        (
          select min(deliveries.sent_at)
          from public.alert_deliveries as deliveries
          where deliveries.alert_id = event.alert_id and deliveries.event_number = event.number
        ),
        (
          select min(later.at)
          from public.alert_events as later
          where later.alert_id = event.alert_id and later.number > event.number
            and later.event in ('acknowledged', 'resolved')
        )
      ) as answered_at
    ) as response
    where event.event in ('opened', 'reopened', 'escalated') and not event.held_back
      and event.at > since and event.at <= until
  ),
  waited as (
    select
      raised.*,
      coalesce(raised.answered_at, 'infinity') <= until as is_answered,
      -- a clock of an observation that is ahead answers at once
      greatest(extract(epoch from least(raised.answered_at, until) - raised.at), 0) as seconds
    from raised
  ),
  response as (
    select
      count(*) as alerts,
      count(*) filter (where waited.is_answered) as answered,
      -- one that was raised a moment ago may still be answered in time
      max(waited.seconds) filter (where waited.is_answered or waited.seconds >= 300) as longest,
      percentile_cont(0.95) within group (order by waited.seconds) filter (where waited.is_answered) as p95,
      (array_agg(waited.alert_id order by waited.seconds desc))[1] as slowest
    from waited
  )
  select
    'ingestion_latency',
    -- above all bounds: what is known is that it is more than the last one
    case when latency.measured > 0 then
      coalesce(latency.p95, (select max(bound) from unnest(public.histogram_bounds('processing')) as bound))
    end,
    latency.measured > 0 and latency.p95 is null,
    case
      when lagging.batches is null then 'nothing arrived'
      else 'the batches of this time do not say how long they took'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'batches', lagging.batches,
      'batches_measured', latency.measured,
      'batches_within_target', latency.within_target,
      'above_all_bounds', nullif(latency.measured > 0 and latency.p95 is null, false),
      'sources', lagging.sources
    ))
  from latency cross join lagging
  union all
  select
    'check_duration',
    check_run.longest,
    failed_checks.tasks > 0,
    case when failed_checks.tasks > 0 then 'the checks failed, and no run of them ended' else 'the checks did not run' end,
    jsonb_strip_nulls(jsonb_build_object(
      'runs', check_run.runs, 'slowest_run', check_run.slowest, 'failed_tasks', failed_checks.tasks
    ))
  from check_run cross join failed_checks
  union all
  select
    'availability',
    life.alive / life.minutes,
    false,
    'there was no heartbeat before the end of this time, or not one whole minute after it',
    jsonb_strip_nulls(jsonb_build_object(
      'from', life.began,
      'until', life.ended,
      'minutes', life.minutes,
      'minutes_with_heartbeat', life.alive,
      'of', 'scheduler and database; not of the functions, which only somebody outside can ask'
    ))
  from life
  union all
  select
    'recovery',
    case when life.minutes is not null then life.longest end,
    false,
    'there was no heartbeat before the end of this time, or not one whole minute after it',
    jsonb_strip_nulls(jsonb_build_object(
      'outages', life.outages, 'longest_after', case when life.outages > 0 then life.longest_after end
    ))
  from life
  union all
  select
    'alert_response',
    response.longest,
    false,
    case when response.alerts = 0 then 'no alert was raised' else 'the alerts of this time have only just been raised' end,
    jsonb_strip_nulls(jsonb_build_object(
      'alerts', response.alerts,
      'answered', response.answered,
      'seconds_p95_of_the_answered', response.p95,
      'slowest_alert', response.slowest
    ))
  from response;
$$;

comment on function public.operation_service_levels(timestamptz, timestamptz) is
  'Part of service_levels: ingestion latency, duration of the checks, availability, recovery and alert response in a stretch of time.';
