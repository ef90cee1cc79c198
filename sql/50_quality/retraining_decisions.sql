-- Whether models should be trained again, decided once per logical time and kept with what the decision rests on.
create table public.retraining_decisions (
  as_of timestamptz primary key,
  retrain boolean not null,
  reasons text[] not null,
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
  decided_at timestamptz not null default now(),
  check (retrain = (cardinality(reasons) > 0))
);

comment on table public.retraining_decisions is
  'Decisions whether to train models again: one per run of the pipeline, with reasons and evidence.';
comment on column public.retraining_decisions.as_of is 'Moment the decision is about (UTC).';
comment on column public.retraining_decisions.retrain is 'Whether models should be trained again.';
comment on column public.retraining_decisions.reasons is 'Which thresholds were crossed, in words; empty when none was.';
comment on column public.retraining_decisions.evidence is 'Measured values and their thresholds.';
comment on column public.retraining_decisions.decided_at is 'When it was decided (UTC).';
