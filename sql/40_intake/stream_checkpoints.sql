-- Who reads which stream. One process reads a stream at a time: two would deliver everything twice, and move each
-- other's checkpoints back. The lease is a row with an end rather than an advisory lock, because a lock needs a
-- session of its own, which a pooler in transaction mode does not give, and is gone with the first restart of Postgres
-- while its holder goes on reading.
create table public.stream_readers (
  stream text primary key check (stream <> ''),
  owner uuid,
  held_by text,
  leased_until timestamptz,
  check ((owner is null) = (leased_until is null) and (owner is null) = (held_by is null))
);

comment on table public.stream_readers is
  'Streams that deno task deliver has read, and who reads them now: one process at a time.';
comment on column public.stream_readers.stream is 'ARN of the stream.';
comment on column public.stream_readers.owner is
  'Names the process that reads it; null when none does. Only this one can move the stream''s checkpoints.';
comment on column public.stream_readers.held_by is 'Host and number of that process, for people.';
comment on column public.stream_readers.leased_until is
  'When another process may take over (UTC); the owner moves it on every two seconds.';

-- How far each shard of a stream has been delivered. Written after the receiver has acknowledged, so that whatever
-- happens in between is delivered again rather than lost; the intake takes each reading once.
--
-- A stream that is deleted and made again under its name has the same ARN and other sequence numbers, so when it was
-- made is part of the key.
create table public.stream_checkpoints (
  stream text not null references public.stream_readers (stream),
  stream_created_at timestamptz not null,
  shard_id text not null,
  parents text[] not null default '{}',
  begin_at text not null check (begin_at in ('trim_horizon', 'latest', 'at_timestamp')),
  begin_timestamp timestamptz,
  state text not null default 'open' check (state in ('open', 'ended', 'expired')),
  sequence_number text,
  delivered_records bigint not null default 0 check (delivered_records >= 0),
  delivered_bytes bigint not null default 0 check (delivered_bytes >= 0),
  deliveries bigint not null default 0 check (deliveries >= 0),
  complete_until timestamptz,
  lost_from timestamptz,
  lost_until timestamptz,
  updated_at timestamptz not null default now(),
  primary key (stream, stream_created_at, shard_id),
  check ((begin_at = 'trim_horizon') = (begin_timestamp is null)),
  check ((deliveries = 0) = (sequence_number is null)),
  check ((lost_from is null) = (lost_until is null) and lost_from <= lost_until)
);

comment on table public.stream_checkpoints is
  'How far each shard of a Kinesis stream has been delivered by deno task deliver; one row per shard.';
comment on column public.stream_checkpoints.stream is 'ARN of the stream.';
comment on column public.stream_checkpoints.stream_created_at is
  'When the stream was made (UTC): one that was made again has other sequence numbers.';
comment on column public.stream_checkpoints.shard_id is 'The shard''s name within the stream.';
comment on column public.stream_checkpoints.parents is
  'Shards that it was split from or merged of; they are read to their end before it is begun.';
comment on column public.stream_checkpoints.begin_at is
  'Where reading began: trim_horizon is the oldest record that the stream keeps; latest and at_timestamp are begin_timestamp.';
comment on column public.stream_checkpoints.begin_timestamp is
  'Records that arrived before were not wanted (UTC); null where all were.';
comment on column public.stream_checkpoints.state is
  'open; ended: the shard was split or merged, and all of it is delivered; expired: the stream has forgotten the shard before its end was reached.';
comment on column public.stream_checkpoints.sequence_number is
  'Last record that the receiver has acknowledged; null before the first.';
comment on column public.stream_checkpoints.delivered_records is 'Records acknowledged, repetitions included.';
comment on column public.stream_checkpoints.delivered_bytes is 'Their size in bytes.';
comment on column public.stream_checkpoints.deliveries is 'Requests acknowledged.';
comment on column public.stream_checkpoints.complete_until is
  'Everything that arrived on the shard before is delivered, or lost as lost_until says (UTC); null before the first delivery.';
comment on column public.stream_checkpoints.lost_from is
  'Records that arrived from here on may be lost, because they were not read while the stream kept them (UTC); null when none are.';
comment on column public.stream_checkpoints.lost_until is 'End of what may be lost (UTC); null when nothing is.';
comment on column public.stream_checkpoints.updated_at is 'When the row was last written (UTC).';
