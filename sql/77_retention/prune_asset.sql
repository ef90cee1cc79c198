-- Deletes rows of an asset that are older than a moment, the oldest first as far as one call goes: a bounded number, so that no
-- transaction holds its locks, and the state it sees, for minutes. Rows that somebody has locked are left to the next call.
--
-- What is open has no age: a run that has not ended, an alert that is not resolved or still to be delivered. A dead
-- letter that nobody has replayed is a reading that was not stored; it is old when it has not come again for as long.
--
--   asset    one of prunable_assets()
--   before   what is older goes
--   returns  how many rows were deleted; what depends on them (tasks of runs, events of alerts) goes with them, uncounted
--   raises   22023 for another asset
--
--   select prune_asset('alerts', now() - interval '90 days');
create or replace function public.prune_asset(asset text, before timestamptz)
returns bigint
language plpgsql
security invoker
set search_path = ''
as $$
declare
  most constant integer := 50000;
  -- a run of the checks has thousands of metrics, a run of a pipeline and an alert a few dozen rows
  most_check_runs constant integer := 100;
  most_parents constant integer := 5000;
  of_runs bigint := 0;
  deleted bigint;
begin
  case asset
    when 'alerts' then
      delete from public.alerts where ctid = any (array(
        select old.ctid
        from public.alerts as old
        where old.resolved_at < before
          and not exists (
            select from public.alert_deliveries
            where alert_deliveries.alert_id = old.id and alert_deliveries.state = 'pending'
          )
        limit most_parents
        for update skip locked
      ));
    when 'anomalies' then
      delete from public.anomalies where ctid = any (array(
        select old.ctid
        from public.anomalies as old
        where old.detected_at < before
          -- an episode is kept whole
          and not exists (
            select
            from public.anomaly_episodes as episode
            where episode.engine_id = old.engine_id and episode.detector = old.detector
              and episode.started_at <= old."timestamp" and episode.ended_at >= old."timestamp"
          )
        limit most for update skip locked
      ));
    when 'anomaly_episodes' then
      delete from public.anomaly_episodes where ctid = any (array(
        select old.ctid
        from public.anomaly_episodes as old
        where old.detected_at < before
        limit most for update skip locked
      ));
    when 'audit_log' then
      -- the log keeps what is younger by the clock, whatever moment it is asked for
      delete from public.audit_log where ctid = any (array(
        select old.ctid from public.audit_log as old
        where old.at < least(
          before, now() - make_interval(days => (select retention_days from public.data_assets where name = 'audit_log'))
        )
        limit most for update skip locked
      ));
    when 'check_runs' then
      -- their metrics go with them, so the metrics' own retention must have passed as well
      delete from public.check_runs where ctid = any (array(
        select old.ctid
        from public.check_runs as old
        where old.as_of < before
          and not exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        limit most for update skip locked
      ));
    when 'data_quality_metrics' then
      delete from public.data_quality_metrics where run_id = any (array(
        select old.id
        from public.check_runs as old
        where old.as_of < before
          and exists (select from public.data_quality_metrics where data_quality_metrics.run_id = old.id)
        order by old.as_of
        limit most_check_runs
      ));
      get diagnostics of_runs = row_count;
      delete from public.data_quality_metrics where ctid = any (array(
        select old.ctid
        from public.data_quality_metrics as old
        where old.run_id is null and old.check_timestamp < before
        limit most for update skip locked
      ));
    when 'dead_letters' then
      delete from public.dead_letters where ctid = any (array(
        select old.ctid
        from public.dead_letters as old
        where old.first_seen_at < before and coalesce(old.replayed_at, old.last_seen_at) < before
        limit most for update skip locked
      ));
    when 'delivery_receipts' then
      delete from public.delivery_receipts where ctid = any (array(
        select old.ctid
        from public.delivery_receipts as old
        where old.received_at < before
        limit most for update skip locked
      ));
    when 'engine_health_reports' then
      delete from public.engine_health_reports where ctid = any (array(
        select old.ctid
        from public.engine_health_reports as old
        where old.as_of < before
        limit most for update skip locked
      ));
    when 'heartbeats' then
      delete from public.heartbeats where ctid = any (array(
        select old.ctid from public.heartbeats as old where old.minute < before limit most for update skip locked
      ));
    when 'intake_counters' then
      delete from public.intake_counters where ctid = any (array(
        select old.ctid
        from public.intake_counters as old
        -- each moment counts from the beginning, so the newest one before stands for all that go
        where old.until < (select max(kept.until) from public.intake_counters as kept where kept.until < before)
        limit most for update skip locked
      ));
    when 'lineage_events' then
      delete from public.lineage_events where ctid = any (array(
        select old.ctid
        from public.lineage_events as old
        where old.event_time < before
        limit most for update skip locked
      ));
    when 'lineage_forwards' then
      delete from public.lineage_forwards where ctid = any (array(
        select old.ctid
        from public.lineage_forwards as old
        where old.settled_at < before
        limit most for update skip locked
      ));
    when 'pipeline_runs' then
      delete from public.pipeline_runs where ctid = any (array(
        select old.ctid
        from public.pipeline_runs as old
        where old.finished_at < before
        limit most_parents
        for update skip locked
      ));
    when 'retraining_decisions' then
      delete from public.retraining_decisions where ctid = any (array(
        select old.ctid
        from public.retraining_decisions as old
        where old.decided_at < before
        limit most for update skip locked
      ));
    when 'rul_predictions' then
      delete from public.rul_predictions where ctid = any (array(
        select old.ctid
        from public.rul_predictions as old
        where old.predicted_at < before
        limit most for update skip locked
      ));
    else
      raise exception 'Cannot prune as asset must be one of prunable_assets(): current value is %', asset
        using errcode = '22023';
  end case;
  get diagnostics deleted = row_count;
  return of_runs + deleted;
end;
$$;

comment on function public.prune_asset(text, timestamptz) is
  'Deletes rows of an asset that are older than a moment, a bounded number at a time; returns how many.';
