-- What observations mean for the alerts as they are: which to open, which to change, and what of it is an event.
-- Writes nothing; observe_alerts applies it.
--
--   observations  as observe_alerts takes them
--   as_of         their moment
--   returns       a row per observation that changes anything. alert_id is the alert to change, null for one to
--                 open; event is null where the alert is only seen again.
--
-- An observation that is not later than what the alert has seen changes nothing, and neither does the same one
-- again. For that a resolved alert keeps being observed.
create or replace function public.alert_changes(observations jsonb, as_of timestamptz)
returns table (
  alert_id bigint,
  kind text,
  subject text,
  failing boolean,
  severity text,
  summary text,
  evidence jsonb,
  event text,
  flapping boolean
)
language sql
stable
security invoker
set search_path = ''
as $$
  with given as (
    -- the worst of what is said about a subject counts; fail is before warning in any order of letters
    select distinct on (kind, subject)
      kind, subject, failing, coalesce(severity, 'fail') as severity, summary, coalesce(evidence, '{}') as evidence
    from jsonb_to_recordset(observations)
      as observation (kind text, subject text, failing boolean, severity text, summary text, evidence jsonb)
    order by kind, subject, failing desc, coalesce(severity, 'fail')
  ),
  counted as (
    select
      given.*,
      failing and latest.is_open is not true and (latest.last_observed_at < as_of) is not false as begins
    from given
    left join lateral (
      select resolved_at is null as is_open, last_observed_at
      from public.alerts
      where alerts.kind = given.kind and alerts.subject = given.subject
      order by id desc
      limit 1
    ) as latest on true
  ),
  -- few observations can neither begin a storm nor show that one is over, unless they say so
  storms as (
    select
      counted.kind,
      count(*) filter (where begins) as beginning,
      count(*) filter (where begins) > min(settings.most_subjects) as rages,
      min(counted.severity) filter (where begins) as severity,
      (array_agg(counted.subject order by counted.subject) filter (where begins))[:min(settings.most_subjects)]
        as first_subjects
    from counted
    cross join public.alert_settings as settings
    group by counted.kind
    having count(*) filter (where subject <> '*') > min(settings.most_subjects) or bool_or(subject = '*')
  ),
  observed as (
    select counted.kind, counted.subject, failing, counted.severity, summary, evidence
    from counted
    left join storms on storms.kind = counted.kind
    where subject <> '*' and not (begins and rages is true)
    union all
    select
      kind, '*', rages, coalesce(severity, 'fail'),
      format(
        '%s subjects of kind %s began to fail at once, %s first among them', beginning, kind, first_subjects[1]
      ),
      jsonb_build_object('count', beginning, 'first_subjects', to_jsonb(first_subjects))
    from storms
  )
  select
    case when latest.is_open or comes_back or not observed.failing then latest.id end,
    observed.kind,
    observed.subject,
    observed.failing,
    observed.severity,
    observed.summary,
    observed.evidence,
    case
      when not observed.failing and latest.is_open and latest.passes + 1 >= settings.resolve_after then 'resolved'
      when not observed.failing then null
      when comes_back then 'reopened'
      when latest.is_open is not true then 'opened'
      when latest.severity = 'warning' and observed.severity = 'fail' then 'escalated'
      when latest.state = 'open' and not latest.held_back and as_of >= told.last_at + settings.repeat_after
        then 'reminder'
    end,
    comes_back and reopenings.recent >= settings.flap_limit
  from observed
  cross join public.alert_settings as settings
  left join lateral (
    select alerts.*, resolved_at is null as is_open
    from public.alerts
    where alerts.kind = observed.kind and alerts.subject = observed.subject
    order by id desc
    limit 1
  ) as latest on true
  cross join lateral (
    select coalesce(observed.failing and as_of < latest.resolved_at + settings.flap_window, false) as comes_back
  ) as return
  cross join lateral (
    select max(alert_events.at) as last_at
    from public.alert_events
    where alert_events.alert_id = latest.id and not alert_events.held_back and alert_events.event <> 'acknowledged'
  ) as told
  cross join lateral (
    select count(*) as recent
    from public.alert_events
    where alert_events.alert_id = latest.id
      and alert_events.event = 'reopened'
      and alert_events.at > as_of - settings.flap_window
  ) as reopenings
  where (latest.last_observed_at < as_of) is not false
    and (observed.failing or latest.id is not null);
$$;

comment on function public.alert_changes(jsonb, timestamptz) is
  'What observations mean for the alerts as they are; observe_alerts applies it.';
