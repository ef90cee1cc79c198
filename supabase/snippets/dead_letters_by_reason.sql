-- What waits among the dead letters: how many there are for each place and reason, and one of them to look at. Values
-- are cut out of the reasons, and places in their events out of the paths, or each reading would have its own.
select
  source,
  regexp_replace(path, '\[\d+\]', '[]', 'g') as path,
  regexp_replace(reason, ': current value is .*$', '') as reason,
  count(*) as dead_letters,
  sum(seen) as times_seen,
  min(first_seen_at) as first_seen_at,
  max(last_seen_at) as last_seen_at,
  (array_agg(id order by last_seen_at desc))[1] as latest_id,
  (array_agg(payload::text order by last_seen_at desc))[1] as latest_payload
from dead_letters
where replayed_at is null
group by 1, 2, 3
order by dead_letters desc;
