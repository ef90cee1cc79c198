-- Whether models should be trained again, decided once per logical time and kept with what the decision rests on, and
-- what became of the call of the hook that follows from it.
--
--   hook_state  not_needed   nobody is to be called; hook_note says why
--               due          to be called → called | failed | dead
--               failed       the last call failed and is to be repeated → called | failed | dead
--               called       the receiver has accepted it
--               dead         refused, or tried as often as is tried
create table public.retraining_decisions (
  as_of timestamptz primary key,
  retrain boolean not null,
  reasons text[] not null,
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
  decided_at timestamptz not null default now(),
  criteria text[] not null default '{}',
  hook_state text not null default 'not_needed' check (hook_state in ('not_needed', 'due', 'failed', 'called', 'dead')),
  hook_note text,
  hook_key uuid not null default gen_random_uuid() unique,
  hook_attempts integer not null default 0 check (hook_attempts >= 0),
  hook_next_at timestamptz,
  hook_lease uuid,
  hook_leased_until timestamptz,
  hook_error text,
  hook_called_at timestamptz,
  hook_receiver text check (hook_receiver in ('webhook', 'sagemaker')),
  hook_answer text,
  check (retrain = (cardinality(reasons) > 0)),
  check (hook_state = 'not_needed' or retrain),
  check ((hook_state = 'called') = (hook_called_at is not null)),
  check ((hook_lease is null) = (hook_leased_until is null)),
  check (hook_state not in ('failed', 'dead') or hook_error is not null)
);
create index retraining_decisions_to_call on public.retraining_decisions (as_of) where hook_state in ('due', 'failed');

comment on table public.retraining_decisions is
  'Decisions whether to train models again: one per run of the pipeline, with reasons and evidence, and what became of the call of the hook.';
comment on column public.retraining_decisions.as_of is 'Moment the decision is about (UTC).';
comment on column public.retraining_decisions.retrain is 'Whether models should be trained again.';
comment on column public.retraining_decisions.reasons is 'Which thresholds were crossed, in words; empty when none was.';
comment on column public.retraining_decisions.evidence is
  'Each criterion by name: verdict (pass, fail or not_evaluated), value, threshold, reason where it was not judged, and details.';
comment on column public.retraining_decisions.decided_at is 'When it was decided (UTC).';
comment on column public.retraining_decisions.criteria is 'Names of the criteria that failed, in the order of reasons.';
comment on column public.retraining_decisions.hook_state is
  'not_needed: nobody is to be called; due; failed: to be called again; called; dead: refused, or tried too often.';
comment on column public.retraining_decisions.hook_note is 'Why nobody is to be called although models should be trained again.';
comment on column public.retraining_decisions.hook_key is
  'What each call for this decision carries, so that the receiver can tell a repetition: Idempotency-Key, ClientRequestToken.';
comment on column public.retraining_decisions.hook_attempts is 'How often the hook has been called, or begun to be.';
comment on column public.retraining_decisions.hook_next_at is 'Before this moment it is not called again (UTC).';
comment on column public.retraining_decisions.hook_lease is 'Whoever is calling it; null when nobody is.';
comment on column public.retraining_decisions.hook_leased_until is 'When that one is taken for dead (UTC).';
comment on column public.retraining_decisions.hook_error is 'Why the last call failed.';
comment on column public.retraining_decisions.hook_called_at is 'When the receiver accepted it (UTC).';
comment on column public.retraining_decisions.hook_receiver is 'What was called: webhook or sagemaker.';
comment on column public.retraining_decisions.hook_answer is
  'What the receiver called what it started: the PipelineExecutionArn, or the id that a webhook answers with.';
