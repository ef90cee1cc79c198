-- Run events, newest first: GET /catalog/lineage.
--
--   job, run   of the view lineage; null: all
--   dataset    only events that read or wrote it: a table with or without its schema, a file, a stream, a key of the lake
--   since      events at this moment or later ones; until: events before this one
--   before     place of the last row of the page before this one
--   max_rows   most rows
--   returns    events with the place each has in this order
--   raises     22023 for a place that is none
--
-- plpgsql, so that conditions that are not asked for are planned away.
--
--   select event from find_lineage(dataset => 'train_FD001.txt', max_rows => 10);
create or replace function public.find_lineage(
  job text default null,
  run uuid default null,
  dataset text default null,
  since timestamptz default null,
  until timestamptz default null,
  before text default null,
  max_rows integer default 100
)
returns table (place text, event jsonb)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  before_time timestamptz;
  before_id text;
begin
  if before is not null then
    if before !~ '^\d{1,18}\.[0-9a-f-]{36}\.[1-3][A-Z]+$' then
      raise exception 'Cannot go on as before must be a place of an earlier answer: current value is %', before
        using errcode = '22023';
    end if;
    before_time := timestamptz 'epoch' + split_part(before, '.', 1)::bigint * interval '1 microsecond';
    before_id := substr(before, strpos(before, '.') + 1);
  end if;
  return query
  select
    trunc(extract(epoch from found.event_time) * 1000000)::bigint || '.' || found.event_id,
    found.event
  from public.lineage as found
  where (job is null or found.job_name = job)
    and (run is null or found.run_id = run)
    and (dataset is null or (found.inputs || found.outputs) && array[dataset, 'public.' || dataset])
    and (since is null or found.event_time >= since)
    and (until is null or found.event_time < until)
    and (before is null or found.event_time <= before_time)
    and (before is null or (found.event_time, found.event_id collate "C") < (before_time, before_id collate "C"))
  order by found.event_time desc, found.event_id collate "C" desc
  limit max_rows;
end;
$$;

comment on function public.find_lineage(text, uuid, text, timestamptz, timestamptz, text, integer) is
  'OpenLineage run events, newest first, by job, run, dataset and time; the same as GET /catalog/lineage.';
