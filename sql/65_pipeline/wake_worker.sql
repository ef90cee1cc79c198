-- The job spool-worker: calls the edge function worker when it has something to do. Where to and with which key is in
-- Vault, because whoever may read a job's command must not read a key there:
--
--   select vault.create_secret('https://PROJECT.supabase.co/functions/v1/worker/run', 'spool_worker_url');
--   select vault.create_secret('sb_secret_…', 'spool_worker_key');
--
--   as_of    the present moment
--   returns  one line: that it was called, that there is nothing to do, or what is not configured. pg_net sends the
--            request after the commit and keeps the answer in net._http_response
--
--   select wake_worker();
create or replace function public.wake_worker(as_of timestamptz default now())
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  worker_url text;
  worker_key text;
  something boolean;
  result text;
begin
  select exists (
    select from public.task_runs
    join public.pipeline_tasks as tasks on tasks.pipeline = task_runs.pipeline and tasks.name = task_runs.task
    where tasks.kind = 'queue'
      and (task_runs.state = 'ready' or task_runs.state = 'retrying' and task_runs.next_attempt_at <= as_of)
  ) or exists (
    select from public.alert_deliveries
    where alert_deliveries.state = 'pending' and alert_deliveries.next_attempt_at <= as_of
  ) or exists (
    -- only a worker knows whether the channel has an address
    select from public.alert_channels
    where alert_channels.active is null and exists (select from public.alerts where alerts.resolved_at is null)
  ) or exists (
    select from public.lineage_to_forward(1, as_of)
  )
  into something;

  if to_regclass('vault.decrypted_secrets') is not null then
    select
      max(decrypted_secret) filter (where name = 'spool_worker_url'),
      max(decrypted_secret) filter (where name = 'spool_worker_key')
    into worker_url, worker_key
    from vault.decrypted_secrets
    where name in ('spool_worker_url', 'spool_worker_key');
  end if;

  if to_regnamespace('net') is null then
    result := 'not configured: pg_net is not installed';
  elsif to_regclass('vault.decrypted_secrets') is null then
    result := 'not configured: Vault is not installed';
  elsif worker_url is null or worker_key is null then
    result := 'not configured: Vault must have the secrets spool_worker_url and spool_worker_key';
  elsif not something then
    result := 'nothing to do';
  else
    perform net.http_post(
      url => worker_url,
      body => '{}',
      headers => jsonb_build_object('content-type', 'application/json', 'authorization', 'Bearer ' || worker_key),
      -- ms; longer than the worker takes, so that net._http_response says how it went
      timeout_milliseconds => 150000
    );
    result := 'called';
  end if;
  update public.jobs
  set last_started_at = now(), last_success_at = clock_timestamp(), last_result = result
  where name = 'spool-worker';
  return result;
end;
$$;

comment on function public.wake_worker(timestamptz) is
  'Job spool-worker: calls the edge function worker through pg_net when there are tasks, alerts or events of lineage for it; returns what it did.';
