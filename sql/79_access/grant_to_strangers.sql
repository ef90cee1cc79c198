-- Lets strangers (the key anon) select from a table or view as long as it is classified public, and no longer. For them the
-- grant decides, before any policy does: what is not public is refused, not empty.
--
--   asset    name of a table or view of public; one that is not in the catalogue is not public
--
--   select grant_to_strangers('engines');
create or replace function public.grant_to_strangers(asset text)
returns void
language plpgsql
security invoker
set search_path = ''
as $$
declare
  relation regclass;
  wanted boolean;
begin
  select oid into relation
  from pg_catalog.pg_class
  where relnamespace = 'public'::regnamespace and relname = asset and relkind in ('r', 'p', 'v');
  wanted := exists (
    select from public.data_assets where name = asset and kind in ('table', 'view') and classification = 'public'
  );
  if relation is null or wanted = has_table_privilege('anon', relation, 'select') then
    return;
  elsif wanted then
    execute format('grant select on %s to anon', relation);
  else
    execute format('revoke select on %s from anon', relation);
  end if;
end;
$$;

comment on function public.grant_to_strangers(text) is
  'Lets the role anon select from a table or view when it is classified public, and no longer when it is not.';
