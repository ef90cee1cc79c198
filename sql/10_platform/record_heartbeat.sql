-- The job spool-heartbeat: notes that in this minute the scheduler runs and the database can write. A job of its own, as
-- every other one may have to wait for something.
--
--   as_of    the present moment
--   returns  the minute
--
--   select record_heartbeat();
create or replace function public.record_heartbeat(as_of timestamptz default now())
returns timestamptz
language plpgsql
security invoker
set search_path = ''
as $$
declare
  this_minute constant timestamptz := date_trunc('minute', as_of, 'UTC');
begin
  insert into public.heartbeats (minute) values (this_minute) on conflict do nothing;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = 'alive'
  where name = 'spool-heartbeat';
  return this_minute;
end;
$$;

comment on function public.record_heartbeat(timestamptz) is
  'Job spool-heartbeat: notes that in this minute the scheduler runs and the database can write.';
