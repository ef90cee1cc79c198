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
