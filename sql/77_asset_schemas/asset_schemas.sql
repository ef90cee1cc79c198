-- The columns that tables and views had when a version of their schema began, so that a change without a new version shows
-- (asset_schema_changes). Written by a trigger of data_assets: whoever raises schema_version says that the columns
-- are what they should be.
create table public.asset_schemas (
  asset text not null references public.data_assets (name) on update cascade on delete cascade,
  version integer not null check (version > 0),
  columns jsonb not null check (jsonb_typeof(columns) = 'array'),
  recorded_at timestamptz not null default now(),
  primary key (asset, version)
);

comment on table public.asset_schemas is
  'Columns of tables and views by version of their schema, as they were when data_assets.schema_version became it.';
comment on column public.asset_schemas.asset is 'Table or view; data_assets.name.';
comment on column public.asset_schemas.version is 'Version of its schema.';
comment on column public.asset_schemas.columns is 'Its columns in their order: name, type, whether it may be null, description.';
comment on column public.asset_schemas.recorded_at is 'When the version began (UTC).';

create or replace function public.record_asset_schema()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  insert into public.asset_schemas (asset, version, columns)
  select new.name, new.schema_version, live.columns
  from public.asset_columns(new.name) as live (columns)
  where live.columns is not null
  on conflict do nothing;
  return new;
end;
$$;

comment on function public.record_asset_schema() is
  'Trigger of data_assets: keeps the columns that a table or view has when its schema_version begins.';

create trigger record_asset_schema
after insert or update of schema_version on public.data_assets
for each row when (new.kind <> 'lake') execute function public.record_asset_schema();
