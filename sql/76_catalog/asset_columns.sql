-- The columns of a table or view of public as they are in the live database.
--
--   name     table or view
--   returns  [{"name", "type", "nullable", "description"}] in their order; null where there is no such relation. Columns
--            of a view count as nullable, because Postgres does not know better
--
--   select jsonb_pretty(asset_columns('engines'));
create or replace function public.asset_columns(name text)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_agg(
    jsonb_build_object(
      'name', attribute.attname,
      'type', format_type(attribute.atttypid, attribute.atttypmod),
      'nullable', not attribute.attnotnull,
      'description', col_description(relation.oid, attribute.attnum)
    )
    order by attribute.attnum
  )
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
  where relation.relnamespace = 'public'::regnamespace and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and relation.relname = asset_columns.name;
$$;

comment on function public.asset_columns(text) is
  'Columns of a table or view as they are now, with their types, whether they may be null, and their comments.';
