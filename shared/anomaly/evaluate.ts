/** How detectors do on engines that they were not fitted with. */

import { type AnomalyModel, byDetector } from "./anomaly_model.ts";
import { type ByDetector, type DetectorEvaluation, DETECTORS } from "./detectors.ts";
import type { ReadingMatrix } from "./reading_matrix.ts";

/**
 * Area under the ROC curve: the probability that a score of the first kind is above one of the second, equal ones
 * counting half (Hanley & McNeil 1982).
 *
 * @returns Null where there are none of a kind.
 *
 * @example
 * ```ts
 * import { rocAuc } from "./evaluate.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rocAuc([3, 2], [1, 2]), 0.875);
 * ```
 */
export function rocAuc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  const high = Float64Array.from(positives).sort();
  const low = Float64Array.from(negatives).sort();
  let below = 0;
  let upTo = 0;
  let sum = 0;
  for (const score of high) {
    while (below < low.length && low[below] < score) below++;
    while (upTo < low.length && low[upTo] <= score) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum / high.length / low.length;
}

/** Readings of engines that a model was not fitted with. */
export interface UnseenReadings {
  /** Known to be healthy; they may be the ones that their engines' baselines were learned from. */
  readonly healthy: ReadingMatrix;
  /** Close to failure. */
  readonly failing: ReadingMatrix;
}

interface Judged {
  readonly healthy: number[];
  readonly failing: number[];
  falseAlarms: number;
  found: number;
}

/** Gathers what models say of engines unknown to them: of one model, or of several that each know other engines. */
export class Evaluation {
  private readonly judged = byDetector((): Judged => ({
    healthy: [],
    failing: [],
    falseAlarms: 0,
    found: 0,
  }));

  /** Lets a model judge readings by its own thresholds. Those of which a detector cannot tell do not count for it. */
  add(model: AnomalyModel, { healthy, failing }: UnseenReadings): void {
    for (const name of DETECTORS) {
      const judged = this.judged[name];
      for (const score of model.scoresOfHealthy(name, healthy)) {
        if (Number.isNaN(score)) continue;
        judged.healthy.push(score);
        if (score > model.thresholds[name]) judged.falseAlarms++;
      }
      for (const score of model.detectors[name].scores(failing)) {
        if (Number.isNaN(score)) continue;
        judged.failing.push(score);
        if (score > model.thresholds[name]) judged.found++;
      }
    }
  }

  /** @param thresholds Of the model that is to be used; what it is evaluated by may be another's. */
  result(thresholds: ByDetector<number>): ByDetector<DetectorEvaluation> {
    return byDetector((name) => {
      const { healthy, failing, falseAlarms, found } = this.judged[name];
      const share = (count: number, of: number) => of === 0 ? null : count / of;
      return {
        threshold: thresholds[name],
        falseAlarmRate: share(falseAlarms, healthy.length),
        rocAuc: rocAuc(failing, healthy),
        precision: failing.length === 0 ? null : share(found, found + falseAlarms),
        recall: share(found, failing.length),
      };
    });
  }
}
