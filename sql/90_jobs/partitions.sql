-- Registers the job that makes partitions ahead, runs it once so that the first reading finds its month, and
-- hands it to pg_cron. Where pg_cron is not installed the schema still works, and says so.
insert into public.jobs (name, schedule, period, description)
values ('spool-partitions', '17 3 * * *', '1 day', 'Makes the monthly partitions of sensor_data for this month and the next four.')
on conflict (name) do update set schedule = excluded.schedule, period = excluded.period, description = excluded.description;

select public.maintain_sensor_data_partitions();

do $$
begin
  if to_regnamespace('cron') is null then
    raise notice 'pg_cron is not installed: nothing runs select public.maintain_sensor_data_partitions() by itself';
    return;
  end if;
  perform cron.schedule('spool-partitions', '17 3 * * *', 'select public.maintain_sensor_data_partitions()');
end;
$$;
