-- The columns of Spool's tables as they are now.
create or replace function public.live_columns()
returns setof public.declared_columns
language sql
stable
security invoker
set search_path = ''
as $$
  select relation.relname::text, attribute.attname::text,
    format_type(attribute.atttypid, attribute.atttypmod), not attribute.attnotnull
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
  where relation.relnamespace = 'public'::regnamespace and relation.relkind in ('r', 'p');
$$;

comment on function public.live_columns() is 'Columns of the tables of public as they are now, in the form of declared_columns.';
