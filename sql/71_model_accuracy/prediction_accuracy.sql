-- How each version of each model has done on the engines that have failed since: prediction_errors summed up.
--
-- phm08 is the score of the PHM08 challenge (Saxena et al. 2008): too late weighs more than too early. Its exponent is
-- bounded, as a prediction of a million cycles must not end the query.
--
--   select model_name, model_version, predictions, rmse, coverage from prediction_accuracy order by rmse;
create view public.prediction_accuracy
with (security_invoker = true) as
select
  errors.model_name,
  errors.model_version,
  count(*) as predictions,
  count(distinct errors.engine_id) as engines,
  sqrt(avg(missed.by ^ 2)) as rmse,
  avg(abs(missed.by)) as mae,
  avg(missed.by) as bias,
  sum(exp(least(case when missed.by < 0 then - missed.by / 13 else missed.by / 10 end, 500)) - 1) as phm08,
  avg(errors.in_interval::integer::double precision) as coverage,
  min(errors.predicted_at) as first_predicted_at,
  max(errors.predicted_at) as last_predicted_at
from public.prediction_errors as errors
cross join lateral (select errors.predicted_rul::double precision - errors.actual_rul as by) as missed
where (select public.may_read('prediction_accuracy'))
group by errors.model_name, errors.model_version;

comment on view public.prediction_accuracy is
  'How each version of each model has done on engines that have failed since: errors of its predictions and coverage of its intervals.';
comment on column public.prediction_accuracy.model_name is 'Name of the model.';
comment on column public.prediction_accuracy.model_version is 'Version of the model.';
comment on column public.prediction_accuracy.predictions is 'How many of its predictions are judged.';
comment on column public.prediction_accuracy.engines is 'How many engines they are about.';
comment on column public.prediction_accuracy.rmse is 'Root mean square error, in flight cycles.';
comment on column public.prediction_accuracy.mae is 'Mean absolute error, in flight cycles.';
comment on column public.prediction_accuracy.bias is
  'Mean of predicted less actual, in flight cycles: above 0 it promises more life than there was.';
comment on column public.prediction_accuracy.phm08 is 'Score of the PHM08 challenge, summed over the predictions; 0 is best.';
comment on column public.prediction_accuracy.coverage is
  'Share of the intervals that held the actual remaining life; null where no prediction has one.';
comment on column public.prediction_accuracy.first_predicted_at is 'When the first of them was made (UTC).';
comment on column public.prediction_accuracy.last_predicted_at is 'When the last of them was made (UTC).';
