-- Part of service_levels: how well the detector in use tells readings of healthy engines from those close to failure.
--
-- Only engines that have failed say what was right, so this is the evaluation that was stored when the model was trained, on
-- engines it was not trained on, and not of the stretch of time that is asked for. The measure is balanced accuracy, the
-- mean of the shares of failing and of healthy readings that it is right about: with few failing readings among many
-- healthy ones a detector that never finds anything would be right nearly always. Of several models the worst counts.
--
--   returns  one row
create or replace function public.detection_service_level()
returns table (measure text, value double precision, is_broken boolean, reason text, evidence jsonb)
language sql
stable
security invoker
set search_path = ''
as $$
  with evaluated as (
    select
      models.name,
      models.version,
      models.dataset,
      models.trained_at,
      models.metrics -> 'evaluated_on' as evaluated_on,
      models.metrics -> 'detectors' -> settings.anomaly_detector as evaluation,
      settings.anomaly_detector as detector
    from public.models
    cross join public.model_settings as settings
    where models.active and models.purpose = 'anomaly'
  ),
  judged as (
    select
      evaluated.*,
      ((evaluation ->> 'recall')::double precision + 1 - (evaluation ->> 'falseAlarmRate')::double precision) / 2 as accuracy
    from evaluated
  )
  select
    'anomaly_detection_accuracy',
    min(judged.accuracy),
    false,
    case
      when count(*) = 0 then 'no model has been trained'
      else 'no engine had failed when the models were trained, so nothing said what is right'
    end,
    jsonb_build_object('models', coalesce(
      jsonb_agg(jsonb_build_object(
        'name', judged.name,
        'version', judged.version,
        'dataset', judged.dataset,
        'detector', judged.detector,
        'trained_at', judged.trained_at,
        'evaluated_on', judged.evaluated_on,
        'balanced_accuracy', judged.accuracy,
        'recall', judged.evaluation -> 'recall',
        'precision', judged.evaluation -> 'precision',
        'false_alarm_rate', judged.evaluation -> 'falseAlarmRate',
        'roc_auc', judged.evaluation -> 'rocAuc'
      ) order by judged.accuracy, judged.name),
      '[]'
    ))
  from judged;
$$;

comment on function public.detection_service_level() is
  'Part of service_levels: balanced accuracy of the detector in use, by the evaluation stored with the models.';
