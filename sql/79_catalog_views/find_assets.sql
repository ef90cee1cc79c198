-- Assets of the catalogue: GET /catalog/assets.
--
--   kind, classification, owner  exactly these; null: any
--   tag                          one of its tags
--   q                            words in its name, description or tags, in any case
--
--   select name, description from find_assets(q => 'drift');
create or replace function public.find_assets(
  kind text default null,
  tag text default null,
  classification text default null,
  owner text default null,
  q text default null
)
returns setof public.catalog_assets
language sql
stable
security invoker
set search_path = ''
as $$
  select *
  from public.catalog_assets as assets
  where (find_assets.kind is null or assets.kind = find_assets.kind)
    and (find_assets.tag is null or find_assets.tag = any (assets.tags))
    and (find_assets.classification is null or assets.classification = find_assets.classification)
    and (find_assets.owner is null or assets.owner = find_assets.owner)
    and not exists (
      select from regexp_split_to_table(lower(trim(find_assets.q)), '\s+') as word
      where strpos(lower(concat_ws(' ', assets.name, assets.description, array_to_string(assets.tags, ' '))), word) = 0
    )
  order by assets.name collate "C";
$$;

comment on function public.find_assets(text, text, text, text, text) is
  'Assets of the catalogue by kind, tag, classification, owner and words; the same as GET /catalog/assets.';
