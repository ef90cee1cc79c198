-- Datasets of an event as OpenLineage wants them: facets stamped, names as its naming says, and the columns that tables
-- had at the time.
--
--   datasets  [{"namespace", "name", "facets", "inputFacets" or "outputFacets"}]; an object of the lake has the lake's URL
--             as namespace and its key as name, which becomes the bucket and the whole key, or file and the whole path
--   own       inputFacets or outputFacets: which member besides facets there may be
--   at        time of the event
create or replace function public.openlineage_datasets(datasets jsonb, own text, producer text, at timestamptz)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'namespace', coalesce(bucket[1], case when folder is not null then 'file' end, dataset ->> 'namespace'),
        'name', concat(folder[1], case when bucket[2] <> '' or folder is not null then concat(bucket[2], '/') end, dataset ->> 'name'),
        'facets', public.openlineage_facets(
          case
            when known.fields is null then '{}'
            else jsonb_build_object('schema', jsonb_build_object('fields', known.fields))
          end || coalesce(dataset -> 'facets', '{}'),
          producer
        ),
        own, public.openlineage_facets(coalesce(dataset -> own, '{}'), producer)
      )
      order by place
    ),
    '[]'
  )
  from jsonb_array_elements(datasets) with ordinality as given (dataset, place)
  cross join lateral (
    select
      regexp_match(dataset ->> 'namespace', '^(s3://[^/]+)/*(.*?)/*$') as bucket,
      regexp_match(dataset ->> 'namespace', '^file://(/.*?)/*$') as folder
  ) as lake
  left join lateral (
    select (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'name', field -> 'name', 'type', field -> 'type', 'description', field -> 'description'
      )) order by position)
      from jsonb_array_elements(recorded.columns) with ordinality as listed (field, position)
    )
    from public.asset_schemas as recorded
    where dataset ->> 'namespace' = 'postgres' and recorded.asset = substr(dataset ->> 'name', length('public.') + 1)
    order by (recorded.recorded_at <= at) desc, abs(extract(epoch from recorded.recorded_at - at))
    limit 1
  ) as known (fields) on true;
$$;

comment on function public.openlineage_datasets(jsonb, text, text, timestamptz) is
  'Datasets of an event as OpenLineage wants them: names as its naming says, facets stamped, tables with the columns they had at the time.';
