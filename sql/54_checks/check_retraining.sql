-- Decides whether models should be trained again: when more than a fifth of the engines that were judged drift, when
-- cohorts of the fleet differ, or when predictions miss the life of engines that have failed since by more than 20
-- cycles (root mean square of predictions of the last 90 days, true lives capped as labels are).
--
--   as_of    moment of the decision; the same moment again replaces its decision
--   returns  {"retrain", "reasons", "evidence"}
--
--   select check_retraining();
create or replace function public.check_retraining(as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  evidence jsonb;
  reasons text[];
begin
  select jsonb_build_object(
    'judged_engines', drift.judged,
    'drifting_engines', drift.drifting,
    'most_drifting_share', 0.2,
    'fleet_drift', fleet.status,
    'predictions', error.predictions,
    'prediction_rmse', error.rmse,
    'most_prediction_rmse', 20
  )
  into evidence
  from (
    -- of the run of the checks, not the present state: that may be later
    select
      coalesce(max((run.evidence ->> 'engines')::integer - coalesce((run.evidence ->> 'not_evaluated_engines')::integer, 0)), 0)
        as judged,
      coalesce(max((run.evidence ->> 'failing_count')::integer), 0) as drifting
    from (
      select metric.evidence
      from public.data_quality_metrics as metric
      where metric.metric_name = 'drift' and metric.engine_id is null
        and metric.check_timestamp <= check_retraining.as_of
      order by metric.check_timestamp desc
      limit 1
    ) as run
  ) as drift
  cross join (
    select (
      select metric.status
      from public.data_quality_metrics as metric
      where metric.metric_name = 'fleet_drift' and metric.engine_id is null
        and metric.check_timestamp <= check_retraining.as_of
      order by metric.check_timestamp desc
      limit 1
    ) as status
  ) as fleet
  cross join (
    select
      count(*) as predictions,
      sqrt(avg((prediction.predicted_rul - least(engines.rul_cap, engines.life_cycles - prediction.cycle)) ^ 2)) as rmse
    from public.rul_predictions as prediction
    join public.engines on engines.id = prediction.engine_id
    where engines.status = 'failed' and engines.life_cycles >= prediction.cycle
      and prediction.predicted_at > check_retraining.as_of - interval '90 days'
      and prediction.predicted_at <= check_retraining.as_of
  ) as error;

  reasons := array_remove(array[
    case when (evidence ->> 'drifting_engines')::numeric > 0.2 * (evidence ->> 'judged_engines')::numeric then
      format('%s of %s engines drift', evidence ->> 'drifting_engines', evidence ->> 'judged_engines')
    end,
    case when evidence ->> 'fleet_drift' = 'fail' then 'cohorts of the fleet differ' end,
    case when (evidence ->> 'prediction_rmse')::numeric > 20 then
      format('predictions miss by %s cycles', round((evidence ->> 'prediction_rmse')::numeric, 1))
    end
  ], null);

  insert into public.retraining_decisions (as_of, retrain, reasons, evidence)
  values (check_retraining.as_of, cardinality(reasons) > 0, reasons, evidence)
  on conflict on constraint retraining_decisions_pkey do update set
    retrain = excluded.retrain, reasons = excluded.reasons, evidence = excluded.evidence, decided_at = now();
  return jsonb_build_object('retrain', cardinality(reasons) > 0, 'reasons', to_jsonb(reasons), 'evidence', evidence);
end;
$$;

comment on function public.check_retraining(timestamptz) is
  'Decides with evidence whether models should be trained again, and keeps the decision.';
