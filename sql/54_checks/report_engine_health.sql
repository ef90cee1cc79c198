-- Keeps what engine_health says of every engine. The view is about now, so a moment more than an hour ago (a backfill, a
-- run that is made up for) has no report.
--
--   as_of    moment of the report; the same moment again replaces it
--   returns  how many engines were reported on
--
--   select report_engine_health();
create or replace function public.report_engine_health(as_of timestamptz default now())
returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  reported integer;
begin
  insert into public.engine_health_reports (
    engine_id, as_of, health, reasons, completeness, wear, last_reading_at, last_cycle, recent_anomalies, anomalous_since,
    predicted_rul, lower_bound, upper_bound
  )
  select
    engines.id, report_engine_health.as_of, state.health, state.reasons, state.completeness, state.wear,
    state.last_reading_at, state.last_cycle, state.recent_anomalies, state.anomalous_since, state.predicted_rul,
    state.lower_bound, state.upper_bound
  from public.engine_health as state
  join public.engines using (unit_number)
  where report_engine_health.as_of > now() - interval '1 hour'
  on conflict on constraint engine_health_reports_pkey do update set
    health = excluded.health,
    reasons = excluded.reasons,
    completeness = excluded.completeness,
    wear = excluded.wear,
    last_reading_at = excluded.last_reading_at,
    last_cycle = excluded.last_cycle,
    recent_anomalies = excluded.recent_anomalies,
    anomalous_since = excluded.anomalous_since,
    predicted_rul = excluded.predicted_rul,
    lower_bound = excluded.lower_bound,
    upper_bound = excluded.upper_bound;
  get diagnostics reported = row_count;
  return reported;
end;
$$;

comment on function public.report_engine_health(timestamptz) is
  'Keeps what engine_health says of every engine at as_of; returns how many engines.';
