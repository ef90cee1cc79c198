-- Fleet drift: within each dataset or model, the cohorts of engines (engines.cohort: production lots, sites, a data
-- set's halves) against the largest of them, by their baselines. It tells whether engines that were added are engines
-- of the same kind, measured the same way.
--
--   check_window  not used: baselines are compared
--   as_of         baselines that end after it do not count
--   returns       one row about the table; the value is the number of sensors that drift, over all cohorts
--
--   select evidence -> 'failing' from check_fleet_drift();
create or replace function public.check_fleet_drift(
  check_window interval default '24 hours', as_of timestamptz default now()
)
returns setof public.check_result
language sql
stable
security invoker
set search_path = ''
as $$
  with cohort as (
    select
      coalesce(engines.dataset, engines.model, '') as fleet,
      engines.cohort,
      array_agg(engines.id) as engine_ids,
      row_number() over (
        partition by coalesce(engines.dataset, engines.model, '') order by count(*) desc, engines.cohort
      ) as place
    from public.engines
    join public.engine_baselines as baseline on baseline.engine_id = engines.id
    where engines.cohort is not null and baseline.complete and baseline.last_timestamp <= as_of
    group by coalesce(engines.dataset, engines.model, ''), engines.cohort
  ),
  compared as (
    select reference.fleet, reference.cohort as reference, other.cohort as current, drift.*
    from cohort as reference
    join cohort as other on other.fleet = reference.fleet and other.place > 1
    cross join lateral public.fleet_drift(reference.engine_ids, other.engine_ids) as drift
    where reference.place = 1
  ),
  measured as (
    select
      count(*) filter (where verdict <> 'insufficient_data') as tests,
      count(*) filter (where verdict = 'drift') as drifting,
      coalesce(sum(distinct reference_readings + current_readings), 0) as readings,
      jsonb_agg(distinct jsonb_build_object('fleet', fleet, 'reference', reference, 'current', current)) as compared,
      jsonb_agg(
        jsonb_build_object(
          'fleet', fleet, 'reference', reference, 'current', current, 'column', column_name,
          'ks_statistic', ks_statistic, 'q_value', q_value, 'mean_shift', mean_shift, 'icc', icc,
          'reference_effective', reference_effective, 'current_effective', current_effective
        )
        order by ks_statistic desc
      ) filter (where verdict = 'drift') as failing
    from compared
  )
  select
    'fleet_drift',
    null::text,
    null::uuid,
    case when measured.tests > 0 then measured.drifting::double precision end,
    null::double precision,
    0::double precision,
    public.expectation_verdict(
      case when measured.tests > 0 then measured.drifting::double precision end, null, 0, rule.severity
    ),
    measured.readings::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', date_trunc('hour', as_of - check_window, 'UTC'),
      'window_end', as_of,
      'least_ks_statistic', rule.max,
      'fingerprint', public.fleet_fingerprint(as_of),
      'compared', measured.compared,
      'failing_count', measured.drifting,
      'failing', measured.failing,
      'reason', case
        when measured.compared is null then 'no fleet has two cohorts with baselines (engines.cohort)'
        when measured.tests = 0 then 'insufficient_data'
      end
    ))
  from measured
  join (
    select min(effective.max) as max, min(effective.severity) as severity, count(*) as rules
    from public.effective_expectations as effective
    where effective.kind = 'fleet_drift' and effective.dataset is null
  ) as rule on rule.rules > 0;
$$;

comment on function public.check_fleet_drift(interval, timestamptz) is
  'Cohorts of engines of the same dataset or model compared by their baselines, with the design effect of correlated readings.';
