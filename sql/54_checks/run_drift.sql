-- check_drift for a run: what was measured is also written to sensor_drift, unless that knows of a later moment.
create or replace function public.run_drift(check_window interval, as_of timestamptz)
returns setof public.check_result
language plpgsql
security invoker
set search_path = ''
as $$
declare
  window_start constant timestamptz := date_trunc('hour', as_of - check_window, 'UTC');
  drift constant public.sensor_drift[] := array(
    select measured
    from public.measure_window_drift(window_start, as_of) as measured
  );
begin
  insert into public.sensor_drift as known
  select measured.* from unnest(drift) as measured order by measured.engine_id, measured.column_name
  on conflict (engine_id, column_name) do update set
    verdict = excluded.verdict,
    ks_statistic = excluded.ks_statistic,
    p_value = excluded.p_value,
    q_value = excluded.q_value,
    mean_shift = excluded.mean_shift,
    wear_shift = excluded.wear_shift,
    wear = excluded.wear,
    baseline_readings = excluded.baseline_readings,
    window_readings = excluded.window_readings,
    window_start = excluded.window_start,
    window_end = excluded.window_end,
    as_of = excluded.as_of
  where excluded.as_of >= known.as_of;
  return query select * from public.judge_drift(window_start, as_of, drift);
end;
$$;

comment on function public.run_drift(interval, timestamptz) is
  'Verdicts of check_drift; writes what was measured to sensor_drift.';
