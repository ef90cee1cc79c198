-- Takes what was observed at one moment, and opens, updates, reopens and resolves alerts by it.
--
--   observations  [{"kind": "check", "subject": "values_in_range", "failing": true, "severity": "warning",
--                 "summary": "…", "evidence": {…}}, …]. severity is warning or fail (fail unless given) and,
--                 like summary and evidence (an object, {} unless given), only looked at where failing is true.
--                 What is not mentioned was not evaluated, and stays as it is.
--   as_of         the moment that they are about. Earlier moments than an alert knows of change it no more, and
--                 the same call again changes nothing.
--   returns       {"opened", "reopened", "escalated", "resolved", "reminded", "held_back"}: how many alerts each
--                 happened to, and of how many of these events nobody is told because the alert is flapping
--   raises        22023 for observations or a moment that are not of this form
--
-- A failing observation opens an alert, or reopens the one that was resolved less than flap_window ago; severity
-- only rises until it is resolved. resolve_after passing ones in a row resolve it. When more than most_subjects
-- subjects of one kind begin to fail, they become one alert with the subject *. It passes when no more than that begin
-- to fail although the kind was looked at as a whole: more than most_subjects of its subjects are mentioned, or * is,
-- as not failing.
--
-- Deliveries are written in the same transaction. Sessions that observe wait for each other until they commit, so
-- let this be the last thing a transaction does. It is for READ COMMITTED, where the wait shows what it waited for.
--
--   select observe_alerts('[{"kind": "job", "subject": "spool-partitions", "failing": false}]');
create or replace function public.observe_alerts(observations jsonb, as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  ids bigint[];
  events text[];
  held integer;
begin
  perform public.require_alert_observations(observations, as_of);
  perform pg_advisory_xact_lock(hashtext('public.alerts'));
  -- and against people who acknowledge and resolve, who take the row alone
  perform from public.alerts where resolved_at is null order by id for update;
  perform public.release_held_back_alerts(as_of);

  with change as materialized (
    select * from public.alert_changes(observations, as_of)
  ),
  changed as (
    update public.alerts
    set
      state = case change.event when 'reopened' then 'open' when 'resolved' then 'resolved' else state end,
      severity = case when change.event in ('reopened', 'escalated') then change.severity else alerts.severity end,
      summary = case when change.failing then change.summary else alerts.summary end,
      evidence = case when change.failing then change.evidence else alerts.evidence end,
      last_seen_at = case when change.failing then as_of else last_seen_at end,
      last_observed_at = as_of,
      occurrences = occurrences + change.failing::integer,
      passes = case when change.failing then 0 when resolved_at is null then passes + 1 else passes end,
      reopened = reopened + (change.event is not distinct from 'reopened')::integer,
      reopened_at = case when change.event = 'reopened' then as_of else reopened_at end,
      held_back = held_back or change.flapping,
      acknowledged_at = case when change.event = 'reopened' then null else acknowledged_at end,
      acknowledged_by = case when change.event = 'reopened' then null else acknowledged_by end,
      resolved_at = case change.event when 'reopened' then null when 'resolved' then as_of else resolved_at end,
      resolved_by = case change.event when 'reopened' then null when 'resolved' then 'spool' else resolved_by end
    from change
    where alerts.id = change.alert_id
    returning alerts.id, change.event
  ),
  opened as (
    insert into public.alerts (
      kind, subject, severity, summary, evidence, opened_at, last_seen_at, last_observed_at
    )
    select kind, subject, severity, summary, evidence, as_of, as_of, as_of
    from change
    where event = 'opened'
    order by kind, subject
    returning id, 'opened' as event
  ),
  happened as (
    select id, event from changed where event is not null
    union all
    select id, event from opened
  )
  select array_agg(id), array_agg(event) into ids, events from happened;

  held := public.record_alert_events(ids, events, null, as_of);
  return (
    select jsonb_build_object(
      'opened', count(*) filter (where event = 'opened'),
      'reopened', count(*) filter (where event = 'reopened'),
      'escalated', count(*) filter (where event = 'escalated'),
      'resolved', count(*) filter (where event = 'resolved'),
      'reminded', count(*) filter (where event = 'reminder'),
      'held_back', held
    )
    from unnest(events) as event
  );
end;
$$;

comment on function public.observe_alerts(jsonb, timestamptz) is
  'Opens, updates, reopens and resolves alerts by what was observed at a moment; returns how many of each.';
