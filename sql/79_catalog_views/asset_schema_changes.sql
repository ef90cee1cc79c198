-- Columns that are not what they were when the asset's schema_version began: changed without a new version. Descriptions
-- may change; names, types and whether null is allowed may not. Empty when all is well.
--
--   select * from asset_schema_changes;
create view public.asset_schema_changes
with (security_invoker = true) as
with recorded as (
  select
    assets.name as asset, assets.schema_version as version, listed ->> 'name' as column_name,
    listed ->> 'type' as data_type, (listed -> 'nullable')::boolean as is_nullable
  from public.data_assets as assets
  join public.asset_schemas as schemas on schemas.asset = assets.name and schemas.version = assets.schema_version
  cross join lateral jsonb_array_elements(schemas.columns) as listed
),
live as (
  select
    assets.name as asset, assets.schema_version as version, listed ->> 'name' as column_name,
    listed ->> 'type' as data_type, (listed -> 'nullable')::boolean as is_nullable
  from public.data_assets as assets
  cross join lateral jsonb_array_elements(public.asset_columns(assets.name)) as listed
  where assets.kind <> 'lake'
)
select
  asset,
  version,
  column_name,
  case
    when recorded.data_type is null then 'added'
    when live.data_type is null then 'removed'
    when recorded.data_type <> live.data_type then 'type changed'
    else 'nullability changed'
  end as change,
  recorded.data_type || case when recorded.is_nullable then '' else ' not null' end as recorded,
  live.data_type || case when live.is_nullable then '' else ' not null' end as live
from recorded
full join live using (asset, version, column_name)
where (recorded.data_type, recorded.is_nullable) is distinct from (live.data_type, live.is_nullable)
  and (select public.may_read('asset_schema_changes'));

comment on view public.asset_schema_changes is
  'Columns of tables and views that changed without a new data_assets.schema_version. Raise it, and what is there now becomes the new version.';
comment on column public.asset_schema_changes.asset is 'Table or view; data_assets.name.';
comment on column public.asset_schema_changes.version is 'Its schema_version.';
comment on column public.asset_schema_changes.column_name is 'Column that differs.';
comment on column public.asset_schema_changes.change is 'added, removed, type changed or nullability changed.';
comment on column public.asset_schema_changes.recorded is 'What it was when the version began; null: it was not there.';
comment on column public.asset_schema_changes.live is 'What it is now; null: it is not there.';
