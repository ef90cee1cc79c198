-- What the catalogue says of health and of decisions to train again, brought up to date where it is still as it was seeded.
update public.data_assets
set sources =
  '{anomalies, anomaly_episodes, check_runs, data_quality_metrics, engine_cadences, engine_health_reports, engines, latest_predictions, model_settings, sensor_data, sensor_drift, sensor_modules}'
where name = 'engine_health'
  and sources = '{check_runs, data_quality_metrics, engine_cadences, engines, sensor_data, sensor_drift}';

update public.data_assets
set
  sources = '{data_quality_metrics, engine_predictions, model_settings, models, rul_predictions}',
  transforms = '{check_retraining(), task_retraining_check(), /worker}',
  consumers = '{/quality, /worker}'
where name = 'retraining_decisions' and sources = '{sensor_drift, data_quality_metrics, anomalies}';

update public.data_assets
set sources = '{anomalies, data_quality_metrics, jobs, pipeline_runs, retraining_decisions}'
where name = 'alerts' and sources = '{data_quality_metrics, jobs, pipeline_runs}';
