-- How far predictions of remaining useful life were from what came: one row per prediction for an engine that has failed
-- since. What actual_rul is says engine_predictions.
--
--   select * from prediction_errors where model_name = 'rul' order by abs(predicted_rul - actual_rul) desc limit 20;
create view public.prediction_errors
with (security_invoker = true) as
select
  prediction.model_name,
  prediction.model_version,
  prediction.engine_id,
  prediction.cycle,
  prediction.predicted_rul,
  prediction.actual_rul,
  prediction.predicted_at,
  prediction.in_interval
from public.engine_predictions as prediction
where prediction.actual_rul is not null and (select public.may_read('prediction_errors'));

comment on view public.prediction_errors is
  'Predictions for engines that have failed since, with the remaining life that they turned out to have, capped as labels are.';
comment on column public.prediction_errors.model_name is 'Name of the model.';
comment on column public.prediction_errors.model_version is 'Version of the model.';
comment on column public.prediction_errors.engine_id is 'Engine the prediction was about; engines.id.';
comment on column public.prediction_errors.cycle is 'Last flight cycle the model had seen.';
comment on column public.prediction_errors.predicted_rul is 'Predicted remaining useful life after that cycle, in flight cycles.';
comment on column public.prediction_errors.actual_rul is
  'Remaining useful life that the engine turned out to have after that cycle, in flight cycles, at most the cap of its label.';
comment on column public.prediction_errors.predicted_at is 'When the prediction was made (UTC).';
comment on column public.prediction_errors.in_interval is
  'Whether actual_rul lies in the prediction interval; null where the prediction has none.';
