-- The measured columns of sensor_data in their order; arrays of values, bounds and counts are in this order.
create or replace function public.value_columns()
returns text[]
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select array[
    'altitude', 'mach_number', 'tra', 's2', 's3', 's4', 's7', 's8', 's9', 's11', 's12', 's13', 's14', 's15', 's17',
    's20', 's21'
  ];
$$;

comment on function public.value_columns() is
  'Names of the measured columns of sensor_data (three settings, fourteen sensors), in their order.';
