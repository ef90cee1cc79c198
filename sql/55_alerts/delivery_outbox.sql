-- Where alerts are delivered to. Addresses and keys are not here but in the environment of the worker that
-- delivers: whoever reads the database must not be able to post in the team's name. There is one address of each
-- kind there, so there is one channel of each kind here.
create table public.alert_channels (
  name text primary key check (name <> ''),
  kind text not null unique check (kind in ('webhook', 'sns')),
  minimum_severity text not null default 'warning' check (minimum_severity in ('warning', 'fail')),
  active boolean,
  paused_until timestamptz
);

comment on table public.alert_channels is
  'Where alerts are delivered to. The addresses are in the environment: ALERT_WEBHOOK_URL, ALERT_SNS_TOPIC_ARN.';
comment on column public.alert_channels.name is 'Name of the channel.';
comment on column public.alert_channels.kind is 'webhook: Slack-compatible JSON to ALERT_WEBHOOK_URL; sns: ALERT_SNS_TOPIC_ARN.';
comment on column public.alert_channels.minimum_severity is
  'Alerts of this severity and worse are delivered: warning is everything, fail is failures alone.';
comment on column public.alert_channels.active is
  'Whether alerts are delivered here. Null until a worker first has the channel''s address, which makes it true and sends what is open then.';
comment on column public.alert_channels.paused_until is
  'The receiver asked not to be sent anything before (UTC); null when it has not.';

-- The outbox: an event that people are to hear of gets a row here per channel in its own transaction, and
-- shared/alert_delivery.ts sends it afterwards. Whoever sends takes a lease first and commits it, so that a
-- sender that dies is followed by another one: each delivery is sent at least once, and twice only then.
create table public.alert_deliveries (
  id bigint generated always as identity primary key,
  alert_id bigint not null,
  event_number integer not null,
  channel text not null references public.alert_channels (name) on update cascade,
  idempotency_key uuid not null default gen_random_uuid(),
  state text not null default 'pending' check (state in ('pending', 'sent', 'dead')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null,
  lease uuid,
  leased_until timestamptz,
  last_error text,
  sent_at timestamptz,
  unique (alert_id, event_number, channel),
  foreign key (alert_id, event_number) references public.alert_events (alert_id, number) on delete cascade,
  check ((lease is null) = (leased_until is null)),
  check (state = 'pending' or lease is null),
  check ((state = 'sent') = (sent_at is not null)),
  check (state <> 'dead' or last_error is not null)
);
create index alert_deliveries_pending on public.alert_deliveries (next_attempt_at, id) where state = 'pending';
create index alert_deliveries_dead on public.alert_deliveries (alert_id) where state = 'dead';

comment on table public.alert_deliveries is
  'Outbox of alerts: one row per event and channel. A dead one is sent again by retry_delivery.';
comment on column public.alert_deliveries.id is 'Identifier.';
comment on column public.alert_deliveries.alert_id is 'The alert; alerts.id.';
comment on column public.alert_deliveries.event_number is 'What to tell of it; alert_events.number.';
comment on column public.alert_deliveries.channel is 'Where to; alert_channels.name.';
comment on column public.alert_deliveries.idempotency_key is
  'Sent with every try, so that a receiver can tell a repetition from another message.';
comment on column public.alert_deliveries.state is
  'pending; sent: the receiver has confirmed it; dead: it was refused for good, or tried delivery_attempts times.';
comment on column public.alert_deliveries.attempts is 'How often it has been tried, a try that is under way included.';
comment on column public.alert_deliveries.next_attempt_at is 'Not tried before (UTC).';
comment on column public.alert_deliveries.lease is 'Names the sender that is at it; null when none is.';
comment on column public.alert_deliveries.leased_until is 'When another sender may take it over (UTC).';
comment on column public.alert_deliveries.last_error is
  'Why the last try that failed did; never an address or a key. Null when none did.';
comment on column public.alert_deliveries.sent_at is 'When the receiver confirmed it (UTC); null until then.';
