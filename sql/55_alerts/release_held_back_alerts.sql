-- Ends the holding back of alerts that have not changed for flap_window, and tells people how each has ended up
-- where that is not what they were last told. Called by observe_alerts.
--
--   as_of    the moment
--   returns  how many alerts are held back no longer
create or replace function public.release_held_back_alerts(as_of timestamptz)
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  released bigint[];
  told_ids bigint[];
  changes text[];
begin
  with stable as (
    update public.alerts
    set held_back = false
    from public.alert_settings as settings
    where alerts.held_back and as_of >= coalesce(alerts.resolved_at, alerts.reopened_at) + settings.flap_window
    returning alerts.id
  )
  select coalesce(array_agg(id), '{}') into released from stable;

  -- whoever has acknowledged an alert knows that it is open
  select array_agg(alerts.id), array_agg(case when alerts.state = 'open' then 'reminder' else 'resolved' end)
  into told_ids, changes
  from public.alerts
  cross join lateral (
    select event = 'resolved' as was_resolved
    from public.alert_events
    where alert_id = alerts.id and not held_back and event <> 'acknowledged'
    order by number desc
    limit 1
  ) as told
  where alerts.id = any (released)
    and alerts.state <> 'acknowledged'
    and told.was_resolved <> (alerts.state = 'resolved');

  perform public.record_alert_events(told_ids, changes, null, as_of);
  return cardinality(released);
end;
$$;

comment on function public.release_held_back_alerts(timestamptz) is
  'Ends the holding back of alerts that have become stable, and tells of their state; returns how many.';
