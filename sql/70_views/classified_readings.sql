-- Readings with the operating condition they were taken in. Everything that compares values goes through here.
--
--   select condition, count(*), avg(s11) from classified_readings where "timestamp" > now() - interval '1 day' group by 1;
create view public.classified_readings
with (security_invoker = true) as
select
  reading.engine_id,
  reading.cycle,
  reading."timestamp",
  coalesce(operating_conditions.condition, 0::smallint) as condition,
  reading.altitude,
  reading.mach_number,
  reading.tra,
  reading.s2,
  reading.s3,
  reading.s4,
  reading.s7,
  reading.s8,
  reading.s9,
  reading.s11,
  reading.s12,
  reading.s13,
  reading.s14,
  reading.s15,
  reading.s17,
  reading.s20,
  reading.s21,
  reading.batch_id,
  reading.created_at
from public.sensor_data as reading
left join public.operating_conditions
  on reading.altitude >= operating_conditions.altitude_min
  and reading.altitude <= operating_conditions.altitude_max
  and reading.mach_number >= operating_conditions.mach_number_min
  and reading.mach_number <= operating_conditions.mach_number_max
  and reading.tra >= operating_conditions.tra_min
  and reading.tra <= operating_conditions.tra_max
where (select public.may_read('classified_readings'));

comment on view public.classified_readings is
  'Readings of sensor_data with the operating condition they were taken in (operating_conditions; 0: none of them).';
comment on column public.classified_readings.condition is
  'Operating condition of the reading; 0 where its settings lie in none of the known ones.';

-- Every other column means what it means in sensor_data.
do $$
declare
  column_name name;
  meaning text;
begin
  for column_name, meaning in
    select ours.attname, col_description(theirs.attrelid, theirs.attnum)
    from pg_catalog.pg_attribute as ours
    join pg_catalog.pg_attribute as theirs using (attname)
    where ours.attrelid = 'public.classified_readings'::regclass
      and theirs.attrelid = 'public.sensor_data'::regclass
      and theirs.attnum > 0
  loop
    execute format('comment on column public.classified_readings.%I is %L', column_name, meaning);
  end loop;
end;
$$;
