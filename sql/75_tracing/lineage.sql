-- All lineage: the run events that were stored, and those that batches, runs of the checks and sql tasks are the trace
-- of. Derived, because a second row about the same thing would cost the intake time and could say something else.
--
-- A batch is stored by one transaction, and its beginning is the only time that is known of it: its two events have the
-- same. Of the loader's batches the job is load.batch, because load is the job that loads the whole file.
--
-- Without a common table expression, so that the view is merged into the query: then only the rows that are left after
-- sorting and limiting become events. And the names of what batches were made of stand here once more, although
-- batch_input knows them: it would be called for each batch that a search looks at, which takes a hundred times as long.
--
--   select event from lineage where run_id = (select batch_id from sensor_data limit 1);
create view public.lineage
with (security_invoker = true) as
select
  -- START before everything else of its run, its end after everything
  run_id || case event_type when 'START' then '.1' when 'COMPLETE' then '.3' when 'ABORT' then '.3' when 'FAIL' then '.3' else '.2' end
    || event_type as event_id,
  event_time,
  event_type,
  run_id,
  job_name,
  code_version,
  inputs,
  outputs,
  public.openlineage_event(origin, origin_key, event_time, event_type, run_id, job_name, code_version) as event
from (
  select
    event_time, event_type, run_id, job_name, code_version,
    array(select dataset ->> 'name' from jsonb_array_elements(stored.inputs) as dataset) as inputs,
    array(select dataset ->> 'name' from jsonb_array_elements(stored.outputs) as dataset) as outputs,
    'event' as origin, stored.id::text as origin_key
  from public.lineage_events as stored
  union all
  select
    received_at, 'START', id, case source when 'load' then 'load.batch' else source end, code_version,
    array[case source
      when 'load' then coalesce(substring(reference from '^(.+) lines \d+-\d+$'), '/load')
      when 'kinesis' then coalesce(substring(reference from '^arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*:(\S+)'), '/kinesis')
      when 'replay' then 'public.dead_letters'
      else '/' || source
    end], array['public.sensor_data'], 'batch', id::text
  from public.batches
  union all
  select
    received_at, 'COMPLETE', id, case source when 'load' then 'load.batch' else source end, code_version,
    array[case source
      when 'load' then coalesce(substring(reference from '^(.+) lines \d+-\d+$'), '/load')
      when 'kinesis' then coalesce(substring(reference from '^arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*:(\S+)'), '/kinesis')
      when 'replay' then 'public.dead_letters'
      else '/' || source
    end],
    case
      when rejected = 0 or source = 'replay' then array['public.sensor_data']
      else array['public.sensor_data', 'public.dead_letters']
    end,
    'batch', id::text
  from public.batches
  union all
  select
    started_at, 'START', lineage_run_id, 'run_checks', code_version,
    array['public.sensor_data'], array['public.data_quality_metrics'], 'check_run', id::text
  from public.check_runs
  union all
  select
    finished_at, 'COMPLETE', lineage_run_id, 'run_checks', code_version,
    array['public.sensor_data'], array['public.data_quality_metrics'], 'check_run', id::text
  from public.check_runs
  where finished_at is not null
  union all
  select
    task_runs.started_at, 'START', task_runs.lineage_run_id, task_runs.pipeline || '.' || task_runs.task, null,
    array(select dataset ->> 'name' from jsonb_array_elements(sql_tasks.datasets -> 'inputs') as dataset),
    array(select dataset ->> 'name' from jsonb_array_elements(sql_tasks.datasets -> 'outputs') as dataset),
    'task_run', task_runs.id::text
  from public.task_runs
  join (
    -- offset: what a task reads and writes is looked up once, and not for each of its runs
    select pipeline, name, public.task_datasets(handler) as datasets from public.pipeline_tasks where kind = 'sql' offset 0
  ) as sql_tasks on sql_tasks.pipeline = task_runs.pipeline and sql_tasks.name = task_runs.task
  where task_runs.started_at is not null and sql_tasks.datasets is not null
  union all
  select
    task_runs.finished_at,
    case task_runs.state when 'succeeded' then 'COMPLETE' when 'failed' then 'FAIL' else 'ABORT' end,
    task_runs.lineage_run_id, task_runs.pipeline || '.' || task_runs.task, null,
    array(select dataset ->> 'name' from jsonb_array_elements(sql_tasks.datasets -> 'inputs') as dataset),
    array(select dataset ->> 'name' from jsonb_array_elements(sql_tasks.datasets -> 'outputs') as dataset),
    'task_run', task_runs.id::text
  from public.task_runs
  join (
    -- offset: what a task reads and writes is looked up once, and not for each of its runs
    select pipeline, name, public.task_datasets(handler) as datasets from public.pipeline_tasks where kind = 'sql' offset 0
  ) as sql_tasks on sql_tasks.pipeline = task_runs.pipeline and sql_tasks.name = task_runs.task
  where task_runs.started_at is not null and task_runs.finished_at is not null and sql_tasks.datasets is not null
) as traced
where (select public.may_read('lineage'));

comment on view public.lineage is
  'OpenLineage run events of everything: batches, runs of the checks, sql tasks, loads, archives, exports, backups, restores and reports.';
comment on column public.lineage.event_id is 'Identifier of the event; events of one run and moment come in its order.';
comment on column public.lineage.event_time is 'When it happened (UTC); of a batch, when its transaction began.';
comment on column public.lineage.event_type is 'START, COMPLETE, FAIL or ABORT.';
comment on column public.lineage.run_id is 'Run; of a batch, batches.id.';
comment on column public.lineage.job_name is
  'What ran: ingest, kinesis, load.batch or replay of a batch; run_checks; PIPELINE.TASK of a sql task; load, archive, export, backup, restore, report.';
comment on column public.lineage.code_version is 'Version of Spool that ran; null where it was not kept.';
comment on column public.lineage.inputs is 'Names of the datasets that it read: public.TABLE, a file, a stream, a key of the lake.';
comment on column public.lineage.outputs is 'Names of the datasets that it wrote.';
comment on column public.lineage.event is 'The event as OpenLineage 2-0-2 has it.';
