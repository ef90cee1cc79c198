-- check_fleet_drift, unless nothing it depends on has changed since the last run: then that run's verdict again.
create or replace function public.run_fleet_drift(check_window interval, as_of timestamptz)
returns setof public.check_result
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return query
  select
    known.metric_name, known.column_name, known.engine_id, known.metric_value, known.threshold_min, known.threshold_max,
    known.status, known.rows_checked,
    known.evidence
      || jsonb_build_object('window_start', date_trunc('hour', as_of - check_window, 'UTC'), 'window_end', as_of)
  from (
    select last.*
    from public.data_quality_metrics as last
    where last.metric_name = 'fleet_drift' and last.engine_id is null and last.check_timestamp <= as_of
    order by last.check_timestamp desc
    limit 1
  ) as known
  where known.evidence ->> 'fingerprint' = public.fleet_fingerprint(as_of);
  if not found then
    return query select * from public.check_fleet_drift(check_window, as_of);
  end if;
end;
$$;

comment on function public.run_fleet_drift(interval, timestamptz) is
  'Verdict of check_fleet_drift; the last one again while no baseline, cohort or rule has changed.';
