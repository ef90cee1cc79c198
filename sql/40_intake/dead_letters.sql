-- What could not be accepted, kept whole. The payload is `json`, not `jsonb`: jsonb refuses \u0000, rounds
-- 1e400 and drops repeated keys, and those are exactly the payloads that end up here.
--
-- A sender that retries sends the same bad reading again. It is the same dead letter then: seen goes up.
create table public.dead_letters (
  id bigint generated always as identity primary key,
  batch_id uuid not null,
  source text not null,
  reference text,
  position integer not null check (position >= 0),
  payload json not null,
  payload_digest text not null,
  path text not null,
  reason text not null,
  seen integer not null default 1 check (seen > 0),
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  correction json,
  replay_attempts integer not null default 0 check (replay_attempts >= 0),
  replay_error text,
  replayed_at timestamptz,
  replay_batch_id uuid,
  records jsonb not null default '[]' check (jsonb_typeof(records) = 'array'),
  check ((replayed_at is null) = (replay_batch_id is null))
);
create unique index dead_letters_open on public.dead_letters (source, payload_digest) where replayed_at is null;
create index dead_letters_first_seen_at on public.dead_letters (first_seen_at);

comment on table public.dead_letters is
  'Readings that could not be accepted, whole, with the reason. deno task dead-letters replays them; one that passes is marked, never deleted.';
comment on column public.dead_letters.id is 'Identifier.';
comment on column public.dead_letters.batch_id is 'Batch in which it was seen first; batches.id.';
comment on column public.dead_letters.source is 'Door it came through: ingest, kinesis, load.';
comment on column public.dead_letters.reference is 'What its batch was at its source.';
comment on column public.dead_letters.position is 'Place in its batch, counted from 0.';
comment on column public.dead_letters.payload is
  'The reading exactly as it came. Text that was not JSON (a line of a file, a whole record of a stream) is kept as a JSON string, and what was not text as {"base64": "…"}.';
comment on column public.dead_letters.payload_digest is 'MD5 of the payload''s text; recognises the same payload sent again.';
comment on column public.dead_letters.path is 'Place of the first fault: in the payload, for example s11 (empty when it is the whole reading); of a record of a stream in the event that brought it, for example records[3].data.s11.';
comment on column public.dead_letters.reason is 'Why it was not accepted; several faults are separated by semicolons.';
comment on column public.dead_letters.seen is 'How often this payload has arrived while it was open.';
comment on column public.dead_letters.first_seen_at is 'When it arrived first (UTC).';
comment on column public.dead_letters.last_seen_at is 'When it arrived last (UTC).';
comment on column public.dead_letters.correction is
  'What to replay instead of the payload: a reading, an array of readings or {"readings": […]}; fill it in Studio. The payload itself stays as it came.';
comment on column public.dead_letters.replay_attempts is 'How often it has been replayed.';
comment on column public.dead_letters.replay_error is 'Why the last replay did not pass; null before the first and after success.';
comment on column public.dead_letters.replayed_at is 'When a replay passed (UTC); null while it is open.';
comment on column public.dead_letters.replay_batch_id is 'Batch in which the replay passed; batches.id.';
comment on column public.dead_letters.records is
  'The first 100 records of a stream that brought this payload: stream, sequence_number, partition_key, event_id, arrived_at, request_id, index, as far as each is known. Empty for other doors.';
