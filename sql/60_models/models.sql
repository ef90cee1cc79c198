-- Models that have been trained, each version with what it was trained on, how it did, and all that it needs to be used
-- again. A new version takes the place of the active one in the transaction that stores it; the earlier ones stay, so
-- that what they found or predicted can be traced.
create table public.models (
  id bigint generated always as identity primary key,
  purpose text not null check (purpose in ('anomaly', 'rul')),
  name text not null check (name <> ''),
  version integer not null check (version > 0),
  dataset text,
  active boolean not null default true,
  features text[] not null check (cardinality(features) > 0),
  trained_from timestamptz not null,
  trained_until timestamptz not null,
  engines integer not null check (engines > 0),
  readings bigint not null check (readings > 0),
  seed bigint not null,
  settings jsonb not null check (jsonb_typeof(settings) = 'object'),
  metrics jsonb not null check (jsonb_typeof(metrics) = 'object'),
  content jsonb not null check (jsonb_typeof(content) = 'object'),
  code_version text not null,
  trained_at timestamptz not null default now(),
  check (trained_from <= trained_until),
  unique (name, version)
);
create unique index models_active on public.models (purpose, coalesce(dataset, '')) where active;

comment on table public.models is
  'Versions of trained models: what each was trained on, how it was evaluated, and its content.';
comment on column public.models.id is 'Identifier.';
comment on column public.models.purpose is 'anomaly: scores how unlike healthy readings a reading is; rul: predicts remaining useful life.';
comment on column public.models.name is 'Name, which all versions share.';
comment on column public.models.version is 'Version, counted from 1 by name.';
comment on column public.models.dataset is
  'Set of engines it is for (engines.dataset, FD001 for example); null: every engine without a model of its own.';
comment on column public.models.active is 'Whether it is in use; one for each purpose and set of engines.';
comment on column public.models.features is 'Columns of sensor_data that it looks at, in its order.';
comment on column public.models.trained_from is 'Time of the first reading it was trained on (UTC).';
comment on column public.models.trained_until is 'Time of the last reading it was trained on (UTC).';
comment on column public.models.engines is 'How many engines it was trained on.';
comment on column public.models.readings is 'How many readings it was trained on.';
comment on column public.models.seed is 'Seed of all that was drawn: with the same readings it gives the same model.';
comment on column public.models.settings is 'Hyperparameters.';
comment on column public.models.metrics is
  'Evaluation on engines it was not trained on. Of anomaly: of every detector, with its threshold.';
comment on column public.models.content is 'The model itself, as the code that made it reads it.';
comment on column public.models.code_version is 'Version of the code that trained it.';
comment on column public.models.trained_at is 'When it was trained (UTC).';
