-- Objects of the lake below a prefix, in the order of their keys: GET /catalog/lake.
--
--   prefix    the beginning of their keys; empty: all
--   after     key of the last row of the page before this one
--   max_rows  most rows
--
--   select key, bytes from lake_listing('processed/year=2024/');
create or replace function public.lake_listing(
  prefix text default '', after text default null, max_rows integer default 100
)
returns setof public.lake_objects
language sql
stable
security invoker
set search_path = ''
as $$
  select *
  from public.lake_objects as objects
  where starts_with(objects.key, prefix) and (after is null or objects.key collate "C" > after)
  order by objects.key collate "C"
  limit max_rows;
$$;

comment on function public.lake_listing(text, text, integer) is
  'Objects of the lake below a prefix as lake_objects lists them, in the order of their keys; the same as GET /catalog/lake.';
