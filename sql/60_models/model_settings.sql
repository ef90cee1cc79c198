-- How models are used, and when they are to be trained again. One row, edited in Studio; it takes effect with the next run.
create table public.model_settings (
  id boolean primary key default true check (id),
  anomaly_detector text not null default 'mean_abs_z'
    check (anomaly_detector in ('mean_abs_z', 'isolation_forest', 'mahalanobis')),
  score_at_intake boolean not null default false,
  intake_budget interval not null default '50 milliseconds'
    check (intake_budget > '0' and intake_budget <= '5 seconds'),
  rul_model text check (rul_model <> ''),
  most_drifting_share double precision not null default 0.2 check (most_drifting_share between 0 and 1),
  most_prediction_rmse double precision not null default 20 check (most_prediction_rmse > 0),
  least_predictions integer not null default 30 check (least_predictions > 0),
  least_coverage double precision not null default 0.75 check (least_coverage between 0 and 1),
  oldest_model interval not null default '180 days' check (oldest_model > '0'),
  retrain_again_after interval not null default '7 days' check (retrain_again_after > '0')
);

comment on table public.model_settings is
  'How models are used and when they are to be trained again. Exactly one row; a change takes effect with the next run.';
comment on column public.model_settings.id is 'Always true: it keeps the table at one row.';
comment on column public.model_settings.anomaly_detector is
  'Which detector decides what an anomaly is: mean_abs_z, isolation_forest or mahalanobis. models.metrics compares them.';
comment on column public.model_settings.score_at_intake is
  'Whether readings are scored as they arrive, and not only by the hourly pipeline.';
comment on column public.model_settings.intake_budget is
  'How long scoring may take of a request; what is not scored by then is left to the pipeline.';
comment on column public.model_settings.rul_model is
  'Name of the model whose predicted remaining life is preferred; null: one that was trained here.';
comment on column public.model_settings.most_drifting_share is 'Share of the judged engines that may drift before models are to be trained again.';
comment on column public.model_settings.most_prediction_rmse is
  'Root mean square error, in flight cycles, that predictions for engines which have since failed may have.';
comment on column public.model_settings.least_predictions is 'Fewest such predictions that their error is judged by.';
comment on column public.model_settings.least_coverage is
  'How much of the coverage that prediction intervals promise they must have: 0.75 of 0.8 is 0.6.';
comment on column public.model_settings.oldest_model is 'Age from which on a model is to be trained again.';
comment on column public.model_settings.retrain_again_after is
  'How long after a call of the hook the same reasons do not call it again, unless a model has been trained since.';
