-- Facets as OpenLineage wants them: each says who produced it and which schema it keeps to. This is the one place that
-- knows the schemas; whoever writes an event gives the facets' own members and nothing else.
--
--   facets    by their names; what is no object is no facet, and is left out
--   producer  URI of who produced them
--
--   select openlineage_facets('{"outputStatistics": {"rowCount": 3}}', 'urn:spool:0.5.0');
create or replace function public.openlineage_facets(facets jsonb, producer text)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(
      facet.name,
      jsonb_build_object(
        '_producer', producer,
        '_schemaURL', 'https://openlineage.io/spec/' || coalesce(known.schema, '2-0-2/OpenLineage.json#/$defs/BaseFacet')
      ) || facet.content
    ),
    '{}'
  )
  from jsonb_each(facets) as facet (name, content)
  left join (
    values
      ('dataQualityAssertions', 'facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet'),
      ('errorMessage', 'facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet'),
      ('nominalTime', 'facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet'),
      ('outputStatistics', 'facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet'),
      ('parent', 'facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet'),
      ('processing_engine', 'facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet'),
      ('schema', 'facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet')
  ) as known (name, schema) using (name)
  where jsonb_typeof(facet.content) = 'object';
$$;

comment on function public.openlineage_facets(jsonb, text) is
  'Facets with the producer and the schema that OpenLineage wants of each; those it does not know keep to its base facet.';
