/** Readings to send in a benchmark: the same each time, with the digits of real ones. */

import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { Random } from "../../shared/random.ts";

/** Healthy FD001 values and their noise, as in docs: mean, standard deviation, decimals. */
const VALUES: readonly (readonly [number, number, number])[] = [
  [0, 0.002, 4],
  [0, 0.0003, 4],
  [100, 0, 1],
  [642.4, 0.3, 2],
  [1587, 4, 2],
  [1403, 4, 2],
  [554, 0.4, 2],
  [2388.06, 0.03, 2],
  [9056, 4.2, 2],
  [47.4, 0.1, 2],
  [521.9, 0.3, 2],
  [2388.06, 0.03, 2],
  [8137, 3.1, 2],
  [8.42, 0.02, 4],
  [392, 0.9, 0],
  [38.9, 0.1, 2],
  [23.36, 0.06, 4],
];

/**
 * Consecutive cycles of engines, a day apart, engine by engine.
 *
 * @param engines ENGINE_001 and those that follow.
 */
export function sampleReadings(engines: number, cycles: number): Reading[] {
  const random = new Random(1);
  const rows: Reading[] = [];
  for (let engine = 1; engine <= engines; engine++) {
    for (let cycle = 1; cycle <= cycles; cycle++) {
      rows.push({
        engine_id: `ENGINE_${String(engine).padStart(3, "0")}`,
        cycle,
        timestamp: new Date(Date.UTC(2024, 0, cycle)).toISOString(),
        ...Object.fromEntries(VALUE_COLUMNS.map((column, i) => {
          const [mean, deviation, decimals] = VALUES[i];
          return [column, Number((mean + (random.uniform() - 0.5) * 3.46 * deviation).toFixed(decimals))];
        })),
      } as Reading);
    }
  }
  return rows;
}
