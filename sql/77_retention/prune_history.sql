-- The job spool-retention: deletes what is older than data_assets.retention_days says, asset by asset, and rollups that
-- are older than quality_settings.rollups_kept. Nothing that is open is deleted (prune_asset). What one call leaves, as there
-- is too much of it, the next hour's takes. Each asset of which something was deleted has a row in audit_log.
--
-- The history of pg_cron has no row in the catalogue; it is kept as long as that of the pipelines.
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
  asset record;
  deleted bigint;
  unstored bigint;
  said text[] := '{}';
  result text;
begin
  if not pg_try_advisory_xact_lock(hashtext(job)) then
    return 'busy: another session is pruning the history';
  end if;
  perform set_config('spool.actor', job, true);

  for asset in
    select prunable.name, kept.retention_days, as_of - make_interval(days => kept.retention_days) as before
    from unnest(public.prunable_assets()) with ordinality as prunable (name, place)
    join public.data_assets as kept on kept.name = prunable.name and kept.retention_days is not null
    order by prunable.place
  loop
    select count(*) into unstored
    from public.dead_letters
    where asset.name = 'dead_letters' and replayed_at is null and first_seen_at < asset.before;
    deleted := public.prune_asset(asset.name, asset.before);
    continue when deleted = 0;
    -- readings that were never stored have gone with them, which must not be overlooked
    select unstored - count(*) into unstored
    from public.dead_letters
    where asset.name = 'dead_letters' and replayed_at is null and first_seen_at < asset.before;

    perform public.record_audit(
      'retention.delete',
      asset.name,
      jsonb_strip_nulls(jsonb_build_object(
        'rows', deleted,
        'never_stored', nullif(unstored, 0),
        'before', asset.before,
        'retention_days', asset.retention_days
      ))
    );
    said := said || (
      format('%s of %s', deleted, asset.name)
      || case when unstored > 0 then format(' (%s of them never stored)', unstored) else '' end
    );
  end loop;

  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as details
    where coalesce(details.end_time, details.start_time) < (
      select as_of - make_interval(days => retention_days) from public.data_assets where name = 'pipeline_runs'
    );
    get diagnostics deleted = row_count;
    said := said || case when deleted > 0 then format('%s runs of jobs', deleted) end;
  end if;
  perform public.prune_rollups(as_of);

  result := coalesce('deleted: ' || nullif(array_to_string(said, ', '), ''), 'nothing was old enough');
  update public.jobs
  set last_started_at = started_at, last_success_at = clock_timestamp(), last_result = result
  where name = job;
  return result;
end;
$$;

comment on function public.prune_history(timestamptz) is
  'Job spool-retention: deletes what is older than data_assets.retention_days says, and rollups older than quality_settings.rollups_kept.';
