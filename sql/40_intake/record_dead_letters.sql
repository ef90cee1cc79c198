-- Keeps readings that could not be accepted, in the transaction that stores the rest of their batch.
--
--   batch, source, reference   as in ingest_readings
--   letters   [{"position": 3, "payload": "…the reading's own text, as a string…", "path": "s11", "reason": "…",
--             "record": {"sequence_number": "…", …} or absent}]
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
  with arrived as (
    select
      md5(letter.payload) as digest,
      min(letter.payload) as payload,
      min(letter.position) as position,
      (array_agg(letter.path order by letter.position))[1] as path,
      (array_agg(letter.reason order by letter.position))[1] as reason,
      count(*) as seen,
      coalesce(
        to_jsonb((array_agg(letter.record order by letter.position) filter (where letter.record is not null))[1:100]),
        '[]'
      ) as records
    from json_to_recordset(letters) as letter (position integer, payload text, path text, reason text, record jsonb)
    group by md5(letter.payload)
  ),
  recorded as (
    insert into public.dead_letters as open (
      batch_id, source, reference, position, payload, payload_digest, path, reason, seen, records
    )
    select
      batch, record_dead_letters.source, record_dead_letters.reference,
      position, payload::json, digest, path, reason, seen, records
    from arrived
    order by digest
    on conflict (source, payload_digest) where replayed_at is null
    do update set
      seen = open.seen + excluded.seen,
      last_seen_at = now(),
      records = (
        -- a record that is delivered again is the same one
        select coalesce(jsonb_agg(record order by place), '[]')
        from (
          select record, min(place) as place
          from jsonb_array_elements(open.records || excluded.records) with ordinality as brought (record, place)
          group by record
          order by min(place)
          limit 100
        ) as known
      )
    returning xmax = 0 as is_new
  )
  select count(*)::integer from recorded where is_new;
$$;

comment on function public.record_dead_letters(uuid, text, text, json) is
  'Keeps readings that could not be accepted as dead letters; the same payload again only raises seen, and adds the records that brought it.';
