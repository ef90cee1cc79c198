-- Notes that somebody has taken an alert on. It is not reminded about any more; it is still resolved by passing
-- observations, and people still hear when it becomes worse.
--
--   alert_id         which; alerts.id
--   acknowledged_by  who; a name or an address that colleagues know
--   returns          the alert as it is now: an object with the columns of alerts
--   raises           SP551 when there is no such alert, or it is not open: acknowledged or resolved already
--                    22023 when nobody is named
--
--   select acknowledge_alert(17, 'anna@example.com');
create or replace function public.acknowledge_alert(
  alert_id bigint,
  acknowledged_by text,
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
  alert := public.require_open_alert('acknowledge', alert_id, acknowledged_by);
  if alert.state = 'acknowledged' then
    raise exception 'Cannot acknowledge alert % as it must be open: current value is acknowledged', alert_id
      using errcode = 'SP551',
        hint = format('%s has acknowledged it at %s.', alert.acknowledged_by, alert.acknowledged_at);
  end if;
  update public.alerts
  set
    state = 'acknowledged',
    acknowledged_at = acknowledge_alert.as_of,
    acknowledged_by = acknowledge_alert.acknowledged_by
  where id = acknowledge_alert.alert_id;
  perform public.record_alert_events(array[alert_id], array['acknowledged'], acknowledged_by, as_of);
  perform public.record_audit(
    'alert.acknowledge',
    alert_id::text,
    jsonb_build_object('kind', alert.kind, 'subject', alert.subject, 'acknowledged_by', acknowledged_by)
  );
  return (select to_jsonb(alerts) from public.alerts where id = alert_id);
end;
$$;

comment on function public.acknowledge_alert(bigint, text, timestamptz) is
  'Notes that somebody has taken an open alert on; SP551 when there is no such open alert.';
