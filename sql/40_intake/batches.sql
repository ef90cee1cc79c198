-- What arrived together. Every reading and every dead letter names its batch, so that each can be traced to
-- the request, file or delivery that brought it.
create table public.batches (
  id uuid primary key,
  source text not null,
  reference text,
  received integer not null check (received >= 0),
  accepted integer not null check (accepted >= 0),
  duplicates integer not null check (duplicates >= 0),
  rejected integer not null check (rejected >= 0),
  received_at timestamptz not null default now(),
  code_version text check (code_version <> ''),
  duplicates_by_engine jsonb check (jsonb_typeof(duplicates_by_engine) = 'object'),
  newest_timestamp timestamptz,
  processing interval check (processing >= '0'),
  check (accepted + duplicates + rejected = received)
);
create index batches_received_at on public.batches (received_at);

comment on table public.batches is
  'What arrived together: one row per stored request, delivery or piece of a file. accepted + duplicates + rejected = received, always.';
comment on column public.batches.id is 'Identifier given by the intake; answered to the sender as batch_id.';
comment on column public.batches.source is 'Door the batch came through: ingest, kinesis, load or replay.';
comment on column public.batches.reference is 'What the batch was at its source, for example train_FD001.txt lines 1-2000, or a stream''s ARN with the request''s identifier, or with the shard and the first and last sequence number.';
comment on column public.batches.received is 'Readings in the batch.';
comment on column public.batches.accepted is 'Readings that became new rows of sensor_data.';
comment on column public.batches.duplicates is
  'Valid readings that were already stored, or stood more than once in the batch: same engine, timestamp and cycle.';
comment on column public.batches.rejected is 'Readings that were not accepted: they are dead letters now or, in a replay, stay what they were.';
comment on column public.batches.received_at is 'When the batch was stored: start of its transaction (UTC).';
comment on column public.batches.duplicates_by_engine is
  'The same by engine, {"engines.id": how many}; null where there were none, and of versions before 0.6, which did not say.';
comment on column public.batches.code_version is
  'Version of Spool that validated and stored it; null for batches of versions before 0.5, which did not say.';
comment on column public.batches.newest_timestamp is
  'Time of the newest reading that it brought (UTC), duplicates included; null where none was acceptable, and of versions before 0.7, which did not say.';
comment on column public.batches.processing is
  'From the arrival of the request at the door to this row: reading, validating, waiting for a connection, storing; all but the commit. Null where the caller does not say, such as versions before 0.7.';
