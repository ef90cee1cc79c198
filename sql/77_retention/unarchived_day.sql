-- The first day of a month whose readings are not, row for row and value for value, those that the lake holds by its listing.
-- Reads the whole month. For whoever has locked it: what is written afterwards is not seen.
--
--   returns  the day, and what is different; and when there is none, null and how many readings the month holds
create or replace function public.unarchived_day(month date, out difference text, out readings bigint)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  compared record;
begin
  readings := 0;
  for compared in
    select day::date as day, held.row_count, held.digest, object.row_count as archived_count, object.row_digest
    from generate_series(
      unarchived_day.month, unarchived_day.month + interval '1 month' - interval '1 day', interval '1 day'
    ) as day
    cross join lateral public.sensor_data_digest(day::date) as held
    left join lateral (
      select lake_objects.row_count, lake_objects.row_digest
      from public.lake_objects
      where lake_objects.kind = 'sensor_data' and lake_objects.day = day.day::date
      order by lake_objects.day_version desc
      limit 1
    ) as object on true
    where held.row_count > 0
    order by day.day
  loop
    if compared.archived_count is null then
      difference := format('%s holds %s readings and is not in the lake', compared.day, compared.row_count);
    elsif compared.archived_count <> compared.row_count then
      difference := format(
        '%s holds %s readings, and %s in the lake', compared.day, compared.row_count, compared.archived_count
      );
    elsif compared.row_digest <> compared.digest then
      difference := format('%s holds other values than it does in the lake', compared.day);
    end if;
    exit when difference is not null;
    readings := readings + compared.row_count;
  end loop;
end;
$$;

comment on function public.unarchived_day(date) is
  'First day of a month that does not hold what the lake holds of it by its listing; part of retire_months.';
