-- What is wrong now, worst first: failures before warnings, what nobody has taken on before what somebody has, the
-- oldest first. For Studio and the dashboard.
create view public.open_alerts
with (security_invoker = true) as
select
  alerts.id,
  alerts.severity,
  alerts.state,
  alerts.kind,
  alerts.subject,
  alerts.summary,
  now() - alerts.opened_at as age,
  alerts.opened_at,
  alerts.last_seen_at,
  alerts.occurrences,
  alerts.reopened,
  alerts.held_back,
  alerts.acknowledged_by,
  alerts.acknowledged_at,
  deliveries.pending as deliveries_pending,
  deliveries.dead as deliveries_dead,
  deliveries.last_error as delivery_error,
  alerts.evidence
from public.alerts
cross join lateral (
  select
    count(*) filter (where alert_deliveries.state = 'pending') as pending,
    count(*) filter (where alert_deliveries.state = 'dead') as dead,
    (
      array_agg(alert_deliveries.last_error order by alert_deliveries.id desc)
      filter (where alert_deliveries.state <> 'sent' and alert_deliveries.last_error is not null)
    )[1] as last_error
  from public.alert_deliveries
  where alert_deliveries.alert_id = alerts.id
) as deliveries
where alerts.resolved_at is null and (select public.may_read('open_alerts'))
order by alerts.severity = 'fail' desc, alerts.state = 'open' desc, alerts.opened_at, alerts.id;

comment on view public.open_alerts is
  'Alerts that are not resolved, worst first. acknowledge_alert(id, who) and resolve_alert(id, who) change them.';
comment on column public.open_alerts.age is 'Time since it was opened.';
comment on column public.open_alerts.deliveries_pending is 'Messages about it that are still to be sent.';
comment on column public.open_alerts.deliveries_dead is
  'Messages about it that could not be sent; retry_delivery sends one again.';
comment on column public.open_alerts.delivery_error is 'Why the latest of these messages was not sent; null when none has failed.';

-- Every other column means what it means in its table.
do $$
declare
  column_name name;
  meaning text;
begin
  for column_name, meaning in
    select ours.attname, col_description(theirs.attrelid, theirs.attnum)
    from pg_catalog.pg_attribute as ours
    join pg_catalog.pg_attribute as theirs using (attname)
    where ours.attrelid = 'public.open_alerts'::regclass
      and theirs.attrelid = 'public.alerts'::regclass
      and theirs.attnum > 0
  loop
    execute format('comment on column public.open_alerts.%I is %L', column_name, meaning);
  end loop;
end;
$$;
