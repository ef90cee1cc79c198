-- Refuses a caller who may not read all of some assets. A measurement over tables of which row-level security hides one
-- would be a wrong number, not a smaller one.
--
--   assets   names of tables and views; data_assets.name
--   raises   42501 that names those that the caller may not read
--
--   select require_readable(array['batches', 'dead_letters']);
create or replace function public.require_readable(assets text[])
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  hidden text;
begin
  select string_agg(asset, ', ' order by asset)
  into hidden
  from unnest(assets) as asset
  where not public.may_read(asset);
  if hidden is not null then
    raise exception 'permission denied for %', hidden
      using errcode = '42501', hint = 'data_assets.classification says which clearance each of them needs.';
  end if;
end;
$$;

comment on function public.require_readable(text[]) is
  'Raises insufficient_privilege unless the caller''s clearance includes all of some assets.';
