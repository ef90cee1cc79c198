-- Freshness: how long ago the newest reading of all active engines was, in cadences of the fleet. It says whether
-- the stream is alive; which engines are silent is told by check_completeness.
--
--   check_window  looked at for the name of the window only: freshness is about as_of
--   returns       one row about the table
--
--   select metric_value, evidence from check_freshness();
create or replace function public.check_freshness(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with fleet as (
    select
      count(*) as engines,
      max(last."timestamp") as newest,
      percentile_cont(0.5) within group (order by cadence.cadence) as cadence
    from public.engines
    join public.engine_cadences as cadence on cadence.engine_id = engines.id
    left join public.last_readings(as_of + interval '1 microsecond') as last on last.engine_id = engines.id
    where engines.status = 'active'
  ),
  age as (
    select fleet.*, extract(epoch from as_of - fleet.newest) / extract(epoch from fleet.cadence) as cadences
    from fleet
  )
  select
    'freshness',
    null::text,
    null::uuid,
    age.cadences::double precision,
    rule.min,
    rule.max,
    public.expectation_verdict(age.cadences::double precision, rule.min, rule.max, rule.severity),
    age.engines,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'newest_reading', age.newest,
      'age_seconds', extract(epoch from as_of - age.newest),
      'cadence_seconds', extract(epoch from age.cadence),
      'reason', case
        when age.engines = 0 then 'there is no active engine'
        when age.newest is null then 'no active engine has sent a reading'
        when age.cadence is null then 'how often engines should send is not known: set engines.cadence'
      end
    ))
  from age
  join public.effective_expectations as rule on rule.kind = 'freshness' and rule.dataset is null;
$$;

comment on function public.check_freshness(interval, timestamptz) is
  'Age of the newest reading of the active engines, in cadences of the fleet.';
