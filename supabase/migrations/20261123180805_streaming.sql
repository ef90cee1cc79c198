-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."delivery_receipts" ("stream" text NOT NULL, "request_id" text NOT NULL, "digest" text NOT NULL, "batch_id" uuid NOT NULL, "received_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "delivery_receipts_pkey" PRIMARY KEY (request_id, stream, digest));

ALTER TABLE "public"."delivery_receipts" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."delivery_receipts" OWNER TO "postgres";

ALTER TABLE "public"."dead_letters" ADD COLUMN "records" jsonb NOT NULL DEFAULT '[]'::jsonb;

ALTER TABLE "public"."intake_settings" ADD COLUMN "receipts_kept" interval NOT NULL DEFAULT '3 days'::interval;

CREATE OR REPLACE FUNCTION public.check_rejected(check_window interval DEFAULT '24:00:00'::interval, as_of timestamp with time zone DEFAULT now())
 RETURNS SETOF public.check_result
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with bounds as (
    select date_trunc('hour', as_of - check_window, 'UTC') as window_start
  ),
  arrived as (
    select
      coalesce(sum(batches.received), 0) as received,
      coalesce(sum(batches.rejected), 0) as rejected,
      sum(batches.rejected)::double precision / nullif(sum(batches.received), 0) as value
    from bounds
    join public.batches on batches.received_at >= bounds.window_start and batches.received_at <= as_of
  ),
  reasons as (
    select jsonb_agg(jsonb_build_object('path', path, 'source', source, 'letters', letters) order by letters desc) as listed
    from (
      -- without the places in their events: records[3].data.s11 and records[7].data.s11 are one kind of fault
      select regexp_replace(letter.path, '\[\d+\]', '[]', 'g') as path, letter.source, count(*) as letters
      from bounds
      join public.dead_letters as letter
        on letter.first_seen_at >= bounds.window_start and letter.first_seen_at <= as_of
      group by 1, 2
      order by count(*) desc
      limit 20
    ) as reason
  )
  select
    'rejected',
    null::text,
    null::uuid,
    arrived.value,
    rule.min,
    rule.max,
    public.expectation_verdict(arrived.value, rule.min, rule.max, rule.severity),
    arrived.received::bigint,
    jsonb_strip_nulls(jsonb_build_object(
      'window_start', bounds.window_start,
      'window_end', as_of,
      'received', arrived.received,
      'rejected', arrived.rejected,
      'reasons', reasons.listed,
      'reason', case when arrived.value is null then 'nothing arrived in the window' end
    ))
  from bounds
  cross join arrived
  cross join reasons
  join public.effective_expectations as rule on rule.kind = 'rejected' and rule.dataset is null;
$function$
;

CREATE OR REPLACE FUNCTION public.prune_history(as_of timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.record_dead_letters(batch uuid, source text, reference text, letters json)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with arrived as (
    select
      md5(letter.payload) as digest,
      min(letter.payload) as payload,
      min(letter.position) as position,
      (array_agg(letter.path order by letter.position))[1] as path,
      (array_agg(letter.reason order by letter.position))[1] as reason,
      count(*) as seen,
      coalesce(
        to_jsonb((array_agg(letter.record order by letter.position) filter (where letter.record is not null))[1:100]),
        '[]'
      ) as records
    from json_to_recordset(letters) as letter (position integer, payload text, path text, reason text, record jsonb)
    group by md5(letter.payload)
  ),
  recorded as (
    insert into public.dead_letters as open (
      batch_id, source, reference, position, payload, payload_digest, path, reason, seen, records
    )
    select
      batch, record_dead_letters.source, record_dead_letters.reference,
      position, payload::json, digest, path, reason, seen, records
    from arrived
    order by digest
    on conflict (source, payload_digest) where replayed_at is null
    do update set
      seen = open.seen + excluded.seen,
      last_seen_at = now(),
      records = (
        -- a record that is delivered again is the same one
        select coalesce(jsonb_agg(record order by place), '[]')
        from (
          select record, min(place) as place
          from jsonb_array_elements(open.records || excluded.records) with ordinality as brought (record, place)
          group by record
          order by min(place)
          limit 100
        ) as known
      )
    returning xmax = 0 as is_new
  )
  select count(*)::integer from recorded where is_new;
$function$
;

ALTER TABLE "public"."dead_letters" ADD CONSTRAINT "dead_letters_records_check" CHECK ((jsonb_typeof(records) = 'array'::text));

ALTER TABLE "public"."intake_settings" ADD CONSTRAINT "intake_settings_receipts_kept_check" CHECK (((receipts_kept >= '03:00:00'::interval) AND (receipts_kept <= '366 days'::interval)));

CREATE INDEX delivery_receipts_received_at ON public.delivery_receipts USING btree (received_at);

CREATE POLICY "delivery_receipts_read" ON "public"."delivery_receipts" FOR SELECT TO "authenticated" USING (true);

COMMENT ON COLUMN "public"."batches"."reference" IS 'What the batch was at its source, for example train_FD001.txt lines 1-2000, or a stream''s ARN with the request''s identifier or the first and last sequence number.';

COMMENT ON COLUMN "public"."batches"."source" IS 'Door the batch came through: ingest, kinesis, load or replay.';

COMMENT ON COLUMN "public"."dead_letters"."correction" IS 'What to replay instead of the payload: a reading, an array of readings or {"readings": […]}; fill it in Studio. The payload itself stays as it came.';

COMMENT ON COLUMN "public"."dead_letters"."path" IS 'Place of the first fault: in the payload, for example s11 (empty when it is the whole reading); of a record of a stream in the event that brought it, for example records[3].data.s11.';

COMMENT ON COLUMN "public"."dead_letters"."payload" IS 'The reading exactly as it came. Text that was not JSON (a line of a file, a whole record of a stream) is kept as a JSON string, and what was not text as {"base64": "…"}.';

COMMENT ON COLUMN "public"."dead_letters"."records" IS 'The first 100 records of a stream that brought this payload: stream, sequence_number, partition_key, event_id, arrived_at, request_id, index, as far as each is known. Empty for other doors.';

COMMENT ON COLUMN "public"."dead_letters"."source" IS 'Door it came through: ingest, kinesis, load.';

COMMENT ON COLUMN "public"."delivery_receipts"."batch_id" IS 'Batch that the request was stored as; batches.id.';

COMMENT ON COLUMN "public"."delivery_receipts"."digest" IS 'SHA-256 of the request''s records, in hexadecimal digits.';

COMMENT ON COLUMN "public"."delivery_receipts"."received_at" IS 'When it was stored: start of its transaction (UTC).';

COMMENT ON COLUMN "public"."delivery_receipts"."request_id" IS 'Identifier that the sender gave the request; Firehose keeps it when it tries again.';

COMMENT ON COLUMN "public"."delivery_receipts"."stream" IS 'ARN of the delivery stream that sent the request, as it says itself; empty where it does not.';

COMMENT ON COLUMN "public"."intake_settings"."receipts_kept" IS 'How long the receipts of stored requests are kept, at least. A request that comes again later is stored again, which changes no reading.';

COMMENT ON FUNCTION "public"."prune_history"(timestamp with time zone) IS 'Job spool-retention: deletes finished history older than quality_settings.metrics_kept, rollups older than rollups_kept, and receipts of requests older than intake_settings.receipts_kept.';

COMMENT ON FUNCTION "public"."record_dead_letters"(uuid, text, text, json) IS 'Keeps readings that could not be accepted as dead letters; the same payload again only raises seen, and adds the records that brought it.';

COMMENT ON TABLE "public"."delivery_receipts" IS 'Requests that have been stored, so that the same one again is answered without work. Kept for intake_settings.receipts_kept.';

GRANT SELECT ON TABLE "public"."delivery_receipts" TO "authenticated", "service_role";

-- sql/80_policies/table_access.sql
-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           nothing: there is no public data here
-- authenticated  reads readings and results, not payloads of dead letters
-- service_role   reads and writes; bypasses row-level security by its own attribute
--
-- Each statement can run again: this file is part of every migration that changes it, because what an older project
-- grants by default cannot be seen in the difference of two new ones.
do $$
declare
  relation regclass;
  identity_sequence text;
begin
  foreach relation in array array[
    -- readings
    'public.engines',
    'public.sensor_data',
    'public.training_data',
    -- intake
    'public.batches',
    'public.dead_letters',
    'public.delivery_receipts',
    'public.intake_settings',
    -- expectations
    'public.classified_readings',
    'public.effective_expectations',
    'public.expectation_versions',
    'public.expectations',
    'public.operating_conditions',
    'public.reading_bounds',
    -- quality
    'public.anomalies',
    'public.check_runs',
    'public.engine_health_reports',
    'public.retraining_decisions',
    'public.declared_columns',
    'public.engine_cadences',
    'public.reading_rollups',
    'public.rollup_horizon',
    'public.sensor_data_changes',
    'public.sensor_values',
    'public.wear_signatures',
    'public.data_quality_metrics',
    'public.engine_baselines',
    'public.quality_settings',
    'public.sensor_baselines',
    'public.sensor_drift',
    -- alerts
    'public.alert_channels',
    'public.alert_deliveries',
    'public.alert_events',
    'public.alert_settings',
    'public.alerts',
    'public.open_alerts',
    -- predictions
    'public.rul_predictions',
    -- pipeline
    'public.pipeline_runs',
    'public.pipeline_status',
    'public.pipeline_task_dependencies',
    'public.pipeline_tasks',
    'public.pipelines',
    'public.task_attempts',
    'public.task_runs',
    -- jobs
    'public.jobs',
    -- views of quality
    'public.engine_health',
    'public.quality_summary'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to service_role', relation);
    -- an identity column's sequence needs no grant, and whoever holds one could wind it forward or back
    for identity_sequence in
      select pg_get_serial_sequence(relation::text, attname)
      from pg_catalog.pg_attribute
      where attrelid = relation and attidentity <> ''
    loop
      execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role', identity_sequence
      );
    end loop;
  end loop;
end;
$$;

alter table public.engines enable row level security;
alter table public.sensor_data enable row level security;
alter table public.batches enable row level security;
alter table public.dead_letters enable row level security;
alter table public.delivery_receipts enable row level security;
alter table public.intake_settings enable row level security;
alter table public.expectation_versions enable row level security;
alter table public.expectations enable row level security;
alter table public.operating_conditions enable row level security;
alter table public.anomalies enable row level security;
alter table public.check_runs enable row level security;
alter table public.engine_health_reports enable row level security;
alter table public.retraining_decisions enable row level security;
alter table public.declared_columns enable row level security;
alter table public.reading_rollups enable row level security;
alter table public.rollup_horizon enable row level security;
alter table public.sensor_data_changes enable row level security;
alter table public.wear_signatures enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.engine_baselines enable row level security;
alter table public.quality_settings enable row level security;
alter table public.sensor_baselines enable row level security;
alter table public.sensor_drift enable row level security;
alter table public.alert_channels enable row level security;
alter table public.alert_deliveries enable row level security;
alter table public.alert_events enable row level security;
alter table public.alert_settings enable row level security;
alter table public.alerts enable row level security;
alter table public.rul_predictions enable row level security;
alter table public.pipeline_runs enable row level security;
alter table public.pipeline_task_dependencies enable row level security;
alter table public.pipeline_tasks enable row level security;
alter table public.pipelines enable row level security;
alter table public.task_attempts enable row level security;
alter table public.task_runs enable row level security;
alter table public.jobs enable row level security;

-- Readings and results: every signed-in user reads them.
do $$
declare
  name text;
begin
  foreach name in array array[
    -- readings
    'engines',
    'sensor_data',
    -- intake
    'batches',
    'delivery_receipts',
    -- expectations
    'expectation_versions',
    'expectations',
    'operating_conditions',
    -- quality
    'anomalies',
    'check_runs',
    'engine_health_reports',
    'retraining_decisions',
    'declared_columns',
    'reading_rollups',
    'rollup_horizon',
    'sensor_data_changes',
    'wear_signatures',
    'data_quality_metrics',
    'engine_baselines',
    'quality_settings',
    'sensor_baselines',
    'sensor_drift',
    -- alerts
    'alert_channels',
    'alert_deliveries',
    'alert_events',
    'alert_settings',
    'alerts',
    -- predictions
    'rul_predictions',
    -- pipeline
    'pipeline_runs',
    'pipeline_task_dependencies',
    'pipeline_tasks',
    'pipelines',
    'task_attempts',
    'task_runs',
    -- jobs
    'jobs'
  ] loop
    execute format('grant select on public.%I to authenticated', name);
    execute format('drop policy if exists %I on public.%I', name || '_read', name);
    execute format('create policy %I on public.%I for select to authenticated using (true)', name || '_read', name);
  end loop;
end;
$$;
grant select on public.training_data, public.classified_readings, public.engine_cadences, public.sensor_values to authenticated;
grant select on public.effective_expectations, public.reading_bounds to authenticated;
grant select on public.engine_health, public.quality_summary to authenticated;
grant select on public.pipeline_status to authenticated;

grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions, public.expectations, public.operating_conditions to service_role;
grant update on public.intake_settings, public.quality_settings to service_role; -- their one row must stay

-- alerts
grant select on public.open_alerts to authenticated;
grant insert, update, delete on public.alert_channels to service_role;
grant update on public.alert_settings to service_role; -- its one row must stay

select public.declare_schema();
