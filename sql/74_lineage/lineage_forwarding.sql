-- Forwarding of lineage to an OpenLineage server, by the function worker where OPENLINEAGE_URL is set.
--
-- Events of batches are no rows that a mark could be put on, and they appear when their transaction commits, which can
-- be after later ones have been forwarded. So what has been settled is kept by event, and compared with what there is;
-- settled_until moves on behind it, never past the beginning of a transaction that may still bring an event.
create table public.lineage_forwarding (
  id boolean primary key default true check (id),
  since timestamptz,
  settled_until timestamptz,
  lease uuid,
  leased_until timestamptz,
  check ((since is null) = (settled_until is null)),
  check ((lease is null) = (leased_until is null))
);

comment on table public.lineage_forwarding is 'How far lineage has been forwarded to OPENLINEAGE_URL. Exactly one row.';
comment on column public.lineage_forwarding.id is 'Always true: it keeps the table at one row.';
comment on column public.lineage_forwarding.since is
  'When forwarding was first on (UTC): events before it are not forwarded. Null: it never was. Set it to an earlier time, with settled_until, to forward history.';
comment on column public.lineage_forwarding.settled_until is 'Events before this (UTC) have been forwarded or given up.';
comment on column public.lineage_forwarding.lease is 'Who forwards now; null: nobody.';
comment on column public.lineage_forwarding.leased_until is 'Until when it is believed to be alive (UTC).';

create table public.lineage_forwards (
  event_id text primary key,
  run_id uuid not null,
  event_time timestamptz not null,
  state text not null check (state in ('sent', 'retrying', 'dead')),
  attempts integer not null check (attempts > 0),
  next_attempt_at timestamptz,
  settled_at timestamptz,
  error text,
  check ((state = 'retrying') = (next_attempt_at is not null)),
  check ((state = 'retrying') = (settled_at is null)),
  check (state = 'sent' or error is not null)
);
create index lineage_forwards_retrying on public.lineage_forwards (run_id) where state = 'retrying';
create index lineage_forwards_event_time on public.lineage_forwards (event_time);

comment on table public.lineage_forwards is
  'Events that were forwarded lately, are to be tried again, or were given up: one row an event. Sent ones are deleted once settled_until has passed them.';
comment on column public.lineage_forwards.event_id is 'Event; lineage.event_id.';
comment on column public.lineage_forwards.run_id is 'Run of the event.';
comment on column public.lineage_forwards.event_time is 'Time of the event (UTC).';
comment on column public.lineage_forwards.state is
  'sent; retrying: at next_attempt_at, and later events of the run wait for it; dead: refused, or tried too often. A dead row deleted is tried again if settled_until is set back, too.';
comment on column public.lineage_forwards.attempts is 'How often it was sent.';
comment on column public.lineage_forwards.next_attempt_at is 'When it is sent again (UTC).';
comment on column public.lineage_forwards.settled_at is 'When it was sent or given up (UTC).';
comment on column public.lineage_forwards.error is 'What the server answered last, when it was not a success.';
