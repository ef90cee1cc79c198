-- One event of the view lineage as OpenLineage 2-0-2 has it (openlineage.io/spec/2-0-2/OpenLineage.json).
--
--   origin, origin_key  where the view has it from: event and lineage_events.id, batch and batches.id, check_run and
--                       check_runs.id, task_run and task_runs.id
--   the others          columns of the view
--
-- Costly on purpose: the planner then makes events only of the rows that are left after sorting and limiting.
create or replace function public.openlineage_event(
  origin text,
  origin_key text,
  event_time timestamptz,
  event_type text,
  run_id uuid,
  job_name text,
  code_version text
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
cost 10000
as $$
  with details as (
    select stored.inputs, stored.outputs, stored.run_facets as facets
    from public.lineage_events as stored
    where origin = 'event' and stored.id = origin_key::bigint
    union all
    select
      jsonb_build_array(public.batch_input(batches.source, batches.reference)),
      case
        when event_type = 'START' then '[{"namespace": "postgres", "name": "public.sensor_data"}]'
        else jsonb_build_array(jsonb_build_object(
          'namespace', 'postgres', 'name', 'public.sensor_data',
          'outputFacets', jsonb_build_object('outputStatistics', jsonb_build_object('rowCount', batches.accepted))
        ))
        || case
          when batches.rejected = 0 or batches.source = 'replay' then '[]'
          else jsonb_build_array(jsonb_build_object(
            'namespace', 'postgres', 'name', 'public.dead_letters',
            'outputFacets', jsonb_build_object('outputStatistics', jsonb_build_object('rowCount', batches.rejected))
          ))
        end
      end,
      jsonb_build_object('spool_batch', jsonb_strip_nulls(jsonb_build_object(
        'source', batches.source,
        'reference', batches.reference,
        'received', batches.received,
        'accepted', batches.accepted,
        'duplicates', batches.duplicates,
        'rejected', batches.rejected
      )))
    from public.batches
    where origin = 'batch' and batches.id = origin_key::uuid
    union all
    select
      jsonb_build_array(jsonb_build_object('namespace', 'postgres', 'name', 'public.sensor_data') || case
        when event_type = 'START' then '{}'
        else jsonb_build_object('inputFacets', jsonb_build_object(
          'dataQualityAssertions', jsonb_build_object('assertions', public.check_assertions(runs.id))
        ))
      end),
      '[{"namespace": "postgres", "name": "public.data_quality_metrics"}]',
      jsonb_build_object(
        'nominalTime', jsonb_build_object('nominalStartTime', runs.window_start, 'nominalEndTime', runs.as_of)
      )
    from public.check_runs as runs
    where origin = 'check_run' and runs.id = origin_key::bigint
    union all
    select
      datasets.read_and_written -> 'inputs',
      datasets.read_and_written -> 'outputs',
      jsonb_build_object(
        'nominalTime', jsonb_build_object('nominalStartTime', pipeline_runs.logical_time)
      ) || case
        when event_type <> 'FAIL' then '{}'
        else jsonb_build_object('errorMessage', jsonb_build_object('message', task_runs.error, 'programmingLanguage', 'SQL'))
      end
    from public.task_runs
    join public.pipeline_runs on pipeline_runs.id = task_runs.run_id
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    cross join lateral (select public.task_datasets(tasks.handler)) as datasets (read_and_written)
    where origin = 'task_run' and task_runs.id = origin_key::bigint
  )
  select jsonb_build_object(
    'eventType', event_type,
    'eventTime', event_time,
    'run', jsonb_build_object(
      'runId', run_id,
      'facets', public.openlineage_facets(
        case
          when code_version is null then '{}'
          else jsonb_build_object('processing_engine', jsonb_build_object('name', 'Spool', 'version', code_version))
        end || details.facets,
        made.producer
      )
    ),
    'job', jsonb_build_object('namespace', 'spool', 'name', job_name),
    'inputs', public.openlineage_datasets(details.inputs, 'inputFacets', made.producer, event_time),
    'outputs', public.openlineage_datasets(details.outputs, 'outputFacets', made.producer, event_time),
    'producer', made.producer,
    'schemaURL', 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'
  )
  from details
  cross join (select 'urn:spool:' || coalesce(code_version, 'unknown')) as made (producer);
$$;

comment on function public.openlineage_event(text, text, timestamptz, text, uuid, text, text) is
  'One event of the view lineage as a run event of OpenLineage 2-0-2, with all its facets.';
