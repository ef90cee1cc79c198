-- Where a reading comes from and where it has gone: its batch, the file, stream or request that brought it, the version
-- of the code that stored it, the object of the lake that its day is in, and the runs of the checks that looked at it.
--
--   unit_number, cycle  which reading; at: its timestamp, when an engine has several of a cycle; null: all of them
--   returns             one row a reading. One that has left Postgres cannot be told from one that never was: when a
--                       timestamp is given and its day is in the lake, the row has in_postgres false and no batch of
--                       its own; the batches that the object holds are in lake_object_batches
--
--   select batch_id, input ->> 'name', code_version from reading_lineage('ENGINE_001', 1);
create or replace function public.reading_lineage(
  unit_number text, cycle integer, at timestamptz default null
)
returns table (
  reading_timestamp timestamptz,
  in_postgres boolean,
  batch_id uuid,
  source text,
  reference text,
  input jsonb,
  code_version text,
  received_at timestamptz,
  lake_key text,
  in_lake_object boolean,
  check_runs jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$
  with stored as (
    select readings."timestamp", readings.batch_id
    from public.engines
    join public.sensor_data as readings on readings.engine_id = engines.id
    where engines.unit_number = reading_lineage.unit_number
      and readings.cycle = reading_lineage.cycle
      and (reading_lineage.at is null or readings."timestamp" = reading_lineage.at)
  ),
  asked as (
    select stored."timestamp", true as in_postgres, stored.batch_id from stored
    union all
    select reading_lineage.at, false, null
    where reading_lineage.at is not null and not exists (select from stored)
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
$$;

comment on function public.reading_lineage(text, integer, timestamptz) is
  'Where a reading comes from and where it has gone: batch, source file or stream shard, code version, object of the lake, runs of the checks. The same as GET /catalog/lineage/readings.';
