-- The catalogue: what there is, whose it is, who may see it and how long it is kept. Rows are edited in Studio, and
-- act: classification decides who reads the asset, retention_days how long its rows stay. Columns are not here: they
-- are read from the live database, so that the catalogue cannot lie about them.
create table public.data_assets (
  name text primary key check (name <> ''),
  kind text not null check (kind in ('table', 'view', 'lake')),
  description text not null,
  owner text not null default 'data-engineering',
  classification text not null default 'internal'
    check (classification in ('public', 'internal', 'confidential', 'restricted')),
  quality_level text not null default 'silver' check (quality_level in ('bronze', 'silver', 'gold')),
  schema_version integer not null default 1 check (schema_version > 0),
  retention_days integer check (retention_days > 0),
  tags text[] not null default '{}',
  sources text[] not null default '{}',
  transforms text[] not null default '{}',
  consumers text[] not null default '{}',
  updated_at timestamptz not null default now()
);

comment on table public.data_assets is
  'Catalogue of data assets: every table and view of the schema public, and every prefix of the lake. Its rows act: see classification and retention_days.';
comment on column public.data_assets.name is 'Name of the table or view, or the prefix within the lake with a slash at its end.';
comment on column public.data_assets.kind is 'table, view or lake.';
comment on column public.data_assets.description is 'What it holds, in a sentence or two.';
comment on column public.data_assets.owner is 'Who answers for it.';
comment on column public.data_assets.classification is
  'Who may read it: public everybody; internal every signed-in user; confidential and restricted those whose token has that clearance or a higher one.';
comment on column public.data_assets.quality_level is
  'bronze: as it arrived; silver: validated and deduplicated; gold: derived for those who decide by it.';
comment on column public.data_assets.schema_version is 'Version of its columns; raised with every change of them. Raising it keeps the columns of that moment in asset_schemas.';
comment on column public.data_assets.retention_days is
  'Days after which its rows are deleted; null: never. Readings leave Postgres only when their days are in the lake and verified.';
comment on column public.data_assets.tags is 'Words to find it by.';
comment on column public.data_assets.sources is 'What it is made of: names of assets, or "outside: " and what it is.';
comment on column public.data_assets.transforms is 'What makes it: NAME() in SQL, /NAME for an edge function, deno task NAME, or "outside: " and who.';
comment on column public.data_assets.consumers is 'Who reads it besides other assets, in the words of transforms.';
comment on column public.data_assets.updated_at is 'When the row was last changed (UTC).';
