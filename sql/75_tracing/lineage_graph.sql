-- What is made of what, for a picture: datasets and jobs as nodes. Edges are what the catalogue says (sources and
-- transforms) and what runs have done since a moment; an edge that runs have taken says how often and when last. Objects
-- of the lake are drawn as the prefix that the catalogue has for them.
--
--   since    runs from this moment on
--   as_of    up to this one
--   returns  {"nodes": [{"id", "type": "dataset" or "job", "name", "kind", "classification"}],
--            "edges": [{"from", "to", "declared", "runs", "last_run_at"}]}; ids are dataset:NAME and job:NAME
create or replace function public.lineage_graph(
  since timestamptz default now() - interval '7 days', as_of timestamptz default now()
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  with ended as (
    select job_name, inputs, outputs, count(*) as runs, max(event_time) as last_run_at
    from public.lineage
    where event_type in ('COMPLETE', 'FAIL', 'ABORT') and event_time >= since and event_time <= as_of
    group by job_name, inputs, outputs
  ),
  touched as (
    select job_name, dataset, true as is_input, runs, last_run_at from ended, unnest(inputs) as dataset
    union all
    select job_name, dataset, false, runs, last_run_at from ended, unnest(outputs) as dataset
  ),
  named as (
    -- each dataset by the catalogue's name for it
    select dataset, coalesce(
      (select name from public.data_assets where kind <> 'lake' and 'public.' || name = dataset),
      (
        select name from public.data_assets
        where kind = 'lake' and starts_with(dataset, name)
        order by length(name) desc
        limit 1
      ),
      dataset
    ) as name
    from (select distinct dataset from touched) as datasets
  ),
  observed as (
    select
      case when touched.is_input then 'dataset:' || named.name else 'job:' || touched.job_name end as "from",
      case when touched.is_input then 'job:' || touched.job_name else 'dataset:' || named.name end as "to",
      sum(touched.runs) as runs,
      max(touched.last_run_at) as last_run_at
    from touched
    join named using (dataset)
    group by 1, 2
  ),
  declared as (
    select 'dataset:' || source as "from", 'job:' || transform as "to"
    from public.data_assets, unnest(sources) as source, unnest(transforms) as transform
    union
    select 'job:' || transform, 'dataset:' || name
    from public.data_assets, unnest(transforms) as transform
    union
    -- a view is made of its sources by nobody
    select 'dataset:' || source, 'dataset:' || name
    from public.data_assets, unnest(sources) as source
    where transforms = '{}'
  ),
  edges as (
    select "from", "to", declared."from" is not null as declared, coalesce(observed.runs, 0) as runs, observed.last_run_at
    from observed
    full join declared using ("from", "to")
  ),
  nodes as (
    select "from" as id from edges
    union
    select "to" from edges
    union
    select 'dataset:' || name from public.data_assets
  )
  select jsonb_build_object(
    'nodes', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', nodes.id,
            'type', split_part(nodes.id, ':', 1),
            'name', substr(nodes.id, strpos(nodes.id, ':') + 1),
            'kind', coalesce(assets.kind, 'outside'),
            'classification', assets.classification
          )
          order by nodes.id
        ),
        '[]'
      )
      from nodes
      left join public.data_assets as assets on 'dataset:' || assets.name = nodes.id
    ),
    'edges', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'from', edges."from", 'to', edges."to", 'declared', edges.declared, 'runs', edges.runs,
            'last_run_at', edges.last_run_at
          )
          order by edges."from", edges."to"
        ),
        '[]'
      )
      from edges
    )
  );
$$;

comment on function public.lineage_graph(timestamptz, timestamptz) is
  'Datasets and jobs as nodes and edges: what the catalogue declares and what runs have done since a moment. The same as GET /catalog/lineage/graph.';
