-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.

set check_function_bodies = off;

CREATE TABLE "public"."stream_checkpoints" ("stream" text NOT NULL, "stream_created_at" timestamp with time zone NOT NULL, "shard_id" text NOT NULL, "parents" text[] NOT NULL DEFAULT '{}'::text[], "begin_at" text NOT NULL, "begin_timestamp" timestamp with time zone, "state" text NOT NULL DEFAULT 'open'::text, "sequence_number" text, "delivered_records" bigint NOT NULL DEFAULT 0, "delivered_bytes" bigint NOT NULL DEFAULT 0, "deliveries" bigint NOT NULL DEFAULT 0, "complete_until" timestamp with time zone, "lost_from" timestamp with time zone, "lost_until" timestamp with time zone, "updated_at" timestamp with time zone NOT NULL DEFAULT now(), CONSTRAINT "stream_checkpoints_begin_at_check" CHECK ((begin_at = ANY (ARRAY['trim_horizon'::text, 'latest'::text, 'at_timestamp'::text]))), CONSTRAINT "stream_checkpoints_check1" CHECK (((deliveries = 0) = (sequence_number IS NULL))), CONSTRAINT "stream_checkpoints_check2" CHECK ((((lost_from IS NULL) = (lost_until IS NULL)) AND (lost_from <= lost_until))), CONSTRAINT "stream_checkpoints_check" CHECK (((begin_at = 'trim_horizon'::text) = (begin_timestamp IS NULL))), CONSTRAINT "stream_checkpoints_delivered_bytes_check" CHECK ((delivered_bytes >= 0)), CONSTRAINT "stream_checkpoints_delivered_records_check" CHECK ((delivered_records >= 0)), CONSTRAINT "stream_checkpoints_deliveries_check" CHECK ((deliveries >= 0)), CONSTRAINT "stream_checkpoints_pkey" PRIMARY KEY (stream, stream_created_at, shard_id), CONSTRAINT "stream_checkpoints_state_check" CHECK ((state = ANY (ARRAY['open'::text, 'ended'::text, 'expired'::text]))));

ALTER TABLE "public"."stream_checkpoints" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."stream_checkpoints" OWNER TO "postgres";

CREATE TABLE "public"."stream_readers" ("stream" text NOT NULL, "owner" uuid, "held_by" text, "leased_until" timestamp with time zone, CONSTRAINT "stream_readers_check" CHECK ((((owner IS NULL) = (leased_until IS NULL)) AND ((owner IS NULL) = (held_by IS NULL)))), CONSTRAINT "stream_readers_pkey" PRIMARY KEY (stream), CONSTRAINT "stream_readers_stream_check" CHECK ((stream <> ''::text)));

ALTER TABLE "public"."stream_readers" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."stream_readers" OWNER TO "postgres";

ALTER TABLE "public"."stream_checkpoints" ADD CONSTRAINT "stream_checkpoints_stream_fkey" FOREIGN KEY (stream) REFERENCES public.stream_readers(stream);

CREATE POLICY "stream_checkpoints_read" ON "public"."stream_checkpoints" FOR SELECT TO "authenticated" USING (true);

CREATE POLICY "stream_readers_read" ON "public"."stream_readers" FOR SELECT TO "authenticated" USING (true);

COMMENT ON COLUMN "public"."stream_checkpoints"."begin_at" IS 'Where reading began: trim_horizon is the oldest record that the stream keeps; latest and at_timestamp are begin_timestamp.';

COMMENT ON COLUMN "public"."stream_checkpoints"."begin_timestamp" IS 'Records that arrived before were not wanted (UTC); null where all were.';

COMMENT ON COLUMN "public"."stream_checkpoints"."complete_until" IS 'Everything that arrived on the shard before is delivered, or lost as lost_until says (UTC); null before the first delivery.';

COMMENT ON COLUMN "public"."stream_checkpoints"."delivered_bytes" IS 'Their size in bytes.';

COMMENT ON COLUMN "public"."stream_checkpoints"."delivered_records" IS 'Records acknowledged, repetitions included.';

COMMENT ON COLUMN "public"."stream_checkpoints"."deliveries" IS 'Requests acknowledged.';

COMMENT ON COLUMN "public"."stream_checkpoints"."lost_from" IS 'Records that arrived from here on may be lost, because they were not read while the stream kept them (UTC); null when none are.';

COMMENT ON COLUMN "public"."stream_checkpoints"."lost_until" IS 'End of what may be lost (UTC); null when nothing is.';

COMMENT ON COLUMN "public"."stream_checkpoints"."parents" IS 'Shards that it was split from or merged of; they are read to their end before it is begun.';

COMMENT ON COLUMN "public"."stream_checkpoints"."sequence_number" IS 'Last record that the receiver has acknowledged; null before the first.';

COMMENT ON COLUMN "public"."stream_checkpoints"."shard_id" IS 'The shard''s name within the stream.';

COMMENT ON COLUMN "public"."stream_checkpoints"."state" IS 'open; ended: the shard was split or merged, and all of it is delivered; expired: the stream has forgotten the shard before its end was reached.';

COMMENT ON COLUMN "public"."stream_checkpoints"."stream" IS 'ARN of the stream.';

COMMENT ON COLUMN "public"."stream_checkpoints"."stream_created_at" IS 'When the stream was made (UTC): one that was made again has other sequence numbers.';

COMMENT ON COLUMN "public"."stream_checkpoints"."updated_at" IS 'When the row was last written (UTC).';

COMMENT ON COLUMN "public"."stream_readers"."held_by" IS 'Host and number of that process, for people.';

COMMENT ON COLUMN "public"."stream_readers"."leased_until" IS 'When another process may take over (UTC); the owner moves it on every two seconds.';

COMMENT ON COLUMN "public"."stream_readers"."owner" IS 'Names the process that reads it; null when none does. Only this one can move the stream''s checkpoints.';

COMMENT ON COLUMN "public"."stream_readers"."stream" IS 'ARN of the stream.';

COMMENT ON TABLE "public"."stream_checkpoints" IS 'How far each shard of a Kinesis stream has been delivered by deno task deliver; one row per shard.';

COMMENT ON TABLE "public"."stream_readers" IS 'Streams that deno task deliver has read, and who reads them now: one process at a time.';

GRANT SELECT ON TABLE "public"."stream_checkpoints" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "public"."stream_readers" TO "authenticated", "service_role";

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
    'public.stream_checkpoints',
    'public.stream_readers',
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
alter table public.stream_checkpoints enable row level security;
alter table public.stream_readers enable row level security;
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
    'stream_checkpoints',
    'stream_readers',
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
