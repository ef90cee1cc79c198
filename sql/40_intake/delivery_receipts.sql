-- Which requests have been stored already. A sender that has not heard the answer sends the request again under the
-- same identifier, and is then answered without decoding or storing anything.
--
-- The digest is part of the key: an identifier that comes again with other content is another request, whatever its
-- sender meant, and is stored like any other. Both receipts then stay beside each other
-- (supabase/snippets/request_ids_with_other_content.sql).
--
-- The row is written before the readings, in their transaction. So of two deliveries of one request that come at the
-- same time the second waits here until the first has committed or failed.
create table public.delivery_receipts (
  stream text not null,
  request_id text not null,
  digest text not null,
  batch_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (request_id, stream, digest)
);
create index delivery_receipts_received_at on public.delivery_receipts (received_at);

comment on table public.delivery_receipts is
  'Requests that have been stored, so that the same one again is answered without work. Kept for data_assets.retention_days; after that a request that comes again is stored again, which changes no reading.';
comment on column public.delivery_receipts.stream is
  'ARN of the delivery stream that sent the request, as it says itself; empty where it does not.';
comment on column public.delivery_receipts.request_id is 'Identifier that the sender gave the request; Firehose keeps it when it tries again.';
comment on column public.delivery_receipts.digest is 'SHA-256 of the request''s records, in hexadecimal digits.';
comment on column public.delivery_receipts.batch_id is 'Batch that the request was stored as; batches.id.';
comment on column public.delivery_receipts.received_at is 'When it was stored: start of its transaction (UTC).';
