-- How far each shard of each stream has been delivered by deno task deliver, the furthest behind first; what may be
-- lost because nobody read it while the stream kept it; and which process reads the stream now.
select
  split_part(stream, '/', 2) as stream, shard_id, state, delivered_records, deliveries,
  now() - complete_until as behind, lost_from, lost_until, held_by
from stream_checkpoints
join stream_readers using (stream)
order by stream_created_at desc, complete_until;
