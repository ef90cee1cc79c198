/**
 * What readings are like in each operating condition, so that readings of different conditions can be put side by side: a
 * value becomes its distance from the mean of its condition, in standard deviations.
 */

import { type ReadingMatrix, WIDTH } from "../anomaly/reading_matrix.ts";

/** Mean and standard deviation of each sensor in one operating condition, in the order of `SENSORS`. */
export interface ConditionScale {
  readonly condition: number;
  readonly mean: readonly number[];
  /** 0 where the sensor does not vary, or gave no value: it says nothing there. */
  readonly sd: readonly number[];
}

/**
 * Standard deviation, as a share of the mean, below which a sensor is held to be constant: readings are stored as real, with
 * 7 digits.
 */
const CONSTANT = 1e-6;

/** Learns the scales of all conditions in which there are readings. */
export function fitScales({ rows, values, conditions }: ReadingMatrix): ConditionScale[] {
  const sums = new Map<number, { count: Float64Array; sum: Float64Array; squares: Float64Array }>();
  const sumsOf = (condition: number) => {
    let own = sums.get(condition);
    if (own === undefined) {
      own = {
        count: new Float64Array(WIDTH),
        sum: new Float64Array(WIDTH),
        squares: new Float64Array(WIDTH),
      };
      sums.set(condition, own);
    }
    return own;
  };
  const each = (visit: (own: ReturnType<typeof sumsOf>, sensor: number, value: number) => void) => {
    for (let row = 0; row < rows; row++) {
      const own = sumsOf(conditions[row]);
      for (let sensor = 0; sensor < WIDTH; sensor++) {
        const value = values[row * WIDTH + sensor];
        if (!Number.isNaN(value)) visit(own, sensor, value);
      }
    }
  };
  each((own, sensor, value) => {
    own.count[sensor]++;
    own.sum[sensor] += value;
  });
  // the mean first: the difference of two sums of squares has lost the digits that matter
  each((own, sensor, value) => {
    own.squares[sensor] += (value - own.sum[sensor] / own.count[sensor]) ** 2;
  });
  return [...sums].sort(([a], [b]) => a - b).map(([condition, { count, sum, squares }]) => {
    const mean = Array.from(sum, (total, i) => count[i] > 0 ? total / count[i] : 0);
    const sd = Array.from(squares, (total, i) => count[i] > 0 ? Math.sqrt(total / count[i]) : 0);
    return { condition, mean, sd: sd.map((own, i) => own > CONSTANT * Math.abs(mean[i]) ? own : 0) };
  });
}

/** Values as distances from the mean of their condition; NaN where there is no value, or no scale for it. */
export function scaled(
  { rows, values, conditions }: ReadingMatrix,
  scales: readonly ConditionScale[],
): Float64Array {
  const byCondition = new Map(scales.map((scale) => [scale.condition, scale]));
  const result = new Float64Array(rows * WIDTH).fill(NaN);
  for (let row = 0; row < rows; row++) {
    const scale = byCondition.get(conditions[row]);
    if (scale === undefined) continue;
    for (let sensor = 0; sensor < WIDTH; sensor++) {
      const at = row * WIDTH + sensor;
      if (scale.sd[sensor] > 0) result[at] = (values[at] - scale.mean[sensor]) / scale.sd[sensor];
    }
  }
  return result;
}
