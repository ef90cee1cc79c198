-- Why a decision calls nobody although models should be trained again; null when it does, and when there is no reason to
-- train. What holds it back is described at check_retraining.
--
--   as_of     moment of the decision
--   criteria  names of the criteria that fail
--
--   select retraining_hook_note(now(), '{drift}');
create or replace function public.retraining_hook_note(as_of timestamptz, criteria text[])
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  earlier record;
begin
  if cardinality(retraining_hook_note.criteria) = 0 then
    return null;
  end if;
  if retraining_hook_note.as_of <= now() - interval '1 day' then
    return 'it is about a moment more than a day ago';
  end if;
  if exists (
    select from public.retraining_decisions as decision where decision.as_of > retraining_hook_note.as_of
  ) then
    return 'a decision about a later moment has been made';
  end if;

  for earlier in
    select decision.as_of, decision.hook_state, decision.hook_called_at
    from public.retraining_decisions as decision
    cross join public.model_settings as settings
    where decision.as_of < retraining_hook_note.as_of
      and decision.criteria @> retraining_hook_note.criteria
      and decision.hook_state in ('due', 'failed', 'called')
      and coalesce(decision.hook_called_at, decision.as_of) > retraining_hook_note.as_of - settings.retrain_again_after
    order by decision.as_of desc
  loop
    if earlier.hook_state <> 'called' then
      return format(
        'the call for the decision of %s, for the same reasons, is still to be made',
        to_char(earlier.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
    if not exists (
      select from public.models where models.trained_at > earlier.hook_called_at
    ) and not exists (
      select
      from (
        select distinct prediction.model_name, prediction.model_version
        from public.rul_predictions as prediction
        where prediction.predicted_at > earlier.hook_called_at
      ) as arrived
      where not exists (
        select
        from public.rul_predictions as known
        where known.model_name = arrived.model_name and known.model_version = arrived.model_version
          and known.predicted_at <= earlier.hook_called_at
      )
    ) then
      return format(
        'it was called for the same reasons at %s, and no model has come since',
        to_char(earlier.hook_called_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
      );
    end if;
  end loop;
  return null;
end;
$$;

comment on function public.retraining_hook_note(timestamptz, text[]) is
  'Why a decision to train models again calls nobody; null when it does.';
