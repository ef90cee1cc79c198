/** Readings that are unlike the others of their own engine: not what healthy ones are to be learned from. */

import { type ReadingMatrix, selectRows, WIDTH } from "./reading_matrix.ts";

/** Of the deviations from the median of an engine, so many are taken to be noise: faults may be in the others. */
const USUAL_SHARE = 0.95;

/**
 * How many times as far as the usual ones a value may be. Of normally distributed noise 95 % is within 1.96 standard
 * deviations: these are six, which one reading of ten million is beyond.
 */
const MOST_USUAL = 3;

/** Value that a share of the values is up to. Changes their order. */
function quantile(values: Float64Array, share: number): number {
  return values.sort()[Math.floor(share * (values.length - 1))];
}

/**
 * Leaves out readings in which a sensor is further from the median of its engine, in the same operating condition, than
 * noise takes it: spikes, and what a sensor that drifts ends with. A threshold that one healthy reading of a thousand is
 * above is as high as the faults are where two of a thousand are faulty.
 *
 * How far noise takes a sensor is learned from all engines together: of one engine there are too few readings.
 */
export function withoutOutliers(readings: ReadingMatrix): ReadingMatrix {
  const { rows, values, conditions, engineOf } = readings;
  const byCondition = new Map<number, Map<number, number[]>>();
  for (let row = 0; row < rows; row++) {
    const engines = byCondition.get(conditions[row]) ?? new Map<number, number[]>();
    byCondition.set(conditions[row], engines);
    const of = engines.get(engineOf[row]);
    if (of === undefined) engines.set(engineOf[row], [row]);
    else of.push(row);
  }
  const outlying = new Uint8Array(rows);
  for (const engines of byCondition.values()) {
    for (let sensor = 0; sensor < WIDTH; sensor++) {
      const there: number[] = [];
      const deviations: number[] = [];
      for (const of of engines.values()) {
        const known = of.filter((row) => !Number.isNaN(values[row * WIDTH + sensor]));
        if (known.length === 0) continue;
        const median = quantile(Float64Array.from(known, (row) => values[row * WIDTH + sensor]), 0.5);
        for (const row of known) {
          there.push(row);
          deviations.push(Math.abs(values[row * WIDTH + sensor] - median));
        }
      }
      if (deviations.length === 0) continue;
      const most = MOST_USUAL * quantile(Float64Array.from(deviations), USUAL_SHARE);
      // a sensor that hardly ever varies says nothing of how far noise takes it
      if (most > 0) deviations.forEach((deviation, i) => deviation > most && (outlying[there[i]] = 1));
    }
  }
  return selectRows(
    readings,
    Array.from({ length: rows }, (_, row) => row).filter((row) => outlying[row] === 0),
  );
}
