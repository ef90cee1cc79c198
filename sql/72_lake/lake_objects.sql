-- What is in the lake, as whoever wrote it says: the listing that people and checks go by. A row is written after the
-- object has become visible, so each row has had an object; whether it still has is what verified_at says.
create table public.lake_objects (
  key text primary key check (
    -- as requireKey of shared/lake/keys.ts: no segment is empty or begins with a dot
    key !~ '(^|/)(\.|/|$)' and key !~ '[\u0001-\u001f\u007f-\u009f\\]' and octet_length(key) <= 900
  ),
  kind text not null check (
    kind in ('sensor_data', 'split', 'expectations', 'report', 'backup')
  ),
  day date,
  day_version bigint check (day_version > 0),
  row_count bigint check (row_count >= 0),
  row_digest text,
  bytes bigint not null check (bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  written_at timestamptz not null default now(),
  written_by uuid,
  verified_at timestamptz,
  fault text,
  check (kind <> 'sensor_data' or day is not null and day_version is not null and row_count is not null and row_digest is not null)
);
create index lake_objects_day on public.lake_objects (day) where kind = 'sensor_data';

comment on table public.lake_objects is
  'Objects in the lake: one row per file, with its size, its checksum and what it holds.';
comment on column public.lake_objects.key is 'Path within the lake, without a leading slash.';
comment on column public.lake_objects.kind is
  'sensor_data: readings of one UTC day; split: training data; expectations: a suite; report: a day''s quality; backup: part of a backup.';
comment on column public.lake_objects.day is 'Day that it is about (UTC).';
comment on column public.lake_objects.day_version is 'Of sensor_data: sensor_data_days.version that it holds.';
comment on column public.lake_objects.row_count is 'Rows in it; null for what has none.';
comment on column public.lake_objects.row_digest is
  'Of sensor_data: digest of its rows as Postgres computes it (sensor_data_digest), in any order.';
comment on column public.lake_objects.bytes is 'Its size in bytes.';
comment on column public.lake_objects.sha256 is 'SHA-256 of its content, in hexadecimal digits.';
comment on column public.lake_objects.written_at is 'When it was written (UTC).';
comment on column public.lake_objects.written_by is 'Run that wrote it; lineage_events.run_id.';
comment on column public.lake_objects.verified_at is
  'When its content was last read back and compared with this row (UTC); null: never, or the comparison failed.';
comment on column public.lake_objects.fault is 'What the last comparison found: missing, other size, other checksum, not Parquet, other row count, with the figures; null when it was as it should be.';

create table public.lake_object_batches (
  key text not null references public.lake_objects (key) on update cascade on delete cascade,
  batch_id uuid not null,
  row_count bigint not null check (row_count > 0),
  primary key (key, batch_id)
);
create index lake_object_batches_by_batch on public.lake_object_batches (batch_id);

comment on table public.lake_object_batches is
  'Which batches are in which object of the lake; it stays when the readings have left Postgres.';
comment on column public.lake_object_batches.key is 'Object of the lake.';
comment on column public.lake_object_batches.batch_id is 'Batch; batches.id.';
comment on column public.lake_object_batches.row_count is 'How many of its readings are in the object.';
