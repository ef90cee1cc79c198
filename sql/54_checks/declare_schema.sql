-- Declares the schema as it is: the last statement of every migration. The versions of assets that the migration itself
-- began have the columns that it leaves, as its seeds run before columns are dropped.
create or replace function public.declare_schema()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  delete from public.declared_columns;
  insert into public.declared_columns select * from public.live_columns();
  update public.asset_schemas
  set columns = live.columns
  from public.data_assets
  cross join lateral public.asset_columns(data_assets.name) as live (columns)
  where asset_schemas.asset = data_assets.name
    and asset_schemas.version = data_assets.schema_version
    and asset_schemas.recorded_at = now() -- in this transaction
    and live.columns is not null;
end;
$$;

comment on function public.declare_schema() is 'Writes down the columns of all tables as they are, for check_schema.';
