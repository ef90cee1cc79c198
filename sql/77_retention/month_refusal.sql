-- What keeps a closed month from being dropped, as far as it can be told without looking at its readings.
--
--   month    one of due_months()
--   returns  the reason in words; null when there is none
create or replace function public.month_refusal(month date)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  with bounds as (
    select
      month_refusal.month::timestamp at time zone 'UTC' as begins,
      (month_refusal.month + interval '1 month') at time zone 'UTC' as ends
  )
  select case
    when (select settings.accepted_from from public.intake_settings as settings) < bounds.ends
      then 'the intake accepts readings of it again: close_months() closes it'
    when exists (select from public.sensor_data_changes where hours && tstzrange(bounds.begins, bounds.ends))
      then 'readings of it have been written since the last run of the checks'
    else (
      select fault
      from generate_series(
        month_refusal.month, month_refusal.month + interval '1 month' - interval '1 day', interval '1 day'
      ) as day
      cross join lateral public.archive_fault(day::date, now() - interval '24 hours') as fault
      where fault is not null
      order by day
      limit 1
    )
  end
  from bounds;
$$;

comment on function public.month_refusal(date) is
  'What keeps a closed month from being dropped, by the listing of the lake; null when nothing does.';
