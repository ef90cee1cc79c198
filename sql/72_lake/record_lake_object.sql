-- Lists an object of the lake that has just been written, in place of what was listed under its key before: whoever
-- writes an object last has the last word on what is there. It counts as not verified until it is read back.
--
--   key, kind, bytes, sha256, day, day_version, row_count, row_digest, written_by   as in lake_objects
--   batches  [{"batch_id": "…", "row_count": 1000}, …]: which batches its rows are of
--   as_of    when it was written
--
--   select record_lake_object('quality/reports/2024-01-31.json', 'report', 1024, repeat('0', 64), day => '2024-01-31');
create or replace function public.record_lake_object(
  key text,
  kind text,
  bytes bigint,
  sha256 text,
  day date default null,
  day_version bigint default null,
  row_count bigint default null,
  row_digest text default null,
  batches jsonb default '[]',
  written_by uuid default null,
  as_of timestamptz default now()
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into public.lake_objects (
    key, kind, day, day_version, row_count, row_digest, bytes, sha256, written_at, written_by
  )
  values (
    record_lake_object.key, record_lake_object.kind, record_lake_object.day, record_lake_object.day_version,
    record_lake_object.row_count, record_lake_object.row_digest, record_lake_object.bytes, record_lake_object.sha256,
    as_of, record_lake_object.written_by
  )
  on conflict on constraint lake_objects_pkey do update
  set
    kind = excluded.kind,
    day = excluded.day,
    day_version = excluded.day_version,
    row_count = excluded.row_count,
    row_digest = excluded.row_digest,
    bytes = excluded.bytes,
    sha256 = excluded.sha256,
    written_at = excluded.written_at,
    written_by = excluded.written_by,
    verified_at = null,
    fault = null;

  delete from public.lake_object_batches as listed
  where listed.key = record_lake_object.key;

  insert into public.lake_object_batches (key, batch_id, row_count)
  select record_lake_object.key, batch.batch_id, batch.row_count
  from jsonb_to_recordset(batches) as batch (batch_id uuid, row_count bigint);
$$;

comment on function public.record_lake_object(
  text, text, bigint, text, date, bigint, bigint, text, jsonb, uuid, timestamptz
) is 'Lists an object that has just been written to the lake, and which batches are in it; nothing has verified it yet.';
