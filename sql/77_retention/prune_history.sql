-- The job spool-retention: deletes history that is older than quality_settings says, and receipts of requests that are
-- older than intake_settings says. Nothing that is open is deleted:
-- no run that has not ended, no alert that is not resolved, none with a delivery that is still to be sent.
--
--   as_of    the present moment
--   returns  one line: how many rows of what were deleted
--
--   select prune_history();
create or replace function public.prune_history(as_of timestamptz default now())
returns text
language plpgsql
security invoker
set search_path = ''
as $$
declare
  job constant text := 'spool-retention';
  started_at constant timestamptz := clock_timestamp();
  history_from timestamptz;
  check_runs_deleted bigint;
  runs_deleted bigint;
  alerts_deleted bigint;
  job_runs_deleted bigint := 0;
  receipts_deleted bigint;
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is pruning the history';
  end if;
  select as_of - settings.metrics_kept
  into strict history_from
  from public.quality_settings as settings;

  delete from public.check_runs where check_runs.as_of < history_from; -- and their metrics
  get diagnostics check_runs_deleted = row_count;
  delete from public.data_quality_metrics
  where data_quality_metrics.run_id is null and data_quality_metrics.check_timestamp < history_from;
  delete from public.pipeline_runs where pipeline_runs.finished_at < history_from; -- and their tasks and attempts
  get diagnostics runs_deleted = row_count;
  delete from public.engine_health_reports where engine_health_reports.as_of < history_from;
  delete from public.alerts
  where alerts.resolved_at < history_from
    and not exists (
      select from public.alert_deliveries
      where alert_deliveries.alert_id = alerts.id and alert_deliveries.state = 'pending'
    );
  get diagnostics alerts_deleted = row_count;
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as details
    where coalesce(details.end_time, details.start_time) < history_from;
    get diagnostics job_runs_deleted = row_count;
  end if;

  delete from public.delivery_receipts
  where delivery_receipts.received_at < as_of - (select settings.receipts_kept from public.intake_settings as settings);
  get diagnostics receipts_deleted = row_count;

  perform public.prune_rollups(as_of);

  result := format(
    'deleted: %s runs of checks, %s runs of pipelines, %s alerts, %s runs of jobs, %s receipts',
    check_runs_deleted, runs_deleted, alerts_deleted, job_runs_deleted, receipts_deleted
  );
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$$;

comment on function public.prune_history(timestamptz) is
  'Job spool-retention: deletes finished history older than quality_settings.metrics_kept, rollups older than rollups_kept, and receipts of requests older than intake_settings.receipts_kept.';
