-- Hands the verdicts of a run to the alerts. An alert's kind is the metric; its subject is the engine where single
-- engines fail, else the column, else the table.
--
-- A check that could not run because of an error in it is an alert of its own, check_error.
--
-- What was not evaluated is not mentioned, so that it neither opens nor resolves anything. What passed is mentioned
-- where an alert is open, and so is an engine that is not expected to send any more. An engine that sent nothing in the
-- window has not passed what looks at its readings: only completeness knows of it.
create or replace function public.observe_checks(results public.check_result[], as_of timestamptz)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  with judged as (
    select
      result.*,
      coalesce(engines.unit_number, result.column_name, 'sensor_data') as subject,
      -- the engines that fail speak for the table; one that is only suspected is no alert
      result.status in ('warning', 'fail') and not result.evidence ? 'suspected' and (result.engine_id is not null or not exists (
        select from unnest(results) as single
        where single.metric_name = result.metric_name and single.engine_id is not null
          and single.status in ('warning', 'fail')
      )) as failing
    from unnest(results) as result
    left join public.engines on engines.id = result.engine_id
  ),
  observation as (
    select
      judged.metric_name as kind,
      judged.subject,
      true as failing,
      judged.status as severity,
      format(
        '%s of %s is %s%s', judged.metric_name, judged.subject, round(judged.metric_value::numeric, 4),
        case
          when judged.metric_value < judged.threshold_min then ', below ' || judged.threshold_min
          when judged.metric_value > judged.threshold_max then ', above ' || judged.threshold_max
        end
      ) as summary,
      judged.evidence
    from judged
    where judged.failing
    union all
    select
      'check_error', judged.metric_name, bool_or(judged.evidence ? 'error'), 'fail',
      format('The check %s failed: %s', judged.metric_name, max(judged.evidence ->> 'error')),
      coalesce((jsonb_agg(judged.evidence) filter (where judged.evidence ? 'error')) -> 0, '{}')
    from judged
    where judged.engine_id is null
    group by judged.metric_name
    having bool_or(judged.evidence ? 'error') or exists (
      select from public.alerts as open
      where open.kind = 'check_error' and open.subject = judged.metric_name and open.resolved_at is null
    )
    union all
    select open.kind, open.subject, false, null, null, null
    from public.alerts as open
    left join public.engines on engines.unit_number = open.subject
    where open.resolved_at is null
      and (
        exists (
          select from judged
          where judged.metric_name = open.kind and judged.engine_id is null and judged.status <> 'not_evaluated'
        )
        and not exists (
          select from judged
          where judged.metric_name = open.kind and judged.subject = open.subject
            and (judged.failing or judged.status = 'not_evaluated')
        )
        and (
          engines.id is null or engines.status <> 'active' or exists (
            select from judged
            where judged.engine_id = engines.id and (judged.metric_name = open.kind or judged.metric_name <> 'completeness')
          )
        )
        -- the rules are switched off: nobody asks any more
        or exists (select from public.expectations as rule where rule.kind = open.kind)
        and not exists (select from public.effective_expectations as rule where rule.kind = open.kind)
      )
  )
  select public.observe_alerts(coalesce(jsonb_agg(to_jsonb(observation)), '[]'), as_of)
  from observation;
$$;

comment on function public.observe_checks(public.check_result[], timestamptz) is
  'Opens and resolves alerts by the verdicts of a run of the checks.';
