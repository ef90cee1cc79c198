-- Locks an alert that a person wants to change, and returns it.
--
--   act       what they want, for the message: acknowledge or resolve
--   alert_id  which; alerts.id
--   person    who they are
--   raises    SP551 when there is no such alert, or it is resolved
--             22023 when nobody is named
create or replace function public.require_open_alert(act text, alert_id bigint, person text)
returns public.alerts
language plpgsql
security invoker
set search_path = ''
as $$
declare
  alert public.alerts;
begin
  if coalesce(trim(person), '') = '' then
    raise exception 'Cannot % alert % as the person must be named: current value is %',
      act, alert_id, coalesce(quote_literal(person), 'null')
      using errcode = '22023';
  end if;
  select * into alert from public.alerts where id = alert_id for update;
  if not found then
    raise exception 'Cannot % alert % as it must be open: there is no such alert', act, alert_id
      using errcode = 'SP551',
        hint = 'open_alerts lists those that are; resolved ones are deleted in time.';
  end if;
  if alert.state = 'resolved' then
    raise exception 'Cannot % alert % as it must be open: current value is resolved', act, alert_id
      using errcode = 'SP551',
        hint = format('%s has resolved it at %s.', alert.resolved_by, alert.resolved_at);
  end if;
  return alert;
end;
$$;

comment on function public.require_open_alert(text, bigint, text) is
  'Locks and returns an alert that is not resolved; SP551 when there is none.';
