-- Which objects of the lake should be read back, the most urgent first: what an alert is open about, so that it is
-- resolved soon after its repair; what has never been read; days whose readings are about to leave Postgres, for which
-- the last 12 hours count; then whatever was read longest ago.
--
--   large    bytes above which an object comes after all others: one that takes longer than there is time for must
--            not keep the others from their turn
--   as_of    what was read since then is left out
--
--   select * from lake_objects_to_verify(large => 1073741824) limit 10;
create or replace function public.lake_objects_to_verify(large bigint, as_of timestamptz default now())
returns table (key text, bytes bigint, sha256 text, row_count bigint)
language sql
stable
security invoker
set search_path = ''
as $$
  select objects.key, objects.bytes, objects.sha256, objects.row_count
  from public.lake_objects as objects
  cross join public.intake_settings
  left join public.sensor_data_days as days on days.day = objects.day and objects.kind = 'sensor_data'
  where objects.verified_at is null or objects.verified_at < as_of
  order by
    objects.bytes > large,
    case
      when exists (
        select from public.alerts
        where alerts.kind = 'lake_object' and alerts.subject = left(objects.key, 300) and alerts.resolved_at is null
      ) then 1
      when objects.verified_at is null then 2
      when days.day < (intake_settings.accepted_from at time zone 'UTC')::date
        and objects.verified_at < as_of - interval '12 hours' then 3
      else 4
    end,
    objects.verified_at,
    objects.key;
$$;

comment on function public.lake_objects_to_verify(bigint, timestamptz) is
  'Objects of the lake that should be read back, the most urgent first.';
