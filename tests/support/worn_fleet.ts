/** A fleet in which each engine has something else to say: written row by row, so that a test knows all of it. */

import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { recordRun } from "./quality.ts";
import { candidates, reading } from "./readings.ts";

const HOUR_MS = 3_600_000;

/**
 * Engines of dataset SIM, cohort A, all with 60 hourly readings until now (cycles 41 to 100) and a passed check:
 * - CALM: nothing
 * - DRIFTS: s11 and s2 drift, s4 degrades; wear rises from 0.2 at cycle 50 to 0.5
 * - WORN: predicted life 40 (30 to 50) at cycle 95
 * - STRANGE: an open episode of anomalies, two of them among its last 30 readings, one before
 * - GONE: failed, with an open episode and a prediction of 0
 */
export async function wornFleet(sql: postgres.Sql): Promise<void> {
  const units = ["CALM", "DRIFTS", "WORN", "STRANGE", "GONE"];
  const now = Date.now();
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates(units.flatMap((engine_id) =>
      Array.from({ length: 60 }, (_, i) =>
        reading({
          engine_id,
          cycle: 41 + i,
          timestamp: new Date(now - (60 - i) * HOUR_MS).toISOString(),
        }))
    )),
  );
  await sql`update engines set dataset = 'SIM', cohort = 'A'`;
  await sql`update engines set status = 'failed', life_cycles = 100 where unit_number = 'GONE'`;
  await sql`
    insert into sensor_drift (engine_id, column_name, verdict, ks_statistic, p_value, q_value, mean_shift, wear_shift, wear,
      baseline_readings, window_readings, as_of)
    select id, sensor.name, sensor.verdict, 0.5, 0.01, 0.02, sensor.mean_shift, sensor.wear_shift, 0.5, 100, 100, now()
    from engines
    cross join (values
      ('s11', 'drift', -4.0, 1.0), ('s2', 'drift', 2.0, 0.5), ('s4', 'degradation', 3.0, 2.9), ('s3', 'stable', 9.0, 9.0)
    ) as sensor (name, verdict, mean_shift, wear_shift)
    where unit_number = 'DRIFTS'`;
  await sql`
    insert into engine_health_reports (engine_id, as_of, health, reasons, wear, last_cycle)
    select id, now() - past.cycle * interval '1 hour', 'ok', '{}', past.wear, past.cycle
    from engines
    cross join (values (49, 0.1), (50, 0.2), (51, 0.45), (90, null)) as past (cycle, wear)
    where unit_number = 'DRIFTS'`;
  await sql`
    insert into rul_predictions (engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version)
    select id, case unit_number when 'WORN' then 95 else 100 end, rul, greatest(rul - 10, 0), rul + 10, 0.8, 'own', '2026-01'
    from engines
    join (values ('WORN', 40), ('GONE', 0), ('CALM', 120)) as given (unit_number, rul) using (unit_number)`;
  await sql`
    insert into anomalies (engine_id, "timestamp", cycle, detector, score, threshold, sensors)
    select id, sensor_data."timestamp", cycle, 'mean_abs_z', 3, 2, '{"s20": 3, "s12": -6, "s7": 1, "s8": 0.01}'
    from engines
    join sensor_data on engine_id = id
    where unit_number = 'STRANGE' and cycle in (60, 98, 100)`;
  await sql`
    insert into anomalies (engine_id, "timestamp", cycle, detector, score, threshold, sensors)
    select id, now(), 100, 'isolation_forest', 1, 0.5, '{"s2": 1}' from engines where unit_number = 'CALM'`;
  await sql`
    insert into anomaly_episodes (engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings,
      severe_readings, peak_score, peak_threshold, peak_at, sensors, severity, open, detected_at)
    select id, case unit_number when 'CALM' then 'isolation_forest' else 'mean_abs_z' end, '2026-01-01T00:00:00Z',
      '2026-01-01T02:00:00Z', 98, 100, 2, 0, 3, 2, '2026-01-01T01:00:00Z', '{}', 'warning', true, now()
    from engines
    where unit_number in ('STRANGE', 'GONE', 'CALM')`;
  await recordRun(sql, 1, units.map((engine) => ({ metric: "completeness", engine })));
}
