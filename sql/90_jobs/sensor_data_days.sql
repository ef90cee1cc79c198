-- The days of readings that were there before days were counted: looked up once, by reading all of them.
insert into public.sensor_data_days (day)
select distinct ("timestamp" at time zone 'UTC')::date
from public.sensor_data
where not exists (select from public.sensor_data_days)
on conflict do nothing;
