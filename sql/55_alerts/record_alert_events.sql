-- Writes events of alerts, and the deliveries of those that people are to hear of, in the caller's transaction. The
-- only way into alert_events and, but for a channel's first activation, into alert_deliveries.
--
--   alert_ids  the alerts, each once, already in their new state; their rows locked by the caller
--   changes    what happened to each: opened, reopened, …
--   actor      who did it; null for an observation
--   returns    how many of the events are held back
--
-- Of an alert that is held back people still hear when it is a failure and they have not been told of one: a
-- warning that comes and goes must not hide that it has become worse. And they hear what a person did.
create or replace function public.record_alert_events(
  alert_ids bigint[],
  changes text[],
  actor text,
  as_of timestamptz
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with numbered as (
    update public.alerts
    set last_event = last_event + 1
    from unnest(alert_ids, changes) as change (alert_id, event)
    where alerts.id = change.alert_id
    returning alerts.*, change.event
  ),
  recorded as (
    insert into public.alert_events (alert_id, number, event, at, actor, severity, summary, evidence, held_back)
    select
      id, last_event, event, as_of, coalesce(record_alert_events.actor, 'spool'), severity, summary, evidence,
      held_back and record_alert_events.actor is null and not (
        severity = 'fail' and event <> 'resolved' and not exists (
          select from public.alert_events as earlier
          where earlier.alert_id = numbered.id and earlier.severity = 'fail' and not earlier.held_back
        )
      )
    from numbered
    returning *
  ),
  queued as (
    insert into public.alert_deliveries (alert_id, event_number, channel, next_attempt_at)
    select recorded.alert_id, recorded.number, alert_channels.name, least(recorded.at, now())
    from recorded
    join public.alert_channels on active and (minimum_severity = 'warning' or recorded.severity = 'fail')
    where recorded.event <> 'acknowledged' and not recorded.held_back
    order by recorded.alert_id
  )
  select count(*) filter (where held_back)::integer from recorded;
$$;

comment on function public.record_alert_events(bigint[], text[], text, timestamptz) is
  'Writes events of alerts and queues their deliveries in the same transaction; returns how many are held back.';
