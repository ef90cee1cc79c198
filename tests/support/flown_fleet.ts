/** A fleet that a dashboard has something to show of. */

import type postgres from "postgres";
import { Random } from "../../shared/random.ts";
import { storeBatch } from "../../shared/intake.ts";
import { candidates, reading } from "./readings.ts";
import { wornFleet } from "./worn_fleet.ts";

const HOUR_MS = 3_600_000;

/** Readings that did not come, by their place; hours. */
const GAP = { from: 70, to: 82 };

/**
 * The worn fleet, and FLIES: 160 hourly readings until now but for a gap of twelve hours, two of three at sea level and one at
 * altitude, with a baseline at sea level and an anomaly of s11.
 */
export async function flownFleet(sql: postgres.Sql): Promise<void> {
  await wornFleet(sql);
  const random = new Random(7);
  const now = Date.now();
  const flown = Array.from({ length: 160 }, (_, place) => place)
    .filter((place) => place < GAP.from || place >= GAP.to)
    .map((place) =>
      reading({
        engine_id: "FLIES",
        cycle: place + 1,
        timestamp: new Date(now - (160 - place) * HOUR_MS).toISOString(),
        s11: 47.4 + 0.1 * random.uniform() + (place === 151 ? 2 : 0),
        s2: 642.4 + random.uniform(),
        ...place % 3 === 0 ? { altitude: 20, mach_number: 0.7, tra: 100 } : {},
      })
    );
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(flown));
  await sql`update engines set cadence = '1 hour'`;
  await sql`
    insert into engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp, cadence)
    select id, 50, true, now() - interval '160 hours', now() - interval '110 hours', '1 hour' from engines
    where unit_number = 'FLIES'`;
  await sql`
    insert into sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
    select id, 1, 's11', 33, 47.45, 0.03, '{47.4,47.5}' from engines where unit_number = 'FLIES'`;
  await sql`
    insert into anomalies (engine_id, "timestamp", cycle, detector, score, threshold, severity, sensors)
    select engine_id, "timestamp", cycle, 'mean_abs_z', 9, 2, 'fail', '{"s11": 20}'
    from sensor_data where cycle = 152 and engine_id = (select id from engines where unit_number = 'FLIES')`;
}
