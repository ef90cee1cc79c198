/** A day on which much goes wrong in a fleet, as the checks found it, for tests of the report. */

import type postgres from "postgres";
import { simulatedFleet, storeAsOf } from "../../support/simulated_fleet.ts";

const HOUR = 3_600_000;

/** The day. */
export const DAY = "2026-11-02";

const START = Date.parse(`${DAY}T00:00:00Z`);

/** `hours` after the beginning of {@link DAY}. */
export function at(hours: number): Date {
  return new Date(START + hours * HOUR);
}

/** A name that would be markup, were it not refused by the intake; it stays in the reasons of dead letters. */
export const MARKUP = '<script>alert("1")</script>';

/**
 * Stores nine days of a fleet of ten, and runs the checks at the end of the tenth, {@link DAY}: SIM_05 falls silent,
 * SIM_07 sends two of three readings, s2 of SIM_08 is far out of range, and 4 readings are refused.
 */
export async function badDay(sql: postgres.Sql): Promise<void> {
  const readings = simulatedFleet({ engines: 10, hours: 24 * 9, startMs: START - 8 * 24 * HOUR, seed: 3 });
  const days = new Map<string, unknown[]>();
  for (const reading of readings) {
    const ms = Date.parse(reading.timestamp) - START;
    const hour = Math.floor(ms / HOUR);
    if (ms > 0 && reading.engine_id === "SIM_05" && hour >= 5) continue;
    if (ms > 0 && reading.engine_id === "SIM_07" && hour % 3 === 0) continue;
    if (ms > 0 && reading.engine_id === "SIM_08") Object.assign(reading, { s2: 700 });
    if (ms > 0 && reading.engine_id === "SIM_09" && hour < 3) Object.assign(reading, { s12: "<b>" });
    const day = reading.timestamp.slice(0, 10);
    days.set(day, [...days.get(day) ?? [], reading]);
  }
  for (const [day, rows] of days) await storeAsOf(sql, rows, new Date(Date.parse(day) + 23 * HOUR));
  // again some of them, and an engine that cannot be one
  await storeAsOf(sql, [...days.get(DAY)!.slice(30, 40), { engine_id: MARKUP, cycle: 1 }], at(20));
  for (const hours of [22, 23, 24]) await sql`select from run_checks('24 hours', ${at(hours)})`;
}
