-- Keeps readings that could not be accepted, in the transaction that stores the rest of their batch.
--
--   batch, source, reference   as in ingest_readings
--   letters   [{"position": 3, "payload": "…the reading's own text, as a string…", "path": "s11", "reason": "…"}]
--   returns   how many of them were new; the others were already open and are counted as seen again
create or replace function public.record_dead_letters(
  batch uuid,
  source text,
  reference text,
  letters json
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with recorded as (
    insert into public.dead_letters as open (
      batch_id, source, reference, position, payload, payload_digest, path, reason, seen
    )
    select distinct on (md5(letter.payload))
      batch, record_dead_letters.source, record_dead_letters.reference,
      letter.position, letter.payload::json, md5(letter.payload), letter.path, letter.reason,
      count(*) over (partition by md5(letter.payload))
    from json_to_recordset(letters) as letter (position integer, payload text, path text, reason text)
    order by md5(letter.payload), letter.position
    on conflict (source, payload_digest) where replayed_at is null
    do update set seen = open.seen + excluded.seen, last_seen_at = now()
    returning xmax = 0 as is_new
  )
  select count(*)::integer from recorded where is_new;
$$;

comment on function public.record_dead_letters(uuid, text, text, json) is
  'Keeps readings that could not be accepted as dead letters; the same payload again only raises seen.';
