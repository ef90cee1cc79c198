-- Resolves an alert because a person says so. When its subject fails again in an observation of a later moment,
-- the alert is reopened.
--
--   alert_id     which; alerts.id
--   resolved_by  who; a name or an address that colleagues know
--   returns      the alert as it is now: an object with the columns of alerts
--   raises       SP551 when there is no such alert, or it is resolved already
--                22023 when nobody is named
--
--   select resolve_alert(17, 'anna@example.com');
create or replace function public.resolve_alert(
  alert_id bigint,
  resolved_by text,
  as_of timestamptz default now()
)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  alert public.alerts;
begin
  alert := public.require_open_alert('resolve', alert_id, resolved_by);
  update public.alerts
  set
    state = 'resolved',
    resolved_at = resolve_alert.as_of,
    resolved_by = resolve_alert.resolved_by,
    last_observed_at = greatest(last_observed_at, resolve_alert.as_of)
  where id = resolve_alert.alert_id;
  perform public.record_alert_events(array[alert_id], array['resolved'], resolved_by, as_of);
  perform public.record_audit(
    'alert.resolve',
    alert_id::text,
    jsonb_build_object('kind', alert.kind, 'subject', alert.subject, 'resolved_by', resolved_by)
  );
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$$;

comment on function public.resolve_alert(bigint, text, timestamptz) is
  'Resolves an alert because a person says so; SP551 when there is no such open alert.';
