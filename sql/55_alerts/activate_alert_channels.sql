-- Makes channels active that nobody has decided about yet, and queues what is unresolved then: an alert that was
-- opened before there was an address to send it to must not stay unheard of. Called by the sender for the channels
-- whose address it has.
--
--   kinds    kinds of the channels: webhook, sns
--   returns  how many channels became active
create or replace function public.activate_alert_channels(kinds text[], as_of timestamptz default now())
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  activated text[];
begin
  if not exists (select from public.alert_channels where active is null and kind = any (kinds)) then
    return 0;
  end if;
  -- or an alert that is opened or resolved at this moment would see no channel here, and not be seen itself
  perform pg_advisory_xact_lock(hashtext('public.alerts'));
  perform from public.alerts where resolved_at is null order by id for update;

  with changed as (
    update public.alert_channels set active = true where active is null and kind = any (kinds) returning name
  )
  select coalesce(array_agg(name), '{}') into activated from changed;

  insert into public.alert_deliveries (alert_id, event_number, channel, next_attempt_at)
  select told.alert_id, told.number, alert_channels.name, as_of
  from public.alert_channels
  join (
    select distinct on (alert_events.alert_id) alert_events.alert_id, alert_events.number, alert_events.severity
    from public.alert_events
    join public.alerts on alerts.id = alert_events.alert_id and alerts.resolved_at is null
    where not alert_events.held_back and alert_events.event not in ('acknowledged', 'resolved')
    order by alert_events.alert_id, alert_events.number desc
  ) as told on alert_channels.minimum_severity = 'warning' or told.severity = 'fail'
  where alert_channels.name = any (activated);
  return cardinality(activated);
end;
$$;

comment on function public.activate_alert_channels(text[], timestamptz) is
  'Makes channels active that nobody has decided about, and queues what is unresolved; returns how many.';
