-- What a sql task of a pipeline reads and writes, as the catalogue says: it makes the assets that name it among their
-- transforms, out of what these name as their sources.
--
--   handler  of pipeline_tasks
--   returns  {"inputs": [dataset, …], "outputs": [dataset, …]}; null when it makes nothing that the catalogue knows
--
--   select task_datasets('task_health_report');
create or replace function public.task_datasets(handler text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with made as (
    select name, sources from public.data_assets where handler || '()' = any (transforms) and kind = 'table'
  )
  select jsonb_build_object(
    'inputs', (
      select coalesce(jsonb_agg(jsonb_build_object('namespace', 'postgres', 'name', 'public.' || name) order by name), '[]')
      from public.data_assets
      where kind <> 'lake' and name in (select unnest(made.sources) from made)
    ),
    'outputs', jsonb_agg(jsonb_build_object('namespace', 'postgres', 'name', 'public.' || made.name) order by made.name)
  )
  from made
  having count(*) > 0;
$$;

comment on function public.task_datasets(text) is
  'Tables that a sql task of a pipeline reads and writes, by the sources and transforms of the catalogue, as OpenLineage datasets.';
