/** What a model of remaining life sees of an engine at one of its readings. */

import { WIDTH } from "../anomaly/reading_matrix.ts";
import { SENSORS } from "../sensors.ts";

/** Readings that the present is judged by: the last ones. Heimes 2008 and most since look at 30 cycles. */
export const WINDOW = 30;

/** The last of these, whose mean is where the engine is now: with fewer it is noise, with more it is late. */
export const RECENT = 10;

/** First readings of an engine, whose mean is what it was like when new. */
export const FIRST = 20;

/**
 * What a slope's sum of squares is enlarged by, in cycles squared, so that a few readings make none: a full window has
 * 2,248.
 */
const SLOPE_PENALTY = 200;

/** Indicators of a reading: the sensors, and the health index after them. */
export const INDICATORS = WIDTH + 1;

/** Features of an indicator, in their order. */
export const KINDS = ["window_mean", "recent_mean", "slope", "since_new"] as const;

/** Names of the features. */
export const FEATURES: readonly string[] = [
  ...[...SENSORS, "health"].flatMap((indicator) => KINDS.map((kind) => `${indicator}_${kind}`)),
  "cycle",
];

/** Readings of one engine, by time. */
export interface Course {
  readonly cycles: ArrayLike<number>;
  /** `INDICATORS` a reading, on one scale for all operating conditions; NaN where one is missing. */
  readonly indicators: Float64Array;
}

/** Mean of an indicator over readings; NaN when none has it. */
function meanOf(indicators: Float64Array, indicator: number, from: number, until: number): number {
  let sum = 0;
  let count = 0;
  for (let row = from; row < until; row++) {
    const value = indicators[row * INDICATORS + indicator];
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** Change of an indicator a cycle, by least squares with a penalty. */
function slopeOf({ cycles, indicators }: Course, indicator: number, from: number, until: number): number {
  let [count, sumX, sumY] = [0, 0, 0];
  for (let row = from; row < until; row++) {
    const value = indicators[row * INDICATORS + indicator];
    if (Number.isNaN(value)) continue;
    count++;
    sumX += cycles[row];
    sumY += value;
  }
  if (count === 0) return NaN;
  let [products, squares] = [0, 0];
  for (let row = from; row < until; row++) {
    const value = indicators[row * INDICATORS + indicator];
    if (Number.isNaN(value)) continue;
    const x = cycles[row] - sumX / count;
    products += x * (value - sumY / count);
    squares += x * x;
  }
  return products / (squares + SLOPE_PENALTY);
}

/**
 * Writes the features of an engine after some of its readings.
 *
 * Between the first `FIRST` readings and the last `WINDOW` ones before `length` no reading is looked at.
 *
 * @param length How many of its readings it has given by then; at least 1.
 * @param features Takes `FEATURES.length` numbers from `at` on; NaN where there is nothing to make one of.
 */
export function writeFeatures(course: Course, length: number, features: Float64Array, at: number): void {
  const windowFrom = Math.max(0, length - WINDOW);
  const recentFrom = Math.max(0, length - RECENT);
  const { indicators } = course;
  for (let indicator = 0; indicator < INDICATORS; indicator++) {
    const recent = meanOf(indicators, indicator, recentFrom, length);
    features[at++] = meanOf(indicators, indicator, windowFrom, length);
    features[at++] = recent;
    features[at++] = slopeOf(course, indicator, windowFrom, length);
    features[at++] = recent - meanOf(indicators, indicator, 0, Math.min(FIRST, length));
  }
  features[at] = course.cycles[length - 1];
}
