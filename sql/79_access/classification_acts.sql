-- A change of classification acts at once, in its own transaction: trigger of data_assets.
--
-- Security definer: whoever edits the catalogue owns none of the tables, and only an owner grants.
create or replace function public.classification_acts()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    perform public.grant_to_strangers(old.name);
  end if;
  if tg_op <> 'DELETE' then
    perform public.grant_to_strangers(new.name);
  end if;
  return null;
end;
$$;

comment on function public.classification_acts() is
  'Trigger of data_assets: a table or view that becomes public is granted to anon, one that no longer is is revoked.';

create trigger classification_acts
after insert or delete or update of name, kind, classification on public.data_assets
for each row execute function public.classification_acts();
