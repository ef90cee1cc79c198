-- Until 0.5 a function in Postgres, which is gone, looked for anomalies, and they were kept for ever. What the catalogue says
-- of that is brought up to date where it is still as it was seeded.
update public.data_assets
set
  sources = '{models, sensor_data, sensor_baselines, unscored_readings}',
  transforms = '{/worker, record_anomalies()}',
  retention_days = coalesce(retention_days, 365)
where name = 'anomalies' and transforms = '{detect_anomalies(), task_anomalies()}';

update public.data_assets
set consumers = case name when 'sensor_values' then array_remove(consumers, 'detect_anomalies()')
  else array_replace(consumers, 'detect_anomalies()', '/worker') end
where 'detect_anomalies()' = any (consumers);
