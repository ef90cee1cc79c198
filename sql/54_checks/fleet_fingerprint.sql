-- What a comparison of the fleet's cohorts depends on, as a digest: while it stays the same so does the verdict, and
-- nobody has to sort a million values every hour to see it.
create or replace function public.fleet_fingerprint(as_of timestamptz)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select md5(concat_ws(
    ' ',
    (
      select string_agg(concat_ws(' ', engines.id, engines.cohort, engines.dataset, engines.model, baseline.learned_at), ',' order by engines.id)
      from public.engines
      join public.engine_baselines as baseline on baseline.engine_id = engines.id
      where engines.cohort is not null and baseline.complete and baseline.last_timestamp <= as_of
    ),
    (
      select string_agg(concat_ws(' ', rule.column_name, rule.max, rule.severity), ',' order by rule.column_name)
      from public.effective_expectations as rule
      where rule.kind = 'fleet_drift' and rule.dataset is null
    ),
    (select settings.drift_alpha from public.quality_settings as settings)
  ));
$$;

comment on function public.fleet_fingerprint(timestamptz) is
  'Digest of everything that check_fleet_drift depends on.';
