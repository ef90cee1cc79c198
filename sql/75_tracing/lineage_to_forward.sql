-- The events that are to be forwarded now, in their order: not settled, not waiting for another try, and not behind an
-- earlier event of their run that is. Nothing while forwarding has never been on.
--
--   max_rows  most rows
--   as_of     the present moment
create or replace function public.lineage_to_forward(max_rows integer, as_of timestamptz default now())
returns table (event_id text, run_id uuid, event_time timestamptz, attempts integer, event jsonb)
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  settled_until timestamptz;
begin
  select forwarding.settled_until into settled_until from public.lineage_forwarding as forwarding;
  if settled_until is null then
    return;
  end if;
  return query
  select traced.event_id, traced.run_id, traced.event_time, coalesce(forwards.attempts, 0), traced.event
  from public.lineage as traced
  left join public.lineage_forwards as forwards on forwards.event_id = traced.event_id
  where traced.event_time >= settled_until
    and (forwards.event_id is null or forwards.next_attempt_at <= as_of)
    and not exists (
      select from public.lineage_forwards as earlier
      where earlier.run_id = traced.run_id and earlier.state = 'retrying'
        and earlier.next_attempt_at > as_of and earlier.event_id < traced.event_id
    )
  order by traced.event_time, traced.event_id
  limit max_rows;
end;
$$;

comment on function public.lineage_to_forward(integer, timestamptz) is
  'Events that the worker is to forward to OPENLINEAGE_URL now, in their order; none while forwarding has never been on.';
