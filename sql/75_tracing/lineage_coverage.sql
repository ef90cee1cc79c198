-- How much of what was made can be traced: of readings, their batch with the source that brought it and the version that
-- stored it; of runs of the checks, of objects of the lake and of anomalies, a run with its beginning and its end. The run
-- of an anomaly that was found at the intake is its batch. Those that were found before there were models have no run.
--
-- A batch names its source by its reference. A request to /ingest may have none: then it is known by the batch's
-- identifier, which its sender was answered. A delivery of a stream that names neither stream nor records cannot be traced.
--
--   coverage_window  of what was stored, begun or written in this time before as_of
--   as_of            end of it
--   returns          a row for each subject: how many there are, how many of them can be traced, and the first few that
--                    cannot. Readings are looked for in the days of the window, and in older ones that
--                    sensor_data_days says have changed in it
--
--   select subject, traced, total from lineage_coverage('24 hours');
create or replace function public.lineage_coverage(
  coverage_window interval default '24 hours', as_of timestamptz default now()
)
returns table (subject text, total bigint, traced bigint, untraced jsonb)
language sql
stable
security invoker
set search_path = ''
set jit = off
as $$
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
$$;

comment on function public.lineage_coverage(interval, timestamptz) is
  'How many of the readings, runs of the checks, objects of the lake and anomalies of a window can be traced to what made them, with the first few that cannot.';
