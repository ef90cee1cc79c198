/** Factories of readings. */

import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import type { Reading } from "../../shared/reading.ts";
import type { Candidates } from "../../shared/candidates.ts";

/** Typical values of a healthy FD001 engine. */
const TYPICAL = [
  0,
  0.25,
  100,
  642.4,
  1587,
  1403,
  554,
  2388.06,
  9056,
  47.4,
  521.9,
  2388.06,
  8137,
  8.42,
  392,
  38.9,
  23.36,
];

/** A valid reading; `cycle` n is on the nth day of 2024 unless a timestamp is given. */
export function reading(overrides: Partial<Reading> = {}): Reading {
  const cycle = overrides.cycle ?? 1;
  return {
    engine_id: "ENGINE_001",
    cycle,
    timestamp: new Date(Date.UTC(2024, 0, cycle)).toISOString(),
    ...Object.fromEntries(VALUE_COLUMNS.map((column, i) => [column, TYPICAL[i]])),
    ...overrides,
  } as Reading;
}

/** Consecutive readings of one engine. */
export function readings(count: number, overrides: Partial<Reading> = {}): Reading[] {
  return Array.from({ length: count }, (_, i) => reading({ ...overrides, cycle: i + 1 }));
}

/** Candidates that decoded without trouble, as from a JSON body. */
export function candidates(values: readonly unknown[]): Candidates {
  return { values, payload: (index) => JSON.stringify(values[index]) };
}
