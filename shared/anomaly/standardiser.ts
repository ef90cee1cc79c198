/** Sensor values as deviations from healthy ones of the same operating condition. */

import { z } from "zod";
import { type ReadingMatrix, WIDTH } from "./reading_matrix.ts";

/** Fewest healthy values of a sensor in a condition that others are compared with. */
const LEAST_VALUES = 10;

interface Scale {
  /** NaN where a value says nothing: too few healthy ones, or all of them equal. */
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** A number, or null where there is none: JSON has no NaN. */
const numbers = z.array(z.number().nullable()).length(WIDTH).transform((values) =>
  Float64Array.from(values, (value) => value ?? NaN)
);

export const StandardiserContent = z.array(
  z.object({ condition: z.int(), mean: numbers, sd: numbers }),
);

function nullable(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => Number.isNaN(value) ? null : value);
}

/**
 * Mean 0 and standard deviation 1 for the healthy readings of each operating condition, as scikit-learn's StandardScaler
 * makes them (divisor n, missing values left out), with one difference: what a sensor says that did not vary among them
 * is nothing (NaN), instead of a deviation in its own unit, which would be of another size than all others.
 */
export class Standardiser {
  private constructor(private readonly scales: ReadonlyMap<number, Scale>) {}

  /** @param readings Healthy ones. */
  static fit(readings: ReadingMatrix): Standardiser {
    const { rows, values, conditions } = readings;
    // deviations from the first value: what is constant varies by exactly 0, and large values lose nothing
    const sums = new Map<number, Record<"first" | "count" | "sum" | "squares", Float64Array>>();
    for (let row = 0; row < rows; row++) {
      let of = sums.get(conditions[row]);
      if (of === undefined) {
        of = {
          first: new Float64Array(WIDTH).fill(NaN),
          count: new Float64Array(WIDTH),
          sum: new Float64Array(WIDTH),
          squares: new Float64Array(WIDTH),
        };
        sums.set(conditions[row], of);
      }
      for (let i = 0; i < WIDTH; i++) {
        const value = values[row * WIDTH + i];
        if (Number.isNaN(value)) continue;
        if (of.count[i] === 0) of.first[i] = value;
        const deviation = value - of.first[i];
        of.count[i]++;
        of.sum[i] += deviation;
        of.squares[i] += deviation * deviation;
      }
    }
    const scales = new Map<number, Scale>();
    for (const [condition, { first, count, sum, squares }] of sums) {
      const mean = new Float64Array(WIDTH).fill(NaN);
      const sd = new Float64Array(WIDTH).fill(NaN);
      for (let i = 0; i < WIDTH; i++) {
        const offset = sum[i] / count[i];
        const variance = squares[i] / count[i] - offset * offset;
        if (count[i] < LEAST_VALUES || !(variance > 0)) continue;
        mean[i] = first[i] + offset;
        sd[i] = Math.sqrt(variance);
      }
      scales.set(condition, { mean, sd });
    }
    return new Standardiser(scales);
  }

  /** @param content What `toContent` gave. */
  static fromContent(content: z.output<typeof StandardiserContent>): Standardiser {
    return new Standardiser(new Map(content.map(({ condition, ...scale }) => [condition, scale])));
  }

  /** What it is made of, for JSON. */
  toContent(): z.input<typeof StandardiserContent> {
    return [...this.scales].toSorted(([a], [b]) => a - b).map(([condition, { mean, sd }]) => ({
      condition,
      mean: nullable(mean),
      sd: nullable(sd),
    }));
  }

  /**
   * The values in standard deviations, row by row; NaN where a sensor gave none, or where there is nothing to compare
   * its value with.
   */
  transform({ rows, values, conditions }: ReadingMatrix): Float64Array {
    const transformed = new Float64Array(rows * WIDTH).fill(NaN);
    for (let row = 0; row < rows; row++) {
      const scale = this.scales.get(conditions[row]);
      if (scale === undefined) continue;
      const { mean, sd } = scale;
      for (let i = 0, at = row * WIDTH; i < WIDTH; i++, at++) {
        transformed[at] = (values[at] - mean[i]) / sd[i];
      }
    }
    return transformed;
  }
}
