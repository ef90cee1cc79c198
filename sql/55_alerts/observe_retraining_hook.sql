-- Alert of kind retraining: the hook of the newest decision whose call has ended could not be called. It passes when a
-- later call is accepted, or when models need no training any more.
--
--   as_of    the present moment
--   returns  what observe_alerts() did
--
--   select observe_retraining_hook();
create or replace function public.observe_retraining_hook(as_of timestamptz default now())
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), observe_retraining_hook.as_of)
  from (
    select
      'retraining' as kind,
      'hook' as subject,
      decision.hook_state = 'dead' as failing,
      'fail' as severity,
      format(
        'Training that was decided at %s has not been started: %s',
        to_char(decision.as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), decision.hook_error
      ) as summary,
      jsonb_build_object(
        'as_of', decision.as_of, 'reasons', decision.reasons, 'attempts', decision.hook_attempts,
        'receiver', decision.hook_receiver
      ) as evidence
    from public.retraining_decisions as decision
    where decision.hook_state in ('called', 'dead') or not decision.retrain
    order by decision.as_of desc
    limit 1
  ) as observation;
$$;

comment on function public.observe_retraining_hook(timestamptz) is
  'Observes for alerts whether the hook of retraining could be called.';
