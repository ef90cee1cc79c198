-- The second of two steps by which readings leave Postgres: drops the oldest month whose retention has passed, when the lake holds it.
-- That means, of every day with readings: the lake has it, of the version that is here; it was read back whole within the
-- last 24 hours and was as it should be; and, with the month locked against writers, each day's digest is the one that was
-- written with it. Anything else drops nothing and is said: in what this returns, in retired_months, and after three days
-- by an alert. A month without readings needs no lake.
--
-- One month a call, because the last lock stops every reader and writer of sensor_data, and would be held while the next
-- month is compared. It waits two seconds for each lock: the intake is held up for no longer.
--
--   as_of    the present moment; what must be fresh is compared with the clock
--   returns  {"dropped": "2017-01-01", "readings": 20631, "due": 3}; or "waits" or "refused" with the reason
--
--   select retire_months();
create or replace function public.retire_months(as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  due record;
  others integer;
  closed timestamptz;
  reason text;
  gone bigint;
begin
  if not pg_try_advisory_xact_lock(hashtext('public.retire_months')) then
    return '{"waits": "another session is retiring months"}';
  end if;
  perform set_config('spool.actor', 'retention', true);
  select count(*) - 1 into others from public.due_months(as_of);
  select * into due from public.due_months(as_of) limit 1;
  if not found then
    return '{"due": 0}';
  end if;
  select known.closed_at into closed from public.retired_months as known where known.month = due.month;
  if closed is null then
    return jsonb_build_object('waits', format('%s is not closed yet', due.month), 'due', others + 1);
  elsif closed > now() - interval '1 hour' then
    -- who has read the settings before may still be storing readings of it
    return jsonb_build_object('waits', format('%s was closed less than an hour ago', due.month), 'due', others + 1);
  elsif not pg_try_advisory_xact_lock(hashtext('public.roll_up_readings')) then
    return jsonb_build_object('waits', 'another session is running the checks', 'due', others + 1);
  end if;

  begin
    execute format('lock table %s in share mode', due.partition);
    reason := public.month_refusal(due.month);
    if reason is null then
      select compared.difference, compared.readings into reason, gone from public.unarchived_day(due.month) as compared;
    end if;
    if reason is null then
      delete from public.reading_rollups where hour >= due.begins and hour < due.ends;
      update public.sensor_data_days set retired_at = now() where day >= due.month and day < due.month + interval '1 month';
      insert into public.retired_months as known (month, closed_at, dropped_at, readings)
      values (due.month, closed, now(), gone)
      on conflict on constraint retired_months_pkey do update
      set dropped_at = now(), readings = gone, refused_since = null, refusal = null;
      perform public.record_audit(
        'retention.drop',
        due.partition::text,
        jsonb_build_object(
          'month', due.month,
          'readings', gone,
          'objects', (
            select coalesce(jsonb_agg(
              jsonb_build_object('key', key, 'sha256', sha256, 'rows', row_count, 'verified_at', verified_at) order by day
            ), '[]')
            from public.lake_objects
            where kind = 'sensor_data' and day >= due.month and day < due.month + interval '1 month'
          )
        )
      );
      -- last, and in the order in which the intake and a new month take them. DROP detaches by itself; to detach first
      -- would make foreign keys of the table that is about to go.
      perform pg_advisory_xact_lock(hashtext('public.sensor_data partitions'));
      lock table public.engines, public.sensor_data in access exclusive mode;
      execute format('drop table %s', due.partition);
    end if;
  exception when lock_not_available or deadlock_detected then
    reason := 'other sessions use it: ' || sqlerrm;
  end;

  if reason is not null then
    perform public.refuse_month(due.month, reason);
    return jsonb_build_object('refused', jsonb_build_object(due.month::text, reason), 'due', others + 1);
  end if;
  return jsonb_build_object('dropped', due.month, 'readings', gone, 'due', others);
end;
$$;

comment on function public.retire_months(timestamptz) is
  'Second step of the retention of readings: drops the oldest closed month when the lake verifiably holds all of it, else says why not.';
