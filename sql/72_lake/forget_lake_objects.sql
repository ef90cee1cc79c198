-- Takes objects off the listing, and which batches are in them, before they are removed from the lake.
--
--   returns  how many were listed
--
--   select forget_lake_objects(array['backups/daily/2024-01-31/manifest.json']);
create or replace function public.forget_lake_objects(keys text[])
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with forgotten as (
    delete from public.lake_objects
    where key = any (keys)
    returning 1
  )
  select count(*)::integer from forgotten;
$$;

comment on function public.forget_lake_objects(text[]) is
  'Takes objects off the listing before they are removed from the lake; how many were listed.';
