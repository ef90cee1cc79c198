/** Mean |z|: how far a reading is, sensor by sensor, from what its own engine was like at first. */

import { type Detector, LEAST_SENSORS } from "./detectors.ts";
import { LEAST_BASELINE_READINGS } from "./read_matrix.ts";
import { type ConditionBaseline, type ReadingMatrix, WIDTH } from "./reading_matrix.ts";

/** Writes |z| of a row's sensors; NaN where there is nothing to compare with. */
type Deviations = (baseline: ConditionBaseline, values: Float64Array, at: number, into: Float64Array) => void;

const deviations: Deviations = ({ mean, sd }, values, at, into) => {
  for (let i = 0; i < WIDTH; i++) into[i] = Math.abs(values[at + i] - mean[i]) / sd[i];
};

/** |z| against the baseline as it would be without the row, of which the row is a part. */
const deviationsWithout: Deviations = ({ mean, sd, readings }, values, at, into) => {
  for (let i = 0; i < WIDTH; i++) {
    const n = readings[i];
    const deviation = values[at + i] - mean[i];
    const squares = (n - 1) * sd[i] * sd[i] - deviation * deviation * n / (n - 1);
    const variance = squares / (n - 2);
    // of equal values nothing but rounding is left
    const varies = n - 1 >= LEAST_BASELINE_READINGS && variance > sd[i] * sd[i] * 1e-9;
    into[i] = varies ? Math.abs(deviation) * n / (n - 1) / Math.sqrt(variance) : NaN;
  }
};

/** Mean of the row's deviations; NaN where too few sensors have one. */
function score(deviations: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < WIDTH; i++) {
    if (Number.isNaN(deviations[i])) continue;
    sum += deviations[i];
    count++;
  }
  return count >= LEAST_SENSORS ? sum / count : NaN;
}

function baselineOf({ engines, engineOf, conditions }: ReadingMatrix, row: number) {
  return engines[engineOf[row]].baselines.get(conditions[row]);
}

/**
 * Mean over the sensors of |z|, z against the engine's own baseline in the same operating condition. Nothing about it is
 * learned from other engines. Readings of the baseline itself have no score: they would be compared with themselves.
 */
export const meanAbsZ: Detector = {
  scores(readings) {
    const { rows, values, engines, engineOf, times } = readings;
    const scores = new Float64Array(rows).fill(NaN);
    const row = new Float64Array(WIDTH);
    for (let i = 0; i < rows; i++) {
      const baseline = baselineOf(readings, i);
      if (baseline === undefined || !(times[i] > engines[engineOf[i]].baselineUntil)) continue;
      deviations(baseline, values, i * WIDTH, row);
      scores[i] = score(row);
    }
    return scores;
  },

  /** |z| of each sensor. */
  contributions(readings, row) {
    const baseline = baselineOf(readings, row);
    const contributions = new Float64Array(WIDTH).fill(NaN);
    if (baseline !== undefined) deviations(baseline, readings.values, row * WIDTH, contributions);
    return contributions;
  },
};

/**
 * Scores of healthy readings, for calibration. A healthy reading that the engine's baseline was learned from is compared
 * with what the baseline would be without it: with itself in it, it would look healthier than a new one does. Leaving
 * one out needs no second look at the readings, as mean and variance without it follow from those with it.
 */
export function healthyMeanAbsZ(readings: ReadingMatrix): Float64Array {
  const scores = meanAbsZ.scores(readings);
  const row = new Float64Array(WIDTH);
  for (let i = 0; i < readings.rows; i++) {
    const baseline = baselineOf(readings, i);
    if (
      baseline === undefined || !(readings.times[i] <= readings.engines[readings.engineOf[i]].baselineUntil)
    ) {
      continue;
    }
    deviationsWithout(baseline, readings.values, i * WIDTH, row);
    scores[i] = score(row);
  }
  return scores;
}
