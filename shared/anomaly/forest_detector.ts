/** The isolation forest as a detector: of readings standardised within their operating condition. */

import { comparable, type Detector, LEAST_SENSORS } from "./detectors.ts";
import type { IsolationForest } from "./isolation_forest.ts";
import { type ReadingMatrix, selectRows, WIDTH } from "./reading_matrix.ts";
import type { Standardiser } from "./standardiser.ts";

/** Puts the healthy mean, which is 0, where there is no deviation. */
export function imputed(deviations: Float64Array): Float64Array {
  return deviations.map((deviation) => Number.isNaN(deviation) ? 0 : deviation);
}

/** Scores by a forest. A sensor without a value is taken to be at the healthy mean of the condition. */
export class ForestDetector implements Detector {
  constructor(private readonly standardiser: Standardiser, private readonly forest: IsolationForest) {}

  scores(readings: ReadingMatrix): Float64Array {
    const deviations = this.standardiser.transform(readings);
    const scores = this.forest.scores(imputed(deviations));
    for (let row = 0; row < scores.length; row++) {
      if (comparable(deviations, row) < LEAST_SENSORS) scores[row] = NaN;
    }
    return scores;
  }

  /**
   * How far the score falls when the sensor alone is put at its healthy mean. A forest has no sum that falls apart into
   * sensors; this asks it what it would have said, and needs no second theory of what is in its trees.
   */
  contributions(readings: ReadingMatrix, row: number): Float64Array {
    const deviations = this.standardiser.transform(selectRows(readings, [row]));
    const given = imputed(deviations);
    // the reading as it is, and once for each sensor without it
    const variants = new Float64Array((1 + WIDTH) * WIDTH);
    for (let variant = 0; variant <= WIDTH; variant++) {
      variants.set(given, variant * WIDTH);
      if (variant > 0) variants[variant * WIDTH + variant - 1] = 0;
    }
    const scores = this.forest.scores(variants);
    return deviations.map((deviation, i) => Number.isNaN(deviation) ? NaN : scores[0] - scores[i + 1]);
  }
}
