-- Decides whether models should be trained again: when one of retraining_criteria() fails. The decision is kept with all
-- of them, and says whether the hook is to be called.
--
-- It is, unless a call for the same reasons is under way or was made within model_settings.retrain_again_after and no
-- model has come since. The same reasons: each criterion that fails now was among those of that call. A model has come
-- when one was trained here, or when predictions of a version have arrived that none had come of before. A call that
-- was refused or given up holds nothing back, so that the next decision calls again once the receiver is mended. Of
-- several decisions that wait for their call only the newest matters, so a newer one takes their place, and one that
-- says no takes them back. A decision about a moment more than a day ago (a backfill) calls nobody.
--
--   as_of    moment of the decision; the same moment again replaces its decision as long as nobody has been called
--   returns  {"retrain", "reasons", "evidence", "hook_state", "hook_note"}: the decision that stands
--
--   select check_retraining();
create or replace function public.check_retraining(as_of timestamptz default now())
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
  failing text[];
  words text[];
  grounds jsonb;
  note text;
begin
  -- two that decide at once would both find that nobody has been called
  perform pg_advisory_xact_lock(hashtext('public.retraining_decisions'));
  select
    coalesce(array_agg(judged.criterion order by judged.place) filter (where judged.verdict = 'fail'), '{}'),
    coalesce(
      array_agg(
        case judged.criterion
          when 'drift' then
            format('%s of %s engines drift', judged.details ->> 'drifting_engines', judged.details ->> 'judged_engines')
          when 'fleet_drift' then 'cohorts of the fleet differ'
          when 'prediction_error' then format('predictions miss by %s cycles', round(judged.value::numeric, 1))
          when 'interval_coverage' then
            format('prediction intervals keep %s %% of what they promise', round(judged.value::numeric * 100))
          when 'model_age' then format('a model is %s days old', floor(judged.value))
        end
        order by judged.place
      ) filter (where judged.verdict = 'fail'),
      '{}'
    ),
    jsonb_object_agg(
      judged.criterion,
      jsonb_strip_nulls(jsonb_build_object(
        'verdict', judged.verdict, 'value', judged.value, 'threshold', judged.threshold, 'reason', judged.reason
      )) || jsonb_build_object('details', judged.details)
    )
  into failing, words, grounds
  from public.retraining_criteria(check_retraining.as_of) with ordinality as judged (
    criterion, verdict, value, threshold, reason, details, place
  );
  note := public.retraining_hook_note(check_retraining.as_of, failing);

  insert into public.retraining_decisions as decision (as_of, retrain, reasons, evidence, criteria, hook_state, hook_note)
  values (
    check_retraining.as_of, cardinality(failing) > 0, words, grounds, failing,
    case when cardinality(failing) > 0 and note is null then 'due' else 'not_needed' end, note
  )
  on conflict on constraint retraining_decisions_pkey do update set
    retrain = excluded.retrain, reasons = excluded.reasons, evidence = excluded.evidence, criteria = excluded.criteria,
    hook_state = excluded.hook_state, hook_note = excluded.hook_note, decided_at = now()
  where decision.hook_attempts = 0;

  update public.retraining_decisions as earlier
  set
    hook_state = 'not_needed',
    hook_note = case
      when newest.retrain then 'a newer decision takes its place'
      else 'a newer decision says that it is not needed any more'
    end,
    hook_lease = null,
    hook_leased_until = null
  from public.retraining_decisions as newest
  where newest.as_of = check_retraining.as_of
    and (newest.hook_state = 'due' or not newest.retrain)
    and earlier.as_of < newest.as_of
    and earlier.hook_state in ('due', 'failed')
    and coalesce(earlier.hook_leased_until <= now(), true);

  return (
    select jsonb_build_object(
      'retrain', decision.retrain, 'reasons', to_jsonb(decision.reasons), 'evidence', decision.evidence,
      'hook_state', decision.hook_state, 'hook_note', decision.hook_note
    )
    from public.retraining_decisions as decision
    where decision.as_of = check_retraining.as_of
  );
end;
$$;

comment on function public.check_retraining(timestamptz) is
  'Decides with evidence whether models should be trained again, and keeps the decision.';
