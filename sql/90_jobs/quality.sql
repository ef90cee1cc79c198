-- The one row that rollup_horizon consists of, and the readings that were there before rollups were.
insert into public.rollup_horizon default values on conflict do nothing;

select public.watch_sensor_data_writes(relation::regclass)
from (
  select 'public.sensor_data'::regclass as relation
  union all
  select inhrelid from pg_catalog.pg_inherits where inhparent = 'public.sensor_data'::regclass
) as written;

insert into public.sensor_data_changes (hours)
select '{(,)}'
where exists (select from public.sensor_data) and not exists (select from public.engine_baselines);

-- How wear moves the sensors of FD001's hundred training engines, measured by learn_wear_signatures: what is assumed
-- of fleets of which fewer than ten engines have failed. Core speed (s9, s14) rises in some engines and falls in
-- others, hence their spread.
insert into public.wear_signatures (dataset, column_name, shift, spread, engines)
values
  (null, 's2', 3.10, 0.33, 100),
  (null, 's3', 2.77, 0.37, 100),
  (null, 's4', 4.56, 0.35, 100),
  (null, 's7', -4.27, 0.53, 100),
  (null, 's8', 3.90, 1.39, 100),
  (null, 's9', 6.48, 8.32, 100),
  (null, 's11', 5.41, 0.53, 100),
  (null, 's12', -4.90, 0.61, 100),
  (null, 's13', 3.95, 1.49, 100),
  (null, 's14', 5.81, 9.77, 100),
  (null, 's15', 3.70, 0.30, 100),
  (null, 's17', 3.09, 0.41, 100),
  (null, 's20', -3.45, 0.38, 100),
  (null, 's21', -3.50, 0.34, 100)
on conflict do nothing;
