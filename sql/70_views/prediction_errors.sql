-- How far predictions of remaining useful life were from what came: one row per prediction for an engine that has failed
-- since. The true remaining life is capped as labels are: at engines.rul_cap, and for a model trained here also at the
-- cap it was trained with, because a model that has learned "125 or more" does not miss by 75 when 200 are left.
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
  truth.actual_rul,
  prediction.predicted_at,
  truth.actual_rul >= prediction.lower_bound and truth.actual_rul <= prediction.upper_bound as in_interval
from public.rul_predictions as prediction
join public.engines on engines.id = prediction.engine_id
left join public.models
  on models.purpose = 'rul'
  and models.name = prediction.model_name
  and models.version::text = prediction.model_version
cross join lateral (
  select
    least(
      engines.rul_cap, (models.settings ->> 'rul_cap')::integer, engines.life_cycles - prediction.cycle
    ) as actual_rul
) as truth
where engines.status = 'failed'
  and engines.life_cycles >= prediction.cycle
  and (select public.may_read('prediction_errors'));

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
