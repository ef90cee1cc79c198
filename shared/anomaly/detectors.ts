/** What detectors of anomalies have in common. */

import type { ReadingMatrix } from "./reading_matrix.ts";

/** Names of the detectors, as `model_settings.anomaly_detector` has them. */
export const DETECTORS = ["mean_abs_z", "isolation_forest", "mahalanobis"] as const;

export type DetectorName = (typeof DETECTORS)[number];

/** A detector that has been fitted. */
export interface Detector {
  /**
   * Scores of all readings; the larger, the less like healthy ones. NaN where it cannot tell: too few sensors gave a
   * value, or there is nothing to compare them with.
   */
  scores(readings: ReadingMatrix): Float64Array;
  /**
   * How much each sensor contributes to the score of one reading, in the order of `SENSORS`, largest being what is
   * most unlike healthy readings; NaN where the sensor gave no value.
   */
  contributions(readings: ReadingMatrix, row: number): Float64Array;
}

/** How a detector did on engines that it was not fitted with. */
export interface DetectorEvaluation {
  /** Score above which a reading is an anomaly. */
  readonly threshold: number;
  /** Share of healthy readings above it. */
  readonly falseAlarmRate: number;
  /** Area under the ROC curve of readings close to failure against healthy ones; null where no engine has failed. */
  readonly rocAuc: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
}
