-- Moves settled_until on, once everything up to now has been sent or given up: to the beginning of the oldest transaction
-- that may still commit an event, or to an hour ago, whichever is earlier. The hour is for transactions that this role
-- does not see; no event's time is further from its commit than its transaction takes. Rows of events before it that were
-- sent are deleted then, which keeps the comparison small.
--
--   returns  settled_until; null when forwarding has never been on
create or replace function public.settle_forwarding(as_of timestamptz default now())
returns timestamptz
language plpgsql
security invoker
set search_path = ''
as $$
declare
  settled timestamptz;
begin
  select least(
    as_of - interval '1 hour',
    min(activity.xact_start),
    -- what waits for another try is still to come
    (select min(forwards.event_time) from public.lineage_forwards as forwards where forwards.state = 'retrying')
  )
  into settled
  from pg_catalog.pg_stat_activity as activity
  where activity.datname = current_database();

  if exists (
    select from public.lineage_to_forward(1, as_of) as next where next.event_time < settled
  ) then
    return (select forwarding.settled_until from public.lineage_forwarding as forwarding);
  end if;
  update public.lineage_forwarding as forwarding
  set settled_until = greatest(forwarding.settled_until, settled)
  where forwarding.since is not null
  returning forwarding.settled_until into settled;
  delete from public.lineage_forwards as forwards
  where forwards.state = 'sent' and forwards.event_time < settled;
  return settled;
end;
$$;

comment on function public.settle_forwarding(timestamptz) is
  'Moves lineage_forwarding.settled_until on past what has been forwarded or given up, and forgets what was sent before it.';
