/** A healthy fleet made up for tests: one reading an hour, with FD001's offsets of engines and noise, rounded as there. */

import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { Random } from "../../shared/random.ts";
import { candidates } from "./readings.ts";

const HOUR = 3_600_000;

/** By column: value of a new engine, noise within and between engines (standard deviations), decimals. */
const COLUMNS: readonly (readonly [mean: number, noise: number, spread: number, decimals: number])[] = [
  [0, 0.002, 0, 4],
  [0.0002, 0.0003, 0, 4],
  [100, 0, 0, 0],
  [642.4, 0.3, 0.24, 2],
  [1587, 3.96, 2.45, 2],
  [1403, 3.9, 4.49, 2],
  [554, 0.4, 0.48, 2],
  [2388.06, 0.03, 0.05, 2],
  [9056, 4.2, 7.3, 2],
  [47.4, 0.1, 0.15, 2],
  [521.9, 0.3, 0.41, 2],
  [2388.06, 0.03, 0.05, 2],
  [8137, 3.1, 7.4, 2],
  [8.42, 0.02, 0.018, 4],
  [392, 0.91, 0.69, 0],
  [38.9, 0.1, 0.09, 2],
  [23.36, 0.06, 0.05, 4],
];

/** Noise of a sensor within an engine: one standard deviation of its baseline. */
export const NOISE = Object.fromEntries(VALUE_COLUMNS.map((column, i) => [column, COLUMNS[i][1]]));

/** How the fleet is made. */
export interface FleetOptions {
  readonly engines: number;
  readonly hours: number;
  readonly startMs: number;
  readonly seed: number;
  /** Name of an engine by its number from 1; SIM_01 and so on unless given. */
  readonly name?: (number: number) => string;
  /** How far a reading may be from its time, as a share of the hour; 0.02 unless given. */
  readonly jitter?: number;
}

/** Readings of the fleet, hour by hour. Engine n reports four minutes after engine n - 1. */
export function simulatedFleet(options: FleetOptions): Reading[] {
  const { engines, hours, startMs, seed, jitter = 0.02 } = options;
  const name = options.name ?? ((number) => `SIM_${String(number).padStart(2, "0")}`);
  const random = new Random(seed);
  const offsets = Array.from(
    { length: engines },
    () => COLUMNS.map(([, , spread]) => spread * random.normal()),
  );
  const readings: Reading[] = [];
  for (let hour = 0; hour < hours; hour++) {
    for (const [engine, offset] of offsets.entries()) {
      const atMs = startMs + hour * HOUR + engine * 240_000 + 300_000;
      readings.push({
        engine_id: name(engine + 1),
        cycle: hour + 1,
        timestamp: new Date(Math.round(atMs + jitter * (2 * random.uniform() - 1) * HOUR)).toISOString(),
        ...Object.fromEntries(VALUE_COLUMNS.map((column, i) => {
          const [mean, noise, , decimals] = COLUMNS[i];
          return [column, Number((mean + offset[i] + noise * random.normal()).toFixed(decimals))];
        })),
      } as Reading);
    }
  }
  return readings;
}

/**
 * Stores readings through the intake, as if they had arrived at a moment: the checks tell what came when by the
 * database's clock, and the fleet lives in the past.
 *
 * @returns How many were rejected.
 */
export async function storeAsOf(
  sql: postgres.Sql,
  readings: readonly unknown[],
  arrived: Date,
): Promise<number> {
  const { batchId, rejections } = await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates(readings),
  );
  await sql`update batches set received_at = ${arrived} where id = ${batchId}`;
  await sql`update dead_letters set first_seen_at = ${arrived}, last_seen_at = ${arrived} where batch_id = ${batchId}`;
  await sql`update engines set created_at = ${arrived} where created_at > now() - interval '1 hour'`;
  return rejections.length;
}
