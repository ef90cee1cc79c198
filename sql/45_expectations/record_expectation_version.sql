-- Writes each change of a rule to expectation_versions. Trigger of expectations.
--
-- Security definer, unlike every other function here: nobody may write the history by hand, so whoever changes a rule
-- has no right to its table.
create function public.record_expectation_version()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    insert into public.expectation_versions (
      expectation_id, version, operation, before, after, changed_at, changed_by
    )
    values (
      old.id, old.version + 1, 'delete', to_jsonb(old), null, now(), public.audit_actor()
    );
    return null;
  end if;
  -- an update that changed nothing left the version as it was
  if tg_op = 'INSERT' or new.version <> old.version then
    insert into public.expectation_versions (
      expectation_id, version, operation, before, after, changed_at, changed_by
    )
    values (
      new.id, new.version, lower(tg_op), case tg_op when 'UPDATE' then to_jsonb(old) end, to_jsonb(new),
      new.updated_at, new.updated_by
    );
  end if;
  return null;
end;
$$;

comment on function public.record_expectation_version is
  'Trigger of expectations: writes each change to expectation_versions.';

create trigger expectations_record after insert or update or delete on public.expectations
for each row execute function public.record_expectation_version();
