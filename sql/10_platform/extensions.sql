-- pg_cron runs the jobs. It can be created in one database of a cluster only, and not everywhere: without it
-- everything works except that nobody calls the jobs, which sql/90_jobs says again.
do $$
begin
  if to_regnamespace('cron') is null then
    create extension pg_cron with schema pg_catalog;
    grant usage on schema cron to postgres;
  end if;
exception when others then
  raise notice 'pg_cron is not available here: %', sqlerrm;
end;
$$;

-- pg_net calls the function worker, with a key that Vault keeps. Without them tasks of the queue wait until somebody
-- else calls it, which the job spool-worker says each time in jobs.last_result.
do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net;
  end if;
exception when others then
  raise notice 'pg_net is not available here: %', sqlerrm;
end;
$$;

do $$
begin
  if to_regnamespace('vault') is null then
    create extension supabase_vault cascade;
  end if;
exception when others then
  raise notice 'Vault is not available here: %', sqlerrm;
end;
$$;
