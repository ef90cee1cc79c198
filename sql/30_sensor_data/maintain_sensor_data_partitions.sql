-- The scheduled job: makes the partitions of as_of's month and of the months_ahead months after it, and
-- writes down its own success. Making ahead and retiring are separate jobs.
--
--   months_ahead  how many months after as_of's to have ready; 4 survives a job that is broken for a quarter
--   returns       one line: what was made, or that another session is at it
--
--   select maintain_sensor_data_partitions();
create or replace function public.maintain_sensor_data_partitions(
  months_ahead integer default 4,
  as_of timestamptz default now()
)
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  job constant text := 'spool-partitions';
  started_at constant timestamptz := clock_timestamp();
  created integer;
  result text;
begin
  if months_ahead is null or months_ahead not between 0 and 120 then
    raise exception 'Cannot make partitions ahead as months_ahead must be between 0 and 120: current value is %',
      months_ahead
      using errcode = '22023';
  end if;
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is maintaining the partitions';
  end if;

  select public.create_sensor_data_partitions(
    array_agg((date_trunc('month', as_of at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC')
  )
  into created
  from generate_series(0, months_ahead) as ahead;

  result := format('%s partitions made, %s months ahead are ready', created, months_ahead);
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$$;

comment on function public.maintain_sensor_data_partitions(integer, timestamptz) is
  'Job spool-partitions: makes the partitions of this month and the coming ones (4 unless told), and records its success in jobs.';
