-- What speaks for training models again, one row a criterion. A criterion that could not be judged has not passed:
-- it is not_evaluated, with the reason.
--
--   drift              share of the judged engines that drift, in the run of the checks of the last 24 hours. Five engines
--                      at least: of fewer, one with a broken sensor is already a fifth.
--   fleet_drift        sensors by which cohorts of the fleet differ, in that run.
--   prediction_error   root mean square error of the predictions of the last 90 days for engines that have failed since,
--                      of the versions that are in use; the worst model decides. What has gone wrong with a version that
--                      has been replaced is no reason any more.
--   interval_coverage  share of these predictions whose interval held the truth, of the share it promised. A model can
--                      be right on average and yet promise what it does not keep, and people plan by the lower bound.
--                      Predictions for one engine are right or wrong together, so that it takes ten engines: of ten such
--                      engines with a true coverage of 0.8 fewer than six are held (0.75 of 0.8) in 3 % of cases.
--   model_age          age of the oldest active model, in days. That there is no model is no reason: what was never
--                      trained here may have been trained elsewhere, and its hook would be called every hour.
--
--   as_of     the moment that is judged
--   returns   value and threshold in the units above; value is null where nothing was measured
--
--   select * from retraining_criteria();
create or replace function public.retraining_criteria(as_of timestamptz default now())
returns table (
  criterion text,
  verdict text,
  value double precision,
  threshold double precision,
  reason text,
  details jsonb
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
#variable_conflict use_column
declare
  moment constant timestamptz := retraining_criteria.as_of;
begin
  return query
  with settings as (
    select * from public.model_settings
  ),
  checked as (
    select distinct on (metric.metric_name) metric.metric_name, metric.status, metric.metric_value, metric.evidence,
      metric.check_timestamp
    from public.data_quality_metrics as metric
    where metric.metric_name in ('drift', 'fleet_drift') and metric.engine_id is null
      and metric.check_timestamp <= moment and metric.check_timestamp > moment - interval '24 hours'
    order by metric.metric_name, metric.check_timestamp desc, metric.id desc
  ),
  drift as (
    select
      (checked.evidence ->> 'engines')::integer - coalesce((checked.evidence ->> 'not_evaluated_engines')::integer, 0) as judged,
      coalesce((checked.evidence ->> 'failing_count')::integer, 0) as drifting,
      checked.check_timestamp
    from checked
    where checked.metric_name = 'drift'
  ),
  predicted as materialized (
    select prediction.model_name, prediction.model_version, max(prediction.predicted_at) as last_predicted_at
    from public.rul_predictions as prediction
    where prediction.predicted_at > moment - interval '90 days' and prediction.predicted_at <= moment
    group by prediction.model_name, prediction.model_version
  ),
  -- of a model that was trained here its active version, of somebody's own the one that predicted last
  used as materialized (
    select distinct on (predicted.model_name) predicted.model_name, predicted.model_version
    from predicted
    left join public.models on models.purpose = 'rul' and models.name = predicted.model_name
      and models.version::text = predicted.model_version
    where models.active
      or models.id is null and not exists (
        select from public.models as own where own.purpose = 'rul' and own.name = predicted.model_name
      )
    order by predicted.model_name, predicted.last_predicted_at desc, predicted.model_version desc
  ),
  accuracy as (
    select
      used.model_name,
      used.model_version,
      count(*) as predictions,
      count(distinct missed.engine_id) as engines,
      sqrt(avg((missed.predicted_rul::double precision - missed.actual_rul) ^ 2)) as rmse,
      count(distinct missed.engine_id) filter (where missed.in_interval is not null) as engines_with_interval,
      count(missed.in_interval) as intervals,
      avg(missed.in_interval::integer::double precision) as coverage,
      avg(missed.interval_level::numeric)::double precision as promised
    from used
    -- the view knows that only engines that have failed have an answer, the planner does not
    join public.engines on engines.status = 'failed'
    join public.engine_predictions as missed
      on missed.engine_id = engines.id
      and missed.model_name = used.model_name and missed.model_version = used.model_version
    where missed.actual_rul is not null
      and missed.predicted_at > moment - interval '90 days' and missed.predicted_at <= moment
    group by used.model_name, used.model_version
  ),
  errors as (
    select
      max(accuracy.rmse) filter (where accuracy.predictions >= settings.least_predictions) as rmse,
      sum(accuracy.predictions) as predictions,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.predictions,
          'engines', accuracy.engines, 'rmse', accuracy.rmse
        )
        order by accuracy.rmse desc
      ) as models,
      min(accuracy.coverage / accuracy.promised) filter (
        where accuracy.intervals >= settings.least_predictions and accuracy.engines_with_interval >= 10
      ) as kept,
      jsonb_agg(
        jsonb_build_object(
          'model', accuracy.model_name, 'version', accuracy.model_version, 'predictions', accuracy.intervals,
          'engines', accuracy.engines_with_interval, 'coverage', accuracy.coverage, 'promised', accuracy.promised
        )
        order by accuracy.coverage / accuracy.promised
      ) filter (where accuracy.intervals > 0) as intervals
    from settings
    left join accuracy on true
    group by settings.least_predictions
  ),
  age as (
    select
      extract(epoch from moment - min(models.trained_at))::double precision / 86400 as days,
      jsonb_agg(
        jsonb_build_object(
          'model', models.name, 'version', models.version, 'purpose', models.purpose, 'trained_at', models.trained_at
        )
        order by models.trained_at, models.name
      ) as models
    from public.models
    where models.active and models.trained_at <= moment
  ),
  measured (place, criterion, value, threshold, unjudged, fails_below, details) as (
    select
      1, 'drift',
      case when drift.judged >= 5 then drift.drifting::double precision / drift.judged end,
      settings.most_drifting_share,
      case
        when drift.judged is null then 'no run of the checks in the 24 hours before has judged drift'
        when drift.judged < 5 then format('%s engines are judged, and 5 must be', drift.judged)
      end,
      false,
      jsonb_build_object('judged_engines', drift.judged, 'drifting_engines', drift.drifting, 'checked_at', drift.check_timestamp)
    from settings
    left join drift on true
    union all
    select
      2, 'fleet_drift',
      checked.metric_value,
      0,
      case
        when checked.status is null then 'no run of the checks in the 24 hours before has judged it'
        when checked.status = 'not_evaluated' then coalesce(checked.evidence ->> 'reason', 'the checks could not judge it')
      end,
      false,
      jsonb_build_object('failing', checked.evidence -> 'failing', 'checked_at', checked.check_timestamp)
    from settings
    left join checked on checked.metric_name = 'fleet_drift'
    union all
    select
      3, 'prediction_error',
      errors.rmse,
      settings.most_prediction_rmse,
      case
        when errors.rmse is null then format(
          'no model in use has %s predictions of the last 90 days for engines that have failed since',
          settings.least_predictions
        )
      end,
      false,
      jsonb_build_object('predictions', coalesce(errors.predictions, 0), 'models', case when errors.predictions > 0 then errors.models end)
    from settings
    cross join errors
    union all
    select
      4, 'interval_coverage',
      errors.kept,
      settings.least_coverage,
      case
        when errors.kept is null then format(
          'no model in use has intervals of %s such predictions for 10 engines', settings.least_predictions
        )
      end,
      true,
      jsonb_build_object('models', errors.intervals)
    from settings
    cross join errors
    union all
    select
      5, 'model_age',
      age.days,
      extract(epoch from settings.oldest_model)::double precision / 86400,
      case when age.days is null then 'no model has been trained here: deno task train' end,
      false,
      jsonb_build_object('models', age.models)
    from settings
    cross join age
  )
  select
    measured.criterion,
    case
      when measured.unjudged is not null then 'not_evaluated'
      when measured.fails_below and measured.value < measured.threshold then 'fail'
      when not measured.fails_below and measured.value > measured.threshold then 'fail'
      else 'pass'
    end,
    measured.value,
    measured.threshold,
    measured.unjudged,
    jsonb_strip_nulls(measured.details)
  from measured
  order by measured.place;
end;
$$;

comment on function public.retraining_criteria(timestamptz) is
  'What speaks for training models again as of a moment: value, threshold and verdict of each criterion.';
