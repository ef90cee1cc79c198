-- One row per episode of trouble: at most one that is not resolved for a kind and subject. What happened to it,
-- and who did it, is in alert_events; the columns here are its present state.
create table public.alerts (
  id bigint generated always as identity primary key,
  kind text not null check (length(kind) between 1 and 300), -- a key of an index cannot be much longer
  subject text not null check (length(subject) between 1 and 300),
  severity text not null check (severity in ('warning', 'fail')),
  state text not null default 'open' check (state in ('open', 'acknowledged', 'resolved')),
  summary text not null,
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  last_observed_at timestamptz not null,
  occurrences integer not null default 1 check (occurrences > 0),
  passes integer not null default 0 check (passes >= 0),
  reopened integer not null default 0 check (reopened >= 0),
  reopened_at timestamptz,
  held_back boolean not null default false,
  acknowledged_at timestamptz,
  acknowledged_by text check (acknowledged_by <> ''),
  resolved_at timestamptz,
  resolved_by text check (resolved_by <> ''),
  last_event integer not null default 0 check (last_event >= 0),
  check ((acknowledged_at is null) = (acknowledged_by is null)),
  check ((resolved_at is null) = (resolved_by is null)),
  check ((reopened_at is null) = (reopened = 0)),
  check ((state = 'resolved') = (resolved_at is not null)),
  check (state <> 'open' or acknowledged_at is null),
  check (state <> 'acknowledged' or acknowledged_at is not null)
);
create unique index alerts_open on public.alerts (kind, subject) where resolved_at is null;
create index alerts_by_subject on public.alerts (kind, subject, id desc);
create index alerts_resolved_at on public.alerts (resolved_at) where resolved_at is not null;
create index alerts_held_back on public.alerts (id) where held_back;

comment on table public.alerts is
  'What is or was wrong: at most one unresolved alert per kind and subject. Written by observe_alerts, acknowledge_alert and resolve_alert.';
comment on column public.alerts.id is 'Identifier.';
comment on column public.alerts.kind is 'What sort of thing fails, for example check, run or job.';
comment on column public.alerts.subject is
  'Which one it is, for example the check''s name; * stands for so many subjects of the kind that they are one alert.';
comment on column public.alerts.severity is
  'warning or fail: the worst that was observed since the alert was opened or reopened.';
comment on column public.alerts.state is
  'open; acknowledged: somebody has taken it on; resolved: it has passed, or somebody says so.';
comment on column public.alerts.summary is 'What fails, in one sentence, as last observed.';
comment on column public.alerts.evidence is 'What the last failing observation rests on.';
comment on column public.alerts.opened_at is 'Moment of the first failing observation (UTC).';
comment on column public.alerts.last_seen_at is 'Moment of the last failing observation (UTC).';
comment on column public.alerts.last_observed_at is
  'Moment of the last observation, or of its resolution by a person (UTC); earlier observations change nothing any more.';
comment on column public.alerts.occurrences is 'How many observations failed.';
comment on column public.alerts.passes is 'How many observations in a row have passed since the last one that failed.';
comment on column public.alerts.reopened is 'How often it came back within flap_window of its resolution.';
comment on column public.alerts.reopened_at is 'When it last came back (UTC); null when it never did.';
comment on column public.alerts.held_back is
  'It comes and goes so often that nobody is notified until it has not changed for flap_window.';
comment on column public.alerts.acknowledged_at is 'When somebody took it on (UTC); null again when it is reopened.';
comment on column public.alerts.acknowledged_by is 'Who took it on.';
comment on column public.alerts.resolved_at is 'When it was resolved (UTC); null while it is not.';
comment on column public.alerts.resolved_by is 'Who resolved it; spool when observations passed.';
comment on column public.alerts.last_event is 'Number of its latest event; alert_events.number.';

-- What happened to each alert, when and by whom. An event keeps the words of its moment: a message that is
-- delivered an hour late must not tell of a later state.
create table public.alert_events (
  alert_id bigint not null references public.alerts (id) on delete cascade,
  number integer not null check (number > 0),
  event text not null check (
    event in ('opened', 'reopened', 'escalated', 'acknowledged', 'resolved', 'reminder')
  ),
  at timestamptz not null,
  actor text not null check (actor <> ''),
  severity text not null check (severity in ('warning', 'fail')),
  summary text not null,
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
  held_back boolean not null,
  primary key (alert_id, number)
);

comment on table public.alert_events is
  'What happened to each alert, when and by whom. Events that are not held back are delivered (alert_deliveries), acknowledgements excepted.';
comment on column public.alert_events.alert_id is 'The alert; alerts.id.';
comment on column public.alert_events.number is 'Place among the alert''s events, from 1.';
comment on column public.alert_events.event is
  'opened, reopened, escalated (from warning to fail), acknowledged, resolved, or reminder: it is still open.';
comment on column public.alert_events.at is 'Moment of the observation or of the person''s act (UTC).';
comment on column public.alert_events.actor is 'Who did it; spool when an observation did.';
comment on column public.alert_events.severity is 'The alert''s severity then.';
comment on column public.alert_events.summary is 'The alert''s summary then.';
comment on column public.alert_events.evidence is 'The alert''s evidence then.';
comment on column public.alert_events.held_back is 'Nobody is notified of it, because the alert was coming and going.';
