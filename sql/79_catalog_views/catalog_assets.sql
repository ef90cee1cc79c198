-- The catalogue with what only the live database knows: columns, sizes, when something last changed, and what is made of
-- what in both directions.
create view public.catalog_assets
with (security_invoker = true) as
select
  assets.name,
  assets.kind,
  assets.description,
  assets.owner,
  assets.classification,
  assets.quality_level,
  assets.schema_version,
  assets.retention_days,
  assets.tags,
  assets.sources,
  assets.transforms,
  assets.consumers,
  assets.updated_at,
  array(
    select made.name from public.data_assets as made where assets.name = any (made.sources) order by made.name
  ) as downstream,
  case when assets.kind <> 'lake' then public.asset_columns(assets.name) end as columns,
  measured.approximate_rows,
  lake.objects,
  lake.bytes,
  case assets.name
    when 'sensor_data' then (select max(batches.received_at) from public.batches)
    when 'batches' then (select max(batches.received_at) from public.batches)
    when 'check_runs' then (select max(runs.finished_at) from public.check_runs as runs)
    when 'data_quality_metrics' then (select max(runs.finished_at) from public.check_runs as runs)
    when 'lake_objects' then (select max(objects.written_at) from public.lake_objects as objects)
    when 'lineage_events' then (select max(events.event_time) from public.lineage_events as events)
    else lake.last_change
  end as last_change
from public.data_assets as assets
left join lateral (
  -- of a partitioned table the sum of its partitions; -1 stands for one that was never analyzed
  select sum(leaf.reltuples) filter (where leaf.reltuples >= 0)::bigint as approximate_rows
  from pg_catalog.pg_class as relation
  left join lateral pg_partition_tree(relation.oid) as part on part.isleaf
  -- a table without partitions has no tree
  join pg_catalog.pg_class as leaf on leaf.oid = case relation.relkind when 'r' then relation.oid else part.relid end
  where assets.kind = 'table'
    and relation.relnamespace = 'public'::regnamespace and relation.relname = assets.name
    and relation.relkind in ('r', 'p')
) as measured on true
left join lateral (
  select
    count(*) as objects,
    coalesce(sum(objects.bytes), 0)::bigint as bytes,
    max(objects.written_at) as last_change
  from public.lake_objects as objects
  where assets.kind = 'lake' and starts_with(objects.key, assets.name)
  having assets.kind = 'lake'
) as lake on true
where (select public.may_read('catalog_assets'));

comment on view public.catalog_assets is
  'Catalogue of tables, views and prefixes of the lake, with what the live database knows of each. The same as GET /catalog/assets.';
comment on column public.catalog_assets.name is 'Name of the table or view, or the prefix within the lake with a slash at its end.';
comment on column public.catalog_assets.kind is 'table, view or lake.';
comment on column public.catalog_assets.description is 'What it holds.';
comment on column public.catalog_assets.owner is 'Who answers for it.';
comment on column public.catalog_assets.classification is 'Who may read it: public, internal, confidential or restricted.';
comment on column public.catalog_assets.quality_level is 'bronze, silver or gold.';
comment on column public.catalog_assets.schema_version is 'Version of its columns.';
comment on column public.catalog_assets.retention_days is 'Days after which its rows are deleted; null: never.';
comment on column public.catalog_assets.tags is 'Words to find it by.';
comment on column public.catalog_assets.sources is 'What it is made of.';
comment on column public.catalog_assets.transforms is 'What makes it.';
comment on column public.catalog_assets.consumers is 'Who reads it, besides the assets in downstream.';
comment on column public.catalog_assets.updated_at is 'When its row in data_assets was last changed (UTC).';
comment on column public.catalog_assets.downstream is 'Assets that are made of it.';
comment on column public.catalog_assets.columns is 'Its columns as they are now: name, type, nullable, description. Null for prefixes of the lake.';
comment on column public.catalog_assets.approximate_rows is 'Rows as Postgres estimated them when it last looked; null for views, and while it has not looked.';
comment on column public.catalog_assets.objects is 'Of a prefix of the lake: objects that lake_objects lists below it.';
comment on column public.catalog_assets.bytes is 'Of a prefix of the lake: their bytes.';
comment on column public.catalog_assets.last_change is 'When something in it last changed (UTC), where that is known.';
