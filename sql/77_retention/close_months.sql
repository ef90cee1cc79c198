-- The first of two steps by which readings leave Postgres: lets no more readings of the months whose retention has passed in, as
-- far as all their days are in the lake as they are now. Later readings of them are dead letters: they could not be
-- joined to what has gone. Where there is no lake, nothing is closed.
--
--   as_of    the present moment
--   returns  {"closed": ["2017-01-01"], "refused": {"2017-02-01": "…"}}: the months closed now, and what is in the way of others
--
--   select close_months();
create or replace function public.close_months(as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  due record;
  reason text;
  closed date[] := '{}';
begin
  perform pg_advisory_xact_lock(hashtext('public.retire_months'));
  perform set_config('spool.actor', 'retention', true);
  -- what is no longer due, as the retention has been made longer
  delete from public.retired_months
  where dropped_at is null and month not in (select due_months.month from public.due_months(as_of));

  for due in select * from public.due_months(as_of) loop
    if reason is not null then
      perform public.refuse_month(due.month, format('it comes after %s', reason));
      continue;
    end if;
    select fault into reason
    from generate_series(due.month, due.month + interval '1 month' - interval '1 day', interval '1 day') as day
    cross join lateral public.archive_fault(day::date, null) as fault
    where fault is not null
    order by day
    limit 1;
    if reason is null and exists (
      select from public.sensor_data_changes where hours && tstzrange(due.begins, due.ends)
    ) then
      reason := 'readings of it have been written since the last run of the checks';
    end if;
    if reason is not null then
      perform public.refuse_month(due.month, reason);
      reason := to_char(due.month, 'YYYY-MM');
      continue;
    end if;

    update public.intake_settings set accepted_from = due.ends where accepted_from < due.ends;
    if found then
      closed := closed || due.month;
    end if;
    insert into public.retired_months as known (month, closed_at)
    values (due.month, now())
    on conflict on constraint retired_months_pkey do update
    set
      -- somebody has opened it again, or it was dropped once and has a partition again
      closed_at = case
        when due.month = any (closed) or known.dropped_at is not null then now()
        else coalesce(known.closed_at, now())
      end,
      dropped_at = null,
      readings = null,
      refused_since = null,
      refusal = null;
  end loop;

  return jsonb_build_object(
    'closed', to_jsonb(closed),
    'refused', (
      select coalesce(jsonb_object_agg(month, refusal), '{}') from public.retired_months where refusal is not null
    )
  );
end;
$$;

comment on function public.close_months(timestamptz) is
  'First step of the retention of readings: moves intake_settings.accepted_from beyond the months that are to leave Postgres.';
