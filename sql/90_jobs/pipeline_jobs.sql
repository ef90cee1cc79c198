-- pg_net calls the function worker, with a key that Vault keeps. Without them tasks of the queue wait until somebody
-- else calls it, and fail when nobody does, which the job spool-worker says each time in jobs.last_result.
do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net;
  end if;
exception when others then
  raise notice 'pg_net is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

do $$
begin
  if to_regnamespace('vault') is null then
    create extension supabase_vault cascade;
  end if;
exception when others then
  raise notice 'Vault is not available here, nothing calls the function worker by itself: %', sqlerrm;
end;
$$;

-- The jobs of the pipelines, handed to pg_cron. The checks have no job of their own: the pipeline hourly runs them, so
-- that what follows from them runs after them. Where pg_cron is not installed the schema still works, and says so.
do $$
declare
  job record;
begin
  for job in
    select *
    from (
      values
        (
          'spool-pipeline', '* * * * *', interval '1 minute', 'call public.pipeline_tick()',
          'Makes the pipeline runs that are due and runs their sql tasks.'
        ),
        (
          'spool-timeouts', '* * * * *', interval '1 minute', 'select public.cancel_overdue_tasks()',
          'Cancels sql tasks that have run longer than their timeout.'
        ),
        (
          'spool-worker', '* * * * *', interval '1 minute', 'select public.wake_worker()',
          'Calls the function worker when it has tasks, alerts to deliver or lineage to forward.'
        ),
        (
          'spool-retention', '47 * * * *', interval '1 hour', 'select public.prune_history()',
          'Deletes history that is older than data_assets.retention_days says.'
        ),
        (
          'spool-heartbeat', '* * * * *', interval '1 minute', 'select public.record_heartbeat()',
          'Notes that the scheduler runs and the database can write.'
        ),
        (
          'spool-intake', '*/10 * * * *', interval '10 minutes', 'select public.count_intake()',
          'Writes what the intake has done so far into its counters.'
        ),
        (
          'spool-watch', '*/10 * * * *', interval '10 minutes', 'select public.watch_jobs()',
          'Raises alerts about jobs that have stopped and pipelines that failed or were late.'
        )
    ) as jobs (name, schedule, period, command, description)
  loop
    insert into public.jobs (name, schedule, period, description)
    values (job.name, job.schedule, job.period, job.description)
    on conflict (name) do update
    set schedule = excluded.schedule, period = excluded.period, description = excluded.description;

    if to_regnamespace('cron') is null then
      raise notice 'pg_cron is not installed: nothing runs % by itself', job.command;
    else
      perform cron.schedule(job.name, job.schedule, job.command);
    end if;
  end loop;
end;
$$;
