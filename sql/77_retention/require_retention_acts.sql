-- Refuses a retention that nothing would carry out: a policy that does not act is worse than none, because people rely
-- on it. Trigger of data_assets.
create or replace function public.require_retention_acts()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
  if new.retention_days is null or new.kind = 'lake' or new.name = any (public.prunable_assets()) then
    return new;
  end if;
  if new.name <> 'sensor_data' then
    raise exception 'Cannot set retention_days of % as it must be an asset that something deletes from: current value is %',
      new.name, new.retention_days
      using errcode = '23514',
        hint = format('These are sensor_data and %s; what depends on them goes with them.', array_to_string(public.prunable_assets(), ', '));
  end if;
  -- the checks compare a day with the week before it, and drift looks at an engine's latest hundred readings
  if new.retention_days < 31 then
    raise exception 'Cannot set retention_days of sensor_data as it must be at least 31: current value is %', new.retention_days
      using errcode = '23514';
  end if;
  return new;
end;
$$;

comment on function public.require_retention_acts() is
  'Trigger of data_assets: only what something deletes from may have a retention.';

create trigger require_retention_acts
before insert or update of name, kind, retention_days on public.data_assets
for each row execute function public.require_retention_acts();
