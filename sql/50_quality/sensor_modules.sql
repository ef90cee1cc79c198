-- Which module of the engine each sensor tells of, so that a sensor that stands out can be said in terms of what a mechanic
-- can look at. Rows, not code: an operator who knows better writes it here.
create table public.sensor_modules (
  column_name text not null check (column_name ~ '^s[0-9]{1,2}$'),
  module text not null check (module in ('fan', 'LPC', 'HPC', 'combustor', 'HPT', 'LPT', 'bypass')),
  measures text not null check (measures <> ''),
  primary key (column_name, module)
);

comment on table public.sensor_modules is
  'Modules of the engine that each sensor tells of, after Saxena et al. 2008, table 2. A hint where to look, not a diagnosis: modules act on each other.';
comment on column public.sensor_modules.column_name is 'Sensor, s11 for example.';
comment on column public.sensor_modules.module is
  'fan; LPC, HPC: low- and high-pressure compressor; combustor; HPT, LPT: high- and low-pressure turbine; bypass.';
comment on column public.sensor_modules.measures is 'What the sensor measures.';
