-- Keeps version, updated_at and updated_by of a rule, whatever was written there. An update that changes nothing
-- else leaves them as they were. Trigger of expectations.
create function public.stamp_expectation()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    new.version := old.version;
    new.updated_at := old.updated_at;
    new.updated_by := old.updated_by;
    if new is not distinct from old then
      return new;
    end if;
    new.version := old.version + 1;
  else
    new.version := 1;
  end if;
  new.updated_at := now();
  new.updated_by := public.audit_actor();
  return new;
end;
$$;

comment on function public.stamp_expectation is
  'Trigger of expectations: counts the version and notes who changed the rule and when.';

-- After expectations_validate, which tidies the row: triggers fire in the order of their names.
create trigger expectations_version before insert or update on public.expectations
for each row execute function public.stamp_expectation();
