/** A database in which every group of metrics has something to tell. */

import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { candidates, reading } from "./readings.ts";

/** Fills an empty database: readings, dead letters, a run of the checks, an alert with deliveries, a model, a lake. */
export async function fleetInOperation(sql: postgres.Sql): Promise<void> {
  const hour = new Date(Date.now() - 3_600_000).toISOString();
  const now = [
    reading({ timestamp: hour }),
    reading({ cycle: 2, timestamp: hour }),
    reading({ timestamp: hour }),
  ];
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([...now, { s2: "hot" }]));
  await storeBatch(sql, { source: "load", reference: "f" }, candidates([reading({ cycle: 3 })]));
  await sql`select from run_checks('24 hours')`;
  await sql`select start_pipeline_run('hourly', null, now() + interval '2 hours')`;
  await sql`
    insert into pipeline_runs (pipeline, logical_time, state, trigger, started_at, finished_at)
    values ('daily', now(), 'succeeded', 'manual', now() - interval '5 minutes', now() - interval '1 minute')`;
  await sql`select observe_alerts('[{"kind": "k", "subject": "s", "failing": true, "summary": "s"}]')`;
  await sql`
    insert into alert_deliveries (alert_id, event_number, channel, next_attempt_at, state, last_error)
    select id, 1, 'sns', now(), 'dead', 'refused' from alerts where kind = 'k'`;
  await sql`
    insert into models (
      purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings, metrics, content,
      code_version, trained_at
    )
    values ('rul', 'rul', 1, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0', now() - interval '3 days')`;
  await sql`
    insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256, written_at)
    values ('k', 'sensor_data', '2024-01-03', 1, 1, '0', 1, repeat('0', 64), now() - interval '2 hours')`;
  await sql`
    insert into anomaly_episodes (
      engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score,
      peak_threshold, peak_at, sensors, severity, open, detected_at
    )
    select id, 'd', now(), now(), 1, 1, 1, 0, 1, 1, now(), '{}', 'warning', true, now() from engines`;
  await sql`insert into unscored_readings (engine_id, times) select id, '{(,)}' from engines on conflict do nothing`;
  await sql`select record_heartbeat(now() - interval '2 minutes')`;
}
