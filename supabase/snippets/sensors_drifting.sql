-- Sensors that have moved away from the baseline of their engine in a way that wear does not explain. Shifts are in
-- standard deviations of the baseline.
select
  engines.unit_number,
  sensor_drift.column_name as sensor,
  sensor_drift.ks_statistic,
  sensor_drift.q_value,
  sensor_drift.mean_shift,
  sensor_drift.wear_shift,
  sensor_drift.wear,
  sensor_drift.window_start,
  sensor_drift.window_end
from sensor_drift
join engines on engines.id = sensor_drift.engine_id
where sensor_drift.verdict = 'drift' -- 'degradation': moved as wear moves them
order by sensor_drift.ks_statistic desc;
