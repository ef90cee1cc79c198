/** What detectors of anomalies have in common. */

import { type ReadingMatrix, WIDTH } from "./reading_matrix.ts";

/** Names of the detectors, as `model_settings.anomaly_detector` has them. */
export const DETECTORS = ["mean_abs_z", "isolation_forest", "mahalanobis"] as const;

export type DetectorName = (typeof DETECTORS)[number];

/** Something of each detector. */
export type ByDetector<T> = Readonly<Record<DetectorName, T>>;

/** Fewest sensors that must have given a value which can be compared; of readings with fewer nothing is said. */
export const LEAST_SENSORS = WIDTH / 2;

/** A detector that has been fitted. */
export interface Detector {
  /**
   * Scores of all readings; the larger, the less like healthy ones. NaN where it cannot tell: fewer than `LEAST_SENSORS`
   * gave a value that there is something to compare with.
   */
  scores(readings: ReadingMatrix): Float64Array;
  /**
   * How much each sensor contributes to the score of one reading, in the order of `SENSORS`, largest being what is
   * most unlike healthy readings; NaN where the sensor gave no value, or one that there is nothing to compare with.
   * Contributions are for putting the sensors of a reading in order: of two detectors they are in different units.
   */
  contributions(readings: ReadingMatrix, row: number): Float64Array;
}

/** How a detector did on engines that it was not fitted with. */
export interface DetectorEvaluation {
  /** Score above which a reading is an anomaly; infinite, in JSON null, where there was nothing to calibrate it by. */
  readonly threshold: number;
  /** Share of healthy readings above it; null where there are none. */
  readonly falseAlarmRate: number | null;
  /** Area under the ROC curve of readings close to failure against healthy ones; null where no engine has failed. */
  readonly rocAuc: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
}

/** How many sensors of a row have a deviation. */
export function comparable(deviations: Float64Array, row: number): number {
  let count = 0;
  for (let at = row * WIDTH; at < (row + 1) * WIDTH; at++) if (!Number.isNaN(deviations[at])) count++;
  return count;
}
