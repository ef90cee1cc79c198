-- Readings in long form: a row for each sensor of each reading. What is done alike for all fourteen sensors (drift,
-- baselines, charts) is written once this way.
--
--   select "timestamp", value from sensor_values where engine_id = '…' and column_name = 's11' order by 1;
create view public.sensor_values
with (security_invoker = true) as
select
  reading.engine_id,
  reading.cycle,
  reading."timestamp",
  reading.condition,
  sensor.column_name,
  sensor.value
from public.classified_readings as reading
cross join lateral (
  values
    ('s2', reading.s2),
    ('s3', reading.s3),
    ('s4', reading.s4),
    ('s7', reading.s7),
    ('s8', reading.s8),
    ('s9', reading.s9),
    ('s11', reading.s11),
    ('s12', reading.s12),
    ('s13', reading.s13),
    ('s14', reading.s14),
    ('s15', reading.s15),
    ('s17', reading.s17),
    ('s20', reading.s20),
    ('s21', reading.s21)
) as sensor (column_name, value)
where (select public.may_read('sensor_values'));

comment on view public.sensor_values is
  'Readings in long form: one row per reading and sensor, with the operating condition.';
comment on column public.sensor_values.engine_id is 'Engine that was measured; engines.id.';
comment on column public.sensor_values.cycle is 'Flight cycle of the engine, counted from 1.';
comment on column public.sensor_values."timestamp" is 'Time of the measurement (UTC).';
comment on column public.sensor_values.condition is 'Operating condition; 0: none of the known ones.';
comment on column public.sensor_values.column_name is 'Sensor: s2 to s21, as in sensor_data.';
comment on column public.sensor_values.value is 'Its value, in the unit of sensor_data''s column; null where it gave none.';
