-- Predicted remaining useful life. A model predicts once per engine and cycle; predicting again with the same
-- model version replaces nothing and is a conflict, so that a history of predictions stays a history.
create table public.rul_predictions (
  id bigint generated always as identity primary key,
  engine_id uuid not null references public.engines (id),
  cycle integer not null check (cycle > 0),
  predicted_rul real not null check (predicted_rul >= 0 and predicted_rul < 'Infinity'),
  lower_bound real check (lower_bound >= 0),
  upper_bound real,
  interval_level real check (interval_level > 0 and interval_level < 1),
  model_name text not null,
  model_version text not null,
  predicted_at timestamptz not null default now(),
  check (lower_bound <= predicted_rul and predicted_rul <= upper_bound),
  check ((lower_bound is null) = (interval_level is null) and (upper_bound is null) = (interval_level is null)),
  unique (engine_id, model_name, model_version, cycle)
);
create index rul_predictions_predicted_at on public.rul_predictions (predicted_at);
create index rul_predictions_newest on public.rul_predictions (engine_id, model_name, cycle desc, predicted_at desc, id desc);

comment on table public.rul_predictions is
  'Predicted remaining useful life: one row per engine, cycle and model version.';
comment on column public.rul_predictions.id is 'Identifier.';
comment on column public.rul_predictions.engine_id is 'Engine the prediction is about; engines.id.';
comment on column public.rul_predictions.cycle is 'Last flight cycle the model had seen.';
comment on column public.rul_predictions.predicted_rul is 'Predicted remaining useful life after that cycle, in flight cycles. Of a model trained here at most its cap (models.settings, 125), which means as many or more.';
comment on column public.rul_predictions.lower_bound is 'Lower end of the prediction interval, in flight cycles.';
comment on column public.rul_predictions.upper_bound is 'Upper end of the prediction interval, in flight cycles. Of a model trained here at most its cap: an end there is open, as more may be left.';
comment on column public.rul_predictions.interval_level is
  'Nominal coverage of the interval, for example 0.9; null when there is none. Of a model trained here: how many of the remaining lives, capped as its labels are, such intervals hold. Of lives without a cap they hold fewer.';
comment on column public.rul_predictions.model_name is 'Name of the model.';
comment on column public.rul_predictions.model_version is 'Version of the model.';
comment on column public.rul_predictions.predicted_at is 'When the prediction was made (UTC).';
